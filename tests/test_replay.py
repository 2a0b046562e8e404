"""The page that replays runs: what it holds, that it stands by itself, and that it works."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import browsing
import plots_data
from sim import replay
from sim.cli import main
from sim.kernels.layout import Cause, Refusal
from sim.plots.text import ORIGINS
from sim.replay import data, words
from sim.results import Results, ResultsError

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def results() -> Results:
    arms = {key: plots_data.ARMS[key] for key in ("organic", "beg", "bought")}
    return plots_data.made_up(arms, replicates=2, days=70)


@pytest.fixture(scope="module")
def hostile() -> Results:
    made = plots_data.made_up({"organic": EVIL, "beg": "begging"}, replicates=1, days=40)
    made.manifest["scenario"] |= {"title": EVIL, "question": EVIL}
    made.manifest["command"] = EVIL
    return made


def data_of(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


# ---- what it holds ----------------------------------------------------------------------


def test_curves_are_those_of_the_series(results: Results) -> None:
    made = data.recording(results)
    life = made["worlds"][1]["lives"][2]
    rows = results.series.query("run_id == 'bought-1' and measure == 'engaged' and origin == ''")
    assert life["curves"]["engaged"] == pytest.approx(rows.sort_values("day")["value"].tolist())
    assert made["days"] == sorted(results.series["day"][results.series["day"] >= 0].unique())
    assert [one["name"] for one in made["worlds"][0]["lives"]] == [
        "Being interesting", "Begging at milestones", "5,000 bought for $5",
    ]  # fmt: skip


def test_dots_are_followers_in_the_order_in_which_they_came(results: Results) -> None:
    lives = data.recording(results)["worlds"][0]["lives"]
    for life, arm in zip(lives, results.arms, strict=True):
        follows, dots = results.follows[results.follows["run_id"] == f"{arm}-0"], life["dots"]
        assert len(dots["start"]) <= data.MOST_DOTS
        assert abs(len(dots["start"]) * dots["each"] - len(follows)) < dots["each"]
        assert dots["start"] == sorted(dots["start"])
        if dots["each"] == 1:
            origins = [list(ORIGINS)[number] for number in dots["origin"]]
            assert sorted(origins) == sorted(follows["origin"])
            assert sum(dots["reacts"]) == follows["last_engagement"].notna().sum()


def test_the_log_tells_purchases_and_losses(results: Results) -> None:
    made = data.recording(results)
    told = " ".join(text for life in made["worlds"][0]["lives"] for _, text in life["log"])
    assert "buys 5,000 followers" in told
    swept = results.follows.query("run_id == 'bought-0' and end_cause == 'sweep'")
    assert words.lost("sweep", len(swept)) in told
    days = [day for day, _ in made["worlds"][0]["lives"][2]["log"]]
    assert days == sorted(days)


def test_rivals_in_one_world_are_lives() -> None:
    rivals = plots_data.made_up({"together": "all"}, ("organic", "beg"), replicates=1, days=30)
    lives = data.recording(rivals)["worlds"][0]["lives"]
    assert [life["name"] for life in lives] == ["Organic", "Beg"]


def test_only_the_first_worlds_are_in_the_file() -> None:
    many = plots_data.made_up({"organic": "being interesting"}, replicates=7, days=10)
    made = data.recording(many)
    assert len(made["worlds"]) == data.MOST_WORLDS
    assert made["left_out"] == 2


def test_nothing_to_replay_is_said(results: Results, tmp_path: Path) -> None:
    empty = Results(
        folder=tmp_path, manifest=results.manifest, runs=results.runs.assign(status="failed"),
        series=results.series, events=results.events, follows=results.follows,
    )  # fmt: skip
    with pytest.raises(ResultsError, match="no finished run"):
        replay.write(empty, tmp_path)
    assert not list(tmp_path.iterdir())


# ---- words ------------------------------------------------------------------------------


def test_every_refusal_and_every_loss_has_words() -> None:
    assert words.REFUSALS.keys() == {r.name.lower() for r in Refusal} - {"accepted"}
    for cause in Cause:
        assert "_" not in words.lost(cause.name.lower(), 7)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("milestone", "", 100.0, ""), "tells everybody about its 100 followers"),
        (("purchase", "default", 5000.0, ""), "buys 5,000 followers"),
        (("purchase", "cheap", 50.0, ""), "buys 50 followers from cheap"),
        (("sale", "17", 1.0, ""), "sells to 1\N{NO-BREAK SPACE}person"),
        (("sweep", "", 2.0, ""), "the platform sweeps: 2\N{NO-BREAK SPACE}accounts deleted"),
        (("refused", "", 3.0, "limit"), "the platform's limits"),
        (("strategy", "", 0.0, "strategy"), "changes its strategy"),
        (("set", "", 0.0, "the feed turns"), "the rules change: the feed turns"),
        (("brand_new", "", 0.0, ""), "brand new"),
    ],
)
def test_events_are_told_in_plain_words(row: tuple[str, str, float, str], said: str) -> None:
    assert said in words.told(*row)


# ---- that it stands by itself, and is safe ------------------------------------------------


def test_the_page_loads_nothing_and_runs_only_its_own_script(results: Results) -> None:
    page = replay.page(results)
    loads = r"(src|href)\s*=|url\((?!#)|@import|https?://(?!www\.w3\.org)"
    assert not re.search(loads, page)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}'" in page


def test_what_users_wrote_stays_text(hostile: Results) -> None:
    page = replay.page(hostile)
    assert "<script>document" not in page
    assert "<img" not in page
    assert data_of(page)["title"] == EVIL
    assert len(re.findall("<script", page)) == len(re.findall("</script>", page)) == 2


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "hello", "--out", str(tmp_path / "r"), "--quiet", "--no-figures",
                 "--replicates", "1", "--workers", "1", "--set", "world.accounts=300",
                 "--set", "world.burn_in_days=2", "--set", "scenario.days=3"]) == 0  # fmt: skip
    assert main(["export", str(tmp_path / "r" / "hello"), "--format", "html",
                 "--out", str(tmp_path)]) == 0  # fmt: skip
    assert str(tmp_path / "replay.html") in capsys.readouterr().out
    made = data_of((tmp_path / "replay.html").read_text(encoding="utf-8"))
    assert made["days"] == [0, 1, 2, 3]
    assert len(made["worlds"][0]["lives"]) == 3


# ---- in a browser -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with browsing.browser(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


def opened(visitor: Any, results: Results, folder: Path) -> Any:
    visitor.get(replay.write(results, folder).as_uri())
    return visitor


def text(visitor: Any, name: str) -> str:
    said = visitor.execute_script("return document.getElementById(arguments[0]).textContent", name)
    return str(said)


@browsing.needs_browser
def test_controls_do_what_they_say(visitor: Any, results: Results, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.ui import WebDriverWait

    page = opened(visitor, results, tmp_path)
    body = page.find_element(By.TAG_NAME, "body")
    assert text(page, "day").startswith("Day 0 of 70")
    page.find_element(By.ID, "ahead").click()
    assert text(page, "day").startswith("Day 1 ")
    body.send_keys(Keys.ARROW_LEFT)
    assert text(page, "day").startswith("Day 0 ")
    body.send_keys(Keys.SHIFT + Keys.ARROW_RIGHT)
    assert text(page, "day").startswith("Day 10 ")
    body.send_keys(Keys.NULL, " ")
    WebDriverWait(page, 10).until(lambda _: not text(page, "day").startswith("Day 10 "))
    page.find_element(By.ID, "play").click()
    assert text(page, "play") == "▶ Play"
    body.send_keys(Keys.END)
    assert text(page, "day").startswith("Day 70 of 70")
    ends = final_counts(results, 0)
    assert [count.split()[0] for count in now(page)] == ends
    page.find_element(By.CSS_SELECTOR, "#world option:nth-child(2)").click()
    assert [count.split()[0] for count in now(page)] == final_counts(results, 1)
    page.find_elements(By.CSS_SELECTOR, "#shown input")[1].click()
    assert len(now(page)) == 2
    assert browsing.complaints(page) == []


def now(page: Any) -> list[str]:
    return [one.text for one in page.find_elements("css selector", ".life .now")]


def final_counts(results: Results, replicate: int) -> list[str]:
    rows = results.series.query("measure == 'followers' and origin == ''")
    ends = rows[rows["run_id"].str.endswith(f"-{replicate}")].sort_values("day")
    last: pd.Series = ends.groupby("run_id")["value"].last()
    return [f"{round(last[f'{arm}-{replicate}']):,}" for arm in results.arms]


@browsing.needs_browser
def test_scripts_in_names_are_shown_and_never_run(
    visitor: Any, hostile: Results, tmp_path: Path
) -> None:
    page = opened(visitor, hostile, tmp_path)
    assert page.title == EVIL
    assert page.find_element("tag name", "h1").text == EVIL
    assert page.find_element("tag name", "h3").text == EVIL
    assert page.find_elements("tag name", "img") == []
    assert browsing.complaints(page) == []


@browsing.needs_browser
def test_pictures_have_words_and_fit_a_phone(
    visitor: Any, results: Results, tmp_path: Path
) -> None:
    page = opened(visitor, results, tmp_path)
    browsing.resize(page, 360, 740)
    pictures = page.find_elements("css selector", "[role=img]")
    assert len(pictures) == 6
    assert all(len(one.get_attribute("aria-label")) > 20 for one in pictures)
    wide = page.execute_script("return document.documentElement.scrollWidth")
    assert wide <= 360
    browsing.resize(page, 1280, 900)
