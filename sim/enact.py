"""Enacting a day's plan: test each row, charge it, and do what is done at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.actions import arranged
from sim.kernels import plan as plan_kernels
from sim.kernels.layout import DECISION, NOTICE, SCHEDULE, Refusal, Verb
from sim.world.world import ORDER, WAITING, World

__all__ = ["Outcome", "carry_out", "receive_replies"]


@dataclass
class Outcome:
    """What became of a plan: its rows in order, why each was refused, what each cost."""

    plan: NDArray[np.void]
    status: NDArray[np.uint8]
    minutes: NDArray[np.float64]
    helped: NDArray[np.uint8]
    dollars: NDArray[np.float64]
    events: NDArray[np.void]


def carry_out(world: World, plan: NDArray[np.void]) -> Outcome:
    """Test a day's plan, charge it, and do what is done at once; posts go to the schedule."""
    uids = world.state.accounts["uid"][plan["actor"]]
    if np.any(uids[1:] < uids[:-1]):  # rows of an actor stand in the order of seq already
        plan = arranged(plan, np.argsort(uids, kind="stable"))
    welcome, dollars = _welcome(world, plan), _dollars(world, plan)
    status, minutes = np.zeros(len(plan), np.uint8), np.zeros(len(plan))
    helped = np.zeros(len(plan), np.uint8)
    # help can lead to a follow, which is an event more
    notices, events = np.zeros(len(plan), NOTICE), np.zeros(2 * len(plan), DECISION)
    _reserve(world, plan)
    written, logged = plan_kernels.carry_out_plan(
        world.state,
        world.tables,
        world.params,
        world.rules,
        np.uint64(world.seed),
        world.hour,
        plan,
        welcome,
        dollars,
        status,
        minutes,
        helped,
        notices,
        events,
    )
    world.notify(notices[:written])
    outcome = Outcome(plan, status, minutes, helped, dollars, events[:logged])
    accepted = plan[status == Refusal.ACCEPTED]
    world.needs = world.needs[~np.isin(world.needs["asker"], plan["target"][helped == 1])]
    _clear_inbox(world, accepted)
    _order(world, accepted)
    _schedule(world, plan, status)
    return outcome


def _pairs(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint64]:
    return first.astype(np.uint64) << np.uint64(32) | second.astype(np.uint64)


def _welcome(world: World, plan: NDArray[np.void]) -> NDArray[np.uint8]:
    """Mark answers to somebody who waited for one this morning, and help by 1 + its topic."""
    welcome = np.zeros(len(plan), np.uint8)
    replies = np.flatnonzero(plan["verb"] == Verb.REPLY)
    waiting = _pairs(world.inbox["target"], world.inbox["actor"])
    said = _pairs(plan["actor"][replies], plan["target"][replies])
    welcome[replies] = np.isin(said, waiting)
    helps = np.flatnonzero(plan["verb"] == Verb.HELP)
    if len(helps):
        needed = np.zeros(len(world.state.accounts), np.uint8)
        needed[world.needs["asker"]] = 1 + world.needs["topic"]
        welcome[helps] = needed[plan["target"][helps]]
    return welcome


def _dollars(world: World, plan: NDArray[np.void]) -> NDArray[np.float64]:
    """Return what each row costs in dollars."""
    prices = np.array([v.price_per_1000 for v in world.settings.platform.vendors] or [0.0])
    dollars = np.zeros(len(plan))
    buys = np.flatnonzero(plan["verb"] == Verb.BUY)
    dollars[buys] = plan["amount"][buys] / 1000.0 * prices[plan["target"][buys]]
    return dollars


def _reserve(world: World, plan: NDArray[np.void]) -> None:
    """Make room for the ties that a plan can bring about."""
    follows = plan["verb"] == Verb.FOLLOW
    meets = np.isin(plan["verb"], (Verb.REPLY, Verb.HELP, Verb.COMMENT))
    owners = (plan["actor"][follows], plan["actor"][meets], plan["target"][meets])
    world.reserve_ties(np.concatenate(owners))


def _clear_inbox(world: World, accepted: NDArray[np.void]) -> None:
    """Take the answered replies out of the inbox."""
    replies = accepted[accepted["verb"] == Verb.REPLY]
    if len(replies):
        waiting = _pairs(world.inbox["target"], world.inbox["actor"])
        answered = np.isin(waiting, _pairs(replies["actor"], replies["target"]))
        world.inbox = world.inbox[~answered]


def receive_replies(world: World, replies: NDArray[np.void]) -> None:
    """Put replies that wait for an answer into the inbox, each pair once."""
    known = set(_pairs(world.inbox["target"], world.inbox["actor"]).tolist())
    fresh = []
    for pair in _pairs(replies["target"], replies["actor"]).tolist():
        if pair not in known:
            known.add(pair)
            fresh.append((pair >> 32, pair & 0xFFFFFFFF))
    world.inbox = np.concatenate([world.inbox, np.array(fresh, WAITING)])


def _order(world: World, accepted: NDArray[np.void]) -> None:
    """Place orders with the vendors."""
    buys = accepted[accepted["verb"] == Verb.BUY]
    for row in buys:
        same = world.orders[world.orders["buyer"] == row["actor"]]
        first = int(same["amount"].sum())
        order = (row["target"], row["actor"], row["amount"], world.hour // 24, first)
        world.orders = np.append(world.orders, np.array([order], ORDER))


def _schedule(world: World, plan: NDArray[np.void], status: NDArray[np.uint8]) -> None:
    """Schedule the day's posts by the hour at which they are due."""
    due = np.zeros(len(plan), SCHEDULE)
    count = plan_kernels.schedule_posts(
        world.state, np.uint64(world.seed), world.hour // 24, plan, status, due
    )
    merged = np.concatenate([world.schedule, due[:count]])
    world.schedule = arranged(merged, np.argsort(merged["due"], kind="stable"))
