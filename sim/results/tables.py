"""The tables of the results: their columns, and Parquet files of them.

Text is stored as VARCHAR and numbers in a fixed type, also when a table is empty, so that the
files of all runs fit together.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import duckdb
import pandas as pd

from sim import files

__all__ = ["ACCOUNTS", "NETWORK", "TABLES", "empty", "read", "write"]

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
    types = dict(columns) | {name: "DOUBLE" for name in frame.columns if name not in columns}
    chosen = ", ".join(f"CAST({_name(n)} AS {kind}) AS {_name(n)}" for n, kind in types.items())
    with files.replacing(path) as temporary, _database().cursor() as connection:
        connection.register("frame", frame)
        connection.execute(
            f"COPY (SELECT {chosen} FROM frame) TO {_text(temporary)} (FORMAT parquet)"
        )


def read(paths: Sequence[Path]) -> pd.DataFrame:
    """Read Parquet files as one table, in the order given; a column that one lacks is NaN."""
    with _database().cursor() as connection:
        names = ", ".join(_text(path) for path in paths)
        query = f"SELECT * FROM read_parquet([{names}], union_by_name = true)"
        return connection.execute(query).df()


def empty(table: str) -> pd.DataFrame:
    """Return a table without rows."""
    return pd.DataFrame({name: [] for name in TABLES[table]})


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """The database that reads and writes files; making one takes longer than using it."""
    return duckdb.connect(config={"threads": 1})


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
