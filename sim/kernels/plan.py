"""Carry out a day's plan: test each row, charge it, and do what is done at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel, part
from sim.kernels.draws import keyed
from sim.kernels.gestures import fresh_post, gesture
from sim.kernels.helping import help_out
from sim.kernels.layout import (
    ARRANGED,
    AS_BEG,
    KINDS,
    Cause,
    Kind,
    NoticeKind,
    Origin,
    Purpose,
    Refusal,
    State,
    Tables,
    Total,
    Verb,
)
from sim.kernels.lists import find_tie, is_follow
from sim.kernels.posts import due_hour, post_uid
from sim.kernels.prefetching import prefetch
from sim.kernels.returning import answer
from sim.kernels.settle import follow, log, unfollow

_POST, _FOLLOW, _UNFOLLOW = int(Verb.POST), int(Verb.FOLLOW), int(Verb.UNFOLLOW)
_REPLY, _BUY = int(Verb.REPLY), int(Verb.BUY)
_LIKE, _COMMENT = int(Verb.LIKE), int(Verb.COMMENT)
_HELP, _JOIN = int(Verb.HELP), int(Verb.JOIN)
_BY_HELP: Final = int(Origin.HELP)
_P_POD: Final = np.uint64(Purpose.POD)
_ZERO, _S32 = np.uint64(0), np.uint64(32)
_FOR_FOLLOW, _CONTENT = int(Origin.FOLLOW_FOR_FOLLOW), int(Origin.CONTENT)
_BY_STRATEGY: Final = int(Cause.STRATEGY)
_FOLLOWED, _DROPPED = int(NoticeKind.FOLLOWED), int(NoticeKind.DROPPED)
_FOLLOWS, _UNFOLLOWS = int(Total.FOLLOWS), int(Total.UNFOLLOWS)
_SELF_TALK, _PROMOTION, _BEG = int(Kind.SELF_TALK), int(Kind.PROMOTION), int(Kind.BEG)
_SOON: Final = 8  # rows ahead whose actors are fetched
_SLACK: Final = 1.0 / 1048576.0  # minutes; a plan that just fits is not refused by rounding
_ACCEPTED, _POINTLESS = int(Refusal.ACCEPTED), int(Refusal.POINTLESS)
_LIMIT, _MINUTES, _MONEY = int(Refusal.LIMIT), int(Refusal.MINUTES), int(Refusal.MONEY)


@part
def cost_of(row: np.void, rules: NDArray[np.void]) -> float:
    """Return what a row of a plan costs in minutes."""
    r = rules[0]
    if row.verb == _POST:
        return cost_of_post(row, rules)
    if row.verb == _REPLY or row.verb == _COMMENT:
        return r.reply
    if row.verb == _FOLLOW or row.verb == _UNFOLLOW:
        return r.follow
    if row.verb == _BUY:
        return r.purchase
    if row.verb == _HELP:
        return r.help
    return r.like if row.verb == _LIKE else 0.0


@part
def cost_of_post(row: np.void, rules: NDArray[np.void]) -> float:
    """Return what a post costs in minutes."""
    r = rules[0]
    if row.kind == _BEG or row.flags & AS_BEG:
        return r.beg
    if row.kind == _SELF_TALK:
        return r.self_talk
    return r.promotion if row.kind == _PROMOTION else row.effort / 10.0


@part
def is_repeated(plan: NDArray[np.void], status: NDArray[np.uint8], k: int) -> bool:
    """Tell whether an accepted row before the k-th did the same to the same account."""
    for j in range(k - 1, -1, -1):
        if plan[j].actor != plan[k].actor:
            return False
        same = plan[j].verb == plan[k].verb and plan[j].target == plan[k].target
        if same and status[j] == _ACCEPTED:
            return True
    return False


@part
def is_pointless(
    state: State, row: np.void, welcome: int, hour: int, params: NDArray[np.void]
) -> bool:
    """Tell whether a row would change nothing, once repetitions are left out."""
    actor, target = np.int64(row.actor), np.int64(row.target)
    if row.verb == _POST or row.verb == _BUY:
        return False
    if row.verb == _JOIN:
        return state.accounts[actor].pod != 0
    if target == actor or state.accounts[target].alive == 0:
        return True
    if row.verb == _REPLY or row.verb == _HELP:
        return welcome == 0
    if row.verb == _LIKE or row.verb == _COMMENT:
        return fresh_post(state, target, hour, params) == 0
    follows = is_follow(state, actor, find_tie(state, actor, target))
    return follows == (row.verb == _FOLLOW)


@part
def is_over_limit(account: np.void, today: int, hour: int, rules: NDArray[np.void]) -> bool:
    """Tell whether the platform refuses one more follow."""
    r = rules[0]
    crowded = account.follows >= r.follow_cap
    return (
        today >= r.follows_per_day
        or hour < account.blocked_until
        or (crowded and account.follows >= r.follow_ratio * account.followers)
    )


@part
def is_for_once(row: np.void) -> bool:
    """Tell whether a row may be done to the same account only once a day."""
    answers = row.verb == _REPLY or row.verb == _HELP
    return answers or row.verb == _LIKE or row.verb == _COMMENT


@part
def verdict(
    state: State,
    row: np.void,
    pointless: bool,
    hour: int,
    today: int,
    spent: float,
    dollars: float,
    rules: NDArray[np.void],
) -> int:
    """Return whether a row is accepted, or why not."""
    account = state.accounts[np.int64(row.actor)]
    if pointless:
        return _POINTLESS
    if row.verb == _FOLLOW and is_over_limit(account, today, hour, rules):
        return _LIMIT
    if spent + cost_of(row, rules) > account.minutes + _SLACK:
        return _MINUTES
    return _MONEY if dollars > account.dollars else _ACCEPTED


@part
def join_pod(state: State, seed: np.uint64, actor: int, rules: NDArray[np.void]) -> None:
    """Make an account a member of one of the pods."""
    account = state.accounts[actor]
    word = keyed(np.uint64(seed), _P_POD, account.uid, _ZERO, _ZERO)
    pods = np.uint64(rules[0].pods)
    account.pod = np.uint16(np.uint64(1) + (((word >> _S32) * pods) >> _S32))


@part
def act(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    row: np.void,
    notices: NDArray[np.void],
    written: int,
) -> int:
    """Do what an accepted row does at once; return how many notices there are."""
    actor, target = np.int64(row.actor), np.int64(row.target)
    due = hour + np.int64(params[0].return_hours)
    if row.verb == _FOLLOW:
        return follow(state, actor, target, label_of(row), hour, due, notices, written)[1]
    if row.verb == _UNFOLLOW:
        return unfollow(state, actor, target, due, notices, written)[1]
    if row.verb == _LIKE or row.verb == _COMMENT:
        return gesture(state, tables, params, seed, hour, row, notices, written)
    if row.verb == _REPLY:
        answer(state, tables, params, seed, hour, actor, target)
    return written


@part
def label_of(row: np.void) -> int:
    """Return the origin or cause under which an act is logged."""
    if row.verb == _FOLLOW:
        return _FOR_FOLLOW if row.flags else _CONTENT
    if row.verb == _LIKE or row.verb == _COMMENT:
        return np.int64(row.flags & ARRANGED)
    return _BY_STRATEGY


@part
def watch_churn(account: np.void, dropped: int, hour: int, rules: NDArray[np.void]) -> None:
    """Let the platform take somebody who unfollows many in a day for a churner."""
    if 0.0 < rules[0].churn_limit < dropped:
        account.blocked_until = np.uint32(hour + rules[0].churn_block_hours)


@part
def is_logged(state: State, row: np.void) -> bool:
    """Tell whether an accepted row is an event of a tracked account."""
    if row.verb == _POST or row.verb == _BUY or row.verb == _JOIN:
        return False
    actor, target = np.int64(row.actor), np.int64(row.target)
    return state.accounts[actor].tracked != 0 or state.accounts[target].tracked != 0


@kernel
def carry_out_plan(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    rules: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    plan: NDArray[np.void],
    welcome: NDArray[np.uint8],
    dollars: NDArray[np.float64],
    status: NDArray[np.uint8],
    minutes: NDArray[np.float64],
    helped: NDArray[np.uint8],
    notices: NDArray[np.void],
    events: NDArray[np.void],
) -> tuple[int, int]:
    """Carry out a plan sorted by (actor, seq); return the numbers of notices and tracked events.

    ``welcome`` marks answers that are waited for, and help that is needed by 1 + the topic;
    ``dollars`` prices each row. ``status`` receives a `Refusal` for each row, ``minutes`` what
    was charged for it, ``helped`` whether it met a need.
    """
    state = borrow(state)
    tables = borrow(tables)
    params = borrow(params)
    rules = borrow(rules)
    plan = borrow(plan)
    welcome = borrow(welcome)
    dollars = borrow(dollars)
    status = borrow(status)
    minutes = borrow(minutes)
    helped = borrow(helped)
    notices = borrow(notices)
    events = borrow(events)
    # a literal 0 would be another type to numba, and compile what takes it twice
    written, logged = np.int64(0), np.int64(0)
    today, dropped, spent = 0, 0, 0.0
    for k in range(plan.shape[0]):
        if k + _SOON < plan.shape[0]:
            prefetch(state.accounts, plan[k + _SOON].actor)
        row = plan[k]
        actor, target = np.int64(row.actor), np.int64(row.target)
        account = state.accounts[actor]
        if k == 0 or plan[k - 1].actor != row.actor:
            today, dropped, spent = 0, 0, 0.0
        pointless = is_pointless(state, row, np.int64(welcome[k]), hour, params)
        if not pointless and is_for_once(row):
            pointless = is_repeated(plan, status, k)
        status[k] = verdict(state, row, pointless, hour, today, spent, dollars[k], rules)
        minutes[k], helped[k] = 0.0, 0
        if status[k] != _ACCEPTED:
            continue
        minutes[k] = cost_of(row, rules)
        spent += minutes[k]
        account.dollars -= dollars[k]
        if is_logged(state, row):
            logged = log(events, logged, row.actor, row.target, 0, row.verb, label_of(row))
        if row.verb == _HELP:
            topic = np.int64(welcome[k]) - 1
            met, followed, written = help_out(
                state,
                tables,
                params,
                seed,
                hour,
                actor,
                target,
                topic,
                minutes[k],
                notices,
                written,
            )
            helped[k] = met
            if followed and is_logged(state, row):
                logged = log(events, logged, row.target, row.actor, 0, _FOLLOW, _BY_HELP)
            continue
        if row.verb == _JOIN:
            join_pod(state, seed, actor, rules)
            continue
        written = act(state, tables, params, seed, hour, row, notices, written)
        today += row.verb == _FOLLOW
        if row.verb == _UNFOLLOW:
            dropped += 1
            watch_churn(account, dropped, hour, rules)
    return written, logged


@kernel
def schedule_posts(
    state: State,
    seed: np.uint64,
    day: int,
    plan: NDArray[np.void],
    status: NDArray[np.uint8],
    out: NDArray[np.void],
) -> int:
    """Write the accepted posts of a plan to the schedule, with uid and hour; return how many.

    Posts are numbered by author and kind, so that an extra beg does not change the coins of
    the day's other posts.
    """
    state = borrow(state)
    plan = borrow(plan)
    status = borrow(status)
    out = borrow(out)
    slots = np.zeros(KINDS, np.int64)
    at = 0
    for k in range(plan.shape[0]):
        if k + _SOON < plan.shape[0]:
            prefetch(state.accounts, plan[k + _SOON].actor)
        row = plan[k]
        if k == 0 or plan[k - 1].actor != row.actor:
            slots[:] = 0
        if status[k] != _ACCEPTED or (row.verb != _POST and row.verb != _HELP):
            continue
        kind = _BEG if row.flags & AS_BEG else np.int64(row.kind)
        author = state.accounts[np.int64(row.actor)].uid
        uid = post_uid(author, day, kind, slots[kind])
        slots[kind] += 1
        due = out[at]
        due.uid, due.due = uid, np.uint32(due_hour(seed, author, uid, day))
        due.author, due.day, due.order = row.actor, np.uint32(day), np.uint32(k)
        due.kind, due.topic, due.flags, due.effort = row.kind, row.topic, row.flags, row.effort
        at += 1
    return at
