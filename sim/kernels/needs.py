"""Needs: who voices one today, and on what topic."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel, part
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.layout import TOPICS, AccountKind, Purpose, State

_NEED: Final = np.uint64(Purpose.NEED)
_TOPIC: Final = np.uint64(Purpose.NEED_TOPIC)
_LAST_PERSON: Final = int(AccountKind.ARRIVAL)
_ZERO, _S61, _S8, _BYTE = np.uint64(0), np.uint64(61), np.uint64(8), np.uint64(255)
_TRIES: Final = 4


@part
def topic_of_need(account: np.void, key: int) -> int:
    """Return a topic drawn by interests; the account's focus after four refusals."""
    for t in range(_TRIES):
        word = fold(fold(key, np.uint64(t)), _TOPIC)
        topic = np.int64(word >> _S61)
        if topic < TOPICS and ((word >> _S8) & _BYTE) < account.interest[topic]:
            return topic
    return np.int64(account.focus)


@kernel
def voice(
    state: State,
    rows: int,
    seed: np.uint64,
    hour: int,
    probability: float,
    has_one: NDArray[np.bool_],
    out: NDArray[np.void],
) -> int:
    """Write the NEED records of those who voice one; return how many.

    ``has_one`` marks the rows whose earlier need is open; ``out`` has room for all rows.
    """
    state = borrow(state)
    has_one = borrow(has_one)
    out = borrow(out)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    found = 0
    for row in range(rows):
        account = state.accounts[row]
        if account.alive == 0 or account.kind > _LAST_PERSON or has_one[row]:
            continue
        key = fold(prefix, account.uid)
        if unit(fold(fold(key, _ZERO), _NEED)) < probability:
            need = out[found]
            need.asker = np.uint32(row)
            need.hour = np.uint32(hour)
            need.topic = np.uint8(topic_of_need(account, key))
            found += 1
    return found
