"""Follow for follow."""

from typing import cast

import numpy as np

from sim.actions import Targeting
from sim.settings import param
from sim.strategies.base import Account, Day
from sim.strategies.organic import Organic


class FollowForFollow(Organic):
    """Follows some accounts a day in the hope of being followed back, and drops those who do not.

    Whom it followed up to its first day it keeps. Costs: a quarter of a minute for each follow
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
        """Whom it follows: people with its topics, seekers of reciprocity, or anyone."""

    def decide_one(self, me: Account, day: Day) -> None:
        """Drop, follow, and create with what is left of the day."""
        params = cast(FollowForFollow.Params, self.params)
        if me["started"] < 0:
            me["started"] = day.absolute
        dropped = 0 if params.keep else self._drop(me, params, day)
        found = me.find(params.per_day, params.targeting)
        me.follow(found, for_follow=True)
        self.create(me, me.minutes - (dropped + len(found)) * me.prices.follow)

    def _drop(self, me: Account, params: Params, day: Day) -> int:
        """Unfollow those followed since it started who have not returned it; return how many."""
        others, days = me.following_list(), me.following_days()
        begun = days < day.absolute - me["started"]  # what it followed before stays
        overdue = others[begun & (days > params.grace_days)]
        ungrateful = overdue[np.logical_not(me.follow_me(overdue))]
        me.unfollow(ungrateful)
        return len(ungrateful)
