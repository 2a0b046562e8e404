"""Imitation: who takes over the strategy of somebody who looks more successful."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel, part
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.layout import AccountKind, Purpose, State, Total
from sim.kernels.picking import pick_followee

_IMITATE: Final = np.uint64(Purpose.IMITATE)
_WHOM: Final = np.uint64(Purpose.IMITATE_WHOM)
_LAST_PERSON, _FAKE = int(AccountKind.ARRIVAL), int(AccountKind.FAKE)
_IMITATIONS: Final = int(Total.IMITATIONS)
_ZERO: Final = np.uint64(0)


@part
def success(account: np.void, by_engagements: bool) -> float:
    """Return what others take for an account's success."""
    return np.float64(account.engagements if by_engagements else account.followers)


@kernel
def imitate(
    state: State,
    rows: int,
    seed: np.uint64,
    hour: int,
    probability: float,
    factor: float,
    by_engagements: bool,
    strategies: NDArray[np.uint8],
) -> None:
    """Let accounts copy a strategy; ``strategies`` holds those that all had before, by row.

    What is copied is what the other does; whether it is copied depends on its visible success.
    """
    state = borrow(state)
    strategies = borrow(strategies)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    for row in range(rows):
        account = state.accounts[row]
        if account.alive == 0 or account.kind > _LAST_PERSON:
            continue
        key = fold(prefix, account.uid)
        if unit(fold(fold(key, _ZERO), _IMITATE)) >= probability:
            continue
        other = pick_followee(state, row, key, 0, _WHOM)
        if other < 0 or state.accounts[other].kind == _FAKE:
            continue
        looks = success(state.accounts[other], by_engagements)
        if looks > factor * max(1.0, success(account, by_engagements)):
            state.totals[_IMITATIONS] += strategies[row] != strategies[other]
            account.strategy = strategies[other]
