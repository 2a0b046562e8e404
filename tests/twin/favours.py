"""Likes and comments that were planned, and answers to needs."""

from typing import Final

from sim.kernels.layout import ARRANGED, NoticeKind, Origin, Purpose, Total, Verb

from .arithmetic import happens, quality_of
from .odds import follow_odds
from .records import Account, Need, Post, Tie
from .state import State

JUDGED_ONCE: Final = (Verb.LIKE, Verb.COMMENT, Verb.HELP)  # a second one is pointless
ROUND_PLAN: Final = (Purpose.ROUND_PLAN_WARMTH, Purpose.ROUND_PLAN_IRRITATION)
ROUND_HELP: Final = (Purpose.ROUND_HELP_WARMTH, Purpose.ROUND_HELP_IRRITATION)


def fresh_post(twin: State, account: Account) -> Post | None:
    """The latest own post of an account that was published by now, if it is of the last day."""
    platform = twin.settings.platform
    now, lag = twin.hour, platform.lag_hours
    own = [post for post in account.chain if not post.reshare]
    published = [post for post in own if post.hour + lag <= now]
    if len(published) < len(own):
        twin.hit("fresh post: a later one is not public")
    if not published:
        return None
    latest = published[-1]
    if latest.hour + lag > now - 24 and now - latest.hour <= platform.window_hours:
        twin.hit("fresh post: below a reshare" if account.chain[-1].reshare else "fresh post")
        return latest
    twin.hit("fresh post: too old")
    return None


def like(twin: State, actor: Account, target: Account, flags: int) -> None:
    """Like somebody's fresh post."""
    post = _engage(twin, target)
    post.likes += 1
    twin.totals[Total.LIKES] += 1
    gain = twin.settings.behaviour.warmth_like
    if flags & ARRANGED:
        _by_arrangement(twin, actor, target, gain)
    else:
        _warm(twin, actor, actor.tie(target.uid), gain)


def comment(twin: State, actor: Account, target: Account, flags: int) -> None:
    """Comment on somebody's fresh post."""
    _engage(twin, target)
    twin.totals[Total.REPLIES] += 1
    gain = twin.settings.behaviour.warmth_reply
    if flags & ARRANGED:
        _by_arrangement(twin, actor, target, gain)
    else:
        _warm(twin, actor, twin.known(actor, target), gain)
        twin.notify(target, actor, NoticeKind.REPLIED)


def _engage(twin: State, target: Account) -> Post:
    post = fresh_post(twin, target)
    assert post is not None
    post.engaged += 1
    target.engagements += 1
    twin.totals[Total.RECENT_ENGAGEMENTS] += 1
    return post


def _by_arrangement(twin: State, actor: Account, target: Account, usual: float) -> None:
    twin.totals[Total.ARRANGED] += 1
    gain = twin.settings.behaviour.arranged_warmth * usual
    tie = actor.tie(target.uid)
    if tie is None or not gain > 0:
        twin.hit("arranged: without gain" if tie else "arranged: among strangers")
        return
    twin.hit("arranged: warmer")
    warmth = twin.warmth(tie)
    warmth += gain * (1 - warmth)
    twin.keep(actor, tie, (warmth, twin.irritation(tie)), ROUND_PLAN)


def _warm(twin: State, actor: Account, tie: Tie | None, gain: float) -> None:
    if tie is None:
        twin.hit("favour: for a stranger")
        return
    twin.hit("favour: for somebody known")
    warmth = twin.warmth(tie)
    warmth += gain * (1 - warmth)
    twin.keep(actor, tie, (warmth, twin.irritation(tie)), ROUND_PLAN)
    tie.engaged = twin.hour


def help_asker(twin: State, actor: Account, asker: Account) -> bool:
    """Answer a need, and say whether that helped."""
    need = twin.needs[asker.uid]
    noise = 0.5 + twin.uniform(Purpose.HELP_NOISE, actor.uid, asker.uid, twin.hour)
    quality = quality_of(actor.craft, twin.settings.behaviour.prices.help, noise)
    if not _does_help(twin, actor, need, quality):
        _disappoint(twin, asker, actor)
        return False
    twin.totals[Total.HELPED] += 1
    for owner, other in ((asker, actor), (actor, asker)):
        _grow_fond(twin, owner, other)
    if not asker.is_following(actor.uid):
        _follow_perhaps(twin, asker, actor, quality)
    else:
        twin.hit("help: follows already")
    return True


def _does_help(twin: State, actor: Account, need: Need, quality: int) -> bool:
    chance = twin.uniform(Purpose.HELP, actor.uid, need.asker, twin.hour)
    return chance < quality / 4096 * actor.interest[need.topic] / 255


def _disappoint(twin: State, asker: Account, actor: Account) -> None:
    twin.hit("help: did not help")
    tie = twin.known(asker, actor)
    irritation = twin.irritation(tie) + twin.settings.behaviour.help_irritation
    twin.keep(asker, tie, (twin.warmth(tie), irritation), ROUND_HELP)


def _grow_fond(twin: State, owner: Account, other: Account) -> None:
    tie = twin.known(owner, other)
    warmth = twin.warmth(tie)
    warmth += twin.settings.behaviour.warmth_help * (1 - warmth)
    twin.keep(owner, tie, (warmth, twin.irritation(tie)), ROUND_HELP)
    tie.engaged = twin.hour


def _follow_perhaps(twin: State, asker: Account, actor: Account, quality: int) -> None:
    pair = asker.uid, actor.uid
    tie = asker.tie(actor.uid)
    assert tie is not None
    checks = twin.uniform(Purpose.PROFILE, *pair, twin.hour)
    odds = follow_odds(twin, asker, actor, quality / 4096, checks, twin.warmth(tie))
    if happens(twin.uniform(Purpose.HELP_FOLLOW, *pair, twin.hour), odds):
        twin.hit("help: follow")
        twin.begin_follow(asker, actor, Origin.HELP)
    else:
        twin.hit("help: no follow")
