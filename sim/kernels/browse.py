"""Browse: who opens the feed, what could be shown, and the best few of it.

The feed keeps the K candidates with the smallest keyed draw / weight (sequential Poisson
sampling, Ohlsson 1998). No candidate's draw depends on another candidate, so an extra post
displaces at most one other, and the order of lists and rows decides nothing.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel, part
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.feelings import warmth_of
from sim.kernels.layout import (
    MAX_ATTENTION,
    NO_ROW,
    Kind,
    Purpose,
    Route,
    State,
    Tables,
    Wall,
)
from sim.kernels.lists import find_tie, is_follow
from sim.kernels.picking import TRIES, pick_followee, pick_topic
from sim.kernels.prefetching import prefetch

_BEG: Final = int(Kind.BEG)
_FOLLOWEE, _RESHARE = int(Route.FOLLOWEE), int(Route.RESHARE)
_BY_FRIEND, _BY_TOPIC = int(Route.FRIEND), int(Route.TOPIC)
_BY_POPULARITY, _BY_HIT = int(Route.POPULAR), int(Route.VIRAL)
_ZERO: Final = np.uint64(0)
_SESSION: Final = np.uint64(Purpose.SESSION)
_CHRONOLOGICAL: Final = np.uint64(Purpose.CHRONOLOGICAL)
_RANK: Final = np.uint64(Purpose.RANK)
_FRIEND_OR_TOPIC: Final = np.uint64(Purpose.FRIEND_OR_TOPIC)
_FRIEND: Final = np.uint64(Purpose.FRIEND)
_FRIEND_OF_FRIEND: Final = np.uint64(Purpose.FRIEND_OF_FRIEND)
_POPULAR: Final = np.uint64(Purpose.POPULAR)
_POPULAR_FOLLOWEE: Final = np.uint64(Purpose.POPULAR_FOLLOWEE)
_VIRAL: Final = np.uint64(Purpose.VIRAL)
_TOPIC: Final = np.uint64(Purpose.TOPIC)
_SPOT: Final = np.uint64(Purpose.SPOT)
_SESSION_HOUR: Final = np.uint64(Purpose.SESSION_HOUR)
_BLOCK, _S32 = np.uint64(6), np.uint64(32)  # sessions are drawn for six hours at a time
_BLOCKS_A_DAY: Final = 4.0
_TINY: Final = 1.0 / 9007199254740992.0
_BATCH: Final = 256  # candidates that are ranked together
_SOON, _SOONER = 16, 8  # followees ahead for which memory is asked
_NEXT_BUT, _LISTED, _LINE = 4, 64, 16  # viewers ahead; followees of the next, ids in a line
_SPOT_TRIES: Final = 4
_HIT_WEIGHT: Final = 1000.0  # a viral hit is as good as sure to be shown where it is offered


class Feed(NamedTuple):
    """The best candidates so far; scratch of one thread.

    ``priority`` rises and ``slot`` goes with it, so that an insertion moves twelve bytes a
    place; what is known of a candidate stays where it is, at its slot.
    """

    priority: NDArray[np.float64]
    slot: NDArray[np.uint32]
    uid: NDArray[np.uint64]
    entry: NDArray[np.uint32]  # place on the wall
    tie: NDArray[np.uint32]  # index into the pool, or NO_ROW
    route: NDArray[np.uint8]


class Batch(NamedTuple):
    """Candidates that have been gathered and not been ranked yet; scratch of one thread.

    They are ranked together, in a loop without branches that the compiler turns into SIMD.
    """

    uid: NDArray[np.uint64]
    weight: NDArray[np.float64]  # ranking weight; the age where the feed is chronological
    priority: NDArray[np.float64]
    entry: NDArray[np.uint32]  # place on the wall
    tie: NDArray[np.uint32]


class Session(NamedTuple):
    """One viewer's session: who looks, since when, and how the feed is ranked."""

    viewer: int
    room: int
    last: int
    key: int
    chronological: bool


@inlined
def sessions_of_block(account: np.void, key: int, expected: float, first: int, last: int) -> int:
    """Return how many of an account's sessions of a block fall in its hours first to last - 1.

    They are drawn for the block, so that the length of a tick does not move them.
    """
    count = np.int64(expected)
    if unit(fold(fold(key, _ZERO), _SESSION)) < expected - count:
        count += 1
    if first <= 0 and last >= np.int64(_BLOCK):
        return count
    found = 0
    for i in range(count):
        word = fold(fold(key, np.uint64(i)), _SESSION_HOUR)
        found += first <= np.int64(((word >> _S32) * _BLOCK) >> _S32) < last
    return found


@inlined
def sessions_between(account: np.void, seed: np.uint64, first: int, last: int) -> int:
    """Return how many sessions an account has in the hours first to last - 1."""
    expected = np.float64(account.sessions) / _BLOCKS_A_DAY
    length = np.int64(_BLOCK)
    found = 0
    for begin in range(first - first % length, last, length):
        key = fold(at_time(seed, np.uint64(begin)), account.uid)
        found += sessions_of_block(account, key, expected, first - begin, last - begin)
    return found


@kernel
def open_sessions(
    state: State,
    rows: int,
    hour: int,
    seed: np.uint64,
    params: NDArray[np.void],
    viewers: NDArray[np.uint32],
    reads: NDArray[np.uint16],
    sessions: NDArray[np.uint8],
) -> int:
    """Write who browses in this tick, how many posts it reads and in how many sessions.

    Returns the number of viewers; the output arrays have room for all rows.
    """
    state = borrow(state)
    params = borrow(params)
    viewers = borrow(viewers)
    reads = borrow(reads)
    sessions = borrow(sessions)
    until = hour + np.int64(params[0].tick_hours)
    found = 0
    for row in range(rows):
        account = state.accounts[row]
        if account.sessions <= 0.0 or account.alive == 0:
            continue
        opened = sessions_between(account, np.uint64(seed), hour, until)
        if opened > 0:
            viewers[found] = row
            reads[found] = min(MAX_ATTENTION, opened * np.int64(account.attention))
            sessions[found] = min(255, opened)
            found += 1
    return found


@inlined
def is_new_to(session: Session, entry: np.void, lag: int) -> bool:
    """Tell whether a viewer has its one chance to see a post now."""
    return np.int64(entry.hour) + lag > session.last and entry.creator != session.viewer


@inlined
def comes_before(feed: Feed, k: int, priority: float, uid: int, route: int) -> bool:
    """Tell whether a candidate ranks before the k-th of a feed: priority, uid, then route."""
    if priority != feed.priority[k]:
        return priority < feed.priority[k]
    slot = feed.slot[k]
    if uid != feed.uid[slot]:
        return uid < feed.uid[slot]
    return route < feed.route[slot]


@inlined
def hold(
    feed: Feed,
    held: int,
    room: int,
    priority: float,
    uid: int,
    entry: int,
    tie: int,
    route: int,
) -> int:
    """Insert a candidate among the best held so far, in order; return how many are held."""
    slot = np.uint32(held)
    if held == room:
        if room == 0 or not comes_before(feed, held - 1, priority, uid, route):
            return held
        held -= 1
        slot = feed.slot[held]
    k = held
    while k > 0 and comes_before(feed, k - 1, priority, uid, route):
        feed.priority[k] = feed.priority[k - 1]
        feed.slot[k] = feed.slot[k - 1]
        k -= 1
    feed.priority[k], feed.slot[k] = priority, slot
    feed.uid[slot], feed.entry[slot], feed.tie[slot], feed.route[slot] = uid, entry, tie, route
    return held + 1


@inlined
def priority_of(session: Session, entry: np.void, hour: int, factor: float) -> float:
    """Return the keyed priority of a candidate; the smallest are shown."""
    coin = unit(fold(fold(session.key, entry.uid), _RANK))
    if session.chronological:
        return hour - np.int64(entry.hour) + coin
    return (coin + _TINY) / (entry.weight * factor)


@inlined
def rank_batch(session: Session, batch: Batch, count: int) -> None:
    """Write the priorities of the candidates gathered; as `priority_of` for each."""
    if session.chronological:
        for i in range(count):
            coin = unit(fold(fold(session.key, batch.uid[i]), _RANK))
            batch.priority[i] = batch.weight[i] + coin
        return
    for i in range(count):
        coin = unit(fold(fold(session.key, batch.uid[i]), _RANK))
        batch.priority[i] = (coin + _TINY) / batch.weight[i]


@part
def take_batch(
    wall: Wall, session: Session, batch: Batch, count: int, feed: Feed, held: int
) -> int:
    """Rank the candidates gathered, offer them to the feed; return how many it holds."""
    rank_batch(session, batch, count)
    for i in range(count):
        priority = batch.priority[i]
        if held < session.room or priority <= feed.priority[held - 1]:
            at = np.int64(batch.entry[i])
            route = _RESHARE if wall.posts[at].reshare != 0 else _FOLLOWEE
            tie = np.int64(batch.tie[i])
            held = hold(feed, held, session.room, priority, batch.uid[i], at, tie, route)
    return held


@inlined
def gather_followees(
    state: State,
    tables: Tables,
    wall: Wall,
    session: Session,
    hour: int,
    without_begs: bool,
    params: NDArray[np.void],
    batch: Batch,
    feed: Feed,
) -> tuple[int, int]:
    """Offer the posts of followees to the feed; return how many are held, and were offered."""
    account = state.accounts[session.viewer]
    lag = np.int64(params[0].lag_hours)
    horizon = session.last - lag - np.int64(params[0].tick_hours)
    first = np.int64(account.start)
    last = first + np.int64(account.follows)
    held, offered, count = 0, 0, 0
    refused = _BEG if without_begs else -1
    for k in range(first, last):
        if k + _SOON < last:
            prefetch(wall.start, state.follow_ids[k + _SOON])
        if k + _SOONER < last:
            prefetch(wall.posts, wall.start[state.follow_ids[k + _SOONER]])
        author = np.int64(state.follow_ids[k])
        begin, end = np.int64(wall.start[author]), np.int64(wall.start[author + 1])
        if begin == end or np.int64(wall.posts[begin].hour) < horizon or state.ties[k].muted != 0:
            continue
        factor = 1.0 + params[0].rank_warmth * warmth_of(state, tables, k, hour)
        for at in range(begin, end):
            entry = wall.posts[at]
            published = np.int64(entry.hour)
            if published < horizon:
                break  # hours fall along the wall, but for less than a tick
            if count == _BATCH:
                held = take_batch(wall, session, batch, count, feed, held)
                offered += count
                count = 0
            age = np.float64(hour - published)
            batch.weight[count] = age if session.chronological else entry.weight * factor
            batch.uid[count] = entry.uid
            batch.entry[count], batch.tie[count] = np.uint32(at), np.uint32(k)
            # without a branch: what is written is kept only if it counts
            fits = (published + lag > session.last) & (entry.creator != session.viewer)
            count += fits & (entry.kind != refused)
    held = take_batch(wall, session, batch, count, feed, held)
    return held, offered + count


@inlined
def by_friend(state: State, wall: Wall, session: Session, lag: int, j: int) -> int:
    """Return the place of a post recommended because a friend follows its author, or -1."""
    friend = pick_followee(state, session.viewer, session.key, 8 * j, _FRIEND)
    if friend < 0:
        return -1
    author = pick_followee(state, friend, session.key, 8 * j, _FRIEND_OF_FRIEND)
    return post_of_stranger(state, wall, session, lag, author)


@part
def by_popularity(state: State, wall: Wall, session: Session, lag: int, j: int) -> int:
    """Return the place of a post whose author somebody drawn at random follows, or -1.

    An account is drawn as often as it has followers.
    """
    mask = np.uint64(state.directory.shape[0] - 1)
    for t in range(TRIES):
        word = fold(fold(session.key, np.uint64(8 * j + t)), _POPULAR)
        row = np.int64(state.directory[np.int64(word & mask)])
        if row == NO_ROW or state.accounts[row].alive == 0 or state.accounts[row].follows == 0:
            continue
        author = pick_followee(state, row, session.key, 8 * j, _POPULAR_FOLLOWEE)
        return post_of_stranger(state, wall, session, lag, author)
    return -1


@inlined
def post_of_stranger(state: State, wall: Wall, session: Session, lag: int, author: int) -> int:
    """Return the place of an account's latest own post that is new to a viewer, or -1.

    There is none of oneself and of somebody who is followed (nor of -1, nobody).
    """
    if author < 0 or author == session.viewer:
        return -1
    if is_follow(state, session.viewer, find_tie(state, session.viewer, author)):
        return -1
    for at in range(np.int64(wall.start[author]), np.int64(wall.start[author + 1])):
        if wall.posts[at].reshare == 0 and is_new_to(session, wall.posts[at], lag):
            return at
    return -1


@inlined
def by_topic(state: State, wall: Wall, session: Session, lag: int, j: int) -> int:
    """Return the place of a post found by looking for a topic, or -1."""
    topic = pick_topic(state.accounts[session.viewer], session.key, 8 * j, _TOPIC)
    mask = np.uint64(wall.spots.shape[1] - 1)
    for t in range(_SPOT_TRIES if topic >= 0 else 0):
        word = fold(fold(session.key, np.uint64(8 * j + t)), _SPOT)
        at = wall.spots[topic, np.int64(word & mask)]
        if at == NO_ROW or not is_new_to(session, wall.posts[np.int64(at)], lag):
            continue
        creator = np.int64(wall.posts[np.int64(at)].creator)
        followed = is_follow(state, session.viewer, find_tie(state, session.viewer, creator))
        return -1 if followed else np.int64(at)
    return -1


@inlined
def is_among(places: NDArray[np.uint32], count: int, wanted: int) -> bool:
    """Tell whether a post was already recommended in this session."""
    for k in range(count):
        if places[k] == wanted:
            return True
    return False


@inlined
def pick_recommendation(
    state: State, wall: Wall, session: Session, lag: int, j: int, params: NDArray[np.void]
) -> tuple[int, int]:
    """Return the place and the route of the j-th recommendation; -1 for no place."""
    p = params[0]
    coin = unit(fold(fold(session.key, np.uint64(j)), _FRIEND_OR_TOPIC))
    if coin < p.friend_share:
        return by_friend(state, wall, session, lag, j), _BY_FRIEND
    if coin < p.friend_share + p.popularity_share:
        return by_popularity(state, wall, session, lag, j), _BY_POPULARITY
    return by_topic(state, wall, session, lag, j), _BY_TOPIC


@part
def pick_hit(state: State, wall: Wall, session: Session, lag: int, hit: np.void) -> int:
    """Return the place of a viral hit if it is offered to a viewer, else -1."""
    row = np.int64(hit.row)
    coin = unit(fold(fold(session.key, state.accounts[row].uid), _VIRAL))
    return post_of_stranger(state, wall, session, lag, row) if coin < hit.reach else -1


@inlined
def recommend(
    state: State,
    wall: Wall,
    session: Session,
    candidates: int,
    params: NDArray[np.void],
    hits: NDArray[np.void],
    places: NDArray[np.uint32],
    routes: NDArray[np.uint8],
) -> int:
    """Write the distinct posts recommended to a viewer and their routes; return how many."""
    lag = np.int64(params[0].lag_hours)
    count = 0
    for j in range(candidates + hits.shape[0]):
        if j < candidates:
            at, route = pick_recommendation(state, wall, session, lag, j, params)
        else:
            at, route = pick_hit(state, wall, session, lag, hits[j - candidates]), _BY_HIT
        if at >= 0 and not is_among(places, count, at):
            places[count] = at
            routes[count] = route
            count += 1
    return count


@inlined
def gather_recommended(
    state: State,
    tables: Tables,
    wall: Wall,
    session: Session,
    hour: int,
    without_begs: bool,
    params: NDArray[np.void],
    feed: Feed,
    held: int,
    places: NDArray[np.uint32],
    routes: NDArray[np.uint8],
    count: int,
) -> int:
    """Offer the recommended posts to the feed; return how many are held."""
    for k in range(count):
        entry = wall.posts[np.int64(places[k])]
        if without_begs and entry.kind == _BEG:
            continue
        tie = find_tie(state, session.viewer, np.int64(entry.creator))
        warmth = warmth_of(state, tables, tie, hour)
        factor = (1.0 + params[0].rank_warmth * warmth) * params[0].recommendation_weight
        if routes[k] == _BY_HIT:
            factor *= _HIT_WEIGHT
        priority = priority_of(session, entry, hour, factor)
        index = tie if tie >= 0 else NO_ROW
        held = hold(feed, held, session.room, priority, entry.uid, places[k], index, routes[k])
    return held


@inlined
def write_impression(
    wall: Wall, feed: Feed, k: int, viewer: int, displaced: int, out: NDArray[np.void], at: int
) -> None:
    """Write the k-th of a feed as an impression."""
    impression, slot = out[at], feed.slot[k]
    impression.viewer = np.uint32(viewer)
    impression.post = wall.posts[np.int64(feed.entry[slot])].post
    impression.tie = feed.tie[slot]
    impression.route = feed.route[slot]
    impression.displaced = np.uint8(displaced)


@inlined
def holds_beg(wall: Wall, feed: Feed, held: int) -> bool:
    """Tell whether a feed shows a beg."""
    for k in range(held):
        if wall.posts[np.int64(feed.entry[feed.slot[k]])].kind == _BEG:
            return True
    return False


@inlined
def is_shown(feed: Feed, held: int, uid: int, route: int) -> bool:
    """Tell whether a candidate is in the feed by this route."""
    for k in range(held):
        slot = feed.slot[k]
        if feed.uid[slot] == uid and feed.route[slot] == route:
            return True
    return False


@inlined
def blank_feed() -> Feed:
    """Return room for the largest feed."""
    size = MAX_ATTENTION + 1
    return Feed(
        np.empty(size, np.float64),
        np.empty(size, np.uint32),
        np.empty(size, np.uint64),
        np.empty(size, np.uint32),
        np.empty(size, np.uint32),
        np.empty(size, np.uint8),
    )


@inlined
def blank_batch() -> Batch:
    """Return room for a batch of candidates."""
    return Batch(
        np.empty(_BATCH, np.uint64),
        np.empty(_BATCH, np.float64),
        np.empty(_BATCH, np.float64),
        np.empty(_BATCH, np.uint32),
        np.empty(_BATCH, np.uint32),
    )


@part
def write_displaced(
    state: State,
    tables: Tables,
    wall: Wall,
    session: Session,
    hour: int,
    params: NDArray[np.void],
    batch: Batch,
    feed: Feed,
    held: int,
    without: Feed,
    places: NDArray[np.uint32],
    routes: NDArray[np.uint8],
    count: int,
    out: NDArray[np.void],
    at: int,
) -> int:
    """Take the best again without begs; write behind the shown what begs displaced."""
    again, _ = gather_followees(state, tables, wall, session, hour, True, params, batch, without)
    again = gather_recommended(
        state, tables, wall, session, hour, True, params, without, again, places, routes, count
    )
    lost = 0
    for i in range(again):
        slot = without.slot[i]
        if not is_shown(feed, held, without.uid[slot], without.route[slot]):
            write_impression(wall, without, i, session.viewer, 1, out, at + held + lost)
            lost += 1
    return lost


@inlined
def fetch_viewers(state: State, viewers: NDArray[np.uint32], k: int, last: int) -> None:
    """Begin to fetch the records and lists of viewers who come soon."""
    if k + _NEXT_BUT < last:
        prefetch(state.accounts, np.int64(viewers[k + _NEXT_BUT]))
    if k + 1 < last:
        account = state.accounts[np.int64(viewers[k + 1])]
        start = np.int64(account.start)
        for tie in range(start, start + min(_LISTED, np.int64(account.follows)), _LINE):
            prefetch(state.follow_ids, tie)
            prefetch(state.ties, tie)


@kernel
def browse(
    state: State,
    tables: Tables,
    wall: Wall,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    first: int,
    last: int,
    viewers: NDArray[np.uint32],
    reads: NDArray[np.uint16],
    sessions: NDArray[np.uint8],
    hits: NDArray[np.void],
    offsets: NDArray[np.int64],
    shown: NDArray[np.uint16],
    displaced: NDArray[np.uint16],
    crowding: NDArray[np.float64],
    out: NDArray[np.void],
) -> None:
    """Fill the feeds of viewers ``first`` to ``last - 1``; each owns ``out`` from its offset on.

    ``hits`` are the VIRAL hits of now. ``shown`` and ``displaced`` receive how many impressions
    of either sort stand there, ``crowding`` how full the feed was.
    """
    state = borrow(state)
    tables = borrow(tables)
    wall = borrow(wall)
    params = borrow(params)
    viewers = borrow(viewers)
    reads = borrow(reads)
    sessions = borrow(sessions)
    hits = borrow(hits)
    offsets = borrow(offsets)
    crowding = borrow(crowding)
    shown = borrow(shown)
    displaced = borrow(displaced)
    out = borrow(out)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    owned, owned_too = blank_feed(), blank_feed()
    owned_batch = blank_batch()
    feed, without, batch = borrow(owned), borrow(owned_too), borrow(owned_batch)
    most = np.int64(params[0].recommendations) * 255 + hits.shape[0] + 1
    places, routes = np.empty(most, np.uint32), np.empty(most, np.uint8)
    for k in range(first, last):
        fetch_viewers(state, viewers, k, last)
        viewer, at = np.int64(viewers[k]), offsets[k]
        key = fold(prefix, state.accounts[viewer].uid)
        coin = unit(fold(fold(key, _ZERO), _CHRONOLOGICAL))
        session = Session(
            viewer,
            np.int64(reads[k]),
            np.int64(state.accounts[viewer].last_browse),
            key,
            coin < params[0].chronological_share,
        )
        candidates = np.int64(sessions[k]) * np.int64(params[0].recommendations)
        count = recommend(state, wall, session, candidates, params, hits, places, routes)
        held, offered = gather_followees(
            state, tables, wall, session, hour, False, params, batch, feed
        )
        crowding[k] = min(1.0, max(0, offered - session.room) / max(1, session.room))
        if session.room == 0:
            crowding[k] = 0.0
        held = gather_recommended(
            state, tables, wall, session, hour, False, params, feed, held, places, routes, count
        )
        for i in range(held):
            write_impression(wall, feed, i, viewer, 0, out, at + i)
        shown[k], displaced[k] = held, 0
        if holds_beg(wall, feed, held):
            displaced[k] = write_displaced(
                state,
                tables,
                wall,
                session,
                hour,
                params,
                batch,
                feed,
                held,
                without,
                places,
                routes,
                count,
                out,
                at,
            )
    owned.uid[0] = owned_too.uid[0] = owned_batch.uid[0] = 0  # they are in use up to here


@kernel
def close_sessions(state: State, viewers: NDArray[np.uint32], count: int, hour: int) -> None:
    """Remember when each viewer last opened its feed."""
    state = borrow(state)
    viewers = borrow(viewers)
    for k in range(count):
        state.accounts[np.int64(viewers[k])].last_browse = np.uint32(hour)
