"""Being interesting."""

from typing import cast

from sim.settings import Share, param
from sim.strategies.base import Account, Day, Section, Strategy


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

    def decide_one(self, me: Account, day: Day) -> None:
        """Answer first, then write."""
        self.create(me, me.minutes)

    def create(self, me: Account, minutes: float) -> None:
        """Spend these minutes on answers and content."""
        params = cast(Organic.Params, self.params)
        minutes = max(0.0, minutes)
        price = me.prices.reply
        answers = int(params.answers * minutes / price) if price else me.waiting
        answers = min(me.waiting, answers)
        me.answer(answers)
        minutes -= answers * price
        posts = max(1, int(minutes / params.effort))
        effort = min(params.effort, int(minutes / posts * 10) / 10)
        if effort > 0:
            me.post(effort, count=posts)
