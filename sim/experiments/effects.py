"""Effects: what an arm does to a measure, paired within each world, at every point of a sweep.

An effect is the log of the ratio to the reference where every value is positive, and otherwise
the difference: leaving out the worlds without a ratio would choose among them. The outcome of a
point is the mean over its replicates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from sim.experiments import claim as claims
from sim.experiments.analysis import labels, reference_life
from sim.experiments.intervals import half_width
from sim.experiments.points import values
from sim.metrics import MEASURES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sim.results import Results

__all__ = [
    "Effects",
    "Scale",
    "compared",
    "effects",
    "headline",
    "measure_name",
    "overview",
    "shown",
    "table",
]

Scale = Literal["ratio", "difference", "value"]


@dataclass(frozen=True)
class Effects:
    """One effect a point and replicate."""

    measure: str
    life: str
    reference: str
    """Compared with; "" if it is the life's own value."""
    scale: Scale
    each: pd.Series
    """Log ratio, difference or value, by (point, replicate)."""

    def points(self) -> pd.DataFrame:
        """Return the mean over replicates of each point with its interval.

        Columns mean, low, high and replicates; of ratios the geometric mean and its bounds.
        """
        groups = self.each.groupby(level="point", sort=False)
        found = groups.agg(["mean", "std", "count"])
        half = half_width(found["std"].to_numpy(float), found["count"].to_numpy(float))
        mean = found["mean"].to_numpy(float)
        shown = {"mean": self.shown(mean), "low": self.shown(mean - half)}
        shown |= {"high": self.shown(mean + half), "replicates": found["count"].to_numpy(int)}
        return pd.DataFrame(shown, index=found.index)

    def outcome(self) -> pd.Series:
        """Return the mean effect of each point, by point; the log where it is a ratio."""
        return self.each.groupby(level="point", sort=False).mean()

    def shown(self, effect: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return effects as they are shown: ratios rather than their logarithms."""
        with np.errstate(over="ignore"):
            return np.exp(effect) if self.scale == "ratio" else effect

    @property
    def unit(self) -> str:
        """What the numbers are, for an axis."""
        name = measure_name(self.measure)
        if self.scale == "value":
            return name
        return f"{name}, {'ratio' if self.scale == 'ratio' else 'difference'}"


def effects(
    results: Results,
    measure: str,
    life: str,
    reference: str | None = None,
    scale: Scale | None = None,
) -> Effects:
    """Return the effect of a life on a measure at every point.

    Args:
        results: Of a sweep or of a plain run.
        measure: Name of a measure, as in `sim.metrics`.
        life: Name of an arm, or of a rival.
        reference: What it is compared with; by default the reference of the scenario.
        scale: ``ratio``, ``difference`` or ``value`` (no comparison); by default the ratio
            where all values are positive. The reference itself has values only.

    Raises:
        KeyError: if there is no such measure or life.
    """
    wide, other = values(results, measure), reference or reference_life(results)
    for name in (life, other):
        if name not in wide.columns:
            raise KeyError(f'there is no life "{name}"; there are {", ".join(wide.columns)}')
    x, y = wide[life], wide[other]
    if scale == "value" or life == other:
        return Effects(measure, life, "", "value", x.dropna())
    if scale != "difference" and _positive(x) and _positive(y):
        return Effects(measure, life, other, "ratio", (np.log(x) - np.log(y)).dropna())
    with np.errstate(invalid="ignore"):
        return Effects(measure, life, other, "difference", (x - y).dropna())


def shown(results: Results) -> list[str]:
    """Return the measures that are shown if none are named: the headline first."""
    names = dict.fromkeys([headline(results), *_SHOWN])
    return [name for name in names if name in results.runs.columns or name == headline(results)]


_SHOWN: Final = ("followers", "engaged", "warm", "value", "sales")


def measure_name(measure: str) -> str:
    """Return what a measure is called, such as "engaged followers"."""
    return MEASURES[measure].label if measure in MEASURES else measure.replace("_", " ")


def headline(results: Results) -> str:
    """Return the measure that is shown if none is named: the claim's, or the engaged followers."""
    declared = claims.declared(results)
    return declared.primary if declared else "engaged"


def compared(results: Results) -> list[str]:
    """Return the lives that are compared with the reference; the only life if there is one."""
    others = [life for life in labels(results) if life != reference_life(results)]
    return others or [reference_life(results)]


def table(results: Results, measure: str) -> pd.DataFrame:
    """Return the effect of every life at every point, one row each, with the settings.

    Columns: point, the swept keys, life, measure, scale, mean, low, high, replicates.
    """
    parts = [_rows(effects(results, measure, life), life) for life in compared(results)]
    both = pd.concat(parts, ignore_index=True)
    if not len(results.points):
        return both
    return results.points.merge(both, on="point", how="inner")


def _rows(found: Effects, life: str) -> pd.DataFrame:
    about = {"life": life, "measure": found.measure, "scale": found.scale}
    return pd.concat([found.points().assign(**about)]).reset_index()[[*_COLUMNS]]


_COLUMNS: Final = ("point", "life", "measure", "scale", "mean", "low", "high", "replicates")


def overview(results: Results, measures: Iterable[str]) -> pd.DataFrame:
    """Return the effects over all points, one row a measure and life.

    Columns: measure, life, scale, median, least, most (of the points' means), points, above and
    below (points whose whole interval lies above or below no difference).
    """
    rows = [_over(results, name, life) for name in measures for life in compared(results)]
    return pd.DataFrame(rows)


def _over(results: Results, measure: str, life: str) -> dict[str, str | float | int]:
    found = effects(results, measure, life)
    points, none = found.points(), 1.0 if found.scale == "ratio" else 0.0
    means = points["mean"]
    return {
        "measure": measure,
        "life": life,
        "scale": found.scale,
        "median": float(means.median()),
        "least": float(means.min()),
        "most": float(means.max()),
        "points": len(points),
        "above": int((points["low"] > none).sum()),
        "below": int((points["high"] < none).sum()),
    }


def _positive(values: pd.Series) -> bool:
    known = values.dropna()
    return bool(len(known) and np.isfinite(known).all() and (known > 0).all())
