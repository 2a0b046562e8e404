"""Habits: what ordinary people write in a day, as rows of a plan."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.layout import ANY_TOPIC, Kind, Purpose, State, Verb

_COUNT: Final = np.uint64(Purpose.POST_COUNT)
_KIND: Final = np.uint64(Purpose.POST_KIND)
_POST: Final = np.uint8(Verb.POST)
_CONTENT, _SELF_TALK = np.uint8(Kind.CONTENT), np.uint8(Kind.SELF_TALK)
_ZERO: Final = np.uint64(0)


@kernel
def plan_habits(
    state: State,
    rows: NDArray[np.uint32],
    seed: np.uint64,
    hour: int,
    self_talk: float,
    effort: int,
    out: NDArray[np.void],
) -> int:
    """Write the posts of these accounts as PLAN rows; return how many there are.

    ``effort`` is in tenths of a minute. ``out`` is blank and has room for one post a day more
    than each account's rate.
    """
    state = borrow(state)
    rows = borrow(rows)
    out = borrow(out)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    at = 0
    for k in range(rows.shape[0]):
        account = state.accounts[np.int64(rows[k])]
        rate = np.float64(account.rate)
        posts = np.int64(rate)
        key = fold(prefix, account.uid)
        if unit(fold(fold(key, _ZERO), _COUNT)) < rate - posts:
            posts += 1
        for slot in range(posts):
            about_itself = unit(fold(fold(key, np.uint64(slot)), _KIND)) < self_talk
            row = out[at]
            row.actor, row.verb = rows[k], _POST
            row.kind = _SELF_TALK if about_itself else _CONTENT
            row.effort = np.uint16(effort)
            row.topic = np.uint8(ANY_TOPIC)
            at += 1
    return at
