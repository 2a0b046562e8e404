"""Statistics against numbers worked out by hand, and figures against their edge cases."""

import dataclasses
import itertools
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import plots_data
from sim import plots
from sim.experiments import analysis, intervals
from sim.kernels.layout import Cause, Origin
from sim.plots import marks, style, text
from sim.plots.scales import scale_groups
from sim.results import Results

RIVALS = ("organic", "beg", "follow", "bought")


@pytest.fixture(scope="module")
def main() -> Results:
    return plots_data.made_up(replicates=3, days=120)


@pytest.fixture(scope="module")
def rivals() -> Results:
    return plots_data.made_up({"only": "only"}, RIVALS, replicates=2, days=90)


@pytest.fixture(scope="module")
def single() -> Results:
    return plots_data.made_up({"only": "only"}, replicates=1, days=40, sales=False, follows=False)


# --- Statistics ------------------------------------------------------------------------------


def test_interval_of_three_values() -> None:
    # mean 4, s = 2, t(.975, 2) = 4.302653: half = 4.302653 · 2 / √3 = 4.968276.
    mean, low, high, n = intervals.interval([2.0, 4.0, 6.0])
    assert (mean, n) == (4.0, 3)
    assert low == pytest.approx(4 - 4.968276, abs=1e-5)
    assert high == pytest.approx(4 + 4.968276, abs=1e-5)


def test_interval_leaves_out_unknown_values() -> None:
    assert intervals.interval([2.0, math.nan, 4.0, 6.0]) == intervals.interval([2.0, 4.0, 6.0])


@pytest.mark.parametrize(
    ("values", "mean", "n"), [([], math.nan, 0), ([math.nan], math.nan, 0), ([3.0], 3.0, 1)]
)
def test_interval_of_too_few_values_has_no_bounds(values: list[float], mean: float, n: int) -> None:
    found = intervals.interval(values)
    assert found.n == n
    assert found.mean == pytest.approx(mean, nan_ok=True)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_interval_with_an_infinite_value_has_an_infinite_mean() -> None:
    found = intervals.interval([1.0, math.inf])
    assert found.mean == math.inf
    assert math.isnan(found.high)


def test_paired_interval_uses_the_differences() -> None:
    # Differences 1, 2, 3: mean 2, s = 1, half = 4.302653 / √3 = 2.484138.
    found = intervals.paired_interval([11.0, 22.0, 33.0], [10.0, 20.0, 30.0])
    assert found.mean == 2.0
    assert found.high - found.mean == pytest.approx(2.484138, abs=1e-5)


def test_ratio_interval_is_symmetric_in_the_logarithm() -> None:
    # x̄ = 3, ȳ = 2, d = (2/3 - 1/2, 4/3 - 3/2) = (1/6, -1/6): s = √2/6, n = 2,
    # t(.975, 1) = 12.7062: log half = 12.7062 · √2/6 / √2 = 2.117701.
    found = intervals.ratio_interval([2.0, 4.0], [1.0, 3.0])
    assert found.mean == 1.5
    assert found.high == pytest.approx(1.5 * math.exp(2.117701), rel=1e-5)
    assert found.low * found.high == pytest.approx(1.5**2)


def test_ratio_interval_of_proportional_values_is_a_point() -> None:
    found = intervals.ratio_interval([2.0, 4.0, 8.0], [1.0, 2.0, 4.0])
    assert found == pytest.approx((2.0, 2.0, 2.0, 3))


@pytest.mark.parametrize(
    ("x", "y", "ratio"), [([0.0, 0.0], [1.0, 2.0], 0.0), ([1.0, 2.0], [0.0, 0.0], math.nan)]
)
def test_ratio_interval_without_a_logarithm(x: list[float], y: list[float], ratio: float) -> None:
    found = intervals.ratio_interval(x, y)
    assert found.mean == pytest.approx(ratio, nan_ok=True)
    assert math.isnan(found.low)


def test_variance_gained_by_pairing() -> None:
    # var x = 1, var y = 1, var(x - y) = var(-1, 0, 1)... here x - y = (-1, -1, 2): var = 3.
    assert intervals.variance_gained([1, 2, 3], [2, 3, 1]) == pytest.approx((1 + 1) / 3)
    assert intervals.variance_gained([1, 2, 3], [0, 1, 2]) == math.inf
    assert math.isnan(intervals.variance_gained([1], [2]))
    assert math.isnan(intervals.variance_gained([1, 1], [2, 2]))


# --- Results by life -------------------------------------------------------------------------


def small(engaged: dict[str, list[float]], minutes: float = 100.0) -> Results:
    """Results with two measures, one record a run, in the given arms and replicates."""
    runs = [
        {"run_id": f"{arm}-{r}", "arm": arm, "replicate": r, "status": "ok", "error": "", "seed": r}
        for arm, values in engaged.items()
        for r in range(len(values))
    ]
    series = [
        (f"{arm}-{r}", tick, float(tick), "newcomer", name, "", amount)
        for arm, values in engaged.items()
        for r, value in enumerate(values)
        for name, last in (("engaged", value), ("minutes", minutes))
        for tick, amount in ((0, -1.0), (1, last))
    ]
    columns = ["run_id", "tick", "day", "account", "measure", "origin", "value"]
    arms = {arm: arm for arm in engaged}
    nothing = pd.DataFrame({"event": [], "account": []})
    return Results(
        folder=Path(),
        manifest=plots_data.manifest(arms, ("newcomer",), 3, 1),
        runs=pd.DataFrame(runs),
        series=pd.DataFrame(series, columns=columns),
        events=nothing,
        follows=nothing,
    )


def test_final_takes_the_last_record() -> None:
    table = analysis.final(small({"a": [5.0, 7.0], "b": [1.0, 2.0]}), "engaged")
    assert table["a"].tolist() == [5.0, 7.0]
    assert table["b"].tolist() == [1.0, 2.0]


def test_cost_per_engaged_is_infinite_if_nobody_is() -> None:
    table = analysis.final(small({"a": [50.0, 0.0]}), "minutes_per_engaged")
    assert table["a"].tolist() == [2.0, math.inf]


def test_cost_per_engaged_is_unknown_if_nothing_was_spent_on_nobody() -> None:
    table = analysis.final(small({"a": [50.0, 0.0]}, minutes=0.0), "minutes_per_engaged")
    assert table["a"].iloc[0] == 0.0
    assert math.isnan(table["a"].iloc[1])


def test_measure_that_was_not_recorded_is_unknown() -> None:
    assert analysis.final(small({"a": [5.0, 7.0]}), "warm").isna().all().all()


def test_pairing_is_by_replicate_and_not_by_place() -> None:
    results = small({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 6.0]})
    shuffled = dataclasses.replace(
        results, runs=results.runs.iloc[::-1], series=results.series.iloc[::-1]
    )
    found = analysis.paired(shuffled, "engaged", "b")
    assert found == analysis.paired(results, "engaged", "b")
    assert found.mean == 2.0
    assert found.high == pytest.approx(2 + 2.484138, abs=1e-5)


def test_ratio_to_the_reference_is_paired_too() -> None:
    results = small({"a": [1.0, 2.0, 4.0], "b": [2.0, 4.0, 8.0]})
    assert analysis.paired_ratio(results, "engaged", "b") == pytest.approx((2.0, 2.0, 2.0, 3))


def test_a_failed_run_is_left_out_with_its_pair() -> None:
    results = small({"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 600.0]})
    results.runs.loc[results.runs["run_id"] == "b-2", "status"] = "failed"
    assert analysis.paired(results, "engaged", "b").mean == 1.5
    assert analysis.paired(results, "engaged", "b").n == 2


def test_summary_table_holds_means_and_paired_differences() -> None:
    table = analysis.summary_table(small({"a": [1.0, 2.0, 3.0], "b": [3.0, 4.0, 2.0]}))
    row = table[(table["life"] == "b") & (table["measure"] == "engaged")].iloc[0]
    assert row["mean"] == 3.0
    assert row["difference"] == 1.0
    assert row["variance_gained"] == pytest.approx(2 / 3)
    reference = table[table["life"] == "a"]
    assert reference["difference"].isna().all()
    assert table["measure"].tolist()[: len(analysis.SUMMARY)] == list(analysis.SUMMARY)


def test_band_is_the_interval_of_each_day(main: Results) -> None:
    day = analysis.by_day(main, "followers")
    day = day[(day["life"] == "organic") & (day["day"] == 60)]["value"]
    band = analysis.band(main, "followers")
    found = band[(band["life"] == "organic") & (band["day"] == 60)].iloc[0]
    expected = intervals.interval(day)
    assert found[["mean", "low", "high"]].tolist() == pytest.approx(list(expected[:3]))


def test_lives_are_arms_or_rivals(main: Results, rivals: Results) -> None:
    assert list(analysis.labels(main)) == list(plots_data.ARMS)
    assert list(analysis.labels(rivals)) == list(RIVALS)
    assert analysis.reference_life(rivals) == "organic"
    assert len(analysis.lives(main)) == 7 * 3
    assert len(analysis.lives(rivals)) == 4 * 2


# --- Words and scales ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"), (1234.5, "1,234"), (12.34, "12.3"), (0.01234, "0.0123"), (5000, "5,000"),
        (-3.5, "−3.5"), (math.nan, "–"), (math.inf, "∞"), (-math.inf, "−∞"),
    ],
)  # fmt: skip
def test_numbers_in_words(value: float, said: str) -> None:
    assert text.number(value) == said


def test_signs_and_ratios_in_words() -> None:
    assert text.signed(12.34) == "+12.3"
    assert text.signed(0) == "0"
    assert text.times(1.5) == "×1.50"
    assert text.times(16) == "×16"
    assert text.spread(1, math.nan) == ""
    assert text.join(["a", "b", "c"]) == "a, b and c"


def test_every_origin_and_cause_has_a_name_and_a_colour_of_its_own() -> None:
    assert list(text.ORIGINS)
    assert set(text.ORIGINS) == {o.name.lower() for o in Origin}
    assert set(text.CAUSES) == {c.name.lower() for c in Cause}
    assert len(set(style.ORIGIN_COLOURS.values())) == len(Origin)
    assert len(set(style.CAUSE_COLOURS.values())) == len(Cause)


def test_lives_of_like_size_share_a_scale() -> None:
    assert scale_groups({"a": 300, "b": 350, "c": 30}) == [["a", "b", "c"]]
    assert scale_groups({"a": 300, "x": 5000, "b": 900, "c": 30, "y": 5200}) == [
        ["a", "b", "c"], ["x", "y"],
    ]  # fmt: skip
    assert scale_groups({"a": 1}) == [["a"]]


def test_text_is_wrapped_within_its_width() -> None:
    words = "a very long label with anextraordinarilylongwordinit that needs lines"
    lines = style.wrap(words, 9, 1.0)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert all(style.text_width(line, 9) <= 1.0 for line in lines)
    assert len(style.shortened(words, 9, 1.0, 2)) == 2
    assert style.shortened(words, 9, 1.0, 2)[-1].endswith("…")


def test_events_fall_on_their_days(main: Results) -> None:
    found = {(mark.life, mark.kind): mark for mark in marks.marks(main)}
    assert found["bought", "purchase"].day == 0
    assert found["bought", "purchase"].text == "buys 5,000"
    assert found["organic", "sweep"].day == 60  # half of the days
    assert ("organic", "purchase") not in found


def test_an_event_of_a_minority_of_replicates_is_not_marked(main: Results) -> None:
    one = main.events[main.events["run_id"] == "bought-0"]
    found = marks.marks(dataclasses.replace(main, events=one))
    assert [mark for mark in found if mark.life == "bought"] == []


# --- Figures ---------------------------------------------------------------------------------


def cases() -> Iterator[tuple[str, str]]:
    for plot in plots.plots():
        for case in ("main", "rivals", "single"):
            yield plot.NAME, case


def named(name: str) -> plots.Plot:
    return next(plot for plot in plots.plots() if name == plot.NAME)


def visible_texts(figure: Figure) -> list[Text]:
    """All text that is drawn: of ticks only those within the axis."""
    found = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    ticks = {t for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for t in unseen(axis)}
    return [t for t in found if t not in ticks]


def unseen(axis: Axis) -> list[Text]:
    low, high = sorted(axis.get_view_interval())
    return [
        tick.label1
        for tick in axis.get_major_ticks()
        if not low <= tick.get_loc() <= high or not tick.label1.get_visible()
    ]


def boxes(figure: Figure) -> dict[Text, Bbox]:
    """Where each text stands on the page, pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return {t: t.get_window_extent(canvas.get_renderer()) for t in visible_texts(figure)}


@pytest.mark.parametrize(("name", "case"), list(cases()))
def test_all_text_of_a_figure_stands_on_the_page(
    name: str, case: str, request: pytest.FixtureRequest
) -> None:
    with style.context():
        figure = named(name).figure(request.getfixturevalue(case))
        places = boxes(figure).values()
    assert min(box.x0 for box in places) >= 0
    assert max(box.x1 for box in places) <= figure.bbox.width
    assert min(box.y0 for box in places) >= 0
    assert max(box.y1 for box in places) <= figure.bbox.height


@pytest.mark.parametrize(("name", "case"), list(cases()))
def test_no_two_texts_of_a_figure_overlap(
    name: str, case: str, request: pytest.FixtureRequest
) -> None:
    with style.context():
        # A text's box is taller than its letters: what counts is its middle.
        found = [
            (item.get_text(), box.shrunk(1.0, 0.6))
            for item, box in boxes(named(name).figure(request.getfixturevalue(case))).items()
        ]
    clashes = [
        (first, second)
        for (first, box), (second, other) in itertools.combinations(found, 2)
        if box.overlaps(other)
    ]
    assert clashes == []


@pytest.mark.parametrize("name", [plot.NAME for plot in plots.plots()])
def test_figure_says_what_was_run(name: str, main: Results) -> None:
    said = " ".join(t.get_text() for t in visible_texts(named(name).figure(main)))
    assert text.source_line(main) in said
    assert "5,000 accounts" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert named(name).TITLE in said
    assert named(name).caption(main).endswith(".")
    assert named(name).alt(main).startswith(named(name).TITLE)


def test_overview_reads_none_where_nothing_was_sold(single: Results) -> None:
    results = plots_data.made_up(
        {"organic": "organic", "nothing": "nothing"}, replicates=2, days=60, sales=False
    )
    said = named("overview").alt(results)
    assert "sales none in either" in said
    assert "engaged none" in said


def test_cost_says_how_often_nobody_was_engaged() -> None:
    results = small({"a": [5.0, 0.0, 7.0], "b": [1.0, 1.0, 1.0]})
    assert "nobody engaged in 1 of 3" in named("cost_per_engaged").alt(results)


@pytest.mark.parametrize("failed", ["organic", "bought"])
@pytest.mark.parametrize("name", [plot.NAME for plot in plots.plots()])
def test_figure_of_an_arm_without_a_finished_run(name: str, failed: str) -> None:
    arms = {key: key for key in ("organic", "bought", "nothing")}
    results = plots_data.made_up(arms, replicates=2, days=60)
    results.runs.loc[results.runs["arm"] == failed, "status"] = "failed"
    assert visible_texts(named(name).figure(results))
    said = named(name).alt(results)
    assert "nan" not in said
    if name in {"cost_per_engaged", "feed_pollution", "overview"}:
        assert text.NO_RUN in said


def test_origins_without_follows_are_named(main: Results) -> None:
    rest = main.follows[main.follows["origin"] != "begging"]
    figure = named("engagement_by_origin").figure(dataclasses.replace(main, follows=rest))
    assert any("No follow of that age: begging." in t.get_text() for t in visible_texts(figure))


def test_equal_age_counts_each_follow_once() -> None:
    results = plots_data.made_up({"organic": "organic"}, replicates=1, days=120)
    known = results.follows.dropna(subset=["engaged_28_56"])
    own = known[known["origin"] == "content"]["engaged_28_56"]
    said = named("engagement_by_origin").alt(results)
    assert f"Content: {text.number(100 * own.mean(), 2)} %" in said


def test_gained_and_lost_add_up_to_the_followers_at_the_end(main: Results) -> None:
    followers = analysis.final(main, "followers").mean()
    said = named("gained_and_lost").alt(main)
    assert f"= {text.number(followers['follow'])};" in said.split("follow for follow:")[1]


def test_files_are_the_same_bytes_each_time(rivals: Results, tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in plots.save_all(rivals, tmp_path / "a")}
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": "other", "axes.facecolor": "red"}):
        second = {path.name: path.read_bytes() for path in plots.save_all(rivals, tmp_path / "b")}
    assert len(first) == 2 * len(plots.plots())
    assert first == second
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == sorted(first)
    assert first["overview.png"].startswith(b"\x89PNG")
    assert b"<svg" in first["overview.svg"]


def test_a_figure_is_saved_as_what_its_path_ends_in(rivals: Results, tmp_path: Path) -> None:
    figure = plots.plots()[0].figure(rivals)
    for kind in ("png", "svg"):
        path = plots.save(figure, tmp_path / "new" / f"figure.{kind}")
        assert path.read_bytes() == plots.render(figure, kind)
    with pytest.raises(KeyError):
        plots.save(figure, tmp_path / "new" / "figure.bmp")
    assert sorted(path.name for path in path.parent.iterdir()) == ["figure.png", "figure.svg"]


def test_style_leaves_the_settings_of_the_user_alone(main: Results) -> None:
    before = dict(mpl.rcParams)
    named("overview").figure(main)
    assert dict(mpl.rcParams) == before


def test_figures_are_ordered_and_never_use_pyplot() -> None:
    orders = [plot.ORDER for plot in plots.plots()]
    assert orders == sorted(set(orders))
    code = "import sys, sim.plots as p; p.plots(); print('matplotlib.pyplot' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(plots.__file__).parents[2],
    )  # fmt: skip
    assert answer.stdout.strip() == "False"


def test_colours_of_lives_do_not_depend_on_the_results(main: Results) -> None:
    colours = style.life_colours(main)
    assert colours["organic"] == style.BLUE
    assert len(set(colours.values())) == len(plots_data.ARMS)


def test_whiskers_beyond_the_axis_become_arrows() -> None:
    results = plots_data.made_up(
        {"organic": "organic", "bought": "bought"}, replicates=2, days=60, seed=3
    )
    with style.context():
        figure = named("overview").figure(results)
    drawn = {line.get_marker() for axes in figure.axes for line in axes.lines}
    assert drawn & {"<", ">"}
    assert np.isfinite(figure.axes[0].get_xlim()).all()
