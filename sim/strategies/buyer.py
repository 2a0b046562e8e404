"""Buying followers."""

from typing import Final, cast

import numpy as np

from sim.settings import Share, param
from sim.strategies.base import Accounts, Day
from sim.strategies.organic import Organic

_COIN: Final = 1_001
_DELIVERY: Final = 14.0  # days after a purchase in which a fall of the count does not count


class Buyer(Organic):
    """Buys followers, lives like organic besides, and buys again when they melt away.

    Costs: the vendor's price and ten minutes a purchase, taken from content. Source: second
    essay (5,000 followers for five dollars).
    """

    name = "buyer"
    columns = {"bought": 0.0, "target": 0.0, "wait": 0.0}

    class Params(Organic.Params):
        """What can be set."""

        amount: int = param(5_000, "followers", "second essay", ge=1, le=1_000_000)
        """Followers that it buys at a time."""
        day: int = param(0, "day", "design", ge=-1_000, le=3_650)
        """First day on which it may buy, counted from the experiment's start; less than 0 lies
        in the burn-in."""
        chance: Share = param(1.0, "probability a day", "design")
        """Probability that it buys on each day from then on, until it has done so."""
        vendor: str = param("default", "-", "design", max_length=40)
        """Name of the vendor, as in platform.vendors."""
        again_below: Share = param(0.0, "share", "design")
        """It buys again when its count has fallen below this share of its best; 0 for never."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Buy if it is time, then create with what is left of the day."""
        params = cast(Buyer.Params, self.params)
        count, waits, new = me.followers, me["wait"], me["bought"] == 0
        best = np.maximum(me["target"], count)
        melted = (count < params.again_below * best) & (waits <= 0)
        tempted = me.coin(_COIN) < params.chance
        buying = (day.number >= params.day) & np.where(new, tempted, melted)
        me.buy(params.amount, params.vendor, where=buying)
        me["target"], me["bought"] = best, np.where(buying, 1.0, me["bought"])
        me["wait"] = np.where(buying, _DELIVERY, waits - 1)
        self.create(me, me.minutes - buying * me.prices.purchase)
