"""Each mechanism, switched off: it changes what it should, and nothing else.

Two models live through the same days in the same burnt-in world, one with a mechanism and one
without. Draws are keyed by what they decide, so both agree to the bit until the mechanism acts
for the first time. That must come, in the phase in which the mechanism belongs, and what differs
then must be the columns, and the rows, that it may touch.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import worlds
from sim.actions import Account
from sim.kernels import draws
from sim.kernels.layout import (
    AccountKind,
    Kind,
    NoticeKind,
    Origin,
    Purpose,
    Refusal,
    Route,
    Total,
    Verb,
)
from sim.model import FollowerModel
from sim.scenario import Scenario
from sim.settings import Behaviour, Platform, Prices, Section, Sponsors, Vendor
from sim.world.world import World
from worlds import Moment, Script, Settings

# ---- the worlds ---------------------------------------------------------------------------

PLAIN = worlds.named(rest=worlds.protagonist("one", "idle", lines="money = 5"))
IMITATORS = worlds.named(
    population=worlds.NAMED_POPULATION.replace("{ casual = 1 }", "{ casual = 0.6, idle = 0.4 }"),
    rest=worlds.protagonist("one", "idle"),
)


Seen = tuple[int, int]  # uids of viewer and author


def shown(moment: Moment, suits: Callable[[np.void], bool]) -> set[Seen]:
    """Viewer and author of all posts shown that suit."""
    return shown_to(moment, lambda viewer, post: suits(post))


def shown_to(moment: Moment, suits: Callable[[int, np.void], bool]) -> set[Seen]:
    """Viewer and author (who put it in the feed) of all posts shown that suit the viewer."""
    uids, posts = moment.on.world.accounts["uid"].tolist(), worlds.post_of(moment.on.world)
    return {
        (viewer, uids[posts[uid]["author"]])
        for viewer, feed in worlds.feeds(moment.on).items()
        for uid, _ in feed
        if suits(viewer, posts[uid])
    }


def owners(moment: Moment, column: str) -> set[int]:
    """The uids of those whose ties differ in a column."""
    return {owner for owner, _ in moment.changes.get(column, set())}


def values(model: FollowerModel, column: str) -> dict[Any, Any]:
    """A column of a model's picture."""
    return worlds.picture(model)[column]


# ---- the table ----------------------------------------------------------------------------

Check = Callable[[Moment], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One mechanism: how it is switched off, where it acts first, what differs then.

    ``given`` are settings of both models. ``moves`` are columns that must differ, ``may`` others
    that may; nothing else may. In ``more`` the mechanism makes values greater, wherever they
    differ. ``script`` is told to both before each day.
    """

    mechanism: str = field(kw_only=False)
    off: Settings = field(kw_only=False)
    check: Check | None = field(default=None, kw_only=False)
    given: Settings = field(default_factory=dict)
    phase: str
    moves: str
    may: str = ""
    more: str = ""
    script: Script | None = None
    world: Scenario = PLAIN


ONE_POST = {"account.sessions": 1.0, "account.attention": 1}  # no feed works on itself
NO_LEAVES = {"behaviour.leave_hazard": 0.0}
NO_FOLLOWS = {
    "behaviour.follow_odds": 0.0,
    "behaviour.reciprocity_odds": 0.0,
    "behaviour.follow_back_odds": 0.0,
}
NO_NEEDS = {"population.needs_per_day": 0.0}
CALM = {**ONE_POST, **NO_LEAVES, **NO_NEEDS}
NO_LIKES = {"behaviour.like_odds": 0.0}
NO_RESHARES = {"behaviour.reshare_factor": 0.0}
NO_REPLIES = {"behaviour.reply_factor": 0.0}
ONLY_LIKES = {**CALM, **NO_FOLLOWS, **NO_RESHARES, **NO_REPLIES}
ONLY_STRANGERS = {**CALM, **NO_LIKES, "behaviour.reciprocity_odds": 0.0}
NO_FEEDBACK = {**CALM, **NO_FOLLOWS}
NO_VIEWERS = {"account.sessions": 0.0, **NO_NEEDS}
WARM = {"tie.warmth": 200}
ACQUAINTED = {"account.follows": 0, "account.followers": 0, **WARM}  # nobody follows anybody
ANNOYED = {**ONE_POST, **NO_LIKES, **NO_FOLLOWS, "tie.irritation": 150}

ENGAGED = "post.engaged account.engagements total.RECENT_ENGAGEMENTS"
WARMED = "tie.warmth tie.engaged"
LIKED = f"{ENGAGED} post.likes total.LIKES"
REPLIED = f"{ENGAGED} total.REPLIES notices"
RESHARED = f"{ENGAGED} total.RESHARES"
PUBLISHED = "post account.latest"
BEGAN = "list.order account.follows account.followers notices total.FOLLOWS"
BECAME = "tie tie.follow tie.start tie.origin account.ties"  # a new tie, or an acquaintance
ENDED = "list.order account.follows account.followers notices total.UNFOLLOWS"
LET_GO = "tie tie.follow tie.muted account.ties"  # forgotten, or remembered
DELETED = "account.alive tie list.order account.follows account.ties account.followers"
QUALITY = "post.quality post.spread account.profile_quality"
MET = "tie tie.touched tie.engaged list.order account.ties"


# ---- what scripts make accounts do --------------------------------------------------------


def one(model: FollowerModel) -> Account:
    """The first protagonist, with its verbs."""
    return speaker(model, int(worlds.rows_of(model.world, AccountKind.PROTAGONIST)[0]))


def speaker(model: FollowerModel, row: int) -> Account:
    """The account in a row, with its verbs."""
    return Account(model.world, np.array([row], np.uint32), model.spoken)


def posts(model: FollowerModel) -> None:
    """A protagonist that posts."""
    one(model).post(20, count=4)


def begs(model: FollowerModel) -> None:
    """A protagonist that begs, again and again."""
    for _ in range(4):
        one(model).beg()


def advertises(model: FollowerModel) -> None:
    """A protagonist that advertises."""
    one(model).post(kind=Kind.PROMOTION, count=4)


def follows(model: FollowerModel) -> None:
    """A protagonist that follows ten people a day."""
    one(model).follow(one(model).find(10, "anyone"))


def drops(model: FollowerModel) -> None:
    """A protagonist that drops three people a day."""
    one(model).unfollow(one(model).following_list()[:3])


def buys(model: FollowerModel) -> None:
    """A protagonist that buys followers on the first day."""
    if model.day == 0:
        one(model).buy(90)


def joins(model: FollowerModel) -> None:
    """Everybody joins a pod."""
    for row in range(model.world.initial):
        speaker(model, row).join_pod()


def helps(model: FollowerModel) -> None:
    """Some people answer all open needs, well or badly."""
    for row in range(0, model.world.initial, 8):
        speaker(model, row).help(model.world.needs["asker"].astype(np.uint32))


def likes(model: FollowerModel) -> None:
    """Everybody likes the posts of those whom it follows, out of politeness."""
    for row in range(model.world.initial):
        speaker(model, row).like(speaker(model, row).following_list())


def likes_in_pods(model: FollowerModel) -> None:
    """Everybody likes the posts of those whom it follows, by arrangement."""
    for row in range(model.world.initial):
        speaker(model, row).like(speaker(model, row).following_list(), arranged=True)


def comments(model: FollowerModel) -> None:
    """Some people comment on the posts of those whom they follow."""
    for row in range(0, model.world.initial, 4):
        speaker(model, row).comment(speaker(model, row).following_list())


# ---- what must hold of those that differ --------------------------------------------------


def none_without(*totals: Total) -> Check:
    """Without the mechanism these counters stand still."""

    def check(m: Moment) -> None:
        for total in totals:
            assert m.off.world.state.totals[total] == m.before.state.totals[total]

    return check


def seen(suits: Callable[[np.void], bool], column: str = "tie.irritation") -> Check:
    """Only ties to authors of whom a post that suits was shown."""

    def check(m: Moment) -> None:
        assert m.changes[column] <= shown(m, suits)

    return check


def by_owner(column: str, suits: Callable[[np.void], bool]) -> Check:
    """Only ties of owners that suit, as they were before."""

    def check(m: Moment) -> None:
        accounts = worlds.account_of(m.before)
        assert all(suits(accounts[owner]) for owner, _ in m.changes[column])

    return check


def all_of(*checks: Check) -> Check:
    """Several at once."""

    def check(m: Moment) -> None:
        for one_check in checks:
            one_check(m)

    return check


def no_route(*routes: Route) -> Check:
    """Without the mechanism no post comes by these routes; with it some do."""

    def check(m: Moment) -> None:
        assert not set(routes) & routes_of(m.off)
        assert set(routes) & routes_of(m.on)
        followees_keep_their_order(m)

    return check


def routes_of(model: FollowerModel) -> set[Route]:
    """The routes by which posts came into the feeds."""
    return {route for feed in worlds.feeds(model).values() for _, route in feed}


OF_FOLLOWEES = (Route.FOLLOWEE, Route.RESHARE)
RECOMMENDED = (Route.FRIEND, Route.TOPIC, Route.POPULAR)


def followees_keep_their_order(m: Moment) -> None:
    """Others only take or give up places: what is left of followees is the same, in order."""
    with_it, without = worlds.feeds(m.on), worlds.feeds(m.off)
    for viewer, feed in with_it.items():
        some = [post for post in feed if post[1] in OF_FOLLOWEES]
        others = [post for post in without[viewer] if post[1] in OF_FOLLOWEES]
        least = min(len(some), len(others))
        assert some[:least] == others[:least]


def recommended_last(m: Moment) -> None:
    """Of no weight, recommended posts stand behind all others."""
    followees_keep_their_order(m)
    for feed in worlds.feeds(m.off).values():
        recommended = [route not in OF_FOLLOWEES for _, route in feed]
        assert recommended == sorted(recommended)


def latest_first(m: Moment) -> None:
    """A chronological feed falls from the latest post to the oldest; a ranked one does not."""
    assert all(_falls(hours) for hours in _hours_shown(m.off))
    assert not all(_falls(hours) for hours in _hours_shown(m.on))


def _hours_shown(model: FollowerModel) -> list[list[int]]:
    known = worlds.post_of(model.world)
    feeds = worlds.feeds(model).values()
    return [[int(known[uid]["hour"]) for uid, _ in feed] for feed in feeds]


def _falls(hours: list[int]) -> bool:
    return hours == sorted(hours, reverse=True)


def some_sessions(m: Moment) -> None:
    """Only those whose coin says so read chronologically."""
    chosen = worlds.drawn(m, Purpose.CHRONOLOGICAL, 0.5, {*AccountKind})
    assert m.changes["feed.shown"] <= chosen


def warm_viewers(m: Moment) -> None:
    """Only those who are warm to somebody see other posts."""
    warm = {owner for (owner, _), (_, tie) in worlds.tie_of(m.before).items() if tie["warmth"]}
    assert m.changes["feed.shown"] <= warm


def nothing_shown(m: Moment) -> None:
    """No feed holds anything."""
    assert not any(worlds.feeds(m.off).values())


def uninteresting(m: Moment) -> None:
    """Posts on a topic without interest have no value; nobody else's viewers notice."""
    posts_now, before = worlds.post_of(m.off.world), worlds.post_of(m.before)
    boring = {uid for uid, post in posts_now.items() if post["topic"] == 0}
    assert all(posts_now[uid]["engaged"] == before[uid]["engaged"] for uid in boring)
    readers = {v for v, feed in worlds.feeds(m.off).items() if boring & {uid for uid, _ in feed}}
    assert m.changes["account.expectation"] <= readers


def learned(m: Moment) -> None:
    """One post of value x read: E' = E + (x − E)/M, within one unit as stored."""
    known, accounts = worlds.post_of(m.before), worlds.account_of(m.before)
    for model, memory in ((m.on, 20.0), (m.off, 10_000.0)):
        after = worlds.account_of(model.world)
        for viewer, feed in worlds.feeds(model).items():
            for uid, _ in feed:
                interest = accounts[viewer]["interest"][known[uid]["topic"]] / 255
                e, x = float(accounts[viewer]["expectation"]), known[uid]["quality"] / 4096
                expected = e + (65535 * x * interest - e) / memory
                assert abs(float(after[viewer]["expectation"]) - expected) <= 1


def asked_for(m: Moment) -> None:
    """Only posts that ask are reshared more."""
    known = worlds.post_of(m.on.world)
    assert all(known[uid]["asks"] for uid in m.changes["post.engaged"])


def liked_before(m: Moment) -> None:
    """Only posts that somebody had liked are liked more."""
    known = worlds.post_of(m.before)
    assert all(known[uid]["likes"] for uid in m.changes["post.engaged"])


def new_follows(m: Moment) -> dict[tuple[int, int], np.void]:
    """The follows that begin with the mechanism, and not without it."""
    old, without = worlds.tie_of(m.before), worlds.tie_of(m.off.world)
    return {
        pair: tie
        for pair, (follow, tie) in worlds.tie_of(m.on.world).items()
        if follow and not old.get(pair, (False,))[0] and not without.get(pair, (False,))[0]
    }


def followed_by(suits: Callable[[np.void], bool], *origins: Origin) -> Check:
    """It brings follows of these origins only, by people who suit."""

    def check(m: Moment) -> None:
        found, accounts = new_follows(m), worlds.account_of(m.before)
        assert found
        assert all(Origin(tie["origin"]) in origins for tie in found.values())
        assert all(suits(accounts[owner]) for owner, _ in found)

    return check


def anybody(account: np.void) -> bool:
    """Everybody suits."""
    return True


def seeks(account: np.void) -> bool:
    """Somebody who seeks reciprocity."""
    return bool(account["seeks"])


def acquainted(m: Moment) -> None:
    """It brings follows of people who are known and warm, but not followed."""
    old = worlds.tie_of(m.before)
    for pair in new_follows(m):
        follow, tie = old[pair]
        assert not follow
        assert tie["warmth"] > 0


def only_acquaintances(column: str) -> Check:
    """All ties that differ are no follows."""

    def check(m: Moment) -> None:
        old = worlds.tie_of(m.before)
        assert not any(old[pair][0] for pair in m.changes[column])

    return check


def crowded(m: Moment) -> None:
    """Only those whose feed holds more than they can read."""
    full = worlds.crowding(m.on)
    assert all(full[owner] > 0 for owner in owners(m, "tie.irritation"))


def hoped_in_vain(m: Moment) -> None:
    """Only seekers, towards those whom they have followed for long and who do not follow them."""
    old, accounts = worlds.tie_of(m.before), worlds.account_of(m.before)
    since = m.hour - 24 * m.on.world.settings.behaviour.hope_days
    for owner, other in m.changes["tie.irritation"]:
        follow, tie = old[owner, other]
        assert follow
        assert tie["start"] <= since
        assert accounts[owner]["seeks"]
        assert not old.get((other, owner), (False,))[0]


def disappointed(m: Moment) -> None:
    """Only ties to authors of whom a post was shown that was worth less than expected."""
    accounts = worlds.account_of(m.before)

    def poor(viewer: int, post: np.void) -> bool:
        worth = post["quality"] / 4096 * accounts[viewer]["interest"][post["topic"]] / 255
        return bool(worth < accounts[viewer]["expectation"] / 65535)

    assert m.changes["tie.irritation"] <= shown_to(m, poor)


def stay_or_bear(m: Moment) -> None:
    """Who does not unfollow has had enough all the same: it mutes or bears it."""
    left, muted, borne = _ways_out(m.on)
    assert left + muted + borne == sum(_ways_out(m.off))
    assert _ways_out(m.off)[0] == m.before.state.totals[Total.UNFOLLOWS]


def mute_or_bear(m: Moment) -> None:
    """Whoever would have muted bears it."""
    assert _ways_out(m.off)[1] == m.before.state.totals[Total.MUTES]
    assert sum(_ways_out(m.on)) == sum(_ways_out(m.off))
    muted = int(_ways_out(m.on)[1]) - int(_ways_out(m.off)[1])
    assert len(m.changes["tie.muted"]) == muted


def _ways_out(model: FollowerModel) -> list[int]:
    totals = model.world.state.totals
    return [int(totals[t]) for t in (Total.UNFOLLOWS, Total.MUTES, Total.BORNE)]


def fewer_leave(m: Moment) -> None:
    """Warmth holds people back."""
    assert sum(_ways_out(m.on)) < sum(_ways_out(m.off))


def noticed(m: Moment, kind: NoticeKind) -> set[tuple[int, int]]:
    """To whom this was done, and by whom, as they hear of it now."""
    uids, due = m.before.accounts["uid"].tolist(), m.before.notices["due"] <= m.hour
    now = m.before.notices[due & (m.before.notices["kind"] == kind)]
    return {(uids[notice["target"]], uids[notice["actor"]]) for notice in now}


def returned(m: Moment) -> None:
    """It brings follows of those who hear now that they are followed."""
    assert new_follows(m).keys() <= noticed(m, NoticeKind.FOLLOWED)


def told_of_drops(m: Moment) -> None:
    """Only those who know the dropper, and whom the dropped follows, and who is warm to it."""
    old, victims = worlds.tie_of(m.before), noticed(m, NoticeKind.DROPPED)
    for listener, dropper in m.changes["tie.irritation"]:
        tellers = {who for who, by in victims if by == dropper}
        assert any(
            old.get((who, listener), (False,))[0]
            and (listener, who) in old
            and old[listener, who][1]["warmth"] > 0
            for who in tellers
        )


def noticed_drops(m: Moment) -> None:
    """Only those who were dropped, towards who dropped them."""
    assert m.changes["tie.irritation"] <= noticed(m, NoticeKind.DROPPED)


def of_arrivals(m: Moment) -> None:
    """All that is new is of newcomers."""
    new = m.changes["account"]
    accounts = worlds.account_of(m.on.world)
    assert {accounts[uid]["kind"] for uid in new} == {AccountKind.ARRIVAL}
    assert {owner for owner, _ in m.changes["tie"]} <= new
    assert {actor for actor, _ in m.changes.get("plan", set())} <= new
    assert {other for _, other in m.changes["tie"]} == m.changes["account.followers"]


def followed_by_newcomers(m: Moment) -> None:
    """Only newcomers follow, on recommendation."""
    accounts = worlds.account_of(m.on.world)
    for (owner, _), tie in new_follows(m).items():
        assert accounts[owner]["kind"] == AccountKind.ARRIVAL
        assert tie["origin"] == Origin.RECOMMENDATION


def paid(m: Moment, uid: int) -> float:
    """What the mechanism has brought an account."""
    return float(
        worlds.account_of(m.on.world)[uid]["dollars"]
        - worlds.account_of(m.off.world)[uid]["dollars"]
    )


def paid_by_followers(m: Moment) -> None:
    """100 dollars a day for a thousand followers."""
    accounts = worlds.account_of(m.before)
    able = {uid for uid, a in accounts.items() if a["followers"] and a["alive"]}
    assert m.changes["account.dollars"] == able
    assert all(paid(m, uid) == pytest.approx(accounts[uid]["followers"] / 10) for uid in able)


def paid_by_engagement(m: Moment) -> None:
    """Three dollars for each engagement that was not looked at before."""
    accounts = worlds.account_of(m.before)
    heard = {uid: int(a["engagements"]) - int(a["paid"]) for uid, a in accounts.items()}
    assert m.changes["account.dollars"] == {uid for uid, n in heard.items() if n}
    for uid in m.changes["account.dollars"]:
        assert paid(m, uid) == pytest.approx(3 * heard[uid])


def paid_if_known(m: Moment) -> None:
    """Without a threshold those below it are paid as well."""
    accounts = worlds.account_of(m.before)
    assert all(accounts[uid]["followers"] < 20 for uid in m.changes["account.dollars"])
    assert all(paid(m, uid) < 0 for uid in m.changes["account.dollars"])


def of_imitators(m: Moment) -> None:
    """Only those who have another strategy now plan something else."""
    new = m.changes["account.strategy"]
    actors = {actor for column in m.changes if "plan" in column for actor, _ in m.changes[column]}
    assert actors <= new
    old, accounts = worlds.tie_of(m.before), worlds.account_of(m.before)
    strategy = {uid: int(a["strategy"]) for uid, a in worlds.account_of(m.on.world).items()}
    for uid in new:
        models = {o for (w, o), (follow, _) in old.items() if w == uid and follow}
        assert any(accounts[o]["strategy"] == strategy[uid] for o in models)


def answered(m: Moment) -> set[tuple[int, int]]:
    """Asker and helper of all help that was given."""
    uids = m.on.world.accounts["uid"].tolist()
    accepted = m.on.plan_status == Refusal.ACCEPTED
    rows = m.on.plan[accepted & (m.on.plan["verb"] == Verb.HELP)]
    return {(uids[r["target"]], uids[r["actor"]]) for r in rows}


def by_help(m: Moment) -> None:
    """Only between those who helped and those who were helped."""
    pairs = answered(m)
    both = pairs | {(helper, asker) for asker, helper in pairs}
    for column in ("tie", "tie.warmth", "tie.irritation"):
        assert m.changes.get(column, set()) <= both


def by_bad_help(m: Moment) -> None:
    """Only towards those whose answers did not help."""
    assert m.changes["tie.irritation"] <= answered(m)


def refused_for(reason: Refusal, *verbs: Verb) -> Check:
    """Only rows with these verbs are refused, for this reason."""

    def check(m: Moment) -> None:
        status, without = values(m.on, "plan.status"), values(m.off, "plan.status")
        verb = values(m.on, "plan.verb")
        for key in m.changes["plan.status"]:
            assert {status[key], without[key]} == {reason, Refusal.ACCEPTED}
            assert verb[key] in verbs

    return check


def doomed_by(purpose: Purpose, probability: float, *kinds: AccountKind) -> Check:
    """Exactly those vanish whose coin says so: U(purpose, uid, 0, h) < p."""

    def check(m: Moment) -> None:
        assert m.changes["account.alive"] == worlds.drawn(m, purpose, probability, set(kinds))

    return check


def swept(m: Moment) -> None:
    """A sweep takes fakes by its recall and others by mistake, exactly those drawn."""
    fakes = worlds.drawn(m, Purpose.SWEEP, 0.7, {AccountKind.FAKE})
    people = worlds.drawn(m, Purpose.SWEEP, 0.05, {AccountKind.ORDINARY, AccountKind.ARRIVAL})
    assert fakes
    assert people
    assert m.changes["account.alive"] == fakes | people


def bought_for_cents(m: Moment) -> None:
    """Ninety followers at a dollar a thousand."""
    (uid,) = m.changes["account.dollars"]
    assert paid(m, uid) == pytest.approx(-0.09)


def of_fakes(m: Moment) -> None:
    """Only fakes follow whom they would not follow otherwise: clients of the vendor."""
    accounts, world = worlds.account_of(m.on.world), m.on.world
    assert all(accounts[owner]["kind"] == AccountKind.FAKE for owner, _ in m.changes["tie"])
    uids, out = world.accounts["uid"].copy(), np.empty(world.rows)
    nil = np.zeros(len(uids), np.uint64)
    draws.units(np.uint64(world.seed), int(Purpose.CLIENT), uids, nil, 0, out)
    clients = set(uids[out < world.settings.platform.vendors[0].clients].tolist())
    assert {other for _, other in m.changes["tie"]} <= clients


def faster(m: Moment) -> None:
    """A third comes at once, or all of it."""
    (buyer,) = m.changes["account.followers"]
    counts = [worlds.account_of(w)[buyer]["followers"] for w in (m.before, m.on.world, m.off.world)]
    assert [counts[1] - counts[0], counts[2] - counts[0]] == [30, 90]


def lapsed(m: Moment) -> None:
    """Only needs that were open for a day, and what those who had them need now."""
    uids = m.before.accounts["uid"].tolist()
    old = {uids[n["asker"]] for n in m.before.needs if m.hour - n["hour"] >= 24}
    assert {need[0] for need in m.changes["needs"]} <= old


over_limit = refused_for(Refusal.LIMIT, Verb.FOLLOW)
no_time_to = partial(refused_for, Refusal.MINUTES)


def of_kind(kind: Kind) -> Check:
    """Only posts of a kind."""

    def check(m: Moment) -> None:
        known = worlds.post_of(m.on.world)
        assert all(known[uid]["kind"] == kind for uid in m.changes["post.quality"])

    return check


def without_interest(accounts: NDArray[np.void]) -> NDArray[np.uint8]:
    """Interests with none in topic 0."""
    interest: NDArray[np.uint8] = accounts["interest"].copy()
    interest[:, 0] = 0
    return interest


# ---- the tables ---------------------------------------------------------------------------

shows = partial(Row, phase="browse", moves="feed.shown")
PER_FOLLOWER = {"platform.reach": "follower"}
# fmt: off
FEEDS = (
    shows("attention", {"account.attention": 0}, nothing_shown, may="feed.crowding"),
    shows("muting hides", {"tie.muted": 1}, no_route(*OF_FOLLOWEES), may="feed.crowding"),
    shows("chronological", {"platform.ranking": "chronological"}, latest_first),
    shows("mixed ranking", {"platform.chronological_share": 0.0}, some_sessions,
        given={"platform.ranking": "mixed"}),
    shows("freshness", {"platform.freshness_hours": 1_000.0}),
    shows("ranking by warmth", {"platform.rank_warmth": 0.0}, warm_viewers),
    shows("by warmth without a follow", {"platform.rank_warmth": 0.0}, warm_viewers,
        given={**ACQUAINTED, **NO_FOLLOWS}),
    shows("reach per follower", {"platform.reach": "impression"}, given=PER_FOLLOWER),
    shows("follower_reach", {"platform.follower_reach": 1.0}, given=PER_FOLLOWER),
    shows("prior_impressions", {"platform.prior_impressions": 1e4}),
    shows("recommendations", {"platform.recommendations": 0}, no_route(*RECOMMENDED)),
    shows("their weight", {"platform.recommendation_weight": 0.0}, recommended_last),
    shows("by friends", {"platform.friend_share": 0.0}, no_route(Route.FRIEND)),
    shows("by popularity", {"platform.popularity_share": 0.0}, no_route(Route.POPULAR),
        given={"platform.friend_share": 0.3, "platform.popularity_share": 0.4}),
    shows("by topic", {"platform.friend_share": 1.0}, no_route(Route.TOPIC, Route.POPULAR)),
    Row("sessions", {"account.sessions": 0.0}, all_of(nothing_shown, none_without(Total.SESSIONS)),
        phase="browse", moves="feed.shown account.last_browse total.SESSIONS", may="feed.crowding"),
)
# fmt: on

publishes = partial(Row, phase="publish")
# fmt: off
POSTS = (
    publishes("focus", {"population.focus": 1.0}, moves="post.topic account.profile_topic"),
    publishes("craft", {"account.craft": 0.1}, moves=QUALITY, more="post.quality post.spread"),
    publishes("effort of self-talk", {"prices.self_talk": 30.0}, of_kind(Kind.SELF_TALK),
        moves=QUALITY),
    publishes("effort of promotion", {"prices.promotion": 10.0}, of_kind(Kind.PROMOTION),
        moves=QUALITY, script=advertises),
    publishes("effort of begs", {"prices.beg": 10.0}, of_kind(Kind.BEG), moves=QUALITY,
        script=begs),
)
# fmt: on

likes_more = partial(
    Row, phase="react", moves=LIKED, may=WARMED, more="post.likes", given=ONLY_LIKES
)
engages_more = partial(Row, phase="react", may=f"{PUBLISHED} {WARMED}", given=NO_FEEDBACK)
LOUD_COUNTS = {"behaviour.social_proof": 20.0}
# fmt: off
ENGAGEMENT = (
    Row("interest", {"account.interest": without_interest}, uninteresting,
        given={**NO_FEEDBACK, "platform.recommendations": 0}, phase="react",
        moves="account.expectation total.VALUE",
        may=f"tie.irritation {LIKED} {REPLIED} {RESHARED} {WARMED} {PUBLISHED}"),
    Row("expectation learned", {"behaviour.expectation_memory": 1e4}, learned, given=NO_FEEDBACK,
        phase="react", moves="account.expectation"),
    likes_more("likes", {"behaviour.like_odds": 0.0}, none_without(Total.LIKES)),
    likes_more("like_epsilon", {"behaviour.like_epsilon": 1.0}),
    likes_more("like_warmth", {"behaviour.like_warmth": 0.0}, given={**ONLY_LIKES, **WARM}),
    likes_more("like_warmth without a follow", {"behaviour.like_warmth": 0.0},
        only_acquaintances("tie.warmth"), given={**ONLY_LIKES, **ACQUAINTED}),
    likes_more("social proof of likes", {"behaviour.social_proof_form": "none"}, liked_before,
        given={**ONLY_LIKES, **LOUD_COUNTS}),
    likes_more("strength of social proof", {"behaviour.social_proof": 0.0}, liked_before,
        given={**ONLY_LIKES, **LOUD_COUNTS}),
    likes_more("social proof by steps", {"behaviour.social_proof_form": "step"}, liked_before,
        given={**ONLY_LIKES, **LOUD_COUNTS}),
    likes_more("like counts visible", {"platform.counts_visible": False}, liked_before,
        given={**ONLY_LIKES, **LOUD_COUNTS}),
    engages_more("replies", {"behaviour.reply_factor": 0.0}, none_without(Total.REPLIES),
        given={**NO_FEEDBACK, **NO_RESHARES}, moves=REPLIED),
    engages_more("reshares", {"behaviour.reshare_factor": 0.0}, none_without(Total.RESHARES),
        moves=RESHARED),
    engages_more("readiness to reshare", {"account.reshare": 0.0}, none_without(Total.RESHARES),
        moves=RESHARED),
    engages_more("asking for reshares", {"behaviour.asking_factor": 1.0}, asked_for,
        given={**NO_FEEDBACK, "behaviour.asking_factor": 100.0}, moves=RESHARED, script=begs),
)
# fmt: on

follows_more = partial(
    Row, phase="react", moves=BEGAN, may=BECAME, more="account.followers", given=ONLY_STRANGERS
)
returns_more = partial(
    Row, phase="return", moves=BEGAN, may=BECAME, more="account.followers", script=follows
)
IN_FEED = (Origin.CONTENT, Origin.RESHARE, Origin.RECOMMENDATION)
ONLY_SEEKERS = {**CALM, **NO_LIKES, "behaviour.follow_odds": 0.0}
# fmt: off
FOLLOWS = (
    follows_more("follows of strangers", {"behaviour.follow_odds": 0.0},
        all_of(followed_by(anybody, *IN_FEED), none_without(Total.FOLLOWS))),
    follows_more("curiosity", {"account.curiosity": 0.0}, none_without(Total.FOLLOWS)),
    follows_more("follow_warmth", {"behaviour.follow_warmth": 0.0}, acquainted,
        given={**ONLY_STRANGERS, **ACQUAINTED}),
    follows_more("profile checks", {"platform.profile_checks": 0.0},
        given={**ONLY_STRANGERS, "behaviour.follow_odds": 1.0},
        moves="list.order account.follows account.followers notices", may=f"{BECAME} total.FOLLOWS",
        more=""),
    follows_more("reciprocity sought in the feed", {"behaviour.reciprocity_odds": 0.0},
        followed_by(seeks, *IN_FEED), given=ONLY_SEEKERS),
    follows_more("seekers", {"account.seeks": 0}, none_without(Total.FOLLOWS), given=ONLY_SEEKERS),
    follows_more("social proof of followers", {"behaviour.social_proof_form": "none"},
        given={**ONLY_STRANGERS, **LOUD_COUNTS}),
    follows_more("follower counts visible", {"platform.counts_visible": False},
        given={**ONLY_STRANGERS, **LOUD_COUNTS}),
    follows_more("ratios visible in the feed", {"platform.counts_visible": False},
        all_of(followed_by(seeks, *IN_FEED), none_without(Total.FOLLOWS)), given=ONLY_SEEKERS),
    returns_more("following back", {"behaviour.follow_back_odds": 0.0},
        all_of(followed_by(anybody, Origin.FOLLOW_BACK), returned),
        given={**NO_VIEWERS, "behaviour.reciprocity_odds": 0.0}),
    returns_more("propensity to follow back", {"account.follow_back": 0.0},
        none_without(Total.FOLLOWS), given={**NO_VIEWERS, "behaviour.reciprocity_odds": 0.0}),
    returns_more("follow_back_floor", {"behaviour.follow_back_floor": 0.0}, returned,
        given={**NO_VIEWERS, "behaviour.follow_back_floor": 5.0}),
    returns_more("reciprocity sought in returning", {"behaviour.reciprocity_odds": 0.0},
        all_of(followed_by(seeks, Origin.FOLLOW_BACK), returned), given=NO_VIEWERS),
    returns_more("ratios visible in returning", {"platform.counts_visible": False},
        all_of(followed_by(seeks, Origin.FOLLOW_BACK), returned),
        given={**NO_VIEWERS, "behaviour.social_proof": 0.0}),
    returns_more("social proof in following back", {"behaviour.social_proof_form": "none"},
        returned, given={**NO_VIEWERS, **LOUD_COUNTS}),
    Row("return_hours", {"platform.return_hours": 48}, None, given=CALM, phase="react",
        moves="notices"),
)
# fmt: on

sells = partial(
    Row,
    phase="react",
    moves="account.dollars bought",
    more="account.dollars",
    given=CALM,
    script=posts,
)
# fmt: off
SALES = (
    sells("sales", {"behaviour.sale_odds": 0.0}),
    sells("offers", {"account.offer": 0.0}),
    sells("sale_warmth", {"behaviour.sale_warmth": 0.0}, given={**CALM, **WARM}),
    sells("sale_proof", {"behaviour.sale_proof": 0.0},
        given={**CALM, "behaviour.sale_proof": 20.0}),
    sells("sale_dollars", {"behaviour.sale_dollars": 0.0}, moves="account.dollars"),
)
# fmt: on

irritates = partial(Row, phase="react", moves="tie.irritation", more="tie.irritation", given=CALM)
warms = partial(Row, phase="react", moves="tie.warmth", more="tie.warmth")
# fmt: off
FEELINGS = (
    irritates("irritation", {"behaviour.irritation_gain": 0.0}),
    irritates("irritation without a follow", {"behaviour.irritation_gain": 0.0},
        only_acquaintances("tie.irritation"), given={**NO_FEEDBACK, **ACQUAINTED}),
    irritates("disappointment", {"account.expectation": 0}, disappointed, given=NO_FEEDBACK),
    irritates("repetition", {"behaviour.repetition": 0.0}, seen(lambda post: post["repeat"] > 0)),
    irritates("overload", {"behaviour.overload": 0.0}, crowded),
    irritates("hope", {"behaviour.hope": 0.0}, hoped_in_vain),
    irritates("hope_days", {"behaviour.hope_days": 1_000}, hoped_in_vain,
        given={**CALM, "behaviour.hope_days": 2}),
    irritates("distaste for self-talk", {"behaviour.distaste_self_talk": 0.0},
        seen(lambda post: post["kind"] == Kind.SELF_TALK),
        given={**CALM, "behaviour.distaste_self_talk": 0.4}),
    irritates("distaste for promotion", {"behaviour.distaste_promotion": 0.0},
        seen(lambda post: post["kind"] == Kind.PROMOTION),
        given={**CALM, "behaviour.distaste_promotion": 0.4}, script=advertises),
    irritates("distaste for begging", {"behaviour.distaste_beg": 0.0},
        seen(lambda post: post["kind"] == Kind.BEG), script=begs),
    irritates("irritation fades", {"behaviour.irritation_half_life": 1_000.0},
        given={**CALM, "tie.irritation": 100}, more=""),
    warms("warmth by likes", {"behaviour.warmth_like": 0.0}, given=ONLY_LIKES),
    warms("warmth without a follow", {"behaviour.warmth_like": 0.0},
        only_acquaintances("tie.warmth"), given={**ONLY_LIKES, **ACQUAINTED}),
    warms("warmth of who replies", {"behaviour.warmth_reply": 0.0},
        given={**NO_FEEDBACK, **NO_RESHARES, "behaviour.reply_factor": 10.0}),
    warms("warmth of who is replied to", {"behaviour.warmth_reply": 0.0},
        given={**NO_FEEDBACK, **NO_RESHARES, **NO_REPLIES}, phase="return"),
    warms("warmth by answers", {"behaviour.warmth_answer": 0.0}, given=CALM, phase="return"),
    warms("answers", {"account.answers": 0.0}, given=CALM, phase="return",
        moves="tie.warmth tie.engaged", may=f"{MET} tie.irritation", more="tie.engaged"),
    warms("warmth fades", {"behaviour.warmth_half_life": 1_000.0},
        given={**ONLY_LIKES, **WARM, "platform.rank_warmth": 0.0, "behaviour.like_warmth": 0.0},
        more=""),
)
# fmt: on

leaves = partial(
    Row,
    phase="react",
    moves=f"{ENDED} total.BORNE",
    may=f"{LET_GO} total.MUTES",
    given=ANNOYED,
)
NO_WORD = {**CALM, "behaviour.word_of_mouth": 0.0}
hears = partial(
    Row, phase="return", moves="tie.irritation tie.touched", may="tie.warmth", given=NO_WORD
)
# fmt: off
LEAVING = (
    leaves("leaving", {"behaviour.leave_hazard": 0.0},
        none_without(Total.UNFOLLOWS, Total.MUTES, Total.BORNE)),
    leaves("leave_warmth", {"behaviour.leave_warmth": 0.0}, fewer_leave, given={**ANNOYED, **WARM}),
    leaves("diligence", {"account.diligence": 0.0}, stay_or_bear),
    leaves("muting against unfollowing", {"behaviour.mute": 0.0}, mute_or_bear,
        given={**ANNOYED, "behaviour.mute": 0.7}, moves="tie.muted total.MUTES total.BORNE",
        may=""),
    hears("drops noticed", {"behaviour.drop_noticed": 0.0}, noticed_drops),
    hears("irritation by drops", {"behaviour.drop_irritation": 0.0}, noticed_drops,
        moves="tie.irritation", may="", more="tie.irritation"),
    hears("word of mouth", {"behaviour.word_of_mouth": 0.0}, told_of_drops,
        given={**CALM, **WARM, "behaviour.drop_noticed": 1.0}, script=drops),
)
# fmt: on

decides = partial(Row, phase="decide")
refuses = partial(decides, moves=f"plan.status {BEGAN}", may=BECAME, script=follows)
NEEDY = {"population.needs_per_day": 0.2}
UNPROVEN = {"behaviour.social_proof_form": "none"}
INCOMPARABLE = {**UNPROVEN, "behaviour.reciprocity_odds": 0.0}
COMPARING = {"behaviour.imitation": 0.5}
# fmt: off
DEEDS = (
    decides("habits of posting", {"account.rate": 0.0}, moves="plan schedule"),
    decides("self-talk", {"population.self_talk": 0.0}, moves="plan.kind schedule"),
    decides("effort", {"population.effort": 20.0}, moves="plan.effort schedule"),
    decides("needs", {"population.needs_per_day": 0.0}, none_without(Total.NEEDS),
        moves="needs total.NEEDS"),
    decides("need_hours", {"platform.need_hours": 24}, lapsed, given=NEEDY, moves="needs",
        may="total.NEEDS"),
    decides("help", {"account.craft": 0.0}, all_of(none_without(Total.HELPED), by_help),
        moves="needs total.HELPED tie.warmth tie.irritation", may=f"{MET} {BEGAN} {BECAME}",
        script=helps),
    decides("warmth by help", {"behaviour.warmth_help": 0.0}, by_help, given=NO_FOLLOWS,
        moves="tie.warmth", more="tie.warmth", script=helps),
    decides("irritation by bad help", {"behaviour.help_irritation": 0.0}, by_bad_help,
        moves="tie.irritation", more="tie.irritation", script=helps),
    decides("following who has helped", {"behaviour.follow_odds": 0.0},
        followed_by(anybody, Origin.HELP), given={"behaviour.reciprocity_odds": 0.0}, moves=BEGAN,
        may=BECAME, script=helps),
    decides("pods", {"platform.pods": 1}, moves="account.pod", script=joins),
    decides("warmth by planned likes", {"behaviour.warmth_like": 0.0}, moves="tie.warmth",
        more="tie.warmth", script=likes),
    decides("warmth by planned comments", {"behaviour.warmth_reply": 0.0}, moves="tie.warmth",
        more="tie.warmth", script=comments),
    decides("warmth by arranged likes", {"behaviour.arranged_warmth": 0.0},
        given={"behaviour.arranged_warmth": 1.0}, moves="tie.warmth tie.touched",
        may="tie.irritation", script=likes_in_pods),
    decides("imitation", {"behaviour.imitation": 0.0},
        all_of(none_without(Total.IMITATIONS), of_imitators), given=COMPARING,
        moves="account.strategy total.IMITATIONS", may="plan schedule", world=IMITATORS),
    decides("imitation_factor", {"behaviour.imitation_factor": 1e3},
        all_of(none_without(Total.IMITATIONS), of_imitators), given=COMPARING,
        moves="account.strategy total.IMITATIONS", may="plan schedule", world=IMITATORS),
    decides("success visible", {"platform.counts_visible": False},
        all_of(none_without(Total.IMITATIONS), of_imitators),
        given={**COMPARING, **INCOMPARABLE}, moves="account.strategy total.IMITATIONS",
        may="plan schedule", world=IMITATORS),
    decides("imitation of those who are heard", {"behaviour.imitate_by": "engagements"},
        given={"behaviour.imitation": 1.0, "behaviour.imitation_factor": 1.0},
        moves="account.strategy", may="plan schedule total.IMITATIONS", world=IMITATORS),
    decides("a day's time", {"account.minutes": 0.0}, refused_for(Refusal.MINUTES, Verb.POST),
        moves="plan.status schedule"),
    refuses("follows_per_day", {"platform.follows_per_day": 4}, over_limit),
    refuses("follow_cap", {"platform.follow_cap": 2_000}, over_limit,
        given={"platform.follow_cap": 25, "platform.follow_ratio": 0.0}),
    refuses("follow_ratio", {"platform.follow_ratio": 1_000.0}, over_limit,
        given={"platform.follow_cap": 0, "platform.follow_ratio": 0.7}),
    decides("churners found", {"platform.churn_limit": 0}, given={"platform.churn_limit": 2},
        moves="account.blocked_until", more="account.blocked_until", script=drops),
    decides("churn_limit", {"platform.churn_limit": 3}, given={"platform.churn_limit": 2},
        moves="account.blocked_until", more="account.blocked_until", script=drops),
    decides("churn_block_days", {"platform.churn_block_days": 1}, given={"platform.churn_limit": 2},
        moves="account.blocked_until", more="account.blocked_until", script=drops),
)
# fmt: on

pays = partial(decides, moves="account.dollars")
delivers = partial(decides, given={"vendor.clients": 0.1}, script=buys)
deletes = partial(Row, phase="police", moves=DELETED, script=buys)
PAY = {"sponsors.per_1000_followers": 100.0}
LASTING = {"vendor.decay_per_day": 0.0}
SWEEPING = {"platform.sweep_every_days": 3, "platform.sweep_false_positives": 0.0, **LASTING}
NEWCOMERS = {"world.arrivals_per_day": 0.02}
BOUGHT = "list.order account.follows account.ties account.followers total.FOLLOWS"
# fmt: off
TRADE = (
    pays("sponsors of the known", {"sponsors.per_1000_followers": 0.0}, paid_by_followers,
        given=PAY),
    pays("sponsors of the heard", {"sponsors.per_engagement": 0.0}, paid_by_engagement,
        given={"sponsors.per_engagement": 3.0}),
    pays("least_followers", {"sponsors.least_followers": 0}, paid_if_known,
        given={**PAY, "sponsors.least_followers": 20}),
    pays("price of fakes", {"vendor.price_per_1000": 0.0}, bought_for_cents, script=buys),
    delivers("money", {"account.dollars": 0.0}, moves="plan.status orders"),
    delivers("delivery_days", {"vendor.delivery_days": 1}, faster,
        given={"vendor.other_customers": 0},
        moves="account tie list feed account.followers total.FOLLOWS"),
    delivers("other customers", {"vendor.other_customers": 0}, of_fakes, moves=f"tie {BOUGHT}"),
    delivers("clients", {"vendor.clients": 0.0}, of_fakes, moves=f"tie {BOUGHT}"),
    deletes("decay of fakes", {"vendor.decay_per_day": 0.0},
        doomed_by(Purpose.DECAY, 0.3, AccountKind.FAKE), given={"vendor.decay_per_day": 0.3}),
    deletes("detection of fakes", {"platform.detection_per_day": 0.0},
        doomed_by(Purpose.DETECTION, 0.3, AccountKind.FAKE),
        given={"platform.detection_per_day": 0.3, **LASTING}),
    deletes("sweeps", {"platform.sweep_every_days": 0}, swept,
        given={**SWEEPING, "platform.sweep_false_positives": 0.05}, may="post.gone"),
    deletes("recall of sweeps", {"platform.sweep_recall": 0.0},
        doomed_by(Purpose.SWEEP, 0.7, AccountKind.FAKE), given=SWEEPING),
    deletes("false positives of sweeps", {"platform.sweep_false_positives": 0.0},
        doomed_by(Purpose.SWEEP, 0.1, AccountKind.ORDINARY),
        given={**SWEEPING, "platform.sweep_false_positives": 0.1}, may="post.gone"),
    deletes("departures", {"world.departures_per_day": 0.0},
        doomed_by(Purpose.DEPARTURE, 0.07, AccountKind.ORDINARY),
        given={"world.departures_per_day": 0.01}, may="post.gone"),
    decides("arrivals", {"world.arrivals_per_day": 0.0}, of_arrivals, given=NEWCOMERS,
        moves="account tie list feed account.followers notices total.FOLLOWS",
        may="plan schedule needs total.NEEDS"),
    decides("follows of newcomers", {"world.arrival_follows": 0}, followed_by_newcomers,
        given=NEWCOMERS, moves=f"tie notices {BOUGHT}", more="account.follows account.followers"),
)
# fmt: on

TOUCHED = "tie.warmth tie.irritation tie.touched tie.engaged"
# fmt: off
PRICES = (
    decides("price of self-talk", {"prices.self_talk": 1_440.0}, no_time_to(Verb.POST),
        moves="plan.status schedule"),
    decides("price of promotion", {"prices.promotion": 1_440.0}, no_time_to(Verb.POST),
        moves="plan.status schedule", script=advertises),
    decides("price of begging", {"prices.beg": 1_440.0}, no_time_to(Verb.POST),
        moves="plan.status schedule", script=begs),
    decides("price of following", {"prices.follow": 1_440.0}, no_time_to(Verb.FOLLOW),
        moves=f"plan.status {BEGAN}", may=BECAME, script=follows),
    decides("price of buying", {"prices.purchase": 1_440.0}, no_time_to(Verb.BUY),
        moves="plan.status orders account.dollars", script=buys),
    decides("price of helping", {"prices.help": 1_440.0}, no_time_to(Verb.HELP),
        moves="plan.status plan.effort schedule needs total.HELPED",
        may=f"{MET} {BEGAN} {BECAME} {TOUCHED}", script=helps),
    decides("price of liking", {"prices.like": 1_440.0}, no_time_to(Verb.LIKE),
        moves=f"plan.status {LIKED}", may=TOUCHED, script=likes),
    decides("price of commenting", {"prices.reply": 1_440.0}, no_time_to(Verb.COMMENT),
        moves=f"plan.status {REPLIED}", may=f"{MET} {TOUCHED}", script=comments),
)
# fmt: on

ROWS = (
    *FEEDS,
    *POSTS,
    *ENGAGEMENT,
    *FOLLOWS,
    *SALES,
    *FEELINGS,
    *LEAVING,
    *DEEDS,
    *TRADE,
    *PRICES,
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.mechanism)
def test_switched_off_it_changes_what_it_should_and_nothing_else(row: Row) -> None:
    on, off = worlds.pair(row.world, row.given, row.off)
    hidden = worlds.altered(row.off)
    moment = worlds.first_difference(on, off, days=10, ignoring=hidden, script=row.script)
    assert moment is not None, "it never acted"
    assert moment.phase == row.phase, sorted(moment.changes)
    changed, must = set(moment.changes), set(row.moves.split())
    assert changed <= must | set(row.may.split()), "it changed something else"
    assert must <= changed, "it did not change all that it should"
    for column in row.more.split():
        greater, less = values(moment.on, column), values(moment.off, column)
        assert all(greater[k] > less[k] for k in moment.changes[column]), column
    if row.check:
        row.check(moment)


# ---- nothing is forgotten -----------------------------------------------------------------

ELSEWHERE = {
    "platform.tick_hours": "the resolution of time; see test_metamorphic",
    "platform.lag_hours": "see test_metamorphic",
    "platform.window_hours": "see test_metamorphic",
    "platform.vendors": "by its parts",
    "platform.sponsors": "by its parts",
    "platform.score_engagement": "of a measure; below",
    "behaviour.warm": "of a measure; below",
    "behaviour.prices": "by its parts",
    "behaviour.sale_pause_days": "below",
    "vendor.name": "a name",
}
SECTIONS: dict[str, type[Section]] = {
    "platform": Platform,
    "behaviour": Behaviour,
    "prices": Prices,
    "vendor": Vendor,
    "sponsors": Sponsors,
}
TRAITS = (
    *("sessions", "attention", "rate", "craft", "follow_back", "seeks", "diligence", "curiosity"),
    *("reshare", "answers", "minutes", "dollars", "offer", "interest"),
)


def test_every_parameter_of_platform_and_behaviour_has_a_row() -> None:
    """A mechanism that comes later cannot be left out."""
    every = {f"{name}.{key}" for name, section in SECTIONS.items() for key in section.model_fields}
    every |= {f"account.{trait}" for trait in TRAITS}
    tested = {key for row in ROWS for key in row.off}
    assert every - tested == set(ELSEWHERE)


# ---- what has no subject does nothing -----------------------------------------------------

COLD = {
    "tie.warmth": 0,
    "behaviour.warmth_like": 0.0,
    "behaviour.warmth_reply": 0.0,
    "behaviour.warmth_answer": 0.0,
}
UNSEEN = {"platform.recommendations": 0}
HIDDEN = {"platform.counts_visible": False}
SUBJECTLESS: tuple[tuple[str, Settings, Settings], ...] = (
    ("a ranked feed", {"platform.chronological_share": 0.1}, {}),
    ("reach per impression", {"platform.follower_reach": 1.0}, {}),
    ("nothing recommended: friends", {"platform.friend_share": 0.0}, UNSEEN),
    ("nothing recommended: popularity", {"platform.popularity_share": 0.5}, UNSEEN),
    ("nothing recommended: weight", {"platform.recommendation_weight": 9.0}, UNSEEN),
    ("nobody warm: ranking", {"platform.rank_warmth": 99.0}, COLD),
    ("nobody warm: likes", {"behaviour.like_warmth": 99.0}, COLD),
    ("nobody warm: follows", {"behaviour.follow_warmth": 99.0}, COLD),
    ("nobody warm: leaves", {"behaviour.leave_warmth": 99.0}, COLD),
    ("nobody warm: fading", {"behaviour.warmth_half_life": 1.0}, COLD),
    ("nobody warm: word of mouth", {"behaviour.word_of_mouth": 0.1}, COLD),
    ("nobody asks", {"behaviour.asking_factor": 99.0}, {}),
    ("nobody begs", {"behaviour.distaste_beg": 9.0}, {}),
    ("nobody advertises", {"behaviour.distaste_promotion": 9.0}, {}),
    ("nobody offers", {"behaviour.sale_odds": 99.0}, {"account.offer": 0.0}),
    ("nobody helps: warmth", {"behaviour.warmth_help": 1.0}, {}),
    ("nobody helps: irritation", {"behaviour.help_irritation": 4.0}, {}),
    ("nobody in a pod", {"behaviour.arranged_warmth": 1.0, "platform.pods": 1}, {}),
    ("nobody imitates", {"behaviour.imitation_factor": 1.0}, {}),
    ("nobody imitates whomever", {"behaviour.imitate_by": "engagements"}, {}),
    ("nobody seeks", {"behaviour.hope": 9.0}, {"account.seeks": 0, "behaviour.hope_days": 0}),
    ("nobody seeks in vain", {"behaviour.reciprocity_odds": 9.0}, {"account.seeks": 0}),
    ("nobody hopes", {"behaviour.hope_days": 0}, {"behaviour.hope": 0.0}),
    ("nobody leaves", {"behaviour.mute": 1.0, "behaviour.leave_warmth": 0.0}, NO_LEAVES),
    ("all leave who want to", {"behaviour.mute": 1.0}, {"account.diligence": 1.0}),
    ("drops unnoticed", {"behaviour.drop_irritation": 4.0}, {"behaviour.drop_noticed": 0.0}),
    ("drops untold", {"behaviour.word_of_mouth": 4.0}, {"behaviour.drop_noticed": 0.0}),
    ("no follows of strangers: warmth", {"behaviour.follow_warmth": 9.0}, NO_FOLLOWS),
    ("no follows of strangers: profiles", {"platform.profile_checks": 0.0}, NO_FOLLOWS),
    ("nobody follows back", {"behaviour.follow_back_floor": 9.0}, NO_FOLLOWS),
    ("hidden counts: strength", {"behaviour.social_proof": 99.0}, HIDDEN),
    ("hidden counts: sales", {"behaviour.sale_proof": 99.0}, HIDDEN),
    ("hidden counts: form", {"behaviour.social_proof_form": "step"}, HIDDEN),
    ("hidden counts: none", {"behaviour.social_proof_form": "none"}, HIDDEN),
    ("hidden counts: ratios", {"behaviour.reciprocity_odds": 9.0}, HIDDEN),
    ("hidden counts: imitation", {"behaviour.imitation": 1.0}, HIDDEN),
    ("no social proof: strength", {"behaviour.social_proof": 99.0}, UNPROVEN),
    ("nothing to compare: counts", {"platform.counts_visible": False}, INCOMPARABLE),
    ("nobody plans to follow", {"platform.follows_per_day": 0, "platform.follow_cap": 0}, {}),
    ("nobody plans to unfollow", {"platform.churn_limit": 1, "platform.churn_block_days": 9}, {}),
    ("no fakes: detection", {"platform.detection_per_day": 1.0}, {}),
    ("no fakes: decay", {"vendor.decay_per_day": 1.0, "vendor.clients": 1.0}, {}),
    ("no fakes: delivery", {"vendor.delivery_days": 9, "vendor.other_customers": 9}, {}),
    ("nobody buys", {"vendor.price_per_1000": 9.0, "prices.purchase": 99.0}, {}),
    ("no sweeps", {"platform.sweep_recall": 0.1, "platform.sweep_false_positives": 1.0}, {}),
    ("no sponsors", {"sponsors.least_followers": 9}, {}),
    ("no needs", {"platform.need_hours": 24}, NO_NEEDS),
    ("no arrivals", {"world.arrival_follows": 99}, {}),
    ("nothing planned", {"prices.like": 99.0, "prices.reply": 99.0, "prices.follow": 99.0}, {}),
    ("a measure: warm", {"behaviour.warm": 0.9}, {}),
    ("a measure: score", {"platform.score_engagement": 9.0}, {}),
)


@pytest.mark.parametrize(
    ("off", "given"), [row[1:] for row in SUBJECTLESS], ids=[row[0] for row in SUBJECTLESS]
)
def test_what_has_no_subject_does_nothing(off: Settings, given: Settings) -> None:
    """To the bit, for three days in which hundreds of posts are read."""
    models = worlds.pair(PLAIN, given, off)
    one_model, other = (worlds.live(model, 3) for model in models)
    assert one_model.world.state.totals[Total.IMPRESSIONS] > 300
    assert worlds.differences(one_model, other) == {}


# ---- scheduled events ---------------------------------------------------------------------

HAPPENINGS = {
    "none": "",
    "set": 'kind = "set"\nset = { "platform.recommendations" = 0 }',
    "viral": 'kind = "viral"\nreach = 0.5\nhours = 24\nprotagonist = "star"',
    "strategy": 'kind = "strategy"\nstrategy = "idle"\nprotagonist = "star"',
    "sweep": 'kind = "sweep"\nrecall = 1.0\nfalse_positives = 0.1',
}
EVENTFUL = worlds.named(
    rest=worlds.protagonist("star", "organic", lines="followers = 3")
    + worlds.protagonist("other", "organic")
    + "".join(
        f'[[arms]]\nname = "{name}"\n' + (f"[[arms.events]]\nday = 3\n{text}\n" if text else "")
        for name, text in HAPPENINGS.items()
    ),
)
STAR = 3 << 62


def after_event(name: str, *ignoring: str) -> Moment:
    """The first difference that an event makes; it must come on its day."""
    on, off = worlds.model(EVENTFUL, name), worlds.model(EVENTFUL, "none")
    moment = worlds.first_difference(on, off, ignoring=ignoring)
    assert moment is not None
    assert moment.before.day == 3
    return moment


def test_an_event_can_set_what_holds_from_its_day_on() -> None:
    moment = after_event("set")
    assert (moment.phase, set(moment.changes)) == ("browse", {"feed.shown"})
    assert not set(RECOMMENDED) & routes_of(moment.on)
    worlds.live(moment.on, 3)
    assert not set(RECOMMENDED) & routes_of(moment.on)


def test_an_event_can_change_a_strategy() -> None:
    moment = after_event("strategy")
    assert moment.phase == "decide"
    assert set(moment.changes) <= {"account.strategy", "plan", "schedule"}
    assert moment.changes["account.strategy"] == {STAR}
    assert {actor for actor, _ in moment.changes["plan"]} == {STAR}


def test_an_event_can_be_a_sweep() -> None:
    moment = after_event("sweep")
    assert moment.phase == "police"
    assert moment.changes["account.alive"] == worlds.drawn(
        moment, Purpose.SWEEP, 0.1, {AccountKind.ORDINARY}
    )


def test_a_viral_hit_is_shown_to_those_whom_it_is_offered_and_to_nobody_else() -> None:
    """U(VIRAL, v, star, h) < reach; what it displaces are the last of a feed."""
    moment = after_event("viral", "viral")
    assert (moment.phase, set(moment.changes)) == ("browse", {"feed.shown"})
    known, hit, plain = (
        worlds.post_of(moment.on.world),
        worlds.feeds(moment.on),
        worlds.feeds(moment.off),
    )
    star = int(np.flatnonzero(moment.before.accounts["uid"] == np.uint64(STAR))[0])
    for viewer in moment.changes["feed.shown"]:
        offered = [uid for uid, route in hit[viewer] if route == Route.VIRAL]
        assert [known[uid]["creator"] for uid in offered] == [star]
        others = [post for post in hit[viewer] if post[1] != Route.VIRAL]
        assert others == plain[viewer][: len(others)]
        assert offers(moment.before, viewer) < 0.5


def offers(world: World, viewer: int) -> float:
    """U(VIRAL, viewer, star, h)."""
    out = np.empty(1)
    keys = np.array([viewer], np.uint64), np.array([STAR], np.uint64)
    draws.units(np.uint64(world.seed), int(Purpose.VIRAL), *keys, world.hour, out)
    return float(out[0])


def test_a_viral_hit_ends() -> None:
    """It lasts 24 hours from the start of its day."""
    model, seen_on = worlds.model(EVENTFUL, "viral"), set()
    while model.day < 6:
        day = model.day
        model.step()
        if Route.VIRAL in routes_of(model):
            seen_on.add(day)
    assert seen_on == {3}


# ---- what needs more than one day ---------------------------------------------------------


def statuses(model: FollowerModel, verb: Verb) -> set[Refusal]:
    """What became of the rows with a verb in today's plan."""
    return {Refusal(s) for s in model.plan_status[model.plan["verb"] == verb]}


def test_a_churner_may_not_follow_until_the_block_ends() -> None:
    """Blocked on day d for n days: follows are refused on days d + 1 to d + n − 1, not on d + n."""
    model = worlds.model(PLAIN)
    worlds.govern(model, {"platform.churn_limit": 2, "platform.churn_block_days": 3})
    found = []
    for day in range(5):
        (drops if day == 0 else follows)(model)
        worlds.live(model, 1)
        found.append(statuses(model, Verb.FOLLOW))
    none, limit, accepted = set[Refusal](), {Refusal.LIMIT}, {Refusal.ACCEPTED}
    assert found == [none, limit, limit, accepted, accepted]


@pytest.mark.parametrize(("pause", "again"), [(0, True), (2, True), (30, False)])
def test_nobody_buys_again_from_the_same_account_before_the_pause_ends(
    pause: int, again: bool
) -> None:
    model = worlds.model(PLAIN)
    worlds.govern(model, {"behaviour.sale_pause_days": pause, "behaviour.sale_odds": 5.0})
    sales: dict[int, list[int]] = {}
    for hour in range(0, 10 * 24, 6):
        if hour % 24 == 0:
            posts(model)
        before = len(model.recorder.events)
        model.step()
        for event in model.recorder.events[before:]:
            if "sale" in event:
                sales.setdefault(int(event[3]), []).append(hour)
    gaps = [b - a for hours in sales.values() for a, b in pairwise(hours)]
    assert sales
    assert bool(gaps) == again
    assert all(gap >= 24 * pause for gap in gaps)


@pytest.mark.parametrize(
    ("measure", "off"),
    [
        ("warm", {"behaviour.warm": 0.9}),
        ("score", {"platform.score_engagement": 9.0}),
    ],
)
def test_what_only_measures_is_measured(measure: str, off: Settings) -> None:
    on, other = worlds.pair(EVENTFUL, WARM, off)
    measures = [worlds.live(model, 3).measures()[measure] for model in (on, other)]
    assert worlds.differences(on, other) == {}
    assert measures[0] != measures[1]
