"""Attempts to follow, applied in batches: each follower carries out all of its own at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel
from sim.kernels.layout import State
from sim.kernels.lists import (
    append_follow,
    block_size,
    class_for,
    find_tie,
    is_follow,
    is_too_small,
    make_room,
    promote,
)
from sim.kernels.prefetching import prefetch

__all__ = ["apply", "room_needed", "sort_by_follower"]

_AHEAD: Final = 8  # followers whose lists are fetched ahead
_LINE: Final = 16  # ids in a cache line


@kernel
def sort_by_follower(
    source: NDArray[np.uint32],
    target: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    targets: NDArray[np.uint32],
) -> None:
    """Write the targets grouped by follower, in the order of the attempts.

    ``bounds`` (accounts + 1 entries of zero) leaves as where each follower's attempts begin.
    """
    source = borrow(source)
    target = borrow(target)
    bounds = borrow(bounds)
    targets = borrow(targets)
    accounts = bounds.shape[0] - 1
    for k in range(source.shape[0]):
        bounds[source[k]] += 1
    begin = 0
    for u in range(accounts):
        begin, bounds[u] = begin + bounds[u], begin
    for k in range(source.shape[0]):
        targets[bounds[source[k]]] = target[k]
        bounds[source[k]] += 1
    for u in range(accounts, 0, -1):
        bounds[u] = bounds[u - 1]
    bounds[0] = 0


@kernel
def room_needed(state: State, bounds: NDArray[np.int64], foreseen: int) -> int:
    """Return how many pool entries the attempts can take at most: one block for each that grows."""
    state = borrow(state)
    bounds = borrow(bounds)
    needed = 0
    for row in range(bounds.shape[0] - 1):
        account = state.accounts[row]
        ties = np.int64(account.ties) + bounds[row + 1] - bounds[row]
        if is_too_small(account, ties):
            needed += block_size(class_for(ties + foreseen))
    return needed


@inlined
def fetch_list(state: State, row: int) -> None:
    """Begin to fetch the list of an account: its ids, and where the next follow is written."""
    account = state.accounts[row]
    start, ties = np.int64(account.start), np.int64(account.ties)
    for k in range(0, ties, _LINE):
        prefetch(state.follow_ids, start + k)
    prefetch(state.ties, start + ties)


@inlined
def attempt(state: State, row: int, other: int, origin: int, hour: int) -> bool:
    """Let an account follow another that lives, as `lists.begin_follow` does."""
    index = find_tie(state, row, other)
    if index < 0:
        append_follow(state, row, other, origin, hour)
        return True
    if is_follow(state, row, index):
        return False
    promote(state, row, index, origin, hour)
    return True


@kernel
def apply(
    state: State,
    bounds: NDArray[np.int64],
    targets: NDArray[np.uint32],
    alive: NDArray[np.uint8],
    foreseen: int,
    origin: int,
    hour: int,
    gained: NDArray[np.uint32],
) -> int:
    """Let rows follow rows, attempts grouped by follower; return how many attempts succeed.

    As `lists.begin_follow` for each: oneself, the dead and those who are followed already are
    refused. ``gained`` receives the new followers of each row, which are not entered here; a list
    that must move gets room for as many ties as are ``foreseen`` besides. The pool is known to
    have room.
    """
    state = borrow(state)
    bounds = borrow(bounds)
    targets = borrow(targets)
    alive = borrow(alive)
    gained = borrow(gained)
    made, rows = 0, bounds.shape[0] - 1
    for row in range(rows):
        if row + _AHEAD < rows:
            fetch_list(state, row + _AHEAD)
        first, last = bounds[row], bounds[row + 1]
        if first == last or alive[row] == 0:
            continue
        make_room(state, row, np.int64(state.accounts[row].ties) + last - first, foreseen)
        for k in range(first, last):
            if k + _LINE < targets.shape[0]:
                prefetch(gained, targets[k + _LINE])
            other = np.int64(targets[k])
            if other == row or alive[other] == 0:
                continue
            if attempt(state, row, other, origin, hour):
                gained[other] += np.uint32(1)
                made += 1
    return made
