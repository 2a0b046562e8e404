"""Buying followers."""

from typing import cast

from sim.settings import Share, param
from sim.strategies.base import Account, Day
from sim.strategies.organic import Organic


class Buyer(Organic):
    """Buys followers, lives like organic besides, and buys again when they melt away.

    Costs: the vendor's price and ten minutes a purchase, taken from content. Source: second
    essay (5,000 followers for five dollars).
    """

    name = "buyer"
    columns = {"target": 0.0, "wait": 0.0}

    class Params(Organic.Params):
        """What can be set."""

        amount: int = param(5_000, "followers", "second essay", ge=1, le=1_000_000)
        """Followers that it buys at a time."""
        day: int = param(0, "day", "design", ge=0, le=3_650)
        """Day of the first purchase."""
        vendor: str = param("default", "-", "design", max_length=40)
        """Name of the vendor, as in platform.vendors."""
        again_below: Share = param(0.0, "share", "design")
        """It buys again when its count has fallen below this share of its best; 0 for never."""

    def decide_one(self, me: Account, day: Day) -> None:
        """Buy if it is time, then create with what is left of the day."""
        params = cast(Buyer.Params, self.params)
        best = max(me["target"], me.followers)
        me["target"] = best
        melted = me.followers < params.again_below * best and me["wait"] <= 0
        me["wait"] = me["wait"] - 1
        minutes = me.minutes
        if day.number == params.day or (day.number > params.day and melted):
            me.buy(params.amount, params.vendor)
            me["wait"] = 14.0  # deliveries take time
            minutes -= me.prices.purchase
        self.create(me, minutes)
