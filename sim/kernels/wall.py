"""The wall: the posts that can be seen in a tick, gathered by author once for all viewers."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel
from sim.kernels.layout import NO_ROW, State, Total, Wall
from sim.kernels.posts import place

_OLDEST, _NEXT = int(Total.OLDEST_POST), int(Total.NEXT_POST)
_RECENT_SEEN, _RECENT_ENGAGED = int(Total.RECENT_IMPRESSIONS), int(Total.RECENT_ENGAGEMENTS)
_EMPTY: Final = np.uint32(NO_ROW)


@inlined
def mean_rate(state: State) -> float:
    """Return the platform's mean engagement rate, as it is known before this tick."""
    return (state.totals[_RECENT_ENGAGED] + 3.0) / (state.totals[_RECENT_SEEN] + 100.0)


@inlined
def is_open(post: np.void, hour: int, lag: int, window: int) -> bool:
    """Tell whether a post can be seen by anybody now."""
    age = hour - np.int64(post.hour)
    return lag <= age <= window and post.gone == 0


@inlined
def weight_of(
    state: State, post: np.void, age: int, mean: float, params: NDArray[np.void]
) -> float:
    """Return the ranking weight of a post before warmth: freshness and engagement so far."""
    p = params[0]
    exposed = np.float64(post.seen)
    if p.reach_per_follower != 0.0:
        exposed = p.follower_reach * state.accounts[np.int64(post.author)].followers
    rate = (post.engaged + p.prior_impressions * mean) / (exposed + p.prior_impressions)
    return p.freshness_hours / (p.freshness_hours + age) * rate / mean


@kernel
def count_posts(
    state: State, hour: int, params: NDArray[np.void], start: NDArray[np.uint32]
) -> int:
    """Write to ``start[a]`` how far the posts of rows up to a reach; return how many there are."""
    state = borrow(state)
    params = borrow(params)
    start = borrow(start)
    lag, window = np.int64(params[0].lag_hours), np.int64(params[0].window_hours)
    start[:] = 0
    for sequence in range(state.totals[_OLDEST], state.totals[_NEXT]):
        post = state.posts[place(state, sequence)]
        if is_open(post, hour, lag, window):
            start[np.int64(post.author)] += np.uint32(1)
    total = 0
    for row in range(start.shape[0]):
        total += np.int64(start[row])
        start[row] = np.uint32(total)
    return total


@inlined
def write_post(
    state: State,
    wall: Wall,
    at: int,
    sequence: int,
    hour: int,
    mean: float,
    params: NDArray[np.void],
) -> None:
    """Write one post to its place on the wall."""
    post = state.posts[place(state, sequence)]
    entry = wall.posts[at]
    entry.uid = post.uid
    entry.weight = weight_of(state, post, hour - np.int64(post.hour), mean, params)
    entry.post = np.uint32(sequence)
    entry.creator = post.creator
    entry.hour, entry.kind, entry.reshare = post.hour, post.kind, post.reshare
    entry.topic = post.topic


@kernel
def fill(state: State, hour: int, params: NDArray[np.void], wall: Wall) -> None:
    """Write the posts that `count_posts` has counted; ``start`` then says where each row begins."""
    state = borrow(state)
    params = borrow(params)
    wall = borrow(wall)
    lag, window = np.int64(params[0].lag_hours), np.int64(params[0].window_hours)
    mean = mean_rate(state)
    for sequence in range(state.totals[_OLDEST], state.totals[_NEXT]):
        post = state.posts[place(state, sequence)]
        if is_open(post, hour, lag, window):
            author = np.int64(post.author)
            at = np.int64(wall.start[author]) - 1
            wall.start[author] = np.uint32(at)
            write_post(state, wall, at, sequence, hour, mean, params)


@kernel
def fill_spots(wall: Wall) -> None:
    """Lay the posts on the spots where people look by topic; the smaller uid takes a spot."""
    wall = borrow(wall)
    wall.spots[:, :] = _EMPTY
    mask = np.uint64(wall.spots.shape[1] - 1)
    for k in range(wall.posts.shape[0]):
        entry = wall.posts[k]
        if entry.reshare != 0:
            continue
        topic = np.int64(entry.topic)
        spot = np.int64(entry.uid & mask)
        taken = wall.spots[topic, spot]
        if taken == _EMPTY or entry.uid < wall.posts[np.int64(taken)].uid:
            wall.spots[topic, spot] = np.uint32(k)
