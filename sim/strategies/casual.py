"""Ordinary people."""

from sim.strategies.base import Accounts, Day, Strategy


class Casual(Strategy):
    """Posts now and then, partly about itself, with little effort and no plan to grow.

    Costs: ten minutes a post, two for self-talk. Source: Pew 2019 (most people post rarely,
    a tenth writes most of what is written).
    """

    name = "casual"

    def decide(self, me: Accounts, day: Day) -> None:
        """Write what one is used to writing."""
        me.post_habitually()
