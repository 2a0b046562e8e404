"""Return: those who were followed, dropped or answered look, feel and act."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel, part
from sim.kernels.draws import at_time, fold, keyed, unit
from sim.kernels.feelings import irritate, key_of, warm, warmth_of
from sim.kernels.layout import (
    INTEREST,
    PROFILE,
    AccountKind,
    NoticeKind,
    Purpose,
    State,
    Tables,
)
from sim.kernels.lists import find_tie, is_follow, meet
from sim.kernels.picking import TRIES, span_of
from sim.kernels.react import happens, return_rate
from sim.kernels.tables import proof

_FAKE, _PROTAGONIST = int(AccountKind.FAKE), int(AccountKind.PROTAGONIST)
_FOLLOWED, _DROPPED = int(NoticeKind.FOLLOWED), int(NoticeKind.DROPPED)
_FOLLOW_BACK: Final = np.uint64(Purpose.FOLLOW_BACK)
_NOTICED: Final = np.uint64(Purpose.DROP_NOTICED)
_ANSWER: Final = np.uint64(Purpose.ANSWER)
_WARMTH: Final = np.uint64(Purpose.ROUND_RETURN_WARMTH)
_IRRITATION: Final = np.uint64(Purpose.ROUND_RETURN_IRRITATION)
_ANSWER_WARMTH: Final = np.uint64(Purpose.ROUND_ANSWER_WARMTH)
_WORD: Final = np.uint64(Purpose.WORD)
_WORD_WARMTH: Final = np.uint64(Purpose.ROUND_WORD_WARMTH)
_WORD_IRRITATION: Final = np.uint64(Purpose.ROUND_WORD_IRRITATION)
_LISTENERS: Final = 3
_LATER: Final = 65_536


@part
def profile_match(reader: np.void, author: np.void) -> float:
    """Return the mean match of a reader with an author's profile, or its focus if it is empty."""
    count = min(np.int64(author.posts), PROFILE)
    if count == 0:
        return reader.interest[author.focus] / INTEREST
    total = 0
    for k in range(count):
        total += np.int64(reader.interest[author.profile_topic[k]])
    return total / (count * INTEREST)


@part
def follows_back(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    prefix: int,
    target: int,
    actor: int,
) -> bool:
    """Tell whether somebody who was followed follows back, looking once."""
    reader, author = state.accounts[target], state.accounts[actor]
    if reader.kind == _FAKE or reader.kind == _PROTAGONIST:
        return False
    if is_follow(state, target, find_tie(state, target, actor)):
        return False
    p = params[0]
    shown = 1.0 + p.social_proof * proof(tables.proof, np.int64(author.followers), p.proof_step)
    inclined = p.follow_back_odds * np.float64(reader.follow_back)
    odds = inclined * (p.follow_back_floor + profile_match(reader, author)) * shown
    odds += p.reciprocity_odds * reader.seeks * return_rate(author)
    return happens(fold(fold(prefix, reader.uid), author.uid), _FOLLOW_BACK, odds)


@kernel
def decide_follow_backs(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    due: NDArray[np.void],
    back: NDArray[np.uint8],
) -> None:
    """Write 1 to ``back`` for each notice whose target follows back."""
    state = borrow(state)
    tables = borrow(tables)
    params = borrow(params)
    due = borrow(due)
    back = borrow(back)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    for k in range(due.shape[0]):
        target, actor = np.int64(due[k].target), np.int64(due[k].actor)
        back[k] = due[k].kind == _FOLLOWED and follows_back(
            state, tables, params, prefix, target, actor
        )


@part
def warm_by_answer(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    owner: int,
    other: int,
) -> None:
    """Warm one side of an answered conversation."""
    index = meet(state, owner, other, hour)
    now = key_of(state, seed, hour, owner, other)
    then = key_of(state, seed, hour + _LATER, owner, other)
    coin, other_coin = unit(fold(now, _ANSWER_WARMTH)), unit(fold(then, _ANSWER_WARMTH))
    warm(state, tables, index, hour, params[0].warmth_answer, coin, other_coin)
    state.ties[index].engaged = np.uint16(hour)


@part
def answer(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    actor: int,
    target: int,
) -> None:
    """Let an account answer another: both sides warm."""
    warm_by_answer(state, tables, params, seed, hour, actor, target)
    warm_by_answer(state, tables, params, seed, hour, target, actor)


@part
def listener(state: State, seed: np.uint64, hour: int, teller: int, about: int, j: int) -> int:
    """Return the j-th of those whom somebody tells about somebody else, a followee, or -1."""
    account = state.accounts[teller]
    follows = np.int64(account.follows)
    mask = np.uint64(span_of(follows) - 1)
    for i in range(TRIES if follows > 0 else 0):
        time = np.uint64(hour + _LATER * (TRIES * j + i))
        word = keyed(np.uint64(seed), _WORD, account.uid, state.accounts[about].uid, time)
        position = np.int64(word & mask)
        if position < follows:
            return np.int64(state.follow_ids[np.int64(account.start) + position])
    return -1


@part
def hear(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    row: int,
    teller: int,
    about: int,
) -> None:
    """Let somebody hear what was done to a friend; it touches only ties that exist."""
    index = find_tie(state, row, about)
    trust = warmth_of(state, tables, find_tie(state, row, teller), hour)
    if index < 0 or trust == 0.0:
        return
    key = key_of(state, seed, hour, row, about)
    coin, other_coin = unit(fold(key, _WORD_WARMTH)), unit(fold(key, _WORD_IRRITATION))
    gain = params[0].word_of_mouth * trust
    irritate(state, tables, index, hour, gain, coin, other_coin)


@part
def be_dropped(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    key: int,
    hour: int,
    notice: np.void,
) -> None:
    """Let somebody who was unfollowed notice it, or not, and tell friends."""
    target, actor = np.int64(notice.target), np.int64(notice.actor)
    index = find_tie(state, target, actor)
    if index < 0 or unit(fold(key, _NOTICED)) >= params[0].drop_noticed:
        return
    coin, other_coin = unit(fold(key, _WARMTH)), unit(fold(key, _IRRITATION))
    gain = params[0].drop_irritation + warmth_of(state, tables, index, hour)
    irritate(state, tables, index, hour, gain, coin, other_coin)
    for j in range(_LISTENERS if params[0].word_of_mouth > 0.0 else 0):
        friend = listener(state, seed, hour, target, actor, j)
        if friend >= 0 and friend != actor:
            hear(state, tables, params, seed, hour, friend, target, actor)


@part
def be_replied(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    key: int,
    hour: int,
    notice: np.void,
) -> bool:
    """Let somebody enjoy a reply and perhaps answer; tell whether it waits for a strategy."""
    target, actor = np.int64(notice.target), np.int64(notice.actor)
    index = meet(state, target, actor, hour)
    coin, other_coin = unit(fold(key, _WARMTH)), unit(fold(key, _IRRITATION))
    warm(state, tables, index, hour, params[0].warmth_reply, coin, other_coin)
    if state.accounts[target].kind == _PROTAGONIST:
        return True
    if unit(fold(key, _ANSWER)) < state.accounts[target].answers:
        answer(state, tables, params, seed, hour, target, actor)
    return False


@kernel
def receive(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    due: NDArray[np.void],
    waiting: NDArray[np.uint8],
) -> None:
    """Work through the notices in order; ``waiting`` marks replies left to a strategy."""
    state = borrow(state)
    tables = borrow(tables)
    params = borrow(params)
    due = borrow(due)
    waiting = borrow(waiting)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    for k in range(due.shape[0]):
        target, actor = np.int64(due[k].target), np.int64(due[k].actor)
        key = fold(fold(prefix, state.accounts[target].uid), state.accounts[actor].uid)
        waiting[k] = 0
        if due[k].kind == _DROPPED:
            be_dropped(state, tables, params, seed, key, hour, due[k])
        elif due[k].kind != _FOLLOWED:
            waiting[k] = be_replied(state, tables, params, seed, key, hour, due[k])
