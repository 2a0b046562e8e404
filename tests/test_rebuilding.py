"""A world rebuilt in plain Python from `sim/README.md`, III.ii, to the bit."""

from decimal import Decimal, localcontext
from itertools import pairwise
from math import floor, sqrt
from typing import Any

import numpy as np
import pytest

from sim.kernels.layout import NEVER, TOPICS, Origin, Purpose
from sim.settings import Behaviour, Platform, Population
from sim.settings import World as WorldSettings
from sim.world import building, protagonists
from sim.world.protagonists import Newcomer
from sim.world.rules import Settings
from sim.world.world import World
from twin.arithmetic import Draws

SEED = 7
DRAWS = Draws(SEED)


def u(purpose: int, a: int, b: int) -> float:
    """U(purpose, a, b, 0)."""
    return DRAWS.uniform(purpose, a, b, 0)


def d(purpose: int, a: int, b: int) -> int:
    """draw(purpose, a, b, 0)."""
    return DRAWS.draw(purpose, a, b, 0)


def unit(word: int) -> float:
    return ((word % 2**64) >> 11) * 2.0**-53


def powers() -> list[float]:
    """T[k] = 2^(k/4096), in decimal arithmetic of 30 digits."""
    with localcontext() as context:
        context.prec = 30
        step, power, out = Decimal(2) ** (Decimal(1) / 4096), Decimal(1), []
        for _ in range(4097):
            out.append(float(power))
            power *= step
        return out


T = powers()


def e2(y: float) -> float:
    f = (y - floor(y)) * 4096
    k = min(floor(f), 4095)
    power = T[k] + (T[k + 1] - T[k]) * (f - k)
    return power * 2.0 ** floor(y)


def lognormal(sigma: float, z: float) -> float:
    """E(σ, z)."""
    return e2(sigma * z * 1.4426950408889634)


def mean_one(sigma: float, z: float) -> float:
    """L(σ, z)."""
    return lognormal(sigma, z) / lognormal(sigma, sigma / 2)


def normal(uid: int, t: int) -> float:
    """N(t)."""
    words = [d(Purpose.PERSON, uid, 16 * t + k) for k in range(3)]
    total = sum(word >> 16 * piece & 0xFFFF for word in words for piece in range(4))
    return total / 65536 - 6 + 6 / 65536


def person(uid: int, s: WorldSettings, people: Population) -> dict[str, Any]:
    """The traits of somebody."""
    communities = max(1, round(s.accounts / s.community_size))
    p = {i: u(Purpose.PERSON, uid, i) for i in (*range(12), *range(300, 308), *range(320, 328))}
    z, rho = normal(uid, 1), people.posts_popularity
    spread = rho * z + sqrt(1 - rho * rho) * normal(uid, 2)
    rate = min(people.posts_max, people.posts_median * lognormal(people.posts_sigma, spread))
    rate = float(np.float32(rate))
    community = floor(p[0] * communities)
    focus = community % s.topics if p[1] < 0.8 else floor(p[2] * s.topics)
    return {
        "community": community,
        "focus": focus,
        "interest": interests(p, focus, s.topics),
        "popularity": popularity(z, s),
        "rate": rate,
        "sessions": min(
            people.sessions_max,
            people.sessions_median * lognormal(people.sessions_sigma, normal(uid, 3)),
        ),
        "attention": floor(people.attention * (0.5 + p[3]) + 0.5),
        "craft": people.craft_low + (people.craft_high - people.craft_low) * (p[4] + p[5]) / 2,
        "follow_back": mean_one(people.follow_back_sigma, normal(uid, 4)),
        "curiosity": mean_one(people.curiosity_sigma, normal(uid, 5)),
        "reshare": mean_one(people.reshare_sigma, normal(uid, 6)),
        "diligence": min(1, 3 * people.diligence * p[6] * p[6]),
        "answers": min(1, 3 * people.answers * p[7] * p[7]),
        "seeks": p[8] < people.reciprocity_seekers,
        "offer": p[11] < people.sellers,
        "minutes": people.minutes + people.effort * (1 + rate),
        "dollars": people.money,
        "expectation": floor(0.15 * 65535),
        "strategy": strategy_of(p[9], people),
    }


def interests(p: dict[int, float], focus: int, topics: int) -> list[int]:
    out = [0] * TOPICS
    for k in range(topics):
        side = p[300 + k] < 0.3
        out[k] = floor(60 + 140 * p[320 + k]) if side else floor(50 * p[320 + k])
    out[focus] = 255
    return out


def popularity(z: float, s: WorldSettings) -> float:
    if z < 0.847:
        return lognormal(s.popularity_sigma, z)
    steep = 1 / (s.popularity_exponent - 1)
    m = s.popularity_sigma * 0.847 - steep * 0.847 * (0.3856 + 0.5483 * 0.847)
    return lognormal(1, m + steep * z * (0.3856 + 0.5483 * z))


def strategy_of(coin: float, people: Population) -> int:
    weights = [people.strategies[name] for name in sorted(people.strategies)]
    bounds = np.cumsum(np.array(weights) / sum(weights))
    return int(np.searchsorted(bounds, coin, side="right"))


def sizes(s: WorldSettings) -> list[tuple[int, int]]:
    """How many follows by popularity, and how many that close triangles, each sets out to make."""
    out = []
    for uid in range(s.accounts):
        own = s.follows_per_account / (1 + s.reciprocation)
        z = 0.5 * normal(uid, 1) + sqrt(1 - 0.5 * 0.5) * normal(uid, 7)
        wanted = floor(own * mean_one(s.degree_sigma, z) + u(Purpose.PERSON, uid, 10))
        wanted = max(1, min(max(1, min(s.accounts // 4, 5_000)), wanted))
        closing = floor(wanted * s.closure)
        out.append((wanted - closing, closing))
    return out


def by_popularity(people: list[dict[str, Any]], s: WorldSettings) -> list[list[int]]:
    """The follows that are drawn by popularity."""
    order = sorted(range(s.accounts), key=lambda uid: (people[uid]["community"], uid))
    sums = np.cumsum([float(np.float32(people[uid]["popularity"])) for uid in order])
    communities = [people[uid]["community"] for uid in order]
    lists = []
    for uid, (slots, _) in enumerate(sizes(s)):
        mine: list[int] = []
        first = communities.index(people[uid]["community"])
        last = first + communities.count(people[uid]["community"])
        for slot in range(slots):
            for t in range(8):
                word = d(Purpose.BASE_FOLLOW, uid, 8 * slot + t)
                a, b = (first, last) if unit(word << 16) < s.within_community else (0, s.accounts)
                below = float(sums[a - 1]) if a else 0.0
                value = below + unit(word) * (float(sums[b - 1]) - below)
                place = min(int(np.searchsorted(sums[:b], value, side="right")), b - 1)
                if order[place] != uid and order[place] not in mine:
                    mine.append(order[place])
                    break
        lists.append(mine)
    return lists


def closed(base: list[list[int]], s: WorldSettings) -> list[list[int]]:
    """The follows with those that close triangles."""
    lists = []
    for uid, (_, slots) in enumerate(sizes(s)):
        mine = [*base[uid]]
        for slot in range(slots):
            for t in range(8):
                word = d(Purpose.CLOSURE, uid, 8 * slot + t)
                theirs = base[base[uid][floor(unit(word) * len(base[uid]))]] if base[uid] else []
                chosen = theirs[floor(unit(word << 16) * len(theirs))] if theirs else uid
                if chosen != uid and chosen not in mine:
                    mine.append(chosen)
                    break
        lists.append(mine)
    return lists


def returned(lists: list[list[int]], share: float) -> list[list[int]]:
    """The follows with those that are returned."""
    out = [[*mine] for mine in lists]
    for uid, mine in enumerate(lists):
        for other in mine:
            wanted = u(Purpose.RECIPROCATION, uid, other) < share
            if uid not in lists[other] and wanted:
                out[other].append(uid)
    return out


def without_loops(pairs: set[tuple[int, int]], accounts: int) -> list[list[int]]:
    return [sorted(b for a, b in pairs if a == uid != b) for uid in range(accounts)]


def uniform_follows(s: WorldSettings) -> list[list[int]]:
    span = 1 << (s.accounts - 1).bit_length()

    def end(b: int) -> int:
        tries = (d(Purpose.LAW, b, t) & span - 1 for t in range(99))
        return next(number for number in tries if number < s.accounts)

    attempts = round(s.accounts * s.follows_per_account)
    pairs = {(end(2 * k), end(2 * k + 1)) for k in range(attempts)}
    return returned(without_loops(pairs, s.accounts), s.reciprocation)


def preferential_follows(s: WorldSettings) -> list[list[int]]:
    whom = [0]
    for k in range(1, s.accounts):
        place = floor(u(Purpose.LAW, k, 0) * (2 * k - 1))
        whom.append(place if place < k else whom[place - k + 1])
    return without_loops(set(enumerate(whom)), s.accounts)


def merit_follows(s: WorldSettings) -> list[list[int]]:
    craft = [float(np.float32(person(uid, s, Population())["craft"])) for uid in range(s.accounts)]
    pairs = set()
    for k in range(round(s.accounts * s.follows_per_account)):
        source = floor(u(Purpose.LAW, k, 0) * s.accounts)
        words = (d(Purpose.LAW, k, t) for t in range(1, 1001))
        looked = ((word, floor(unit(word) * s.accounts)) for word in words)
        pairs.add((source, next(v for word, v in looked if unit(word << 16) < craft[v])))
    return without_loops(pairs, s.accounts)


def calibrated_follows(s: WorldSettings, people: Population) -> list[list[int]]:
    everybody = [person(uid, s, people) for uid in range(s.accounts)]
    return returned(closed(by_popularity(everybody, s), s), s.reciprocation)


PEOPLE = Population(strategies={"organic": 1, "casual": 3}, sellers=0.2, reciprocity_seekers=0.3)


def made(s: WorldSettings, people: Population = PEOPLE) -> World:
    """A world as the model makes it."""
    names = (*sorted(people.strategies), "idle@waiting")
    return building.build(Settings(s, people, Platform(), Behaviour()), names, SEED)


def lists_of(world: World) -> list[list[int]]:
    """Whom each row follows, by row."""
    ids = world.state.follow_ids
    return [
        ids[int(account["start"]) :][: int(account["follows"])].tolist()
        for account in world.accounts
    ]


def numbered(world: World) -> list[list[int]]:
    """Whom each account follows, by account number, which is the uid; rows lie in any order."""
    uids, lists = world.accounts["uid"], lists_of(world)
    return [uids[lists[row]].tolist() for row in np.argsort(uids)]


SMALL = WorldSettings(accounts=160, community_size=40, follows_per_account=8, topics=5)


def test_people_can_be_rebuilt_from_the_text() -> None:
    world = made(SMALL)
    for account in world.accounts:
        for trait, value in person(int(account["uid"]), SMALL, PEOPLE).items():
            stored = np.asarray(value).astype(account[trait].dtype)
            assert np.array_equal(stored, account[trait]), trait
    assert len({int(pod) for pod in world.accounts["community"]}) == 4


def test_first_follows_can_be_rebuilt_from_the_text() -> None:
    world = made(SMALL)
    assert numbered(world) == calibrated_follows(SMALL, PEOPLE)
    ties = world.state.ties[: int(world.state.cursor[0])]
    assert {int(origin) for origin in ties["origin"]} == {Origin.INITIAL}
    assert not any(ties[name].any() for name in ("start", "touched", "warmth", "irritation"))
    assert (ties["engaged"] == NEVER).all()


@pytest.mark.parametrize(
    ("law", "rebuilt"),
    [
        ("uniform", uniform_follows),
        ("preferential", preferential_follows),
        ("merit", merit_follows),
    ],
)
def test_the_simple_networks_can_be_rebuilt_from_the_text(law: str, rebuilt: Any) -> None:
    settings = SMALL.model_copy(update={"network": law})
    assert lists_of(made(settings, Population())) == rebuilt(settings)


def first_followers(world: World, uid: int, focus: int, wanted: int) -> list[tuple[int, float]]:
    """Whom a protagonist is given, each with the coin that decides whether it is followed."""
    words = [d(Purpose.JOIN, uid, k) for k in range(200 * wanted)]
    entries = world.state.directory
    looked = [(int(entries[word & len(entries) - 1]), word) for word in words]
    looked = [(row, word) for row, word in looked if row < world.initial]
    likes = world.accounts["interest"][:, focus]
    keen = [(row, word) for row, word in looked if (word >> 40 & 255) < likes[row]]
    rest = [(row, word) for row, word in looked if (word >> 40 & 255) >= likes[row]]
    coins: dict[int, float] = {}
    for row, word in keen + rest:
        coins.setdefault(row, (word >> 50) / 2**14)
    return [*coins.items()][:wanted]


@pytest.mark.parametrize("wanted", [12, 150])
def test_protagonists_can_be_rebuilt_from_the_text(wanted: int) -> None:
    world = made(SMALL)
    newcomers = [
        Newcomer(name, wanted, 0.5, 0.7, 45, 10, 1, focus)
        for name, focus in (("a", 3), ("b", None))
    ]
    rows = protagonists.join(world, tuple(newcomers), 2)
    for m, (name, row) in enumerate(rows.items()):
        account, uid = world.accounts[row], (3 << 62) + m
        traits = person(uid, SMALL, PEOPLE)
        focus = 3 if name == "a" else traits["focus"]
        traits["interest"][focus] = 255
        assert account["uid"] == uid
        assert account["number"] == SMALL.accounts + m
        assert account["interest"].tolist() == traits["interest"]
        assert (account["focus"], account["sessions"], account["rate"]) == (focus, 2, 0)
        assert account["attention"] == traits["attention"]
        found = first_followers(world, uid, focus, wanted)
        lists = lists_of(world)
        assert {r for r, mine in enumerate(lists) if row in mine} == {r for r, _ in found}
        assert lists[row] == [r for r, coin in found if coin < 0.5]
    assert all(a < b for a, b in pairwise(rows.values()))
