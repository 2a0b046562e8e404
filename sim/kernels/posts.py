"""The window of posts: a ring by sequence number, and a chain of posts for each author."""

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel, part
from sim.kernels.draws import fold, keyed, mix, unit
from sim.kernels.layout import (
    ANY_TOPIC,
    AS_BEG,
    ASKS,
    MOST_REPEATS,
    PROFILE,
    QUALITY,
    Kind,
    Purpose,
    State,
    Total,
)
from sim.kernels.prefetching import prefetch

_OLDEST: Final = int(Total.OLDEST_POST)
_NEXT: Final = int(Total.NEXT_POST)
_SELF_TALK, _PROMOTION, _BEG = int(Kind.SELF_TALK), int(Kind.PROMOTION), int(Kind.BEG)
_TOPIC: Final = np.uint64(Purpose.POST_TOPIC)
_NOISE: Final = np.uint64(Purpose.POST_NOISE)
_HOUR: Final = np.uint64(Purpose.POST_HOUR)
_S61, _S32 = np.uint64(61), np.uint64(32)
_FULL_MINUTES: Final = 30.0  # effort beyond which a post gets no better
_DAY: Final = 24
_SOON, _SOONER = 8, 4  # posts ahead for which memory is asked


@inlined
def place(state: State, sequence: int) -> int:
    """Return where a post lies in the ring."""
    return sequence & (state.posts.shape[0] - 1)


@part
def post_uid(author_uid: int, day: int, kind: int, slot: int) -> int:
    """Return the uid of an author's post of a kind, the slot-th of the day."""
    key = fold(mix(np.uint64(author_uid)), np.uint64(day))
    return fold(fold(key, np.uint64(kind)), np.uint64(slot))


@part
def due_hour(seed: np.uint64, author_uid: int, post_uid: int, day: int) -> int:
    """Return the hour at which a post planned on a day is published."""
    word = keyed(
        np.uint64(seed), _HOUR, np.uint64(author_uid), np.uint64(post_uid), np.uint64(_DAY * day)
    )
    return _DAY * day + np.int64(((word >> _S32) * np.uint64(_DAY)) >> _S32)


@kernel
def forget_old_posts(state: State, hour: int, params: NDArray[np.void]) -> None:
    """Let posts that nobody can see any more fall out of the window."""
    state = borrow(state)
    params = borrow(params)
    p = params[0]
    reach = max(p.window_hours, 1.0 * _DAY) + p.lag_hours + 2.0 * p.tick_hours
    oldest = state.totals[_OLDEST]
    while oldest < state.totals[_NEXT]:
        if state.posts[place(state, oldest)].hour + reach >= hour:
            break
        oldest += 1
    state.totals[_OLDEST] = oldest


@inlined
def recent_posts(state: State, row: int, after: int) -> int:
    """Return how many posts of an account are younger than an hour; nobody counts beyond ten."""
    recent = state.accounts[row].recent
    found = 0
    while found < MOST_REPEATS and recent[found] != 0 and np.int64(recent[found]) - 1 > after:
        found += 1
    return found


@inlined
def remember_hour(state: State, row: int, hour: int) -> None:
    """Enter the hour of a new post among the latest ten of its author, in falling order."""
    recent = state.accounts[row].recent
    stored = np.uint16(hour + 1)
    k = MOST_REPEATS - 1
    if stored < recent[k]:
        return
    while k > 0 and recent[k - 1] < stored:
        recent[k] = recent[k - 1]
        k -= 1
    recent[k] = stored


@inlined
def quality_of(craft: float, minutes: float, noise: float) -> int:
    """Return the stored quality: craft x sqrt(min(1, minutes / 30)) x noise, at most 1."""
    quality = craft * sqrt(min(1.0, minutes / _FULL_MINUTES)) * noise
    return np.int64(min(1.0, quality) * QUALITY + 0.5)


@inlined
def minutes_spent(kind: int, effort: int, params: NDArray[np.void]) -> float:
    """Return the minutes that went into a post; effort is in tenths."""
    if kind == _BEG:
        return params[0].effort_beg
    if kind == _SELF_TALK:
        return params[0].effort_self_talk
    if kind == _PROMOTION:
        return params[0].effort_promotion
    return effort / 10.0


@part
def choose_topic(
    seed: np.uint64, account: np.void, uid: int, day: int, topics: int, params: NDArray[np.void]
) -> int:
    """Return the topic of a post that was planned without one."""
    start = np.uint64(_DAY * day)
    if unit(keyed(np.uint64(seed), _TOPIC, account.uid, np.uint64(uid), start)) < params[0].focus:
        return np.int64(account.focus)
    word = keyed(np.uint64(seed), _TOPIC, account.uid, np.uint64(uid), start + np.uint64(1))
    other = np.int64(word >> _S61)
    return other if other < topics else np.int64(account.focus)


@inlined
def chain(state: State, row: int, hour: int) -> int:
    """Reserve the next sequence number for a post of an account; return its place in the ring."""
    sequence = state.totals[_NEXT]
    state.totals[_NEXT] = sequence + 1
    account = state.accounts[row]
    index = place(state, sequence)
    post = state.posts[index]
    post.previous = account.latest
    post.author = np.uint32(row)
    post.hour = np.uint16(hour)
    post.seen = np.uint32(0)
    post.engaged = np.uint32(0)
    post.likes = np.uint32(0)
    post.gone = np.uint8(0)
    account.latest = np.uint32(sequence)
    remember_hour(state, row, hour)
    return index


@inlined
def show_on_profile(state: State, row: int, quality: int, topic: int) -> None:
    """Put an own post on its author's profile, in place of the oldest of the five."""
    account = state.accounts[row]
    slot = np.int64(account.posts) % PROFILE
    account.profile_quality[slot] = np.uint16(quality)
    account.profile_topic[slot] = np.uint8(topic)
    account.posts += np.uint32(1)


@inlined
def publish_one(
    state: State, row: np.void, seed: np.uint64, topics: int, params: NDArray[np.void]
) -> None:
    """Publish one row of the schedule."""
    author = np.int64(row.author)
    account = state.accounts[author]
    day = np.int64(row.day)
    start = np.uint64(_DAY * day)
    topic = np.int64(row.topic)
    if topic == ANY_TOPIC:
        topic = choose_topic(seed, account, row.uid, day, topics, params)
    noise = 0.5 + unit(keyed(np.uint64(seed), _NOISE, account.uid, row.uid, start))
    craft = np.float64(account.craft)
    quality = quality_of(craft, minutes_spent(row.kind, row.effort, params), noise)
    spread = quality
    if row.flags & AS_BEG:
        spread = quality_of(craft, params[0].effort_beg, noise)
    repeat = recent_posts(state, author, np.int64(row.due) - _DAY)
    post = state.posts[chain(state, author, np.int64(row.due))]
    post.uid = row.uid
    post.root = row.uid
    post.creator = np.uint32(author)
    post.quality = np.uint16(quality)
    post.spread = np.uint16(spread)
    post.kind = row.kind
    post.topic = np.uint8(topic)
    post.asks = np.uint8(1 if row.flags & ASKS else 0)
    post.reshare = np.uint8(0)
    post.repeat = np.uint8(repeat)
    post.sells = np.uint8(account.offer > 0.0)
    post.tracked = account.tracked
    show_on_profile(state, author, quality, topic)


@kernel
def publish(
    state: State, due: NDArray[np.void], seed: np.uint64, topics: int, params: NDArray[np.void]
) -> None:
    """Publish the posts that are due (SCHEDULE rows, in order), but for those of the dead."""
    state = borrow(state)
    due = borrow(due)
    params = borrow(params)
    for k in range(due.shape[0]):
        if k + _SOON < due.shape[0]:
            prefetch(state.accounts, due[k + _SOON].author)
        if k + _SOONER < due.shape[0]:
            latest = np.int64(state.accounts[np.int64(due[k + _SOONER].author)].latest)
            prefetch(state.posts, place(state, latest))
        if state.accounts[np.int64(due[k].author)].alive != 0:
            publish_one(state, due[k], seed, topics, params)


@part
def withdraw_posts_of_dead(state: State) -> None:
    """Mark the posts in the window whose creators were deleted."""
    for sequence in range(state.totals[_OLDEST], state.totals[_NEXT]):
        post = state.posts[place(state, sequence)]
        if state.accounts[np.int64(post.creator)].alive == 0:
            post.gone = np.uint8(1)


@part
def has_in_window(state: State, row: int, root: int, after: int) -> bool:
    """Tell whether an account has a post with this root from after an hour, or a reshare of it."""
    sequence = np.int64(state.accounts[row].latest)
    while sequence >= state.totals[_OLDEST] and sequence > 0:
        post = state.posts[place(state, sequence)]
        if post.hour >= after and post.root == np.uint64(root):
            return True
        if post.hour + _DAY <= after:
            break
        sequence = np.int64(post.previous)
    return False


@part
def reshare(state: State, row: int, sequence: int, hour: int, params: NDArray[np.void]) -> None:
    """Let an account reshare a post, unless it has already done so within the window."""
    source = place(state, sequence)
    root = state.posts[source].root
    if has_in_window(state, row, root, hour - np.int64(params[0].window_hours)):
        return
    repeat = recent_posts(state, row, hour - _DAY)
    index = chain(state, row, hour)
    post, shown = state.posts[index], state.posts[source]
    post.uid = fold(fold(root, state.accounts[row].uid), np.uint64(hour))
    post.root = root
    post.creator = shown.creator
    post.quality = shown.quality
    post.spread = shown.spread
    post.kind = shown.kind
    post.topic = shown.topic
    post.asks = shown.asks
    post.sells = shown.sells
    post.tracked = shown.tracked
    post.reshare = np.uint8(1)
    post.repeat = np.uint8(repeat)
