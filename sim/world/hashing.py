"""The state of a world as one hash, whatever the order of its rows."""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels import measure
from sim.kernels.layout import AccountKind, Total
from sim.world.world import World

DIGEST: Final = np.dtype([("uid", "u8"), ("digest", "u8")])

# Where things lie in memory is no part of the state, nor is what follows from the posts.
_PLACES: Final = frozenset({"start", "size_class", "latest", "number", "recent"})


def state_hash(world: World) -> str:
    """Return the SHA-256 of accounts, ties and counters, in the order of uids."""
    digest = hashlib.sha256()
    accounts = world.accounts
    order = np.argsort(accounts["uid"], kind="stable")
    for name in accounts.dtype.names or ():
        if name not in _PLACES:
            digest.update(np.ascontiguousarray(accounts[name][order]).tobytes())
    for column in _ties_by_uid(world):
        digest.update(column.tobytes())
    counters = np.delete(world.state.totals, [int(Total.OLDEST_POST), int(Total.NEXT_POST)])
    digest.update(counters.tobytes())
    digest.update(np.sort(world.bought).tobytes())
    return digest.hexdigest()


def account_digests(world: World) -> NDArray[np.void]:
    """Return a 64-bit digest of each person's own state, by uid (DIGEST records).

    Two arms of a replicate agree on it for those whom the difference has not reached: what
    they expect, whom they follow and how they feel about them. What others do to an account
    (its followers, its views) is left out.
    """
    accounts = world.accounts
    people = accounts["kind"] <= AccountKind.ARRIVAL
    digest = _fold(np.zeros(len(accounts), np.uint64), accounts["uid"])
    for name in ("expectation", "posts", "last_browse", "follows", "alive"):
        digest = _fold(digest, accounts[name])
    owner, columns = _ties(world)
    felt = np.zeros(len(owner), np.uint64)
    for column in columns:
        felt = _fold(felt, column)
    np.add.at(digest, owner, felt)  # a sum, so the order of the list does not count
    out = np.zeros(int(people.sum()), DIGEST)
    out["uid"], out["digest"] = accounts["uid"][people], digest[people]
    return np.sort(out)


def _fold(key: NDArray[np.uint64], word: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Return keys that depend on keys and words (as `kernels.draws.fold`, for arrays)."""
    step, one = np.uint64(0x9E3779B97F4A7C15), np.uint64(1)
    z = key + (word.astype(np.uint64) + one) * step
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def _ties(world: World) -> tuple[NDArray[np.uint32], list[NDArray[np.generic]]]:
    """Return the owner of each tie to a person, and the columns that say how it stands."""
    count = int(world.accounts["ties"].sum())
    owner, index = np.empty(count, np.uint32), np.empty(count, np.int64)
    measure.list_follows(world.state, world.rows, owner, index, True)
    other = world.state.follow_ids[index]
    person = world.accounts["kind"][other] <= AccountKind.ARRIVAL
    owner, index, other = owner[person], index[person], other[person]
    ties = world.state.ties[index]
    names = ("start", "engaged", "muted", "warmth", "irritation")
    return owner, [world.accounts["uid"][other], *(ties[name] for name in names)]


def _ties_by_uid(world: World) -> list[NDArray[np.generic]]:
    """Return the columns of all ties, sorted by the uids of both ends."""
    count = int(world.accounts["ties"].sum())
    owner, index = np.empty(count, np.uint32), np.empty(count, np.int64)
    measure.list_follows(world.state, world.rows, owner, index, True)
    uid = world.accounts["uid"]
    other = world.state.follow_ids[index]
    is_follow = index - world.accounts["start"][owner] < world.accounts["follows"][owner]
    order = np.lexsort((uid[other], uid[owner]))
    ties = world.state.ties[index[order]]
    columns = [np.ascontiguousarray(ties[name]) for name in ties.dtype.names or ()]
    return [uid[owner][order], uid[other][order], is_follow[order], *columns]
