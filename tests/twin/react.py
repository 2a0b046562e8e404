"""Phase 4: what each impression makes of its viewer, and what follows from it."""

from dataclasses import dataclass

from sim.kernels.layout import (
    EXPECTATION,
    IRRITATION,
    PROFILE,
    WARMTH,
    Cause,
    Kind,
    NoticeKind,
    Origin,
    Purpose,
    Route,
    Total,
)

from .arithmetic import happens, store
from .records import Account, Impression, Post, Tie
from .state import State

KIND_AS_CAUSE = {
    Kind.SELF_TALK: Cause.SELF_TALK,
    Kind.PROMOTION: Cause.PROMOTION,
    Kind.BEG: Cause.BEGGING,
}


@dataclass
class Decisions:
    """What a viewer decided on one impression."""

    like: bool = False
    reply: bool = False
    reshare: bool = False
    follow: bool = False
    sale: bool = False
    unfollow: bool = False
    mute: bool = False
    cause: Cause = Cause.LOW_VALUE


class Gaze:
    """One viewer before one post: what the formulas name."""

    def __init__(self, twin: State, impression: Impression) -> None:
        self.twin = twin
        self.viewer = impression.viewer
        self.post = impression.post
        self.creator = twin.accounts[impression.post.creator]
        self.match = self.viewer.interest[self.post.topic] / 255
        self.value = self.post.quality / 4096 * self.match
        self.tie = self.viewer.tie(self.post.author)
        self.warmth = twin.warmth(self.tie) if self.tie else 0.0
        self.irritation = twin.irritation(self.tie) if self.tie else 0.0
        self.expectation = self.viewer.expectation / 65535

    def uniform(self, purpose: int) -> float:
        """The draw for a purpose, this viewer and this post."""
        return self.twin.uniform(purpose, self.viewer.uid, self.post.uid, self.twin.hour)


def react(twin: State) -> None:
    """Let all viewers decide, then let their decisions take effect."""
    decided: list[tuple[Impression, Decisions]] = []
    for impressions in twin.impressions.values():
        for impression in impressions:
            if impression.displaced:
                twin.totals[Total.VALUE_LOST] += _stored_value(impression)
            else:
                decided.append((impression, _decide(Gaze(twin, impression))))
    for impression, decisions in decided:
        _count(twin, impression)
        _take_effect(twin, impression, decisions)


def _stored_value(impression: Impression) -> int:
    return impression.post.quality * impression.viewer.interest[impression.post.topic]


def _decide(gaze: Gaze) -> Decisions:
    behaviour = gaze.twin.settings.behaviour
    decisions = Decisions()
    odds = _like_odds(gaze, gaze.value)
    decisions.like = happens(gaze.uniform(Purpose.LIKE), odds)
    odds = odds * behaviour.reply_factor
    decisions.reply = happens(gaze.uniform(Purpose.REPLY), odds)
    decisions.reshare = happens(gaze.uniform(Purpose.RESHARE), _reshare_odds(gaze))
    if not gaze.viewer.is_following(gaze.creator.uid):
        decisions.follow = happens(gaze.uniform(Purpose.FOLLOW), _follow_odds(gaze))
    if gaze.creator.offer > 0:
        decisions.sale = happens(gaze.uniform(Purpose.SALE), _sale_odds(gaze))
    _learn(gaze)
    if gaze.tie:
        _feel(gaze, gaze.tie, decisions)
    return decisions


def _like_odds(gaze: Gaze, value: float) -> float:
    twin, behaviour = gaze.twin, gaze.twin.settings.behaviour
    return float(
        behaviour.like_odds
        * value
        / (1 - value + behaviour.like_epsilon)
        * (1 + behaviour.like_warmth * gaze.warmth)
        * (1 + twin.kappa * twin.proof(gaze.post.likes))
        / (1 + gaze.post.repeat)
    )


def _reshare_odds(gaze: Gaze) -> float:
    behaviour = gaze.twin.settings.behaviour
    odds = _like_odds(gaze, gaze.post.spread / 4096 * gaze.match)
    odds = odds * behaviour.reshare_factor * gaze.viewer.reshare
    return float(odds * behaviour.asking_factor if gaze.post.asks else odds)


def _follow_odds(gaze: Gaze) -> float:
    twin, viewer, creator = gaze.twin, gaze.viewer, gaze.creator
    behaviour = twin.settings.behaviour
    profile = creator.profile
    mean = 0.0
    for quality, topic in profile:
        mean += quality / 4096 * viewer.interest[topic] / 255
    mean = mean / len(profile) if profile else 0.0
    if len(profile) < PROFILE:
        twin.hit("follow: short profile")
    return float(
        behaviour.follow_odds
        * viewer.curiosity
        * (mean / max(gaze.expectation, 0.02))
        * (1 + twin.kappa * twin.proof(creator.followers))
        + twin.reciprocity(viewer, creator)
    )


def _sale_odds(gaze: Gaze) -> float:
    twin, behaviour = gaze.twin, gaze.twin.settings.behaviour
    return float(
        behaviour.sale_odds
        * gaze.match
        * gaze.creator.offer
        * (1 + behaviour.sale_warmth * gaze.warmth)
        * (1 + twin.sale_proof * twin.proof(gaze.creator.followers))
    )


def _learn(gaze: Gaze) -> None:
    memory = gaze.twin.settings.behaviour.expectation_memory
    learned = gaze.expectation + (gaze.value - gaze.expectation) / memory
    chance = gaze.uniform(Purpose.ROUND_EXPECTATION)
    gaze.viewer.expectation = store(learned, EXPECTATION, 65535, chance)


def _feel(gaze: Gaze, tie: Tie, decisions: Decisions) -> None:
    behaviour = gaze.twin.settings.behaviour
    disappointment = max(0.0, gaze.expectation - gaze.value)
    repetition = behaviour.repetition * gaze.post.repeat
    irritation = gaze.irritation + behaviour.irritation_gain * (
        disappointment + repetition + _distaste(gaze)
    )
    if gaze.viewer.is_following(tie.other):
        _lose_patience(gaze, irritation, decisions)
        decisions.cause = KIND_AS_CAUSE.get(Kind(gaze.post.kind), Cause.LOW_VALUE)
        if repetition > disappointment:
            decisions.cause = Cause.REPETITION
    else:
        gaze.twin.hit("react: acquaintance")
    warmth = _warmed(gaze, decisions)
    if decisions.like or decisions.reply or decisions.reshare:
        tie.engaged = gaze.twin.hour
    tie.warmth = store(warmth, WARMTH, 255, gaze.uniform(Purpose.ROUND_WARMTH))
    tie.irritation = store(irritation, IRRITATION, 255, gaze.uniform(Purpose.ROUND_IRRITATION))
    tie.touched = gaze.twin.hour


def _distaste(gaze: Gaze) -> float:
    behaviour = gaze.twin.settings.behaviour
    distaste = {
        Kind.SELF_TALK: behaviour.distaste_self_talk,
        Kind.PROMOTION: behaviour.distaste_promotion,
        Kind.BEG: behaviour.distaste_beg,
    }
    return float(distaste.get(Kind(gaze.post.kind), 0.0))


def _lose_patience(gaze: Gaze, irritation: float, decisions: Decisions) -> None:
    behaviour = gaze.twin.settings.behaviour
    square = irritation * irritation
    hazard = (
        behaviour.leave_hazard * square / (1 + square) / (1 + behaviour.leave_warmth * gaze.warmth)
    )
    if not gaze.uniform(Purpose.LEAVE) < hazard:
        return
    if gaze.uniform(Purpose.DILIGENCE) < gaze.viewer.diligence:
        decisions.unfollow = True
    elif gaze.uniform(Purpose.MUTE) < behaviour.mute:
        decisions.mute = True
    else:
        gaze.twin.hit("react: annoyed but idle")


def _warmed(gaze: Gaze, decisions: Decisions) -> float:
    behaviour = gaze.twin.settings.behaviour
    warmth = gaze.warmth
    if decisions.like:
        warmth += behaviour.warmth_like * (1 - warmth)
    if decisions.reshare:
        warmth += behaviour.warmth_like * (1 - warmth)
    if decisions.reply:
        warmth += behaviour.warmth_reply * (1 - warmth)
    return float(warmth)


def _count(twin: State, impression: Impression) -> None:
    post = impression.post
    post.seen += 1
    twin.accounts[post.creator].impressions += 1
    twin.totals[Total.IMPRESSIONS] += 1
    twin.totals[Total.RECENT_IMPRESSIONS] += 1
    twin.totals[Total.VALUE] += _stored_value(impression)
    if post.kind == Kind.BEG:
        twin.totals[Total.BEG_IMPRESSIONS] += 1
    if post.kind == Kind.PROMOTION:
        twin.totals[Total.PROMOTION_IMPRESSIONS] += 1
    twin.hit(f"seen: {Route(impression.route).name.lower()}")


def _take_effect(twin: State, impression: Impression, decisions: Decisions) -> None:
    viewer, post = impression.viewer, impression.post
    creator, author = twin.accounts[post.creator], twin.accounts[post.author]
    if decisions.like:
        _engage(twin, post, Total.LIKES)
        post.likes += 1
    if decisions.reply:
        _engage(twin, post, Total.REPLIES)
        twin.notify(creator, viewer, NoticeKind.REPLIED)
    if decisions.reshare:
        _engage(twin, post, Total.RESHARES)
        _reshare(twin, viewer, post)
    if decisions.follow:
        origin = _origin(impression)
        begun = twin.begin_follow(viewer, creator, origin)
        twin.hit("react: follow" if begun else "react: followed just now")
    if decisions.sale:
        _sell(twin, viewer, creator)
    if decisions.unfollow:
        ended = twin.end_follow(viewer, author, decisions.cause)
        twin.hit("react: unfollow" if ended else "react: unfollowed just now")
    if decisions.mute:
        _mute(twin, viewer, author)


def _origin(impression: Impression) -> Origin:
    if impression.post.kind == Kind.BEG:
        return Origin.BEGGING
    return {
        Route.RESHARE: Origin.RESHARE,
        Route.FRIEND: Origin.RECOMMENDATION,
    }.get(Route(impression.route), Origin.CONTENT)


def _engage(twin: State, post: Post, total: Total) -> None:
    post.engaged += 1
    twin.accounts[post.creator].engagements += 1
    twin.totals[total] += 1
    twin.totals[Total.RECENT_ENGAGEMENTS] += 1
    twin.hit(f"react: {total.name.lower()}")


def _reshare(twin: State, viewer: Account, post: Post) -> None:
    oldest = twin.hour - twin.settings.platform.window_hours
    if any(own.root == post.root and own.hour >= oldest for own in viewer.chain):
        twin.hit("react: reshared lately")
        return
    viewer.chain.append(
        Post(
            uid=twin.reshare_uid(post.root, viewer.uid),
            root=post.root,
            author=viewer.uid,
            creator=post.creator,
            hour=twin.hour,
            quality=post.quality,
            spread=post.spread,
            kind=post.kind,
            topic=post.topic,
            asks=post.asks,
            reshare=1,
            repeat=twin.repeat(viewer, twin.hour),
        )
    )


def _sell(twin: State, viewer: Account, creator: Account) -> None:
    pause = 24 * twin.settings.behaviour.sale_pause_days
    last = twin.sales.get((viewer.uid, creator.uid))
    if last is not None and twin.hour - last < pause:
        twin.hit("react: bought lately")
        return
    twin.hit("react: sale")
    twin.sales[viewer.uid, creator.uid] = twin.hour


def _mute(twin: State, viewer: Account, author: Account) -> None:
    tie = viewer.tie(author.uid)
    if tie and viewer.is_following(author.uid) and not tie.muted:
        tie.muted = 1
        twin.totals[Total.MUTES] += 1
        twin.hit("react: mute")
    else:
        twin.hit("react: nothing to mute")
