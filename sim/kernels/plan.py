"""Carry out a day's plan: test each row, charge it, and do what is done at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel, part
from sim.kernels.layout import (
    AS_BEG,
    KINDS,
    Cause,
    Kind,
    NoticeKind,
    Origin,
    Refusal,
    State,
    Tables,
    Total,
    Verb,
)
from sim.kernels.lists import begin_follow, end_follow, find_tie, is_follow
from sim.kernels.posts import due_hour, post_uid
from sim.kernels.returning import answer
from sim.kernels.settle import log, notify

_POST, _FOLLOW, _UNFOLLOW = int(Verb.POST), int(Verb.FOLLOW), int(Verb.UNFOLLOW)
_REPLY, _BUY = int(Verb.REPLY), int(Verb.BUY)
_FOR_FOLLOW, _CONTENT = int(Origin.FOLLOW_FOR_FOLLOW), int(Origin.CONTENT)
_BY_STRATEGY: Final = int(Cause.STRATEGY)
_FOLLOWED, _DROPPED = int(NoticeKind.FOLLOWED), int(NoticeKind.DROPPED)
_FOLLOWS, _UNFOLLOWS = int(Total.FOLLOWS), int(Total.UNFOLLOWS)
_SELF_TALK, _PROMOTION, _BEG = int(Kind.SELF_TALK), int(Kind.PROMOTION), int(Kind.BEG)
_ACCEPTED, _POINTLESS = int(Refusal.ACCEPTED), int(Refusal.POINTLESS)
_LIMIT, _MINUTES, _MONEY = int(Refusal.LIMIT), int(Refusal.MINUTES), int(Refusal.MONEY)

# What the rules cost and allow, in the order in which `World.rules` gives them.
SELF_TALK_COST, PROMOTION_COST, BEG_COST, REPLY_COST, FOLLOW_COST, PURCHASE_COST = range(6)
PER_DAY, CAP, RATIO = 6, 7, 8


@part
def cost_of(row: np.void, rules: NDArray[np.float64]) -> float:
    """Return what a row of a plan costs in minutes."""
    if row.verb == _REPLY:
        return rules[REPLY_COST]
    if row.verb == _BUY:
        return rules[PURCHASE_COST]
    if row.verb != _POST:
        return rules[FOLLOW_COST]
    if row.kind == _BEG or row.flags & AS_BEG:
        return rules[BEG_COST]
    if row.kind == _SELF_TALK:
        return rules[SELF_TALK_COST]
    return rules[PROMOTION_COST] if row.kind == _PROMOTION else row.effort / 10.0


@part
def is_answered(plan: NDArray[np.void], status: NDArray[np.uint8], k: int) -> bool:
    """Tell whether an accepted row before the k-th of a plan has answered the same person."""
    for j in range(k - 1, -1, -1):
        if plan[j].actor != plan[k].actor:
            return False
        same = plan[j].verb == _REPLY and plan[j].target == plan[k].target
        if same and status[j] == _ACCEPTED:
            return True
    return False


@part
def is_pointless(state: State, row: np.void, waits: bool) -> bool:
    """Tell whether a row would change nothing."""
    actor, target = np.int64(row.actor), np.int64(row.target)
    if row.verb == _POST or row.verb == _BUY:
        return False
    if target == actor or state.accounts[target].alive == 0:
        return True
    if row.verb == _REPLY:
        return not waits
    follows = is_follow(state, actor, find_tie(state, actor, target))
    return follows == (row.verb == _FOLLOW)


@part
def is_over_limit(account: np.void, today: int, rules: NDArray[np.float64]) -> bool:
    """Tell whether the platform refuses one more follow."""
    crowded = account.follows >= rules[CAP]
    return today >= rules[PER_DAY] or (
        crowded and account.follows >= rules[RATIO] * account.followers
    )


@part
def verdict(
    state: State,
    row: np.void,
    waits: bool,
    today: int,
    spent: float,
    dollars: float,
    rules: NDArray[np.float64],
) -> int:
    """Return whether a row is accepted, or why not."""
    account = state.accounts[np.int64(row.actor)]
    if is_pointless(state, row, waits):
        return _POINTLESS
    if row.verb == _FOLLOW and is_over_limit(account, today, rules):
        return _LIMIT
    if spent + cost_of(row, rules) > account.minutes:
        return _MINUTES
    return _MONEY if dollars > account.dollars else _ACCEPTED


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
        begin_follow(state, actor, target, _FOR_FOLLOW if row.flags else _CONTENT, hour)
        state.totals[_FOLLOWS] += 1
        return notify(notices, written, due, _FOLLOWED, target, actor)
    if row.verb == _UNFOLLOW:
        end_follow(state, actor, target)
        state.totals[_UNFOLLOWS] += 1
        return notify(notices, written, due, _DROPPED, target, actor)
    if row.verb == _REPLY:
        answer(state, tables, params, seed, hour, actor, target)
    return written


@part
def label_of(row: np.void) -> int:
    """Return the origin or cause under which an act is logged."""
    if row.verb == _FOLLOW:
        return _FOR_FOLLOW if row.flags else _CONTENT
    return _BY_STRATEGY


@kernel
def carry_out_plan(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    rules: NDArray[np.float64],
    seed: np.uint64,
    hour: int,
    plan: NDArray[np.void],
    welcome: NDArray[np.uint8],
    dollars: NDArray[np.float64],
    status: NDArray[np.uint8],
    minutes: NDArray[np.float64],
    notices: NDArray[np.void],
    events: NDArray[np.void],
) -> tuple[int, int]:
    """Carry out a plan sorted by (actor, seq); return the numbers of notices and tracked events.

    ``welcome`` marks answers that are waited for, ``dollars`` prices each row. ``status``
    receives a `Refusal` for each row, ``minutes`` what was charged for it.
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
    notices = borrow(notices)
    events = borrow(events)
    written, logged, today, spent = 0, 0, 0, 0.0
    for k in range(plan.shape[0]):
        row = plan[k]
        account = state.accounts[np.int64(row.actor)]
        if k == 0 or plan[k - 1].actor != row.actor:
            today, spent = 0, 0.0
        waits = welcome[k] != 0 and not is_answered(plan, status, k)
        status[k] = verdict(state, row, waits, today, spent, dollars[k], rules)
        minutes[k] = 0.0
        if status[k] != _ACCEPTED:
            continue
        minutes[k] = cost_of(row, rules)
        spent += minutes[k]
        account.dollars -= dollars[k]
        today += row.verb == _FOLLOW
        written = act(state, tables, params, seed, hour, row, notices, written)
        if row.verb != _POST and row.verb != _BUY:
            if account.tracked != 0 or state.accounts[np.int64(row.target)].tracked != 0:
                logged = log(events, logged, row.actor, row.target, 0, row.verb, label_of(row))
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
        row = plan[k]
        if k == 0 or plan[k - 1].actor != row.actor:
            slots[:] = 0
        if row.verb != _POST or status[k] != _ACCEPTED:
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
