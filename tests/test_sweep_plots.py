"""Figures of sweeps and their report: every design, number of settings and lives they may meet."""

import dataclasses
import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import plots_data
import sweep_data
from sim import plots, report
from sim.cli import main
from sim.experiments.dependence import classes, dependence, influential, leaders
from sim.experiments.effects import effects, overview
from sim.experiments.points import parameters
from sim.plots import style, text
from sim.results import Results, tables
from test_plots import boxes, visible_texts
from test_report import Page

KEYS = [
    sweep_data.real("platform.follow_cap", 50, 800),
    sweep_data.real("behaviour.social_proof", 0, 1),
    sweep_data.choice("platform.ranking", "chronological", "mixed", "ranked"),
    sweep_data.real("behaviour.unfollow", 0.001, 1, "log"),
]
RANKING = KEYS[2]["values"]


def engaged(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
    """The cap decides for follow-for-follow, social proof for begging, luck for all."""
    cap = settings.get("platform.follow_cap", 400) / 400
    proof = settings.get("behaviour.social_proof", 0.5)
    ranked = settings.get("platform.ranking") == "ranked"
    gain = {"beg": 0.8 + 0.3 * proof, "follow": 0.5 + (0.9 if ranked else 1.5) * cap}.get(arm, 1.0)
    luck = np.random.default_rng([replicate, len(arm)]).normal(replicate / 4, 0.1)
    return float(80 * math.exp(luck) * gain)


def followers(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
    return engaged(settings, arm, replicate) * (60 if arm == "follow" else 3)


def sales(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
    return float(replicate) if arm != "beg" else 0.0


OUTCOMES: dict[str, sweep_data.Outcome] = {
    "followers": followers, "engaged": engaged, "sales": sales,
}  # fmt: skip


def settings_of(units: np.ndarray) -> list[list[object]]:
    """Rows of the unit cube as values of the four settings."""
    return [
        [50 + 750 * a, b, RANKING[min(2, int(3 * c))], 10 ** (3 * d - 3)] for a, b, c, d in units
    ]


def made(case: str) -> Results:
    """Results of a sweep with a design."""
    if case == "grid":
        rows = [[cap, proof] for cap in (50, 200, 800) for proof in (0.0, 1.0)]
        return sweep_data.swept(KEYS[:2], rows, OUTCOMES)
    if case == "latin":
        rows = settings_of(np.random.default_rng(1).random((60, 4)))
        return sweep_data.swept(
            KEYS, rows, OUTCOMES, kind="latin_hypercube", failed=("p0007-beg-1",)
        )
    if case == "saltelli":
        rows = settings_of(sweep_data.saltelli(16, 4))
        return sweep_data.swept(KEYS, rows, OUTCOMES, kind="saltelli", replicates=2)
    if case == "morris":
        rows = settings_of(sweep_data.trajectories(5, 4) * 0.999)
        return sweep_data.swept(KEYS, rows, OUTCOMES, kind="morris", replicates=2)
    if case == "one at a time":
        rows = [[400, 0.5], [50, 0.5], [800, 0.5], [400, 0.0], [400, 1.0]]
        return sweep_data.swept(KEYS[:2], rows, OUTCOMES, kind="one_at_a_time")
    rows = [[ranking] for ranking in RANKING]  # "single": one setting, one life, one world
    return sweep_data.swept(KEYS[2:3], rows, OUTCOMES, arms={"only": "only"}, replicates=1)


CASES = ("grid", "latin", "saltelli", "morris", "one at a time", "single")
FIGURES = {
    "grid": {"partial_dependence", "heat_map", "winners"},
    "latin": {"partial_dependence", "heat_map", "winners", "map"},
    "saltelli": {"partial_dependence", "heat_map", "winners", "map", "sensitivity"},
    "morris": {"partial_dependence", "heat_map", "winners", "elementary_effects"},
    "one at a time": {"partial_dependence"},
    "single": {"partial_dependence"},
}


@pytest.fixture(scope="module")
def results() -> dict[str, Results]:
    return {case: made(case) for case in CASES}


def pairs() -> Iterator[tuple[str, str]]:
    return ((case, name) for case, names in FIGURES.items() for name in sorted(names))


def named(name: str) -> plots.SweepPlot:
    return next(plot for plot in plots.sweep_plots() if name == plot.NAME)


@pytest.mark.parametrize("case", CASES)
def test_a_sweep_has_the_figures_that_its_design_gives(
    case: str, results: dict[str, Results]
) -> None:
    assert {plot.NAME for plot in plots.drawn(results[case])} == FIGURES[case]


def test_a_plain_run_has_none_of_them() -> None:
    assert list(plots.drawn(plots_data.made_up(replicates=2, days=30))) == plots.plots()


@pytest.mark.parametrize(("case", "name"), list(pairs()))
def test_figures_stay_on_the_page_and_nothing_overlaps(
    case: str, name: str, results: dict[str, Results]
) -> None:
    with style.context():
        figure = named(name).figure(results[case])
        places = boxes(figure)
    assert min(box.x0 for box in places.values()) >= 0
    assert max(box.x1 for box in places.values()) <= figure.bbox.width
    assert min(box.y0 for box in places.values()) >= 0
    found = [(item.get_text(), box.shrunk(1.0, 0.6)) for item, box in places.items()]
    clashes = [
        (first, second)
        for (first, box), (second, other) in itertools.combinations(found, 2)
        if box.overlaps(other)
    ]
    assert clashes == []


@pytest.mark.parametrize(("case", "name"), list(pairs()))
def test_figures_say_what_was_run_and_what_they_show(
    case: str, name: str, results: dict[str, Results]
) -> None:
    plot, made = named(name), results[case]
    said = " ".join(t.get_text() for t in visible_texts(plot.figure(made)))
    assert text.source_line(made) in said
    assert plot.TITLE in said
    assert plot.caption(made).endswith(".")
    assert plot.alt(made).startswith(plot.TITLE)
    assert "nan" not in plot.alt(made)


@pytest.mark.parametrize("measure", ["followers", "sales"])
@pytest.mark.parametrize("name", [plot.NAME for plot in plots.sweep_plots()])
def test_figures_show_the_measure_that_is_asked_for(
    name: str, measure: str, results: dict[str, Results]
) -> None:
    case = {"sensitivity": "saltelli", "elementary_effects": "morris"}.get(name, "grid")
    said = " ".join(t.get_text() for t in visible_texts(named(name).figure(results[case], measure)))
    assert measure in said.lower()


# --- What the figures show -------------------------------------------------------------------


def test_dependence_averages_over_all_other_settings(results: dict[str, Results]) -> None:
    grid = results["grid"]
    table = dependence(grid, "engaged", parameters(grid)[0])
    row = table[(table["life"] == "follow") & (table["value"] == 200)].iloc[0]
    runs = grid.runs.merge(grid.points, on="point")
    runs = runs[(runs["arm"] == "follow") & (runs["platform.follow_cap"] == 200)]
    each = runs.groupby("replicate")["engaged"].mean()
    assert row["each"] == pytest.approx(each.tolist())
    assert row["mean"] == pytest.approx(each.mean())


def test_one_at_a_time_leaves_out_points_that_vary_others(results: dict[str, Results]) -> None:
    made = results["one at a time"]
    found = classes(made, parameters(made)[0])
    assert found.middles == (50, 400, 800)
    assert len(found.of) == 3


def test_random_values_are_put_into_classes_of_like_size(results: dict[str, Results]) -> None:
    latin = results["latin"]
    found = classes(latin, parameters(latin)[0])
    assert found.of.value_counts().tolist() == [10] * 6
    assert list(found.middles) == sorted(found.middles)


def test_the_settings_that_matter_come_first(results: dict[str, Results]) -> None:
    latin = results["latin"]
    own = {"follow": "platform.follow_cap", "beg": "behaviour.social_proof"}
    every = {life: effects(latin, "engaged", life) for life in own}
    for life, key in own.items():
        assert influential(latin, [every[life]])[0].key == key
    both = influential(latin, list(every.values()))
    assert {one.key for one in both[:2]} == set(own.values())


def test_chance_explains_nothing() -> None:
    """Many classes of noise do not come before two classes that matter.

    ω² of six classes of noise is 0 on average, with a standard error of √(2·5)/60 = .05; two
    classes that lie 1.5 standard deviations apart hold .5625/1.5625 = .36 of the variance.
    """
    noise = np.random.default_rng(7).standard_normal(60)

    def outcome(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
        effect = noise[round(settings["x"] * 60)] + 1.5 * (settings["y"] == "b")
        return 10.0 + (arm == "beg") * float(effect)

    keys = [sweep_data.real("x", 0, 1), sweep_data.choice("y", "a", "b")]
    rows = [[k / 60, "ab"[k % 2]] for k in range(60)]
    made = sweep_data.swept(keys, rows, {"followers": outcome}, kind="latin_hypercube")
    found = influential(made, [effects(made, "followers", "beg")])
    assert [one.key for one in found] == ["y", "x"]


def test_leaders_are_clear_if_their_paired_lead_is() -> None:
    def outcome(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
        noise = (-1.0, 0.0, 1.0)[replicate] * (arm == "follow")
        return {"organic": 5.0, "beg": 1.0, "follow": 5.0 * settings["x"]}[arm] + noise

    keys = [sweep_data.real("x", 0, 3), sweep_data.real("y", 0, 1)]
    made = sweep_data.swept(keys, [[0.9, 0], [3.0, 0]], {"followers": outcome})
    across, up = (classes(made, one) for one in parameters(made))
    found = leaders(made, "followers", across, up)
    # Organic leads by 0.5 ± 4.302653 / √3, which is not clear; follow by 10 ± the same, which is.
    assert found["life"].tolist() == ["organic", "follow"]
    assert found["lead"].to_numpy() == pytest.approx([0.5, 10.0])
    assert found["clear"].tolist() == [False, True]


def test_the_overview_counts_points_on_either_side(results: dict[str, Results]) -> None:
    table = overview(results["grid"], ["engaged"]).set_index("life")
    # Follow-for-follow multiplies by 0.5 + 1.5 · cap / 400, and luck differs between the arms.
    assert table.loc["follow", "least"] < 1 < table.loc["follow", "most"]
    assert table.loc["follow", "points"] == 6
    assert table.loc["follow", "above"] >= 2


# --- The report ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_the_report_of_a_sweep_is_whole(
    case: str, results: dict[str, Results], tmp_path: Path
) -> None:
    figures = plots.save_all(results[case], tmp_path / "figures", ("svg",))
    page = Page(report.page(results[case], tmp_path / "figures"))
    assert len(page.all("img")) == len(figures) == len(FIGURES[case])
    for heading in ("What was swept", "What each life gains", "What pairing gains", "Run it again"):
        assert heading in page.words
    for key in results[case].points.columns[1:]:
        assert key in page.words
    assert ("Which settings it depends on" in page.words) >= (case in ("saltelli", "morris"))
    assert "nan" not in page.words.split()


# --- The command -----------------------------------------------------------------------------


def saved(results: Results, folder: Path) -> Results:
    """The results with a folder of their own, and empty tables as real ones have them."""
    empty = {name: tables.empty(name) for name in ("series", "events", "follows")}
    return dataclasses.replace(results, folder=folder, **empty)


def test_analyse_prints_tables_and_writes_them(
    results: dict[str, Results],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sim.open", lambda folder: saved(results["morris"], folder))
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["analyse", str(tmp_path), "--measure", "engaged", "--precision", "5"]) == 0
    said = capsys.readouterr().out
    for words in ("Effects over all points", "What shared draws gain", "5 % of", "mu star"):
        assert words in said
    names = {path.name for path in (tmp_path / "analysis").iterdir()}
    tables_ = {"tidy", "effects", "overview", "pairing", "precision", "sensitivity"}
    assert {f"{name}.csv" for name in tables_} <= names
    assert {f"{name}.{kind}" for name in FIGURES["morris"] for kind in ("png", "svg")} <= names
    tidy = pd.read_csv(tmp_path / "analysis" / "tidy.csv")
    assert len(tidy) == len(results["morris"].runs)


def test_analyse_says_what_is_wrong(
    results: dict[str, Results],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sim.open", lambda folder: saved(results["grid"], folder))
    assert main(["analyse", str(tmp_path), "--measure", "nonsense"]) == 2
    assert 'no measure "nonsense"' in capsys.readouterr().err
    assert main(["analyse", str(tmp_path), "--method", "pawn", "--no-figures"]) == 2
    assert "at least 20 points; there are 6" in capsys.readouterr().err
    assert not (tmp_path / "analysis").exists()


def test_a_tie_has_no_winner() -> None:
    keys = [sweep_data.real("x", 0, 1), sweep_data.real("y", 0, 1)]
    same = {"followers": lambda *_: 5.0, "engaged": lambda x, arm, r: len(arm) * x["x"]}
    made = sweep_data.swept(keys, [[0, 0], [1, 0]], same)
    said = named("winners").alt(made)
    assert "Followers: a tie at 0, 0; a tie at 1, 0." in said
    assert "Engaged followers: a tie at 0, 0; being interesting at 1, 0." in said
    assert "=" in {t.get_text() for t in visible_texts(named("winners").figure(made))}


@pytest.mark.parametrize("replicates", [1, 3])
def test_every_class_that_finds_room_is_marked(replicates: int) -> None:
    """Whether or not there are intervals: limits that are not settled yet had hidden most."""
    keys = [sweep_data.real("x", 0, 0.1)]
    rows = [[x] for x in (0.0, 0.02, 0.04, 0.06, 0.08, 0.1)]
    outcome = {"followers": lambda settings, arm, replicate: settings["x"] + replicate}
    made = sweep_data.swept(keys, rows, outcome, replicates=replicates)
    (axes,) = named("partial_dependence").figure(made, "followers").axes
    assert axes.get_xticks().tolist() == [x for (x,) in rows]
