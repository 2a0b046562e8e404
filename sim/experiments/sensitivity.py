"""Which settings an outcome depends on: Sobol' indices, Morris' elementary effects, and others.

The outcome is an effect (see `sim.experiments.effects`) averaged over the replicates of each
point. All points share the seeds of their replicates, so chance is largely the same everywhere
and does not drown the settings; ``chance`` says how much of it is left. Intervals are 95 %
percentile intervals of a bootstrap over rows of the design, or over trajectories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sim.experiments.intervals import LEVEL
from sim.experiments.points import Parameter, design, order, parameters
from sim.results.store import ResultsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sim.experiments.effects import Effects
    from sim.results import Results

    Array = NDArray[np.float64]

__all__ = ["GIVEN_DATA", "chance", "given_data", "morris", "sensitivity", "sobol"]

RESAMPLES: Final = 1_000
GIVEN_DATA: Final = ("rbd_fast", "pawn")
"""Methods of SALib that take the points of any design."""


def sensitivity(results: Results, effects: Effects) -> pd.DataFrame:
    """Return the table that the design is made for: `sobol`, `morris`, or else `given_data`.

    Raises ResultsError where the design has too few points, or SALib is needed and missing.
    """
    made_for = {"saltelli": sobol, "morris": morris}.get(design(results))
    if made_for is not None and _laid_out(results):
        return made_for(results, effects)
    return given_data(results, effects)


def _laid_out(results: Results) -> bool:
    return bool(results.manifest["sweep"]["design"].get("layout"))


def chance(effects: Effects) -> float:
    """Return the share of the outcome's variance over points that is due to the replicates.

    It is (s² within points ÷ replicates) ÷ variance of the points' means; NaN for one replicate.
    """
    groups = effects.each.groupby(level="point")
    within = (groups.var() / groups.count()).mean()
    between = groups.mean().var()
    return float(within / between) if between > 0 else float("nan")


# --- Sobol' ----------------------------------------------------------------------------------


def sobol(results: Results, effects: Effects) -> pd.DataFrame:
    """Return Sobol' indices of a Saltelli design, one row a parameter.

    First order after Saltelli et al. 2010 (Comput. Phys. Commun. 181, table 2, b), total after
    Jansen (f): with A, B and ABᵢ (A with column i of B),

        Sᵢ = mean(B · (ABᵢ - A)) / V,    Tᵢ = mean((A - ABᵢ)²) / 2V,    V = var(A, B).

    Columns: parameter, first, first_low, first_high, total, total_low, total_high, rows (of A
    that are complete; a row with a failed run is left out).
    """
    keys = parameters(results)
    names = order(results)
    n = len(names) // (len(keys) + 2)
    grid = _outcomes(effects, names).reshape(len(keys) + 2, n)
    grid = grid[:, np.isfinite(grid).all(axis=0)]
    _enough(grid.shape[1], 4, "complete rows of a Sobol' design")
    grid = grid - grid[:2].mean()
    (first, total), bounds = _with_bounds(_indices, grid)
    return _frame(keys, {"first": first, "total": total}, bounds, rows=grid.shape[1])


def _indices(grid: Array) -> Array:
    """Return first and total indices, (2, d, ...), of outcomes (2 + d, ..., rows)."""
    a, b, mixed = grid[0], grid[1], grid[2:]
    variance = np.concatenate([a, b], axis=-1).var(axis=-1)
    variance = np.where(variance > 0, variance, np.nan)
    first = (b * (mixed - a)).mean(axis=-1) / variance
    total = ((a - mixed) ** 2).mean(axis=-1) / (2 * variance)
    return np.stack([first, total])


# --- Morris ----------------------------------------------------------------------------------


def morris(results: Results, effects: Effects) -> pd.DataFrame:
    """Return Morris' measures of the elementary effects, one row a parameter.

    An elementary effect is the change of the outcome between two neighbours of a trajectory per
    change of the parameter over its whole range (Morris 1991). Columns: parameter, mu (their
    mean), mu_star with bounds (mean of their sizes; Campolongo et al. 2007), sigma (their
    standard deviation: interaction, or a bend), trajectories (complete ones).
    """
    keys, names = parameters(results), order(results)
    length = len(keys) + 1
    outcome = _outcomes(effects, names).reshape(-1, length)
    units = _units(results, keys).loc[names].to_numpy().reshape(-1, length, len(keys))
    found = _elementary(units, outcome)
    found = found[:, np.isfinite(found).all(axis=0)]
    _enough(found.shape[1], 2, "complete trajectories")
    (mu, mu_star, sigma), bounds = _with_bounds(_of_morris, found)
    columns = {"mu": mu, "mu_star": mu_star, "sigma": sigma}
    return _frame(keys, columns, bounds, trajectories=found.shape[1])


def _elementary(units: Array, outcome: Array) -> Array:
    """Return the effects (d, trajectories) of steps that change one parameter each."""
    steps, gained = np.diff(units, axis=1), np.diff(outcome, axis=1)
    changed = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, changed[:, :, None], axis=2)[:, :, 0]
    found = np.full((units.shape[2], len(units)), np.nan)
    rows = np.broadcast_to(np.arange(len(units))[:, None], changed.shape)
    found[changed, rows] = gained / np.where(size == 0, np.nan, size)
    return found


def _of_morris(found: Array) -> Array:
    return np.stack([found.mean(axis=-1), np.abs(found).mean(axis=-1), found.std(axis=-1, ddof=1)])


def _units(results: Results, keys: list[Parameter]) -> pd.DataFrame:
    points = results.points
    columns = {key.key: key.unit(points[key.key]) for key in keys}
    return pd.DataFrame(columns, index=points["point"])


# --- Any design ------------------------------------------------------------------------------


def given_data(results: Results, effects: Effects, method: str = "rbd_fast") -> pd.DataFrame:
    """Return indices that the points of any design give, by SALib.

    ``rbd_fast`` gives first-order indices (Tarantola et al. 2006); ``pawn`` compares distribution
    functions, and so sees interactions too (Pianosi and Wagener 2015; the median of the KS
    distances). Columns: parameter, index, low, high (NaN for pawn), points.

    Raises ResultsError if SALib is not installed, or there are too few points.
    """
    keys, outcome = parameters(results), effects.outcome()
    outcome = outcome[np.isfinite(outcome)]
    _enough(len(outcome), 20, "points")
    units = _units(results, keys).loc[outcome.index].to_numpy()
    names = [key.key for key in keys]
    problem = {"num_vars": len(keys), "names": names, "bounds": [[0.0, 1.0]] * len(keys)}
    middle, half = _by_salib(method)(problem, units, outcome.to_numpy(float))
    columns = {"parameter": names, "index": middle, "low": middle - half, "high": middle + half}
    return pd.DataFrame(columns | {"points": len(outcome)})


def _by_salib(method: str) -> Callable[[dict[str, object], Array, Array], tuple[Array, Array]]:
    """Return a function from problem, points and outcomes to indices and half intervals."""
    try:
        from SALib.analyze import pawn, rbd_fast
    except ImportError as error:
        raise ResultsError(
            "This design has no indices of its own, and others need SALib: "
            "pip install 'followlab[sensitivity]'"
        ) from error

    def analyse(problem: dict[str, object], x: Array, y: Array) -> tuple[Array, Array]:
        if method == "pawn":
            found = pawn.analyze(problem, x, y, S=10, seed=0)
            return np.asarray(found["median"]), np.full(x.shape[1], np.nan)
        found = rbd_fast.analyze(problem, x, y, num_resamples=100, conf_level=LEVEL, seed=0)
        return np.asarray(found["S1"]), np.asarray(found["S1_conf"])

    if method not in GIVEN_DATA:
        raise ValueError(f'there is no method "{method}"; there are {", ".join(GIVEN_DATA)}')
    return analyse


# --- Common ----------------------------------------------------------------------------------


def _outcomes(effects: Effects, names: list[str]) -> Array:
    """Return the outcomes of points in the order of the design; NaN where there is none."""
    return np.asarray(effects.outcome().reindex(names).to_numpy(float))


def _with_bounds(statistic: Callable[[Array], Array], values: Array) -> tuple[Array, Array]:
    """Return a statistic of values (..., n), and its bounds (2, ...) by bootstrap over n."""
    n = values.shape[-1]
    chosen = np.random.default_rng(0).integers(0, n, (RESAMPLES, n))
    drawn = statistic(values[..., chosen])
    drawn = drawn[..., np.isfinite(drawn).all(axis=(0, 1))]
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    if not drawn.size:
        return statistic(values), np.full((2, *drawn.shape[:-1]), np.nan)
    return statistic(values), np.quantile(drawn, tails, axis=-1)


def _frame(
    keys: list[Parameter], columns: dict[str, Array], bounds: Array, **counts: int
) -> pd.DataFrame:
    """Return the table; every column but mu and sigma has its bounds beside it."""
    table: dict[str, object] = {"parameter": [key.key for key in keys]}
    for place, (name, column) in enumerate(columns.items()):
        table[name] = column
        if name not in ("mu", "sigma"):
            table[f"{name}_low"], table[f"{name}_high"] = bounds[:, place]
    return pd.DataFrame(table | counts)


def _enough(found: int, least: int, what: str) -> None:
    if found < least:
        raise ResultsError(f"sensitivity needs at least {least} {what}; there are {found}")
