"""Begging at milestones."""

from typing import Annotated, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.settings import Share, param
from sim.strategies.base import Accounts, Day
from sim.strategies.organic import Organic

MILESTONES = (
    50, 75, 100, 125, 150, 200, 250, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_250, 1_500,
    2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 15_000, 20_000, 50_000, 100_000,
)  # fmt: skip


class Beg(Organic):
    """Lives like organic, but asks "almost at 1,000, reshare this!" before each milestone.

    A milestone is begged for once, when the count comes close to it; milestones that are
    already behind are passed over. Costs: a minute a beg, taken from content. Source: first essay.
    """

    name = "beg"
    columns = {"passed": 0.0}

    class Params(Organic.Params):
        """What can be set."""

        milestones: tuple[Annotated[int, Field(ge=1)], ...] = param(
            MILESTONES, "followers", "design", min_length=1
        )
        """Counts that are begged for, in rising order."""
        close: Share = param(0.85, "share", "design")
        """Share of a milestone at which the account feels almost there."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Ask if a milestone is near, then live as usual."""
        params = cast(Beg.Params, self.params)
        milestones = np.array([*sorted(params.milestones), np.inf])
        count, passed = me.followers, me["passed"]
        following = milestones[np.searchsorted(milestones, np.maximum(count, passed), "right")]
        near = params.close * following <= count
        me["passed"] = np.where(near, following, passed)
        self.ask(me, near)
        self.create(me, me.minutes - near * me.prices.beg)

    def ask(self, me: Accounts, where: NDArray[np.bool_]) -> None:
        """Ask for followers."""
        me.beg(where=where)
