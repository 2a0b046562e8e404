"""Phase 6: fakes decay and are found, sweeps delete, people leave."""

from collections.abc import Callable
from functools import partial

from sim.kernels.layout import Cause, Purpose

from .lists import drop_follow, forget
from .records import Account
from .state import State


def police(twin: State) -> None:
    """Delete what decays, what is found and what is swept, and who leaves, as a day starts."""
    if twin.hour % 24:
        return
    _delete(twin, Cause.DECAY, _decays)
    _delete(twin, Cause.DETECTION, _is_detected)
    for recall, false_positives in _sweeps(twin):
        is_swept = partial(_is_swept, recall=recall, false_positives=false_positives)
        _delete(twin, Cause.SWEEP, is_swept)
    day = twin.hour // 24
    if day > 0 and day % 7 == 0:
        _delete(twin, Cause.DEPARTURE, _departs)


def _sweeps(twin: State) -> list[tuple[float, float]]:
    sweeps = twin.sweeps
    platform = twin.settings.platform
    day, every = twin.hour // 24 - twin.start_day, platform.sweep_every_days
    if every and day > 0 and day % every == 0:
        twin.hit("police: sweep by interval")
        regular = (platform.sweep_recall, platform.sweep_false_positives)
        assert regular in sweeps, f"day {day}: no sweep by interval among {sweeps}"
    elif sweeps:
        twin.hit("police: sweep as an event")
    return sweeps


def _decays(twin: State, account: Account) -> bool:
    if not account.is_fake:
        return False
    chance = twin.uniform(Purpose.DECAY, account.uid, 0, twin.hour)
    return bool(chance < twin.settings.platform.vendors[account.vendor].decay_per_day)


def _is_detected(twin: State, account: Account) -> bool:
    if not account.is_fake:
        return False
    chance = twin.uniform(Purpose.DETECTION, account.uid, 0, twin.hour)
    return bool(chance < twin.settings.platform.detection_per_day)


def _departs(twin: State, account: Account) -> bool:
    if not account.is_ordinary:
        return False
    chance = twin.uniform(Purpose.DEPARTURE, account.uid, 0, twin.hour)
    return bool(chance < 7 * twin.settings.world.departures_per_day)


def _is_swept(twin: State, account: Account, recall: float, false_positives: float) -> bool:
    chance = twin.uniform(Purpose.SWEEP, account.uid, 0, twin.hour)
    if account.is_fake:
        twin.hit("police: fake swept" if chance < recall else "police: fake missed")
        return chance < recall
    if not account.is_ordinary or not chance < false_positives:
        return False
    twin.hit("police: deleted by mistake")
    return True


def _delete(twin: State, cause: Cause, is_caught: Callable[[State, Account], bool]) -> None:
    """Delete all whom a cause catches."""
    caught = [account for account in twin.living() if is_caught(twin, account)]
    for account in caught:
        twin.hit(f"police: {cause.name.lower()}")
        account.alive = False
        for tie in account.ties[: account.follows]:
            twin.accounts[tie.other].followers -= 1
            twin.remember_end(account, tie, cause)
        account.ties, account.follows = [], 0
        if account.number is not None:
            del twin.directory[account.number]
    for account in twin.living() if caught else ():
        _lose_the_dead(twin, account)


def _lose_the_dead(twin: State, account: Account) -> None:
    def is_dead(j: int) -> bool:
        return not twin.accounts[account.ties[j].other].alive

    for j in reversed(range(account.follows, len(account.ties))):
        if is_dead(j):
            twin.hit("police: acquaintance of the dead")
            forget(account, j)
    for j in reversed(range(account.follows)):
        if is_dead(j):
            twin.hit("police: follower of the dead")
            drop_follow(account, j)
