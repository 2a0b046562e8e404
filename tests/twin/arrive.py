"""Arrivals: newcomers and their first follows."""

from math import floor
from typing import Any

from sim.kernels.layout import Origin, Purpose

from .loading import newcomer
from .records import Account
from .state import PROTAGONISTS, State


def arrive(twin: State, model: Any) -> None:
    """Let the arrivals of the day join, each with its first follows."""
    mean = twin.initial * twin.settings.world.arrivals_per_day
    chance = twin.uniform(Purpose.ARRIVAL, 0, 0, twin.hour)
    count = floor(mean) + (chance < mean - floor(mean))
    uids = [1 << 62 | twin.hour // 24 << 32 | k for k in range(count)]
    joined = [newcomer(twin, model, uid) for uid in uids]
    for account in joined:
        twin.accounts[account.uid] = account
        _first_follows(twin, account)
    for account in joined:
        _enlist(twin, account)


def _enlist(twin: State, account: Account) -> None:
    twin.hit("arrival")
    number = twin.initial + PROTAGONISTS + twin.arrivals
    twin.arrivals += 1
    while number >= twin.directory_length:
        twin.hit("arrival: the directory doubles")
        twin.directory_length *= 2
    account.number = number
    twin.directory[number] = account.uid


def _first_follows(twin: State, new: Account) -> None:
    for j in range(twin.settings.world.arrival_follows):
        found = (_suggestion(twin, new, (2 * j + c) * 64) for c in (0, 1))
        candidates = [account for account in found if account]
        if not candidates:
            twin.hit("arrival: no candidate")
            continue
        best = max(candidates, key=lambda account: new.interest[account.focus])
        twin.hit("arrival: second is better" if best is not candidates[0] else "arrival: first")
        if not twin.begin_follow(new, best, Origin.RECOMMENDATION):
            twin.hit("arrival: follows it already")


def _suggestion(twin: State, new: Account, base: int) -> Account | None:
    somebody = twin.somebody(twin.words(Purpose.ARRIVAL_FOLLOW, new.uid, base), 16)
    if somebody is None:
        return None
    word = twin.words(Purpose.ARRIVAL_FOLLOW, new.uid, base + 32)
    return twin.followee(somebody, word)
