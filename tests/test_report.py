"""The report: whole, self-contained, and safe whatever a scenario's author wrote."""

import dataclasses
import math
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import plots_data
from sim import plots, report
from sim.experiments import claim as claims
from sim.metrics import MEASURES
from sim.plots.text import source_line
from sim.report import whole
from sim.report.html import STYLE
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
    assert "url(" not in STYLE
    assert "@import" not in STYLE
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
    monkeypatch.setattr(whole, "drawn", lambda results: [])


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


# --- The claim -------------------------------------------------------------------------------


HEADER = {
    "claim": "Asking costs <more> than it brings.",
    "hypothesis": "Fewer & fewer care.",
    "primary": "engaged",
    "secondary": ["followers", "sales", "value_lost"],
    "tested": "beg",
    "expected": "lower",
    "refuted_by": "A ratio wholly above 1 <b>or so</b>.",
}


def claiming(values: dict[str, list[float]], measure: str = "engaged", **header: Any) -> Results:
    """Results whose scenario claims something, with these final values of a measure by arm."""
    made = plots_data.made_up(
        {"organic": "being interesting", "beg": "begging <often>", "nothing": "nothing"},
        replicates=len(values["beg"]), days=4, sales=False, follows=False,
    )  # fmt: skip
    settings = {"scenario": HEADER | {"primary": measure} | header}
    scenario = made.manifest["scenario"] | {"settings": settings}
    series = made.series.copy()
    for arm, numbers in values.items():
        for replicate, number in enumerate(numbers):
            chosen = (series["run_id"] == f"{arm}-{replicate}") & (series["measure"] == measure)
            series.loc[chosen, "value"] = number
    made = dataclasses.replace(made, series=series)
    return with_manifest(made, scenario=scenario)


def found_in(values: dict[str, list[float]], **header: Any) -> tuple[claims.Estimate, str]:
    results = claiming(values, **header)
    claim = claims.declared(results)
    assert claim is not None
    found = claims.estimate(results, claim)
    return found, claims.verdict(found, claim.expected)


@pytest.mark.usefixtures("without_figures")
def test_the_claim_stands_near_the_top_with_what_was_found() -> None:
    results = claiming({"organic": [8.0, 16.0, 8.0], "beg": [4.0, 4.0, 4.0]})
    text = report.page(results)
    page = Page(text)
    for told in (HEADER["claim"], HEADER["hypothesis"], HEADER["refuted_by"]):
        assert told in page.words
    assert "lower in “begging <often>” than in “being interesting”" in page.words
    assert MEASURES["engaged"].definition in page.words
    # The geometric mean of 1/2, 1/4, 1/2 is 2^(-4/3); s = log(2)/√3, t(.975, 2) = 4.303, n = 3:
    # the half-width of the logarithm is 4.303·log(2)/3 = 0.994.
    assert "×0.40 (×0.15 to ×1.07, 95\N{NO-BREAK SPACE}%), paired within 3 worlds" in page.words
    assert "Undecided." in page.words
    assert "Fewer than 20 worlds illustrate" in page.words
    assert "Beside it" in page.words
    assert "value lost to begs" in page.words
    assert text.index("The claim</h2>") < text.index("The lives side by side")


@pytest.mark.usefixtures("without_figures")
def test_twenty_worlds_are_not_few() -> None:
    results = claiming({"organic": [8.0] * 20, "beg": [4.0, 5.0] * 10})
    assert "In line with the claim." in Page(report.page(results)).words
    assert "Fewer than 20 worlds" not in Page(report.page(results)).words


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize(
    "header", [{"claim": ""}, {"primary": "unheard"}, {"expected": "more"}, {"tested": "x"}]
)
def test_without_a_whole_claim_there_is_no_box(header: dict[str, Any]) -> None:
    results = claiming({"organic": [8.0], "beg": [4.0]})
    changed = HEADER | header
    scenario = results.manifest["scenario"] | {"settings": {"scenario": changed}}
    assert "The claim" not in Page(report.page(with_manifest(results, scenario=scenario))).words


# Values of the reference and of the tested arm, what is expected, the verdict.
VERDICTS = {
    "lower": ([10.0, 11.0, 12.0], [5.0, 5.6, 6.0], "lower", "in line with the claim"),
    "not lower": ([5.0, 5.6, 6.0], [10.0, 11.0, 12.0], "lower", "against the claim"),
    "higher": ([5.0, 5.6, 6.0], [10.0, 11.0, 12.0], "higher", "in line with the claim"),
    "not higher": ([10.0, 11.0, 12.0], [5.0, 5.6, 6.0], "higher", "against the claim"),
    "either": ([10.0, 11.0, 12.0], [5.0, 20.0, 12.0], "lower", "undecided"),
    "same": ([10.0, 11.0, 12.0], [10.1, 11.0, 12.2], "same", "in line with the claim"),
    "identical": ([10.0, 11.0], [10.0, 11.0], "same", "in line with the claim"),
    "identical, not lower": ([10.0, 11.0], [10.0, 11.0], "lower", "undecided"),
    "hardly the same": ([10.0, 11.0, 12.0], [9.0, 11.0, 15.0], "same", "undecided"),
    "not the same": ([10.0, 11.0, 12.0], [5.0, 5.6, 6.0], "same", "against the claim"),
    "one world": ([10.0], [5.0], "lower", "undecided"),
    "nobody, lower": ([4.0, 5.0, 5.0], [0.0, 0.0, 1.0], "lower", "in line with the claim"),
    "nobody, higher": ([0.0, 0.0, 1.0], [4.0, 5.0, 5.0], "lower", "against the claim"),
    "nobody, the same": ([0.0, 9.0, 9.0], [0.0, 9.0, 9.1], "same", "in line with the claim"),
    "nobody at all": ([0.0, 0.0], [0.0, 0.0], "same", "in line with the claim"),
    "without end": ([5.0, 6.0], [math.inf, 5.0], "higher", "undecided"),
}


@pytest.mark.parametrize("case", VERDICTS.values(), ids=VERDICTS.keys())
def test_verdicts(case: tuple[list[float], list[float], str, str]) -> None:
    reference, tested, expected, verdict = case
    found, said = found_in({"organic": reference, "beg": tested}, expected=expected)
    assert said == verdict
    assert found.is_ratio == all(0 < value < math.inf for value in reference + tested)


def test_the_tested_arm_is_the_first_that_is_not_the_reference() -> None:
    results = claiming({"organic": [1.0], "beg": [1.0]}, tested=None)
    claim = claims.declared(results)
    assert claim is not None
    assert (claim.tested, claim.reference) == ("beg", "organic")


@pytest.mark.usefixtures("without_figures")
def test_worlds_without_a_value_are_counted() -> None:
    results = claiming({"organic": [4.0, 4.0, math.nan], "beg": [4.0, 5.0, 4.0]})
    assert "paired within 2 of 3 worlds" in Page(report.page(results)).words
    nothing = claiming({"organic": [math.nan], "beg": [4.0]})
    assert "no world in which both arms have a value" in Page(report.page(nothing)).words


@pytest.mark.usefixtures("without_figures")
def test_differences_are_told_apart_from_ratios() -> None:
    page = Page(report.page(claiming({"organic": [4.0, 4.0, 0.0], "beg": [4.0, 5.0, 4.0]})))
    assert "Mean difference: +1.67" in page.words
    assert "There is no ratio: some value is 0" in page.words
