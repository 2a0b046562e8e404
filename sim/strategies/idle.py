"""Doing nothing."""

from sim.strategies.base import Accounts, Day, Strategy


class Idle(Strategy):
    """Does nothing at all: reads and reacts like everybody, but never posts or follows.

    It shows how an account drifts with the world. Costs: nothing. Source: the design of the
    experiment (a control).
    """

    name = "idle"

    def decide(self, me: Accounts, day: Day) -> None:
        """Plan nothing."""
