"""The analysis of results as a whole: all its tables, and the files of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim import files
from sim.experiments.effects import Effects, compared, effects, overview, shown, table
from sim.experiments.pairing import pairing, precision
from sim.experiments.points import is_sweep, tidy
from sim.experiments.sensitivity import given_data, sensitivity
from sim.results.store import ResultsError

if TYPE_CHECKING:
    from sim.results import Results

__all__ = ["Analysis", "analyse"]


@dataclass(frozen=True)
class Analysis:
    """The tables; each has a row for each of what its name says."""

    tidy: pd.DataFrame
    """Runs: the point's settings, arm, replicate, seed, and every measure at the end."""
    effects: pd.DataFrame
    """Points, measures and arms: the paired effect with its 95 % interval."""
    overview: pd.DataFrame
    """Measures and arms: the effects over all points."""
    pairing: pd.DataFrame
    """Measures and arms: variance of paired and of unpaired differences."""
    precision: pd.DataFrame
    """Measures and arms: the replicates that a wanted precision needs."""
    sensitivity: pd.DataFrame
    """Arms and settings: the indices of the first measure; empty where there are none."""
    why_no_sensitivity: str = ""
    """Why there are none."""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, without those that are empty."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {n: t for n, t in found.items() if isinstance(t, pd.DataFrame) and len(t)}

    def save(self, folder: Path) -> list[Path]:
        """Write each table as CSV; return the files."""
        saved = []
        for name, frame in self.tables().items():
            path = folder / f"{name}.csv"
            with files.replacing(path) as temporary:
                frame.to_csv(temporary, index=False, lineterminator="\n")
            saved.append(path)
        return saved


def analyse(
    results: Results,
    measures: Sequence[str] | None = None,
    *,
    percent: float = 10.0,
    method: str | None = None,
) -> Analysis:
    """Return all tables of the analysis.

    Args:
        results: Of a sweep or of a plain run.
        measures: By default the primary measure of the scenario (or the engaged followers), then
            followers, engaged, warm, value and sales. The first is that of the indices.
        percent: Wanted half of the 95 % interval of a difference, % of the reference's mean.
        method: ``rbd_fast`` or ``pawn`` (SALib) instead of the indices the design is made for.

    Raises:
        KeyError: if there is no such measure.
        ResultsError: if no run has gone well, or ``method`` is given and SALib is missing.
    """
    if not (results.runs["status"] == "ok").any():
        raise ResultsError(f"{results.folder}: no run has gone well")
    names = list(measures or shown(results))
    indices, why = _indices(results, names[0], method)
    return Analysis(
        tidy(results),
        pd.concat([table(results, name) for name in names], ignore_index=True),
        overview(results, names),
        pairing(results, names),
        precision(results, names, percent),
        indices,
        why,
    )


def _indices(results: Results, measure: str, method: str | None) -> tuple[pd.DataFrame, str]:
    """Return the indices of every life compared, or why there are none."""
    if not is_sweep(results):
        return pd.DataFrame(), "nothing was swept"
    try:
        tables = [
            _of(results, effects(results, measure, life), method) for life in compared(results)
        ]
    except ResultsError as error:
        if method is not None:
            raise
        return pd.DataFrame(), str(error)
    return pd.concat(tables, ignore_index=True), ""


def _of(results: Results, found: Effects, method: str | None) -> pd.DataFrame:
    indices = given_data(results, found, method) if method else sensitivity(results, found)
    indices.insert(0, "life", found.life)
    indices.insert(1, "outcome", found.unit)
    return indices
