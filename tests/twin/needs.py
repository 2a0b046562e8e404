"""Needs: people voice questions, which stay open for a time."""

from sim.kernels.layout import Purpose, Total

from .records import Account, Need
from .state import State


def voice_needs(twin: State) -> None:
    """Drop what is no longer open, and let people voice what they need."""
    twin.needs = {uid: need for uid, need in twin.needs.items() if _stays_open(twin, need)}
    share = twin.settings.population.needs_per_day
    for account in twin.living():
        if not account.is_ordinary:
            continue
        if not twin.uniform(Purpose.NEED, account.uid, 0, twin.hour) < share:
            continue
        twin.hit("need: one is open" if account.uid in twin.needs else "need: voiced")
        if account.uid not in twin.needs:
            twin.needs[account.uid] = Need(account.uid, twin.hour, _topic(twin, account))
            twin.totals[Total.NEEDS] += 1


def _stays_open(twin: State, need: Need) -> bool:
    if not twin.accounts[need.asker].alive:
        twin.hit("need: the asker is dead")
        return False
    if twin.hour - need.hour >= twin.settings.platform.need_hours:
        twin.hit("need: expired")
        return False
    return True


def _topic(twin: State, account: Account) -> int:
    topic = twin.topic_of_interest(account, twin.words(Purpose.NEED_TOPIC, account.uid, 0))
    twin.hit("need: on the focus" if topic is None else "need: by interest")
    return account.focus if topic is None else topic
