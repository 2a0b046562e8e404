"""Lives: what is kept in the books of one protagonist."""

from collections import defaultdict
from dataclasses import dataclass, field
from math import nan
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from sim.kernels.layout import Origin
from sim.metrics import DAY

__all__ = ["FOLLOW_COLUMNS", "OLD", "YOUNG", "Follow", "Life", "follow_row"]

YOUNG: Final = 28 * DAY  # the age in hours from which origins are compared
OLD: Final = 56 * DAY

FOLLOW_COLUMNS: Final = [
    "account", "follower", "origin", "start", "end", "end_cause", "last_engagement", "warmth",
    "engaged_28_56", "seen_28_56",
]  # fmt: skip


@dataclass
class Follow:
    """One follow of a protagonist, from its beginning on; hours."""

    account: str
    follower: int
    origin: int
    start: int
    end: float = nan
    cause: str = ""
    engaged: bool = False
    seen: int = 0
    last_engagement: float = nan
    warmth: float = 0.0

    def is_compared(self, hour: int) -> bool:
        """Tell whether it is of the age at which origins are compared."""
        return YOUNG <= hour - self.start < OLD


@dataclass
class Life:
    """What has been counted of one protagonist since the experiment began."""

    name: str
    row: int
    first_followers: int
    current: dict[int, Follow] = field(default_factory=dict)
    past: list[Follow] = field(default_factory=list)
    rows: NDArray[np.uint32] | None = None  # of `current`, until it changes
    origins: NDArray[np.int64] | None = None
    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    causes: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    history: list[tuple[int, int]] = field(default_factory=list)  # impressions, engagements

    def followers(self) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the rows of its followers and the origins of these follows."""
        if self.rows is None or self.origins is None:
            self.rows = np.array(list(self.current), np.uint32)
            self.origins = np.array([f.origin for f in self.current.values()], np.int64)
        return self.rows, self.origins

    def plain(self) -> dict[str, Any]:
        """Return all but the follows as JSON can hold it."""
        return {
            "name": self.name,
            "row": self.row,
            "first_followers": self.first_followers,
            "counts": dict(self.counts),
            "causes": [[*key, count] for key, count in self.causes.items()],
            "history": self.history,
        }

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> Self:
        """Return a life without its follows from what `plain` returned."""
        life = cls(plain["name"], plain["row"], plain["first_followers"])
        life.counts.update(plain["counts"])
        life.causes.update({(measure, cause): n for measure, cause, n in plain["causes"]})
        life.history.extend((seen, engaged) for seen, engaged in plain["history"])
        return life


def follow_row(follow: Follow, hour: int, start_day: int) -> tuple[object, ...]:
    """Return a follow as a row of the table; hours become days of the experiment."""
    old_enough = hour - follow.start >= OLD

    def day(then: float) -> float:
        return then / DAY - start_day

    return (
        follow.account,
        str(follow.follower),
        Origin(follow.origin).name.lower(),
        day(follow.start),
        day(follow.end),
        follow.cause,
        day(follow.last_engagement),
        follow.warmth,
        float(follow.engaged) if old_enough else nan,
        float(follow.seen) if old_enough else nan,
    )
