"""The placebo for begging."""

from typing import cast

import numpy as np
from numpy.typing import NDArray

from sim.strategies.base import Accounts
from sim.strategies.beg import Beg


class Boosted(Beg):
    """The placebo: where beg begs, a plain post goes out that spreads as the beg would have.

    It has the same coins and is reshared with the beg's odds, but shows content. Begging
    against boosted tells what asking does, apart from reach. Costs: a minute for each such post,
    as a beg. Source: the design of the experiment (a placebo).
    """

    name = "boosted"

    def ask(self, me: Accounts, where: NDArray[np.bool_]) -> None:
        """Post content in place of the beg."""
        me.boost(cast(Boosted.Params, self.params).effort, where=where)
