"""Buying first, being interesting later."""

from typing import cast

from sim.kernels.layout import Kind
from sim.settings import param
from sim.strategies.base import Accounts, Day
from sim.strategies.organic import Organic


class Reformed(Organic):
    """Buys followers and advertises to them, sees that nothing comes of it, and turns organic.

    Costs: as buyer on the first day; then one promotion a day (five minutes; the rest of the
    day is lost on watching the number) until it reforms. Source: second essay.
    """

    name = "reformed"

    class Params(Organic.Params):
        """What can be set."""

        amount: int = param(5_000, "followers", "second essay", ge=1, le=1_000_000)
        """Followers that it buys."""
        day: int = param(0, "day", "design", ge=0, le=3_650)
        """Day of the purchase."""
        until: int = param(120, "day", "design", ge=0, le=3_650)
        """Day on which it reforms."""
        vendor: str = param("default", "-", "design", max_length=40)
        """Name of the vendor, as in platform.vendors."""

    def decide(self, me: Accounts, day: Day) -> None:
        """Buy and advertise first; later create."""
        params = cast(Reformed.Params, self.params)
        if day.number == params.day:
            me.buy(params.amount, params.vendor)
        if day.number < params.until:
            me.post(kind=Kind.PROMOTION)
        else:
            self.create(me, me.minutes)
