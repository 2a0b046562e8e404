"""What the shape of a follow graph is: of a simulated one, or of one from a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import zeta

from sim.kernels import measure
from sim.kernels.layout import AccountKind
from sim.measuring import gini
from sim.world import edge_list
from sim.world.world import World

__all__ = ["Graph", "common_neighbours", "exponent", "follows_of", "read", "shape", "survival",
           "tail_exponent", "top_share"]  # fmt: skip

LEAST_TAIL: Final = 200  # accounts that a tail must have
_WEDGES: Final = 100_000  # pairs of neighbours that the clustering is estimated from
_LOCAL: Final = 4_000  # accounts that the mean local clustering is estimated from
_SHIFT: Final = 32


@dataclass(frozen=True)
class Graph:
    """Who follows whom among some accounts: follow k is of ``owner[k]``, of ``other[k]``."""

    owner: NDArray[np.int64]
    """Rows of the followers (follows,)."""
    other: NDArray[np.int64]
    """Rows of the followees (follows,)."""
    members: NDArray[np.int64]
    """Rows of all accounts that are counted, in rising order."""

    def keys(self) -> NDArray[np.int64]:
        """Return a number for each follow that no other has."""
        return self.owner << _SHIFT | self.other

    def followers(self) -> NDArray[np.int64]:
        """Return the number of followers of each member."""
        return _degrees(self.other, self.members)

    def follows(self) -> NDArray[np.int64]:
        """Return the number of follows of each member."""
        return _degrees(self.owner, self.members)

    def is_mutual(self) -> NDArray[np.bool_]:
        """Tell of each follow whether it is returned."""
        return np.isin(self.keys(), self.other << _SHIFT | self.owner)


def _degrees(ends: NDArray[np.int64], members: NDArray[np.int64]) -> NDArray[np.int64]:
    size = int(members[-1]) + 1 if len(members) else 0
    return np.bincount(ends, minlength=size)[members].astype(np.int64)


def follows_of(world: World, kinds: tuple[AccountKind, ...] = (AccountKind.ORDINARY,)) -> Graph:
    """Return the follows among the living accounts of some kinds."""
    accounts = world.accounts
    total = int(accounts["follows"].astype(np.int64).sum())
    owner, index = np.empty(total, np.uint32), np.empty(total, np.int64)
    count = measure.list_follows(world.state, world.rows, owner, index, False)
    owner, other = owner[:count], world.state.follow_ids[index[:count]]
    member = (accounts["alive"] == 1) & np.isin(accounts["kind"], kinds)
    within = member[owner] & member[other]
    return Graph(
        owner[within].astype(np.int64), other[within].astype(np.int64), np.flatnonzero(member)
    )


def read(path: Path) -> Graph:
    """Return the graph of an edge list; errors as in `sim.world.edge_list.read`."""
    edges, count = edge_list.read(path)
    kept = edges.filled.astype(np.int64)
    owner = np.repeat(np.arange(count), kept)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(kept) - kept, kept)
    other = edges.targets[edges.offsets.astype(np.int64)[owner] + place].astype(np.int64)
    return Graph(owner, other, np.arange(count))


# ---- one number each ----------------------------------------------------------------------


def shape(graph: Graph) -> dict[str, float]:
    """Return the structural measures that are compared, by name."""
    followers, follows = graph.followers(), graph.follows()
    overall, local = clustering(graph)
    return {
        "accounts": len(graph.members),
        "follows": len(graph.owner),
        "follows per account": len(graph.owner) / max(1, len(graph.members)),
        "mutual share of linked pairs": mutual_share(graph),
        "exponent of the followers' tail": tail_exponent(followers),
        "exponent of the follows' tail": tail_exponent(follows),
        "Gini of followers": gini(followers.astype(np.float64)),
        "held by the top 1 %": top_share(followers, 0.01),
        "clustering, global": overall,
        "clustering, mean local": local,
        "degree assortativity": assortativity(graph),
    }


def mutual_share(graph: Graph) -> float:
    """Return the share of linked pairs that follow each other."""
    returned = float(graph.is_mutual().sum()) / 2
    return returned / (len(graph.owner) - returned) if len(graph.owner) else 0.0


def top_share(values: NDArray[np.int64], share: float) -> float:
    """Return the share of the sum that the highest of so many hold."""
    ordered = np.sort(values)[::-1]
    total = ordered.sum()
    return float(ordered[: round(share * len(ordered))].sum() / total) if total else 0.0


def tail_exponent(degrees: NDArray[np.int64]) -> float:
    """Return α of P(k) ∝ k^−α for k ≥ xmin, by discrete maximum likelihood.

    xmin is where the Kolmogorov-Smirnov distance is least (Clauset, Shalizi, Newman 2009), of
    the values that leave at least 200 accounts in the tail. NaN if there are none.
    """
    best = (np.inf, float("nan"))
    for xmin, tail in _tails(degrees):
        alpha = exponent(tail, xmin)
        best = min(best, (_distance(tail, xmin, alpha), alpha))
    return best[1]


def _tails(degrees: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield every tail that is long enough, with its least value."""
    ordered = np.sort(degrees[degrees > 0])
    for xmin in np.unique(ordered).tolist():
        tail = ordered[np.searchsorted(ordered, xmin) :]
        if len(tail) < LEAST_TAIL:
            return
        yield xmin, tail


def exponent(tail: NDArray[np.int64], xmin: int) -> float:
    """Return the α that maximises the likelihood of P(k) = k^−α / ζ(α, xmin), k ≥ xmin."""
    logs = float(np.log(tail).sum())

    def loss(alpha: float) -> float:
        return alpha * logs + len(tail) * float(np.log(zeta(alpha, xmin)))

    return float(minimize_scalar(loss, bounds=(1.05, 6), method="bounded").x)


def _distance(tail: NDArray[np.int64], xmin: int, alpha: float) -> float:
    """Return the Kolmogorov-Smirnov distance between a tail and its power law."""
    values, counts = np.unique(tail, return_counts=True)
    above = 1 - np.cumsum(counts) / len(tail)
    return float(np.abs(above - zeta(alpha, values + 1) / zeta(alpha, xmin)).max())


def survival(degrees: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each degree above 0 that there is, and the share of accounts with at least that."""
    values, counts = np.unique(degrees, return_counts=True)
    at_least = np.cumsum(counts[::-1])[::-1] / max(1, len(degrees))
    return values[values > 0], at_least[values > 0]


# ---- neighbours, whichever way the follow goes --------------------------------------------


@dataclass(frozen=True)
class _Neighbours:
    """The undirected graph: neighbours of member i at `flat[first[i]:first[i] + count[i]]`."""

    first: NDArray[np.int64]
    count: NDArray[np.int64]
    flat: NDArray[np.int64]

    def are_linked(self, one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell of pairs of members whether they are linked."""
        owner = np.repeat(np.arange(len(self.count)), self.count)
        keys, wanted = owner << _SHIFT | self.flat, one << _SHIFT | two
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.asarray(keys[place] == wanted)

    def any_two(
        self, of: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return two different neighbours of each of these members, drawn at random."""
        count = self.count[of]
        one = (rng.random(len(of)) * count).astype(np.int64)
        two = (rng.random(len(of)) * (count - 1)).astype(np.int64)
        two += two >= one
        return self.flat[self.first[of] + one], self.flat[self.first[of] + two]


def _neighbours(graph: Graph) -> _Neighbours:
    number = np.searchsorted(graph.members, np.stack([graph.owner, graph.other]))
    both = np.concatenate([number[0] << _SHIFT | number[1], number[1] << _SHIFT | number[0]])
    keys = np.unique(both)
    count = np.bincount(keys >> _SHIFT, minlength=len(graph.members))
    return _Neighbours(np.cumsum(count) - count, count, keys & ((1 << _SHIFT) - 1))


def clustering(graph: Graph) -> tuple[float, float]:
    """Return the global and the mean local clustering of the undirected graph.

    Both are estimated from pairs of neighbours that are drawn by lot (always the same ones);
    the standard errors are at most .0016 and .008. Accounts with one neighbour or none count
    as 0 in the mean, as in networkx.
    """
    near, rng = _neighbours(graph), np.random.default_rng(1)
    able = np.flatnonzero(near.count >= 2)
    if len(able) == 0:
        return 0.0, 0.0
    wedges = near.count[able] * (near.count[able] - 1) / 2
    overall = rng.choice(able, _WEDGES, p=wedges / wedges.sum())
    each = np.repeat(rng.choice(able, _LOCAL), _WEDGES // _LOCAL)
    closed = (float(near.are_linked(*near.any_two(of, rng)).mean()) for of in (overall, each))
    return next(closed), next(closed) * len(able) / len(graph.members)


def assortativity(graph: Graph) -> float:
    """Return the correlation of the degrees at both ends of a link of the undirected graph.

    NaN if all have the same degree.
    """
    near = _neighbours(graph)
    owner = np.repeat(np.arange(len(near.count)), near.count)
    ends = near.count[owner].astype(float), near.count[near.flat].astype(float)
    if len(owner) == 0 or ends[0].std() == 0:
        return float("nan")
    return float(np.corrcoef(*ends)[0, 1])


def common_neighbours(graph: Graph, follows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many neighbours the ends of these follows (places in the graph) have in common."""
    near = _neighbours(graph)
    number = np.searchsorted(graph.members, np.stack([graph.owner[follows], graph.other[follows]]))
    lists = np.split(near.flat, near.first[1:])
    pairs = zip(number[0].tolist(), number[1].tolist(), strict=True)
    return np.array([len(np.intersect1d(lists[a], lists[b], True)) for a, b in pairs], np.int64)
