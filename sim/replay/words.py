"""What happened to an account, in plain words: one short sentence for a row of ``events``."""

from typing import Final

from sim.plots.text import CAUSES, number, plural

__all__ = ["REFUSALS", "lost", "told"]

REFUSALS: Final = {
    "pointless": "there was nothing to do",
    "limit": "the platform's limits",
    "minutes": "no time left that day",
    "money": "not enough money",
}
"""Why a part of a plan was refused, in words."""


def told(event: str, other: str = "", amount: float = 0.0, cause: str = "") -> str:
    """Return an event in plain words, without its day and account.

    The arguments are columns of the table ``events``; ``amount`` may be a sum over several rows
    of a kind, as of the sales of a day.
    """
    count = number(round(amount))
    if event == "milestone":
        return f"tells everybody about its {count} followers"
    if event == "purchase":
        vendor = "" if other in ("", "default") else f" from {other}"
        return f"buys {count} followers{vendor}"
    if event == "delivery":
        return f"gets {count} fake followers delivered"
    if event == "sale":
        return f"sells to {plural(amount, 'person', 'people')}"
    if event == "refused":
        return f"could not do {plural(amount, 'thing')}: {REFUSALS.get(cause, _plain(cause))}"
    if event == "sweep":
        return f"the platform sweeps: {plural(amount, 'account')} deleted"
    return _happening(event, cause)


def lost(cause: str, count: int) -> str:
    """Return in words that so many followers ended for this cause on one day."""
    return f"loses {plural(count, 'follower')}: {CAUSES.get(cause, _plain(cause))}"


_HAPPENINGS: Final = {
    "set": "the rules change",
    "viral": "goes viral",
    "strategy": "changes its strategy",
    "means": "gets other means",
}


def _happening(event: str, label: str) -> str:
    """Return a scheduled event: what it is and, if it has one, its label."""
    what = _HAPPENINGS.get(event, _plain(event))
    return what if label in ("", event) else f"{what}: {label}"


def _plain(name: str) -> str:
    return name.replace("_", " ")
