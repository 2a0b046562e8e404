"""Gestures: likes and comments that somebody has planned to give."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.compiler import part
from sim.kernels.draws import fold, unit
from sim.kernels.feelings import key_of, warm
from sim.kernels.layout import ARRANGED, NoticeKind, Purpose, State, Tables, Total, Verb
from sim.kernels.lists import find_tie, meet
from sim.kernels.posts import place
from sim.kernels.settle import count_engagement, notify

_LIKE, _COMMENT, _REPLIED = int(Verb.LIKE), int(Verb.COMMENT), int(NoticeKind.REPLIED)
_OLDEST, _ARRANGED_TOTAL = int(Total.OLDEST_POST), int(Total.ARRANGED)
_WARMTH: Final = np.uint64(Purpose.ROUND_PLAN_WARMTH)
_IRRITATION: Final = np.uint64(Purpose.ROUND_PLAN_IRRITATION)
_DAY: Final = 24


@part
def fresh_post(state: State, row: int, hour: int, params: NDArray[np.void]) -> int:
    """Return the sequence number of an account's fresh post, or 0.

    That is its latest own post that can be seen, if it has become so within a day.
    """
    lag, window = np.int64(params[0].lag_hours), np.int64(params[0].window_hours)
    sequence = np.int64(state.accounts[row].latest)
    while sequence >= state.totals[_OLDEST] and sequence > 0:
        post = state.posts[place(state, sequence)]
        published = np.int64(post.hour)
        if post.reshare == 0 and published + lag <= hour:
            young = published + lag > hour - _DAY and hour - published <= window
            return sequence if young and post.gone == 0 else 0
        sequence = np.int64(post.previous)
    return 0


@part
def warm_to(
    state: State,
    tables: Tables,
    seed: np.uint64,
    hour: int,
    index: int,
    actor: int,
    target: int,
    gain: float,
) -> None:
    """Warm the tie of somebody who has given a like or a comment."""
    key = key_of(state, seed, hour, actor, target)
    coin, other_coin = unit(fold(key, _WARMTH)), unit(fold(key, _IRRITATION))
    warm(state, tables, index, hour, gain, coin, other_coin)


@part
def gesture(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    row: np.void,
    notices: NDArray[np.void],
    written: int,
) -> int:
    """Carry out a planned like or comment; return how many notices there are."""
    p = params[0]
    actor, target = np.int64(row.actor), np.int64(row.target)
    count_engagement(state, fresh_post(state, target, hour, params), np.int64(row.verb))
    gain = p.warmth_like if row.verb == _LIKE else p.warmth_reply
    index = find_tie(state, actor, target)
    if row.flags & ARRANGED:
        state.totals[_ARRANGED_TOTAL] += 1
        gain *= p.arranged_warmth
        if index >= 0 and gain > 0.0:
            warm_to(state, tables, seed, hour, index, actor, target, gain)
        return written
    if row.verb == _COMMENT:
        index = meet(state, actor, target, hour)
        due = hour + np.int64(p.return_hours)
        written = notify(notices, written, due, _REPLIED, target, actor)
    if index >= 0:
        warm_to(state, tables, seed, hour, index, actor, target, gain)
        state.ties[index].engaged = np.uint16(hour)
    return written
