"""Needs: who voices one today, and on what topic."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.layout import AccountKind, Purpose, State
from sim.kernels.picking import pick_topic

_NEED: Final = np.uint64(Purpose.NEED)
_TOPIC: Final = np.uint64(Purpose.NEED_TOPIC)
_LAST_PERSON: Final = int(AccountKind.ARRIVAL)
_ZERO: Final = np.uint64(0)


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
            topic = pick_topic(account, key, 0, _TOPIC)
            need.topic = np.uint8(topic) if topic >= 0 else account.focus
            found += 1
    return found
