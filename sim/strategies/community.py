"""Being useful to people."""

from typing import Final, cast

from sim.settings import Share, param
from sim.strategies.base import Accounts, Day, affordable
from sim.strategies.organic import Organic

_MOST: Final = 500  # acts of a sort in a day, should they cost nothing


class Community(Organic):
    """Answers, helps people who need what it knows, joins conversations, and creates besides.

    Costs: three minutes an answer or comment, six for each need that it answers, each up to a
    share of the day; the rest goes into content. Source: second essay ("people who need your
    knowledge").
    """

    name = "community"

    class Params(Organic.Params):
        """What can be set."""

        help: Share = param(0.3, "share of the day", "design")
        """Largest share of the day's minutes that goes into needs that others have voiced."""
        comments: Share = param(0.15, "share of the day", "design")
        """Largest share of the day's minutes that goes into comments on other people's posts."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Answer, help, comment, and create with what is left of the day."""
        params = cast(Community.Params, self.params)
        prices = me.prices
        left = me.minutes - self.answer(me, me.minutes)
        share = (params.help * me.minutes).clip(max=left)
        needs = me.open_needs(affordable(share, prices.help, most=_MOST))
        me.help(needs)
        left = left - needs.cost(prices.help)
        share = (params.comments * me.minutes).clip(max=left)
        talks = me.conversations(affordable(share, prices.reply, most=_MOST))
        me.comment(talks)
        self.write(me, left - talks.cost(prices.reply))
