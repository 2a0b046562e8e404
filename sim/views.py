"""Views of a living model, as somebody sees it who looks on: plain records, no kernels.

Looking changes nothing. Accounts are named by uid; protagonists have names.
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import measuring
from sim.kernels import measure
from sim.kernels.layout import QUALITY, AccountKind, Kind, Origin, Route

if TYPE_CHECKING:
    from sim.model import FollowerModel

__all__ = ["Audience", "Feed", "Network", "Shown", "audience", "called", "feed", "means", "network"]


class Audience(NamedTuple):
    """The followers of a protagonist: one entry each, in the order in which they came."""

    uid: NDArray[np.uint64]
    kind: NDArray[np.uint8]  # AccountKind
    origin: NDArray[np.uint8]  # Origin
    warmth: NDArray[np.float64]  # 0 to 1, decayed to now
    engaged: NDArray[np.bool_]  # interacted within 28 days


class Network(NamedTuple):
    """Accounts, and some of the follows among them."""

    uid: NDArray[np.uint64]
    community: NDArray[np.uint32]
    followers: NDArray[np.uint32]
    follows: NDArray[np.int64]  # (n, 2): places of follower and followee among these accounts


class Shown(NamedTuple):
    """One post in somebody's feed; ``displaced`` if begs left no room for it."""

    author: str
    kind: str
    topic: int
    quality: float
    likes: int
    route: str
    reshared: bool
    displaced: bool


class Feed(NamedTuple):
    """What one follower was shown within the last tick; uid -1 if none of them looked."""

    viewer: int
    posts: list[Shown]


def audience(model: "FollowerModel", name: str) -> Audience:
    """Return the followers of a protagonist.

    Raises:
        KeyError: there is no such protagonist.
    """
    life = model.recorder.lives[row_of(model, name)]
    rows, origins = life.followers()
    flags, warmth, _ = measuring.look(model.world, life.row, rows)
    accounts = model.world.state.accounts
    return Audience(
        accounts["uid"][rows],
        accounts["kind"][rows],
        origins.astype(np.uint8),
        warmth,
        (flags & measure.ENGAGED) > 0,
    )


def means(model: "FollowerModel", name: str) -> dict[str, Any]:
    """Return what a protagonist has and does: strategy, craft, minutes, money left."""
    account = model.world.state.accounts[row_of(model, name)]
    return {
        "strategy": model.world.strategies[int(account["strategy"])].split("@")[0],
        "craft": round(float(account["craft"]), 4),
        "minutes": round(float(account["minutes"]), 4),
        "money": round(float(account["dollars"]), 2),
    }


def row_of(model: "FollowerModel", name: str) -> int:
    """Return the row of a protagonist.

    Raises:
        KeyError: there is no such protagonist.
    """
    for row, life in model.recorder.lives.items():
        if life.name == name:
            return row
    raise KeyError(f"no protagonist named {name!r}")


def network(model: "FollowerModel", accounts: int, follows: int) -> Network:
    """Return at most so many ordinary accounts, and at most so many follows among them."""
    records = model.world.accounts
    chosen = _spread(np.flatnonzero((records["alive"] == 1) & (records["kind"] == 0)), accounts)
    place = np.full(len(records), -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    count = records["follows"][chosen].astype(np.int64)
    first = np.repeat(records["start"][chosen].astype(np.int64), count)
    inside = np.arange(int(count.sum())) - np.repeat(count.cumsum() - count, count)
    followee = place[model.world.state.follow_ids[first + inside]]
    pairs = np.column_stack([np.repeat(np.arange(len(chosen)), count), followee])
    pairs = pairs[followee >= 0]
    shown = pairs[_spread(np.arange(len(pairs)), follows)]
    found = records[chosen]
    return Network(found["uid"], found["community"], found["followers"], shown)


def _spread(items: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return at most so many of the items, evenly spread."""
    step = max(1.0, len(items) / max(1, most))
    return items[np.arange(0, len(items), step).astype(np.int64)]


def feed(model: "FollowerModel", name: str) -> Feed:
    """Return what a follower of a protagonist was shown within the last tick.

    Of those who looked it is the one that read the most.

    Raises:
        KeyError: there is no such protagonist.
    """
    rows, _ = model.recorder.lives[row_of(model, name)].followers()
    seen = model.impressions
    seen = seen[np.isin(seen["viewer"], rows)]
    if not len(seen):
        return Feed(-1, [])
    viewers, counts = np.unique(seen["viewer"], return_counts=True)
    viewer = viewers[np.argmax(counts)]
    shown = [_shown(model, one) for one in seen[seen["viewer"] == viewer]]
    return Feed(int(model.world.state.accounts["uid"][viewer]), shown)


def called(uid: int) -> str:
    """Return what an account is called: by its number, or if it came later by day and number."""
    if uid < _ARRIVED:
        return f"account {uid}"
    return f"account {uid >> 32 & 0x3FFFFFFF}-{uid & 0xFFFFFFFF}"


def _shown(model: "FollowerModel", impression: np.void) -> Shown:
    posts = model.world.state.posts
    post = posts[int(impression["post"]) & (len(posts) - 1)]
    creator = int(post["creator"])
    life = model.recorder.lives.get(creator)
    uid = int(model.world.state.accounts["uid"][creator])
    return Shown(
        life.name if life else called(uid),
        Kind(post["kind"]).name.lower(),
        int(post["topic"]),
        int(post["quality"]) / QUALITY,
        int(post["likes"]),
        Route(impression["route"]).name.lower(),
        bool(post["reshare"]),
        bool(impression["displaced"]),
    )


_ARRIVED: Final = 1 << 62  # uids from here on are of arrivals
ORIGINS: Final = tuple(origin.name.lower() for origin in Origin)
"""Names of the origins, by number."""
FAKE: Final = int(AccountKind.FAKE)
"""The kind of a fake."""
