"""Browse: who opens the feed, what could be shown, and the best few of it.

The feed keeps the K candidates with the smallest keyed draw / weight (sequential Poisson
sampling, Ohlsson 1998). No candidate's draw depends on another candidate, so an extra post
displaces at most one other, and the order of lists and rows decides nothing.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.compiler import kernel
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.layout import (
    MAX_ATTENTION,
    NO_POST,
    NO_ROW,
    TOPICS,
    WARMTH,
    Kind,
    Purpose,
    Route,
    State,
    Tables,
    Total,
)
from sim.kernels.lists import find_tie, is_follow
from sim.kernels.posts import place
from sim.kernels.tables import decayed

_OLDEST, _NEXT = int(Total.OLDEST_POST), int(Total.NEXT_POST)
_RECENT_SEEN, _RECENT_ENGAGED = int(Total.RECENT_IMPRESSIONS), int(Total.RECENT_ENGAGEMENTS)
_BEG: Final = int(Kind.BEG)
_FOLLOWEE, _RESHARE = int(Route.FOLLOWEE), int(Route.RESHARE)
_BY_FRIEND, _BY_TOPIC = int(Route.FRIEND), int(Route.TOPIC)
_ZERO: Final = np.uint64(0)
_SESSION: Final = np.uint64(Purpose.SESSION)
_CHRONOLOGICAL: Final = np.uint64(Purpose.CHRONOLOGICAL)
_RANK: Final = np.uint64(Purpose.RANK)
_FRIEND_OR_TOPIC: Final = np.uint64(Purpose.FRIEND_OR_TOPIC)
_FRIEND: Final = np.uint64(Purpose.FRIEND)
_FRIEND_OF_FRIEND: Final = np.uint64(Purpose.FRIEND_OF_FRIEND)
_TOPIC: Final = np.uint64(Purpose.TOPIC)
_SPOT: Final = np.uint64(Purpose.SPOT)
_S61, _S8, _BYTE = np.uint64(61), np.uint64(8), np.uint64(255)
_TINY: Final = 1.0 / 9007199254740992.0
_HOURS_A_DAY: Final = 24.0
_TRIES: Final = 8
_TOPIC_TRIES: Final = 4


@kernel
def open_sessions(
    state: State,
    rows: int,
    hour: int,
    seed: int,
    params: NDArray[np.void],
    viewers: NDArray[np.uint32],
    reads: NDArray[np.uint16],
    sessions: NDArray[np.uint8],
) -> int:
    """Write who browses in this tick, how many posts it reads and in how many sessions.

    Returns the number of viewers; the output arrays have room for all rows.
    """
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    tick = params[0].tick_hours
    found = 0
    for row in range(rows):
        account = state.accounts[row]
        expected = np.float64(account.sessions) * tick / _HOURS_A_DAY
        if expected <= 0.0 or account.alive == 0:
            continue
        opened = np.int64(expected)
        coin = unit(fold(fold(fold(prefix, account.uid), _ZERO), _SESSION))
        if coin < expected - opened:
            opened += 1
        if opened > 0:
            viewers[found] = row
            reads[found] = min(MAX_ATTENTION, opened * np.int64(account.attention))
            sessions[found] = min(255, opened)
            found += 1
    return found


@kernel
def fill_spots(state: State, hour: int, params: NDArray[np.void]) -> None:
    """Lay the posts of the window on the spots where people look by topic."""
    p = params[0]
    state.spots[:, :] = np.uint32(NO_POST)
    mask = np.uint64(state.spots.shape[1] - 1)
    for sequence in range(state.totals[_OLDEST], state.totals[_NEXT]):
        post = state.posts[place(state, sequence)]
        age = hour - np.int64(post.hour)
        if age < p.lag_hours or age > p.window_hours or post.reshare != 0:
            continue
        if state.accounts[np.int64(post.creator)].alive == 0:
            continue
        spot = np.int64(post.uid & mask)
        taken = np.int64(state.spots[post.topic, spot])
        if taken == NO_POST or post.uid < state.posts[place(state, taken)].uid:
            state.spots[post.topic, spot] = np.uint32(sequence)


@kernel
def can_be_seen(
    state: State, viewer: int, post: np.void, hour: int, last: int, params: NDArray[np.void]
) -> bool:
    """Tell whether a viewer has its one chance to see a post now."""
    p = params[0]
    visible = post.hour + p.lag_hours
    if visible > hour or visible <= last or hour - post.hour > p.window_hours:
        return False
    creator = np.int64(post.creator)
    return creator != viewer and state.accounts[creator].alive != 0


@kernel
def warmth_of(state: State, tables: Tables, index: int, hour: int) -> float:
    """Return the decayed warmth of a tie by its pool index; 0 for none."""
    if index < 0:
        return 0.0
    tie = state.ties[index]
    return tie.warmth / WARMTH * decayed(tables.warmth, hour - np.int64(tie.touched))


@kernel
def mean_rate(state: State) -> float:
    """Return the platform's mean engagement rate, as it is known before this tick."""
    return (state.totals[_RECENT_ENGAGED] + 3.0) / (state.totals[_RECENT_SEEN] + 100.0)


@kernel
def weight_of(
    state: State, post: np.void, age: int, warmth: float, mean: float, params: NDArray[np.void]
) -> float:
    """Return the ranking weight of a post: freshness, warmth and engagement so far."""
    p = params[0]
    exposed = np.float64(post.seen)
    if p.reach_per_follower != 0.0:
        exposed = p.follower_reach * state.accounts[np.int64(post.author)].followers
    rate = (post.engaged + p.prior_impressions * mean) / (exposed + p.prior_impressions)
    fresh = p.freshness_hours / (p.freshness_hours + age)
    return fresh * (1.0 + p.rank_warmth * warmth) * rate / mean


class_of_feed = np.dtype(
    [("priority", "f8"), ("uid", "u8"), ("post", "u4"), ("tie", "u4"), ("route", "u1")],
    align=True,
)


@kernel
def comes_before(
    priority: float, uid: int, route: int, other: np.void
) -> bool:
    """Tell whether a candidate ranks before one that is held: priority, then uid, then route."""
    if priority != other.priority:
        return priority < other.priority
    if uid != other.uid:
        return uid < other.uid
    return route < other.route


@kernel
def hold(
    feed: NDArray[np.void],
    held: int,
    room: int,
    priority: float,
    uid: int,
    post: int,
    tie: int,
    route: int,
) -> int:
    """Insert a candidate among the best held so far, in order; return how many are held."""
    if held == room:
        if room == 0 or not comes_before(priority, uid, route, feed[held - 1]):
            return held
        held -= 1
    k = held
    while k > 0 and comes_before(priority, uid, route, feed[k - 1]):
        feed[k] = feed[k - 1]
        k -= 1
    slot = feed[k]
    slot.priority, slot.uid = priority, uid
    slot.post, slot.tie, slot.route = np.uint32(post), np.uint32(tie), np.uint8(route)
    return held + 1


@kernel
def priority_of(
    state: State,
    post: np.void,
    hour: int,
    key: int,
    warmth: float,
    factor: float,
    chronological: bool,
    mean: float,
    params: NDArray[np.void],
) -> float:
    """Return the keyed priority of a candidate; the smallest are shown."""
    coin = unit(fold(fold(key, post.uid), _RANK))
    age = hour - np.int64(post.hour)
    if chronological:
        return age + coin
    return (coin + _TINY) / (weight_of(state, post, age, warmth, mean, params) * factor)


@kernel
def pick_followee(state: State, row: int, key: int, place_of_draw: int, purpose: int) -> int:
    """Return a followee of an account by draws over a power of two with rejection, or -1."""
    account = state.accounts[row]
    follows = np.int64(account.follows)
    span = 1
    while span < follows:
        span *= 2
    for t in range(_TRIES):
        if follows == 0:
            break
        word = fold(fold(key, np.uint64(place_of_draw + t)), purpose)
        position = np.int64(word & np.uint64(span - 1))
        if position < follows:
            return np.int64(state.follow_ids[np.int64(account.start) + position])
    return -1


@kernel
def by_friend(
    state: State, viewer: int, hour: int, last: int, key: int, j: int, params: NDArray[np.void]
) -> int:
    """Return the post recommended because a friend follows its author, or NO_POST."""
    friend = pick_followee(state, viewer, key, 8 * j, _FRIEND)
    if friend < 0:
        return NO_POST
    author = pick_followee(state, friend, key, 8 * j, _FRIEND_OF_FRIEND)
    if author < 0 or author == viewer or is_follow(state, viewer, find_tie(state, viewer, author)):
        return NO_POST
    sequence = np.int64(state.accounts[author].latest)
    while sequence >= state.totals[_OLDEST] and sequence > 0:
        post = state.posts[place(state, sequence)]
        if post.reshare == 0 and can_be_seen(state, viewer, post, hour, last, params):
            return sequence
        sequence = np.int64(post.previous)
    return NO_POST


@kernel
def interesting_topic(state: State, viewer: int, key: int, j: int) -> int:
    """Return a topic drawn by the viewer's interests, or -1 after four refusals."""
    for t in range(_TOPIC_TRIES):
        word = fold(fold(key, np.uint64(8 * j + t)), _TOPIC)
        topic = np.int64(word >> _S61)
        if topic < TOPICS:
            if ((word >> _S8) & _BYTE) < state.accounts[viewer].interest[topic]:
                return topic
    return -1


@kernel
def by_topic(
    state: State, viewer: int, hour: int, last: int, key: int, j: int, params: NDArray[np.void]
) -> int:
    """Return a post found by looking for a topic, or NO_POST."""
    topic = interesting_topic(state, viewer, key, j)
    if topic < 0:
        return NO_POST
    mask = np.uint64(state.spots.shape[1] - 1)
    for t in range(_TOPIC_TRIES):
        word = fold(fold(key, np.uint64(8 * j + t)), _SPOT)
        sequence = np.int64(state.spots[topic, np.int64(word & mask)])
        if sequence == NO_POST:
            continue
        post = state.posts[place(state, sequence)]
        if can_be_seen(state, viewer, post, hour, last, params):
            followed = is_follow(state, viewer, find_tie(state, viewer, np.int64(post.creator)))
            return NO_POST if followed else sequence
    return NO_POST


@kernel
def gather_followees(
    state: State,
    tables: Tables,
    viewer: int,
    hour: int,
    key: int,
    chronological: bool,
    mean: float,
    without_begs: bool,
    params: NDArray[np.void],
    feed: NDArray[np.void],
    room: int,
) -> int:
    """Offer the posts of followees to the feed; return how many are held."""
    account = state.accounts[viewer]
    last = np.int64(account.last_browse)
    held = 0
    start = np.int64(account.start)
    horizon = last - params[0].lag_hours - params[0].tick_hours
    for k in range(start, start + np.int64(account.follows)):
        sequence = np.int64(state.accounts[np.int64(state.follow_ids[k])].latest)
        if sequence < state.totals[_OLDEST] or sequence == 0 or state.ties[k].muted != 0:
            continue
        warmth = warmth_of(state, tables, k, hour)
        while sequence >= state.totals[_OLDEST] and sequence > 0:
            post = state.posts[place(state, sequence)]
            if post.hour < horizon:
                break
            if can_be_seen(state, viewer, post, hour, last, params) and not (
                without_begs and post.kind == _BEG
            ):
                priority = priority_of(
                    state, post, hour, key, warmth, 1.0, chronological, mean, params
                )
                route = _RESHARE if post.reshare != 0 else _FOLLOWEE
                held = hold(feed, held, room, priority, post.uid, sequence, k, route)
            sequence = np.int64(post.previous)
    return held


@kernel
def is_among(posts: NDArray[np.uint32], count: int, sequence: int) -> bool:
    """Tell whether a post was already recommended in this session."""
    for k in range(count):
        if posts[k] == sequence:
            return True
    return False


@kernel
def recommend(
    state: State,
    viewer: int,
    hour: int,
    key: int,
    candidates: int,
    params: NDArray[np.void],
    found: NDArray[np.uint32],
    routes: NDArray[np.uint8],
) -> int:
    """Write the distinct posts recommended to a viewer and their routes; return how many."""
    last = np.int64(state.accounts[viewer].last_browse)
    count = 0
    for j in range(candidates):
        friend = unit(fold(fold(key, np.uint64(j)), _FRIEND_OR_TOPIC)) < params[0].friend_share
        if friend:
            sequence = by_friend(state, viewer, hour, last, key, j, params)
        else:
            sequence = by_topic(state, viewer, hour, last, key, j, params)
        if sequence != NO_POST and not is_among(found, count, sequence):
            found[count] = sequence
            routes[count] = _BY_FRIEND if friend else _BY_TOPIC
            count += 1
    return count


@kernel
def gather_recommended(
    state: State,
    tables: Tables,
    viewer: int,
    hour: int,
    key: int,
    chronological: bool,
    mean: float,
    without_begs: bool,
    params: NDArray[np.void],
    feed: NDArray[np.void],
    held: int,
    room: int,
    found: NDArray[np.uint32],
    routes: NDArray[np.uint8],
    count: int,
) -> int:
    """Offer the recommended posts to the feed; return how many are held."""
    factor = params[0].recommendation_weight
    for k in range(count):
        sequence = np.int64(found[k])
        post = state.posts[place(state, sequence)]
        if without_begs and post.kind == _BEG:
            continue
        tie = find_tie(state, viewer, np.int64(post.author))
        warmth = warmth_of(state, tables, tie, hour)
        priority = priority_of(
            state, post, hour, key, warmth, factor, chronological, mean, params
        )
        held = hold(
            feed, held, room, priority, post.uid, sequence, tie if tie >= 0 else NO_ROW, routes[k]
        )
    return held


@kernel
def write_impression(
    out: NDArray[np.void], at: int, viewer: int, entry: np.void, displaced: int
) -> None:
    """Write one impression."""
    impression = out[at]
    impression.viewer = np.uint32(viewer)
    impression.post = entry.post
    impression.tie = entry.tie
    impression.route = entry.route
    impression.displaced = np.uint8(displaced)


@kernel
def holds_beg(state: State, feed: NDArray[np.void], held: int) -> bool:
    """Tell whether a feed shows a beg."""
    for k in range(held):
        if state.posts[place(state, np.int64(feed[k].post))].kind == _BEG:
            return True
    return False


@kernel
def is_shown(feed: NDArray[np.void], held: int, entry: np.void) -> bool:
    """Tell whether a candidate is already in the feed by the same route."""
    for k in range(held):
        if feed[k].uid == entry.uid and feed[k].route == entry.route:
            return True
    return False


@kernel
def browse(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: int,
    hour: int,
    first: int,
    last: int,
    viewers: NDArray[np.uint32],
    reads: NDArray[np.uint16],
    sessions: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    shown: NDArray[np.uint16],
    displaced: NDArray[np.uint16],
    out: NDArray[np.void],
) -> None:
    """Fill the feeds of viewers ``first`` to ``last - 1``; each owns ``out`` from its offset on.

    ``shown`` and ``displaced`` receive how many impressions of either sort stand there.
    """
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    mean = mean_rate(state)
    feed = np.empty(MAX_ATTENTION + 1, class_of_feed)
    without = np.empty(MAX_ATTENTION + 1, class_of_feed)
    most = np.int64(params[0].recommendations) * 255 + 1
    found, routes = np.empty(most, np.uint32), np.empty(most, np.uint8)
    for k in range(first, last):
        viewer, room, at = np.int64(viewers[k]), np.int64(reads[k]), offsets[k]
        key = fold(prefix, state.accounts[viewer].uid)
        chronological = (
            unit(fold(fold(key, _ZERO), _CHRONOLOGICAL)) < params[0].chronological_share
        )
        candidates = np.int64(sessions[k]) * np.int64(params[0].recommendations)
        count = recommend(state, viewer, hour, key, candidates, params, found, routes)
        held = gather_followees(
            state, tables, viewer, hour, key, chronological, mean, False, params, feed, room
        )
        held = gather_recommended(
            state, tables, viewer, hour, key, chronological, mean, False, params, feed, held,
            room, found, routes, count,
        )
        for i in range(held):
            write_impression(out, at + i, viewer, feed[i], 0)
        shown[k] = held
        displaced[k] = 0
        if not holds_beg(state, feed, held):
            continue
        again = gather_followees(
            state, tables, viewer, hour, key, chronological, mean, True, params, without, room
        )
        again = gather_recommended(
            state, tables, viewer, hour, key, chronological, mean, True, params, without, again,
            room, found, routes, count,
        )
        lost = 0
        for i in range(again):
            if not is_shown(feed, held, without[i]):
                write_impression(out, at + held + lost, viewer, without[i], 1)
                lost += 1
        displaced[k] = lost


@kernel
def close_sessions(state: State, viewers: NDArray[np.uint32], count: int, hour: int) -> None:
    """Remember when each viewer last opened its feed."""
    for k in range(count):
        state.accounts[np.int64(viewers[k])].last_browse = np.uint32(hour)
