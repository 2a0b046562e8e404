"""Picking one of many by keyed draws: over a power of two, with rejection.

A draw falls on the same place however many there are to choose from, as long as that is below
the same power of two; so one more or less changes few picks.
"""

from typing import Final

import numpy as np

from sim.kernels.compiler import inlined
from sim.kernels.draws import fold
from sim.kernels.layout import TOPICS, State

TRIES: Final = 8  # draws after which nothing is picked
_TOPIC_TRIES: Final = 4
_S61, _S8, _BYTE = np.uint64(61), np.uint64(8), np.uint64(255)


@inlined
def span_of(count: int) -> int:
    """Return the least power of two that is at least so many."""
    span = 1
    while span < count:
        span *= 2
    return span


@inlined
def pick_below(key: int, first_draw: int, purpose: int, count: int) -> int:
    """Return a place below a count, or -1 if all draws, or there is nothing, are beyond."""
    mask = np.uint64(span_of(count) - 1)
    for t in range(TRIES if count > 0 else 0):
        word = fold(fold(key, np.uint64(first_draw + t)), purpose)
        place = np.int64(word & mask)
        if place < count:
            return place
    return -1


@inlined
def pick_followee(state: State, row: int, key: int, first_draw: int, purpose: int) -> int:
    """Return one of those whom an account follows, or -1."""
    account = state.accounts[row]
    place = pick_below(key, first_draw, purpose, np.int64(account.follows))
    return np.int64(state.follow_ids[np.int64(account.start) + place]) if place >= 0 else -1


@inlined
def pick_topic(account: np.void, key: int, first_draw: int, purpose: int) -> int:
    """Return a topic drawn by an account's interests, or -1 after four refusals."""
    for t in range(_TOPIC_TRIES):
        word = fold(fold(key, np.uint64(first_draw) + np.uint64(t)), purpose)
        topic = np.int64(word >> _S61)
        if topic < TOPICS and ((word >> _S8) & _BYTE) < account.interest[topic]:
            return topic
    return -1
