"""Engagement pods."""

from typing import cast

from sim.settings import param
from sim.strategies.base import Accounts, Day, affordable
from sim.strategies.organic import Organic


class Pod(Organic):
    """Joins a pod and likes every fresh post of its members by arrangement, as they like its own.

    Costs: a tenth of a minute a like and three minutes a comment, taken from content. Source:
    first essay (counts as an end in themselves); Weerasinghe et al. 2020 (pods raise later
    comments by others).
    """

    name = "pod"

    class Params(Organic.Params):
        """What can be set."""

        most_per_day: int = param(60, "likes a day", "design", ge=0, le=10_000)
        """Most posts of the pod that it likes in a day."""
        comments: int = param(0, "comments a day", "design", ge=0, le=1_000)
        """On so many of them it comments as well."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Join, like, comment, and create with what is left of the day."""
        params = cast(Pod.Params, self.params)
        me.join_pod(where=~me.in_pod)
        found = me.pod_posts(affordable(me.minutes, me.prices.like, most=params.most_per_day))
        me.like(found, arranged=True)
        left = me.minutes - found.cost(me.prices.like)
        said = found.first(affordable(left, me.prices.reply, most=params.comments))
        me.comment(said, arranged=True)
        self.create(me, left - said.cost(me.prices.reply))
