"""What accounts see of one another: looks around, for many accounts at once.

Each function takes the rows of those who look and returns `Pairs`: whom each has found. Nothing
here reads a follow's origin, or another account's strategy or kind.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.kernels import looking
from sim.kernels.layout import ANY_TOPIC, TOPICS
from sim.world.world import World, power_of_two

__all__ = [
    "Pairs",
    "Targeting",
    "conversations",
    "followees",
    "octaves",
    "open_needs",
    "others",
    "pairs",
    "places",
    "pod_mates",
    "returned",
    "topics_of_needs",
    "unreturned",
    "waiting",
]

Rows = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]
Topics = NDArray[np.uint8]
Targeting = Literal["topic", "anyone", "seekers", "popular"]
_RULES: Final = {
    "anyone": looking.ANYONE,
    "topic": looking.BY_TOPIC,
    "seekers": looking.SEEKERS,
    "popular": looking.POPULAR,
}
_LEAST_SPOTS: Final = 64
_POSTS_A_SPOT, _NEEDS_A_SPOT = 16, 32  # accounts at the start for each spot of a topic
_HOURS: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Who has found whom, when many accounts have looked around at once.

    ``rows`` are those who looked, ``counts`` how many each of them has found (one entry an
    account, zeros included), ``other`` whom, one account's findings behind the other's; and
    ``topic`` what about, if it is about something.
    """

    rows: Rows
    counts: Counts
    other: Rows
    topic: Topics

    @property
    def actor(self) -> Rows:
        """Who has found them, one entry a pair."""
        return np.repeat(self.rows, self.counts)

    def __len__(self) -> int:
        """Return how many pairs these are."""
        return len(self.other)

    def first(self, most: ArrayLike) -> "Pairs":
        """Return at most so many of each account's findings: one number, or one an account."""
        limits = np.broadcast_to(np.asarray(most, np.float64), self.counts.shape)
        kept = np.minimum(self.counts, np.maximum(limits, 0)).astype(np.int64)
        chosen = places(self.counts) < np.repeat(kept, self.counts)
        return Pairs(self.rows, kept, self.other[chosen], self.topic[chosen])

    def cost(self, price: float) -> NDArray[np.float64]:
        """Return what an act on each costs every account, at this price an act."""
        return self.counts.astype(np.float64) * price

    def only(self, chosen: Mask) -> "Pairs":
        """Return the pairs under a mask with one entry a pair."""
        looker = np.repeat(np.arange(len(self.rows)), self.counts)[chosen]
        counts = np.bincount(looker, minlength=len(self.rows))
        return Pairs(self.rows, counts, self.other[chosen], self.topic[chosen])


def pairs(rows: Rows, counts: Counts, other: Rows, topic: Topics | None = None) -> Pairs:
    """Return pairs, which are about nothing by default."""
    about = np.full(len(other), ANY_TOPIC, np.uint8) if topic is None else topic
    return Pairs(rows, counts, other, about)


def places(counts: Counts) -> Counts:
    """Return 0, 1, ... for each group of so many entries."""
    return np.arange(int(counts.sum())) - np.repeat(_begins(counts), counts)


def _begins(counts: Counts) -> Counts:
    """Return where each group of so many entries begins."""
    begins: Counts = np.cumsum(counts) - counts
    return begins


# ---- whom one knows -------------------------------------------------------------------------


def followees(world: World, rows: Rows) -> tuple[Pairs, NDArray[np.uint16]]:
    """Return whom each follows, and since when (hours)."""
    accounts = world.state.accounts
    counts = accounts["follows"][rows].astype(np.int64)
    index = np.repeat(accounts["start"][rows].astype(np.int64), counts) + places(counts)
    return pairs(rows, counts, world.state.follow_ids[index]), world.state.ties["start"][index]


def returned(world: World, actors: Rows, others: Rows) -> Mask:
    """Tell for each pair whether the other follows the actor."""
    out = np.zeros(len(others), bool)
    looking.tell_returned(world.state, actors, others, out)
    return out


def unreturned(
    world: World, rows: Rows, acting: Mask, since_hour: Counts, grace_days: float
) -> Pairs:
    """Return whom each follows since an hour or later, but longer than the grace, in vain.

    The longest followed come first, those of one hour by lot.
    """
    room = np.where(acting, world.state.accounts["follows"][rows], 0).astype(np.int64)
    total, found = int(room.sum()), np.zeros_like(room)
    out, starts = np.empty(total, np.uint32), np.empty(total, np.int64)
    words = np.empty(total, np.uint64)
    looking.find_unreturned(
        world.state,
        np.uint64(world.seed),
        world.hour,
        rows,
        room,
        since_hour,
        int(np.ceil(world.hour - _HOURS * grace_days)) - 1,
        _begins(room),
        out,
        starts,
        words,
        found,
    )
    held = places(room) < np.repeat(found, room)
    looker = np.repeat(np.arange(len(rows)), found)
    return pairs(rows, found, out[held][np.lexsort((words[held], starts[held], looker))])


def waiting(world: World, rows: Rows) -> Pairs:
    """Return who waits for an answer of each, the earliest first."""
    inbox = world.inbox
    if len(inbox) == 0:
        return pairs(rows, np.zeros(len(rows), np.int64), np.zeros(0, np.uint32))
    at = np.full(len(world.state.accounts), -1, np.int64)
    at[rows] = np.arange(len(rows))
    looker = at[inbox["target"]]
    order = np.argsort(looker, kind="stable")[np.count_nonzero(looker < 0) :]
    return pairs(rows, np.bincount(looker[order], minlength=len(rows)), inbox["actor"][order])


# ---- whom one meets -------------------------------------------------------------------------


def others(world: World, rows: Rows, wanted: Counts, targeting: Targeting) -> Pairs:
    """Return up to so many accounts that each might follow and does not follow yet."""
    if targeting == "seekers" and not world.settings.platform.counts_visible:
        wanted = np.zeros_like(wanted)  # nobody can be told by the counts
    out, found = np.empty(int(wanted.sum()), np.uint32), np.zeros_like(wanted)
    looking.find_others(
        world.state,
        np.uint64(world.seed),
        world.hour,
        _RULES[targeting],
        rows,
        wanted,
        _begins(wanted),
        out,
        found,
    )
    return pairs(rows, wanted, out).first(found)


def conversations(world: World, rows: Rows, wanted: Counts) -> Pairs:
    """Return up to so many accounts for each, with a fresh post on a topic that it likes."""
    authors, uids, topics = _fresh_posts(world)
    hours = np.zeros(len(uids), np.int64)
    spots = _spots(world, authors, uids, hours, topics, _POSTS_A_SPOT)
    return _on_spots(world, rows, wanted, spots, looking.CONVERSATIONS)


def open_needs(world: World, rows: Rows, wanted: Counts) -> Pairs:
    """Return up to so many accounts for each, with an open need on a topic that it knows."""
    asker = world.needs["asker"].copy()
    uids, hours = world.state.accounts["uid"][asker], world.needs["hour"].astype(np.int64)
    spots = _spots(world, asker, uids, hours, world.needs["topic"].copy(), _NEEDS_A_SPOT)
    return _on_spots(world, rows, wanted, spots, looking.NEEDS)


def topics_of_needs(world: World, askers: Rows) -> Topics:
    """Return what the open needs of these accounts are about; ANY_TOPIC for those without."""
    topics = np.full(len(world.state.accounts), ANY_TOPIC, np.uint8)
    topics[world.needs["asker"]] = world.needs["topic"]
    return topics[askers]


def pod_mates(world: World, rows: Rows, wanted: Counts | None) -> Pairs:
    """Return the other members of each one's pod with a fresh post, or so many by lot."""
    members, begins = _members(world)
    pod = world.state.accounts["pod"][rows].astype(np.int64)
    sizes = (begins[pod + 1] - begins[pod]) * (pod > 0)
    room = sizes if wanted is None else np.minimum(wanted, sizes)
    total, found = int(room.sum()), np.zeros_like(room)
    out, words = np.empty(total, np.uint32), np.empty(total, np.uint64)
    looking.find_pod_mates(
        world.state,
        np.uint64(world.seed),
        world.hour,
        rows,
        room,
        _begins(room),
        members,
        begins,
        out,
        words,
        found,
    )
    return pairs(rows, room, out).first(found)


def _members(world: World) -> tuple[Rows, Counts]:
    """Return the members of pods with a fresh post, and where each pod's begin."""
    authors = _fresh_posts(world)[0]
    pods = world.accounts["pod"]
    authors = authors[pods[authors] > 0]
    sizes = np.bincount(pods[authors], minlength=int(pods.max(initial=0)) + 1)
    begins = np.concatenate([[0], np.cumsum(sizes)])
    return authors[np.argsort(pods[authors], kind="stable")], begins


def _fresh_posts(world: World) -> tuple[Rows, NDArray[np.uint64], Topics]:
    """Return author, uid and topic of the fresh post of everybody who has one."""
    authors, uids = np.empty(world.rows, np.uint32), np.empty(world.rows, np.uint64)
    topics = np.empty(world.rows, np.uint8)
    count = looking.list_fresh_posts(
        world.state, world.rows, world.hour, world.params, authors, uids, topics
    )
    return authors[:count], uids[:count], topics[:count]


def _spots(
    world: World,
    rows: Rows,
    keys: NDArray[np.uint64],
    hours: Counts,
    topics: Topics,
    accounts_a_spot: int,
) -> Rows:
    """Return a table by topic in which these accounts lie where a hash puts them."""
    length = power_of_two(max(_LEAST_SPOTS, world.initial // accounts_a_spot))
    spots, words = np.empty((TOPICS, length), np.uint32), np.empty((TOPICS, length), np.uint64)
    looking.lay_spots(np.uint64(world.seed), rows, keys, hours, topics, spots, words)
    return spots


def _on_spots(world: World, rows: Rows, wanted: Counts, spots: Rows, kind: int) -> Pairs:
    """Return whom each finds on the spots of topics that it likes."""
    total, found = int(wanted.sum()), np.zeros_like(wanted)
    out, topics = np.empty(total, np.uint32), np.empty(total, np.uint8)
    looking.find_on_spots(
        world.state,
        np.uint64(world.seed),
        world.hour,
        kind,
        rows,
        wanted,
        _begins(wanted),
        spots,
        out,
        topics,
        found,
    )
    return pairs(rows, wanted, out, topics).first(found)


def octaves(world: World, counts: Counts) -> NDArray[np.float64]:
    """Return log2(1 + n) from the model's own table: the same bits on every machine."""
    out = np.empty(len(counts))
    looking.count_octaves(world.tables.proof, counts, out)
    return out
