"""The simulated check of a plan beyond one machine: what shards tell one another in a day.

A settled world lives through a day as ever, while all that an account does to another is
noted; then the accounts are dealt out to shards, and what crosses their borders is counted,
sorted as it would be sent, and applied at the other end.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import process_time
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks import growth, worlds
from benchmarks.shards import Mail, announcements, audiences, delivered, shards_of
from sim import phases
from sim.kernels.layout import DECISION, IMPRESSION, Route, Total, Verb
from sim.model import FollowerModel
from sim.world.world import World

TICKS = 4
# Bytes of a message of each kind.
BYTES = {
    "announcement": 48,  # a post as it lies in the ring
    "refresh": 16,  # post, impressions, engagements, and the author's followers
    "question": 16,  # a draw's key, and of whom or of which spot
    "answer": 64,  # a post as it stands on the wall, and its author's profile
    "impressions": 8,  # post and count, once for each post and shard that has read it
    "engagement": 16,  # a like, reply or reshare: a decision
    "follow": 40,  # a follow or unfollow: a decision, and the profile by which it is judged
}
WHAT = {
    "announcement": "new posts, once for each shard with a follower",
    "refresh": "counters of open posts that changed, likewise",
    "question": "recommendations and profiles asked for, each step",
    "answer": "the answers",
    "impressions": "impressions, summed up by post and shard",
    "engagement": "likes, replies and reshares",
    "follow": "follows and unfollows",
}


@dataclass
class Deeds:
    """What happened in a tick, by row: posts put up and open, what was seen and decided."""

    posted: NDArray[np.uint32]  # sequence numbers
    changed: NDArray[np.uint32]  # sequence numbers of open posts
    shown: NDArray[np.void]  # IMPRESSION
    decided: list[NDArray[np.void]] = field(default_factory=list)
    sessions: int = 0


def measure(accounts: int, shard_counts: list[int]) -> dict[str, Any]:
    """Count the messages of a day in the settled world for several numbers of shards."""
    model = worlds.living(accounts)
    worlds.live(model, 1)
    shown = growth.impressions(model.world)
    ticks = [live_and_note(model) for _ in range(TICKS)]
    shown = growth.impressions(model.world) - shown
    return {
        "accounts": accounts,
        "impressions_per_account_and_tick": shown / accounts / TICKS,
        "shards": {str(n): _count(model.world, ticks, n, "uid") for n in shard_counts},
        "by_community": {str(n): _count(model.world, ticks, n, "community") for n in shard_counts},
    }


@contextmanager
def _noting(deeds: Deeds) -> Iterator[None]:
    """Note the decisions that are carried out meanwhile."""
    real = phases.carry_out

    def noted(world: World, tick: Any, decisions: NDArray[np.void]) -> None:
        deeds.decided.append(decisions.copy())
        real(world, tick, decisions)

    with mock.patch.object(phases, "carry_out", noted):
        yield


def live_and_note(model: FollowerModel) -> Deeds:
    """Live through a tick and return what happened."""
    state = model.world.state
    first, sessions = int(state.totals[Total.NEXT_POST]), int(state.totals[Total.SESSIONS])
    deeds = Deeds(np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, IMPRESSION))
    with _noting(deeds):
        model.step()
    totals = model.world.state.totals
    deeds.posted = np.arange(first, int(totals[Total.NEXT_POST]), dtype=np.uint32)
    impressions = model.impressions
    deeds.shown = impressions[impressions["displaced"] == 0]
    deeds.changed = np.unique(deeds.shown["post"]).astype(np.uint32)
    deeds.sessions = int(totals[Total.SESSIONS]) - sessions
    return deeds


def _post(world: World, sequences: NDArray[np.uint32], name: str) -> NDArray[Any]:
    """Return a column of the posts with these sequence numbers."""
    posts = world.state.posts
    column: NDArray[Any] = posts[name][sequences & np.uint32(len(posts) - 1)]
    return column


def _count(world: World, ticks: list[Deeds], shards: int, key: str) -> dict[str, Any]:
    """Return messages and bytes of a tick by kind, and what sorting and applying them took.

    Accounts are dealt out by the hash of a column: their own uid, or their community.
    """
    shard = shards_of(world.accounts[key].astype(np.uint64), shards)
    audience = audiences(world.state, shard, shards)
    messages = dict.fromkeys(BYTES, 0)
    busiest, spent = 0.0, 0.0
    for deeds in ticks:
        sent = np.zeros(shards)
        for kind, mail in _mail(world, deeds, shard, audience).items():
            began = process_time()
            items, pairs = delivered(mail, shards)
            _check(kind, items, mail)
            spent += process_time() - began
            messages[kind] += len(items)
            sent += pairs.sum(axis=0) * BYTES[kind]
        busiest += float(sent.max() / max(1.0, sent.mean()))
    each = world.initial * len(ticks)
    return {
        "messages_per_account": {kind: n / each for kind, n in messages.items()},
        "bytes_per_account": {kind: n * BYTES[kind] / each for kind, n in messages.items()},
        "busiest_to_mean": busiest / len(ticks),
        "message_ns": spent / max(1, sum(messages.values())) * 1e9,
    }


def _check(kind: str, items: NDArray[np.uint32], mail: Mail) -> None:
    """See that what was delivered adds up to what was sent."""
    arrived, sent = (np.bincount(x % 65_536, minlength=65_536) for x in (items, mail.item))
    assert np.array_equal(arrived, sent), kind


def _mail(
    world: World, deeds: Deeds, shard: NDArray[np.uint16], audience: NDArray[np.uint64]
) -> dict[str, Mail]:
    """Return the messages of a tick that leave their shard, by kind."""
    decided = np.concatenate([np.zeros(0, DECISION), *deeds.decided])
    asked = _questions(world, deeds, shard)
    return {
        "announcement": _announced(world, deeds.posted, shard, audience),
        "refresh": _announced(world, deeds.changed, shard, audience),
        "question": Mail(*(np.concatenate(columns) for columns in zip(*asked, strict=True))),
        "answer": Mail(asked[-1].target, asked[-1].source, asked[-1].item),
        "impressions": _summed(world, deeds, shard),
        "engagement": _between(decided, (Verb.LIKE, Verb.REPLY, Verb.RESHARE), shard),
        "follow": _between(decided, (Verb.FOLLOW, Verb.UNFOLLOW), shard),
    }


def _announced(
    world: World,
    sequences: NDArray[np.uint32],
    shard: NDArray[np.uint16],
    audience: NDArray[np.uint64],
) -> Mail:
    authors = np.ascontiguousarray(_post(world, sequences, "author"))
    return announcements(authors, sequences, shard, audience)


def _between(decided: NDArray[np.void], verbs: tuple[Verb, ...], shard: NDArray[np.uint16]) -> Mail:
    """Return a message for each decision of these verbs about somebody elsewhere."""
    chosen = decided[np.isin(decided["verb"], verbs)]
    targets = chosen["target"]
    return Mail(shard[chosen["actor"]], shard[targets], targets.astype(np.uint32)).abroad()


def _summed(world: World, deeds: Deeds, shard: NDArray[np.uint16]) -> Mail:
    """Return one message for each post and each other shard in which it was read.

    What the shards report is seen to add up to what one machine counts.
    """
    posts, readers = deeds.shown["post"], shard[deeds.shown["viewer"]]
    keys, counts = np.unique(posts.astype(np.uint64) << np.uint64(16) | readers, return_counts=True)
    sequence = (keys >> np.uint64(16)).astype(np.uint32)
    whole = np.bincount(posts - posts.min())
    parts = np.bincount(sequence - posts.min(), weights=counts)
    assert np.array_equal(whole, parts), "impressions were lost between shards"
    source = (keys & np.uint64(0xFFFF)).astype(np.uint16)
    return Mail(source, shard[_post(world, sequence, "creator")], sequence).abroad()


def _questions(world: World, deeds: Deeds, shard: NDArray[np.uint16]) -> list[Mail]:
    """Return what is asked in each step of a recommendation and when a profile is visited.

    A friend's or a stranger's shard is asked for somebody whom they follow, then that one's for
    a post; a spot's shard is asked for what lies there. How many there are is known (candidates
    a session); who is asked is taken to be spread as the hash of accounts is.
    """
    platform = world.settings.platform
    candidates = deeds.sessions * platform.recommendations
    walks = round(candidates * (platform.friend_share + platform.popularity_share))
    visits = int(np.count_nonzero(deeds.shown["route"] > int(Route.FOLLOWEE)))
    rows = world.rows
    return [
        _spread(walks, rows, shard, 0),
        _spread(candidates + visits, rows, shard, 1),
    ]


def _spread(count: int, rows: int, shard: NDArray[np.uint16], salt: int) -> Mail:
    """Return messages between pairs of accounts that lie far apart, whoever they are."""
    k = np.arange(count, dtype=np.uint64)
    viewers = (k * np.uint64(2_654_435_761) + np.uint64(salt)) % np.uint64(rows)
    others = (k * np.uint64(40_503) + np.uint64(salt + 7)) % np.uint64(rows)
    return Mail(shard[viewers], shard[others], others.astype(np.uint32)).abroad()
