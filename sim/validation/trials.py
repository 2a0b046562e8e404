"""Trials: what the world does not do by itself, done to a copy of it.

Both begin in the same burnt-in world as the watch: some protagonists buy followers and the
platform sweeps; some publish posts in pairs of which one asks for a reshare.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.layout import ANY_TOPIC, ASKS, AccountKind, Kind, Verb
from sim.model import FollowerModel
from sim.validation.graphs import follows_of
from sim.world.world import World

__all__ = ["ASKED_DAYS", "ASKING_DAYS", "SWEEP_DAY", "Asking", "Sweep", "ask", "sweep"]

SWEEP_DAY: Final = 10
"""Day of the sweep, long after the delivery of what was bought on day 0."""
ASKING_DAYS: Final = 30
ASKED_DAYS: Final = ASKING_DAYS + 2
"""Days until what was asked for is counted."""
_EFFORT: Final = 300  # tenths of a minute that go into each post of a pair


@dataclass(frozen=True)
class Sweep:
    """What a sweep took, of followers that were bought and of all others."""

    bought: int
    """Bought follows of the protagonists before the sweep."""
    bought_lost: int
    organic: int
    """Follows of accounts that never bought, fakes left out, before the sweep."""
    organic_lost: int


@dataclass(frozen=True)
class Asking:
    """How often the posts of the pairs were reshared."""

    asked: NDArray[np.int64]
    """Reshares of each post that asked."""
    plain: NDArray[np.int64]
    """Reshares of each post that did not."""


def sweep(model: FollowerModel) -> Sweep:
    """Let a model live until the platform has swept, and count who is gone.

    The scenario has the purchase on day 0 and the sweep on `SWEEP_DAY`.
    """
    while model.day < SWEEP_DAY:
        model.step()
    world = model.world
    bought = _bought(world)
    people = follows_of(world, (AccountKind.ORDINARY, AccountKind.ARRIVAL))
    lived = world.accounts["alive"] == 1
    model.step()
    gone = lived & (world.accounts["alive"][: len(lived)] == 0)
    return Sweep(len(bought), int(gone[bought].sum()), len(people.owner),
                 int(gone[people.owner].sum()))  # fmt: skip


def _bought(world: World) -> NDArray[np.int64]:
    """Return the rows of the fakes that follow a protagonist."""
    every = follows_of(world, (AccountKind.PROTAGONIST, AccountKind.FAKE))
    of_fakes = world.accounts["kind"][every.owner] == AccountKind.FAKE
    return np.asarray(every.owner[of_fakes])


def ask(model: FollowerModel, on_day: Callable[[int], None] | None = None) -> Asking:
    """Let every protagonist publish two posts of the same effort a day, of which one asks."""
    counted = _Counted(model)
    while model.day < ASKED_DAYS:
        if model.world.hour % 24 == 0:
            if model.day < ASKING_DAYS:
                counted.speak()
            if on_day:
                on_day(model.day)
        counted.live()
    return counted.result()


class _Counted:
    """Counts the reshares of the posts that protagonists publish."""

    def __init__(self, model: FollowerModel) -> None:
        kinds = model.world.accounts["kind"]
        self._model = model
        self._rows = np.flatnonzero(kinds == AccountKind.PROTAGONIST).astype(np.uint32)
        self._asks: dict[int, bool] = {}
        self._times: dict[int, int] = {}

    def speak(self) -> None:
        """Plan the posts of the day."""
        for flags in (ASKS, 0):
            self._model.spoken.add(
                self._rows, Verb.POST, kind=Kind.CONTENT, effort=_EFFORT, flags=flags,
                topic=ANY_TOPIC,
            )  # fmt: skip

    def live(self) -> None:
        """Live through a tick and look at the reshares that it brought."""
        for name, phase in self._model.phases():
            if name == "record":
                self._look()
            phase()

    def _look(self) -> None:
        posts = self._model.world.state.posts
        for events in self._model._tick.events:
            of_mine = np.isin(events["target"], self._rows)
            reshares = events[(events["verb"] == Verb.RESHARE) & of_mine]
            for uid in posts["root"][reshares["post"] & (len(posts) - 1)].tolist():
                self._times[uid] = self._times.get(uid, 0) + 1
        own = posts[np.isin(posts["author"], self._rows) & (posts["reshare"] == 0)]
        self._asks.update(zip(own["uid"].tolist(), (own["asks"] == 1).tolist(), strict=True))

    def result(self) -> Asking:
        """Return the reshares of each post."""
        asked = [self._times.get(uid, 0) for uid, asks in self._asks.items() if asks]
        plain = [self._times.get(uid, 0) for uid, asks in self._asks.items() if not asks]
        return Asking(np.array(asked, np.int64), np.array(plain, np.int64))
