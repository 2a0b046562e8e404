"""The placebo for begging."""

from typing import cast

from sim.strategies.base import Account
from sim.strategies.beg import Beg


class Boosted(Beg):
    """The placebo: where beg begs, a plain post goes out that spreads as the beg would have.

    It has the same coins, is reshared with the beg's odds and costs the beg's minute, but
    shows content. Begging against boosted tells what asking does, apart from reach.
    """

    name = "boosted"

    def ask(self, me: Account) -> None:
        """Post content in place of the beg."""
        me.boost(cast(Boosted.Params, self.params).effort)
