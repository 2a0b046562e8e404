"""Laying the first follows of the calibrated generator, in time linear in follows.

Everything is written in the space of account numbers, which are the uids of the first
accounts; rows come later, so that shuffling the rows gives the same world. Each account
writes only to its own segment, so that ranges of accounts can be laid in several threads.

What a batch of slots will read is fetched while the batch is still being drawn: at a
million accounts nearly every look at another one is a miss of all caches.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel, part
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.layout import Purpose
from sim.kernels.lists import find_id
from sim.kernels.prefetching import prefetch

_BASE: Final = np.uint64(Purpose.BASE_FOLLOW)
_CLOSE: Final = np.uint64(Purpose.CLOSURE)
_RETURN: Final = np.uint64(Purpose.RECIPROCATION)
_ZERO, _S16 = np.uint64(0), np.uint64(16)
_TRIES: Final = 8
_BATCH: Final = 64  # slots, or follows, whose reads are under way at a time
_AHEAD: Final = 16  # follows that followers are counted ahead of
_MARKS: Final = 1 << 16  # of `Marks`; they fit into the second cache
_LINE: Final = 16  # ids in a line of the cache


# ---- whom one follows already -------------------------------------------------------------


@inlined
def is_new(
    marks: NDArray[np.uint32], targets: NDArray[np.uint32], first: int, last: int, u: int, v: int
) -> bool:
    """Tell whether ``u`` has not chosen ``v`` yet, between two places.

    ``marks`` holds who last marked each residue of a number; only where that is ``u`` must the
    list be looked through.
    """
    if marks[v & (_MARKS - 1)] != np.uint32(u):
        return True
    return find_id(targets, first, last, v) < 0


@inlined
def mark(marks: NDArray[np.uint32], u: int, v: int) -> None:
    """Note that ``u`` has chosen ``v``."""
    marks[v & (_MARKS - 1)] = np.uint32(u)


@inlined
def no_marks() -> NDArray[np.uint32]:
    """Return marks of nobody: the number beyond all accounts."""
    return np.full(_MARKS, 0xFFFFFFFF, np.uint32)


# ---- by popularity ------------------------------------------------------------------------


@kernel
def make_guide(cumulated: NDArray[np.float64], guide: NDArray[np.uint32]) -> None:
    """Write, for each of so many equal parts of the whole weight, the place where it begins.

    The first place whose cumulated weight exceeds a value is at most a few steps from where
    the value's part begins (Chen and Asau 1974).
    """
    cumulated = borrow(cumulated)
    guide = borrow(guide)
    places, parts = cumulated.shape[0], guide.shape[0]
    width = cumulated[places - 1] / parts
    place = 0
    for k in range(parts):
        while place < places - 1 and cumulated[place] <= k * width:
            place += 1
        guide[k] = place


@inlined
def locate(cumulated: NDArray[np.float64], place: int, first: int, last: int, value: float) -> int:
    """Return the first place in [first, last) whose cumulated weight exceeds a value.

    The last place if none does. ``place`` is where to begin; it may be anywhere, and the
    closer it is the sooner this ends.
    """
    place = min(max(place, first), last - 1)
    while place > first and cumulated[place - 1] > value:
        place -= 1
    while place < last - 1 and cumulated[place] <= value:
        place += 1
    return place


@kernel
def lay_base(
    begin: int,
    end: int,
    community: NDArray[np.uint32],
    order: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    cumulated: NDArray[np.float64],
    guide: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    wanted: NDArray[np.int64],
    within: float,
    seed: np.uint64,
    targets: NDArray[np.uint32],
    filled: NDArray[np.int64],
) -> None:
    """Draw first followees by popularity, most of them within the community.

    ``order`` lists account numbers by community, ``bounds`` where each begins, ``cumulated``
    popularity in that order, of which ``guide`` is the guide. The accounts at the places
    ``begin`` to ``end - 1`` of that order draw, so that a community's weights are at hand.
    Writes to ``targets`` from ``offsets``, and how many to ``filled``.
    """
    community = borrow(community)
    order = borrow(order)
    bounds = borrow(bounds)
    cumulated = borrow(cumulated)
    guide = borrow(guide)
    offsets = borrow(offsets)
    wanted = borrow(wanted)
    targets = borrow(targets)
    filled = borrow(filled)
    everyone = order.shape[0]
    total = cumulated[everyone - 1]
    scale = guide.shape[0] / total if total > 0.0 else 0.0
    marks = no_marks()
    values, near = np.empty(_BATCH, np.float64), np.empty(_BATCH, np.bool_)
    places = np.empty(_BATCH, np.int64)
    for i in range(begin, end):
        u = np.int64(order[i])
        key = fold(at_time(np.uint64(seed), _ZERO), np.uint64(u))
        low, high = bounds[community[u]], bounds[community[u] + 1]
        ground = cumulated[low - 1] if low > 0 else 0.0
        height = cumulated[high - 1] - ground
        at = offsets[u]
        for slot in range(0, wanted[u], _BATCH):
            batch = min(_BATCH, wanted[u] - slot)
            for j in range(batch):
                word = fold(fold(key, np.uint64((slot + j) * _TRIES)), _BASE)
                near[j] = unit(word << _S16) < within
                values[j] = ground + unit(word) * height if near[j] else unit(word) * total
                places[j] = min(np.int64(values[j] * scale), guide.shape[0] - 1)
                prefetch(guide, places[j])
            for j in range(batch):
                places[j] = guide[places[j]]
                prefetch(cumulated, places[j])
                prefetch(order, places[j])
            for j in range(batch):
                is_near, value, place = near[j], values[j], places[j]
                for t in range(_TRIES):
                    if t > 0:
                        word = fold(fold(key, np.uint64((slot + j) * _TRIES + t)), _BASE)
                        is_near = unit(word << _S16) < within
                        value = ground + unit(word) * height if is_near else unit(word) * total
                        place = guide[min(np.int64(value * scale), guide.shape[0] - 1)]
                    first, last = (low, high) if is_near else (0, everyone)
                    v = np.int64(order[locate(cumulated, place, first, last, value)])
                    if v != u and is_new(marks, targets, offsets[u], at, u, v):
                        mark(marks, u, v)
                        targets[at] = v
                        at += 1
                        break
        filled[u] = at - offsets[u]


# ---- by closing triangles -----------------------------------------------------------------


@inlined
def friend_of(word: np.uint64, w: int, offsets: NDArray[np.int64], base: NDArray[np.int64]) -> int:
    """Return where a first followee of ``w`` stands, or -1 if it has none."""
    if base[w] == 0:
        return -1
    return offsets[w] + np.int64(unit(word << _S16) * base[w])


@kernel
def lay_closure(
    begin: int,
    end: int,
    offsets: NDArray[np.int64],
    wanted: NDArray[np.int64],
    base: NDArray[np.int64],
    seed: np.uint64,
    targets: NDArray[np.uint32],
    filled: NDArray[np.int64],
) -> None:
    """Close triangles: follow a first followee of a first followee.

    ``base`` counts the first; the accounts ``begin`` to ``end - 1`` draw. What is added stands
    behind the first followees, where nobody else looks.
    """
    offsets = borrow(offsets)
    wanted = borrow(wanted)
    base = borrow(base)
    targets = borrow(targets)
    filled = borrow(filled)
    marks = no_marks()
    words, places = np.empty(_BATCH, np.uint64), np.empty(_BATCH, np.int64)
    for u in range(begin, end):
        key = fold(at_time(np.uint64(seed), _ZERO), np.uint64(u))
        own = offsets[u]
        at = own + base[u]
        for k in range(own, at):
            mark(marks, u, np.int64(targets[k]))
        slots = wanted[u] if base[u] > 0 else 0
        for slot in range(0, slots, _BATCH):
            batch = min(_BATCH, slots - slot)
            for j in range(batch):
                words[j] = fold(fold(key, np.uint64((slot + j) * _TRIES)), _CLOSE)
                places[j] = targets[own + np.int64(unit(words[j]) * base[u])]
                prefetch(offsets, places[j])
                prefetch(base, places[j])
            for j in range(batch):
                places[j] = friend_of(words[j], places[j], offsets, base)
                prefetch(targets, max(places[j], 0))
            for j in range(batch):
                place = places[j]
                for t in range(_TRIES):
                    if t > 0:
                        word = fold(fold(key, np.uint64((slot + j) * _TRIES + t)), _CLOSE)
                        w = np.int64(targets[own + np.int64(unit(word) * base[u])])
                        place = friend_of(word, w, offsets, base)
                    if place < 0:
                        continue
                    v = np.int64(targets[place])
                    if v != u and is_new(marks, targets, own, at, u, v):
                        mark(marks, u, v)
                        targets[at] = v
                        at += 1
                        break
        filled[u] = at - own


# ---- what is returned ---------------------------------------------------------------------


@kernel
def choose_returned(
    begin: int,
    end: int,
    offsets: NDArray[np.int64],
    filled: NDArray[np.int64],
    targets: NDArray[np.uint32],
    share: float,
    seed: np.uint64,
    returned: NDArray[np.uint8],
) -> None:
    """Mark the follows of the accounts ``begin`` to ``end - 1`` that are returned."""
    offsets = borrow(offsets)
    filled = borrow(filled)
    targets = borrow(targets)
    returned = borrow(returned)
    owners, places = np.empty(_BATCH, np.int64), np.empty(_BATCH, np.int64)
    held = 0
    for u in range(begin, end):
        key = fold(at_time(np.uint64(seed), _ZERO), np.uint64(u))
        for k in range(offsets[u], offsets[u] + filled[u]):
            v = np.int64(targets[k])
            returned[k] = unit(fold(fold(key, np.uint64(v)), _RETURN)) < share
            if returned[k] == 0:
                continue
            owners[held], places[held] = u, k
            held += 1
            prefetch(offsets, v)
            prefetch(filled, v)
            if held == _BATCH:
                drop_mutual(owners, places, held, offsets, filled, targets, returned)
                held = 0
    drop_mutual(owners, places, held, offsets, filled, targets, returned)


@part
def drop_mutual(
    owners: NDArray[np.int64],
    places: NDArray[np.int64],
    held: int,
    offsets: NDArray[np.int64],
    filled: NDArray[np.int64],
    targets: NDArray[np.uint32],
    returned: NDArray[np.uint8],
) -> None:
    """Take back the marks of follows whose target follows already."""
    for j in range(held):
        first = offsets[targets[places[j]]]
        prefetch(targets, first)
        prefetch(targets, first + _LINE)
    for j in range(held):
        v = np.int64(targets[places[j]])
        if find_id(targets, offsets[v], offsets[v] + filled[v], owners[j]) >= 0:
            returned[places[j]] = 0


@kernel
def count_returned(
    offsets: NDArray[np.int64],
    filled: NDArray[np.int64],
    targets: NDArray[np.uint32],
    returned: NDArray[np.uint8],
    total: NDArray[np.int64],
) -> None:
    """Add to ``total`` how many follows each account returns."""
    offsets = borrow(offsets)
    filled = borrow(filled)
    targets = borrow(targets)
    returned = borrow(returned)
    total = borrow(total)
    for u in range(offsets.shape[0]):
        for k in range(offsets[u], offsets[u] + filled[u]):
            if returned[k] != 0:
                total[targets[k]] += 1


# ---- into the pool ------------------------------------------------------------------------


@kernel
def write_chosen(
    begin: int,
    end: int,
    offsets: NDArray[np.int64],
    filled: NDArray[np.int64],
    targets: NDArray[np.uint32],
    row_of: NDArray[np.uint32],
    start: NDArray[np.int64],
    follow_ids: NDArray[np.uint32],
) -> None:
    """Write the own choices of the accounts ``begin`` to ``end - 1`` into the pool."""
    offsets = borrow(offsets)
    filled = borrow(filled)
    targets = borrow(targets)
    row_of = borrow(row_of)
    start = borrow(start)
    follow_ids = borrow(follow_ids)
    for u in range(begin, end):
        for k in range(filled[u]):
            follow_ids[start[u] + k] = row_of[targets[offsets[u] + k]]


@kernel
def write_returned(
    offsets: NDArray[np.int64],
    filled: NDArray[np.int64],
    targets: NDArray[np.uint32],
    returned: NDArray[np.uint8],
    row_of: NDArray[np.uint32],
    start: NDArray[np.int64],
    count: NDArray[np.int64],
    follow_ids: NDArray[np.uint32],
    followers: NDArray[np.uint32],
) -> None:
    """Write what is returned behind the own choices, in order, and count all followers.

    ``count`` comes in as the own choices of each account and leaves as all that it follows.
    """
    offsets = borrow(offsets)
    filled = borrow(filled)
    targets = borrow(targets)
    returned = borrow(returned)
    row_of = borrow(row_of)
    start = borrow(start)
    count = borrow(count)
    follow_ids = borrow(follow_ids)
    followers = borrow(followers)
    for u in range(offsets.shape[0]):
        last = offsets[u] + filled[u]
        for k in range(offsets[u], last):
            if k + _AHEAD < last:
                prefetch(followers, np.int64(targets[k + _AHEAD]))
            v = np.int64(targets[k])
            followers[v] += np.uint32(1)
            if returned[k] != 0:
                follow_ids[start[v] + count[v]] = row_of[u]
                count[v] += 1
                followers[u] += np.uint32(1)
