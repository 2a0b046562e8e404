"""What shared draws are worth, and how many replicates a wanted precision needs.

The arms of a replicate share their draws. Where that makes their outcomes move together, the
paired difference varies less than one between worlds of their own would, and fewer runs do;
where it does not, it says so. In a sweep, variances are those within points, pooled over them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sim.experiments.analysis import labels, reference_life
from sim.experiments.effects import compared
from sim.experiments.intervals import LEVEL, half_width
from sim.experiments.points import values

if TYPE_CHECKING:
    from sim.results import Results

__all__ = ["Needed", "pairing", "precision", "replicates_needed"]

MOST: Final = 1_000_000
"""More replicates than this are "too many"."""
LIKELY: Final = 0.8
"""Confidence that the replicates needed lie between the bounds given."""


def pairing(results: Results, measures: Iterable[str]) -> pd.DataFrame:
    """Return what pairing gains, one row a measure and arm beside the reference.

    Columns: measure, life, label, worlds (points × replicates with both), variance_paired of
    x - y, variance_unpaired = var x + var y, gained = unpaired ÷ paired (how many times the
    worlds that unpaired arms would need), correlation of x and y, runs and saved (how many
    more runs unpaired arms would take for the same interval; negative where pairing costs).
    """
    rows = [_pairing(results, measure, life) for measure in measures for life in _others(results)]
    return pd.DataFrame(rows)


def _others(results: Results) -> list[str]:
    return [life for life in compared(results) if life != reference_life(results)]


def _pairing(results: Results, measure: str, life: str) -> dict[str, str | float | int]:
    pairs = _pairs(results, measure, life)
    x, y = pairs["x"], pairs["y"]
    paired, apart = _within(x - y), _within(x) + _within(y)
    runs = 2 * len(pairs)
    gained = _ratio(apart, paired)
    return {
        "measure": measure,
        "life": life,
        "label": labels(results)[life],
        "worlds": len(pairs),
        "variance_paired": paired,
        "variance_unpaired": apart,
        "gained": gained,
        "correlation": _ratio(apart - paired, 2 * (_within(x) * _within(y)) ** 0.5),
        "runs": runs,
        "saved": runs * (gained - 1),
    }


def _pairs(results: Results, measure: str, life: str) -> pd.DataFrame:
    wide = values(results, measure)
    pairs = pd.DataFrame({"x": wide[life], "y": wide[reference_life(results)]})
    return pairs.replace([np.inf, -np.inf], np.nan).dropna()


def _within(series: pd.Series) -> float:
    """Return s² = Σ (xᵢ - x̄ of its point)² / (n - points); NaN without degrees of freedom."""
    groups = series.groupby(level="point")
    free = len(series) - groups.ngroups
    gaps = series - groups.transform("mean")
    return float((gaps**2).sum() / free) if free > 0 else float("nan")


def _ratio(above: float, below: float) -> float:
    if below > 0:
        return above / below
    return float("inf") if above > 0 and below == 0 else float("nan")


# --- Replicates for a wanted precision -------------------------------------------------------


class Needed(NamedTuple):
    """Replicates needed, and the bounds between which the number lies with 80 % confidence.

    The pilot's standard deviation is itself uncertain; of a few replicates the bounds are wide.
    """

    replicates: float
    low: float
    high: float


def replicates_needed(deviation: float, half: float, free: float = np.inf) -> Needed:
    """Return the smallest n ≥ 2 with t(.975, n - 1) · s / √n ≤ half.

    Args:
        deviation: Standard deviation s of the paired differences in a pilot.
        half: Wanted half of the interval, in the same unit.
        free: Degrees of freedom of s. With them, s² · free / χ² bounds the true variance.

    Infinite where more than a million would be needed, NaN where s is not known.
    """
    spread = (1 + LIKELY) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = (_scale(free, quantile) for quantile in (spread, 1 - spread))
    return Needed(*(_smallest(deviation * factor, half) for factor in (1.0, low, high)))


def _scale(free: float, quantile: float) -> float:
    """Return √(free / χ²(quantile, free)): true deviation over that of the pilot."""
    if not np.isfinite(free):
        return 1.0
    return float(np.sqrt(free / stats.chi2.ppf(quantile, free))) if free > 0 else float("nan")


def _smallest(deviation: float, half: float) -> float:
    if not np.isfinite(deviation) or half <= 0:
        return float("nan")
    low, high = 2, 2
    while not _enough(high, deviation, half):
        low, high = high, high * 2
        if high > MOST:
            return float("inf")
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(middle, deviation, half) else (middle + 1, high)
    return float(low)


def _enough(n: int, deviation: float, half: float) -> bool:
    return bool(stats.t.ppf((1 + LEVEL) / 2, n - 1) * deviation / np.sqrt(n) <= half)


def precision(results: Results, measures: Iterable[str], percent: float = 10.0) -> pd.DataFrame:
    """Return how many replicates a wanted precision needs, one row a measure and arm.

    The wanted half of the 95 % interval is ``percent`` % of the reference's mean (so that a
    ratio is known to about that many per cent). Columns: measure, life, label, replicates (there
    are), half_now and half_wanted (both in % of the reference's mean), needed, needed_low,
    needed_high (paired), needed_unpaired. In a sweep they are replicates a point.
    """
    rows = [
        _precision(results, measure, life, percent)
        for measure in measures
        for life in _others(results)
    ]
    return pd.DataFrame(rows)


def _precision(
    results: Results, measure: str, life: str, percent: float
) -> dict[str, str | float | int]:
    pairs = _pairs(results, measure, life)
    points = pairs.index.get_level_values("point").nunique()
    paired, apart = _within(pairs["x"] - pairs["y"]), _within(pairs["x"]) + _within(pairs["y"])
    base = abs(float(pairs["y"].mean())) if len(pairs) else float("nan")
    n = len(pairs) / points if points else 0.0
    half = percent / 100 * base
    needed = replicates_needed(paired**0.5, half, len(pairs) - points)
    return {
        "measure": measure,
        "life": life,
        "label": labels(results)[life],
        "replicates": n,
        "half_now": 100 * _ratio(_half(paired, n), base),
        "half_wanted": percent,
        "needed": needed.replicates,
        "needed_low": needed.low,
        "needed_high": needed.high,
        "needed_unpaired": replicates_needed(apart**0.5, half).replicates,
    }


def _half(variance: float, n: float) -> float:
    found = half_width(np.array([variance**0.5]), np.array([n]))
    return float(found[0])
