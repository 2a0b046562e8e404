"""The state of a world as one hash, whatever the order of its rows."""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels import measure
from sim.kernels.layout import Total
from sim.world.world import World

# Where things lie in memory is no part of the state.
_PLACES: Final = frozenset({"start", "size_class", "latest", "number"})


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
