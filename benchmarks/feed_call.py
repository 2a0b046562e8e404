"""The call of the browse kernel in a tick, caught as the model makes it, to be made again.

The kernel writes to its outputs alone, so that the same call can be timed many times and
given to another implementation. All that depends on how the kernel is called stands here.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from sim import phases
from sim.kernels import browse as browse_kernels
from sim.kernels.layout import IMPRESSION, State, Tables, Wall
from sim.model import FollowerModel
from sim.phases import Crew, Tick


@dataclass(frozen=True)
class FeedCall:
    """What the kernel reads; names and shapes as in `sim.kernels.browse.browse`."""

    state: State
    tables: Tables
    wall: Wall
    params: NDArray[np.void]
    seed: np.uint64
    hour: int
    viewers: NDArray[np.uint32]
    reads: NDArray[np.uint16]
    sessions: NDArray[np.uint8]
    hits: NDArray[np.void]
    offsets: NDArray[np.int64]


@dataclass(frozen=True)
class Feeds:
    """What it writes: per viewer, and a stretch of impressions from each viewer's offset on."""

    shown: NDArray[np.uint16]
    displaced: NDArray[np.uint16]
    crowding: NDArray[np.float64]
    impressions: NDArray[np.void]

    def total(self) -> int:
        """Return how many impressions were shown."""
        return int(self.shown.sum(dtype=np.int64))


class _CaughtError(Exception):
    """The kernel was called; carries its arguments by name."""


def catch(model: FollowerModel) -> FeedCall:
    """Live up to the browsing of the next tick, and return the call of the kernel.

    The world has begun the tick then, and is no longer fit to live on.
    """
    names = list(inspect.signature(browse_kernels.browse).parameters)

    def caught(*arguments: Any) -> None:
        raise _CaughtError(dict(zip(names, arguments, strict=True)))

    for name, phase in model.phases():
        if name == "browse":
            break
        phase()
    try:
        with mock.patch.object(browse_kernels, "browse", caught):
            phases.browse(model.world, Tick(), Crew())
    except _CaughtError as error:
        given = error.args[0]
        return FeedCall(**{field: given[field] for field in FeedCall.__dataclass_fields__})
    raise AssertionError("nobody browsed")


def blank(call: FeedCall) -> Feeds:
    """Return outputs for a call; written once, so that their pages are there."""
    count = len(call.viewers)
    room = int(call.offsets[-1] + 2 * call.reads[count - 1])
    feeds = Feeds(
        np.zeros(count, np.uint16),
        np.zeros(count, np.uint16),
        np.zeros(count),
        np.zeros(room, IMPRESSION),
    )
    feeds.impressions["viewer"] = 0
    return feeds


def browse(call: FeedCall, feeds: Feeds, first: int, last: int) -> None:
    """Fill the feeds of viewers ``first`` to ``last - 1`` by the model's own kernel."""
    kernel: Callable[..., None] = browse_kernels.browse
    kernel(
        call.state,
        call.tables,
        call.wall,
        call.params,
        call.seed,
        call.hour,
        first,
        last,
        call.viewers,
        call.reads,
        call.sessions,
        call.hits,
        call.offsets,
        feeds.shown,
        feeds.displaced,
        feeds.crowding,
        feeds.impressions,
    )


def same(call: FeedCall, one: Feeds, two: Feeds) -> bool:
    """Tell whether two results agree in every impression, its order included."""
    plain = all(
        np.array_equal(getattr(one, name), getattr(two, name))
        for name in ("shown", "displaced", "crowding")
    )
    return plain and all(
        np.array_equal(_written(call, one)[name], _written(call, two)[name])
        for name in IMPRESSION.names or ()
    )


def _written(call: FeedCall, feeds: Feeds) -> NDArray[np.void]:
    """Return the impressions that were written, one behind the other."""
    counts = feeds.shown.astype(np.int64) + feeds.displaced
    before = np.cumsum(counts) - counts
    places = np.arange(int(counts.sum())) + np.repeat(call.offsets - before, counts)
    written: NDArray[np.void] = feeds.impressions[places]
    return written
