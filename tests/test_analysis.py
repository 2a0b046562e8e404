"""Points, effects, what pairing gains and how many replicates are needed, worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import plots_data
import sweep_data
from sim.experiments import analysis, pairing, points
from sim.experiments.effects import compared, effects, table
from sim.experiments.pairing import replicates_needed
from sim.results import Results

KEYS = [
    sweep_data.real("platform.follow_cap", 1.0, 3.0),
    sweep_data.choice("platform.ranking", "chronological", "ranked"),
]
ROWS = [[cap, ranking] for cap in (1.0, 2.0, 3.0) for ranking in ("chronological", "ranked")]
GAIN = {"organic": 1.0, "beg": 0.5, "follow": 3.0}


def followers(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
    """10 × the cap × the world's luck × what the arm gains; nothing on ranked feeds for beggars."""
    luck = (1.0, 2.0, 4.0)[replicate]
    return 10 * settings["platform.follow_cap"] * luck * GAIN[arm]


def sales(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
    return float(replicate if arm != "beg" else 0)


@pytest.fixture(scope="module")
def results() -> Results:
    return sweep_data.swept(
        KEYS, ROWS, {"followers": followers, "sales": sales}, failed=("p0000-beg-1",)
    )


def test_parameters_are_told_from_their_values(results: Results) -> None:
    cap, ranking = points.parameters(results)
    assert (cap.key, cap.kind, cap.numeric, cap.low, cap.high) == (
        "platform.follow_cap", "real", True, 1.0, 3.0,
    )  # fmt: skip
    assert (ranking.numeric, ranking.values) == (False, ("chronological", "ranked"))
    assert cap.label == "follow cap (platform)"
    assert points.design(results) == "grid"
    assert points.is_sweep(results)


def test_a_plain_run_is_one_nameless_point() -> None:
    plain = plots_data.made_up(replicates=2, days=30)
    assert not points.is_sweep(plain)
    assert points.parameters(plain) == []
    assert points.design(plain) == ""


def test_the_tidy_table_has_every_run_with_its_settings(results: Results) -> None:
    tidy = points.tidy(results)
    assert len(tidy) == len(results.runs) == 6 * 3 * 3
    assert list(tidy.columns[:4]) == [
        "run_id", "point", "platform.follow_cap", "platform.ranking",
    ]  # fmt: skip
    row = tidy[tidy["run_id"] == "p0003-follow-2"].iloc[0]
    assert (row["platform.follow_cap"], row["platform.ranking"]) == (2.0, "ranked")
    assert row["followers"] == 10 * 2 * 4 * 3
    assert tidy.loc[tidy["status"] == "failed", "followers"].isna().all()


def test_values_by_point_and_replicate(results: Results) -> None:
    wide = points.values(results, "followers")
    assert list(wide.columns) == ["organic", "beg", "follow"]
    assert wide.loc[("p0005", 2), "follow"] == 10 * 3 * 4 * 3
    assert math.isnan(wide.loc[("p0000", 1), "beg"])
    with pytest.raises(KeyError, match='no measure "nonsense"'):
        points.values(results, "nonsense")


def test_one_point_is_a_plain_run(results: Results) -> None:
    one = points.at(results, "p0002")
    assert set(one.runs["point"]) == {"p0002"}
    assert not points.is_sweep(one)


def test_rivals_are_told_apart_by_their_series() -> None:
    rivals = plots_data.made_up({"only": "only"}, ("organic", "beg"), replicates=2, days=30)
    wide = points.values(rivals, "followers")
    other = analysis.final(rivals, "followers")
    assert wide.to_numpy().tolist() == other.to_numpy().tolist()
    assert list(wide.columns) == ["organic", "beg"]


# --- Effects ---------------------------------------------------------------------------------


def test_an_effect_is_the_paired_ratio_where_all_is_positive(results: Results) -> None:
    found = effects(results, "followers", "follow")
    assert found.scale == "ratio"
    assert found.unit == "followers, ratio"
    # Every world triples: log 3 at every point, without spread.
    assert found.outcome().to_numpy() == pytest.approx(np.full(6, math.log(3)))
    assert found.points()["low"].to_numpy() == pytest.approx(np.full(6, 3.0))


def test_an_effect_is_the_difference_where_something_is_zero(results: Results) -> None:
    found = effects(results, "sales", "beg")
    assert found.scale == "difference"
    rows = found.points()
    # Differences 0, -1, -2: mean -1, s = 1, half = 4.302653 / √3 = 2.484138. At the first point
    # one run failed: 0 and -2 are left.
    assert rows["mean"].tolist() == [-1.0] * 6
    assert rows["replicates"].tolist() == [2, 3, 3, 3, 3, 3]
    assert rows["high"].iloc[1] == pytest.approx(-1 + 2.484138, abs=1e-5)


def test_the_reference_itself_has_values(results: Results) -> None:
    found = effects(results, "followers", "organic")
    assert found.scale == "value"
    assert found.outcome().iloc[0] == pytest.approx(10 * (1 + 2 + 4) / 3)


def test_unknown_lives_are_named(results: Results) -> None:
    with pytest.raises(KeyError, match=r'no life "buyer"; there are organic, beg, follow'):
        effects(results, "followers", "buyer")


def test_the_table_of_effects_has_a_row_a_point_and_life(results: Results) -> None:
    rows = table(results, "followers")
    assert compared(results) == ["beg", "follow"]
    assert len(rows) == 6 * 2
    follow = rows[(rows["life"] == "follow") & (rows["platform.ranking"] == "ranked")]
    assert follow["platform.follow_cap"].tolist() == [1.0, 2.0, 3.0]
    assert follow["mean"].to_numpy() == pytest.approx(3.0)


# --- Pairing and replicates ------------------------------------------------------------------


def test_pairing_pools_the_variance_within_points() -> None:
    # y = w, x = w + e with w = -1, 0, 1 and e = 1, -2, 1 (uncorrelated): s²(w) = 1, s²(e) = 3.
    # Unpaired 4 + 1 = 5, paired 3; the points differ by 100, which must not count.
    noise = (1.0, -2.0, 1.0)

    def outcome(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
        return settings["x"] * 100 + replicate - 1 + (arm == "beg") * noise[replicate]

    arms = {"organic": "organic", "beg": "beg"}
    swept = sweep_data.swept(
        [sweep_data.real("x", 1, 2)], [[1.0], [2.0]], {"followers": outcome}, arms=arms
    )
    row = pairing.pairing(swept, ["followers"]).iloc[0]
    assert row["variance_paired"] == pytest.approx(3.0)
    assert row["variance_unpaired"] == pytest.approx(5.0)
    assert row["gained"] == pytest.approx(5 / 3)
    # cov = var(w) = 1 over √(4 · 1).
    assert row["correlation"] == pytest.approx(0.5)
    assert (row["worlds"], row["runs"]) == (6, 12)
    assert row["saved"] == pytest.approx(12 * 2 / 3)


def test_pairing_is_that_of_a_plain_run() -> None:
    plain = plots_data.made_up(replicates=4, days=30)
    measures = plain.series[plain.series["day"] == 30].pivot_table(
        index="run_id", columns="measure", values="value"
    )
    runs = plain.runs.merge(measures, left_on="run_id", right_index=True).assign(point="")
    plain = Results(plain.folder, plain.manifest, runs, plain.series, plain.events, plain.follows)
    found = pairing.pairing(plain, ["followers"]).set_index("life")["gained"]
    summary = analysis.summary_table(plain, ["followers"]).set_index("life")["variance_gained"]
    assert found.to_numpy() == pytest.approx(summary[found.index].to_numpy())


@pytest.mark.parametrize(("deviation", "half"), [(1.0, 0.5), (3.0, 0.1), (1e-3, 5.0)])
def test_replicates_needed_are_just_enough(deviation: float, half: float) -> None:
    n = int(replicates_needed(deviation, half).replicates)

    def width(count: int) -> float:
        return float(stats.t.ppf(0.975, count - 1) * deviation / math.sqrt(count))

    assert width(n) <= half
    assert n == 2 or width(n - 1) > half


def test_replicates_needed_of_the_textbook() -> None:
    # s = 1, half 0.5: n = 18 (t(.975, 17) = 2.1098, 2.1098 / √18 = 0.4973; 17 give 0.5142).
    assert replicates_needed(1.0, 0.5).replicates == 18
    assert math.isnan(replicates_needed(math.nan, 1.0).replicates)
    assert replicates_needed(1e9, 1e-9).replicates == math.inf


def test_the_bounds_hold_the_number_needed_as_often_as_they_say() -> None:
    # Pilots of 6 from a normal of deviation 1; the true number is that of s = 1. 80 % of the
    # bounds hold it, with a standard error of √(.8 · .2 / 400) = 2 %; four of them are allowed.
    true = replicates_needed(1.0, 0.5).replicates
    rng = np.random.default_rng(11)
    pilots = rng.normal(size=(400, 6)).std(axis=1, ddof=1)
    found = [replicates_needed(float(s), 0.5, 5) for s in pilots]
    share = np.mean([one.low <= true <= one.high for one in found])
    assert abs(share - 0.8) < 4 * 0.02


def test_precision_of_a_sweep(results: Results) -> None:
    rows = pairing.precision(results, ["followers"], percent=20).set_index("life")
    pairs = points.values(results, "followers")[["follow", "organic"]]
    gap = (pairs["follow"] - pairs["organic"]).groupby(level="point")
    s = math.sqrt(gap.var().mean())
    half = 0.2 * pairs["organic"].mean()
    assert rows.loc["follow", "needed"] == replicates_needed(s, half).replicates
    assert rows.loc["follow", "needed_low"] < rows.loc["follow", "needed"]
    assert rows.loc["follow", "needed"] < rows.loc["follow", "needed_high"]
    assert rows.loc["follow", "replicates"] == 3
    assert isinstance(rows, pd.DataFrame)
