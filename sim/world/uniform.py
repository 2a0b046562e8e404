"""Uniform follows at any time: accounts follow uniformly drawn targets, in large batches."""

from math import ceil, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels import generate, uniform
from sim.kernels.layout import NO_ROW, Origin
from sim.world.world import World

__all__ = ["follow_uniformly"]

_LEAST: Final = 1 << 16  # attempts in a batch
_EACH: Final = 16  # attempts of an account in a batch: enough to make a look at its list worth it


def follow_uniformly(
    world: World,
    attempts: int,
    *,
    first: int = 0,
    origin: Origin = Origin.INITIAL,
    batch: int | None = None,
) -> int:
    """Let the initial accounts make so many attempts to follow; return how many succeed.

    Both ends of an attempt are uniform over all initial accounts, oneself included, as in the
    network `uniform` (`sim/README.md`); a target that is followed already, that is oneself or
    that was deleted is refused. Of E attempts from nothing, N(N-1)(1 - (1 - 1/N²)^E) follows
    are expected.

    Args:
        world: whose accounts follow; its hour is when the follows begin.
        attempts: how many.
        first: number of the first attempt, which is the key of its draws.
        origin: how the follows are said to have come about.
        batch: attempts that are sorted by follower and applied together; the result does not
            depend on it. By default sixteen an account, which take 200 bytes an account.
    """
    batch, made = batch or max(_LEAST, _EACH * world.initial), 0
    for begin in range(first, first + attempts, batch):
        count = min(batch, first + attempts - begin)
        rest = (first + attempts - begin - count) / world.initial
        made += _apply(world, *_draw(world, begin, count), origin, ceil(rest + 2 * sqrt(rest)))
    return made


def _draw(world: World, first: int, count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the rows of both ends of attempts; those with deleted accounts are left out."""
    source, target = np.empty(count, np.uint32), np.empty(count, np.uint32)
    generate.lay_uniform(count, world.initial, np.uint64(world.seed), source, target, first)
    row_of = world.state.directory[: world.initial]
    if (row_of == np.arange(world.initial)).all():
        return source, target
    source, target = row_of[source], row_of[target]
    kept = (source != NO_ROW) & (target != NO_ROW)
    return source[kept], target[kept]


def _apply(
    world: World,
    source: NDArray[np.uint32],
    target: NDArray[np.uint32],
    origin: Origin,
    foreseen: int,
) -> int:
    """Apply attempts by follower; return how many succeed.

    As many as are ``foreseen`` will follow for most accounts: their lists get room at once.
    """
    bounds, targets = np.zeros(world.rows + 1, np.int64), np.empty_like(target)
    uniform.sort_by_follower(source, target, bounds, targets)
    world.reserve_entries(uniform.room_needed(world.state, bounds, foreseen))
    alive = np.ascontiguousarray(world.accounts["alive"])
    gained = np.zeros(world.rows, np.uint32)
    made = uniform.apply(
        world.state, bounds, targets, alive, foreseen, int(origin), world.hour, gained
    )
    world.accounts["followers"] += gained
    return int(made)
