"""What account shards would tell one another in a tick: messages as (from, to, item)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import kernel
from sim.kernels.draws import mix
from sim.kernels.layout import State

WORD = 64


class Mail(NamedTuple):
    """Messages of one kind: source and target shard, and what each is about (a row or a post)."""

    source: NDArray[np.uint16]
    target: NDArray[np.uint16]
    item: NDArray[np.uint32]

    def abroad(self) -> "Mail":
        """Return the messages that leave their shard."""
        away = self.source != self.target
        return Mail(*(column[away] for column in self))


@kernel
def assign(uids: NDArray[np.uint64], shards: int, out: NDArray[np.uint16]) -> None:
    """Write each account's shard, a hash of its uid; ``shards`` is a power of two."""
    for k in range(uids.shape[0]):
        out[k] = mix(uids[k] + np.uint64(1)) & np.uint64(shards - 1)


@kernel
def mark_audiences(state: State, shard: NDArray[np.uint16], audience: NDArray[np.uint64]) -> None:
    """Set bit s of ``audience[a]`` (rows x words) if somebody in shard s follows account a."""
    state = borrow(state)
    shard = borrow(shard)
    audience = borrow(audience)
    for row in range(shard.shape[0]):
        account = state.accounts[row]
        word, bit = np.int64(shard[row]) >> 6, np.uint64(1) << np.uint64(shard[row] & 63)
        first = np.int64(account.start)
        for k in range(first, first + np.int64(account.follows)):
            audience[np.int64(state.follow_ids[k]), word] |= bit


@kernel
def announce(
    authors: NDArray[np.uint32],
    items: NDArray[np.uint32],
    shard: NDArray[np.uint16],
    audience: NDArray[np.uint64],
    source: NDArray[np.uint16],
    target: NDArray[np.uint16],
    about: NDArray[np.uint32],
) -> int:
    """Write a message for each item and shard of its author's audience; return how many."""
    at = 0
    for k in range(authors.shape[0]):
        author = np.int64(authors[k])
        for s in range(audience.shape[1] * WORD):
            if (audience[author, s >> 6] >> np.uint64(s & 63)) & np.uint64(1):
                if s == np.int64(shard[author]):
                    continue
                if at < about.shape[0]:
                    source[at], target[at], about[at] = shard[author], s, items[k]
                at += 1
    return at


@kernel
def exchange(
    source: NDArray[np.uint16],
    target: NDArray[np.uint16],
    item: NDArray[np.uint32],
    place: NDArray[np.int64],
    out: NDArray[np.uint32],
) -> None:
    """Sort items by target, then source, then order, as they would be applied.

    ``place`` has a zero for each pair of shards and one more; afterwards ``place[k]`` is where
    the messages of pair k end.
    """
    shards = np.int64(np.sqrt(place.shape[0] - 1))
    for k in range(source.shape[0]):
        place[np.int64(target[k]) * shards + np.int64(source[k]) + 1] += 1
    for k in range(1, place.shape[0]):
        place[k] += place[k - 1]
    for k in range(source.shape[0]):
        pair = np.int64(target[k]) * shards + np.int64(source[k])
        out[place[pair]] = item[k]
        place[pair] += 1


def shards_of(uids: NDArray[np.uint64], shards: int) -> NDArray[np.uint16]:
    """Return each account's shard."""
    out = np.empty(len(uids), np.uint16)
    assign(np.ascontiguousarray(uids), shards, out)
    return out


def audiences(state: State, shard: NDArray[np.uint16], shards: int) -> NDArray[np.uint64]:
    """Return where the followers of each account are, a bit a shard."""
    audience = np.zeros((len(shard), -(-shards // WORD)), np.uint64)
    mark_audiences(state, shard, audience)
    return audience


def announcements(
    authors: NDArray[np.uint32],
    items: NDArray[np.uint32],
    shard: NDArray[np.uint16],
    audience: NDArray[np.uint64],
) -> Mail:
    """Return a message for each item and each other shard in which its author is followed."""
    none = Mail(np.empty(0, np.uint16), np.empty(0, np.uint16), np.empty(0, np.uint32))
    count = announce(authors, items, shard, audience, *none)
    mail = Mail(np.empty(count, np.uint16), np.empty(count, np.uint16), np.empty(count, np.uint32))
    announce(authors, items, shard, audience, *mail)
    return mail


def delivered(mail: Mail, shards: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the items in the order in which they are applied, and how many each shard sends.

    The counts are those of pairs of shards, by target and source.
    """
    out, place = np.empty_like(mail.item), np.zeros(shards * shards + 1, np.int64)
    exchange(*mail, place, out)
    ends = place[:-1]
    return out, np.diff(np.concatenate([[0], ends])).reshape(shards, shards)
