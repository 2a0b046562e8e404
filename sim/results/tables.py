"""The tables of the results: their columns, and Parquet files of them.

Text is stored as VARCHAR and numbers in a fixed type, also when a table is empty, so that the
files of all runs fit together.
"""

from collections.abc import Mapping, Sequence
from errno import EACCES, EDQUOT, EIO, ENOSPC, EROFS
from functools import cache
from os import strerror
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from sim import files

__all__ = [
    "ACCOUNTS",
    "NETWORK",
    "TABLES",
    "copy",
    "empty",
    "name",
    "read",
    "select",
    "source",
    "text",
    "write",
    "write_nested",
]

TABLES: Final[dict[str, dict[str, str]]] = {
    "runs": {
        "run_id": "VARCHAR",  # "<arm>-<replicate>"
        "point": "VARCHAR",  # of a sweep; "" otherwise
        "arm": "VARCHAR",
        "replicate": "INTEGER",  # from 0
        "seed": "BIGINT",
        "status": "VARCHAR",  # ok, failed
        "error": "VARCHAR",  # "" if ok
        "state_hash": "VARCHAR",
        "model_version": "VARCHAR",
        "days": "INTEGER",  # that it lived; fewer than the scenario's if it was stopped
        "wall_s": "DOUBLE",  # seconds, burn-in not included
    },
    "series": {
        "run_id": "VARCHAR",
        "tick": "INTEGER",  # since the start of the burn-in
        "day": "DOUBLE",  # of the experiment
        "account": "VARCHAR",  # a protagonist; "" for the platform
        "measure": "VARCHAR",
        "origin": "VARCHAR",  # of the follows; "" for all
        "value": "DOUBLE",
    },
    "events": {
        "run_id": "VARCHAR",
        "tick": "INTEGER",
        "account": "VARCHAR",
        "event": "VARCHAR",
        "other": "VARCHAR",
        "amount": "DOUBLE",
        "cause": "VARCHAR",
    },
    "follows": {
        "run_id": "VARCHAR",
        "account": "VARCHAR",
        "follower": "UBIGINT",  # uid
        "origin": "VARCHAR",
        "start": "DOUBLE",  # day of the experiment
        "end": "DOUBLE",  # day, or NaN
        "end_cause": "VARCHAR",
        "last_engagement": "DOUBLE",  # day, or NaN
        "warmth": "DOUBLE",
        "engaged_28_56": "DOUBLE",  # 1, 0 or NaN
        "seen_28_56": "DOUBLE",  # impressions, or NaN
    },
}
"""Columns of each table with their types; ``runs`` has a DOUBLE for each measure besides."""

MEASURES: Final = "measures"
"""Column of a run's file with all its measures, by name."""

NETWORK: Final = {
    "follower": "UBIGINT",  # uid
    "followee": "UBIGINT",  # uid
    "origin": "VARCHAR",
    "start": "DOUBLE",  # day of the experiment
    "warmth": "DOUBLE",
}
"""Columns of a saved final network: one row a follow."""

ACCOUNTS: Final = {"uid": "UBIGINT", "kind": "VARCHAR", "followers": "BIGINT"}
"""Columns of the accounts of a saved final network."""


def write(frame: pd.DataFrame, path: Path, columns: Mapping[str, str]) -> None:
    """Write a table as Parquet; columns that are not named are taken as numbers."""
    types = dict(columns) | {n: "DOUBLE" for n in frame.columns if n not in columns}
    chosen = ", ".join(_cast(name(n), kind, n) for n, kind in types.items())
    _write(f"SELECT {chosen} FROM frame", {"frame": frame}, path)


def write_nested(row: Mapping[str, Any], lists: Mapping[str, pd.DataFrame], path: Path) -> None:
    """Write one row of ``runs`` as Parquet, with other tables (without run_id) as lists in it.

    What the table of runs does not name, but for ``key``, are measures, which are kept as one map:
    a file with a column for each would take three times as long, and ten times the room.
    """
    types = {"key": "VARCHAR", **TABLES["runs"]}
    chosen = [_cast("?", kind, column) for column, kind in types.items()]
    chosen.append(f"map(CAST(? AS VARCHAR[]), CAST(? AS DOUBLE[])) AS {MEASURES}")
    chosen += [f"{_listed(table, rows)} AS {table}" for table, rows in lists.items()]
    known = {column: None if value != value else value for column, value in row.items()}
    measures = [column for column in row if column not in types]
    values: list[Any] = [known[column] for column in types]
    values += [measures, [known[column] for column in measures]]
    full = {table: rows for table, rows in lists.items() if len(rows)}
    _write(f"SELECT {', '.join(chosen)}", full, path, values)


def _listed(table: str, rows: pd.DataFrame) -> str:
    """What makes a list of the rows of a table, in their order; nothing if there are none."""
    columns = [(n, kind) for n, kind in TABLES[table].items() if n != "run_id"]
    packed = ", ".join(f"{name(n)} := CAST({name(n)} AS {kind})" for n, kind in columns)
    kinds = ", ".join(f"{name(n)} {kind}" for n, kind in columns)
    listed = f"(SELECT list(struct_pack({packed})) FROM {table})" if len(rows) else "NULL"
    return f"CAST({listed} AS STRUCT({kinds})[])"


def copy(query: str, plan: pd.DataFrame, path: Path) -> None:
    """Write as Parquet what a query selects, which may refer to ``plan``."""
    _write(query, {"plan": plan}, path)


def select(query: str, plan: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return what a query selects, which may refer to ``plan``."""
    with _database().cursor() as connection:
        if plan is not None:
            connection.register("plan", plan)
        return connection.execute(query).df()


def read(paths: Sequence[Path]) -> pd.DataFrame:
    """Read Parquet files as one table, in the order given; a column that one lacks is NaN."""
    with _database().cursor() as connection:
        return connection.execute(f"SELECT * FROM {source(paths)}").df()


def source(paths: Sequence[Path], *, alike: bool = False) -> str:
    """Return Parquet files as a query names them, in the order given.

    Of files that are ``alike``, with the same columns, only the first is opened to learn of them.
    """
    names = ", ".join(text(path) for path in paths)
    return f"read_parquet([{names}], union_by_name = {str(not alike).lower()})"


def empty(table: str) -> pd.DataFrame:
    """Return a table without rows."""
    return pd.DataFrame({column: [] for column in TABLES[table]})


def _write(
    query: str, frames: Mapping[str, pd.DataFrame], path: Path, values: Sequence[Any] = ()
) -> None:
    with files.replacing(path) as temporary, _database().cursor() as connection:
        for view, frame in frames.items():
            connection.register(view, frame)
        try:
            connection.execute(f"COPY ({query}) TO {text(temporary)} (FORMAT parquet)", values)
        except duckdb.IOException as error:
            raise _as_os_error(error, path) from error


def _as_os_error(error: Exception, path: Path) -> OSError:
    """Return an error of the database as one of the system, which says what is the matter."""
    for code in (ENOSPC, EDQUOT, EROFS, EACCES):
        if strerror(code).lower() in str(error).lower():
            return OSError(code, strerror(code), str(path))
    return OSError(EIO, str(error).splitlines()[0], str(path))


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """The database that reads and writes files; making one takes longer than using it."""
    return duckdb.connect(config={"threads": 1})


def _cast(value: str, kind: str, column: str) -> str:
    return f"CAST({value} AS {kind}) AS {name(column)}"


def name(column: str) -> str:
    """Return a column as a query names it."""
    return '"' + column.replace('"', '""') + '"'


def text(value: object) -> str:
    """Return a text as a query has it."""
    return "'" + str(value).replace("'", "''") + "'"
