"""Keeping a ratio of followers to accounts followed."""

from typing import cast

import numpy as np

from sim.settings import param
from sim.strategies.base import Accounts, Day, affordable
from sim.strategies.organic import Organic


class RatioKeeper(Organic):
    """Lives like organic, but drops friends who do not follow back, so that its ratio looks good.

    Whenever it follows more accounts than ``ratio`` times its followers, it unfollows those who
    do not return its follow, the longest followed first, until the ratio is reached. It does not
    ask what they mean to it: warm friends go like the others. Costs: a quarter of a minute for
    each unfollow, taken from content. Source: second essay (unfollowing friends to keep a ratio).
    """

    name = "ratio_keeper"

    class Params(Organic.Params):
        """What can be set."""

        ratio: float = param(1.0, "follows per follower", "second essay", ge=0, le=1_000)
        """Largest number of accounts that it follows for each of its followers."""
        grace_days: float = param(7.0, "days", "design", ge=0, le=3_650)
        """How long somebody has been followed before it is dropped."""
        most_per_day: int = param(20, "unfollows a day", "design", ge=0, le=10_000)
        """Most accounts that it unfollows in a day."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Drop as many as are too many, then create with what is left of the day."""
        params = cast(RatioKeeper.Params, self.params)
        price = me.prices.follow
        excess = me.following - np.floor(params.ratio * me.followers)
        room = affordable(me.minutes, price, most=np.minimum(excess, params.most_per_day))
        dropped = me.unreturned(0, params.grace_days, where=excess > 0).first(room)
        me.unfollow(dropped)
        self.create(me, me.minutes - dropped.cost(price))
