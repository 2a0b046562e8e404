"""What strategies see, rebuilt in plain Python from `sim/README.md`, "What strategies see"."""

from collections.abc import Iterator
from functools import cache
from math import floor, log2
from typing import Any

import numpy as np
import pytest

import worlds
from sim.actions import Accounts, Plan
from sim.kernels.layout import NO_ROW, Kind, Purpose, Total, Verb
from sim.model import FollowerModel
from twin.arithmetic import Draws, fold

RULES = ("anyone", "topic", "seekers", "popular")
CONVERSATIONS, NEEDS, PODS, UNRETURNED = 4, 5, 6, 7
WANTED = 3


@cache
def model() -> FollowerModel:
    """A world at the start of a day, in which there is something of everything to see."""
    return worlds.live(worlds.model(worlds.busy()), 12)


class Looker:
    """One account that looks around, by the text."""

    def __init__(self, row: int) -> None:
        self.world = model().world
        self.row = row
        self.me = self.world.accounts[row]
        self.draws = Draws(self.world.seed)

    def draw(self, b: int) -> int:
        return self.draws.draw(Purpose.TARGET, int(self.me["uid"]), b, self.world.hour)

    def follows(self, row: int) -> list[int]:
        account = self.world.accounts[row]
        ids = self.world.state.follow_ids
        return [int(one) for one in ids[int(account["start"]) :][: int(account["follows"])]]

    def looks(self, kind: int) -> Iterator[int]:
        """Where the draws of each look begin."""
        return ((kind << 40) + 16 * j for j in range(40 * WANTED))

    def gather(self, found: Iterator[int | None]) -> list[int]:
        """As many as are wanted, each once, oneself never."""
        out: list[int] = []
        for one in found:
            if len(out) < WANTED and one is not None and one != self.row and one not in out:
                out.append(one)
        return out

    def find(self, rule: str) -> list[int]:
        return self.gather(self.somebody(rule, b) for b in self.looks(RULES.index(rule)))

    def somebody(self, rule: str, b: int) -> int | None:
        directory = self.world.state.directory
        word = self.draw(b)
        row = int(directory[word & len(directory) - 1])
        if row == NO_ROW:
            return None
        if rule == "popular":
            theirs = self.follows(row)
            span = 1 << max(0, len(theirs) - 1).bit_length()
            places = [self.draw(b + 8 + t) & span - 1 for t in range(8)]
            place = next((place for place in places if place < len(theirs)), None)
            if place is None:
                return None
            row = theirs[place]
        other = self.world.accounts[row]
        active = other["posts"] or other["follows"] or other["followers"]
        if not other["alive"] or not active or row in self.follows(self.row):
            return None
        likes = (word >> 40 & 255) < self.me["interest"][other["focus"]]
        seeks = other["follows"] >= max(1, other["followers"])
        return (
            None
            if (rule, likes) == ("topic", False) or (rule, seeks) == ("seekers", False)
            else row
        )

    def on_spots(self, kind: int, spots: dict[tuple[int, int], int], length: int) -> list[int]:
        return self.gather(self.spot(b, spots, length) for b in self.looks(kind))

    def spot(self, b: int, spots: dict[tuple[int, int], int], length: int) -> int | None:
        words = (self.draw(b + t) for t in range(4))
        liked = ((w >> 61) for w in words if (w >> 8 & 255) < self.me["interest"][w >> 61])
        topic = next(liked, None)
        return None if topic is None else spots.get((topic, self.draw(b + 8) & length - 1))


def fresh_post(row: int) -> Any:
    """The fresh post of an account, or None."""
    world = model().world
    posts, totals = world.state.posts, world.state.totals
    platform = world.settings.platform
    place = int(world.accounts["latest"][row])
    while place >= totals[Total.OLDEST_POST] and place > 0:
        post = posts[place & len(posts) - 1]
        hour = int(post["hour"])
        if not post["reshare"] and hour + platform.lag_hours <= world.hour:
            young = hour + platform.lag_hours > world.hour - 24
            return post if young and world.hour - hour <= platform.window_hours else None
        place = int(post["previous"])
    return None


def laid(
    entries: list[tuple[int, int, int, int]], least: int
) -> tuple[dict[tuple[int, int], int], int]:
    """Accounts (row, topic, key, hour) on their spots, and how many spots a topic has."""
    draws = Draws(model().world.seed)
    length = 1 << (max(64, least) - 1).bit_length()
    held: dict[tuple[int, int], tuple[int, int]] = {}
    for row, topic, key, hour in entries:
        word = draws.draw(Purpose.TARGET, key, 0, hour)
        spot = topic, word & length - 1
        held[spot] = min(held.get(spot, (2**64, 0)), (word, row))
    return {spot: row for spot, (_, row) in held.items()}, length


def seen(row: int, look: str, *args: Any) -> list[int]:
    """What the model shows an account."""
    me = Accounts(model().world, np.array([row], np.uint32), Plan())
    return [int(one) for one in getattr(me, look)(*args).other]


def people() -> list[int]:
    """The rows of the living but fakes."""
    accounts = model().world.accounts
    return [int(row) for row in np.flatnonzero((accounts["alive"] == 1) & (accounts["kind"] < 3))]


@pytest.mark.parametrize("rule", RULES)
def test_finding_somebody_to_follow(rule: str) -> None:
    found = {row: Looker(row).find(rule) for row in people()}
    assert found == {row: seen(row, "find", WANTED, rule) for row in people()}
    assert sum(map(len, found.values())) > 100


def test_conversations() -> None:
    uids = {row: post for row in people() if (post := fresh_post(row)) is not None}
    entries = [(row, int(post["topic"]), int(post["uid"]), 0) for row, post in uids.items()]
    spots, length = laid(entries, model().world.initial // 16)
    found = {row: Looker(row).on_spots(CONVERSATIONS, spots, length) for row in people()}
    assert found == {row: seen(row, "conversations", WANTED) for row in people()}
    assert sum(map(len, found.values())) > 100


def test_open_needs() -> None:
    world = model().world
    living = world.needs[world.accounts["alive"][world.needs["asker"]] == 1]
    needs = [(int(n["asker"]), int(n["topic"]), int(n["hour"])) for n in living]
    uids = world.accounts["uid"]
    entries = [(row, topic, int(uids[row]), hour) for row, topic, hour in needs]
    spots, length = laid(entries, world.initial // 32)
    found = {row: Looker(row).on_spots(NEEDS, spots, length) for row in people()}
    assert found == {row: seen(row, "open_needs", WANTED) for row in people()}
    assert sum(map(len, found.values())) > 100


def test_posts_of_a_pod() -> None:
    pods, uids = model().world.accounts["pod"], model().world.accounts["uid"]
    several = 0
    for row in people():
        mates = [m for m in people() if pods[m] == pods[row] > 0 and m != row and fresh_post(m)]
        draw = Looker(row).draw
        mates.sort(key=lambda m: draw(fold(PODS, int(uids[m]))))
        several += len(mates) > WANTED
        assert seen(row, "pod_posts") == mates
        assert seen(row, "pod_posts", WANTED) == mates[:WANTED]
    assert several > 2


@pytest.mark.parametrize(("since", "grace"), [(0, 0.0), (24, 2.0), (150, 0.3)])
def test_follows_that_are_not_returned(since: int, grace: float) -> None:
    world = model().world
    ties, uids = worlds.ties(world), world.accounts["uid"]
    starts = {
        (int(a), int(b)): int(tie["start"])
        for a, b, follow, tie in zip(ties.owner, ties.other, ties.follow, ties.record, strict=True)
        if follow
    }
    total = 0
    for row in people():
        looker = Looker(row)
        found = [
            other
            for other in looker.follows(row)
            if since <= starts[row, other] < world.hour - 24 * grace and (other, row) not in starts
        ]

        def rank(other: int, looker: Looker = looker) -> tuple[int, int]:
            lot = looker.draw(fold(UNRETURNED, int(uids[other])))
            return starts[looker.row, other], lot

        total += len(found)
        assert seen(row, "unreturned", since, grace) == sorted(found, key=rank)
    assert total > 20


def test_habitual_posts() -> None:
    world, plan = model().world, Plan()
    rows = np.array(people(), np.uint32)
    Accounts(world, rows, plan).post_habitually()
    draws, wanted = Draws(world.seed), []
    for row in rows:
        uid, rate = int(world.accounts["uid"][row]), float(world.accounts["rate"][row])
        chance = draws.uniform(Purpose.POST_COUNT, uid, 0, world.hour)
        for slot in range(floor(rate) + (chance < rate - floor(rate))):
            self_talk = draws.uniform(Purpose.POST_KIND, uid, slot, world.hour)
            kind = (
                Kind.SELF_TALK if self_talk < world.settings.population.self_talk else Kind.CONTENT
            )
            wanted.append((row, slot, Verb.POST, kind, 100))
    columns = ["actor", "seq", "verb", "kind", "effort"]
    assert plan.rows()[columns].tolist() == wanted
    assert len(wanted) > 20


def octaves(count: int) -> float:
    """Ten times P(n): log2(1 + n), of which counts from 4,096 on lose their last bits."""
    s = max(0, count.bit_length() - 12)
    return log2(1 + (count >> s)) + s


def test_coins_and_scores() -> None:
    """The score is 10 P(followers) + weight x 10 P(engagements), both P of social proof."""
    world = model().world
    rows = np.array(people(), np.uint32)
    me, draws = Accounts(world, rows, Plan()), Draws(world.seed)
    uids = [int(uid) for uid in world.accounts["uid"][rows]]
    coins = [draws.uniform(Purpose.STRATEGY, uid, 1001, world.hour) for uid in uids]
    assert me.coin(1001).tolist() == coins
    weight = world.settings.platform.score_engagement
    counts = [int(count) for count in me.followers]
    score = [octaves(count) + weight * octaves(count // 3) for count in counts]
    assert me.score(me.followers / 3).tolist() == pytest.approx(score, rel=1e-12)
