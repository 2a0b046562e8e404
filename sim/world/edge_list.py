"""A follow network read from a file: CSV, CSV.GZ or GraphML."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np

from sim.world.networks import Edges, from_pairs

_SHOWN = 5  # bad rows that an error lists


class EdgeListError(ValueError):
    """A network file that cannot be used; the message says where and what to do."""


def read(path: Path) -> tuple[Edges, int]:
    """Return the follows of a file and how many accounts it names.

    A row ``a,b`` says that a follows b; names may be anything. Accounts are numbered in the
    order in which they first appear. A first row ``src,dst``, ``source,target`` or
    ``follower,followee`` is a header. Follows of oneself and repetitions are dropped.

    Raises:
        EdgeListError: no such file, not readable, no rows, or rows without two names.
    """
    try:
        pairs = list(_graphml(path) if path.suffix.lower() == ".graphml" else _csv(path))
    except (OSError, UnicodeDecodeError, EOFError, zlib.error, csv.Error) as error:
        raise EdgeListError(f"{path}: cannot be read as a follow network: {error}") from error
    if not pairs:
        raise EdgeListError(
            f"{path}: no follows in it; one row a follow is needed: follower,followee"
        )
    numbers: dict[str, int] = {}
    ends = [numbers.setdefault(name, len(numbers)) for pair in pairs for name in pair]
    ends_array = np.array(ends, np.uint32).reshape(-1, 2)
    return from_pairs(len(numbers), ends_array[:, 0], ends_array[:, 1]), len(numbers)


def _open(path: Path) -> TextIO:
    """Open a text file, compressed or not, with or without a byte-order mark."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _csv(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a CSV file; complain of all bad rows at once."""
    bad: list[str] = []
    with _open(path) as file:
        for line, row in enumerate(csv.reader(file), 1):
            names = [cell.strip() for cell in row]
            if not any(names) or names[0].startswith("#") or (line == 1 and _is_header(names)):
                continue
            if len(names) < 2 or not names[0] or not names[1]:
                bad.append(f"{path}:{line}: two names are needed, follower,followee (got {row!r})")
            else:
                yield names[0], names[1]
    if bad:
        rest = f"\n... and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
        raise EdgeListError("\n".join(bad[:_SHOWN]) + rest)


def _is_header(names: list[str]) -> bool:
    """Tell whether a first row names its columns."""
    first = names[0].lower()
    return first in {"src", "source", "follower", "from"} and len(names) >= 2


def _graphml(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the edges of a GraphML file, both ways if it is undirected."""
    from xml.etree.ElementTree import ParseError

    import networkx as nx

    try:
        graph = nx.read_graphml(path)
    except (ParseError, nx.NetworkXError, KeyError, ValueError) as error:
        raise EdgeListError(f"{path}: not a GraphML file that can be read: {error}") from error
    for a, b in graph.edges():
        yield str(a), str(b)
        if not graph.is_directed():
            yield str(b), str(a)
