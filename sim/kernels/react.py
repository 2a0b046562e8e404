"""React: what each impression does to its viewer, and what the viewer does.

One function serves all posts and all accounts. It reads neither the origin of a follow nor
anybody's strategy. A viewer's own expectation and ties change at once; what concerns others
is written down as a decision and carried out by `settle`.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel
from sim.kernels.draws import at_time, fold, unit
from sim.kernels.feelings import feelings, store, warmth_of, write_feelings
from sim.kernels.layout import (
    EXPECTATION,
    INTEREST,
    NO_ROW,
    PROFILE,
    QUALITY,
    Cause,
    Kind,
    Origin,
    Purpose,
    Route,
    State,
    Tables,
    Total,
    Verb,
)
from sim.kernels.lists import find_tie, is_follow
from sim.kernels.posts import place
from sim.kernels.prefetching import prefetch
from sim.kernels.tables import proof

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
_CAUSE_OVERLOAD, _CAUSE_NO_RETURN = int(Cause.OVERLOAD), int(Cause.NO_RETURN)
_ROUTE_FOLLOWEE: Final = int(Route.FOLLOWEE)
_ROUTE_RESHARE, _ROUTE_FRIEND = int(Route.RESHARE), int(Route.FRIEND)
_ROUTE_POPULAR, _BEAR = int(Route.POPULAR), int(Verb.BEAR)
_SEEN: Final = int(Verb.SEEN)
_IMPRESSIONS, _RECENT_SEEN = int(Total.IMPRESSIONS), int(Total.RECENT_IMPRESSIONS)
_VALUE, _LOST = int(Total.VALUE), int(Total.VALUE_LOST)
_BEGS, _PROMOTIONS = int(Total.BEG_IMPRESSIONS), int(Total.PROMOTION_IMPRESSIONS)
_P_PROFILE: Final = np.uint64(Purpose.PROFILE)
_P_LIKE, _P_REPLY = np.uint64(Purpose.LIKE), np.uint64(Purpose.REPLY)
_P_RESHARE, _P_FOLLOW = np.uint64(Purpose.RESHARE), np.uint64(Purpose.FOLLOW)
_P_LEAVE, _P_DILIGENCE = np.uint64(Purpose.LEAVE), np.uint64(Purpose.DILIGENCE)
_P_MUTE, _P_SALE = np.uint64(Purpose.MUTE), np.uint64(Purpose.SALE)
_P_EXPECTATION: Final = np.uint64(Purpose.ROUND_EXPECTATION)
_P_WARMTH: Final = np.uint64(Purpose.ROUND_WARMTH)
_P_IRRITATION: Final = np.uint64(Purpose.ROUND_IRRITATION)
_LEAST_EXPECTATION: Final = 0.02
_FULL_VALUE: Final = QUALITY * INTEREST


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
    return total / (count * _FULL_VALUE)


@inlined
def return_rate(account: np.void) -> float:
    """Return how far an account visibly follows back: its follows per follower, at most 1."""
    return min(1.0, np.float64(account.follows) / (1.0 + np.float64(account.followers)))


@inlined
def follow_odds(
    viewer: np.void,
    author: np.void,
    attraction: float,
    warmth: float,
    tables: Tables,
    params: NDArray[np.void],
) -> float:
    """Return the odds that a viewer follows an author whose profile or post has some value."""
    p = params[0]
    expectation = max(viewer.expectation / EXPECTATION, _LEAST_EXPECTATION)
    shown = 1.0 + p.social_proof * proof(tables.proof, np.int64(author.followers), p.proof_step)
    odds = p.follow_odds * np.float64(viewer.curiosity) * (attraction / expectation) * shown
    odds *= 1.0 + p.follow_warmth * warmth
    return odds + p.reciprocity_odds * viewer.seeks * return_rate(author)


@inlined
def attraction_of(
    viewer: np.void, author: np.void, x: float, key: int, params: NDArray[np.void]
) -> float:
    """Return what a follow is judged by: the profile if it is looked at, else the post's value."""
    if unit(fold(key, _P_PROFILE)) < params[0].profile_checks:
        return profile_value(viewer, author)
    return x


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
def cause_of_kind(kind: int) -> int:
    """Return the cause that stands for disappointment by a kind of post."""
    if kind == _SELF_TALK:
        return _CAUSE_SELF
    if kind == _PROMOTION:
        return _CAUSE_PROMOTION
    return _CAUSE_BEGGING if kind == _BEG else _CAUSE_LOW


@inlined
def cause_of(kind: int, dislike: float, repetition: float, overload: float, hope: float) -> int:
    """Return the name under which an annoyed leave is counted: the largest part; labels only."""
    if dislike >= repetition and dislike >= overload and dislike >= hope:
        return cause_of_kind(kind)
    if repetition >= overload and repetition >= hope:
        return _CAUSE_REPEAT
    return _CAUSE_OVERLOAD if overload >= hope else _CAUSE_NO_RETURN


@inlined
def origin_of(kind: int, route: int) -> int:
    """Return the origin noted for a follow that a post brought about; it decides nothing."""
    if kind == _BEG:
        return _BEGGING
    if route == _ROUTE_RESHARE:
        return _BY_RESHARE
    if route == _ROUTE_FRIEND:
        return _BY_RECOMMENDATION
    return _BY_RECOMMENDATION if route == _ROUTE_POPULAR else _BY_CONTENT


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
def next_step(viewer: np.void, key: int, params: NDArray[np.void]) -> int:
    """Return what somebody does who has had enough: unfollow, mute, or bear it."""
    if unit(fold(key, _P_DILIGENCE)) < viewer.diligence:
        return _UNFOLLOW
    return _MUTE if unit(fold(key, _P_MUTE)) < params[0].mute else _BEAR


@inlined
def annoyed(irritation: float, warmth: float, key: int, params: NDArray[np.void]) -> bool:
    """Tell whether an impression is the one too many."""
    p = params[0]
    square = irritation * irritation
    hazard = p.leave_hazard * square / (1.0 + square) / (1.0 + p.leave_warmth * warmth)
    return unit(fold(key, _P_LEAVE)) < hazard


class Felt(NamedTuple):
    """What a viewer thinks of a post and of who showed it, at the time of an impression."""

    expectation: float
    match: float
    x: float  # value of the post
    warmth: float
    irritation: float


@inlined
def felt(
    state: State, tables: Tables, viewer: np.void, post: np.void, index: int, hour: int
) -> Felt:
    """Return what a viewer thinks of a post; ``index`` is its tie to the author, or -1."""
    match = viewer.interest[post.topic] / INTEREST
    warmth, irritation = 0.0, 0.0
    if index >= 0:
        warmth, irritation = feelings(state, tables, index, hour)
    x = post.quality / QUALITY * match
    return Felt(viewer.expectation / EXPECTATION, match, x, warmth, irritation)


@inlined
def engages(
    viewer: np.void, post: np.void, now: Felt, key: int, tables: Tables, params: NDArray[np.void]
) -> tuple[bool, bool, bool]:
    """Tell whether a viewer likes a post, replies to it, reshares it."""
    p = params[0]
    likes, repeat = np.int64(post.likes), np.int64(post.repeat)
    odds = engagement_odds(now.x, now.warmth, likes, repeat, tables, params)
    liked = happens(key, _P_LIKE, odds)
    replied = happens(key, _P_REPLY, odds * p.reply_factor)
    if post.spread != post.quality:
        spread = post.spread / QUALITY * now.match
        odds = engagement_odds(spread, now.warmth, likes, repeat, tables, params)
    odds = odds * p.reshare_factor * np.float64(viewer.reshare)
    if post.asks != 0:
        odds *= p.asking_factor
    return liked, replied, happens(key, _P_RESHARE, odds)


@inlined
def follows_creator(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    impression: np.void,
    post: np.void,
    now: Felt,
    key: int,
    hour: int,
) -> bool:
    """Tell whether a viewer begins to follow who made a post."""
    route = np.int64(impression.route)
    if route == _ROUTE_FOLLOWEE:
        return False
    row, creator, warmth = np.int64(impression.viewer), np.int64(post.creator), now.warmth
    if route == _ROUTE_RESHARE:
        index = find_tie(state, row, creator)
        if is_follow(state, row, index):
            return False
        warmth = warmth_of(state, tables, index, hour)
    viewer, maker = state.accounts[row], state.accounts[creator]
    attraction = attraction_of(viewer, maker, now.x, key, params)
    return happens(key, _P_FOLLOW, follow_odds(viewer, maker, attraction, warmth, tables, params))


@inlined
def buys(maker: np.void, now: Felt, key: int, tables: Tables, params: NDArray[np.void]) -> bool:
    """Tell whether a viewer wants what the maker of a post offers."""
    if maker.offer <= 0.0:
        return False
    p = params[0]
    shown = proof(tables.proof, np.int64(maker.followers), p.proof_step)
    odds = p.sale_odds * now.match * np.float64(maker.offer) * (1.0 + p.sale_warmth * now.warmth)
    return happens(key, _P_SALE, odds * (1.0 + p.sale_proof * shown))


@inlined
def disappointed_hope(
    state: State, row: int, author: int, index: int, hour: int, params: NDArray[np.void]
) -> float:
    """Return the irritation of a seeker of reciprocity whose follow was not returned."""
    p = params[0]
    if p.hope == 0.0 or state.accounts[row].seeks == 0 or not is_follow(state, row, index):
        return 0.0
    if hour - np.int64(state.ties[index].start) < p.hope_hours:
        return 0.0
    return 0.0 if is_follow(state, author, find_tie(state, author, row)) else p.hope


@inlined
def react_once(
    state: State,
    tables: Tables,
    params: NDArray[np.void],
    prefix: int,
    hour: int,
    crowding: float,
    impression: np.void,
    out: NDArray[np.void],
    at: int,
) -> int:
    """Let one impression work on its viewer; return the next free place for decisions."""
    p = params[0]
    row, sequence = np.int64(impression.viewer), np.int64(impression.post)
    viewer, post = state.accounts[row], state.posts[place(state, sequence)]
    creator, author = np.int64(post.creator), np.int64(post.author)
    key = fold(fold(prefix, viewer.uid), post.uid)
    index = np.int64(impression.tie) if impression.tie != NO_ROW else -1
    now = felt(state, tables, viewer, post, index, hour)

    liked, replied, reshared = engages(viewer, post, now, key, tables, params)
    if liked:
        at = write(out, at, row, creator, sequence, _LIKE, 0)
    if replied:
        at = write(out, at, row, creator, sequence, _REPLY, 0)
    if reshared:
        at = write(out, at, row, creator, sequence, _RESHARE, 0)
    if follows_creator(state, tables, params, impression, post, now, key, hour):
        label = origin_of(np.int64(post.kind), np.int64(impression.route))
        at = write(out, at, row, creator, sequence, _FOLLOW, label)
    # the account is read only if need be: it is rarely in the cache
    if post.sells != 0 and buys(state.accounts[creator], now, key, tables, params):
        at = write(out, at, row, creator, sequence, _SALE, 0)

    moved = now.expectation + (now.x - now.expectation) / p.expectation_memory
    viewer.expectation = np.uint16(
        store(moved, EXPECTATION, EXPECTATION, unit(fold(key, _P_EXPECTATION)))
    )
    if index < 0:
        return at
    kind = np.int64(post.kind)
    dislike = max(0.0, now.expectation - now.x) + distaste(kind, params)
    repetition, overload = p.repetition * np.int64(post.repeat), p.overload * crowding
    hope = disappointed_hope(state, row, author, index, hour, params)
    warmth = now.warmth
    irritation = now.irritation + p.irritation_gain * (dislike + repetition + overload + hope)
    if is_follow(state, row, index) and annoyed(irritation, warmth, key, params):
        label = cause_of(kind, dislike, repetition, overload, hope)
        at = write(out, at, row, author, sequence, next_step(viewer, key, params), label)
    if liked:
        warmth += p.warmth_like * (1.0 - warmth)
    if reshared:
        warmth += p.warmth_like * (1.0 - warmth)
    if replied:
        warmth += p.warmth_reply * (1.0 - warmth)
    tie = state.ties[index]
    if liked or reshared or replied:
        tie.engaged = np.uint16(hour)
    coin, other_coin = unit(fold(key, _P_WARMTH)), unit(fold(key, _P_IRRITATION))
    write_feelings(tie, warmth, irritation, hour, coin, other_coin)
    return at


@inlined
def count_impression(viewer: np.void, post: np.void, sums: NDArray[np.int64]) -> None:
    """Add an impression to the counters of the platform."""
    sums[_IMPRESSIONS] += 1
    sums[_VALUE] += np.int64(post.quality) * np.int64(viewer.interest[post.topic])
    sums[_BEGS] += post.kind == _BEG
    sums[_PROMOTIONS] += post.kind == _PROMOTION


@inlined
def count_lost(
    state: State, impressions: NDArray[np.void], first: int, last: int, sums: NDArray[np.int64]
) -> None:
    """Add what begs have displaced to the counters of the platform."""
    for i in range(first, last):
        post = state.posts[place(state, np.int64(impressions[i].post))]
        interest = state.accounts[np.int64(impressions[i].viewer)].interest
        sums[_LOST] += np.int64(post.quality) * np.int64(interest[post.topic])


@inlined
def fetch_feed(state: State, impressions: NDArray[np.void], first: int, last: int) -> None:
    """Begin to fetch the posts and ties of these impressions."""
    for i in range(first, last):
        prefetch(state.posts, place(state, np.int64(impressions[i].post)))
        prefetch(state.ties, np.int64(impressions[i].tie))


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
    displaced: NDArray[np.uint16],
    crowding: NDArray[np.float64],
    impressions: NDArray[np.void],
    counts: NDArray[np.uint32],
    sums: NDArray[np.int64],
    seen: NDArray[np.void],
    out: NDArray[np.void],
    begins: NDArray[np.int64],
    decided: NDArray[np.int64],
) -> int:
    """Let viewers ``first`` to ``last - 1`` react to what they were shown, in order.

    ``crowding`` says how full each feed was. The viewers' decisions stand one behind the other
    in ``out``, from MOST_DECISIONS times the offset of the first on; ``begins`` and ``decided``
    say where each viewer's begin and how many they are.

    ``counts`` (one entry a place in the ring) gains the impressions of each post, ``sums`` what
    belongs to the platform's totals; both are this part's own. ``seen`` receives, from the
    offset of the first viewer on, who has seen a tracked creator; returns how many.
    """
    state = borrow(state)
    tables = borrow(tables)
    params = borrow(params)
    offsets = borrow(offsets)
    shown = borrow(shown)
    displaced = borrow(displaced)
    crowding = borrow(crowding)
    counts = borrow(counts)
    sums = borrow(sums)
    seen = borrow(seen)
    impressions = borrow(impressions)
    out = borrow(out)
    begins = borrow(begins)
    decided = borrow(decided)
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    begin = offsets[first] if first < last else 0
    at, noted = MOST_DECISIONS * begin, begin
    for k in range(first, last):
        begins[k] = at
        if k + 1 < last:
            fetch_feed(state, impressions, offsets[k + 1], offsets[k + 1] + shown[k + 1])
        end = offsets[k] + shown[k]
        for i in range(offsets[k], end):
            index = place(state, np.int64(impressions[i].post))
            post = state.posts[index]
            viewer = np.int64(impressions[i].viewer)
            counts[index] += np.uint32(1)
            count_impression(state.accounts[viewer], post, sums)
            if post.tracked != 0:
                noted = write(seen, noted, viewer, post.creator, impressions[i].post, _SEEN, 0)
            at = react_once(
                state, tables, params, prefix, hour, crowding[k], impressions[i], out, at
            )
        count_lost(state, impressions, end, end + displaced[k], sums)
        decided[k] = at - begins[k]
    sums[_RECENT_SEEN] = sums[_IMPRESSIONS]
    return noted - begin
