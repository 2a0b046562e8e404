"""Phase 6: fakes decay and sweeps delete."""

from sim.kernels.layout import AccountKind, Cause, Purpose

from .lists import drop_follow, forget
from .records import Account
from .state import State

SWEPT_BY_MISTAKE = (AccountKind.ORDINARY, AccountKind.ARRIVAL)


def police(twin: State) -> None:
    """Delete what decays and what is swept, at the start of a day."""
    if twin.hour % 24:
        return
    doomed = {account.uid: Cause.DECAY for account in twin.living() if _decays(twin, account)}
    for recall, false_positives in _sweeps(twin):
        for account in twin.living():
            if account.uid not in doomed and _is_swept(twin, account, recall, false_positives):
                doomed[account.uid] = Cause.SWEEP
    if doomed:
        _delete(twin, doomed)


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
    decays = bool(chance < twin.settings.platform.vendors[account.vendor].decay_per_day)
    if decays:
        twin.hit("police: decay")
    return decays


def _is_swept(twin: State, account: Account, recall: float, false_positives: float) -> bool:
    chance = twin.uniform(Purpose.SWEEP, account.uid, 0, twin.hour)
    if account.is_fake:
        twin.hit("police: fake swept" if chance < recall else "police: fake missed")
        return chance < recall
    if account.kind not in SWEPT_BY_MISTAKE or not chance < false_positives:
        return False
    twin.hit("police: deleted by mistake")
    return True


def _delete(twin: State, doomed: dict[int, Cause]) -> None:
    for uid, cause in doomed.items():
        account = twin.accounts[uid]
        account.alive = False
        for tie in account.ties[: account.follows]:
            twin.accounts[tie.other].followers -= 1
            twin.remember_end(account, tie, cause)
        account.ties, account.follows = [], 0
        if account.number is not None:
            del twin.directory[account.number]
    for account in twin.living():
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
