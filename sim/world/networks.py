"""The first follows: the calibrated generator, the exact simple laws, or a given edge list.

All networks are laid by account number; ``row_of`` says in which row each number lies.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels import generate, laying, lists, pairs
from sim.kernels.layout import NO_BLOCK
from sim.world import people
from sim.world.world import SPARE, World

_INLINE: Final = 20_000  # accounts below which threads cost more than they gain
MOST_FOLLOWS: Final = 5_000
"""What an account of the calibrated network follows at most: Twitter's limit for all accounts that
are not followed by about as many."""
_PARTS: Final = 4  # pieces of work a thread, so that threads end together

Pairs = tuple[NDArray[np.uint32], NDArray[np.uint32]]


class Edges(NamedTuple):
    """Follows by account number, grouped by follower: ``targets[offsets[u] :][: filled[u]]``."""

    offsets: NDArray[np.int64]
    filled: NDArray[np.int64]
    targets: NDArray[np.uint32]


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each group begins."""
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)


def share(threads: int, count: int, work: Callable[[int, int], None]) -> None:
    """Call ``work(first, last)`` for ranges that cover so many items, in several threads.

    The work on an item must not depend on the range.
    """
    if threads == 1 or count < _INLINE:
        work(0, count)
        return
    cuts = np.arange(threads * _PARTS + 1) * count // (threads * _PARTS)
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(work, int(a), int(b)) for a, b in pairwise(cuts)]:
            future.result()


def calibrated(world: World, threads: int = 1) -> Edges:
    """Draw follows with heavy tails, communities and triangles.

    Shares and spreads are those of `settings.World`; the figures that they reproduce are in
    `sim/world/README.md`.
    """
    s, seed = world.settings.world, np.uint64(world.seed)
    wanted = _degrees(world)
    closing = (wanted * s.closure).astype(np.int64)
    offsets = _offsets(wanted)
    targets = np.empty(int(wanted.sum()), np.uint32)
    base, filled = np.empty_like(wanted), np.empty_like(wanted)
    _lay_base(world, offsets, wanted - closing, targets, base, threads)

    def close(first: int, last: int) -> None:
        laying.lay_closure(first, last, offsets, closing, base, seed, targets, filled)

    share(threads, len(wanted), close)
    return Edges(offsets, filled, targets)


def _degrees(world: World) -> NDArray[np.int64]:
    """Return how many accounts each account sets out to follow."""
    accounts, s = world.accounts, world.settings.world
    wanted = np.empty(len(accounts), np.int64)
    own = s.follows_per_account / (1.0 + s.reciprocation)
    most = max(1, min(len(accounts) // 4, MOST_FOLLOWS))
    table = generate.power_table()
    generate.make_degrees(accounts, np.uint64(world.seed), own, s.degree_sigma, most, table, wanted)
    return wanted


def _lay_base(
    world: World,
    offsets: NDArray[np.int64],
    wanted: NDArray[np.int64],
    targets: NDArray[np.uint32],
    filled: NDArray[np.int64],
    threads: int,
) -> None:
    """Draw the follows that close no triangle."""
    community = np.ascontiguousarray(world.accounts["community"])
    order = np.argsort(community, kind="stable").astype(np.uint32)
    sizes = np.bincount(community, minlength=people.communities(world.settings))
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    cumulated = np.cumsum(world.accounts["popularity"].astype(np.float64)[order])
    guide = np.empty(len(order), np.uint32)
    laying.make_guide(cumulated, guide)

    def draw(first: int, last: int) -> None:
        laying.lay_base(
            first,
            last,
            community,
            order,
            bounds,
            cumulated,
            guide,
            offsets,
            wanted,
            world.settings.world.within_community,
            np.uint64(world.seed),
            targets,
            filled,
        )

    share(threads, len(order), draw)


def from_pairs(accounts: int, chunks: list[Pairs], threads: int = 1) -> Edges:
    """Group pairs by follower, targets rising; follows of oneself and repetitions are left out.

    ``chunks`` are (source, target) arrays of account numbers. The list is emptied on the way,
    so that pairs and groups do not lie in memory twice.
    """
    counts = np.zeros(accounts, np.int64)
    for source, _ in chunks:
        pairs.count_sources(source, counts)
    edges = Edges(_offsets(counts), np.zeros_like(counts), np.empty(int(counts.sum()), np.uint32))
    while chunks:
        source, target = chunks.pop()
        pairs.group(source, target, *edges)
    share(threads, accounts, lambda first, last: pairs.tidy(first, last, *edges))
    return edges


def uniform(world: World, threads: int = 1) -> Edges:
    """Draw accounts x follows_per_account attempts, both ends uniform over all accounts."""
    attempts = round(world.initial * world.settings.world.follows_per_account)
    source, target = np.empty(attempts, np.uint32), np.empty(attempts, np.uint32)
    generate.lay_uniform(attempts, world.initial, np.uint64(world.seed), source, target)
    return from_pairs(world.initial, [(source, target)], threads)


def preferential(world: World, threads: int = 1) -> Edges:
    """Let accounts arrive one by one and follow one other, with weight in-degree + 1."""
    source = np.arange(world.initial, dtype=np.uint32)
    target = np.zeros(world.initial, np.uint32)
    generate.lay_preferential(world.initial, np.uint64(world.seed), target)
    return from_pairs(world.initial, [(source, target)], threads)


def merit(world: World, threads: int = 1) -> Edges:
    """Draw attempts with uniform source and targets in proportion to craft."""
    attempts = round(world.initial * world.settings.world.follows_per_account)
    source, target = np.zeros(attempts, np.uint32), np.zeros(attempts, np.uint32)
    craft = np.ascontiguousarray(world.accounts["craft"])
    generate.lay_merit(attempts, np.uint64(world.seed), craft, source, target)
    return from_pairs(world.initial, [(source, target)], threads)


def lay(
    world: World,
    edges: Edges,
    row_of: NDArray[np.uint32],
    reciprocation: float,
    threads: int = 1,
) -> None:
    """Write first follows into the lists, with a share of them returned.

    The records of the ties are left to `blank_ties`, so that the edges need not lie in memory
    besides them.
    """
    returned, total = _returned(world, edges, reciprocation, threads)
    classes = size_classes(total)
    room = np.where(total > 0, block_sizes()[classes], 0)
    start, used = _places(room, row_of), int(room.sum())
    world.reserve_entries(used + used // SPARE)
    world.state.cursor[0] = used
    count, followers = edges.filled.copy(), np.zeros(world.initial, np.uint32)
    ids = world.state.follow_ids

    def write(first: int, last: int) -> None:
        laying.write_chosen(first, last, *edges, row_of, start, ids)

    share(threads, world.initial, write)
    laying.write_returned(*edges, returned, row_of, start, count, ids, followers)
    accounts = world.state.accounts
    accounts["start"][row_of] = start
    accounts["follows"][row_of] = accounts["ties"][row_of] = count
    accounts["size_class"][row_of] = np.where(count > 0, classes, NO_BLOCK)
    accounts["followers"][row_of] = followers


def _places(room: NDArray[np.int64], row_of: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return where the list of each account number begins: in the order of rows."""
    by_row = np.empty_like(room)
    by_row[row_of] = room
    return _offsets(by_row)[row_of]


def _returned(
    world: World, edges: Edges, share_returned: float, threads: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the marks of the follows that are returned, and how many each account then has."""
    returned = np.empty(len(edges.targets), np.uint8)
    seed, total = np.uint64(world.seed), edges.filled.copy()

    def choose(first: int, last: int) -> None:
        laying.choose_returned(first, last, *edges, share_returned, seed, returned)

    share(threads, world.initial, choose)
    laying.count_returned(*edges, returned, total)
    return returned, total


def blank_ties(world: World) -> None:
    """Give the first follows their records: begun at hour 0, origin INITIAL, nothing felt.

    All of that is zero; as bytes it is written five times faster than record by record.
    """
    used = int(world.state.cursor[0])
    world.state.ties[:used].view(np.uint8)[:] = 0


def block_sizes() -> NDArray[np.int64]:
    """Return the sizes of all blocks by class."""
    return np.array([lists.block_size(c) for c in range(96)], np.int64)


def size_classes(ties: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the smallest class that holds so many ties, for each of many lists."""
    return np.searchsorted(block_sizes(), ties).astype(np.int64)
