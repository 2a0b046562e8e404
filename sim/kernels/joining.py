"""Joining: whom a newcomer to the platform follows, and the fakes that a vendor delivers."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel, part
from sim.kernels.draws import at_time, fold, keyed, unit
from sim.kernels.layout import NO_ROW, AccountKind, NoticeKind, Origin, Purpose, State, Total, Verb
from sim.kernels.lists import allocate, begin_follow, write_tie
from sim.kernels.picking import TRIES, pick_below, pick_followee
from sim.kernels.settle import follow, log

_ARRIVAL_FOLLOW: Final = np.uint64(Purpose.ARRIVAL_FOLLOW)
_RECOMMENDATION, _BOUGHT = np.int64(Origin.RECOMMENDATION), np.int64(Origin.BOUGHT)
_FOLLOWED, _FAKE = int(NoticeKind.FOLLOWED), int(AccountKind.FAKE)
_FOLLOWS, _FOLLOW = int(Total.FOLLOWS), int(Verb.FOLLOW)
_CUSTOMER: Final = np.uint64(Purpose.CUSTOMER)
_CLIENT: Final = np.uint64(Purpose.CLIENT)
_ORDINARY_KINDS: Final = int(AccountKind.ARRIVAL)
_BLOCK, _SECOND, _NUMBERS = 64, 32, 16


@part
def candidate(state: State, key: int, base: int) -> int:
    """Return a followee of an account drawn from the directory, or -1."""
    mask = np.uint64(state.directory.shape[0] - 1)
    for t in range(_NUMBERS):
        word = fold(fold(key, np.uint64(base + t)), _ARRIVAL_FOLLOW)
        row = np.int64(state.directory[np.int64(word & mask)])
        if row == NO_ROW or state.accounts[row].alive == 0:
            continue
        if state.accounts[row].follows > 0:
            return pick_followee(state, row, key, base + _SECOND, _ARRIVAL_FOLLOW)
    return -1


@part
def preferred(state: State, row: int, first: int, second: int) -> int:
    """Return the candidate whose topic the newcomer likes better, the first if equal."""
    if first < 0 or second < 0:
        return max(first, second)
    interest = state.accounts[row].interest
    liking = interest[state.accounts[first].focus]
    return second if interest[state.accounts[second].focus] > liking else first


@kernel
def settle_in(
    state: State,
    row: int,
    follows: int,
    seed: np.uint64,
    hour: int,
    due: int,
    notices: NDArray[np.void],
    written: int,
    events: NDArray[np.void],
    logged: int,
) -> tuple[int, int]:
    """Let a new account make its first follows.

    Returns how many notices and how many events of tracked accounts there are by now.
    """
    state = borrow(state)
    notices = borrow(notices)
    events = borrow(events)
    key = fold(at_time(np.uint64(seed), np.uint64(hour)), state.accounts[row].uid)
    for j in range(follows):
        first = candidate(state, key, 2 * j * _BLOCK)
        second = candidate(state, key, (2 * j + 1) * _BLOCK)
        chosen = preferred(state, row, first, second)
        if chosen < 0:
            continue
        done, written = follow(state, row, chosen, _RECOMMENDATION, hour, due, notices, written)
        if done and state.accounts[chosen].tracked != 0:
            logged = log(events, logged, row, chosen, 0, _FOLLOW, _RECOMMENDATION)
    return written, logged


@kernel
def deliver(
    state: State, first: int, last: int, uid: np.uint64, vendor: int, buyer: int, hour: int
) -> None:
    """Make fakes that follow a buyer: rows ``first`` to ``last - 1``, uids from ``uid`` on."""
    state = borrow(state)
    for row in range(first, last):
        account = state.accounts[row]
        account.uid = np.uint64(uid) + np.uint64(row - first)
        account.number = np.uint32(NO_ROW)
        account.kind = np.uint8(_FAKE)
        account.alive = np.uint8(1)
        account.vendor = np.uint8(vendor)
        account.joined = np.uint16(hour)
        account.last_browse = np.uint32(hour)
        account.start = np.uint32(allocate(state, 0))
        account.size_class = np.uint8(0)
        account.follows = np.uint32(1)
        account.ties = np.uint32(1)
        write_tie(state, np.int64(account.start), buyer, hour, _BOUGHT, hour)
    state.accounts[buyer].followers += np.uint32(last - first)
    state.totals[_FOLLOWS] += last - first


@kernel
def find_clients(
    state: State, seed: np.uint64, vendor: int, share: float, out: NDArray[np.uint32]
) -> int:
    """Write the rows of a vendor's other customers by their numbers; return how many."""
    state = borrow(state)
    out = borrow(out)
    found = 0
    for number in range(state.directory.shape[0]):
        row = np.int64(state.directory[number])
        if row == NO_ROW:
            continue
        account = state.accounts[row]
        if account.alive == 0 or account.kind > _ORDINARY_KINDS:
            continue
        word = keyed(np.uint64(seed), _CLIENT, account.uid, np.uint64(vendor), np.uint64(0))
        if unit(word) < share:
            out[found] = row
            found += 1
    return found


@kernel
def follow_clients(
    state: State,
    first: int,
    last: int,
    follows: int,
    clients: NDArray[np.uint32],
    count: int,
    seed: np.uint64,
    hour: int,
) -> None:
    """Let the fakes in rows ``first`` to ``last - 1`` follow other customers of their vendor."""
    state = borrow(state)
    clients = borrow(clients)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    for row in range(first, last):
        key = fold(prefix, state.accounts[row].uid)
        for j in range(follows):
            place = pick_below(key, TRIES * j, _CUSTOMER, count)
            if place < 0:
                continue
            if begin_follow(state, row, np.int64(clients[place]), _BOUGHT, hour):
                state.totals[_FOLLOWS] += 1
