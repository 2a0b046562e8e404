"""Follow for follow."""

from typing import cast

import numpy as np

from sim.settings import param
from sim.sight import Targeting
from sim.strategies.base import Accounts, Day, Numbers, affordable
from sim.strategies.organic import Organic


class FollowForFollow(Organic):
    """Follows some accounts a day in the hope of being followed back, and drops those who do not.

    Whom it followed before its first day it keeps. Costs: a quarter of a minute for each follow
    and unfollow, taken from content; the platform's daily limit and ratio rule bind. Source: both
    essays; a grace of two days is what user guides advise.
    """

    name = "follow_for_follow"
    columns = {"started": -1.0}

    class Params(Organic.Params):
        """What can be set."""

        per_day: int = param(10, "follows a day", "design", ge=0, le=10_000)
        """Accounts that it follows each day."""
        grace_days: float = param(2.0, "days", "user guide", ge=0, le=365)
        """How long it waits for a follow-back."""
        keep: bool = param(False, "-", "design")
        """Whether those who do not follow back are kept."""
        targeting: Targeting = param("topic", "-", "design")
        """Whom it follows: people with its topics, seekers of reciprocity, anyone, or anyone in
        proportion to their followers ("popular")."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Drop, follow, and create with what is left of the day."""
        params = cast(FollowForFollow.Params, self.params)
        price = me.prices.follow
        minutes = me.minutes - self._drop(me, params)
        found = me.find(affordable(minutes, price, most=params.per_day), params.targeting)
        me.follow(found, for_follow=True)
        self.create(me, minutes - found.cost(price))

    def _drop(self, me: Accounts, params: Params) -> Numbers:
        """Drop whom it followed in vain since it started; return the minutes that this takes."""
        first_hour = self._started(me)
        if params.keep:
            return np.zeros(len(me))
        price = me.prices.follow
        overdue = me.unreturned(first_hour, params.grace_days).first(affordable(me.minutes, price))
        me.unfollow(overdue)
        return overdue.cost(price)

    def _started(self, me: Accounts) -> Numbers:
        """Return the hour since which its follows are in hope of a return.

        That is the hour of its first day; the next one if it has follows of this very hour
        behind it that nobody has returned (a newcomer's first ones), which it could not tell
        from its own.
        """
        new = me["started"] < 0
        if np.any(new):
            others = me.unreturned(me.hour, -1.0, where=new)
            me["started"] = np.where(new, me.hour + (others.counts > 0), me["started"])
        return me["started"]
