"""Reads the points of a sweep from a file."""

import csv
import math
import tomllib
from pathlib import Path
from typing import Final

from sim.scenario.ranges import Value

__all__ = ["PointFileError", "read_points"]

MOST: Final = 1_000_000  # points


class PointFileError(ValueError):
    """A file of points that cannot be used; the message says where and why."""


def read_points(path: Path) -> tuple[tuple[str, ...], list[tuple[Value, ...]]]:
    """Return the dotted keys in the first row of a CSV file, and the values in each other row.

    Values are read as in TOML, or else as text. Blank lines do not count.

    Raises:
        PointFileError: if it cannot be read, has no points, or a row that does not fit.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [(n, row) for n, row in enumerate(csv.reader(file), 1) if any(row)]
    except (OSError, ValueError, csv.Error) as error:
        raise PointFileError(f"cannot be read: {error}") from error
    if len(rows) < 2:
        raise PointFileError("has no points: give dotted keys in the first row, values below")
    if len(rows) > MOST + 1:
        raise PointFileError(f"has more than {MOST:,} points")
    head = tuple(cell.strip() for cell in rows[0][1])
    if len(set(head)) < len(head) or "" in head:
        raise PointFileError("line 1: each column needs a dotted key of its own")
    return head, [_values(number, row, len(head)) for number, row in rows[1:]]


def _values(number: int, row: list[str], wanted: int) -> tuple[Value, ...]:
    if len(row) != wanted:
        raise PointFileError(f"line {number}: {len(row)} values where there are {wanted} keys")
    return tuple(_value(number, cell.strip()) for cell in row)


def _value(number: int, text: str) -> Value:
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text
    if isinstance(value, float) and not math.isfinite(value):
        raise PointFileError(f"line {number}: {text} is not a finite number")
    return value if isinstance(value, bool | int | float | str) else text
