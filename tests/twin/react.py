"""Phase 4: what each impression makes of its viewer, and what follows from it."""

from sim.kernels.layout import EXPECTATION, Kind, NoticeKind, Origin, Purpose, Route, Total

from .arithmetic import happens, store
from .feel import feel
from .gaze import Decisions, Gaze
from .odds import follow_odds
from .records import Account, Impression, Post
from .state import State


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
        feel(gaze, gaze.tie, decisions)
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
    tie = gaze.viewer.tie(gaze.creator.uid)
    warmth = gaze.twin.warmth(tie) if tie else 0.0
    if tie and tie is not gaze.tie:
        gaze.twin.hit("follow: knows whose post was reshared")
    checks = gaze.uniform(Purpose.PROFILE)
    return follow_odds(gaze.twin, gaze.viewer, gaze.creator, gaze.value, checks, warmth)


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
    if decisions.bear:
        twin.totals[Total.BORNE] += 1


def _origin(impression: Impression) -> Origin:
    if impression.post.kind == Kind.BEG:
        return Origin.BEGGING
    return {
        Route.RESHARE: Origin.RESHARE,
        Route.FRIEND: Origin.RECOMMENDATION,
        Route.POPULAR: Origin.RECOMMENDATION,
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
    behaviour = twin.settings.behaviour
    last = twin.sales.get((viewer.uid, creator.uid))
    if last is not None and _is_too_soon(twin.hour - last, 24 * behaviour.sale_pause_days):
        twin.hit("react: bought just now" if last == twin.hour else "react: bought lately")
        return
    twin.hit("react: sale")
    creator.dollars += behaviour.sale_dollars
    twin.sales[viewer.uid, creator.uid] = twin.hour


def _is_too_soon(hours: int, pause: int) -> bool:
    return hours < pause or not hours  # of several in a tick the first counts


def _mute(twin: State, viewer: Account, author: Account) -> None:
    tie = viewer.tie(author.uid)
    if tie and viewer.is_following(author.uid) and not tie.muted:
        tie.muted = 1
        twin.totals[Total.MUTES] += 1
        twin.hit("react: mute")
    else:
        twin.hit("react: nothing to mute")
