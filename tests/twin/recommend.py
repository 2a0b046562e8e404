"""Phase 3, recommendations: by friends, by popularity, by topic, and what goes viral."""

from collections.abc import Callable

from sim.kernels.layout import Purpose, Route

from .records import Account, Hit, Post
from .state import State

Spots = dict[tuple[int, int], Post]
Routed = tuple[Post, Route]
Look = Callable[[State, Account, int, Spots], Post | None]


def is_ripe(twin: State, post: Post) -> bool:
    """Whether a post can be seen by anybody at all."""
    platform = twin.settings.platform
    return bool(
        post.hour + platform.lag_hours <= twin.hour
        and twin.hour - post.hour <= platform.window_hours
        and twin.accounts[post.creator].alive
    )


def can_see(twin: State, viewer: Account, post: Post) -> bool:
    """Whether a viewer can see a post and has not had the chance before."""
    fresh = post.hour + twin.settings.platform.lag_hours > viewer.last_browse
    return fresh and post.creator != viewer.uid and is_ripe(twin, post)


def spots(twin: State) -> Spots:
    """Where posts are found by topic."""
    found: Spots = {}
    for account in twin.accounts.values():
        for post in account.chain:
            if not post.reshare and is_ripe(twin, post):
                place = (post.topic, post.uid & twin.spots_length - 1)
                held = found.get(place)
                if held:
                    twin.hit("spot: contested")
                if held is None or post.uid < held.uid:
                    found[place] = post
    return found


def recommended(twin: State, viewer: Account, sessions: int, places: Spots) -> list[Routed]:
    """What is recommended to a viewer in all sessions of a tick."""
    found: list[Routed] = []
    for j in range(sessions * twin.settings.platform.recommendations):
        route = _route(twin, viewer, j)
        post = LOOKS[route](twin, viewer, 8 * j, places)
        twin.hit(f"recommend: {route.name.lower()} {'found' if post else 'nothing'}")
        _take(twin, found, post, route)
    for hit in twin.viral:
        _take(twin, found, _by_hit(twin, viewer, hit), Route.VIRAL)
    return found


def _take(twin: State, found: list[Routed], post: Post | None, route: Route) -> None:
    if post and any(post is other for other, _ in found):
        twin.hit("viral: found already" if route == Route.VIRAL else "recommend: twice")
    elif post:
        found.append((post, route))


def _route(twin: State, viewer: Account, j: int) -> Route:
    platform = twin.settings.platform
    chance = twin.uniform(Purpose.FRIEND_OR_TOPIC, viewer.uid, j, twin.hour)
    if chance < platform.friend_share:
        return Route.FRIEND
    if chance < platform.friend_share + platform.popularity_share:
        return Route.POPULAR
    return Route.TOPIC


def _by_friend(twin: State, viewer: Account, base: int, _: Spots) -> Post | None:
    friend = twin.followee(viewer, twin.words(Purpose.FRIEND, viewer.uid, base))
    if friend is None:
        return None
    word = twin.words(Purpose.FRIEND_OF_FRIEND, viewer.uid, base)
    return _new_to(twin, viewer, twin.followee(friend, word))


def _by_popularity(twin: State, viewer: Account, base: int, _: Spots) -> Post | None:
    somebody = twin.somebody(twin.words(Purpose.POPULAR, viewer.uid, base), 8)
    if somebody is None:
        return None
    word = twin.words(Purpose.POPULAR_FOLLOWEE, viewer.uid, base)
    return _new_to(twin, viewer, twin.followee(somebody, word))


def _new_to(twin: State, viewer: Account, other: Account | None) -> Post | None:
    if other is None or other is viewer or viewer.is_following(other.uid):
        twin.hit("friend: nobody new")
        return None
    return _latest(twin, viewer, other)


def _latest(twin: State, viewer: Account, other: Account) -> Post | None:
    own = (post for post in reversed(other.chain) if not post.reshare)
    return next((post for post in own if can_see(twin, viewer, post)), None)


def _by_topic(twin: State, viewer: Account, base: int, places: Spots) -> Post | None:
    topic = twin.topic_of_interest(viewer, twin.words(Purpose.TOPIC, viewer.uid, base))
    if topic is None:
        twin.hit("topic: no interest")
        return None
    for t in range(4):
        spot = twin.draw(Purpose.SPOT, viewer.uid, base + t, twin.hour)
        post = places.get((topic, spot & twin.spots_length - 1))
        if post and can_see(twin, viewer, post):
            if viewer.is_following(post.creator):
                twin.hit("topic: follows the creator")
                return None
            return post
    return None


def _by_hit(twin: State, viewer: Account, hit: Hit) -> Post | None:
    if hit.until <= twin.hour:
        twin.hit("viral: over")
        return None
    if viewer.uid == hit.account or viewer.is_following(hit.account):
        twin.hit("viral: oneself" if viewer.uid == hit.account else "viral: follows it")
        return None
    if not twin.uniform(Purpose.VIRAL, viewer.uid, hit.account, twin.hour) < hit.reach:
        twin.hit("viral: not reached")
        return None
    post = _latest(twin, viewer, twin.accounts[hit.account])
    twin.hit("viral: found" if post else "viral: nothing to see")
    return post


LOOKS: dict[Route, Look] = {
    Route.FRIEND: _by_friend,
    Route.POPULAR: _by_popularity,
    Route.TOPIC: _by_topic,
}
