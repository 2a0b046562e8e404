"""Indices of functions whose indices are known: Ishigami's, a linear one, one that is constant."""

import math
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import sobol_indices

import sweep_data
from sim.experiments import sensitivity
from sim.experiments.effects import Effects, effects
from sim.results import Results, ResultsError

KEYS = [sweep_data.real(f"behaviour.x{i}", -math.pi, math.pi) for i in (1, 2, 3)]
ONE = {"only": "only"}


def ishigami(settings: sweep_data.Settings, arm: str = "", replicate: int = 0) -> float:
    """Ishigami and Homma 1990: sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁, on (-π, π)³."""
    x, y, z = (settings[key["key"]] for key in KEYS)
    return float(np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x))


def scaled(units: np.ndarray) -> np.ndarray:
    return math.pi * (2 * units - 1)


def own(results: Results, measure: str = "followers") -> Effects:
    return effects(results, measure, "only", scale="value")


@pytest.fixture(scope="module")
def saltelli() -> Results:
    rows = scaled(sweep_data.saltelli(1024, 3))
    return sweep_data.swept(
        KEYS, rows, {"followers": ishigami}, kind="saltelli", arms=ONE, replicates=1
    )


def test_sobol_indices_of_ishigamis_function(saltelli: Results) -> None:
    # V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2, V₁ = (1 + bπ⁴/5)²/2, V₂ = a²/8, V₁₃ = 8b²π⁸/225.
    a, b, pi = 7.0, 0.1, math.pi
    v = a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18 + 0.5
    v1, v2, v13 = (1 + b * pi**4 / 5) ** 2 / 2, a**2 / 8, 8 * b**2 * pi**8 / 225
    table = sensitivity.sobol(saltelli, own(saltelli))
    first, total = [v1 / v, v2 / v, 0.0], [(v1 + v13) / v, v2 / v, v13 / v]
    for name, exact in (("first", first), ("total", total)):
        # The bootstrap's half interval is 1.96 standard errors; the tolerance is 4 of them.
        half = (table[f"{name}_high"] - table[f"{name}_low"]) / 2
        assert (np.abs(table[name] - exact) < 4 / 1.96 * half).all()
        assert (half < 0.15).all()


def test_sobol_indices_agree_with_scipy(saltelli: Results) -> None:
    outcome = own(saltelli).outcome().reindex(sensitivity.order(saltelli)).to_numpy()
    grid = outcome.reshape(5, 1024)
    theirs = sobol_indices(func={"f_A": grid[:1], "f_B": grid[1:2], "f_AB": grid[2:, None]}, n=1024)
    table = sensitivity.sobol(saltelli, own(saltelli))
    assert table["first"].to_numpy() == pytest.approx(theirs.first_order.ravel(), abs=1e-12)
    assert table["total"].to_numpy() == pytest.approx(theirs.total_order.ravel(), abs=1e-12)


def test_rows_with_a_failed_run_are_left_out() -> None:
    rows = scaled(sweep_data.saltelli(64, 3))
    outcomes = {"followers": ishigami}
    whole, holed = (
        sweep_data.swept(
            KEYS, rows, outcomes, kind="saltelli", arms=ONE, replicates=1, failed=failed
        )
        for failed in ((), ("p0003-only-0", f"p{64 + 9:04d}-only-0"))
    )
    assert sensitivity.sobol(whole, own(whole))["rows"].tolist() == [64] * 3
    assert sensitivity.sobol(holed, own(holed))["rows"].tolist() == [62] * 3


def test_a_constant_has_no_sobol_indices() -> None:
    rows = scaled(sweep_data.saltelli(16, 3))
    flat = {"followers": lambda *_: 5.0}
    found = sweep_data.swept(KEYS, rows, flat, kind="saltelli", arms=ONE, replicates=1)
    assert sensitivity.sobol(found, own(found))["total"].isna().all()


def morris_of(outcome: sweep_data.Outcome, count: int = 8) -> Results:
    rows = scaled(sweep_data.trajectories(count, 3))
    outcomes = {"followers": outcome}
    return sweep_data.swept(KEYS, rows, outcomes, kind="morris", arms=ONE, replicates=1)


def test_morris_of_a_linear_function() -> None:
    # f = 3 x₁ - 2 x₂: over the whole range, 2π, it changes by 6π and -4π, everywhere alike.
    found = morris_of(lambda x, *_: 3 * x["behaviour.x1"] - 2 * x["behaviour.x2"])
    table = sensitivity.morris(found, own(found))
    slopes = [6 * math.pi, -4 * math.pi, 0.0]
    assert table["mu"].to_numpy() == pytest.approx(slopes, abs=1e-9)
    assert table["mu_star"].to_numpy() == pytest.approx(np.abs(slopes), abs=1e-9)
    assert table["sigma"].to_numpy() == pytest.approx(0.0, abs=1e-9)


def test_morris_agrees_with_salib() -> None:
    salib = pytest.importorskip("SALib.analyze.morris")
    found = morris_of(ishigami, count=20)
    units = sweep_data.trajectories(20, 3)
    outcome = own(found).outcome().reindex(sensitivity.order(found)).to_numpy()
    names = [key["key"] for key in KEYS]
    problem = {"num_vars": 3, "names": names, "bounds": [[0.0, 1.0]] * 3}
    theirs = salib.analyze(problem, units, outcome, num_levels=4, seed=0)
    table = sensitivity.morris(found, own(found))
    for name in ("mu", "mu_star", "sigma"):
        assert table[name].to_numpy() == pytest.approx(np.asarray(theirs[name]), abs=1e-9)


def test_choices_and_logarithms_are_parts_of_their_range() -> None:
    keys = [
        sweep_data.choice("platform.ranking", "chronological", "mixed", "ranked"),
        sweep_data.real("behaviour.unfollow", 0.01, 1.0, "log"),
    ]
    rows = [["chronological", 0.01], ["ranked", 0.01], ["ranked", 0.1], ["mixed", 0.1]]
    value = {"chronological": 0.0, "mixed": 1.0, "ranked": 2.0}

    def outcome(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
        return value[settings["platform.ranking"]] + math.log10(settings["behaviour.unfollow"])

    rows = [*rows[:3], *rows[2:], ["mixed", 1.0]]  # two trajectories of three points
    found = sweep_data.swept(
        keys, rows, {"followers": outcome}, kind="morris", arms=ONE, replicates=1
    )
    # Over the whole range: two steps up the choices, two powers of ten.
    assert sensitivity.morris(found, own(found))["mu"].tolist() == pytest.approx([2.0, 2.0])


def test_chance_is_the_share_of_the_replicates() -> None:
    def noisy(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
        return float(settings["behaviour.x1"] + (-1) ** replicate)

    rows = [[x, 0.0, 0.0] for x in (0.0, 1.0, 2.0, 3.0)]
    found = sweep_data.swept(KEYS, rows, {"followers": noisy}, arms=ONE, replicates=2)
    # s² of (x + 1, x - 1) is 2, over 2 replicates 1; the means 0, 1, 2, 3 have variance 5/3.
    assert sensitivity.chance(own(found)) == pytest.approx(0.6)


@pytest.mark.parametrize("method", sensitivity.GIVEN_DATA)
def test_any_design_has_indices_by_salib(method: str) -> None:
    pytest.importorskip("SALib")
    rows = scaled(np.random.default_rng(1).random((300, 3)))
    steep = {"followers": lambda x, *_: math.exp(x["behaviour.x2"])}
    found = sweep_data.swept(KEYS, rows, steep, kind="latin_hypercube", arms=ONE, replicates=1)
    table = sensitivity.given_data(found, own(found), method)
    assert table["index"].idxmax() == 1
    assert table["index"][1] > 2 * table["index"][[0, 2]].max()


def test_too_few_points_are_refused() -> None:
    few = sweep_data.swept(KEYS, [[0.0, 0.0, 0.0]], {"followers": ishigami}, arms=ONE)
    with pytest.raises(ResultsError, match="at least 20 points; there are 1"):
        sensitivity.sensitivity(few, own(few))


def test_without_salib_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['SALib'] = sys.modules['SALib.analyze'] = None\n"
        "from sim.experiments.sensitivity import _by_salib\n"
        "_by_salib('pawn')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ResultsError" in done.stderr
    assert "pip install 'followlab[sensitivity]'" in done.stderr
