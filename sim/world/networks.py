"""The first follows: the calibrated generator, the exact simple laws, or a given edge list.

All networks are laid by account number; ``row_of`` says in which row each number lies.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels import generate, lists
from sim.kernels.layout import NO_BLOCK, TIE, Origin
from sim.world import people
from sim.world.world import World


class Edges(NamedTuple):
    """Follows by account number, grouped by follower: ``targets[offsets[u] :][: filled[u]]``."""

    offsets: NDArray[np.int64]
    filled: NDArray[np.int64]
    targets: NDArray[np.uint32]


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each group begins."""
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)


def calibrated(world: World) -> Edges:
    """Draw follows with heavy tails, communities and triangles.

    Shares and spreads are those of `settings.World`; the figures that they reproduce are in
    `sim/world/README.md`.
    """
    accounts, s = world.accounts, world.settings.world
    wanted = np.zeros(len(accounts), np.int64)
    own = s.follows_per_account / (1.0 + s.reciprocation)
    most = max(1, len(accounts) // 4)
    table = generate.power_table()
    generate.make_degrees(accounts, np.uint64(world.seed), own, s.degree_sigma, most, table, wanted)
    closing = (wanted * s.closure).astype(np.int64)
    offsets = _offsets(wanted)
    targets = np.zeros(int(wanted.sum()), np.uint32)
    base, filled = np.zeros_like(wanted), np.zeros_like(wanted)
    uids = np.ascontiguousarray(accounts["uid"])
    _lay_base(world, uids, offsets, wanted - closing, targets, base)
    generate.lay_closure(uids, offsets, closing, base, np.uint64(world.seed), targets, filled)
    return Edges(offsets, filled, targets)


def _lay_base(
    world: World,
    uids: NDArray[np.uint64],
    offsets: NDArray[np.int64],
    wanted: NDArray[np.int64],
    targets: NDArray[np.uint32],
    filled: NDArray[np.int64],
) -> None:
    """Draw the follows that close no triangle."""
    community = np.ascontiguousarray(world.accounts["community"])
    order = np.argsort(community, kind="stable").astype(np.uint32)
    sizes = np.bincount(community, minlength=people.communities(world.settings))
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    popularity = world.accounts["popularity"].astype(np.float64)[order]
    generate.lay_base(
        uids,
        community,
        order,
        bounds,
        np.cumsum(popularity),
        offsets,
        wanted,
        world.settings.world.within_community,
        np.uint64(world.seed),
        targets,
        filled,
    )


def from_pairs(accounts: int, source: NDArray[np.uint32], target: NDArray[np.uint32]) -> Edges:
    """Group pairs by follower; follows of oneself and repetitions are refused."""
    keys = source.astype(np.uint64) << np.uint64(32) | target.astype(np.uint64)
    keys = np.unique(keys[source != target])
    filled = np.bincount((keys >> np.uint64(32)).astype(np.int64), minlength=accounts)
    return Edges(_offsets(filled.astype(np.int64)), filled.astype(np.int64), keys.astype(np.uint32))


def uniform(world: World) -> Edges:
    """Draw accounts x follows_per_account attempts, both ends uniform over all accounts."""
    attempts = round(world.initial * world.settings.world.follows_per_account)
    source, target = np.zeros(attempts, np.uint32), np.zeros(attempts, np.uint32)
    generate.lay_uniform(attempts, world.initial, np.uint64(world.seed), source, target)
    return from_pairs(world.initial, source, target)


def preferential(world: World) -> Edges:
    """Let accounts arrive one by one and follow one other, with weight in-degree + 1."""
    source = np.arange(world.initial, dtype=np.uint32)
    target = np.zeros(world.initial, np.uint32)
    generate.lay_preferential(world.initial, np.uint64(world.seed), target)
    return from_pairs(world.initial, source, target)


def merit(world: World) -> Edges:
    """Draw attempts with uniform source and targets in proportion to craft."""
    attempts = round(world.initial * world.settings.world.follows_per_account)
    source, target = np.zeros(attempts, np.uint32), np.zeros(attempts, np.uint32)
    craft = np.ascontiguousarray(world.accounts["craft"])
    generate.lay_merit(attempts, np.uint64(world.seed), craft, source, target)
    return from_pairs(world.initial, source, target)


def lay(world: World, edges: Edges, row_of: NDArray[np.uint32], reciprocation: float) -> None:
    """Write first follows into the lists, with a share of them returned; origin INITIAL."""
    uids = np.arange(world.initial, dtype=np.uint64)
    returned = np.zeros(len(edges.targets), np.uint8)
    extra = np.zeros(world.initial, np.int64)
    generate.choose_returned(
        uids,
        edges.offsets,
        edges.filled,
        edges.targets,
        reciprocation,
        np.uint64(world.seed),
        returned,
        extra,
    )
    total = edges.filled + extra
    classes = size_classes(total)
    room = np.where(total > 0, block_sizes()[classes], 0)
    start, used = _offsets(room), int(room.sum())
    world.reserve_entries(used)
    count, followers = np.zeros(world.initial, np.int64), np.zeros(world.initial, np.uint32)
    generate.write_lists(
        edges.offsets,
        edges.filled,
        edges.targets,
        returned,
        row_of,
        start,
        count,
        world.state.follow_ids,
        followers,
    )
    world.state.cursor[0] = used
    world.state.ties[:used] = np.zeros(1, TIE)
    world.state.ties["origin"][:used] = Origin.INITIAL
    accounts = world.state.accounts
    accounts["start"][row_of] = start
    accounts["follows"][row_of] = accounts["ties"][row_of] = count
    accounts["size_class"][row_of] = np.where(count > 0, classes, NO_BLOCK)
    accounts["followers"][row_of] = followers


def block_sizes() -> NDArray[np.int64]:
    """Return the sizes of all blocks by class."""
    return np.array([lists.block_size(c) for c in range(96)], np.int64)


def size_classes(ties: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the smallest class that holds so many ties, for each of many lists."""
    return np.searchsorted(block_sizes(), ties).astype(np.int64)
