"""Measures that need a look at many ties."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel, part
from sim.kernels.feelings import warmth_of
from sim.kernels.layout import NEVER, AccountKind, State, Tables
from sim.kernels.lists import find_tie, is_follow
from sim.kernels.prefetching import prefetch

_FAKE: Final = int(AccountKind.FAKE)
FOLLOWING, REACHABLE, ENGAGED = 1, 2, 4
_BATCH: Final = 64  # follows whose other sides are fetched at a time
_FETCHED, _LINE = 64, 16  # ids of a list that are fetched; ids in a line of the cache


@kernel
def look_at_followers(
    state: State,
    tables: Tables,
    target: int,
    followers: NDArray[np.uint32],
    hour: int,
    horizon: int,
    flags: NDArray[np.uint8],
    warmth: NDArray[np.float64],
    engaged: NDArray[np.uint16],
) -> None:
    """Write, for each of these followers of an account, what its tie is like.

    ``flags``: FOLLOWING, REACHABLE (neither muted nor fake), ENGAGED (interacted within
    ``horizon`` hours), summed; ``warmth`` decayed to now; ``engaged`` the hour of the last
    interaction or NEVER.
    """
    state = borrow(state)
    tables = borrow(tables)
    followers = borrow(followers)
    flags = borrow(flags)
    warmth = borrow(warmth)
    engaged = borrow(engaged)
    for k in range(followers.shape[0]):
        row = np.int64(followers[k])
        index = find_tie(state, row, target)
        flags[k], warmth[k], engaged[k] = 0, 0.0, NEVER
        if not is_follow(state, row, index):
            continue
        tie = state.ties[index]
        reachable = tie.muted == 0 and state.accounts[row].kind != _FAKE
        fresh = tie.engaged != NEVER and hour - np.int64(tie.engaged) <= horizon
        flags[k] = FOLLOWING + REACHABLE * reachable + ENGAGED * fresh
        warmth[k] = warmth_of(state, tables, index, hour)
        engaged[k] = tie.engaged


@kernel
def warm_connections(state: State, tables: Tables, row: int, hour: int, warm: float) -> int:
    """Return how many ties of an account are warm on both sides, followed or not."""
    state = borrow(state)
    tables = borrow(tables)
    account = state.accounts[row]
    start = np.int64(account.start)
    found = 0
    for k in range(start, start + np.int64(account.ties)):
        if warmth_of(state, tables, k, hour) >= warm:
            other = np.int64(state.follow_ids[k])
            back = find_tie(state, other, row)
            found += warmth_of(state, tables, back, hour) >= warm
    return found


@kernel
def hollow_pairs(state: State, row: int, quiet_since: int) -> int:
    """Return how many mutual follows of an account saw no interaction since an hour."""
    state = borrow(state)
    account = state.accounts[row]
    start = np.int64(account.start)
    found = 0
    for k in range(start, start + np.int64(account.follows)):
        other = np.int64(state.follow_ids[k])
        back = find_tie(state, other, row)
        if is_follow(state, other, back):
            mine, theirs = np.int64(state.ties[k].engaged), np.int64(state.ties[back].engaged)
            found += max(mine, theirs) < quiet_since
    return found


@kernel
def followers_of(state: State, rows: int, target: int, out: NDArray[np.uint32]) -> int:
    """Write the rows that follow an account, by a scan over all lists; return how many."""
    state = borrow(state)
    out = borrow(out)
    found = 0
    for row in range(rows):
        if is_follow(state, row, find_tie(state, row, target)):
            out[found] = row
            found += 1
    return found


@part
def look_for_returned(
    state: State,
    owners: NDArray[np.uint32],
    places: NDArray[np.uint32],
    count: int,
    quiet_since: int,
    out: NDArray[np.int64],
) -> None:
    """Look whether the follows at these places are returned; what is read is fetched ahead."""
    for j in range(count):
        account = state.accounts[np.int64(state.follow_ids[np.int64(places[j])])]
        start = np.int64(account.start)
        for k in range(start, start + min(_FETCHED, np.int64(account.follows)), _LINE):
            prefetch(state.follow_ids, k)
    for j in range(count):
        k, row = np.int64(places[j]), np.int64(owners[j])
        other = np.int64(state.follow_ids[k])
        back = find_tie(state, other, row)
        if is_follow(state, other, back):
            out[1] += 2
            mine, theirs = np.int64(state.ties[k].engaged), np.int64(state.ties[back].engaged)
            out[2] += 2 * (max(mine, theirs) < quiet_since)


@kernel
def count_pairs(state: State, rows: int, quiet_since: int, out: NDArray[np.int64]) -> None:
    """Count follows, mutual follows and mutual follows without interaction on either side.

    ``out``: [follows, follows that are returned, of these without an interaction by either
    side since ``quiet_since``]. Both counts take each pair twice.
    """
    state = borrow(state)
    out = borrow(out)
    out[:] = 0
    owned, owned_too = np.empty(_BATCH, np.uint32), np.empty(_BATCH, np.uint32)
    owners, places = borrow(owned), borrow(owned_too)
    count = 0
    for row in range(rows):
        account = state.accounts[row]
        start, follows = np.int64(account.start), np.int64(account.follows)
        out[0] += follows
        for k in range(start, start + follows):
            other = np.int64(state.follow_ids[k])
            if other < row:
                continue  # the pair, if it is one, is found from the other side
            prefetch(state.accounts, other)
            owners[count], places[count] = row, k
            count += 1
            if count == _BATCH:
                look_for_returned(state, owners, places, count, quiet_since, out)
                count = 0
    look_for_returned(state, owners, places, count, quiet_since, out)
    owned[0] = owned_too[0] = 0  # they are in use up to here


@kernel
def list_follows(
    state: State, rows: int, owner: NDArray[np.uint32], index: NDArray[np.int64], ties: bool
) -> int:
    """Write owner and pool index of each follow (or each tie), in row order; return the number."""
    state = borrow(state)
    owner = borrow(owner)
    index = borrow(index)
    at = 0
    for row in range(rows):
        account = state.accounts[row]
        start = np.int64(account.start)
        count = np.int64(account.ties) if ties else np.int64(account.follows)
        for k in range(start, start + count):
            owner[at] = row
            index[at] = k
            at += 1
    return at
