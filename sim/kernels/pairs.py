"""Pairs of a follow network: read from plain text, numbered, and grouped by follower."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel, part
from sim.kernels.draws import mix
from sim.kernels.prefetching import prefetch

__all__ = ["count_sources", "group", "number", "read_numbers", "rehash", "tidy"]

FREE: Final = 0xFFFFFFFF  # number of a place of the table that holds no name
DIGITS: Final = 18  # of the longest number that is read as such; it fits into an int64
_REST: Final = 100_000  # bytes behind the second number; the csv module refuses more
_AHEAD: Final = 32  # names looked up ahead
_COMMA, _NEWLINE, _RETURN, _QUOTE = 44, 10, 13, 34
_NIL, _NINE, _ASCII = 48, 57, 128


# ---- text ---------------------------------------------------------------------------------


@part
def end_of_number(text: NDArray[np.uint8], at: int) -> int:
    """Return where a decimal number without a leading zero ends, or ``at`` if there is none."""
    end = at
    while end < text.shape[0] and _NIL <= text[end] <= _NINE:
        end += 1
    if end - at > DIGITS or (end - at > 1 and text[at] == _NIL):
        return at
    return end


@part
def value_of(text: NDArray[np.uint8], at: int, end: int) -> int:
    """Return the number that stands between two places."""
    value = 0
    for k in range(at, end):
        value = value * 10 + np.int64(text[k]) - _NIL
    return value


@part
def end_of_row(text: NDArray[np.uint8], at: int) -> int:
    """Return where the next row begins, or -1 if what is left of this one is not plain."""
    size = text.shape[0]
    if at < size and text[at] == _COMMA:  # further columns are passed over
        last = min(size, at + _REST)
        while at < last and _plain(text[at]):
            at += 1
    if at < size and text[at] == _RETURN:
        at += 1
    return at + 1 if at < size and text[at] == _NEWLINE else -1


@inlined
def _plain(byte: int) -> bool:
    """Tell whether a byte of a column means nothing but itself."""
    return byte != _NEWLINE and byte != _RETURN and byte != _QUOTE and byte < _ASCII


@kernel
def read_numbers(
    text: NDArray[np.uint8], at: int, pairs: NDArray[np.int64], rows: int
) -> tuple[int, int]:
    """Read rows of two plain numbers until something else comes, or ``pairs`` is full.

    A row is ``a,b`` or ``a,b,anything`` and ends in a line feed. Writes the pairs (two entries
    a row) behind the ``rows`` that are there; returns the first byte that was not read, and how
    many rows there are now.
    """
    text = borrow(text)
    pairs = borrow(pairs)
    while 2 * rows < pairs.shape[0]:
        comma = end_of_number(text, at)
        if comma == at or comma >= text.shape[0] or text[comma] != _COMMA:
            break
        end = end_of_number(text, comma + 1)
        following = end_of_row(text, end)
        if end == comma + 1 or following < 0:
            break
        pairs[2 * rows] = value_of(text, at, comma)
        pairs[2 * rows + 1] = value_of(text, comma + 1, end)
        rows += 1
        at = following
    return at, rows


# ---- numbers in the order of first appearance ---------------------------------------------


@inlined
def home(name: int, places: int) -> int:
    """Return where a name is looked for first, in a table whose length is a power of two."""
    return np.int64(mix(np.uint64(name)) & np.uint64(places - 1))


@inlined
def place_of(names: NDArray[np.int64], numbers: NDArray[np.uint32], name: int) -> int:
    """Return the place of a name in the table, or the free one where it belongs."""
    places = names.shape[0]
    place = home(name, places)
    while numbers[place] != np.uint32(FREE) and names[place] != name:
        place = (place + 1) & (places - 1)
    return place


@kernel
def number(
    names: NDArray[np.int64],
    numbers: NDArray[np.uint32],
    count: int,
    wanted: NDArray[np.int64],
    first: int,
    out: NDArray[np.uint32],
) -> tuple[int, int]:
    """Write the numbers of names from ``first`` on; new names get the next ones.

    Stops when the table is half full. Returns how many names there are now and the first that
    has no number yet.
    """
    names = borrow(names)
    numbers = borrow(numbers)
    wanted = borrow(wanted)
    out = borrow(out)
    places, k = names.shape[0], first
    while k < wanted.shape[0] and 2 * count < places:
        if k + _AHEAD < wanted.shape[0]:
            ahead = home(wanted[k + _AHEAD], places)
            prefetch(names, ahead)
            prefetch(numbers, ahead)
        place = place_of(names, numbers, wanted[k])
        if numbers[place] == np.uint32(FREE):
            names[place], numbers[place] = wanted[k], count
            count += 1
        out[k] = numbers[place]
        k += 1
    return count, k


@kernel
def rehash(
    names: NDArray[np.int64],
    numbers: NDArray[np.uint32],
    new_names: NDArray[np.int64],
    new_numbers: NDArray[np.uint32],
) -> None:
    """Enter all names of a table into another, which is free and has room."""
    for k in range(names.shape[0]):
        if numbers[k] != np.uint32(FREE):
            place = place_of(new_names, new_numbers, names[k])
            new_names[place], new_numbers[place] = names[k], numbers[k]


# ---- by follower --------------------------------------------------------------------------


@kernel
def count_sources(source: NDArray[np.uint32], counts: NDArray[np.int64]) -> None:
    """Add to the counts how often each account stands as a follower."""
    source = borrow(source)
    counts = borrow(counts)
    for k in range(source.shape[0]):
        counts[source[k]] += 1


@kernel
def group(
    source: NDArray[np.uint32],
    target: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    filled: NDArray[np.int64],
    targets: NDArray[np.uint32],
) -> None:
    """Append pairs to the segments of their followers; follows of oneself are left out."""
    source = borrow(source)
    target = borrow(target)
    offsets = borrow(offsets)
    filled = borrow(filled)
    targets = borrow(targets)
    for k in range(source.shape[0]):
        if k + _AHEAD < source.shape[0]:
            prefetch(offsets, np.int64(source[k + _AHEAD]))
            prefetch(filled, np.int64(source[k + _AHEAD]))
        u = np.int64(source[k])
        if source[k] != target[k]:
            targets[offsets[u] + filled[u]] = target[k]
            filled[u] += 1


@kernel
def tidy(
    begin: int,
    end: int,
    offsets: NDArray[np.int64],
    filled: NDArray[np.int64],
    targets: NDArray[np.uint32],
) -> None:
    """Sort the segments ``begin`` to ``end - 1`` and leave out repetitions."""
    offsets = borrow(offsets)
    filled = borrow(filled)
    targets = borrow(targets)
    for u in range(begin, end):
        segment = targets[offsets[u] : offsets[u] + filled[u]]
        segment.sort()
        kept = 0
        for k in range(segment.shape[0]):
            if kept == 0 or segment[k] != segment[kept - 1]:
                segment[kept] = segment[k]
                kept += 1
        filled[u] = kept
