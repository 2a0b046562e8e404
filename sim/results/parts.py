"""Runs on their way: each finished run is kept by itself until all are there.

A run that has finished is one folder, ``parts/<run_id>``, with its tables. The folder is filled
under another name and renamed, so a run is completely there or not at all, whichever of its
tables was being written when the program died; and a run that is still being computed cannot
harm one that is done. When all runs are there, the parts are put together, one file a table.
"""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sim import files
from sim.results import tables

__all__ = ["consolidate", "discard", "reopen", "save", "statuses", "table_files"]


def save(folder: Path, row: Mapping[str, Any], made: Mapping[str, pd.DataFrame]) -> None:
    """Save one run: its row of ``runs``, and its other tables (without run_id; missing if none)."""
    run_id = row["run_id"]
    with files.new_folder(folder / "parts" / run_id) as part:
        tables.write(pd.DataFrame([row]), part / "runs.parquet", tables.TABLES["runs"])
        for name, frame in made.items():
            frame = frame.assign(run_id=run_id)
            tables.write(frame, part / f"{name}.parquet", tables.TABLES[name])


def statuses(folder: Path, run_ids: Iterable[str]) -> dict[str, str]:
    """Return the status of each of the runs that has finished."""
    found = table_files(folder, "runs", run_ids)
    runs = tables.read(found) if found else tables.empty("runs")
    return dict(zip(runs["run_id"], runs["status"], strict=True))


def table_files(folder: Path, table: str, run_ids: Iterable[str]) -> list[Path]:
    """Return the files of a table: the one of all runs if it is there, else those of the parts."""
    whole = folder / f"{table}.parquet"
    if whole.is_file():
        return [whole]
    parts = (folder / "parts" / run_id / f"{table}.parquet" for run_id in run_ids)
    return [path for path in parts if path.is_file()]


def consolidate(folder: Path, run_ids: Iterable[str]) -> None:
    """Put the tables of all parts together, in the order given."""
    run_ids = list(run_ids)
    for name, columns in tables.TABLES.items():
        found = table_files(folder, name, run_ids)
        frame = tables.read(found) if found else tables.empty(name)
        tables.write(frame, folder / f"{name}.parquet", columns)


def reopen(folder: Path) -> None:
    """Undo ``consolidate``, so that further parts count."""
    for name in tables.TABLES:
        (folder / f"{name}.parquet").unlink(missing_ok=True)


def discard(folder: Path) -> None:
    """Remove the parts, which are no longer needed once the tables of all runs are there."""
    shutil.rmtree(folder / "parts", ignore_errors=True)
