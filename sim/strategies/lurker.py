"""Reading along."""

from typing import Final, cast

import numpy as np

from sim.settings import param
from sim.strategies.base import Accounts, Day, Section, Strategy, affordable

_COIN: Final = 1_002
_WEEK: Final = 7


class Lurker(Strategy):
    """Reads, likes and follows, but never writes.

    It reacts to its feed like everybody; besides, it likes posts on its topics and follows some
    accounts a week. Costs: a tenth of a minute a like, a quarter of a minute a follow. Source:
    Pew 2019 (most accounts hardly ever post); the design of the experiment (a control for being
    present without speaking).
    """

    name = "lurker"

    class Params(Section):
        """What can be set."""

        likes: int = param(3, "likes a day", "design", ge=0, le=1_000)
        """Posts on its topics that it likes each day, besides those in its feed."""
        follows: float = param(3.0, "follows a week", "design", ge=0, le=1_000)
        """Accounts with its topics that it follows in a week, on average."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Like and follow a little."""
        params = cast(Lurker.Params, self.params)
        prices = me.prices
        daily = params.follows / _WEEK
        whole = np.floor(daily)
        wished = whole + (me.coin(_COIN) < daily - whole)
        found = me.find(affordable(me.minutes, prices.follow, most=wished), "topic")
        me.follow(found)
        left = me.minutes - found.cost(prices.follow)
        me.like(me.conversations(affordable(left, prices.like, most=params.likes)))
