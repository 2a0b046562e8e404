"""What decides whether a life pays: weights that are known beforehand."""

import numpy as np
import pytest

import sweep_data
from sim.experiments.worth import LEAST, worth
from sim.results import Results
from sim.shipping import map_table

KEYS = [
    sweep_data.real("behaviour.a", 0, 1),
    sweep_data.real("behaviour.b", 0.01, 1, "log"),
    sweep_data.real("behaviour.c", 0, 1),
    sweep_data.choice("platform.reach", "impression", "follower"),
]
COUNT = 400


def engaged(settings: sweep_data.Settings, arm: str, replicate: int) -> float:
    """Begging gains with a, loses with log b; following gains by follower; c does nothing."""
    a, b = settings["behaviour.a"], np.log10(settings["behaviour.b"]) / 2 + 1
    gain = {"beg": 2 * (a - 0.5) - (b - 0.5), "follow": settings["platform.reach"] == "follower"}
    return 10.0 * float(np.exp(gain.get(arm, 0.0)))


@pytest.fixture(scope="module")
def results() -> Results:
    units = np.random.default_rng(2).random((COUNT, 4))
    rows = [[a, 10 ** (2 * b - 2), c, KEYS[3]["values"][int(d > 0.5)]] for a, b, c, d in units]
    outcomes: dict[str, sweep_data.Outcome] = {"engaged": engaged}
    return sweep_data.swept(KEYS, rows, outcomes, kind="latin_hypercube", replicates=1)


def test_weights_are_those_of_the_outcome(results: Results) -> None:
    """Of 2a − b with a, b uniform the weights are 2/√5 and −1/√5.

    Their standard errors are below √(1/400) = .05; ranks bend a sum of uniforms a little.
    """
    found = worth(results, "engaged", "beg")
    assert found.weights["behaviour.a"] == pytest.approx(2 / 5**0.5, abs=0.06)
    assert found.weights["behaviour.b"] == pytest.approx(-1 / 5**0.5, abs=0.06)
    assert found.weights["behaviour.c"] == pytest.approx(0, abs=0.06)
    assert found.explained > 0.95


def test_the_share_of_points_where_it_pays(results: Results) -> None:
    """2(a − ½) > b − ½ in half of the square, within four errors of √(.25/400); ties do not pay."""
    assert worth(results, "engaged", "beg").pays == pytest.approx(0.5, abs=4 * 0.025)
    points = results.points
    share = (points["platform.reach"] == "follower").mean()
    assert worth(results, "engaged", "follow").pays == pytest.approx(share)


def test_a_choice_has_a_weight(results: Results) -> None:
    found = worth(results, "engaged", "follow")
    assert found.weights["platform.reach"] == pytest.approx(1)
    assert found.explained == pytest.approx(1)


def test_too_few_points_tell_no_weights() -> None:
    rows = [[0.1 * k, 0.1, 0.5, "follower"] for k in range(4 * LEAST - 1)]
    few = sweep_data.swept(KEYS, rows, {"engaged": engaged}, kind="latin_hypercube", replicates=1)
    assert worth(few, "engaged", "beg").weights == {}
    assert 0 < worth(few, "engaged", "beg").pays < 1


def test_the_table_tells_what_decides(results: Results) -> None:
    """Each life by each measure that was recorded; a setting that does nothing is not named."""
    lines = map_table(results).splitlines()
    assert lines[0] == f"{COUNT} points, each in 1\N{NO-BREAK SPACE}world."
    (beg,) = [line for line in lines if "`behaviour.b` -0." in line]
    assert beg.split("|")[3].strip() == f"{worth(results, 'engaged', 'beg').pays:.0%}"
    assert beg.index("`behaviour.a` +0.") < beg.index("`behaviour.b`")
    assert "behaviour.c" not in beg
