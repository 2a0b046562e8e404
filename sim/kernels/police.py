"""Police: which accounts vanish, and what their vanishing leaves behind."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.layout import NO_ROW, AccountKind, State
from sim.kernels.lists import clear, purge_dead
from sim.kernels.posts import withdraw_posts_of_dead

_FAKE, _PROTAGONIST = int(AccountKind.FAKE), int(AccountKind.PROTAGONIST)
_ZERO: Final = np.uint64(0)


@kernel
def mark_doomed(
    state: State,
    rows: int,
    seed: np.uint64,
    hour: int,
    purpose: int,
    fake_risk: NDArray[np.float64],
    ordinary_risk: float,
    doomed: NDArray[np.uint32],
) -> int:
    """Write the rows that are caught; return how many.

    ``fake_risk`` holds the probability for the fakes of each vendor; protagonists are spared.
    """
    state = borrow(state)
    fake_risk = borrow(fake_risk)
    doomed = borrow(doomed)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    found = 0
    for row in range(rows):
        account = state.accounts[row]
        if account.alive == 0 or account.kind == _PROTAGONIST:
            continue
        risk = fake_risk[account.vendor] if account.kind == _FAKE else ordinary_risk
        if risk > 0.0:
            key = fold(fold(prefix, account.uid), _ZERO)
            if unit(fold(key, np.uint64(purpose))) < risk:
                doomed[found] = row
                found += 1
    return found


@kernel
def delete(state: State, rows: int, doomed: NDArray[np.uint32]) -> None:
    """Delete accounts: their follows end, they leave the directory, ties to them vanish."""
    state = borrow(state)
    doomed = borrow(doomed)
    known = False
    for k in range(doomed.shape[0]):
        account = state.accounts[np.int64(doomed[k])]
        account.alive = np.uint8(0)
        known = known or account.kind != _FAKE or account.followers > 0
        if account.number != NO_ROW:
            state.directory[account.number] = np.uint32(NO_ROW)
    for k in range(doomed.shape[0]):
        clear(state, np.int64(doomed[k]))
    for k in range(doomed.shape[0]):  # after the follows among the doomed have ended
        state.accounts[np.int64(doomed[k])].followers = np.uint32(0)
    if known:  # hardly anybody ever has a tie to a fake
        for row in range(rows):
            purge_dead(state, row)
        withdraw_posts_of_dead(state)
