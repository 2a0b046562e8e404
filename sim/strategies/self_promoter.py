"""Talking about oneself."""

from typing import cast

from sim.kernels.layout import Kind
from sim.settings import param
from sim.strategies.base import Accounts, Day, Section, Strategy, affordable


class SelfPromoter(Strategy):
    """Advertises what it sells and talks about itself, day after day; it answers nobody.

    Costs: five minutes a promotion, two for each post about itself. Source: both essays; in the
    poll of Econsultancy 2012, 48 % of those who unfollow name self-promotion.
    """

    name = "self_promoter"

    class Params(Section):
        """What can be set."""

        per_day: int = param(3, "promotions a day", "design", ge=0, le=100)
        """Promotions that it posts each day."""
        self_talk: int = param(2, "posts a day", "design", ge=0, le=100)
        """Posts about itself that it adds to them."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Promote first, then talk about oneself."""
        params = cast(SelfPromoter.Params, self.params)
        prices = me.prices
        promotions = affordable(me.minutes, prices.promotion, most=params.per_day)
        left = me.minutes - promotions * prices.promotion
        me.post(kind=Kind.PROMOTION, count=promotions)
        talk = affordable(left, prices.self_talk, most=params.self_talk)
        me.post(kind=Kind.SELF_TALK, count=talk)
