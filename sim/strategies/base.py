"""What a strategy is: one class in one file."""

from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.actions import Account, Accounts, Day, Pairs
from sim.settings import Section

__all__ = ["Account", "Accounts", "Day", "Numbers", "Pairs", "Section", "Strategy", "affordable"]

Numbers = NDArray[np.float64]


class Strategy:
    """How accounts of one kind spend their day.

    A subclass sets ``name``, may declare ``Params`` (frozen, documented with
    `sim.settings.param`) and ``columns`` (what it remembers for each account: a name and the
    number that it starts with), and defines ``decide`` for all of its accounts at once or
    ``decide_one`` for a single one. It sees only what its accounts could see, and acts only
    through their verbs. It keeps nothing in itself, so a run can be stopped and resumed.
    """

    name: ClassVar[str]
    columns: dict[str, float] = {}

    class Params(Section):
        """What can be set; nothing by default."""

    def __init__(self, params: Section | None = None) -> None:
        """Take checked parameters, or the defaults."""
        self.params = params if params is not None else self.Params()

    def vendors(self) -> set[str]:
        """Return the names of the vendors that it may order from."""
        vendor = getattr(self.params, "vendor", None)
        return {vendor} if isinstance(vendor, str) else set()

    def decide(self, me: Accounts, day: Day) -> None:
        """Plan the day of all accounts with this strategy."""
        for account in me:
            self.decide_one(account, day)

    def decide_one(self, me: Account, day: Day) -> None:
        """Plan the day of one account."""
        raise NotImplementedError(f"strategy {self.name!r} defines neither decide nor decide_one")


def affordable(minutes: ArrayLike, price: float, most: ArrayLike = np.inf) -> Numbers:
    """Return how many acts of this price fit into these minutes, and at most so many."""
    left = np.maximum(np.asarray(minutes, np.float64), 0.0)
    room = np.floor(left / price) if price > 0 else np.full(left.shape, np.inf)
    return np.minimum(room, most)
