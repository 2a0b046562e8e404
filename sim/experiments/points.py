"""The points of a sweep: what was varied, and the outcome of every life at each of them.

A plain run is a sweep of one nameless point, so what is said here of points holds for it too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sim.experiments.analysis import (
    PER_ENGAGED,
    final,
    good_runs,
    labels,
    lives_are_accounts,
    per_engaged,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.results import Results

__all__ = [
    "Parameter",
    "at",
    "design",
    "is_sweep",
    "order",
    "parameters",
    "tidy",
    "values",
]

KEYS: Final = ("point", "replicate")
WIDE: Final = 16
"""Ratio of the ends from which listed values stand on a logarithmic axis."""


@dataclass(frozen=True)
class Parameter:
    """A setting that a sweep varied."""

    key: str
    """Dotted, such as ``platform.follow_cap``."""
    kind: str
    """``real``, ``integer`` or ``choice``."""
    numeric: bool
    """Whether its values are numbers."""
    low: float = 0.0
    high: float = 0.0
    """Its range, of a number."""
    values: tuple[Any, ...] = ()
    """Its values in order, of a choice."""
    log: bool = False
    """Whether neighbours on its range have the same ratio."""

    @property
    def label(self) -> str:
        """The key as figures show it: the setting, without its section."""
        section, _, name = self.key.rpartition(".")
        return f"{name.replace('_', ' ')} ({section})" if section else name.replace("_", " ")

    def unit(self, column: pd.Series) -> NDArray[np.float64]:
        """Return values as parts of the range, 0 to 1: in the logarithm, or by place, if so."""
        if self.kind == "choice":
            places = {value: place for place, value in enumerate(self.values)}
            return np.asarray(column.map(places).to_numpy(float) / max(1, len(self.values) - 1))
        found, low, high = column.to_numpy(float), self.low, self.high
        if self.log:
            found, low, high = np.log(found), float(np.log(low)), float(np.log(high))
        return (found - low) / (high - low) if high > low else np.zeros(len(found))


def is_sweep(results: Results) -> bool:
    """Whether the results are those of a sweep."""
    return len(results.points) > 0 and len(results.points.columns) > 1


def design(results: Results) -> str:
    """Return the kind of the design, such as ``grid`` or ``saltelli``; "" for a plain run."""
    return str(_plan(results).get("design", {}).get("kind", ""))


def order(results: Results) -> list[str]:
    """Return the points as the design lays them out, repeats included."""
    listed = _plan(results).get("design", {}).get("layout")
    return list(listed) if listed else results.points["point"].tolist()


def parameters(results: Results) -> list[Parameter]:
    """Return what was varied, in the order of the scenario."""
    planned = {one["key"]: one for one in _plan(results).get("parameters", [])}
    keys = [name for name in results.points.columns if name != "point"]
    return [_parameter(key, results.points[key], planned.get(key, {})) for key in keys]


def _parameter(key: str, column: pd.Series, planned: dict[str, Any]) -> Parameter:
    listed = list(
        dict.fromkeys([*(planned.get("values") or ()), *sorted(column.unique(), key=str)])
    )
    kind = str(planned.get("kind") or "choice")
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return Parameter(key, "choice", False, values=tuple(listed))
    low, high = planned.get("low"), planned.get("high")
    low = float(column.min() if low is None else low)
    high = float(column.max() if high is None else high)
    log = planned.get("scale") == "log" or (kind == "choice" and 0 < WIDE * low <= high)
    return Parameter(key, kind, True, low, high, tuple(listed) if kind == "choice" else (), log)


def at(results: Results, point: str) -> Results:
    """Return the results of one point, which every analysis of a plain run takes."""
    runs = results.runs[results.runs["point"] == point]
    tables = {
        name: table[table["run_id"].isin(runs["run_id"])]
        for name in ("series", "events", "follows")
        if len(table := getattr(results, name))
    }
    return replace(results, runs=runs, points=pd.DataFrame(), **tables)


def tidy(results: Results) -> pd.DataFrame:
    """Return one row a run: its point and settings, arm, replicate, and every measure at the end.

    It is what pandas, R and DuckDB take as it is. Failed runs are in it, without measures.
    """
    if not is_sweep(results):
        return results.runs.reset_index(drop=True)
    both = results.points.merge(results.runs, on="point", how="right", suffixes=("", "_of_run"))
    first = ["run_id", *results.points.columns]
    return both[[*first, *(name for name in both.columns if name not in first)]]


def values(results: Results, measure: str) -> pd.DataFrame:
    """Return a measure at the end: one row a point and replicate, one column a life.

    Raises KeyError if the runs have no such measure.
    """
    if lives_are_accounts(results):
        return _of_rivals(results, measure)
    if measure in PER_ENGAGED:
        return per_engaged(values(results, PER_ENGAGED[measure]), values(results, "engaged"))
    runs = good_runs(results)
    if measure not in runs.columns:
        raise KeyError(f'the runs have no measure "{measure}"')
    wide = runs.pivot(index=list(KEYS), columns="arm", values=measure)
    return wide.reindex(columns=list(labels(results))).astype(float)


def _of_rivals(results: Results, measure: str) -> pd.DataFrame:
    """Rivals share a run, so that only the series tell them apart."""
    points = good_runs(results)["point"].unique()
    tables = {point: final(at(results, point), measure) for point in points}
    return pd.concat(tables, names=list(KEYS))


def _plan(results: Results) -> dict[str, Any]:
    return dict(results.manifest.get("sweep") or {})
