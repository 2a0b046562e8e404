"""Watching a world: one life of it from which all checks take what they measure.

What the kernels log of protagonists only, the watch has them log of everybody while it looks; no
decision reads whether an account is tracked, so the world lives as it would unwatched.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.layout import AccountKind, Cause, Kind, Origin, Total, Verb
from sim.model import FollowerModel
from sim.validation.graphs import Graph, follows_of
from sim.world.world import World

__all__ = ["LARGE", "MONTH", "Counts", "Period", "Series", "Watched", "watch"]

LARGE: Final = 200  # followers from which an account can be established
MONTH: Final = 30  # days over which posts and engagement are counted


@dataclass(frozen=True)
class Counts:
    """What accounts have at a moment, by row."""

    alive: NDArray[np.bool_]
    ordinary: NDArray[np.bool_]
    followers: NDArray[np.int64]
    posts: NDArray[np.int64]
    """Ever published."""
    engagements: NDArray[np.int64]
    """Ever received."""
    impressions: NDArray[np.int64]
    """Ever received."""


@dataclass
class Period:
    """What happens while the watch lasts, added up."""

    begun: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Origin), np.int64))
    """Follows that began, by origin."""
    ended: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Cause), np.int64))
    """Follows that were ended by choice, by cause."""
    won: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Kind), np.int64))
    """Follows that began at a post, by its kind."""
    posts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Kind), np.int64))
    """Posts published, by kind."""
    asked: list[NDArray[np.void]] = field(default_factory=list)
    """Posts of the first month: uid, whether they ask."""
    reshared: list[NDArray[np.uint64]] = field(default_factory=list)
    """Uids of the originals of all reshares of the first month and two days."""


@dataclass(frozen=True, eq=False)
class Watched:
    """One world, watched from the end of its burn-in on."""

    seed: int
    accounts: int
    """Ordinary accounts at the start."""
    days: int
    before: Graph
    """Ordinary accounts at the end of the burn-in."""
    after: Graph
    first: Counts
    month: Counts
    """After `MONTH` days, or at the end if that is sooner."""
    month_days: int
    last: Counts
    period: Period
    large: NDArray[np.int64]
    """Followers by day and account, of those that had `LARGE` when the series began."""


def counts_of(world: World) -> Counts:
    """Return what accounts have now."""
    accounts = world.accounts
    columns = (accounts[name].astype(np.int64) for name in _COUNTED)
    alive = accounts["alive"] == 1
    return Counts(alive, alive & (accounts["kind"] == AccountKind.ORDINARY), *columns)


_COUNTED: Final = ("followers", "posts", "engagements", "impressions")


class Series:
    """Daily followers of those who have many, from a day on."""

    def __init__(self, first_day: int) -> None:
        """Begin at the end of this day of the experiment, which may lie in the burn-in."""
        self._first = first_day
        self._rows: NDArray[np.int64] | None = None
        self._days: list[NDArray[np.int64]] = []

    def note(self, world: World) -> None:
        """Take in the end of a day."""
        if world.day < self._first:
            return
        followers = world.accounts["followers"].astype(np.int64)
        if self._rows is None:
            ordinary = world.accounts["kind"] == AccountKind.ORDINARY
            self._rows = np.flatnonzero(ordinary & (followers >= LARGE))
        self._days.append(followers[self._rows])

    def table(self) -> NDArray[np.int64]:
        """Return (days, accounts); empty if there were none."""
        return np.array(self._days) if self._days else np.zeros((0, 0), np.int64)


def watch(
    model: FollowerModel, series: Series, on_day: Callable[[int], None] | None = None
) -> Watched:
    """Let a model live to the end of its scenario, and return what was seen of its world."""
    world, period = model.world, Period()
    first, before = counts_of(world), follows_of(world)
    month = first
    days = model.arm.scenario.days
    while model.day < days:
        _tick(model, period)
        if world.hour % 24 == 0:
            series.note(world)
            if model.day == min(MONTH, days):
                month = counts_of(world)
            if on_day:
                on_day(model.day)
    return Watched(
        world.seed, world.initial, days, before, follows_of(world), first, month,
        min(MONTH, days), counts_of(world), period, series.table(),
    )  # fmt: skip


def _tick(model: FollowerModel, period: Period) -> None:
    """Live through a tick and add up what happens."""
    for name, phase in model.phases():
        first = int(model.world.state.totals[Total.NEXT_POST])
        if name == "record":
            _note_events(model, period)
        with everybody_tracked(model.world) if name in _LOGGING else nullcontext():
            phase()
        if name == "publish":
            _note_posts(model, period, first)


_LOGGING: Final = ("decide", "react", "return")


@contextmanager
def everybody_tracked(world: World) -> Iterator[None]:
    """Have the kernels log what concerns anybody."""
    tracked = world.state.accounts["tracked"].copy()
    world.state.accounts["tracked"] = 1
    try:
        yield
    finally:
        world.state.accounts["tracked"][: len(tracked)] = tracked
        world.state.accounts["tracked"][len(tracked) :] = 0


_ASKED: Final = np.dtype([("uid", "u8"), ("asks", "u1")])


def _note_posts(model: FollowerModel, period: Period, first: int) -> None:
    """Add the posts that have just been published."""
    posts = _window(model.world, first)
    period.posts += np.bincount(posts["kind"], minlength=len(Kind))
    if model.day < MONTH:
        asked = np.zeros(len(posts), _ASKED)
        asked["uid"], asked["asks"] = posts["uid"], posts["asks"]
        period.asked.append(asked)


def _window(world: World, first: int) -> NDArray[np.void]:
    """Return the posts with these sequence numbers and higher."""
    ring, last = world.state.posts, int(world.state.totals[Total.NEXT_POST])
    return np.asarray(ring[np.arange(first, last) & (len(ring) - 1)])


def _note_events(model: FollowerModel, period: Period) -> None:
    """Add what the kernels have logged in this tick, and leave protagonists' part of it."""
    tick, world = model._tick, model.world
    tracked = world.state.accounts["tracked"] == 1
    kept = []
    for events in tick.events:
        _add(world, events, period, early=model.day < MONTH + 2)
        kept.append(events[tracked[events["target"]]])
    tick.events = kept


def _add(world: World, events: NDArray[np.void], period: Period, *, early: bool) -> None:
    ring = world.state.posts
    begun = events[events["verb"] == Verb.FOLLOW]
    period.begun += np.bincount(begun["label"], minlength=len(Origin))
    at_post = begun[(begun["post"] > 0) & np.isin(begun["label"], _AT_POSTS)]
    kinds = ring["kind"][at_post["post"] & (len(ring) - 1)]
    period.won += np.bincount(kinds, minlength=len(Kind))
    ended = events[events["verb"] == Verb.UNFOLLOW]
    period.ended += np.bincount(ended["label"], minlength=len(Cause))
    if early:
        reshares = events[events["verb"] == Verb.RESHARE]
        period.reshared.append(ring["root"][reshares["post"] & (len(ring) - 1)])


_AT_POSTS: Final = (Origin.CONTENT, Origin.RESHARE, Origin.RECOMMENDATION, Origin.BEGGING)
