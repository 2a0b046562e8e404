"""Imitation: people copy those who look more successful."""

from sim.kernels.layout import Purpose, Total

from .records import Account
from .state import State


def imitate(twin: State) -> None:
    """Let some take over the strategy of somebody whom they follow."""
    if not twin.settings.platform.counts_visible:
        twin.hit("imitation: counts are hidden")
        return
    before = {account.uid: account.strategy for account in twin.accounts.values()}
    for account in twin.living():
        model = _model_of(twin, account)
        if model is None:
            continue
        account.strategy = before[model.uid]
        if account.strategy == before[account.uid]:
            twin.hit("imitation: the same strategy")
        else:
            twin.hit("imitation: another strategy")
            twin.totals[Total.IMITATIONS] += 1


def _model_of(twin: State, account: Account) -> Account | None:
    """Whom an account imitates today, if anybody."""
    share = twin.settings.behaviour.imitation
    chance = twin.uniform(Purpose.IMITATE, account.uid, 0, twin.hour)
    if not account.is_ordinary or not chance < share:
        return None
    other = twin.followee(account, twin.words(Purpose.IMITATE_WHOM, account.uid, 0))
    if other is None or other.is_fake:
        twin.hit("imitation: a fake" if other else "imitation: nobody to look at")
        return None
    if _looks_successful(twin, other, account):
        return other
    twin.hit("imitation: not so successful")
    return None


def _looks_successful(twin: State, other: Account, account: Account) -> bool:
    behaviour = twin.settings.behaviour
    by = behaviour.imitate_by
    twin.hit(f"imitation: by {by}")
    theirs, own = getattr(other, by), getattr(account, by)
    return bool(theirs > behaviour.imitation_factor * max(1, own))
