"""Looking around: whom an account could follow, answer or help, from what it can see.

Each look is a keyed draw of the account that looks, into a table whose places no other account
moves: the directory, or spots that are laid by a hash of what lies there. So an extra account
changes what one look finds, and nobody else's looks. ``b`` of a draw is the kind of look in
its upper bits and the number of the look, with room for sixteen draws, below.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel, part
from sim.kernels.draws import at_time, fold, keyed
from sim.kernels.gestures import fresh_post
from sim.kernels.layout import NO_ROW, Purpose, State
from sim.kernels.lists import find_tie, is_follow
from sim.kernels.picking import pick_followee, pick_topic
from sim.kernels.posts import place
from sim.kernels.tables import proof

ANYONE, BY_TOPIC, SEEKERS, POPULAR, CONVERSATIONS, NEEDS, PODS, UNRETURNED = range(8)
"""The kinds of looks; the first four are rules by which somebody to follow is found."""

LOOKS: Final = 40  # at most, for each account that is wanted
_TARGET: Final = np.uint64(Purpose.TARGET)
_EMPTY: Final = np.uint32(NO_ROW)
_KIND, _DRAWS, _PICK = np.uint64(40), np.uint64(16), 8
_ZERO, _S8, _S40, _S61 = np.uint64(0), np.uint64(8), np.uint64(40), np.uint64(61)
_BYTE: Final = np.uint64(255)
_TOPIC_TRIES: Final = 4


@inlined
def draws_from(kind: int, look: int) -> int:
    """Return the first ``b`` of a look of this kind."""
    return (np.uint64(kind) << _KIND) + np.uint64(look) * _DRAWS


@inlined
def word_of(key: int, b: int, t: int) -> int:
    """Return the t-th draw of a look, for the key of who looks."""
    return fold(fold(key, b + np.uint64(t)), _TARGET)


@inlined
def is_held(out: NDArray[np.uint32], begin: int, count: int, row: int) -> bool:
    """Tell whether an account is among those found already."""
    for k in range(begin, begin + count):
        if out[k] == row:
            return True
    return False


@inlined
def is_to_be_seen(account: np.void) -> bool:
    """Tell whether anything is to be seen of an account: posts, follows or followers."""
    active = account.posts > 0 or account.follows > 0 or account.followers > 0
    return account.alive != 0 and active


@inlined
def suits(state: State, row: int, candidate: int, rule: int, coin: int) -> bool:
    """Tell whether an account meets the rule by which another looks for somebody to follow."""
    found = state.accounts[candidate]
    if rule == BY_TOPIC:
        return coin < state.accounts[row].interest[found.focus]
    if rule == SEEKERS:
        return found.follows >= max(found.followers, 1)
    return True


@part
def somebody(state: State, row: int, key: int, look: int, rule: int) -> int:
    """Return the account that a look into the directory finds, or -1."""
    b = draws_from(rule, look)
    word = word_of(key, b, 0)
    entry = state.directory[np.int64(word & np.uint64(state.directory.shape[0] - 1))]
    if entry == _EMPTY:
        return -1
    candidate = np.int64(entry)
    if rule == POPULAR and state.accounts[candidate].alive != 0:
        candidate = pick_followee(state, candidate, key, np.int64(b) + _PICK, _TARGET)
    if candidate < 0 or candidate == row or not is_to_be_seen(state.accounts[candidate]):
        return -1
    coin = np.int64((word >> _S40) & _BYTE)
    return candidate if suits(state, row, candidate, rule, coin) else -1


@kernel
def find_others(
    state: State,
    seed: np.uint64,
    hour: int,
    rule: int,
    rows: NDArray[np.uint32],
    wanted: NDArray[np.int64],
    begins: NDArray[np.int64],
    out: NDArray[np.uint32],
    found: NDArray[np.int64],
) -> None:
    """Write, for each of these rows, up to ``wanted`` others that it could follow.

    Each account owns ``out`` from its ``begins`` on; ``found`` receives how many stand there.
    """
    state = borrow(state)
    rows = borrow(rows)
    wanted = borrow(wanted)
    begins = borrow(begins)
    out = borrow(out)
    found = borrow(found)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    for k in range(rows.shape[0]):
        row, held = np.int64(rows[k]), 0
        key = fold(prefix, state.accounts[row].uid)
        for look in range(wanted[k] * LOOKS):
            if held == wanted[k]:
                break
            other = somebody(state, row, key, look, rule)
            if other < 0 or is_held(out, begins[k], held, other):
                continue
            if not is_follow(state, row, find_tie(state, row, other)):
                out[begins[k] + held] = other
                held += 1
        found[k] = held


@kernel
def list_fresh_posts(
    state: State,
    rows: int,
    hour: int,
    params: NDArray[np.void],
    authors: NDArray[np.uint32],
    uids: NDArray[np.uint64],
    topics: NDArray[np.uint8],
) -> int:
    """Write author, uid and topic of the fresh post of all who have one; return how many."""
    state = borrow(state)
    params = borrow(params)
    authors = borrow(authors)
    uids = borrow(uids)
    topics = borrow(topics)
    found = 0
    for row in range(rows):
        if state.accounts[row].alive == 0:
            continue
        sequence = fresh_post(state, row, hour, params)
        if sequence > 0:
            post = state.posts[place(state, sequence)]
            authors[found], uids[found], topics[found] = row, post.uid, post.topic
            found += 1
    return found


@kernel
def lay_spots(
    seed: np.uint64,
    rows: NDArray[np.uint32],
    keys: NDArray[np.uint64],
    hours: NDArray[np.int64],
    topics: NDArray[np.uint8],
    spots: NDArray[np.uint32],
    words: NDArray[np.uint64],
) -> None:
    """Lay accounts on spots by topic and a hash of (key, hour); the smaller hash takes a spot.

    ``spots`` and ``words`` (scratch) have the shape (TOPICS, a power of two).
    """
    rows = borrow(rows)
    keys = borrow(keys)
    hours = borrow(hours)
    topics = borrow(topics)
    spots = borrow(spots)
    words = borrow(words)
    spots[:, :] = _EMPTY
    mask = np.uint64(spots.shape[1] - 1)
    for k in range(rows.shape[0]):
        word = keyed(np.uint64(seed), _TARGET, keys[k], _ZERO, np.uint64(hours[k]))
        topic, spot = np.int64(topics[k]), np.int64(word & mask)
        if spots[topic, spot] == _EMPTY or word < words[topic, spot]:
            spots[topic, spot], words[topic, spot] = rows[k], word


@kernel
def find_on_spots(
    state: State,
    seed: np.uint64,
    hour: int,
    kind: int,
    rows: NDArray[np.uint32],
    wanted: NDArray[np.int64],
    begins: NDArray[np.int64],
    spots: NDArray[np.uint32],
    out: NDArray[np.uint32],
    topics: NDArray[np.uint8],
    found: NDArray[np.int64],
) -> None:
    """Write, for each of these rows, up to ``wanted`` others that lie on spots of its topics.

    Each account owns ``out`` and ``topics`` from its ``begins`` on.
    """
    state = borrow(state)
    rows = borrow(rows)
    wanted = borrow(wanted)
    begins = borrow(begins)
    spots = borrow(spots)
    out = borrow(out)
    topics = borrow(topics)
    found = borrow(found)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    mask = np.uint64(spots.shape[1] - 1)
    for k in range(rows.shape[0]):
        row, held = np.int64(rows[k]), 0
        account = state.accounts[row]
        key = fold(prefix, account.uid)
        for look in range(wanted[k] * LOOKS):
            if held == wanted[k]:
                break
            b = draws_from(kind, look)
            topic = pick_topic(account, key, b, _TARGET)
            if topic < 0:
                continue
            spot = np.int64(word_of(key, b, _PICK) & mask)
            other = spots[topic, spot]
            if other == _EMPTY or is_held(out, begins[k], held, other) or row == other:
                continue
            out[begins[k] + held], topics[begins[k] + held] = other, topic
            held += 1
        found[k] = held


@part
def keep_smallest(
    out: NDArray[np.uint32],
    words: NDArray[np.uint64],
    begin: int,
    held: int,
    room: int,
    other: int,
    word: int,
) -> int:
    """Insert an account among those with the smallest draws, in order; return how many they are."""
    if held == room:
        if room == 0 or word >= words[begin + held - 1]:
            return held
        held -= 1
    k = begin + held
    while k > begin and word < words[k - 1]:
        out[k], words[k] = out[k - 1], words[k - 1]
        k -= 1
    out[k], words[k] = other, word
    return held + 1


@kernel
def find_pod_mates(
    state: State,
    seed: np.uint64,
    hour: int,
    rows: NDArray[np.uint32],
    wanted: NDArray[np.int64],
    begins: NDArray[np.int64],
    members: NDArray[np.uint32],
    pods: NDArray[np.int64],
    out: NDArray[np.uint32],
    words: NDArray[np.uint64],
    found: NDArray[np.int64],
) -> None:
    """Write, for each of these rows, up to ``wanted`` members of its pod, those by lot.

    ``members[pods[p]]`` to ``members[pods[p + 1] - 1]`` are those of pod p. Each account owns
    ``out`` and ``words`` (scratch) from its ``begins`` on.
    """
    state = borrow(state)
    rows = borrow(rows)
    wanted = borrow(wanted)
    begins = borrow(begins)
    members = borrow(members)
    pods = borrow(pods)
    out = borrow(out)
    words = borrow(words)
    found = borrow(found)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    for k in range(rows.shape[0]):
        row, held = np.int64(rows[k]), 0
        key = fold(prefix, state.accounts[row].uid)
        pod = np.int64(state.accounts[row].pod)
        if pod > 0:
            for at in range(pods[pod], pods[pod + 1]):
                other = np.int64(members[at])
                if other != row:
                    b = fold(np.uint64(PODS), state.accounts[other].uid)
                    word = word_of(key, b, 0)
                    held = keep_smallest(out, words, begins[k], held, wanted[k], other, word)
        found[k] = held


@kernel
def find_unreturned(
    state: State,
    seed: np.uint64,
    hour: int,
    rows: NDArray[np.uint32],
    room: NDArray[np.int64],
    since: NDArray[np.int64],
    until: int,
    begins: NDArray[np.int64],
    out: NDArray[np.uint32],
    starts: NDArray[np.int64],
    words: NDArray[np.uint64],
    found: NDArray[np.int64],
) -> None:
    """Write those whom each row follows since ``since`` to ``until`` (hours) without return.

    Each account owns ``out``, ``starts`` (hour of the follow) and ``words`` (a draw for each)
    from its ``begins`` on; ``room`` is 0 for those who do not look, else as many as it follows.
    """
    state = borrow(state)
    rows = borrow(rows)
    room = borrow(room)
    since = borrow(since)
    begins = borrow(begins)
    out = borrow(out)
    starts = borrow(starts)
    words = borrow(words)
    found = borrow(found)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    for k in range(rows.shape[0]):
        row, held = np.int64(rows[k]), 0
        account = state.accounts[row]
        first, key = np.int64(account.start), fold(prefix, account.uid)
        for at in range(first, first + room[k]):
            other, start = np.int64(state.follow_ids[at]), np.int64(state.ties[at].start)
            if start < since[k] or start > until:
                continue
            if is_follow(state, other, find_tie(state, other, row)):
                continue
            b = fold(np.uint64(UNRETURNED), state.accounts[other].uid)
            mine = begins[k] + held
            out[mine], starts[mine], words[mine] = other, start, word_of(key, b, 0)
            held += 1
        found[k] = held


@kernel
def tell_returned(
    state: State,
    actors: NDArray[np.uint32],
    others: NDArray[np.uint32],
    out: NDArray[np.bool_],
) -> None:
    """Write for each pair whether the other follows the actor."""
    state = borrow(state)
    actors = borrow(actors)
    others = borrow(others)
    out = borrow(out)
    for k in range(actors.shape[0]):
        other = np.int64(others[k])
        out[k] = is_follow(state, other, find_tie(state, other, np.int64(actors[k])))


@kernel
def count_octaves(
    table: NDArray[np.float64], counts: NDArray[np.int64], out: NDArray[np.float64]
) -> None:
    """Write log2(1 + n) for each count n, from the table of social proof."""
    table = borrow(table)
    counts = borrow(counts)
    out = borrow(out)
    for k in range(counts.shape[0]):
        out[k] = 10.0 * proof(table, counts[k], 0.0)
