"""Phase 3: each session fills its attention."""

from math import floor, inf

from sim.kernels.layout import MAX_ATTENTION, Kind, Purpose, Route, Total

from .records import Account, Impression, Post
from .state import State

Spots = dict[tuple[int, int], Post]
Candidate = tuple[float, int, int, Post]  # priority, uid, route: as they are compared


def browse(twin: State) -> None:
    """Fill the feeds of all who open theirs in this tick."""
    spots = _spots(twin)
    twin.impressions = {}
    visitors = []
    for viewer in twin.living():
        sessions = _sessions(twin, viewer)
        if sessions:
            visitors.append(viewer)
            twin.totals[Total.SESSIONS] += sessions
            twin.impressions[viewer.uid] = _feed(twin, viewer, sessions, spots)
    for viewer in visitors:
        viewer.last_browse = twin.hour


def _is_ripe(twin: State, post: Post) -> bool:
    platform = twin.settings.platform
    return bool(
        post.hour + platform.lag_hours <= twin.hour
        and twin.hour - post.hour <= platform.window_hours
        and twin.accounts[post.creator].alive
    )


def _can_see(twin: State, viewer: Account, post: Post) -> bool:
    fresh = post.hour + twin.settings.platform.lag_hours > viewer.last_browse
    return fresh and post.creator != viewer.uid and _is_ripe(twin, post)


def _spots(twin: State) -> Spots:
    spots: Spots = {}
    for account in twin.accounts.values():
        for post in account.chain:
            if not post.reshare and _is_ripe(twin, post):
                place = (post.topic, post.uid & twin.spots_length - 1)
                held = spots.get(place)
                if held:
                    twin.hit("spot: contested")
                if held is None or post.uid < held.uid:
                    spots[place] = post
    return spots


def _sessions(twin: State, viewer: Account) -> int:
    mean = viewer.sessions * twin.tick_hours / 24
    whole = floor(mean)
    return whole + (twin.uniform(Purpose.SESSION, viewer.uid, 0, twin.hour) < mean - whole)


def _feed(twin: State, viewer: Account, sessions: int, spots: Spots) -> list[Impression]:
    places = min(MAX_ATTENTION, sessions * viewer.attention)
    if sessions * viewer.attention > MAX_ATTENTION:
        twin.hit("feed: attention is bounded")
    routed = _from_followees(twin, viewer) + _recommended(twin, viewer, sessions, spots)
    ranked = _ranked(twin, viewer, routed)
    shown = ranked[:places]
    impressions = [Impression(viewer, entry[3], entry[2], False) for entry in shown]
    if len(ranked) > places:
        twin.hit("feed: more than fits")
    if any(entry[3].kind == Kind.BEG for entry in shown):
        without = [entry for entry in ranked if entry[3].kind != Kind.BEG][:places]
        displaced = without[len([entry for entry in shown if entry[3].kind != Kind.BEG]) :]
        twin.hit("feed: displaced" if displaced else "feed: a beg displaces nothing")
        impressions += [Impression(viewer, entry[3], entry[2], True) for entry in displaced]
    return impressions


def _from_followees(twin: State, viewer: Account) -> list[tuple[Post, int]]:
    found: list[tuple[Post, int]] = []
    for tie in viewer.ties[: viewer.follows]:
        if tie.muted:
            twin.hit("feed: muted")
            continue
        for post in twin.accounts[tie.other].chain:
            if _can_see(twin, viewer, post):
                found.append((post, Route.RESHARE if post.reshare else Route.FOLLOWEE))
    return found


def _recommended(
    twin: State, viewer: Account, sessions: int, spots: Spots
) -> list[tuple[Post, int]]:
    found: list[tuple[Post, int]] = []
    for j in range(sessions * twin.settings.platform.recommendations):
        chance = twin.uniform(Purpose.FRIEND_OR_TOPIC, viewer.uid, j, twin.hour)
        if chance < twin.settings.platform.friend_share:
            post, route = _by_friend(twin, viewer, 8 * j), Route.FRIEND
        else:
            post, route = _by_topic(twin, viewer, 8 * j, spots), Route.TOPIC
        twin.hit(f"recommend: {route.name.lower()} {'found' if post else 'nothing'}")
        if post and any(post is other for other, _ in found):
            twin.hit("recommend: twice")
        elif post:
            found.append((post, route))
    return found


def _by_friend(twin: State, viewer: Account, base: int) -> Post | None:
    friend = twin.followee(viewer, Purpose.FRIEND, viewer.uid, base)
    if friend is None:
        return None
    other = twin.followee(friend, Purpose.FRIEND_OF_FRIEND, viewer.uid, base)
    if other is None or other is viewer or viewer.is_following(other.uid):
        twin.hit("friend: nobody new")
        return None
    own = (post for post in reversed(other.chain) if not post.reshare)
    return next((post for post in own if _can_see(twin, viewer, post)), None)


def _by_topic(twin: State, viewer: Account, base: int, spots: Spots) -> Post | None:
    topic = _topic(twin, viewer, base)
    if topic is None:
        twin.hit("topic: no interest")
        return None
    for t in range(4):
        spot = twin.draw(Purpose.SPOT, viewer.uid, base + t, twin.hour)
        post = spots.get((topic, spot & twin.spots_length - 1))
        if post and _can_see(twin, viewer, post):
            if viewer.is_following(post.creator):
                twin.hit("topic: follows the creator")
                return None
            return post
    return None


def _topic(twin: State, viewer: Account, base: int) -> int | None:
    for t in range(4):
        word = twin.draw(Purpose.TOPIC, viewer.uid, base + t, twin.hour)
        if word >> 8 & 255 < viewer.interest[word >> 61]:
            return word >> 61
    return None


def _ranked(twin: State, viewer: Account, routed: list[tuple[Post, int]]) -> list[Candidate]:
    chance = twin.uniform(Purpose.CHRONOLOGICAL, viewer.uid, 0, twin.hour)
    chronological = chance < twin.chronological_share
    twin.hit("ranking: chronological" if chronological else "ranking: by weight")
    ranked: list[Candidate] = []
    for post, route in routed:
        chance = twin.uniform(Purpose.RANK, viewer.uid, post.uid, twin.hour)
        if chronological:
            priority = twin.hour - post.hour + chance
        else:
            weight = _weight(twin, viewer, post, route)
            if not weight:
                twin.hit("ranking: no weight")
            priority = (chance + 2.0**-53) / weight if weight else inf
        ranked.append((priority, post.uid, route, post))
    return sorted(ranked, key=lambda entry: entry[:3])


def _weight(twin: State, viewer: Account, post: Post, route: int) -> float:
    platform = twin.settings.platform
    tie = viewer.tie(post.author)
    warmth = twin.warmth(tie) if tie else 0.0
    mean = (twin.totals[Total.RECENT_ENGAGEMENTS] + 3) / (
        twin.totals[Total.RECENT_IMPRESSIONS] + 100
    )
    weight = (
        platform.freshness_hours
        / (platform.freshness_hours + (twin.hour - post.hour))
        * (1 + platform.rank_warmth * warmth)
        * _rate(twin, post, mean)
        / mean
    )
    recommended = route in (Route.FRIEND, Route.TOPIC)
    return float(weight * platform.recommendation_weight if recommended else weight)


def _rate(twin: State, post: Post, mean: float) -> float:
    platform = twin.settings.platform
    prior = platform.prior_impressions
    if platform.reach == "follower":
        twin.hit("rate: per follower")
        reach = platform.follower_reach * twin.accounts[post.author].followers
        return float((post.engaged + prior * mean) / (reach + prior))
    twin.hit("rate: per impression")
    return float((post.engaged + prior * mean) / (post.seen + prior))
