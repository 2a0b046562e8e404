"""Helping: what an answer to somebody's need does."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.compiler import part
from sim.kernels.draws import fold, unit
from sim.kernels.feelings import irritate, key_of, warm, warmth_of
from sim.kernels.layout import INTEREST, QUALITY, NoticeKind, Origin, Purpose, State, Tables, Total
from sim.kernels.lists import find_tie, is_follow, meet
from sim.kernels.posts import quality_of
from sim.kernels.react import attraction_of, follow_odds, happens
from sim.kernels.settle import follow

_HELP: Final = np.uint64(Purpose.HELP)
_NOISE: Final = np.uint64(Purpose.HELP_NOISE)
_FOLLOW: Final = np.uint64(Purpose.HELP_FOLLOW)
_WARMTH: Final = np.uint64(Purpose.ROUND_HELP_WARMTH)
_IRRITATION: Final = np.uint64(Purpose.ROUND_HELP_IRRITATION)
_FOLLOWED, _ORIGIN = int(NoticeKind.FOLLOWED), np.int64(Origin.HELP)
_HELPED, _FOLLOWS = int(Total.HELPED), int(Total.FOLLOWS)


@part
def help_quality(
    state: State, seed: np.uint64, hour: int, helper: int, asker: int, minutes: float
) -> int:
    """Return the stored quality of an answer to a need."""
    noise = 0.5 + unit(fold(key_of(state, seed, hour, helper, asker), _NOISE))
    return quality_of(np.float64(state.accounts[helper].craft), minutes, noise)


@part
def be_grateful(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    owner: int,
    other: int,
) -> None:
    """Warm one side of a need that was met."""
    index = meet(state, owner, other, hour)
    key = key_of(state, seed, hour, owner, other)
    coin, other_coin = unit(fold(key, _WARMTH)), unit(fold(key, _IRRITATION))
    warm(state, tables, index, hour, params[0].warmth_help, coin, other_coin)
    state.ties[index].engaged = np.uint16(hour)


@part
def be_bothered(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    asker: int,
    helper: int,
) -> None:
    """Irritate somebody by an answer that did not help."""
    index = meet(state, asker, helper, hour)
    key = key_of(state, seed, hour, asker, helper)
    coin, other_coin = unit(fold(key, _WARMTH)), unit(fold(key, _IRRITATION))
    irritate(state, tables, index, hour, params[0].help_irritation, coin, other_coin)


@part
def follows_helper(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    asker: int,
    helper: int,
    x: float,
) -> bool:
    """Tell whether somebody who was helped begins to follow the helper."""
    index = find_tie(state, asker, helper)
    if is_follow(state, asker, index):
        return False
    reader, author = state.accounts[asker], state.accounts[helper]
    key = key_of(state, seed, hour, asker, helper)
    attraction = attraction_of(reader, author, x, key, params)
    warmth = warmth_of(state, tables, index, hour)
    return happens(key, _FOLLOW, follow_odds(reader, author, attraction, warmth, tables, params))


@part
def help_out(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    helper: int,
    asker: int,
    topic: int,
    minutes: float,
    notices: NDArray[np.void],
    written: int,
) -> tuple[bool, bool, int]:
    """Answer a need; tell whether it helped, whether a follow came of it, and count notices."""
    quality = help_quality(state, seed, hour, helper, asker, minutes)
    knows = state.accounts[helper].interest[topic] / INTEREST
    coin = unit(fold(key_of(state, seed, hour, helper, asker), _HELP))
    if coin >= quality / QUALITY * knows:
        be_bothered(state, tables, params, seed, hour, asker, helper)
        return False, False, written
    state.totals[_HELPED] += 1
    be_grateful(state, tables, params, seed, hour, asker, helper)
    be_grateful(state, tables, params, seed, hour, helper, asker)
    x = quality / QUALITY
    if not follows_helper(state, tables, params, seed, hour, asker, helper, x):
        return True, False, written
    due = hour + np.int64(params[0].return_hours)
    followed, written = follow(state, asker, helper, _ORIGIN, hour, due, notices, written)
    return True, followed, written
