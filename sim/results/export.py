"""Results for other programs: tables as CSV, final networks as GraphML or GEXF."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from sim import files
from sim.results import tables
from sim.results.graphs import write_gexf, write_graphml
from sim.results.store import Results, ResultsError

__all__ = ["FORMATS", "Format", "export", "network_files"]

Format = Literal["csv", "graphml", "gexf"]
FORMATS: Final[tuple[Format, ...]] = ("csv", "graphml", "gexf")
_WRITERS: Final = {"graphml": write_graphml, "gexf": write_gexf}


def export(results: Results, form: Format, out: Path | None = None) -> list[Path]:
    """Write the results in another format to ``out`` (default: ``export`` in their folder).

    ``csv`` writes each table, and final networks as tables of follows and accounts; ``graphml``
    and ``gexf`` write the final network of each run that saved one. Returns the files.
    Raises ResultsError if no network was saved.
    """
    folder = out or results.folder / "export"
    return _tables(results, folder) if form == "csv" else _networks(results, form, folder)


def network_files(folder: Path, run_id: str) -> tuple[Path, Path]:
    """Return where the follows and the accounts of a run's final network are saved."""
    return folder / f"network-{run_id}.parquet", folder / f"accounts-{run_id}.parquet"


def _tables(results: Results, folder: Path) -> list[Path]:
    written = [_as_csv(getattr(results, name), folder / f"{name}.csv") for name in _names(results)]
    for _, *saved in _saved(results):
        written += [_as_csv(tables.read([one]), folder / f"{one.stem}.csv") for one in saved]
    return written


def _names(results: Results) -> list[str]:
    return [*tables.TABLES, "points"] if len(results.points) else list(tables.TABLES)


def _as_csv(frame: pd.DataFrame, path: Path) -> Path:
    with files.replacing(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")
    return path


def _saved(results: Results) -> Iterator[tuple[str, Path, Path]]:
    """Yield the runs that saved a final network, with its follows and accounts."""
    for run_id in results.runs["run_id"]:
        follows, accounts = network_files(results.folder, run_id)
        if follows.is_file() and accounts.is_file():
            yield run_id, follows, accounts


def _networks(results: Results, form: Format, folder: Path) -> list[Path]:
    written = []
    for run_id, follows, accounts in _saved(results):
        path = folder / f"network-{run_id}.{form}"
        with files.replacing(path) as temporary:
            _WRITERS[form](tables.read([accounts]), tables.read([follows]), temporary)
        written.append(path)
    if not written:
        raise ResultsError(
            f"{results.folder}: no final network was saved; "
            "run again with --save-network (and --fresh)"
        )
    return written
