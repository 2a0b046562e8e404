"""Settle: carry out what was decided, from one thread, so that structure changes in order."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel, part
from sim.kernels.layout import NoticeKind, State, Total, Verb
from sim.kernels.lists import begin_follow, end_follow, find_tie, is_follow
from sim.kernels.posts import place, reshare

_LIKE, _REPLY, _RESHARE = int(Verb.LIKE), int(Verb.REPLY), int(Verb.RESHARE)
_FOLLOW, _UNFOLLOW, _MUTE = int(Verb.FOLLOW), int(Verb.UNFOLLOW), int(Verb.MUTE)
_SALE: Final = int(Verb.SALE)
_FOLLOWED, _DROPPED = int(NoticeKind.FOLLOWED), int(NoticeKind.DROPPED)
_REPLIED: Final = int(NoticeKind.REPLIED)
_OLDEST, _NEXT = int(Total.OLDEST_POST), int(Total.NEXT_POST)
_RECENT_ENGAGED: Final = int(Total.RECENT_ENGAGEMENTS)
_LIKES, _REPLIES, _RESHARES = int(Total.LIKES), int(Total.REPLIES), int(Total.RESHARES)
_BEAR, _BORNE = int(Verb.BEAR), int(Total.BORNE)
_FOLLOWS, _UNFOLLOWS, _MUTES = int(Total.FOLLOWS), int(Total.UNFOLLOWS), int(Total.MUTES)


@part
def notify(notices: NDArray[np.void], at: int, due: int, kind: int, target: int, actor: int) -> int:
    """Write a notice; return the next free place."""
    notice = notices[at]
    notice.due = np.uint32(due)
    notice.kind = np.uint8(kind)
    notice.target = np.uint32(target)
    notice.actor = np.uint32(actor)
    return at + 1


@part
def log(
    out: NDArray[np.void], at: int, actor: int, target: int, post: int, verb: int, label: int
) -> int:
    """Write an event of a tracked account; return the next free place."""
    event = out[at]
    event.actor, event.target = np.uint32(actor), np.uint32(target)
    event.post = np.uint32(post)
    event.verb, event.label = np.uint8(verb), np.uint8(label)
    return at + 1


@inlined
def value_of(viewer: np.void, post: np.void) -> int:
    """Return the value of a post to a viewer as an integer: quality x interest as stored."""
    return np.int64(post.quality) * np.int64(viewer.interest[post.topic])


@kernel
def tally(state: State, counts: NDArray[np.uint32], sums: NDArray[np.int64]) -> None:
    """Add up what the parts of a tick have counted, and blank their counts.

    ``counts`` (parts, ring) are the impressions of each post of the window, ``sums`` (parts,
    Total.SIZE) what belongs to the platform's totals.
    """
    state = borrow(state)
    counts = borrow(counts)
    sums = borrow(sums)
    for sequence in range(state.totals[_OLDEST], state.totals[_NEXT]):
        at = place(state, sequence)
        seen = np.uint32(0)
        for part_number in range(counts.shape[0]):
            seen += counts[part_number, at]
            counts[part_number, at] = np.uint32(0)
        if seen != 0:
            state.posts[at].seen += seen
            state.accounts[np.int64(state.posts[at].creator)].impressions += seen
    for part_number in range(sums.shape[0]):
        for total in range(sums.shape[1]):
            state.totals[total] += sums[part_number, total]


@kernel
def deliver(state: State, seen: NDArray[np.void], delivered: NDArray[np.int64]) -> None:
    """Add to ``delivered`` (one entry an account) the value of what tracked creators showed."""
    state = borrow(state)
    seen = borrow(seen)
    delivered = borrow(delivered)
    for k in range(seen.shape[0]):
        post = state.posts[place(state, np.int64(seen[k].post))]
        delivered[np.int64(post.creator)] += value_of(state.accounts[np.int64(seen[k].actor)], post)


@part
def count_engagement(state: State, sequence: int, verb: int) -> None:
    """Raise the counters of a post, its creator and the platform."""
    post = state.posts[place(state, sequence)]
    post.engaged += np.uint32(1)
    state.accounts[np.int64(post.creator)].engagements += np.uint32(1)
    state.totals[_RECENT_ENGAGED] += 1
    if verb == _LIKE:
        post.likes += np.uint32(1)
        state.totals[_LIKES] += 1
    elif verb == _RESHARE:
        state.totals[_RESHARES] += 1
    else:  # a reply, spontaneous or planned
        state.totals[_REPLIES] += 1


@part
def mute(state: State, actor: int, target: int) -> bool:
    """Mute somebody who is followed and not muted yet; tell whether it was done."""
    index = find_tie(state, actor, target)
    if not is_follow(state, actor, index) or state.ties[index].muted != 0:
        return False
    state.ties[index].muted = np.uint8(1)
    state.totals[_MUTES] += 1
    return True


@part
def follow(
    state: State,
    actor: int,
    target: int,
    origin: int,
    hour: int,
    due: int,
    notices: NDArray[np.void],
    written: int,
) -> tuple[bool, int]:
    """Let somebody follow, and the other hear of it; tell whether it did, and count notices."""
    if not begin_follow(state, actor, target, origin, hour):
        return False, written
    state.totals[_FOLLOWS] += 1
    return True, notify(notices, written, due, _FOLLOWED, target, actor)


@part
def unfollow(
    state: State, actor: int, target: int, due: int, notices: NDArray[np.void], written: int
) -> tuple[bool, int]:
    """Let somebody unfollow, and the other hear of it; tell whether it did, and count notices."""
    if not end_follow(state, actor, target):
        return False, written
    state.totals[_UNFOLLOWS] += 1
    return True, notify(notices, written, due, _DROPPED, target, actor)


@part
def carry_out(
    state: State,
    decision: np.void,
    hour: int,
    params: NDArray[np.void],
    notices: NDArray[np.void],
    written: int,
) -> tuple[bool, int]:
    """Carry out one decision; tell whether it took effect, and how many notices there are."""
    actor, target = np.int64(decision.actor), np.int64(decision.target)
    due = hour + np.int64(params[0].return_hours)
    verb = decision.verb
    if verb == _FOLLOW:
        label = np.int64(decision.label)
        return follow(state, actor, target, label, hour, due, notices, written)
    if verb == _UNFOLLOW:
        return unfollow(state, actor, target, due, notices, written)
    if verb == _MUTE:
        return mute(state, actor, target), written
    if verb == _BEAR:
        state.totals[_BORNE] += 1
        return True, written
    if verb == _SALE:  # whether it takes place is for the ledger of sales to say
        return False, written
    count_engagement(state, np.int64(decision.post), np.int64(decision.verb))
    if verb == _RESHARE:
        reshare(state, actor, np.int64(decision.post), hour, params)
    if verb == _REPLY:
        written = notify(notices, written, due, _REPLIED, target, actor)
    return True, written


@part
def touches_tracked(state: State, decision: np.void) -> bool:
    """Tell whether a decision concerns a tracked account."""
    actor, target = np.int64(decision.actor), np.int64(decision.target)
    return state.accounts[actor].tracked != 0 or state.accounts[target].tracked != 0


@kernel
def settle(
    state: State,
    decisions: NDArray[np.void],
    hour: int,
    params: NDArray[np.void],
    notices: NDArray[np.void],
    events: NDArray[np.void],
) -> tuple[int, int]:
    """Carry out decisions in order; return the numbers of notices and of tracked events."""
    state = borrow(state)
    decisions = borrow(decisions)
    params = borrow(params)
    notices = borrow(notices)
    events = borrow(events)
    written, at = 0, 0
    for k in range(decisions.shape[0]):
        decision = decisions[k]
        done, written = carry_out(state, decision, hour, params, notices, written)
        if done and touches_tracked(state, decision):
            at = log(
                events,
                at,
                decision.actor,
                decision.target,
                decision.post,
                decision.verb,
                decision.label,
            )
    return written, at


@kernel
def compact(
    viewers: int,
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
    source: NDArray[np.void],
    out: NDArray[np.void],
) -> int:
    """Gather the viewers' segments one behind the other; return how many records there are."""
    starts = borrow(starts)
    counts = borrow(counts)
    source = borrow(source)
    out = borrow(out)
    at = 0
    for k in range(viewers):
        for i in range(starts[k], starts[k] + counts[k]):
            out[at] = source[i]
            at += 1
    return at
