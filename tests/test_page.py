"""The classroom page in a real browser: every control does what it says, offline, for many."""

import re
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest

from browsing import REQUIRED, complaints, needs_browser, resize
from cutting import door
from playing import Server, Visitor, until, visit
from sim.model import FollowerModel
from sim.scenario import loads

if not REQUIRED:
    pytest.importorskip("nicegui", reason="not here: pip install 'followlab[classroom]'")

WORLDS = 4


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("sessions"), "--worlds", str(WORLDS))
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.complaints


@pytest.fixture(scope="module")
def visitor(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """One visitor, with two lives of the preset side by side."""
    with visit(server, tmp_path_factory.mktemp("profile")) as visitor:
        visitor.open()
        visitor.choose("second", "1,000 bought")
        visitor.set_up()
        yield visitor
        assert complaints(visitor.driver) == []


@needs_browser
def test_nothing_comes_from_elsewhere(visitor: Visitor) -> None:
    script = "return performance.getEntriesByType('resource').map((one) => one.name)"
    loaded = visitor.driver.execute_script(script)
    assert len(loaded) > 10
    assert [one for one in loaded if not one.startswith((visitor.server.base, "data:"))] == []
    assert complaints(visitor.driver) == []


@needs_browser
def test_step_day_go_stop_reset_and_keys(visitor: Visitor) -> None:
    visitor.says("clock", "Day 0 of 90, tick 0")
    visitor.press("step")
    visitor.says("clock", "tick 1$")
    visitor.press("day")
    visitor.says("clock", "Day 1 of 90, tick 5$")
    visitor.driver.execute_script("document.activeElement.blur()")
    visitor.keys("s")
    visitor.says("clock", "tick 6$")
    visitor.keys("d")
    visitor.says("clock", "tick 10$")
    visitor.keys("g")
    visitor.says("clock", r"tick (1[1-9]|2\d)$")
    assert visitor.text("go") == "Stop"
    visitor.press("go")
    visitor.says("status", "At rest")
    rests = visitor.text("clock")
    time.sleep(0.7)
    assert visitor.text("clock") == rests
    visitor.press("reset")
    visitor.says("clock", "Day 0 of 90, tick 0")


@needs_browser
def test_each_control_is_an_event(visitor: Visitor) -> None:
    """From keyboard and mouse to the log on the server, and from there into the world."""
    right = "\ue014"
    visitor.choose("strategy-organic-newcomer", "beg at milestones")
    visitor.slide("craft-organic-newcomer", right, right)
    visitor.slide("minutes-bought-newcomer", right)
    visitor.slide("money-bought-newcomer", right)
    visitor.choose("ranking", "chronological")
    visitor.choose("proof", "counts convince nobody")
    visitor.press("counts")
    visitor.press("viral")
    visitor.says("done", "From day 0 on: .* goes viral")
    visitor.slide("effort-organic-newcomer", right)
    for event in (
        {"strategy": "beg", "protagonist": "newcomer", "arm": "organic"},
        {"kind": "means", "craft": 0.8, "arm": "organic"},
        {"kind": "means", "minutes": 50, "arm": "bought"},
        {"kind": "means", "money": 11, "arm": "bought"},
        {"kind": "set", "set": {"platform.ranking": "chronological"}, "arm": None},
        {"kind": "set", "set": {"behaviour.social_proof_form": "none"}},
        {"kind": "set", "set": {"platform.counts_visible": False}},
        {"kind": "viral", "reach": 0.2},
        {"strategy": "beg", "params": {"effort": 31}, "arm": "organic"},
    ):
        visitor.did(event)
    assert {one["day"] for one in visitor.log} == {0}
    visitor.press("day")
    visitor.says("monitors-organic", "beg$")
    visitor.says("monitors-bought", "buyer$")
    visitor.says("log", "newcomer turns to beg")


@needs_browser
def test_fakes_come_and_a_sweep_takes_them(visitor: Visitor) -> None:
    def fakes() -> int:
        label = visitor.at("graph-bought").find_element("tag name", "canvas")
        found = re.search(r"([\d,]+) of them fakes", label.get_attribute("aria-label"))
        return int(found[1].replace(",", "")) if found else -1

    for _ in range(3):
        visitor.press("day")
    until(lambda: fakes() > 900, "nearly all of the thousand are drawn")
    visitor.press("sweep")
    visitor.did({"label": "sweep"})
    visitor.press("day")
    visitor.press("day")
    until(lambda: 0 <= fakes() < 500, "the sweep has taken most of them")
    visitor.says("log", "sweeps")


@needs_browser
def test_curves_feed_and_colours(visitor: Visitor) -> None:
    label = visitor.at("chart-bought").get_attribute("aria-label")
    assert re.search(r"On day \d+: newcomer has [\d,]+ followers, of whom \d+ are engaged", label)
    assert visitor.all('[data-mark="chart-bought"] canvas')
    visitor.says("feed-organic", "was just shown|No follower")
    visitor.choose("colours", "by warmth")
    key = '[data-mark="graph-organic"] .graph-key'
    until(lambda: "very warm" in visitor.all(key)[0].text, "the key is of warmth")
    visitor.press("scale")


@needs_browser
def test_every_picture_has_words_and_every_control_a_name(visitor: Visitor) -> None:
    script = """
    const named = (one) => (one.getAttribute('aria-label') || one.innerText || '').trim();
    return [...document.querySelectorAll('[role=img], button, canvas[role=img]')]
      .filter((one) => !named(one) && !one.closest('[aria-hidden=true]'))
      .map((one) => one.outerHTML)
    """
    assert visitor.driver.execute_script(script) == []
    assert visitor.all("table.monitors caption")
    assert visitor.driver.execute_script("return document.documentElement.lang") != ""


@needs_browser
def test_what_is_taken_home(visitor: Visitor) -> None:
    """Figures, tables, and a scenario file that makes the same world."""
    server, session = visitor.server, visitor.session
    for path, sign in {"figure.png": b"\x89PNG", "figure.svg": b"<?xml"}.items():
        status, data = server.fetch(f"/take/{session}/{path}")
        assert (status, data[: len(sign)]) == (200, sign)
    status, data = server.fetch(f"/take/{session}/tables.zip")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert sorted(archive.namelist()) == ["events.csv", "follows.csv", "runs.csv", "series.csv"]
        runs = archive.read("runs.csv").decode().splitlines()
    digest = dict(zip(runs[0].split(","), runs[2].split(","), strict=True))["state_hash"]
    text = server.fetch(f"/take/{session}/scenario.toml")[1].decode()
    model = FollowerModel(loads(text), arm="bought", seed=1)
    ticks = int(visitor.text("clock").rsplit(" ", 1)[1])
    for _ in range(ticks):
        model.step()
    assert model.state_hash() == digest


@needs_browser
def test_a_link_opens_the_same_world(visitor: Visitor) -> None:
    visitor.press("share")
    link = until(lambda: visitor.all('[data-mark="link"] a'), "there is a link")[0]
    before, log, address = visitor.driver.current_url, visitor.log, link.get_attribute("href")
    visitor.driver.get(address)
    visitor.says("clock", "Day 0 of 90, tick 0")
    assert visitor.driver.current_url != before
    until(lambda: visitor.log == log, "the same acts are in its log")
    assert visitor.all('[data-mark="life-bought"]')
    visitor.driver.get(before)
    visitor.says("clock", "Day [1-9]")


@needs_browser
def test_all_arms_are_compared(visitor: Visitor) -> None:
    visitor.press("compare")
    visitor.says("progress", "Done: 90 days, 3 lives")
    label = until(lambda: visitor.all('[data-mark="bars"]'), "there is a chart")[0]
    assert "begging at milestones:" in label.get_attribute("aria-label")
    status, data = visitor.server.fetch(f"/take/{visitor.session}/arms/figure.png")
    assert (status, data[:4]) == (200, b"\x89PNG")


@needs_browser
def test_light_dark_large_and_a_phone(visitor: Visitor) -> None:
    script = "return getComputedStyle(document.body).backgroundColor"
    visitor.press("dark")
    until(lambda: visitor.driver.execute_script(script) == "rgb(22, 22, 22)", "it is dark")
    visitor.press("light")
    until(lambda: visitor.driver.execute_script(script) == "rgb(255, 255, 255)", "it is light")
    size = "return parseFloat(getComputedStyle(document.documentElement).fontSize)"
    small = visitor.driver.execute_script(size)
    visitor.press("large")
    until(lambda: visitor.driver.execute_script(size) > 1.3 * small, "the text is larger")
    visitor.press("large")
    resize(visitor.driver, 390, 840)
    until(lambda: visitor.driver.execute_script("return window.innerWidth") == 390, "it is narrow")
    wide = "return document.documentElement.scrollWidth"
    assert visitor.driver.execute_script(wide) <= 390
    resize(visitor.driver, 1300, 900)


@needs_browser
def test_two_visitors_do_not_disturb_each_other(visitor: Visitor, tmp_path: Path) -> None:
    """A second visitor plays, until the machine is full, and is told so."""
    with visit(visitor.server, tmp_path) as other:
        other.open()
        assert other.session != visitor.session
        other.set_up()
        clock, log = visitor.text("clock"), visitor.log
        other.press("sweep")
        other.did({"label": "sweep"})
        other.press("day")
        other.says("clock", "Day 1 of 90")
        for _ in range(WORLDS):
            other.open()
            other.press("setup")
            other.says("status", "At rest|It is full")
        other.says("notice", f"It is full: {WORLDS} worlds are alive")
        assert (visitor.text("clock"), visitor.log) == (clock, log)
        assert complaints(other.driver) == []


def test_hostile_requests_harm_nobody(server: Server) -> None:
    """Odd names, damaged links, a bomb, and a thousand requests at once."""
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" * 5_000_000, 9)).decode().rstrip("=")
    for path in (
        "/s/..%2f..%2fetc%2fpasswd", "/s/<script>alert(1)</script>", "/s/" + "x" * 5_000,
        "/take/nobody/figure.png", "/take/..%2f..%2fx/tables.zip",
    ):  # fmt: skip
        status, data = server.fetch(path.replace("<", "%3C").replace(">", "%3E"))
        assert status in (404, 410, 414), path
        assert b"<script>alert" not in data
    for link in ("x", "%00", bomb[:7_900], bomb, "eJyrVgIAARsAqw"):
        status, data = server.fetch(f"/?play={link}")
        assert status == 400
        assert b"This link is damaged" in data
    with ThreadPoolExecutor(20) as crowd:
        found = set(crowd.map(lambda _: server.knock("/"), range(1_000)))
    assert 429 in found
    assert found <= {303, 429}
    until(lambda: server.knock("/") == 303, "it answers again", 10)


@needs_browser
def test_a_page_that_lost_the_network_goes_on_by_itself(visitor: Visitor) -> None:
    """Cut, it says so; back, it shows what went on meanwhile, and steers: it is the same page."""
    server, session, run = visitor.server, visitor.session, visitor.driver.execute_script
    lost = "return document.getElementById('popup').ariaHidden === 'false'"
    with door(server.port) as way:
        visitor.open(f"/s/{session}", way.base)
        visitor.says("status", "At rest")
        run("window.before = true")
        visitor.press("go")
        visitor.says("status", "Running")
        way.cut()
        until(lambda: run(lost), "the page says that it is alone")
        seen = visitor.tick
        until(lambda: server.kept(session)["live"]["tick"] > seen + 24, "the world goes on")
        assert visitor.tick == seen
        way.mend()
        until(lambda: visitor.tick > seen + 24 and not run(lost), "the page has it all again")
        visitor.press("go")
        visitor.says("status", "At rest")
        assert (visitor.session, run("return window.before")) == (session, True)
    visitor.open(f"/s/{session}")
    visitor.says("clock", "^Day")
    complaints(visitor.driver)  # that nobody answered meanwhile


@needs_browser
def test_reload_and_restart(visitor: Visitor) -> None:
    """The same session is there after a reload, and after the server was started anew."""
    server, log = visitor.server, visitor.log
    clock = visitor.text("clock")
    visitor.driver.refresh()
    visitor.says("clock", f"^{clock}$")
    assert server.stop() == 0
    lost = "return document.getElementById('popup').ariaHidden === 'false'"
    until(lambda: visitor.driver.execute_script(lost), "the page says that it is alone")
    server.start()
    visitor.open(f"/s/{visitor.session}")
    complaints(visitor.driver)  # that nobody answered meanwhile
    visitor.says("clock", f"^{clock}$")
    visitor.says("notice", "lives again up to where you were")
    assert visitor.log == log
    visitor.press("step")
    visitor.says("clock", f"tick {int(clock.rsplit(' ', 1)[1]) + 1}$")


def test_a_session_that_is_gone_is_said_to_be(server: Server) -> None:
    status, data = server.fetch("/s/" + "x" * 16)
    assert status == 410
    assert b"its world and all that was done in it" in data
