"""Designs: from the parameters of a sweep to its points.

A design works in the unit cube, one coordinate a parameter; `sim.scenario.ranges` says which value
stands for a coordinate. Two rows of a design that come to the same values are one point.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy.stats import qmc

from sim.experiments.jobs import Values
from sim.experiments.plan import Point
from sim.results import parts, tables
from sim.results.store import POINTS
from sim.scenario import Problem, Scenario, ScenarioError, toml
from sim.scenario.hashing import canonical
from sim.scenario.loader import problems
from sim.scenario.overrides import NOTHING, value_of
from sim.scenario.point_file import read_points
from sim.scenario.points import at_point
from sim.scenario.ranges import Value, at, is_whole, levels
from sim.scenario.schema import Parameter, Sweep

__all__ = ["Design", "check", "design", "latin_hypercube", "morris", "saltelli", "sobol"]

SHOWN: Final = 10  # points that are wrong, in an error
BY_LEVELS: Final = ("grid", "one_at_a_time")
NAME: Final = 10  # hexadecimal digits of the name of a point
Cube = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """The points of a sweep."""

    points: Sequence[Point]
    """Each once, in the order of the design."""
    layout: Sequence[str]
    """Names of the points in the order of the design's rows, which may name some repeatedly."""
    about: dict[str, Any]
    """Design and parameters, for the manifest."""

    def save(self, folder: Path) -> None:
        """Write the table of points: a name, and the value of each parameter by its key."""
        keys = [one["key"] for one in self.about["parameters"]]
        frame = pd.DataFrame([dict(point.values) for point in self.points], columns=keys)
        frame.insert(0, "point", [point.name for point in self.points])
        kinds = {key: _column_kind([dict(p.values)[key] for p in self.points]) for key in keys}
        path = parts.file_of(folder, POINTS)
        tables.write(
            frame.astype(dict.fromkeys(frame, object)), path, {"point": "VARCHAR", **kinds}
        )


def design(scenario: Scenario) -> Design:
    """Return the points of a scenario's sweep, which has been checked."""
    sweep = scenario.sweep
    keys, rows = _rows(scenario)
    points = [_point(keys, row) for row in rows]
    unique = {point.name: point for point in points}
    layout = [point.name for point in points]
    return Design(list(unique.values()), layout, _about(sweep, keys, rows, layout))


def _column_kind(values: Sequence[Value]) -> str:
    """Return the type of a column with such values."""
    kinds = {type(value) for value in values}
    for kind, name in ((bool, "BOOLEAN"), (int, "BIGINT"), (str, "VARCHAR")):
        if kinds == {kind}:
            return name
    return "DOUBLE" if kinds <= {int, float} else "VARCHAR"


def check(scenario: Scenario, points: Iterable[Point]) -> None:
    """Raise ScenarioError if the scenario is wrong at some of the points."""
    wrong: list[Problem] = []
    for point in points:
        wrong += _problems_at(scenario, point)
        if len(wrong) >= SHOWN:
            break
    if wrong:
        raise ScenarioError(wrong)


def _problems_at(scenario: Scenario, point: Point) -> list[Problem]:
    file = "<text>" if scenario.path is None else str(scenario.path)
    place = f"sweep: at {', '.join(f'{key} = {toml.shown(value)}' for key, value in point.values)}"
    try:
        found = problems(at_point(scenario, point.values))
    except ValidationError as error:
        return [Problem(file, None, place, error.errors()[0]["msg"])]
    return [
        replace(p, file=file, line=None, key=f"{place}: {p.key}", source=None, column=None)
        for p in found[:1]
    ]


def _rows(scenario: Scenario) -> tuple[tuple[str, ...], list[tuple[Value, ...]]]:
    """Return the keys that are varied, and their values row by row."""
    sweep = scenario.sweep
    keys = tuple(one.key for one in sweep.parameters)
    if sweep.design == "file":
        assert scenario.points_path is not None
        return read_points(scenario.points_path)
    if sweep.design == "grid":
        return keys, list(product(*map(levels, sweep.parameters)))
    if sweep.design == "one_at_a_time":
        return keys, _one_at_a_time(scenario)
    cube = _SAMPLED[sweep.design](sweep, len(keys))
    return keys, [_values(sweep.parameters, row) for row in cube]


def _values(parameters: Sequence[Parameter], shares: Cube) -> tuple[Value, ...]:
    pairs = zip(parameters, shares.tolist(), strict=True)
    return tuple(at(parameter, share) for parameter, share in pairs)


def _point(keys: Sequence[str], row: Sequence[Value]) -> Point:
    """Return a point named by the hash of its values."""
    values: Values = tuple(zip(keys, row, strict=True))
    digest = hashlib.sha256(canonical(dict(values)).encode()).hexdigest()
    return Point(digest[:NAME], values)


# ---- designs --------------------------------------------------------------------------------


def _one_at_a_time(scenario: Scenario) -> list[tuple[Value, ...]]:
    """Return the scenario as it is, then each parameter at each of its levels by itself."""
    parameters = scenario.sweep.parameters
    now = tuple(_now(scenario, one) for one in parameters)
    rows = [now]
    for place, parameter in enumerate(parameters):
        rows += [(*now[:place], value, *now[place + 1 :]) for value in levels(parameter)]
    return list(dict.fromkeys(rows))


def _now(scenario: Scenario, parameter: Parameter) -> Value:
    """Return what the scenario has for a parameter; its first level where it has nothing."""
    value = value_of(scenario.settings(), parameter.key)
    return levels(parameter)[0] if value is NOTHING else value


def latin_hypercube(samples: int, number: int, seed: int) -> Cube:
    """Return points of which each slice of 1/samples of each coordinate holds just one.

    Shape (samples, number). Source: McKay, Beckman and Conover 1979.
    """
    return np.asarray(qmc.LatinHypercube(number, seed=np.random.default_rng(seed)).random(samples))


def sobol(samples: int, number: int, seed: int) -> Cube:
    """Return the first points of a scrambled Sobol' sequence, shape (samples, number).

    They are balanced where ``samples`` is a power of two. Source: Sobol' 1967, Owen 1998.
    """
    sequence = qmc.Sobol(number, seed=np.random.default_rng(seed))
    whole = sequence.random_base2(max(0, samples - 1).bit_length())
    return np.asarray(whole[:samples])


def saltelli(samples: int, number: int, seed: int) -> Cube:
    """Return what Sobol' indices are estimated from, shape (samples * (number + 2), number).

    Two samples A and B come first, then A with each of its columns taken from B in turn. Source:
    Saltelli et al. 2010.
    """
    both = sobol(samples, 2 * number, seed)
    a, b = both[:, :number], both[:, number:]
    mixed = [np.where(np.arange(number) == column, b, a) for column in range(number)]
    return np.concatenate([a, b, *mixed])


def morris(trajectories: int, number: int, levels_: int, seed: int) -> Cube:
    """Return trajectories of number + 1 points, of which each changes one coordinate by a step.

    Shape (trajectories * (number + 1), number). Coordinates are multiples of 1 / (levels - 1),
    steps levels / (2 (levels - 1)), up or down. Source: Morris 1991.
    """
    draws = np.random.default_rng(seed)
    step = levels_ / (2 * (levels_ - 1))
    paths = []
    for _ in range(trajectories):
        low = draws.integers(levels_ // 2, size=number) / (levels_ - 1)
        up = draws.random(number) < 0.5
        moved = np.argsort(draws.permutation(number))[None, :] < np.arange(number + 1)[:, None]
        paths.append(low + step * (moved == up))
    return np.concatenate(paths)


_SAMPLED: Final[dict[str, Callable[[Sweep, int], Cube]]] = {
    "latin_hypercube": lambda sweep, number: latin_hypercube(sweep.samples, number, sweep.seed),
    "sobol": lambda sweep, number: sobol(sweep.samples, number, sweep.seed),
    "saltelli": lambda sweep, number: saltelli(sweep.samples, number, sweep.seed),
    "morris": lambda sweep, number: morris(sweep.samples, number, sweep.levels, sweep.seed),
}


# ---- for the manifest -----------------------------------------------------------------------


def _about(
    sweep: Sweep, keys: Sequence[str], rows: Iterable[Sequence[Value]], layout: Sequence[str]
) -> dict[str, Any]:
    about: dict[str, Any] = {"kind": sweep.design, "samples": sweep.samples}
    about |= {"levels": sweep.levels, "seed": sweep.seed}
    if sweep.design in ("saltelli", "morris"):
        about["layout"] = list(layout)
    if sweep.design == "file":
        columns = zip(*rows, strict=True)
        parameters = [_of_column(k, list(c)) for k, c in zip(keys, columns, strict=True)]
    else:
        parameters = [_of_parameter(one, sweep.design) for one in sweep.parameters]
    return {"design": about, "parameters": parameters}


def _of_parameter(one: Parameter, design: str) -> dict[str, Any]:
    if one.values:
        return _of_column(one.key, list(one.values))
    about = _of_range(one)
    return about | {"values": list(levels(one))} if design in BY_LEVELS else about


def _of_range(one: Parameter) -> dict[str, Any]:
    kind = "integer" if is_whole(one) else "real"
    low, high = at(one, 0.0), at(one, 1.0)
    return {"key": one.key, "kind": kind, "low": low, "high": high, "scale": one.scale}


def _of_column(key: str, column: Sequence[Value]) -> dict[str, Any]:
    values = list(dict.fromkeys(column))
    about: dict[str, Any] = {"key": key, "kind": "choice", "values": values}
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        about |= {"low": min(values), "high": max(values)}
    return about
