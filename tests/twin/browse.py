"""Phase 3: each session fills its attention."""

from math import floor, inf

from sim.kernels.layout import MAX_ATTENTION, Kind, Purpose, Route, Total

from .recommend import Routed, Spots, can_see, recommended, spots
from .records import Account, Impression, Post
from .state import State

BLOCK = 6  # hours for which sessions are drawn
VIRAL_WEIGHT = 1000
Candidate = tuple[float, int, int, Post]  # priority, uid, route: as they are compared


def browse(twin: State) -> None:
    """Fill the feeds of all who open theirs in this tick."""
    places = spots(twin)
    twin.impressions, twin.crowding = {}, {}
    visitors = []
    for viewer in twin.living():
        sessions = _sessions(twin, viewer)
        if sessions:
            visitors.append(viewer)
            twin.totals[Total.SESSIONS] += sessions
            twin.impressions[viewer.uid] = _feed(twin, viewer, sessions, places)
    for viewer in visitors:
        viewer.last_browse = twin.hour


def _sessions(twin: State, viewer: Account) -> int:
    """How many sessions a viewer opens in this tick."""
    if not viewer.sessions:
        return 0
    end = twin.hour + twin.tick_hours
    blocks = range(twin.hour // BLOCK * BLOCK, end, BLOCK)
    hours = (hour for block in blocks for hour in _hours_of_sessions(twin, viewer, block))
    return sum(twin.hour <= hour < end for hour in hours)


def _hours_of_sessions(twin: State, viewer: Account, block: int) -> list[int]:
    mean = viewer.sessions / 4
    whole = floor(mean)
    chance = twin.uniform(Purpose.SESSION, viewer.uid, 0, block)
    count = whole + (chance < mean - whole)
    words = (twin.draw(Purpose.SESSION_HOUR, viewer.uid, i, block) for i in range(count))
    return [block + ((word >> 32) * BLOCK >> 32) for word in words]


def _feed(twin: State, viewer: Account, sessions: int, places: Spots) -> list[Impression]:
    room = min(MAX_ATTENTION, sessions * viewer.attention)
    if sessions * viewer.attention > MAX_ATTENTION:
        twin.hit("feed: attention is bounded")
    followed = _from_followees(twin, viewer)
    twin.crowding[viewer.uid] = _crowding(twin, len(followed), room)
    ranked = _ranked(twin, viewer, followed + recommended(twin, viewer, sessions, places))
    if len(ranked) > room:
        twin.hit("feed: more than fits")
    shown = [Impression(viewer, entry[3], entry[2], False) for entry in ranked[:room]]
    return shown + _displaced(twin, viewer, ranked, room)


def _displaced(
    twin: State, viewer: Account, ranked: list[Candidate], room: int
) -> list[Impression]:
    """What would be in the feed if nobody begged, and is not."""
    shown = [entry for entry in ranked[:room] if entry[3].kind != Kind.BEG]
    if len(shown) == len(ranked[:room]):
        return []
    without = [entry for entry in ranked if entry[3].kind != Kind.BEG][:room]
    displaced = without[len(shown) :]
    twin.hit("feed: displaced" if displaced else "feed: a beg displaces nothing")
    return [Impression(viewer, entry[3], entry[2], True) for entry in displaced]


def _crowding(twin: State, candidates: int, room: int) -> float:
    if not room:
        twin.hit("crowding: nothing is read")
        return 0.0
    crowding = min(1.0, max(0, candidates - room) / room)
    degree = {0.0: "none", 1.0: "full"}.get(crowding, "some")
    twin.hit(f"crowding: {degree}")
    return crowding


def _from_followees(twin: State, viewer: Account) -> list[Routed]:
    found: list[Routed] = []
    for tie in viewer.ties[: viewer.follows]:
        if tie.muted:
            twin.hit("feed: muted")
            continue
        for post in twin.accounts[tie.other].chain:
            if can_see(twin, viewer, post):
                found.append((post, Route.RESHARE if post.reshare else Route.FOLLOWEE))
    return found


def _ranked(twin: State, viewer: Account, routed: list[Routed]) -> list[Candidate]:
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
        * _rate(twin, post, mean)
        / mean
    ) * (1 + platform.rank_warmth * warmth)
    if route not in (Route.FOLLOWEE, Route.RESHARE):
        weight *= platform.recommendation_weight
    return float(weight * VIRAL_WEIGHT if route == Route.VIRAL else weight)


def _rate(twin: State, post: Post, mean: float) -> float:
    platform = twin.settings.platform
    prior = platform.prior_impressions
    if platform.reach == "follower":
        twin.hit("rate: per follower")
        reach = platform.follower_reach * twin.accounts[post.author].followers
        return float((post.engaged + prior * mean) / (reach + prior))
    twin.hit("rate: per impression")
    return float((post.engaged + prior * mean) / (post.seen + prior))
