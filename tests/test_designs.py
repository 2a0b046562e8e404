"""Designs: points are where their papers say, and values where the ranges say."""

from pathlib import Path

import numpy as np
import pytest

from sim.experiments.designs import Design, design, latin_hypercube, morris, saltelli, sobol
from sim.scenario import Scenario, ScenarioError, load, loads
from sim.scenario.ranges import at, levels, setting_of
from sim.scenario.schema import Parameter


def swept(sweep: str, parameters: str = "") -> Scenario:
    return loads(f"[sweep]\n{sweep}\n{parameters}")


def parameter(key: str, rest: str) -> str:
    return f'[[sweep.parameters]]\nkey = "{key}"\n{rest}\n'


TWO = parameter("behaviour.like_odds", "low = 0.1\nhigh = 0.9\ncount = 3") + parameter(
    "platform.counts_visible", "values = [true, false]"
)


def values(made: Design) -> list[tuple[object, ...]]:
    return [tuple(value for _, value in point.values) for point in made.points]


# --- The unit cube -------------------------------------------------------------------------


@pytest.mark.parametrize(("samples", "number"), [(1, 1), (7, 3), (64, 10)])
def test_each_slice_of_a_latin_hypercube_has_one_point(samples: int, number: int) -> None:
    cube = latin_hypercube(samples, number, seed=3)
    assert cube.shape == (samples, number)
    slices = np.sort(np.floor(cube * samples), axis=0)
    assert (slices == np.arange(samples)[:, None]).all()


def test_a_sobol_sequence_is_balanced() -> None:
    """Each of 64 slices of a coordinate has one of 64 points, each quadrant a quarter of them."""
    cube = sobol(64, 3, seed=5)
    assert (np.sort(np.floor(cube * 64), axis=0) == np.arange(64)[:, None]).all()
    quadrants = np.unique(np.floor(cube[:, :2] * 2), axis=0, return_counts=True)[1]
    assert quadrants.tolist() == [16] * 4


def test_fewer_points_are_the_beginning_of_more() -> None:
    assert (sobol(20, 4, 7) == sobol(32, 4, 7)[:20]).all()


def test_saltelli_takes_one_column_at_a_time() -> None:
    n, d = 8, 3
    cube = saltelli(n, d, seed=2)
    assert cube.shape == (n * (d + 2), d)
    a, b, *mixed = np.split(cube, d + 2)
    assert not (a == b).any()
    for column, block in enumerate(mixed):
        others = [k for k in range(d) if k != column]
        assert (block[:, column] == b[:, column]).all()
        assert (block[:, others] == a[:, others]).all()


@pytest.mark.parametrize("grid", [2, 4, 8])
def test_each_step_of_morris_moves_one_coordinate(grid: int) -> None:
    """Step = p / (2 (p - 1)); every coordinate of a trajectory moves once; all lie on the grid."""
    trajectories, d = 50, 5
    cube = morris(trajectories, d, grid, seed=1).reshape(trajectories, d + 1, d)
    moves = np.diff(cube, axis=1)
    step = grid / (2 * (grid - 1))
    assert ((np.abs(moves) > 0).sum(axis=2) == 1).all()
    assert ((np.abs(moves) > 0).sum(axis=1) == 1).all()
    assert np.abs(moves[moves != 0]) == pytest.approx(step)
    assert {round(share) for share in (cube * (grid - 1)).ravel()} <= set(range(grid))
    assert cube * (grid - 1) == pytest.approx(np.round(cube * (grid - 1)))
    assert cube.min() >= 0.0
    assert cube.max() <= 1.0
    assert (moves > 0).any()
    assert (moves < 0).any()
    orders = {tuple(np.abs(one).argmax(axis=1)) for one in moves}
    assert len(orders) > 1


def test_designs_follow_their_seed() -> None:
    for make in (latin_hypercube, sobol, saltelli):
        assert (make(8, 3, 1) == make(8, 3, 1)).all()
        assert (make(8, 3, 1) != make(8, 3, 2)).any()
    assert (morris(4, 3, 4, 1) == morris(4, 3, 4, 1)).all()
    assert (morris(4, 3, 4, 1) != morris(4, 3, 4, 2)).any()


# --- Values --------------------------------------------------------------------------------


def ranged(**more: object) -> Parameter:
    return Parameter.model_validate({"key": "behaviour.like_odds", **more})


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (ranged(low=0.0, high=1.0, count=5), (0.0, 0.25, 0.5, 0.75, 1.0)),
        (ranged(low=0.1, high=0.7, step=0.2), (0.1, 0.3, 0.5, 0.7)),
        (ranged(low=0.1, high=0.8, step=0.2), (0.1, 0.3, 0.5, 0.7)),
        (ranged(low=1.0, high=1000.0, count=4, scale="log"), (1.0, 10.0, 100.0, 1000.0)),
        (ranged(low=1.0, high=4.0, count=7, integer=True), (1, 2, 3, 4)),
        (ranged(key="world.accounts", low=300, high=3000, count=3), (300, 1650, 3000)),
        (ranged(values=("a", True, 2)), ("a", True, 2)),
    ],
)
def test_levels_of_a_parameter(one: Parameter, expected: tuple[object, ...]) -> None:
    assert levels(one) == expected
    assert [type(value) for value in levels(one)] == [type(value) for value in expected]


def test_shares_of_a_range_become_values() -> None:
    assert [at(ranged(low=2.0, high=4.0), u) for u in (0.0, 0.5, 1.0)] == [2.0, 3.0, 4.0]
    log = ranged(low=1.0, high=100.0, scale="log")
    assert [at(log, u) for u in (0.0, 0.5, 1.0)] == [1.0, 10.0, 100.0]
    whole = ranged(key="world.accounts", low=20, high=23)  # each as likely as the others
    shares = (np.arange(400) + 0.5) / 400
    assert np.unique([at(whole, u) for u in shares], return_counts=True)[1].tolist() == [100] * 4
    chosen = ranged(values=("a", "b", "c"))
    assert [at(chosen, u) for u in (0.0, 0.34, 0.99, 1.0)] == ["a", "b", "c", "c"]


@pytest.mark.parametrize(
    ("key", "setting"),
    [
        ("behaviour.like_odds", "behaviour.like_odds"),
        ("arms.bought.params.amount", "arms.params.amount"),
        ("protagonists.craft", "protagonists.craft"),
        ("protagonists.0.craft", "protagonists.craft"),
        ("platform.vendors.cheap.price_per_1000", "platform.vendors.price_per_1000"),
    ],
)
def test_keys_are_known_without_names(key: str, setting: str) -> None:
    assert setting_of(key) == setting


# --- Points --------------------------------------------------------------------------------


def test_a_grid_has_all_combinations_in_order() -> None:
    made = design(swept('design = "grid"', TWO))
    odds = (0.1, 0.5, 0.9)
    assert values(made) == [(one, other) for one in odds for other in (True, False)]
    assert made.layout == [point.name for point in made.points]
    assert made.about["parameters"][0] == {
        "key": "behaviour.like_odds", "kind": "real", "low": 0.1, "high": 0.9, "scale": "linear",
        "values": [0.1, 0.5, 0.9],
    }  # fmt: skip


def test_one_at_a_time_begins_with_the_scenario_as_it_is() -> None:
    rest = "[behaviour]\nlike_odds = 0.4\n"
    made = design(loads(f'{rest}[sweep]\ndesign = "one_at_a_time"\n{TWO}'))
    assert values(made) == [(0.4, True), (0.1, True), (0.5, True), (0.9, True), (0.4, False)]


def test_points_keep_their_names_when_others_come() -> None:
    few = design(swept("", parameter("behaviour.like_odds", "values = [0.1, 0.2]")))
    more = design(swept("", parameter("behaviour.like_odds", "values = [0.3, 0.2, 0.1]")))
    assert {p.name for p in few.points} < {p.name for p in more.points}


def test_rows_that_come_to_the_same_are_one_point() -> None:
    both = parameter("platform.counts_visible", "values = [true, false]")
    made = design(swept('design = "saltelli"\nsamples = 8', both))
    assert sorted(values(made)) == [(False,), (True,)]
    assert len(made.layout) == 8 * 3
    assert made.about["design"]["layout"] == made.layout


def test_a_file_of_points(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text(
        "behaviour.like_odds, platform.ranking\n0.5, chronological\n\n0.25,ranked\n"
    )
    text = '[sweep]\ndesign = "file"\nfile = "points.csv"\n'
    (tmp_path / "x.toml").write_text(text)
    scenario = load(tmp_path / "x.toml")
    made = design(scenario)
    assert values(made) == [(0.5, "chronological"), (0.25, "ranked")]
    assert [one["kind"] for one in made.about["parameters"]] == ["choice", "choice"]
    before = scenario.hash
    (tmp_path / "points.csv").write_text("behaviour.like_odds\n0.5\n")
    assert load(tmp_path / "x.toml").hash != before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("behaviour.like_odds\n", "has no points"),
        ("behaviour.like_odds,\n1,2\n", "line 1: each column needs a dotted key"),
        ("behaviour.like_odds\n0.5,0.6\n", "line 2: 2 values where there are 1 keys"),
        ("behaviour.like_odds\nnan\n", "line 2: nan is not a finite number"),
        ("behaviour.like_ods\n0.5\n", "behaviour.like_ods: there is no such key"),
        ("scenario.seed\n5\n", "a sweep cannot vary scenario.seed"),
    ],
)
def test_a_file_of_points_that_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "points.csv").write_text(text)
    (tmp_path / "x.toml").write_text('[sweep]\ndesign = "file"\nfile = "points.csv"\n')
    with pytest.raises(ScenarioError, match=r"x.toml:3: sweep.file: ") as caught:
        load(tmp_path / "x.toml")
    assert message in str(caught.value)


# --- Mistakes ------------------------------------------------------------------------------

ARMS = '[[arms]]\nname = "organic"\n[[arms]]\nname = "bought"\nstrategy = "buyer"\n'


@pytest.mark.parametrize(
    ("key", "rest", "message"),
    [
        ("behaviour.like_ods", "values = [1]", r":8: .*key: there is no such key.*like_odds"),
        ("scenario.replicates", "values = [1]", r":8: .*key: a sweep cannot vary scenario.repl"),
        ("sweep.samples", "values = [1]", r":8: .*cannot vary sweep.samples"),
        ("arms.bogt.params.amount", "values = [1]", r':8: .*nothing called "bogt".*"bought"'),
        ("arms.bought.params.amont", "values = [1]", r":8: .*there is no such key.*amount"),
        ("arms.bought.params.amount", "values = [5, -5]", r":9: .*values.1: does not fit.*from 1"),
        ("arms.bought.set.world.accounts", "values = [50]", r":9: .*cannot change world.accounts"),
        ("behaviour.like_odds", "low = 2.0\nhigh = 1.0", r":9: .*low \(2\) must be below high"),
        ("behaviour.like_odds", "low = 0.1", r":8: .*takes neither values nor a range"),
        ("behaviour.like_odds", "low = 0.1\nhigh = 0.2", r":8: .*has neither count nor step"),
        ("behaviour.like_odds", 'low = 0.0\nhigh = 0.2\ncount = 2\nscale = "log"', r"above 0"),
        ("behaviour.like_odds", "values = [1]\nlow = 0.1", r":10: .*no use beside values"),
        ("world.accounts", "low = 5\nhigh = 50\ncount = 3", r":9: .*low: must be a whole .*got 5"),
        ("platform.lag_hours", "values = [6, 3]", r":9: .*values.1: does not fit.*shorter than a"),
    ],
)
def test_mistakes_have_their_place(key: str, rest: str, message: str) -> None:
    text = f"{ARMS}[sweep]\n{parameter(key, rest)}"
    with pytest.raises(ScenarioError, match=message) as caught:
        loads(text)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ('design = "file"', r":2: sweep.design: .*needs a file"),
        ('file = "x.csv"', r":2: sweep.file: is not used by this design"),
        ('design = "morris"\nlevels = 5', r":3: sweep.levels: must be an even number"),
        (parameter("world.accounts", "values = [300]") * 2, r":6: .*is varied already"),
        ('design = "sobol"', r":2: sweep.design: there is nothing to vary"),
    ],
)
def test_mistakes_of_the_design(sweep: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        swept(sweep, TWO if "morris" in sweep else "")


def test_a_grid_without_end_is_refused() -> None:
    many = "".join(
        parameter(f"behaviour.{name}", "low = 0.1\nhigh = 0.2\ncount = 1000")
        for name in ("like_odds", "social_proof", "warm")
    )
    with pytest.raises(ScenarioError, match=r"1,000,000,000 points; at most 1,000,000"):
        swept("", many)
