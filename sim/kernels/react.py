"""React: what each impression does to its viewer, and what the viewer does.

One function serves all posts and all accounts. It reads neither the origin of a follow nor
anybody's strategy. A viewer's own expectation and ties change at once; what concerns others
is written down as a decision and carried out by `settle`.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.layout import (
    EXPECTATION,
    INTEREST,
    IRRITATION,
    NO_ROW,
    PROFILE,
    QUALITY,
    WARMTH,
    Cause,
    Kind,
    Origin,
    Purpose,
    Route,
    State,
    Tables,
    Verb,
)
from sim.kernels.lists import find_tie, is_follow
from sim.kernels.posts import place
from sim.kernels.tables import decayed, proof

MOST_DECISIONS: Final = 6  # of one impression: like, reply, reshare, follow, buy, leave

_LIKE, _REPLY, _RESHARE = int(Verb.LIKE), int(Verb.REPLY), int(Verb.RESHARE)
_FOLLOW, _UNFOLLOW, _MUTE = int(Verb.FOLLOW), int(Verb.UNFOLLOW), int(Verb.MUTE)
_SALE: Final = int(Verb.SALE)
_SELF_TALK, _PROMOTION, _BEG = int(Kind.SELF_TALK), int(Kind.PROMOTION), int(Kind.BEG)
_BEGGING, _BY_RESHARE = int(Origin.BEGGING), int(Origin.RESHARE)
_BY_RECOMMENDATION, _BY_CONTENT = int(Origin.RECOMMENDATION), int(Origin.CONTENT)
_CAUSE_LOW, _CAUSE_REPEAT = int(Cause.LOW_VALUE), int(Cause.REPETITION)
_CAUSE_SELF, _CAUSE_PROMOTION = int(Cause.SELF_TALK), int(Cause.PROMOTION)
_CAUSE_BEGGING: Final = int(Cause.BEGGING)
_ROUTE_RESHARE, _ROUTE_FRIEND = int(Route.RESHARE), int(Route.FRIEND)
_P_LIKE, _P_REPLY = np.uint64(Purpose.LIKE), np.uint64(Purpose.REPLY)
_P_RESHARE, _P_FOLLOW = np.uint64(Purpose.RESHARE), np.uint64(Purpose.FOLLOW)
_P_LEAVE, _P_DILIGENCE = np.uint64(Purpose.LEAVE), np.uint64(Purpose.DILIGENCE)
_P_MUTE, _P_SALE = np.uint64(Purpose.MUTE), np.uint64(Purpose.SALE)
_P_EXPECTATION: Final = np.uint64(Purpose.ROUND_EXPECTATION)
_P_WARMTH: Final = np.uint64(Purpose.ROUND_WARMTH)
_P_IRRITATION: Final = np.uint64(Purpose.ROUND_IRRITATION)
_LEAST_EXPECTATION: Final = 0.02
_VALUE: Final = QUALITY * INTEREST


@inlined
def happens(key: int, purpose: int, odds: float) -> bool:
    """Tell whether a choice with these odds is made."""
    return unit(fold(key, purpose)) * (1.0 + odds) < odds


@inlined
def engagement_odds(
    x: float, warmth: float, likes: int, repeat: int, tables: Tables, params: NDArray[np.void]
) -> float:
    """Return the odds of a like for a post of value x."""
    p = params[0]
    odds = p.like_odds * x / (1.0 - x + p.like_epsilon) * (1.0 + p.like_warmth * warmth)
    odds *= 1.0 + p.social_proof * proof(tables.proof, likes, p.proof_step)
    return odds / (1.0 + repeat)


@inlined
def profile_value(viewer: np.void, author: np.void) -> float:
    """Return the mean value to the viewer of the posts on an author's profile; 0 if it is empty."""
    count = min(np.int64(author.posts), PROFILE)
    if count == 0:
        return 0.0
    total = 0
    for k in range(count):
        quality = np.int64(author.profile_quality[k])
        total += quality * np.int64(viewer.interest[author.profile_topic[k]])
    return total / (count * _VALUE)


@inlined
def return_rate(account: np.void) -> float:
    """Return how far an account visibly follows back: its follows per follower, at most 1."""
    return min(1.0, np.float64(account.follows) / (1.0 + np.float64(account.followers)))


@inlined
def follow_odds(
    viewer: np.void, author: np.void, expectation: float, tables: Tables, params: NDArray[np.void]
) -> float:
    """Return the odds that a viewer follows an author after seeing a post."""
    p = params[0]
    attraction = profile_value(viewer, author) / max(expectation, _LEAST_EXPECTATION)
    shown = 1.0 + p.social_proof * proof(tables.proof, np.int64(author.followers), p.proof_step)
    odds = p.follow_odds * np.float64(viewer.curiosity) * attraction * shown
    return odds + p.reciprocity_odds * viewer.seeks * return_rate(author)


@inlined
def distaste(kind: int, params: NDArray[np.void]) -> float:
    """Return the distaste for a kind of post as such; 0 by default."""
    if kind == _SELF_TALK:
        return params[0].distaste_self_talk
    if kind == _PROMOTION:
        return params[0].distaste_promotion
    if kind == _BEG:
        return params[0].distaste_beg
    return 0.0


@inlined
def cause_of(kind: int, disappointment: float, repetition: float) -> int:
    """Return the name under which an annoyed leave is counted; it decides nothing."""
    if repetition > disappointment:
        return _CAUSE_REPEAT
    if kind == _SELF_TALK:
        return _CAUSE_SELF
    if kind == _PROMOTION:
        return _CAUSE_PROMOTION
    return _CAUSE_BEGGING if kind == _BEG else _CAUSE_LOW


@inlined
def origin_of(kind: int, route: int) -> int:
    """Return the origin noted for a follow that a post brought about; it decides nothing."""
    if kind == _BEG:
        return _BEGGING
    if route == _ROUTE_RESHARE:
        return _BY_RESHARE
    return _BY_RECOMMENDATION if route == _ROUTE_FRIEND else _BY_CONTENT


@inlined
def write(
    out: NDArray[np.void], at: int, actor: int, target: int, post: int, verb: int, label: int
) -> int:
    """Write a decision; return the next free place."""
    decision = out[at]
    decision.actor, decision.target = np.uint32(actor), np.uint32(target)
    decision.post = np.uint32(post)
    decision.verb, decision.label = np.uint8(verb), np.uint8(label)
    return at + 1


@inlined
def left_or_muted(viewer: np.void, key: int, params: NDArray[np.void]) -> int:
    """Return what somebody does who has had enough: unfollow, mute, or -1 for nothing."""
    if unit(fold(key, _P_DILIGENCE)) < viewer.diligence:
        return _UNFOLLOW
    return _MUTE if unit(fold(key, _P_MUTE)) < params[0].mute else -1


@inlined
def store(value: float, scale: float, most: float, coin: float) -> int:
    """Return a value as stored: scaled, rounded by a keyed coin, at most ``most``."""
    return np.int64(min(most, value * scale + coin))


@inlined
def annoyed(irritation: float, warmth: float, key: int, params: NDArray[np.void]) -> bool:
    """Tell whether an impression is the one too many."""
    p = params[0]
    square = irritation * irritation
    hazard = p.leave_hazard * square / (1.0 + square) / (1.0 + p.leave_warmth * warmth)
    return unit(fold(key, _P_LEAVE)) < hazard


@inlined
def react_once(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    prefix: int,
    hour: int,
    impression: np.void,
    out: NDArray[np.void],
    at: int,
) -> int:
    """Let one impression work on its viewer; return the next free place for decisions."""
    p = params[0]
    row = np.int64(impression.viewer)
    viewer = state.accounts[row]
    sequence = np.int64(impression.post)
    post = state.posts[place(state, sequence)]
    creator = np.int64(post.creator)
    author = np.int64(post.author)
    maker = state.accounts[creator]
    key = fold(fold(prefix, viewer.uid), post.uid)
    index = np.int64(impression.tie) if impression.tie != NO_ROW else -1
    expectation = viewer.expectation / EXPECTATION
    match = viewer.interest[post.topic] / INTEREST
    x = post.quality / QUALITY * match
    repeat = np.int64(post.repeat)
    warmth, irritation = 0.0, 0.0
    if index >= 0:
        tie = state.ties[index]
        age = hour - np.int64(tie.touched)
        warmth = tie.warmth / WARMTH * decayed(tables.warmth, age)
        irritation = tie.irritation / IRRITATION * decayed(tables.irritation, age)

    likes = np.int64(post.likes)
    odds = engagement_odds(x, warmth, likes, repeat, tables, params)
    liked = happens(key, _P_LIKE, odds)
    replied = happens(key, _P_REPLY, odds * p.reply_factor)
    if post.spread != post.quality:
        odds = engagement_odds(post.spread / QUALITY * match, warmth, likes, repeat, tables, params)
    odds = odds * p.reshare_factor * np.float64(viewer.reshare)
    if post.asks != 0:
        odds *= p.asking_factor
    reshared = happens(key, _P_RESHARE, odds)
    if liked:
        at = write(out, at, row, creator, sequence, _LIKE, 0)
    if replied:
        at = write(out, at, row, creator, sequence, _REPLY, 0)
    if reshared:
        at = write(out, at, row, creator, sequence, _RESHARE, 0)

    route = np.int64(impression.route)
    if route != 0 and not (
        route == _ROUTE_RESHARE and is_follow(state, row, find_tie(state, row, creator))
    ):
        if happens(key, _P_FOLLOW, follow_odds(viewer, maker, expectation, tables, params)):
            label = origin_of(np.int64(post.kind), route)
            at = write(out, at, row, creator, sequence, _FOLLOW, label)
    if maker.offer > 0.0:
        shown = proof(tables.proof, np.int64(maker.followers), p.proof_step)
        odds = p.sale_odds * match * np.float64(maker.offer) * (1.0 + p.sale_warmth * warmth)
        if happens(key, _P_SALE, odds * (1.0 + p.sale_proof * shown)):
            at = write(out, at, row, creator, sequence, _SALE, 0)

    moved = expectation + (x - expectation) / p.expectation_memory
    viewer.expectation = np.uint16(
        store(moved, EXPECTATION, EXPECTATION, unit(fold(key, _P_EXPECTATION)))
    )
    if index < 0:
        return at
    disappointment = max(0.0, expectation - x)
    repetition = p.repetition * repeat
    kind = np.int64(post.kind)
    irritation += p.irritation_gain * (disappointment + repetition + distaste(kind, params))
    if is_follow(state, row, index) and annoyed(irritation, warmth, key, params):
        verb = left_or_muted(viewer, key, params)
        if verb >= 0:
            label = cause_of(kind, disappointment, repetition)
            at = write(out, at, row, author, sequence, verb, label)
    if liked:
        warmth += p.warmth_like * (1.0 - warmth)
    if reshared:
        warmth += p.warmth_like * (1.0 - warmth)
    if replied:
        warmth += p.warmth_reply * (1.0 - warmth)
    tie = state.ties[index]
    if liked or reshared or replied:
        tie.engaged = np.uint16(hour)
    tie.warmth = np.uint8(store(warmth, WARMTH, WARMTH, unit(fold(key, _P_WARMTH))))
    tie.irritation = np.uint8(store(irritation, IRRITATION, 255.0, unit(fold(key, _P_IRRITATION))))
    tie.touched = np.uint16(hour)
    return at


@kernel
def react(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    seed: np.uint64,
    hour: int,
    first: int,
    last: int,
    offsets: NDArray[np.int64],
    shown: NDArray[np.uint16],
    impressions: NDArray[np.void],
    out: NDArray[np.void],
    decided: NDArray[np.int64],
) -> None:
    """Let viewers ``first`` to ``last - 1`` react to what they were shown, in order.

    Each viewer writes its decisions to ``out`` from MOST_DECISIONS times its offset on, and
    how many there are to ``decided``.
    """
    state = borrow(state)
    tables = borrow(tables)
    params = borrow(params)
    offsets = borrow(offsets)
    shown = borrow(shown)
    impressions = borrow(impressions)
    out = borrow(out)
    decided = borrow(decided)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    for k in range(first, last):
        start = at = MOST_DECISIONS * offsets[k]
        for i in range(offsets[k], offsets[k] + shown[k]):
            at = react_once(state, tables, params, prefix, hour, impressions[i], out, at)
        decided[k] = at - start
