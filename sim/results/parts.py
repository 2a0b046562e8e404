"""Runs on their way: each finished run is one file until all are there, and in sweeps ever after.

A run that has finished is ``parts/<key>.parquet``: one row, as in the table of runs, in which the
measures are one map and the other tables are nested as lists. The key is a hash of all that the
outcome depends on, so the file of a run is never mistaken for that of another, and further sweeps
can use it again. It is written under another name and renamed: a run is completely there or not at
all. A run that has failed is ``parts/<key>.failed.parquet``, which goes when the run has gone well.
From the parts the tables of all runs are put together, one file a table, without holding them in
memory.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from sim import files
from sim.results import tables

__all__ = [
    "Run",
    "adopt",
    "consolidate",
    "discard",
    "file_of",
    "frame",
    "reopen",
    "save",
    "statuses",
]

FOLDER: Final = "parts"
SUFFIX: Final = ".parquet"
FAILED: Final = ".failed"
_NESTED: Final = tuple(name for name in tables.TABLES if name != "runs")
_NONE: Final = pd.DataFrame()
_TOLD: Final = ("run_id", "point", "replicate")  # columns of a run that the plan tells


class Run(NamedTuple):
    """A run as the plan of some results has it."""

    run_id: str
    key: str
    """Hash of all that the outcome depends on."""
    point: str
    replicate: int


def save(folder: Path, key: str, row: Mapping[str, Any], made: Mapping[str, pd.DataFrame]) -> None:
    """Save one run: its row of ``runs``, and its other tables (without run_id; missing if none).

    Raises OSError if the disk is full or nothing may be written there.
    """
    failed = _part(folder, key, FAILED)
    good = row["status"] == "ok"
    lists = {name: made.get(name, _NONE) for name in _NESTED}
    tables.write_nested({**row, "key": key}, lists, _part(folder, key) if good else failed)
    if good:
        failed.unlink(missing_ok=True)


def statuses(folder: Path, runs: Iterable[Run]) -> dict[str, str]:
    """Return the status of each of the runs that has finished, by run_id."""
    runs = list(runs)
    found = _names(folder)
    if found or not file_of(folder, "runs").is_file():
        return {run.run_id: status for run in runs if (status := _status(run, found))}
    whole = tables.read([file_of(folder, "runs")])
    return dict(zip(whole["run_id"], whole["status"], strict=True))


def _names(folder: Path) -> set[str]:
    """Return the names of the files in the folder of parts; none if it is not there."""
    try:
        return set(os.listdir(folder / FOLDER))
    except FileNotFoundError:
        return set()


def _status(run: Run, found: set[str]) -> str:
    if run.key + SUFFIX in found:
        return "ok"
    return "failed" if run.key + FAILED + SUFFIX in found else ""


def file_of(folder: Path, table: str) -> Path:
    """Return where a table of all runs belongs."""
    return folder / f"{table}{SUFFIX}"


def frame(folder: Path, table: str, runs: Sequence[Run]) -> pd.DataFrame:
    """Return a table: that of all runs if it is there, else what the parts have of it."""
    whole = file_of(folder, table)
    if whole.is_file():
        return tables.read([whole])
    found = list(_found(folder, runs))
    content = _content(found)
    if table not in content.filled:
        return tables.empty(table)
    return tables.select(*_query(table, found, content.measures))


def consolidate(folder: Path, runs: Sequence[Run]) -> None:
    """Put the tables of all parts together, in the order of the plan."""
    found = list(_found(folder, runs))
    content = _content(found)
    for name, columns in tables.TABLES.items():
        if name in content.filled:
            tables.copy(*_query(name, found, content.measures), file_of(folder, name))
        elif found or not file_of(folder, name).is_file():
            tables.write(tables.empty(name), file_of(folder, name), columns)


def adopt(folder: Path, others: Iterable[Path], keys: Iterable[str]) -> int:
    """Take good parts that other results have already; return how many."""
    wanted, taken = set(keys), 0
    for other in others:
        for name in _names(other):
            key = name.removesuffix(SUFFIX)
            if key in wanted and key + SUFFIX == name:
                files.share(other / FOLDER / name, folder / FOLDER / name)
                wanted.discard(key)
                taken += 1
    return taken


def reopen(folder: Path) -> None:
    """Undo ``consolidate``, so that further parts count."""
    for name in tables.TABLES:
        file_of(folder, name).unlink(missing_ok=True)


def discard(folder: Path) -> None:
    """Remove the parts, which are no longer needed once the tables of all runs are there."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)


def _part(folder: Path, key: str, mark: str = "") -> Path:
    return folder / FOLDER / f"{key}{mark}{SUFFIX}"


def _found(folder: Path, runs: Iterable[Run]) -> Iterator[tuple[Run, Path]]:
    """Yield each run that has finished, with its file."""
    names = _names(folder)
    for run in runs:
        status = _status(run, names)
        if status:
            yield run, _part(folder, run.key, "" if status == "ok" else FAILED)


class _Content(NamedTuple):
    """What some parts have."""

    filled: frozenset[str]
    """The tables with rows."""
    measures: list[str]
    """The names of the measures, each once."""


def _content(found: Sequence[tuple[Run, Path]]) -> _Content:
    """Look through parts once."""
    if not found:
        return _Content(frozenset(), [])
    lengths = ", ".join(f"any_value(len({name}) > 0 OR NULL) AS {name}" for name in _NESTED)
    looked = tables.select(
        f"SELECT map_keys({tables.MEASURES}) AS names, {lengths} "
        f"FROM {_source(found)} GROUP BY names"
    )
    filled = {name for name in _NESTED if looked[name].notna().any()}
    every = sorted(map(list, looked["names"]), key=lambda names: (-len(names), names))
    measures = list(dict.fromkeys(name for names in every for name in names))
    return _Content(frozenset(filled | {"runs"}), measures)


def _source(found: Sequence[tuple[Run, Path]]) -> str:
    """Return the parts, each once, as a query names them; runs that come to the same share one."""
    return tables.source(list(dict.fromkeys(path for _, path in found)), alike=True)


def _query(
    table: str, found: Sequence[tuple[Run, Path]], measures: Sequence[str]
) -> tuple[str, pd.DataFrame]:
    """Return what selects a table from parts, in their order, and the plan that it refers to."""
    plan = pd.DataFrame([run for run, _ in found], columns=list(Run._fields))
    plan["place"] = range(len(plan))
    joined = f"FROM {_source(found)} AS part JOIN plan USING (key) ORDER BY plan.place"
    if table != "runs":
        columns = ", ".join(f"row.{tables.name(c)}" for c in tables.TABLES[table] if c != "run_id")
        inner = f"SELECT plan.run_id, part.{table} AS rows {joined}"
        unnested = f"SELECT run_id, unnest(rows) AS row FROM ({inner})"
        return f"SELECT run_id, {columns} FROM ({unnested})", plan
    chosen = [_of_runs(column, kind) for column, kind in tables.TABLES[table].items()]
    chosen += [f"part.{tables.MEASURES}[{tables.text(m)}] AS {tables.name(m)}" for m in measures]
    return f"SELECT {', '.join(chosen)} {joined}", plan


def _of_runs(column: str, kind: str) -> str:
    """Return how a column of the table of runs is selected."""
    return f"CAST(plan.{column} AS {kind}) AS {column}" if column in _TOLD else f"part.{column}"
