"""Being interesting."""

from typing import cast

import numpy as np

from sim.settings import Share, param
from sim.strategies.base import Accounts, Day, Numbers, Section, Strategy, affordable


class Organic(Strategy):
    """Puts its minutes into content and answers those who reply; asks nobody for anything.

    Costs: up to a third of the day for answers (three minutes each), the rest for as many posts
    as ``effort`` allows. Source: both essays ("try being interesting instead").
    """

    name = "organic"

    class Params(Section):
        """What can be set."""

        effort: float = param(30.0, "minutes a post", "design", gt=0, le=600)
        """Minutes that go into a post."""
        answers: Share = param(0.35, "share of the day", "design")
        """Largest share of the day's minutes that goes into answering replies."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Answer first, then write."""
        self.create(me, me.minutes)

    def create(self, me: Accounts, minutes: Numbers) -> None:
        """Spend these minutes on answers and content."""
        self.write(me, minutes - self.answer(me, minutes))

    def answer(self, me: Accounts, minutes: Numbers) -> Numbers:
        """Answer in a share of these minutes; return how many that takes."""
        params = cast(Organic.Params, self.params)
        price = me.prices.reply
        answers = affordable(params.answers * minutes, price, most=me.waiting)
        me.answer(answers)
        return answers * price

    def write(self, me: Accounts, minutes: Numbers) -> None:
        """Spend these minutes on content."""
        params = cast(Organic.Params, self.params)
        minutes = np.maximum(minutes, 0.0)
        posts = np.maximum(1.0, affordable(minutes, params.effort))
        effort = np.minimum(params.effort, np.floor(minutes / posts * 10) / 10)
        me.post(effort, count=posts, where=effort > 0)
