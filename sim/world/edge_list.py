"""A follow network read from a file: CSV, CSV.GZ or GraphML.

Text is read block by block, and a follow costs eight bytes until all are there. Rows of two
plain numbers, as most large files have, are read by a kernel; all others (names, comments,
quotes, spaces, other alphabets, mistakes) by Python's csv module.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, cast

import numpy as np
from numpy.typing import NDArray

from sim.kernels import pairs
from sim.world.networks import Edges, Pairs, from_pairs

_SHOWN: Final = 5  # bad rows that an error lists
_BLOCK: Final = 1 << 23  # bytes read at a time
_ROWS: Final = 1 << 19  # rows numbered at a time
_LINES: Final = 1 << 20  # bytes that the csv module reads before the kernel is tried again
_MARK: Final = b"\xef\xbb\xbf"  # byte-order mark
_SMALLEST: Final = 1 << 12  # places of the table of names at the start

Batch = NDArray[np.int64] | list[str]  # names two by two: plain numbers, or anything


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
    numbering, chunks = _Numbering(), list[Pairs]()
    try:
        for batch in _graphml(path) if path.suffix.lower() == ".graphml" else _csv(path):
            ends = numbering.of(batch)
            chunks.append((ends[0::2].copy(), ends[1::2].copy()))
    except (OSError, UnicodeDecodeError, EOFError, zlib.error, csv.Error) as error:
        raise EdgeListError(f"{path}: cannot be read as a follow network: {error}") from error
    if not chunks:
        raise EdgeListError(
            f"{path}: no follows in it; one row a follow is needed: follower,followee"
        )
    return from_pairs(numbering.count, chunks), numbering.count


class _Numbering:
    """Numbers for names, in the order in which they first appear.

    A table of 64-bit keys: a name that is a plain number is its own key, every other has a
    negative one.
    """

    def __init__(self) -> None:
        self.count = 0
        self._texts: dict[str, int] = {}
        self._names = np.empty(_SMALLEST, np.int64)
        self._numbers = np.full(_SMALLEST, pairs.FREE, np.uint32)

    def of(self, names: Batch) -> NDArray[np.uint32]:
        """Return the numbers of plain numbers, or of names, one each."""
        if isinstance(names, list):
            names = np.array([self._key(name) for name in names], np.int64)
        out, done = np.empty(len(names), np.uint32), 0
        while done < len(names):
            self._make_room()
            table = self._names, self._numbers
            self.count, done = pairs.number(*table, self.count, names, done, out)
        return out

    def _key(self, name: str) -> int:
        """Return the key of a name."""
        if name.isascii() and name.isdigit() and len(name) <= pairs.DIGITS:
            value = int(name)
            if str(value) == name:
                return value
        return self._texts.setdefault(name, -1 - len(self._texts))

    def _make_room(self) -> None:
        """Double the table if it is half full."""
        if 2 * self.count < len(self._names):
            return
        names = np.empty(2 * len(self._names), np.int64)
        numbers = np.full(len(names), pairs.FREE, np.uint32)
        pairs.rehash(self._names, self._numbers, names, numbers)
        self._names, self._numbers = names, numbers


# ---- CSV ----------------------------------------------------------------------------------


def _open(path: Path) -> IO[bytes]:
    """Open a file, compressed or not, behind its byte-order mark if it has one."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    file = cast(IO[bytes], opened(path, "rb"))
    if file.read(len(_MARK)) != _MARK:
        file.seek(0)
    return file


def _csv(path: Path) -> Iterator[Batch]:
    """Yield the names of a CSV file by pairs; complain of all bad rows at once."""
    rows = _Rows(path)
    with _open(path) as file:
        yield from _batches(file, rows)
    rows.complain()


class _Rows:
    """What the csv module made of rows: names, and what is wrong with others."""

    def __init__(self, path: Path) -> None:
        self.line = 0  # rows read so far
        self._path = path
        self._bad: list[str] = []
        self._more = 0

    def names(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the names of the rows of some lines, two a row."""
        for row in csv.reader(lines):
            self.line += 1
            names = [cell.strip() for cell in row]
            if not any(names) or names[0].startswith("#"):
                continue
            if self.line == 1 and _is_header(names):
                continue
            if len(names) < 2 or not names[0] or not names[1]:
                self._note(row)
            else:
                yield from names[:2]

    def _note(self, row: list[str]) -> None:
        """Note a bad row; a few of them are shown."""
        if len(self._bad) == _SHOWN:
            self._more += 1
            return
        wanted = "two names are needed, follower,followee"
        self._bad.append(f"{self._path}:{self.line}: {wanted} (got {row!r})")

    def complain(self) -> None:
        """Raise an error if rows were bad."""
        if self._bad:
            rest = f"\n... and {self._more} more" if self._more else ""
            raise EdgeListError("\n".join(self._bad) + rest)


def _is_header(names: list[str]) -> bool:
    """Tell whether a first row names its columns."""
    first = names[0].lower()
    return first in {"src", "source", "follower", "from"} and len(names) >= 2


def _batches(file: IO[bytes], rows: _Rows) -> Iterator[Batch]:
    """Yield the names of an open file by pairs, in batches."""
    begin = file.tell()
    for block in _blocks(file):
        at = 0
        while at < len(block):
            numbers, at = _numbers(block, at, rows)
            if len(numbers):
                yield numbers
            some = _some_lines(block, at)
            if b'"' in some or (some and not some.endswith(b"\n")):
                break  # a row may go on in the next block
            yield from _listed(rows.names(_lines(io.BytesIO(some))))
            at += len(some)
        if at < len(block):
            file.seek(begin + at)
            yield from _listed(rows.names(_lines(file)))
            return
        begin += len(block)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file in blocks that end with a line, unless a line is longer than a block."""
    rest = b""
    while fresh := file.read(_BLOCK):
        end = fresh.rfind(b"\n") + 1
        yield rest + fresh[:end] if end else rest + fresh
        rest = fresh[end:] if end else b""
    if rest:
        yield rest + b"\n"


def _numbers(block: bytes, at: int, rows: _Rows) -> tuple[NDArray[np.int64], int]:
    """Read plain rows from a place on; return their names and where they end."""
    out = np.empty(2 * _ROWS, np.int64)
    at, count = pairs.read_numbers(np.frombuffer(block, np.uint8), at, out, 0)
    rows.line += count
    return out[: 2 * count], at


def _some_lines(block: bytes, at: int) -> bytes:
    """Return the next lines of a block, some thousands of them."""
    end = block.find(b"\n", at + _LINES) + 1
    return block[at : end or len(block)]


def _lines(file: IO[bytes]) -> io.TextIOWrapper:
    """Return the lines of a file as the csv module wants them."""
    return io.TextIOWrapper(file, encoding="utf-8", newline="")


def _listed(names: Iterator[str]) -> Iterator[list[str]]:
    """Yield names in lists of some length."""
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == 2 * _ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


# ---- GraphML ------------------------------------------------------------------------------


def _graphml(path: Path) -> Iterator[list[str]]:
    """Yield the edges of a GraphML file, both ways if it is undirected.

    networkx reads it as a whole, which takes about a kilobyte an edge.
    """
    from xml.etree.ElementTree import ParseError

    import networkx as nx

    try:
        graph = nx.read_graphml(path)
    except (ParseError, nx.NetworkXError, KeyError, ValueError) as error:
        raise EdgeListError(f"{path}: not a GraphML file that can be read: {error}") from error
    both = () if graph.is_directed() else ((b, a) for a, b in graph.edges())
    yield from _listed(
        str(name) for some in (graph.edges(), both) for pair in some for name in pair
    )
