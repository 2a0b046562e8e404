"""Quantity in place of quality."""

from typing import cast

from sim.settings import param
from sim.strategies.base import Accounts, Day, Section, Strategy, affordable


class Broadcaster(Strategy):
    """Posts much and with little effort, answers nobody and follows nobody.

    Costs: ``effort`` minutes a post. Source: Hutto, Yardi, Gilbert 2013 (broadcasting suppresses
    growth); in the poll of Econsultancy 2012, 52 % of those who unfollow name noise.
    """

    name = "broadcaster"

    class Params(Section):
        """What can be set."""

        per_day: int = param(8, "posts a day", "design", ge=0, le=100)
        """Posts each day."""
        effort: float = param(5.0, "minutes a post", "design", gt=0, le=600)
        """Minutes that go into a post."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Post as often as planned, or as the minutes allow."""
        params = cast(Broadcaster.Params, self.params)
        me.post(params.effort, count=affordable(me.minutes, params.effort, most=params.per_day))
