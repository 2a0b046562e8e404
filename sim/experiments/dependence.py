"""How an outcome depends on one setting, or on two, averaged over all the others.

Points are put into classes by their value of a setting: each value by itself where there are
few, classes of about as many points each where a design drew them at random. The average over
the points of a class is taken within each replicate, so that intervals are over worlds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sim.experiments.analysis import labels
from sim.experiments.effects import Effects
from sim.experiments.intervals import interval, paired_interval
from sim.experiments.points import Parameter, design, parameters, values

if TYPE_CHECKING:
    from sim.results import Results

__all__ = ["Classes", "classes", "dependence", "effect_map", "influential", "leaders"]

FEW: Final = 8
"""Different values that are shown each by itself."""
BINS: Final = 6
"""Classes where there are more values."""


@dataclass(frozen=True)
class Classes:
    """The points of a sweep by their value of one setting."""

    parameter: Parameter
    of: pd.Series
    """Number of the class, from 0, by point."""
    middles: tuple[Any, ...]
    """Value of each class; the median where it holds several."""

    @property
    def places(self) -> list[float]:
        """Where each class stands on an axis: its value, or its number if that is no number."""
        if not self.parameter.numeric:
            return [float(i) for i in range(len(self.middles))]
        return [float(value) for value in self.middles]


def classes(results: Results, parameter: Parameter) -> Classes:
    """Return the classes of a setting.

    Of a one-at-a-time design they hold only the points that vary nothing else.
    """
    points = results.points.set_index("point")
    column = points.loc[_alone(points, parameter.key, design(results)), parameter.key]
    if not parameter.numeric:
        places = {value: i for i, value in enumerate(parameter.values)}
        return Classes(parameter, column.map(places), parameter.values)
    if column.nunique() > FEW:
        codes = pd.qcut(column.rank(method="dense"), BINS, labels=False, duplicates="drop")
    else:
        codes = column.rank(method="dense").astype(int) - 1
    return Classes(parameter, codes, tuple(column.groupby(codes).median()))


def _alone(points: pd.DataFrame, key: str, kind: str) -> pd.Series:
    """Return which points vary nothing but ``key``; all, unless the design goes one at a time."""
    if not kind.startswith("one"):
        return pd.Series(True, index=points.index)
    others = points.drop(columns=key)
    base = others.mode().iloc[0]
    return (others == base).all(axis=1)


def dependence(results: Results, measure: str, parameter: Parameter) -> pd.DataFrame:
    """Return a measure by life and class of a setting, averaged over all other settings.

    Columns: life, value (of the setting), mean, low, high (95 %, over replicates), each (a list
    with the mean of every replicate).
    """
    by, wide = classes(results, parameter), values(results, measure)
    wide = wide.replace([np.inf, -np.inf], np.nan)
    code = by.of.reindex(wide.index.get_level_values("point")).to_numpy()
    means = wide.groupby([code, wide.index.get_level_values("replicate")]).mean()
    rows = [
        _row(life, by.middles[int(place)], group[life])
        for life in labels(results)
        for place, group in means.groupby(level=0)
    ]
    return pd.DataFrame(rows)


def _row(life: str, value: Any, each: pd.Series) -> dict[str, Any]:
    found = interval(each)
    about = {"mean": found.mean, "low": found.low, "high": found.high}
    return {"life": life, "value": value} | about | {"each": each.dropna().tolist()}


# --- Two settings ----------------------------------------------------------------------------


def effect_map(effects: Effects, across: Classes, up: Classes) -> pd.DataFrame:
    """Return an effect by the classes of two settings: columns across, up, mean, low, high, n.

    Means and bounds are shown as `Effects.shown` does, ratios as ratios.
    """
    groups = _cells(effects.each, across, up)
    rows = [_shown(effects, int(x), int(y), each) for (x, y), each in groups]
    return pd.DataFrame(rows, columns=["across", "up", "mean", "low", "high", "n"])


def _shown(effects: Effects, across: int, up: int, each: pd.DataFrame) -> dict[str, float]:
    found = interval(each.iloc[:, 0])
    mean, low, high = effects.shown(np.array(found[:3], dtype=float))
    return {"across": across, "up": up, "mean": mean, "low": low, "high": high, "n": found.n}


def leaders(results: Results, measure: str, across: Classes, up: Classes) -> pd.DataFrame:
    """Return who has most of a measure by the classes of two settings.

    Columns: across, up, life, runner_up, lead (mean over the second, paired by replicate) and
    clear (whether the lead's 95 % interval leaves out zero).
    """
    wide = values(results, measure).replace([np.inf, -np.inf], np.nan)
    rows = [
        {"across": int(x), "up": int(y)} | _leader(each)
        for (x, y), each in _cells(wide, across, up)
    ]
    return pd.DataFrame(rows)


def _leader(each: pd.DataFrame) -> dict[str, str | float | bool]:
    means = each.mean().sort_values(ascending=False, kind="stable")
    first, second = str(means.index[0]), str(means.index[min(1, len(means) - 1)])
    gap = paired_interval(each[first], each[second])
    return {"life": first, "runner_up": second, "lead": gap.mean, "clear": bool(gap.low > 0)}


def _cells(
    table: pd.Series | pd.DataFrame, across: Classes, up: Classes
) -> list[tuple[tuple[float, float], pd.DataFrame]]:
    """Return the means over points, one row a replicate, of each cell that has any."""
    points = table.index.get_level_values("point")
    x, y = (by.of.reindex(points).to_numpy() for by in (across, up))
    means = pd.DataFrame(table).groupby([x, y, table.index.get_level_values("replicate")]).mean()
    return [(key, each) for key, each in means.groupby(level=[0, 1])]


def influential(results: Results, every: Sequence[Effects]) -> list[Parameter]:
    """Return the settings by how much of all outcomes they explain together, most first."""
    outcomes = [effects.outcome() for effects in every]

    def explained(parameter: Parameter) -> float:
        of = classes(results, parameter).of
        return sum(_omega_squared(outcome.reindex(of.index).dropna(), of) for outcome in outcomes)

    return sorted(parameters(results), key=explained, reverse=True)


def _omega_squared(outcome: pd.Series, of: pd.Series) -> float:
    """Return the share of an outcome's variance that lies between classes, less that of chance.

    ω² = (SSB − (k − 1)·MSW) / (SST + MSW), Hays 1963; without the correction a setting with more
    classes would seem to matter more. At least 0; where each class has one point, SSB / SST.
    """
    groups = outcome.groupby(of)
    k, n, total = groups.ngroups, len(outcome), float(((outcome - outcome.mean()) ** 2).sum())
    if k < 2 or total == 0:
        return 0.0
    within = float(((outcome - groups.transform("mean")) ** 2).sum())
    noise = within / (n - k) if n > k else 0.0
    return float(max(0.0, (total - within - (k - 1) * noise) / (total + noise)))
