"""Chasing the vanity score."""

from typing import ClassVar, Literal

from sim.settings import param
from sim.strategies.adaptive import Adaptive


class ScoreChaser(Adaptive):
    """Lives like adaptive, by whatever lets its vanity score of followers and engagement grow.

    Costs: in each period what its strategy costs. Source: first essay (people who write for
    their Klout score).
    """

    name = "score_chaser"

    class Params(Adaptive.Params):
        """What can be set."""

        owner: ClassVar[str] = "score_chaser"

        options: tuple[str, ...] = param(
            ("pod", "broadcaster", "beg", "follow_for_follow"),
            "-", "design", min_length=2, max_length=32,
        )  # fmt: skip
        """Strategies that it tries."""
        by: Literal["followers", "engagements", "score"] = param("score", "-", "first essay")
        """The count whose growth it watches."""
