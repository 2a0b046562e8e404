"""What accounts see of one another, against the same looks by hand.

Each look is compared with all that there is to be found, at both arities, in rows laid anew and
beside an account that nobody sees.
"""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import worlds
from sim.actions import Account, Accounts, Pairs, Plan, Rows
from sim.kernels.layout import ANY_TOPIC, NO_ROW, AccountKind, Verb
from sim.model import FollowerModel, burn_in
from sim.world.world import World

TARGETING: Any = ("topic", "anyone", "seekers", "popular")
LOOKS: dict[str, Callable[[Accounts], Pairs]] = {
    "topic": lambda me: me.find(6, "topic"),
    "anyone": lambda me: me.find(6, "anyone"),
    "seekers": lambda me: me.find(6, "seekers"),
    "popular": lambda me: me.find(6, "popular"),
    "unreturned": lambda me: me.unreturned(30, 1.0),
    "conversations": lambda me: me.conversations(6),
    "open_needs": lambda me: me.open_needs(4),
    "pod_posts": lambda me: me.pod_posts(5),
    "following_list": lambda me: me.following_list(),
}


@cache
def _scene(shuffled: bool) -> World:
    """A lively world on the morning of day 3, with pods, needs and people who wait."""
    made = worlds.busy(arrivals=0)
    world = burn_in(made, made.scenario.seed, shuffled=shuffled)
    return worlds.live(FollowerModel(made, world=world), 3).world


def scene(shuffled: bool = False) -> World:
    return _scene(shuffled).fork()


def people(world: World) -> Rows:
    """Everybody but fakes."""
    alive = (world.accounts["alive"] == 1) & (world.accounts["kind"] != AccountKind.FAKE)
    return np.flatnonzero(alive).astype(np.uint32)


def everybody(world: World) -> Accounts:
    return Accounts(world, people(world), Plan())


def findings(found: Pairs) -> dict[int, list[int]]:
    """What each has found, by row, in order."""
    ends = np.cumsum(found.counts)
    groups = np.split(found.other, ends[:-1]) if len(ends) else []
    return {
        int(row): [int(o) for o in group] for row, group in zip(found.rows, groups, strict=True)
    }


def followees(world: World) -> dict[int, dict[int, int]]:
    """Whom each row follows, and since which hour."""
    every = worlds.ties(world)
    out: dict[int, dict[int, int]] = {row: {} for row in range(world.rows)}
    rows = zip(
        every.owner[every.follow].tolist(),
        every.other[every.follow].tolist(),
        every.record["start"][every.follow].tolist(),
        strict=True,
    )
    for owner, other, start in rows:
        out[owner][other] = start
    return out


def fresh_posts(world: World) -> dict[int, np.void]:
    """The latest own post of each that can be seen, if it can be since a day at most."""
    platform, out = world.settings.platform, {}
    for post in worlds.window(world).values():  # in the order of publication
        age = world.hour - int(post["hour"])
        if not post["reshare"] and age >= platform.lag_hours:
            out[int(post["author"])] = post
    return {
        author: post
        for author, post in out.items()
        if world.hour - int(post["hour"]) < 24 + platform.lag_hours
        and world.hour - int(post["hour"]) <= platform.window_hours
        and world.accounts["alive"][author]
    }


# ---- finding somebody to follow -------------------------------------------------------------


@pytest.mark.parametrize("targeting", TARGETING)
def test_who_is_found_can_be_followed(targeting: Any) -> None:
    """No one finds itself, the dead, whom it follows, the invisible, or anybody twice."""
    world = scene()
    world.state.accounts["alive"][5:40] = 0
    followed = followees(world)
    listed = {int(row) for row in world.state.directory if row != NO_ROW}
    found = findings(everybody(world).find(8, targeting))
    assert sum(len(others) for others in found.values()) > 6 * len(found)
    for row, others in found.items():
        assert len(set(others)) == len(others) <= 8
        assert not {row, *range(5, 40)} & set(others)
        assert not followed[row].keys() & set(others)
        assert set(others) <= listed


def test_seekers_follow_as_many_as_follow_them() -> None:
    world = scene()
    found = world.accounts[everybody(world).find(5, "seekers").other]
    assert (found["follows"] >= np.maximum(found["followers"], 1)).all()


def test_nobody_finds_seekers_where_counts_are_hidden() -> None:
    world = scene()
    hidden = world.settings.platform.model_copy(update={"counts_visible": False})
    world.govern(world.settings._replace(platform=hidden))
    assert not len(everybody(world).find(5, "seekers").other)
    assert len(everybody(world).find(5, "topic").other)


def test_nobody_finds_who_shows_nothing() -> None:
    """Accounts without posts, follows and followers are not to be seen."""
    world = scene()
    for column in ("posts", "follows", "followers"):
        world.state.accounts[column][:150] = 0
    assert everybody(world).find(6, "anyone").other.min() >= 150


def loner(world: World) -> int:
    """A protagonist that follows nobody and is followed by nobody."""
    row = int(worlds.rows_of(world, AccountKind.PROTAGONIST)[0])
    for followers in followees(world).values():
        assert row in range(world.rows)
        followers.pop(row, None)
    world.state.accounts["follows"][row] = 0
    return row


def first_found(world: World, row: int, targeting: Any, hours: int) -> Counter[int]:
    """Whom an account finds first, by hour."""
    out: Counter[int] = Counter()
    for hour in range(hours):
        world.hour = 24 * hour
        me = Accounts(world, np.array([row], np.uint32), Plan())
        out.update(me.find(1, targeting).other.tolist())
    return out


def test_by_topic_in_proportion_to_interest() -> None:
    """Of the accounts with a focus f, weight interest[f]: k of n from f within z·√(np(1 − p))."""
    world = scene()
    row = loner(world)
    weights: Counter[int] = Counter()
    for other in {int(r) for r in world.state.directory if r != NO_ROW} - {row}:
        account = world.accounts[other]
        if account["alive"] and (account["posts"] or account["follows"] or account["followers"]):
            focus = int(account["focus"])
            weights[focus] += int(world.accounts["interest"][row][focus])
    found: Counter[int] = Counter()
    for other, times in first_found(world, row, "topic", 3_000).items():
        found[int(world.accounts["focus"][other])] += times
    n = found.total()  # now and then forty looks do not suffice
    for focus, weight in weights.items():
        p = weight / weights.total()
        assert abs(found[focus] - n * p) <= 4 * np.sqrt(n * p * (1 - p)) + 1e-9


def test_the_popular_in_proportion_to_their_followers() -> None:
    """P(c) = Σ s(A)/f(A) over A who follow c, divided by Σ s(A) over all A that follow f(A) > 0.

    A is uniform over the directory; s = 1 − (1 − f/2^⌈log₂ f⌉)⁸ is the chance that one of eight
    positions fits. Within z·√(np(1 − p)), for everybody who is found 20 times or more.
    """
    world, n = scene(), 4_000
    row = loner(world)
    followed = followees(world)
    chance: Counter[int] = Counter()
    for guide in {int(r) for r in world.state.directory if r != NO_ROW}:
        f = int(world.accounts["follows"][guide])
        if not f or not world.accounts["alive"][guide]:
            continue
        s = 1 - (1 - f / (1 << (f - 1).bit_length())) ** 8
        for other in followed[guide]:
            chance[other] += s / f  # type: ignore[assignment]
    chance.pop(row, None)
    found = first_found(world, row, "popular", n)
    total = sum(chance.values())
    for other, weight in chance.items():
        p = weight / total
        if n * p >= 20:
            assert abs(found[other] - n * p) <= 4.5 * np.sqrt(n * p * (1 - p))
    assert found.keys() <= chance.keys()


# ---- those one knows ------------------------------------------------------------------------


@pytest.mark.parametrize(("since", "grace"), [(0, 0.0), (0, 2.5), (100, 1.0), (150, 0.0)])
def test_the_unreturned_are_exactly_those(since: int, grace: float) -> None:
    """Followed since then, for longer than the grace, without return; the longest first."""
    world = scene()
    followed = followees(world)
    found = findings(everybody(world).unreturned(since, grace))
    assert any(found.values())
    for row, others in found.items():
        assert set(others) == {
            other
            for other, start in followed[row].items()
            if start >= since and world.hour - start > 24 * grace and row not in followed[other]
        }
        starts = [followed[row][other] for other in others]
        assert starts == sorted(starts)


def test_some_may_look_alone() -> None:
    world = scene()
    me = everybody(world)
    where = np.arange(len(me)) % 3 == 0
    whole, part = me.unreturned(0, 1.0), me.unreturned(0, 1.0, where=where)
    assert part.counts[~where].sum() == 0
    assert part.other.tolist() == whole.only(np.repeat(where, whole.counts)).other.tolist()


def test_whom_one_follows_and_who_follows_back() -> None:
    world = scene()
    me, followed = everybody(world), followees(world)
    mine = me.following_list()
    assert {row: set(others) for row, others in findings(mine).items()} == {
        row: set(followed[row]) for row in me.following_list().rows.tolist()
    }
    starts = [followed[a][o] for a, o in zip(mine.actor.tolist(), mine.other.tolist(), strict=True)]
    assert ((world.hour - np.array(starts)) / 24 == me.following_days()).all()
    back = [a in followed[o] for a, o in zip(mine.actor.tolist(), mine.other.tolist(), strict=True)]
    assert me.follow_me(mine).tolist() == back


# ---- conversations, needs, pods -------------------------------------------------------------


def test_conversations_are_fresh_and_to_ones_liking() -> None:
    world = scene()
    fresh = fresh_posts(world)
    me = everybody(world)
    found = me.conversations(6)
    assert len(found) > 3 * len(me)
    for row, others in findings(found).items():
        assert len(set(others)) == len(others) <= 6
        assert row not in others
    for row, other, topic in zip(
        found.actor.tolist(), found.other.tolist(), found.topic.tolist(), strict=True
    ):
        assert fresh[other]["topic"] == topic
        assert world.accounts["interest"][row][topic] > 0


def test_a_post_stays_fresh_for_a_day() -> None:
    """Who can be found is who has a fresh post, hour after hour, but for spots that are taken.

    n posts take L(1 − q) of the L = 64 spots of a topic, q = (1 − 1/L)ⁿ; as one spot taken
    makes another less likely, the variance is at most Lq(1 − q). At least that less z sigmas.
    """
    model = worlds.model(worlds.busy(arrivals=0))
    for _ in range(8):
        model.step()
        fresh = fresh_posts(model.world)
        found = set(everybody(model.world).conversations(40).other.tolist())
        assert found <= fresh.keys()
        q = (1 - 1 / 64) ** np.bincount([post["topic"] for post in fresh.values()])
        assert len(found) >= 64 * (1 - q).sum() - 3 * np.sqrt(64 * (q * (1 - q)).sum())


def test_needs_are_found_by_those_who_know() -> None:
    """Every need that lies on a spot of its own is found by somebody; not all find the same."""
    world = scene()
    me = everybody(world)
    needs = {int(n["asker"]): int(n["topic"]) for n in world.needs}
    assert len(needs) > 5
    found = me.open_needs(3)
    for row, asker, topic in zip(
        found.actor.tolist(), found.other.tolist(), found.topic.tolist(), strict=True
    ):
        assert needs[asker] == topic
        assert row != asker
        assert world.accounts["interest"][row][topic] > 0
    times = Counter(found.other.tolist())
    assert len(times) > 0.7 * len(needs)
    assert max(times.values()) < 0.5 * len(me)
    firsts = Counter(others[0] for others in findings(found).values() if others)
    assert len(firsts) > 0.5 * len(needs)


def test_without_needs_and_pods_nobody_finds_any() -> None:
    world = scene()
    world.needs = world.needs[:0]
    world.state.accounts["pod"] = 0
    me = everybody(world)
    assert len(me.open_needs(3)) == len(me.pod_posts()) == 0


def test_the_pod_is_all_of_it_but_oneself() -> None:
    world = scene()
    fresh, pods = fresh_posts(world), world.accounts["pod"]
    assert len(set(pods.tolist())) == 4
    me = everybody(world)
    whole, few = findings(me.pod_posts()), findings(me.pod_posts(3))
    assert any(whole.values())
    for row, others in whole.items():
        mates = {o for o in fresh if o != row and pods[o] == pods[row]} if pods[row] else set()
        assert set(others) == mates
        assert len(others) == len(mates)
        assert few[row] == others[:3]


def test_of_a_large_pod_some_are_drawn_by_lot() -> None:
    """Each of m − 1 mates is among 3 with p = 3/(m − 1): k of n days within z·√(np(1 − p))."""
    world, n = scene(), 400
    members = sorted(fresh_posts(world))[:20]
    world.state.accounts["pod"] = 0
    world.state.accounts["pod"][members] = 2
    found: Counter[int] = Counter()
    for seed in range(n):
        world.seed = seed
        me = Accounts(world, np.array(members[:1], np.uint32), Plan())
        found.update(me.pod_posts(3).other.tolist())
    p = 3 / (len(members) - 1)
    for mate in members[1:]:
        assert abs(found[mate] - n * p) <= 4 * np.sqrt(n * p * (1 - p))


# ---- for one and for many, in any order -----------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
def test_one_sees_what_many_see(look: str) -> None:
    world = scene()
    me = everybody(world)
    together = findings(LOOKS[look](me))
    for row in (0, 7, 60, int(people(world)[-1])):
        alone = Accounts(world, np.array([row], np.uint32), Plan())
        assert findings(LOOKS[look](alone)) == {row: together[row]}


def test_a_single_account_gets_references() -> None:
    """`Account` has the looks of `Accounts`, without the pairs."""
    world = scene()
    for account in list(everybody(world))[:60]:
        many = Accounts(world, account._rows, Plan())
        for name in ("topic", "popular"):
            assert account.find(6, name).tolist() == many.find(6, name).other.tolist()  # type: ignore[arg-type]
        assert account.unreturned(30, 1.0).tolist() == many.unreturned(30, 1.0).other.tolist()
        assert account.conversations(6).tolist() == many.conversations(6).other.tolist()
        assert account.open_needs(4).tolist() == many.open_needs(4).other.tolist()
        assert account.pod_posts(5).tolist() == many.pod_posts(5).other.tolist()
        assert account.pod_posts().tolist() == many.pod_posts().other.tolist()
        assert account.following_days().tolist() == many.following_days().tolist()
        assert account.score() == many.score()[0]
        assert account.score(7) == many.score(7)[0]
        for name in ("age", "focus", "in_pod", "rate", "waiting"):
            assert getattr(account, name) == getattr(many, name)[0]
        assert account.interests.tolist() == many.interests[0].tolist()


@pytest.mark.parametrize("look", LOOKS)
def test_the_order_of_rows_decides_nothing(look: str) -> None:
    seen = []
    for world in (scene(), scene(shuffled=True)):
        uids = world.accounts["uid"].tolist()
        found = findings(LOOKS[look](everybody(world)))
        seen.append({uids[row]: [uids[other] for other in o] for row, o in found.items()})
    assert seen[0] == seen[1]


def test_an_account_that_nobody_sees_disturbs_no_look() -> None:
    plain, crowded = scene(), scene()
    row = crowded.add_rows(1)
    crowded.state.accounts[row]["uid"] = (1 << 62) + 77
    crowded.state.accounts[row]["alive"] = 1
    crowded.enlist(row, int(np.flatnonzero(crowded.state.directory == NO_ROW)[0]))
    for look in LOOKS.values():
        one, two = (findings(look(Accounts(w, people(plain), Plan()))) for w in (plain, crowded))
        assert one == two


# ---- pairs and verbs ------------------------------------------------------------------------


def made_pairs() -> Pairs:
    counts = np.array([2, 0, 3])
    topics = np.array([1, 2, 3, 4, 5], np.uint8)
    rows = np.array([7, 8, 9], np.uint32)
    return Pairs(rows, counts, np.array([10, 11, 20, 21, 22], np.uint32), topics)


@pytest.mark.parametrize(
    ("most", "left"),
    [
        (9, [10, 11, 20, 21, 22]),
        (1, [10, 20]),
        (0, []),
        (-3, []),
        (np.inf, [10, 11, 20, 21, 22]),
        (np.array([0, 5, 2.9]), [20, 21]),
    ],
)
def test_the_first_of_each(most: Any, left: list[int]) -> None:
    found = made_pairs().first(most)
    assert found.other.tolist() == left
    assert found.counts.sum() == len(found) == len(found.actor) == len(found.topic)


def test_some_of_the_pairs() -> None:
    found = made_pairs().only(np.array([False, True, False, True, True]))
    assert found.actor.tolist() == [7, 9, 9]
    assert found.other.tolist() == [11, 21, 22]
    assert found.topic.tolist() == [2, 4, 5]
    assert found.cost(0.25).tolist() == [0.25, 0, 0.5]


def test_many_act_on_pairs() -> None:
    world = scene()
    plan = Plan()
    me = Accounts(world, people(world), plan)
    found = me.find(2, "anyone")
    me.follow(found)
    rows = plan.rows()
    assert rows["actor"].tolist() == found.actor.tolist()
    assert rows["target"].tolist() == found.other.tolist()
    assert set(rows["verb"].tolist()) == {Verb.FOLLOW}
    with pytest.raises(TypeError, match="many accounts act on pairs"):
        me.follow(found.other)


def test_help_says_what_the_need_is_about() -> None:
    world = scene()
    needs = {int(n["asker"]): int(n["topic"]) for n in world.needs}
    asker, other = next(iter(needs)), next(row for row in range(world.rows) if row not in needs)
    helper = int(worlds.rows_of(world, AccountKind.PROTAGONIST)[0])
    plan = Plan()
    me = Account(world, np.array([helper], np.uint32), plan)
    me.help(np.array([asker, other], np.uint32))
    assert plan.rows()["topic"].tolist() == [needs[asker], ANY_TOPIC]


# ---- oneself --------------------------------------------------------------------------------


def test_the_score_is_two_logarithms() -> None:
    """log₂(1 + n) to the last digits up to 4,095, and within log₂(1 + 1/2048) beyond."""
    world = scene()
    rows = people(world)
    counts = np.geomspace(1, 3_000_000, len(rows)).astype(np.uint32)
    world.state.accounts["followers"][rows] = counts
    world.state.accounts["engagements"][rows] = counts[::-1]
    me = Accounts(world, rows, Plan())

    def log(n: Any) -> NDArray[np.float64]:
        return np.log2(1.0 + np.asarray(n))

    assert me.score(0) == pytest.approx(log(counts), abs=8e-4)
    assert me.score(0)[counts < 4096] == pytest.approx(log(counts[counts < 4096]), abs=1e-12)
    assert me.score() == pytest.approx(log(counts) + log(counts[::-1]), abs=1.6e-3)
    platform = world.settings.platform.model_copy(update={"score_engagement": 0.5})
    world.govern(world.settings._replace(platform=platform))
    assert me.score(3) == pytest.approx(log(counts) + 0.5 * 2, abs=8e-4)


def test_what_one_sees_of_oneself() -> None:
    world = scene()
    me, records = everybody(world), world.accounts[people(world)]
    assert me.hour == world.hour
    assert me.age.tolist() == ((world.hour - records["joined"].astype(float)) / 24).tolist()
    assert me.focus.tolist() == records["focus"].tolist()
    assert me.interests.max() == 1
    assert (me.interests * 255 == records["interest"]).all()
    assert me.in_pod.tolist() == (records["pod"] > 0).tolist()
    assert any(me.in_pod)


def test_parts_remember_apart() -> None:
    world = scene()
    names = ("own", "a.count", "a.b.count", "ab.count")
    memory = {name: np.zeros(len(world.state.accounts)) for name in names}
    me = Accounts(world, people(world)[:4], Plan(), memory)
    where = np.array([True, False, False, True])
    part = me.part("a", where)
    assert len(part) == 2
    part["count"] = 5.0
    part.part("b")["count"] = [6.0, 7.0]
    assert me["a.count"].tolist() == [5, 0, 0, 5]
    assert me["a.b.count"].tolist() == [6, 0, 0, 7]
    assert me["own"].tolist() == me["ab.count"].tolist() == [0, 0, 0, 0]
    with pytest.raises(KeyError):
        part["own"]
