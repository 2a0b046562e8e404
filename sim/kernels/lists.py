"""The list of an account's ties: follows first, then acquaintances.

Blocks lie in one pool, four size classes an octave, with a free list a class. A block's
place never decides anything; the order within a list does, and is stated in `sim/README.md`.
These functions change structure and are called from one thread at a time.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel, part
from sim.kernels.layout import ACQUAINTANCES, KEEP, NEVER, NO_BLOCK, NO_ROW, Origin, State

_NONE: Final = np.uint32(NO_ROW)
_INITIAL: Final = np.uint8(Origin.INITIAL)
_LANES: Final = 16  # ids compared at a time


@inlined
def block_size(size_class: int) -> int:
    """Return how many ties a block of this class holds: 4, 5, 6, 7, 8, 10, 12, 14, 16, ..."""
    base = 4 << (size_class >> 2)
    return base + (base >> 2) * (size_class & 3)


@part
def class_for(ties: int) -> int:
    """Return the smallest size class that holds so many ties."""
    size_class = 0
    while block_size(size_class) < ties:
        size_class += 1
    return size_class


@part
def allocate(state: State, size_class: int) -> int:
    """Return the first entry of a free block; the pool is known to have room."""
    head = state.free[size_class]
    if head != _NONE:
        state.free[size_class] = state.follow_ids[head]
        return np.int64(head)
    start = state.cursor[0]
    state.cursor[0] = start + block_size(size_class)
    return start


@part
def release(state: State, start: int, size_class: int) -> None:
    """Put a block on its free list; its first id becomes the link."""
    state.follow_ids[start] = state.free[size_class]
    state.free[size_class] = np.uint32(start)


@inlined
def is_too_small(account: np.void, ties: int) -> bool:
    """Tell whether the block of an account does not hold so many ties."""
    if account.size_class == NO_BLOCK:
        return ties > 0
    return block_size(np.int64(account.size_class)) < ties


@inlined
def make_room(state: State, row: int, ties: int, foreseen: int) -> None:
    """Move the list of an account, if its block does not hold so many ties, to one that does.

    And that holds as many as are foreseen besides.
    """
    account = state.accounts[row]
    if not is_too_small(account, ties):
        return
    size_class = class_for(ties + foreseen)
    start, old = allocate(state, size_class), np.int64(account.start)
    for k in range(np.int64(account.ties)):
        state.follow_ids[start + k] = state.follow_ids[old + k]
        state.ties[start + k] = state.ties[old + k]
    if account.size_class != NO_BLOCK:
        release(state, old, np.int64(account.size_class))
    account.start = np.uint32(start)
    account.size_class = np.uint8(size_class)


@part
def ensure_room(state: State, row: int) -> None:
    """Let the list of an account have room for one tie more."""
    make_room(state, row, np.int64(state.accounts[row].ties) + 1, 0)


@inlined
def find_id(ids: NDArray[np.uint32], first: int, last: int, wanted: int) -> int:
    """Return the first place of an id between two places, or -1.

    Sixteen are compared at a time, which the compiler makes one or two instructions.
    """
    sought, lanes, one = np.uint32(wanted), np.uint64(_LANES), np.uint64(1)
    k, end = np.uint64(first), np.uint64(last)  # unsigned: no index counts from the end
    while k + lanes <= end:
        hits = np.uint32(0)
        for j in range(lanes):
            hits |= np.uint32(ids[k + j] == sought)
        if hits:
            break
        k += lanes
    while k < end:
        if ids[k] == sought:
            return np.int64(k)
        k += one
    return -1


@inlined
def find_tie(state: State, row: int, other: int) -> int:
    """Return the pool index of an account's tie to another, or -1."""
    account = state.accounts[row]
    start = np.int64(account.start)
    return find_id(state.follow_ids, start, start + np.int64(account.ties), other)


@inlined
def is_follow(state: State, row: int, index: int) -> bool:
    """Tell whether a tie of an account, by its pool index (or -1), is a follow."""
    account = state.accounts[row]
    return index >= 0 and index < np.int64(account.start) + np.int64(account.follows)


@part
def swap(state: State, i: int, j: int) -> None:
    """Exchange two ties."""
    if i == j:
        return
    other = state.follow_ids[i]
    state.follow_ids[i] = state.follow_ids[j]
    state.follow_ids[j] = other
    first, second = state.ties[i], state.ties[j]
    start, engaged, touched = first.start, first.engaged, first.touched
    origin, muted = first.origin, first.muted
    warmth, irritation = first.warmth, first.irritation
    state.ties[i] = state.ties[j]
    second.start, second.engaged, second.touched = start, engaged, touched
    second.origin, second.muted = origin, muted
    second.warmth, second.irritation = warmth, irritation


@part
def write_tie(state: State, index: int, other: int, start: int, origin: int, hour: int) -> None:
    """Write a fresh tie without warmth, irritation or interactions."""
    state.follow_ids[index] = np.uint32(other)
    tie = state.ties[index]
    tie.start = np.uint16(start)
    tie.engaged = np.uint16(NEVER)
    tie.touched = np.uint16(hour)
    tie.origin = np.uint8(origin)
    tie.muted = np.uint8(0)
    tie.warmth = np.uint8(0)
    tie.irritation = np.uint8(0)


@part
def forget(state: State, row: int, index: int) -> None:
    """Drop an acquaintance: the last tie takes its place."""
    account = state.accounts[row]
    last = np.int64(account.start) + np.int64(account.ties) - 1
    swap(state, index, last)
    account.ties -= np.uint32(1)


@inlined
def strength(state: State, index: int) -> int:
    """Return the stored warmth + irritation of a tie."""
    tie = state.ties[index]
    return np.int64(tie.warmth) + np.int64(tie.irritation)


@part
def weaker(state: State, i: int, j: int) -> bool:
    """Tell whether tie i is forgotten before tie j: less warmth + irritation, then smaller uid."""
    first, second = strength(state, i), strength(state, j)
    uid_i = state.accounts[state.follow_ids[i]].uid
    uid_j = state.accounts[state.follow_ids[j]].uid
    return first < second or (first == second and uid_i < uid_j)


@part
def bound_acquaintances(state: State, row: int, spared: int) -> None:
    """Forget the weakest acquaintance if there are too many; ``spared`` (or -1) stays."""
    account = state.accounts[row]
    first = np.int64(account.start) + np.int64(account.follows)
    end = np.int64(account.start) + np.int64(account.ties)
    if end - first <= ACQUAINTANCES:
        return
    weakest = first if first != spared else first + 1
    for k in range(first, end):
        if k != spared and weaker(state, k, weakest):
            weakest = k
    forget(state, row, weakest)


@part
def append_follow(state: State, row: int, other: int, origin: int, hour: int) -> None:
    """Append a follow behind the follows; the first acquaintance moves to the end."""
    ensure_room(state, row)
    account = state.accounts[row]
    boundary = np.int64(account.start) + np.int64(account.follows)
    end = np.int64(account.start) + np.int64(account.ties)
    if end > boundary:
        state.follow_ids[end] = state.follow_ids[boundary]
        state.ties[end] = state.ties[boundary]
    write_tie(state, boundary, other, hour, origin, hour)
    account.follows += np.uint32(1)
    account.ties += np.uint32(1)


@part
def promote(state: State, row: int, index: int, origin: int, hour: int) -> None:
    """Make a follow of an acquaintance; what was felt stays."""
    account = state.accounts[row]
    boundary = np.int64(account.start) + np.int64(account.follows)
    swap(state, index, boundary)
    tie = state.ties[boundary]
    tie.start = np.uint16(hour)
    tie.origin = np.uint8(origin)
    tie.muted = np.uint8(0)
    account.follows += np.uint32(1)


@kernel
def begin_follow(state: State, row: int, other: int, origin: int, hour: int) -> bool:
    """Let an account follow another if it can; tell whether it did."""
    if row == other or state.accounts[row].alive == 0 or state.accounts[other].alive == 0:
        return False
    index = find_tie(state, row, other)
    if is_follow(state, row, index):
        return False
    if index >= 0:
        promote(state, row, index, origin, hour)
    else:
        append_follow(state, row, other, origin, hour)
    state.accounts[other].followers += np.uint32(1)
    return True


@part
def demote(state: State, row: int, index: int) -> int:
    """Make the first acquaintance of a follow; return its new pool index."""
    account = state.accounts[row]
    last = np.int64(account.start) + np.int64(account.follows) - 1
    swap(state, index, last)
    state.ties[last].muted = np.uint8(0)
    account.follows -= np.uint32(1)
    return last


@part
def end_follow(state: State, row: int, other: int) -> bool:
    """Let an account unfollow another if it follows it; tell whether it did."""
    index = find_tie(state, row, other)
    if not is_follow(state, row, index):
        return False
    index = demote(state, row, index)
    if strength(state, index) < KEEP:
        forget(state, row, index)
    else:
        bound_acquaintances(state, row, -1)
    state.accounts[other].followers -= np.uint32(1)
    return True


@part
def meet(state: State, row: int, other: int, hour: int) -> int:
    """Return the pool index of the tie to another account, a new acquaintance if none."""
    index = find_tie(state, row, other)
    if index >= 0:
        return index
    ensure_room(state, row)
    account = state.accounts[row]
    index = np.int64(account.start) + np.int64(account.ties)
    write_tie(state, index, other, 0, _INITIAL, hour)
    account.ties += np.uint32(1)
    bound_acquaintances(state, row, index)
    return find_tie(state, row, other)


@part
def purge_dead(state: State, row: int) -> None:
    """Drop all ties to dead accounts, from the last to the first."""
    account = state.accounts[row]
    start = np.int64(account.start)
    for k in range(start + np.int64(account.ties) - 1, start - 1, -1):
        if state.accounts[state.follow_ids[k]].alive == 0:
            if is_follow(state, row, k):
                forget(state, row, demote(state, row, k))
            else:
                forget(state, row, k)


@part
def clear(state: State, row: int) -> None:
    """End all ties of an account and release its block."""
    account = state.accounts[row]
    if account.size_class == NO_BLOCK:
        return
    start = np.int64(account.start)
    for k in range(start, start + np.int64(account.follows)):
        state.accounts[state.follow_ids[k]].followers -= np.uint32(1)
    release(state, start, np.int64(account.size_class))
    account.follows = np.uint32(0)
    account.ties = np.uint32(0)
    account.size_class = np.uint8(NO_BLOCK)


@kernel
def room_needed(state: State, owners: NDArray[np.uint32]) -> int:
    """Return how many pool entries new ties can take at most; each owner stands once a new tie.

    ``owners`` is sorted. An owner whose list grows takes at most one block of each larger
    class up to the one that holds all of its ties.
    """
    state = borrow(state)
    owners = borrow(owners)
    needed, k = 0, 0
    while k < owners.shape[0]:
        account = state.accounts[np.int64(owners[k])]
        more = 0
        while k + more < owners.shape[0] and owners[k + more] == owners[k]:
            more += 1
        size_class = 0 if account.size_class == NO_BLOCK else np.int64(account.size_class) + 1
        while size_class <= class_for(np.int64(account.ties) + more):
            needed += block_size(size_class)
            size_class += 1
        k += more
    return needed
