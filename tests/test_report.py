"""The report: whole, self-contained, and safe whatever a scenario's author wrote."""

import dataclasses
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import plots_data
from sim import plots, report
from sim.plots.text import source_line
from sim.results import Results

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects the tags of a page and checks that they are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.words += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def results() -> Results:
    arms = {key: plots_data.ARMS[key] for key in ("organic", "beg", "bought")}
    return plots_data.made_up(arms, replicates=2, days=70)


@pytest.fixture(scope="module")
def page(results: Results) -> Page:
    return Page(report.page(results))


def with_manifest(results: Results, **changes: Any) -> Results:
    return dataclasses.replace(results, manifest={**results.manifest, **changes})


def test_report_says_what_was_asked_and_run(results: Results, page: Page) -> None:
    assert results.title in page.words
    assert results.question in page.words
    assert source_line(results) in page.words
    assert results.manifest["command"] in page.words
    assert all(label in page.words for label in results.arms.values())
    assert "What this does not show" in page.words


def test_every_figure_stands_in_the_page_with_its_words(results: Results, page: Page) -> None:
    images = page.all("img")
    assert len(images) == len(plots.plots())
    for image, plot in zip(images, plots.plots(), strict=True):
        assert image["src"].startswith("data:image/svg+xml;base64,")
        assert image["alt"] == plot.alt(results)
        assert plot.caption(results) in page.words


def test_nothing_is_loaded_from_elsewhere(page: Page) -> None:
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "audio", "video", "base"}
    loading = [attrs[key] for _, attrs in page.tags for key in ("src", "href") if key in attrs]
    assert all(address.startswith("data:") for address in loading)
    assert "url(" not in report.STYLE
    assert "@import" not in report.STYLE
    policy = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_what_a_user_wrote_is_escaped(results: Results) -> None:
    nasty = "<script>alert(\"x\")</script> & '$5' $"
    scenario = results.manifest["scenario"] | {
        "title": nasty, "question": nasty, "text": nasty,
        "settings": {"world": {"network": nasty, nasty: 1}},
    }  # fmt: skip
    arms = {arm: f"{label} {nasty}" for arm, label in results.arms.items()}
    changed = with_manifest(
        results, scenario=scenario, arms=arms, command=nasty, model_version=nasty,
        versions={nasty: nasty}, commit=nasty,
    )  # fmt: skip
    page = Page(report.page(changed))
    assert page.all("script") == []
    assert page.words.count(nasty) > 10


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes most of a report's time."""
    monkeypatch.setattr(report, "plots", list)


def test_settings_that_differ_are_listed_with_their_defaults() -> None:
    changed = report.changed_settings(
        {
            "world": {"accounts": 5_000, "topics": 8},
            "behaviour": {"prices": {"beg": 2.0, "follow": 0.25}},
            "scenario": {"days": 3},
        }
    )
    assert changed == {
        "world.accounts": (5_000, 10_000),
        "behaviour.prices.beg": (2.0, 1.0),
    }


@pytest.mark.usefixtures("without_figures")
def test_default_settings_are_said_to_be_so(results: Results) -> None:
    scenario = results.manifest["scenario"] | {"settings": {"world": {"topics": 8}}}
    assert "are the defaults" in report.page(with_manifest(results, scenario=scenario))


@pytest.mark.usefixtures("without_figures")
def test_failed_runs_are_named(results: Results) -> None:
    runs = results.runs.copy()
    runs.loc[runs["run_id"] == "beg-1", ["status", "error"]] = ["failed", "ValueError: <b>no</b>"]
    page = Page(report.page(dataclasses.replace(results, runs=runs)))
    assert "1\N{NO-BREAK SPACE}run failed" in page.words
    assert "ValueError: <b>no</b>" in page.words


def test_clear_differences_stand_out(results: Results, page: Page) -> None:
    classes = [attrs.get("class") for attrs in page.all("small")]
    assert "clear" in classes
    assert "gap" in classes


@pytest.mark.parametrize(
    ("arms", "accounts", "replicates"),
    [({"only": "only"}, ("one",), 1), ({"only": "only"}, ("organic", "beg"), 2)],
)
def test_report_of_one_life_or_of_rivals(
    arms: dict[str, str], accounts: tuple[str, ...], replicates: int
) -> None:
    made = plots_data.made_up(
        arms, accounts, replicates=replicates, days=30, sales=False, follows=False
    )
    page = Page(report.page(made))
    assert len(page.all("img")) == len(plots.plots())
    assert ("How much pairing gained" in page.words) == (len(accounts) > 1)


def test_report_is_written_whole_and_the_same_each_time(results: Results, tmp_path: Path) -> None:
    first = report.write(results, tmp_path).read_bytes()
    assert report.write(results, tmp_path).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
