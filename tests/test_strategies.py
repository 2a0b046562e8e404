"""The contract that every strategy keeps, and what each promises of itself.

A strategy of your own goes through the contract by a subclass of `Contract` with its name.
"""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

import sim
import worlds
from sim import strategies
from sim.actions import Account, Accounts, Day, Plan
from sim.cli import main
from sim.kernels.layout import (
    ARRANGED,
    AS_BEG,
    ASKS,
    NEED,
    NEVER,
    PLAN,
    AccountKind,
    Kind,
    Refusal,
    Total,
    Verb,
)
from sim.model import FollowerModel, burn_in
from sim.settings import Section
from sim.strategies import catalogue
from sim.strategies.base import Strategy
from sim.strategies.composite import Composite
from sim.world.world import World

DAY = Day(3, 8)
Memory = dict[str, NDArray[np.float64]]


@cache
def _scene(shuffled: bool) -> World:
    """A lively world in the morning of day 3: people wait for answers, fakes have come."""
    made = worlds.busy(arrivals=0)
    world = burn_in(made, made.scenario.seed, shuffled=shuffled)
    return worlds.live(FollowerModel(made, world=world), 3).world


def scene(shuffled: bool = False) -> World:
    return _scene(shuffled).fork()


def memory_of(world: World, strategy: Strategy) -> Memory:
    """What the accounts of a strategy remember on their first day."""
    return {
        name: np.full(len(world.state.accounts), start) for name, start in strategy.columns.items()
    }


def planned(
    world: World, strategy: Strategy, rows: Any, memory: Memory | None = None, day: Day = DAY
) -> NDArray[np.void]:
    """The plan of these accounts; nothing is carried out."""
    plan = Plan()
    held = memory_of(world, strategy) if memory is None else memory
    strategy.decide(Accounts(world, np.asarray(rows, np.uint32), plan, held), day)
    return plan.rows()


def state_of(strategy: Strategy) -> Any:
    """All that a strategy keeps in itself, its parts included."""
    held = {k: v for k, v in vars(strategy).items() if k != "parts"}
    parts = strategy.parts if isinstance(strategy, Composite) else {}
    return repr(held), repr(strategy.columns), {k: state_of(part) for k, part in parts.items()}


def everybody(world: World) -> NDArray[np.uint32]:
    """All who could have a strategy."""
    able = (world.accounts["alive"] == 1) & (world.accounts["kind"] != AccountKind.FAKE)
    return np.flatnonzero(able).astype(np.uint32)


def params_of(kind: type[Strategy], **params: Any) -> Section:
    """Checked parameters of a strategy."""
    return kind.Params.model_validate(params)


def bytes_of(world: World) -> list[bytes]:
    """All that a world is, and what is pending in it."""
    pending = (world.inbox, world.schedule, world.notices, world.orders, world.needs)
    return [array.tobytes() for array in (*world.state, *pending)]


def all_live_by(name: str) -> str:
    """A population whose accounts all have one strategy."""
    return f"{worlds.LIVELY_POPULATION}\nstrategies = {{ {name} = 1.0 }}\nparams = {{}}\n"


def protagonists(world: World) -> NDArray[np.uint32]:
    return worlds.rows_of(world, AccountKind.PROTAGONIST).astype(np.uint32)


def someone(world: World, **columns: Any) -> int:
    """The row of a protagonist whose account has these values."""
    row = int(protagonists(world)[0])
    for name, value in columns.items():
        world.state.accounts[name][row] = value
    return row


def follower_count(world: World, row: int, count: int) -> None:
    world.state.accounts["followers"][row] = count


# ---- the contract -------------------------------------------------------------------------


class Contract:
    """What any strategy must be and do."""

    name: ClassVar[str] = ""

    @property
    def kind(self) -> type[Strategy]:
        return strategies.find(self.name)

    def test_it_can_be_made_with_defaults(self) -> None:
        strategy = self.kind()
        assert strategy.name == self.name
        assert isinstance(strategy.params, self.kind.Params)
        assert self.kind(strategy.params).params is strategy.params

    def test_its_parameters_are_frozen_and_documented(self) -> None:
        assert issubclass(self.kind.Params, Section)
        fields = catalogue.parameters(self.kind.Params)
        for field, node in fields.items():
            assert {"default", "unit", "source", "description"} <= node.keys(), field
            assert catalogue.allowed(node)
            with pytest.raises(ValidationError, match="frozen"):
                setattr(self.kind().params, field, node["default"])
        with pytest.raises(ValidationError):
            self.kind.Params.model_validate({"no_such_parameter": 1})

    def test_its_docstring_tells_what_it_does_costs_and_comes_from(self) -> None:
        assert self.kind.__doc__
        assert self.kind.__doc__ is not Strategy.__doc__
        said = catalogue.entry(self.kind)
        assert said.summary.endswith(".")
        assert said.costs.endswith("."), "Costs: ..."
        assert said.source.endswith("."), "Source: ..."

    def test_its_columns_are_its_only_state(self) -> None:
        strategy, world = self.kind(), scene()
        before = state_of(strategy)
        memory = memory_of(world, strategy)
        planned(world, strategy, protagonists(world), memory)
        assert before == state_of(strategy)
        assert memory.keys() == strategy.columns.keys()
        others = np.setdiff1d(np.arange(len(world.state.accounts)), protagonists(world))
        for column, start in strategy.columns.items():
            assert (memory[column][others] == start).all(), "it wrote into others' memory"

    def test_planning_changes_nothing_in_the_world(self) -> None:
        world = scene()
        before = bytes_of(world)
        planned(world, self.kind(), protagonists(world))
        assert bytes_of(world) == before

    def test_it_plans_the_same_again(self) -> None:
        plans = [planned(w := scene(), self.kind(), protagonists(w)).tolist() for _ in range(2)]
        assert plans[0] == plans[1]

    def test_together_or_one_by_one(self) -> None:
        """Accounts plan alike all at once, in two parts, and through `decide_one`."""
        world, strategy = scene(), self.kind()
        rows = protagonists(world)
        whole = planned(world, strategy, rows).tolist()
        parts = [planned(world, strategy, part).tolist() for part in (rows[:2], rows[2:])]
        assert whole == parts[0] + parts[1]
        if type(strategy).decide_one is not Strategy.decide_one:
            plan = Plan()
            for account in Accounts(world, rows, plan, memory_of(world, strategy)):
                strategy.decide_one(account, DAY)
            assert plan.rows().tolist() == whole

    def test_it_acts_for_its_own_accounts_by_known_verbs(self) -> None:
        world = scene()
        rows = protagonists(world)[1:4]
        plan = planned(world, self.kind(), rows)
        assert plan.dtype == PLAN
        assert np.isin(plan["actor"], rows).all()
        spoken = {Verb.POST, Verb.FOLLOW, Verb.UNFOLLOW, Verb.REPLY, Verb.BUY}
        favours = {Verb.LIKE, Verb.COMMENT, Verb.HELP, Verb.JOIN}
        assert set(plan["verb"].tolist()) <= spoken | favours
        aimed = plan[~np.isin(plan["verb"], (Verb.POST, Verb.BUY))]
        assert (aimed["target"] < world.rows).all()

    def test_it_sees_no_label(self) -> None:
        """Other origins, and other strategies and kinds of the others, give the same plan."""
        plain, labelled = scene(), scene()
        labelled.state.ties["origin"] = (labelled.state.ties["origin"] + 3) % 8
        others = np.setdiff1d(np.arange(labelled.rows), protagonists(labelled))
        labelled.accounts["strategy"][others] += 1
        labelled.accounts["kind"][others] = (labelled.accounts["kind"][others] + 1) % 4
        rows = protagonists(plain)
        plans = [planned(world, self.kind(), rows).tolist() for world in (plain, labelled)]
        assert plans[0] == plans[1]

    def test_the_order_of_rows_decides_nothing(self) -> None:
        """Everybody plans the same, wherever it and the others stand."""
        plans = []
        for world in (scene(), scene(shuffled=True)):
            uids = world.accounts["uid"]
            plan = planned(world, self.kind(), everybody(world))
            rows = [list(row) for row in plan.tolist()]
            for row, actor, target in zip(rows, plan["actor"], plan["target"], strict=True):
                aimed = row[2] not in (Verb.POST, Verb.BUY)
                row[0], row[4] = int(uids[actor]), int(uids[target]) if aimed else int(target)
            plans.append(sorted(rows))
        assert plans[0] == plans[1]

    def test_a_day_of_an_hour_suffices(self) -> None:
        """It plans no more than it has time for, and little of what it plans is refused."""
        made = worlds.scenario(
            days=30,
            population=f"{worlds.LIVELY_POPULATION}\nneeds_per_day = 0.1",
            rest=worlds.protagonist(
                "one", self.name, lines="minutes = 60\nmoney = 100\nfollowers = 20"
            ),
        )
        model, refused = worlds.model(made), Counter[int]()
        row = next(iter(model.recorder.lives))
        while model.day < 12:
            model.step()
            refused.update(model.plan_status[model.plan["actor"] == row].tolist())
        assert not refused[Refusal.MINUTES] + refused[Refusal.MONEY]
        assert refused.total() - refused[Refusal.ACCEPTED] <= 0.02 * refused.total()

    def test_ordinary_people_can_live_by_it(self) -> None:
        made = worlds.scenario(
            accounts=60,
            burn_in=2,
            population=all_live_by(self.name),
        )
        model = worlds.live(worlds.model(made), 2)
        assert model.world.strategies[0] == self.name

    def test_nobody_overspends_by_it(self) -> None:
        """A month with little time and money; what is accepted fits into them."""
        made = worlds.scenario(
            days=30,
            rest=worlds.protagonist(
                "poor", self.name, lines="minutes = 2\nmoney = 0.01\nfollowers = 20"
            ),
        )
        model = worlds.model(made)
        while model.day < 10:
            spent = model.recorder.lives[next(iter(model.recorder.lives))].counts["minutes"]
            model.step()
            now = model.recorder.lives[next(iter(model.recorder.lives))].counts["minutes"]
            assert now - spent <= 2 + 1e-9
        assert (model.world.accounts["dollars"] >= 0).all()


class TestOrganic(Contract):
    name = "organic"

    def test_it_answers_first_and_writes_with_the_rest(self) -> None:
        """At 45 minutes: 5 answers of 3 minutes (at most .35 of the day), one post of 30."""
        world = scene()
        row = someone(world, minutes=45)
        wait_for(world, row, 9)
        plan = planned(world, self.kind(), [row])
        assert plan["verb"].tolist() == [Verb.REPLY] * 5 + [Verb.POST]
        assert plan["effort"][-1] == 300
        assert plan["kind"][-1] == Kind.CONTENT

    @pytest.mark.parametrize(
        ("minutes", "efforts"), [(0, []), (12.34, [123]), (60, [300, 300]), (100, [300] * 3)]
    )
    def test_posts_get_what_there_is(self, minutes: float, efforts: list[int]) -> None:
        world = scene()
        row = someone(world, minutes=minutes)
        wait_for(world, row, 0)
        assert planned(world, self.kind(), [row])["effort"].tolist() == efforts

    def test_without_minutes_nobody_is_answered(self) -> None:
        world = scene()
        row = someone(world, minutes=0)
        wait_for(world, row, 5)
        assert len(planned(world, self.kind(), [row])) == 0


def wait_for(world: World, row: int, count: int) -> None:
    """Let so many people wait for an answer of this account, and nobody else."""
    world.inbox = np.array([(row, other) for other in range(count)], world.inbox.dtype)


class TestIdle(Contract):
    name = "idle"

    def test_it_does_nothing(self) -> None:
        world = scene()
        assert len(planned(world, self.kind(), protagonists(world))) == 0


class TestCasual(Contract):
    name = "casual"

    def test_people_write_as_much_as_they_are_used_to(self) -> None:
        """Accounts with rate λ = ⌊λ⌋ + f write ⌊λ⌋ or ⌊λ⌋ + 1 posts: Σλ ± z·√(Σ f(1 − f))."""
        world = scene()
        rows = worlds.rows_of(world, AccountKind.ORDINARY)
        rate = world.accounts["rate"][rows].astype(float)
        expected, variance, posts = 0.0, 0.0, 0
        for day in range(30):
            world.hour = 24 * day
            posts += len(planned(world, self.kind(), rows, day=Day(day, day)))
            expected += rate.sum()
            variance += (rate % 1 * (1 - rate % 1)).sum()
        assert abs(posts - expected) <= 4 * np.sqrt(variance)

    def test_a_share_of_it_is_about_themselves(self) -> None:
        """k of n posts with probability p: |k − np| ≤ z·√(np(1 − p))."""
        world = scene()
        p = world.settings.population.self_talk
        plan = planned(world, self.kind(), worlds.rows_of(world, AccountKind.ORDINARY))
        talk = int((plan["kind"] == Kind.SELF_TALK).sum())
        assert abs(talk - len(plan) * p) <= 4 * np.sqrt(len(plan) * p * (1 - p))
        assert (plan["effort"] == round(world.settings.population.effort * 10)).all()


class TestBeg(Contract):
    name = "beg"

    def begs(self, world: World, counts: list[int], **params: Any) -> list[int]:
        """On which of these days, each with its count of followers, it begs."""
        strategy = self.kind(self.kind.Params.model_validate(params))
        memory, row = memory_of(world, strategy), someone(world, minutes=45)
        days = []
        for number, count in enumerate(counts):
            follower_count(world, row, count)
            plan = planned(world, strategy, [row], memory, Day(number, number))
            asked = plan[(plan["verb"] == Verb.POST) & (plan["flags"] & ASKS > 0)]
            assert len(asked) <= 1
            days += [number] * len(asked)
        return days

    def test_it_begs_once_at_each_milestone(self) -> None:
        """Near 100 (from 85 on) once, not again when the count wavers; then near 125."""
        counts = [70, 84, 85, 90, 86, 99, 100, 104, 107, 110, 99, 107]
        assert self.begs(scene(), counts, milestones=[100, 125]) == [2, 8]

    def test_milestones_behind_it_are_passed_over(self) -> None:
        assert self.begs(scene(), [400, 430, 431, 470, 520], milestones=[100, 200, 500]) == [1]

    def test_a_beg_costs_a_minute_of_the_content(self) -> None:
        world = scene()
        row = someone(world, minutes=20, followers=95)
        wait_for(world, row, 0)
        plan = planned(world, self.kind(), [row])
        assert plan["effort"].tolist() == [0, 190]
        assert self.asked_for(plan[0])

    def asked_for(self, row: Any) -> bool:
        return bool(row["kind"] == Kind.BEG and row["flags"] == ASKS)


class TestBoosted(TestBeg):
    name = "boosted"

    def test_a_beg_costs_a_minute_of_the_content(self) -> None:
        world = scene()
        row = someone(world, minutes=20, followers=95)
        wait_for(world, row, 0)
        plan = planned(world, self.kind(), [row])
        assert plan["effort"].tolist() == [300, 190]
        assert plan["kind"].tolist() == [Kind.CONTENT, Kind.CONTENT]
        assert plan["flags"].tolist() == [ASKS | AS_BEG, 0]

    def test_the_placebo_has_the_coins_of_the_beg(self) -> None:
        """The same uid and hour, the spread of a beg, the quality of content."""
        begged, boosted = (first_asking(name) for name in ("beg", "boosted"))
        for column in ("uid", "hour", "topic", "asks", "spread"):
            assert begged[column] == boosted[column], column
        assert begged["kind"] == Kind.BEG
        assert boosted["kind"] == Kind.CONTENT
        assert boosted["quality"] > begged["quality"] == begged["spread"]


def first_asking(strategy: str) -> Any:
    """The first post that asks for a reshare, of a protagonist with this strategy."""
    made = worlds.scenario(
        rest=worlds.protagonist("asker", strategy, worlds.MILESTONES, lines="followers = 20")
    )
    model = worlds.model(made)
    row = next(iter(model.recorder.lives))
    while model.day < 5:
        model.step()
        state = model.world.state
        recent = range(int(state.totals[Total.OLDEST_POST]), int(state.totals[Total.NEXT_POST]))
        posts = state.posts[np.array(recent) & (len(state.posts) - 1)]
        asking = posts[(posts["author"] == row) & (posts["asks"] == 1) & (posts["reshare"] == 0)]
        if len(asking):
            return asking[0]
    raise AssertionError("it never asked")


@pytest.fixture(scope="module")
def churned() -> list[tuple[Any, set[int]]]:
    """Twelve days: each unfollowed tie as it was, and who followed the account then."""
    made = worlds.scenario(
        rest=worlds.protagonist(
            "churner", "follow_for_follow", "per_day = 8", lines="followers = 20"
        )
    )
    model, seen = worlds.model(made), []
    row = next(iter(model.recorder.lives))
    while model.day < 12:
        ties, hour = worlds.ties(model.world), model.world.hour
        mine = ties.follow & (ties.owner == row)
        starts = dict(
            zip(ties.other[mine].tolist(), ties.record["start"][mine].tolist(), strict=True)
        )
        followers = set(ties.owner[ties.follow & (ties.other == row)].tolist())
        model.step()
        dropped = model.plan[(model.plan["verb"] == Verb.UNFOLLOW) & (model.plan["actor"] == row)]
        if hour % 24 == 0:
            seen += [
                ((hour - starts[t], starts[t], t), followers) for t in dropped["target"].tolist()
            ]
    return seen


class TestFollowForFollow(Contract):
    name = "follow_for_follow"

    def test_it_drops_only_who_had_time_and_did_not_return(self, churned: Any) -> None:
        assert len(churned) > 20
        for (age, _, target), followers in churned:
            assert age > 2 * 24
            assert target not in followers

    def dropped(self, world: World, row: int, started: float, **params: Any) -> dict[int, int]:
        """Whom it drops today, and since which hour it followed them."""
        memory = {"started": np.full(len(world.state.accounts), started)}
        plan = planned(world, self.kind(params_of(self.kind, **params)), [row], memory)
        gone = plan["target"][plan["verb"] == Verb.UNFOLLOW].tolist()
        return {target: start for target, start in friends(world, row).items() if target in gone}

    def test_it_keeps_whom_it_followed_before_it_began(self) -> None:
        """All whom it followed since the hour of its first day in vain go, and nobody else."""
        world = scene()
        row = one_with_friends(world)
        in_vain = {
            other: start
            for other, start in friends(world, row).items()
            if world.hour - start > 12 and row not in friends(world, other)
        }
        hours = sorted(set(in_vain.values()))
        assert len(hours) > 2
        for began in hours[1:3]:
            expected = {other: start for other, start in in_vain.items() if start >= began}
            assert self.dropped(world, row, began, grace_days=0.5) == expected

    def test_its_first_follows_are_dropped_too(self) -> None:
        """What it followed on its first morning is in hope of a return like all the rest."""
        made = worlds.scenario(
            rest=worlds.protagonist("churner", self.name, "per_day = 5", lines="followers = 20")
        )
        model = worlds.model(made)
        row = next(iter(model.recorder.lives))
        began = model.world.hour
        model.step()
        plan = model.plan[model.plan["actor"] == row]
        first = set(plan["target"][plan["verb"] == Verb.FOLLOW].tolist())
        assert len(first) == 5
        worlds.live(model, 5)
        left = first & friends(model.world, row).keys()
        assert all(row in friends(model.world, other) for other in left)
        assert len(left) < 5
        assert model.world.columns["follow_for_follow@churner.started"][row] == began

    def test_a_newcomer_keeps_its_first_follows(self) -> None:
        """Follows of this very hour, made before its first plan, are none of its own."""
        world = scene()
        row = one_with_friends(world)
        first = int(world.accounts["start"][row])
        ties = slice(first, first + int(world.accounts["follows"][row]))
        world.state.ties["start"][ties] = world.hour
        strategy = self.kind()
        memory = memory_of(world, strategy)
        planned(world, strategy, [row], memory)
        assert memory["started"][row] == world.hour + 1

    def test_it_can_keep_all(self) -> None:
        made = worlds.scenario(
            rest=worlds.protagonist("keeper", self.name, "keep = true", lines="followers = 20")
        )
        model = worlds.model(made)
        row = next(iter(model.recorder.lives))
        while model.day < 6:
            model.step()
            verbs = model.plan["verb"][model.plan["actor"] == row]
            assert not (verbs == Verb.UNFOLLOW).any()

    @pytest.mark.parametrize("targeting", ["topic", "anyone", "seekers", "popular"])
    def test_it_follows_so_many_a_day(self, targeting: str) -> None:
        world = scene()
        row = someone(world, minutes=45)
        params = self.kind.Params.model_validate({"per_day": 10, "targeting": targeting})
        plan = planned(world, self.kind(params), [row])
        targets = plan["target"][plan["verb"] == Verb.FOLLOW]
        assert len(targets) == len(set(targets.tolist())) == 10
        assert row not in targets
        if targeting == "seekers":
            people = world.accounts[targets]
            assert (people["follows"] >= people["followers"]).all()

    def test_it_follows_no_more_than_it_has_time_for(self) -> None:
        world = scene()
        row = someone(world, minutes=1.6)
        plan = planned(world, self.kind(), [row])
        assert (plan["verb"] == Verb.FOLLOW).sum() == 6

    def test_churn_takes_time_from_content(self) -> None:
        world = scene()
        row = someone(world, minutes=30)
        wait_for(world, row, 0)
        plan = planned(world, self.kind(), [row])
        assert plan["effort"][plan["verb"] == Verb.POST].tolist() == [275]  # 30 - 10 x .25

    def test_it_plans_no_less_than_nothing(self) -> None:
        """More churn than the day has minutes: no answers and no posts."""
        world = scene()
        row = someone(world, minutes=1)
        wait_for(world, row, 6)
        plan = planned(world, self.kind(), [row])
        assert set(plan["verb"].tolist()) == {Verb.FOLLOW}


def friends(world: World, row: int) -> dict[int, int]:
    """Whom an account follows, and since which hour."""
    first = int(world.accounts["start"][row])
    mine = slice(first, first + int(world.accounts["follows"][row]))
    followed = world.state.follow_ids[mine].tolist()
    return dict(zip(followed, world.state.ties["start"][mine].tolist(), strict=True))


def one_with_friends(world: World) -> int:
    """The protagonist that follows most."""
    rows = protagonists(world)
    row = int(rows[np.argmax(world.accounts["follows"][rows])])
    world.state.accounts["minutes"][row] = 200
    return row


class TestBuyer(Contract):
    name = "buyer"

    def orders(self, days: int, **params: Any) -> tuple[Counter[int], FollowerModel]:
        text = ", ".join(f"{name} = {value!r}" for name, value in params.items())
        made = worlds.scenario(
            days=60,
            platform="[[platform.vendors]]\nname = 'slow'\ndelivery_days = 3\ndecay_per_day = 0.2\n"
            "[[platform.vendors]]\nname = 'dear'\nprice_per_1000 = 100.0\n",
            rest=worlds.protagonist("buyer", self.name, text, lines="followers = 5\nmoney = 5"),
        )
        model, bought = worlds.model(made), Counter[int]()
        row = next(iter(model.recorder.lives))
        while model.day < days:
            day = model.day
            model.step()
            mine = model.plan["actor"] == row
            accepted = model.plan[mine & (model.plan_status == Refusal.ACCEPTED)]
            bought[day] = int(accepted["amount"][accepted["verb"] == Verb.BUY].sum())
        return +bought, model

    def test_it_buys_once_and_gets_it_in_equal_parts(self) -> None:
        bought, model = self.orders(7, amount=100, day=2, vendor="slow")
        assert bought == {2: 100}
        fakes = model.world.accounts[worlds.rows_of(model.world, AccountKind.FAKE)]
        begin = model.world.start_day
        arrived = Counter((fakes["joined"] // 24 - begin).tolist())
        assert arrived == {3: 33, 4: 33, 5: 34}
        assert model.recorder.lives[next(iter(model.recorder.lives))].counts["dollars"] == 0.1

    def test_in_the_burn_in_it_buys_with_a_chance_a_day(self) -> None:
        """Bought by the n-th day with P = 1 − (1 − c)ⁿ: k of N within z·√(NP(1 − P)); once each."""
        world, c, days = scene(), 0.1, 8
        rows = everybody(world)
        strategy = self.kind(params_of(self.kind, day=-20, chance=c))
        memory, bought = memory_of(world, strategy), Counter[int]()
        for day in range(-25, -20 + days):
            world.hour = 24 * (day + 100)
            plan = planned(world, strategy, rows, memory, Day(day, day + 100))
            buyers = plan["actor"][plan["verb"] == Verb.BUY].tolist()
            assert not buyers or day >= -20
            bought.update(buyers)
        p = 1 - (1 - c) ** days
        assert abs(len(bought) - len(rows) * p) <= 4 * np.sqrt(len(rows) * p * (1 - p))
        assert set(bought.values()) == {1}
        assert memory["bought"].sum() == len(bought)

    def test_what_it_cannot_pay_is_refused(self) -> None:
        bought, model = self.orders(3, amount=100, vendor="dear")
        assert not bought
        refused = [event for event in model.recorder.events if event[2] == "refused"]
        assert [event[5] for event in refused] == ["money"]
        assert not (model.world.accounts["kind"] == AccountKind.FAKE).any()

    def test_it_buys_again_when_they_melt(self) -> None:
        bought, _ = self.orders(30, amount=200, vendor="slow", again_below=0.8)
        assert len(bought) == 2
        first, second = sorted(bought)
        assert second - first >= 14

    def test_an_unknown_vendor_is_an_error_that_names_the_known(self) -> None:
        world = scene()
        strategy = self.kind(
            self.kind.Params.model_validate({"vendor": "nobody", "day": DAY.number})
        )
        with pytest.raises(KeyError, match="no vendor named 'nobody'; there are: default"):
            planned(world, strategy, protagonists(world))

    @pytest.mark.parametrize("amount", [0, 1_000_001])
    def test_absurd_orders_are_errors(self, amount: int) -> None:
        world = scene()
        with pytest.raises(ValueError, match="1 to 1,000,000"):
            Account(world, protagonists(world)[:1], Plan()).buy(amount)


class TestReformed(Contract):
    name = "reformed"

    def test_it_turns_on_the_day(self) -> None:
        world = scene()
        row = someone(world, minutes=45)
        wait_for(world, row, 0)
        strategy = self.kind(self.kind.Params.model_validate({"amount": 70, "day": 1, "until": 4}))
        lives = [planned(world, strategy, [row], day=Day(day, day)) for day in range(6)]
        verbs = [[(r["verb"], r["kind"]) for r in plan] for plan in lives]
        promotion, content = (Verb.POST, Kind.PROMOTION), (Verb.POST, Kind.CONTENT)
        assert verbs == [
            [promotion],
            [(Verb.BUY, 0), promotion],
            [promotion],
            [promotion],
            [content],
            [content],
        ]
        assert lives[1]["amount"][0] == 70


class TestRatioKeeper(Contract):
    name = "ratio_keeper"

    def expected(self, world: World, row: int, grace_days: float) -> list[int]:
        """Those whom it follows for longer than the grace without return, the longest first."""
        vain = {
            other: start
            for other, start in friends(world, row).items()
            if world.hour - start > 24 * grace_days and row not in friends(world, other)
        }
        return sorted(vain, key=lambda other: vain[other])

    def dropped(self, world: World, row: int, **params: Any) -> list[int]:
        plan = planned(world, self.kind(params_of(self.kind, **params)), [row])
        gone: list[int] = plan["target"][plan["verb"] == Verb.UNFOLLOW].tolist()
        return gone

    def test_it_drops_exactly_those_who_do_not_return(self) -> None:
        """Far beyond its ratio it drops all who had time to return, old and warm ones too."""
        world = scene()
        row = one_with_friends(world)
        first = int(world.accounts["start"][row])
        world.state.ties["warmth"][first : first + int(world.accounts["ties"][row])] = 255
        expected = self.expected(world, row, 2.0)
        assert len(expected) > 3
        gone = self.dropped(world, row, ratio=0.0, grace_days=2, most_per_day=1_000)
        assert sorted(gone) == sorted(expected)
        starts = [friends(world, row)[other] for other in gone]
        assert starts == sorted(starts)

    @pytest.mark.parametrize("excess", [-1, 0, 1, 3])
    def test_it_drops_until_the_ratio_is_reached(self, excess: int) -> None:
        world = scene()
        row = one_with_friends(world)
        follower_count(world, row, 2 * (int(world.accounts["follows"][row]) - excess))
        gone = self.dropped(world, row, ratio=0.5, grace_days=2)
        assert len(gone) == max(0, excess)

    def test_it_drops_so_many_a_day_and_writes_with_the_rest(self) -> None:
        world = scene()
        row = one_with_friends(world)
        world.state.accounts["minutes"][row] = 31
        wait_for(world, row, 0)
        params = params_of(self.kind, ratio=0.0, grace_days=2, most_per_day=3)
        plan = planned(world, self.kind(params), [row])
        assert plan["verb"].tolist() == [Verb.UNFOLLOW] * 3 + [Verb.POST]
        assert plan["effort"][-1] == 300


class TestPod(Contract):
    name = "pod"

    def members(self, world: World, count: int) -> list[int]:
        """Make so many people with a fresh post members of pod 2, together with a protagonist."""
        everyone = Accounts(world, everybody(world), Plan())
        mates = np.unique(everyone.conversations(20).other)[:count].tolist()
        world.state.accounts["pod"] = 0
        world.state.accounts["pod"][[*mates, someone(world, minutes=30)]] = 2
        return [mate for mate in mates if mate != someone(world)]

    def test_it_joins_once(self) -> None:
        world = scene()
        row = someone(world, pod=0)
        plan = planned(world, self.kind(), [row])
        assert (plan["verb"] == Verb.JOIN).sum() == 1
        assert not (plan["verb"] == Verb.LIKE).any()
        someone(world, pod=2)
        assert not (planned(world, self.kind(), [row])["verb"] == Verb.JOIN).any()

    def test_it_likes_exactly_what_its_pod_has_posted(self) -> None:
        world = scene()
        mates, row = self.members(world, 30), someone(world)
        plan = planned(world, self.kind(), [row])
        likes = plan[plan["verb"] == Verb.LIKE]
        assert sorted(likes["target"].tolist()) == mates
        assert (likes["flags"] == ARRANGED).all()
        assert not (plan["verb"] == Verb.COMMENT).any()

    def test_it_comments_on_some_and_writes_with_the_rest(self) -> None:
        """30 minutes: 10 likes of .1 and 3 comments of 3 minutes leave 20 for a post."""
        world = scene()
        mates, row = self.members(world, 30), someone(world)
        wait_for(world, row, 0)
        strategy = self.kind(params_of(self.kind, most_per_day=10, comments=3))
        plan = planned(world, strategy, [row])
        count = {verb: int((plan["verb"] == verb).sum()) for verb in (Verb.LIKE, Verb.COMMENT)}
        assert count == {Verb.LIKE: 10, Verb.COMMENT: 3}
        said = plan["target"][plan["verb"] == Verb.COMMENT].tolist()
        assert said == plan["target"][plan["verb"] == Verb.LIKE].tolist()[:3]
        assert set(said) <= set(mates)
        assert plan["effort"][plan["verb"] == Verb.POST].tolist() == [200]

    def test_a_pod_likes_its_members(self) -> None:
        """In a world of members all are in pods, arranged likes arrive, and none is refused."""
        made = worlds.scenario(
            accounts=60,
            burn_in=6,
            population=all_live_by("pod") + "minutes = 60\n",
        )
        model = worlds.model(made)
        accounts = model.world.accounts
        people = accounts[accounts["kind"] <= AccountKind.ARRIVAL]
        assert set(people["pod"].tolist()) <= set(range(1, 21))
        assert model.world.state.totals[Total.ARRANGED] > 100
        while not len(model.plan):
            model.step()
        likes = model.plan["verb"] == Verb.LIKE
        assert (model.plan_status[likes] == Refusal.ACCEPTED).all()


class TestSelfPromoter(Contract):
    name = "self_promoter"

    @pytest.mark.parametrize(
        ("minutes", "kinds"),
        [
            (60, [Kind.PROMOTION] * 3 + [Kind.SELF_TALK] * 2),
            (13, [Kind.PROMOTION] * 2 + [Kind.SELF_TALK]),
            (1, []),
        ],
    )
    def test_it_talks_about_itself_and_answers_nobody(
        self, minutes: float, kinds: list[Kind]
    ) -> None:
        world = scene()
        row = someone(world, minutes=minutes)
        wait_for(world, row, 5)
        plan = planned(world, self.kind(), [row])
        assert plan["kind"].tolist() == kinds
        assert (plan["verb"] == Verb.POST).all()


class TestBroadcaster(Contract):
    name = "broadcaster"

    @pytest.mark.parametrize(("minutes", "posts"), [(60, 8), (22, 4), (4, 0)])
    def test_it_posts_much_and_answers_nobody(self, minutes: float, posts: int) -> None:
        world = scene()
        row = someone(world, minutes=minutes)
        wait_for(world, row, 5)
        plan = planned(world, self.kind(), [row])
        assert plan["effort"].tolist() == [50] * posts
        assert (plan["verb"] == Verb.POST).all()
        assert (plan["kind"] == Kind.CONTENT).all()


class TestCommunity(Contract):
    name = "community"

    def needy(self, world: World) -> None:
        """Let everybody but protagonists need something, on a topic of its own."""
        rows = np.flatnonzero(world.accounts["kind"] == AccountKind.ORDINARY)
        world.needs = np.zeros(len(rows), NEED)
        world.needs["asker"], world.needs["hour"] = rows, world.hour
        world.needs["topic"] = world.accounts["focus"][rows]

    def test_it_answers_helps_joins_in_and_writes(self) -> None:
        """60 minutes: 7 answers (at most 21), 3 needs (18), 3 comments (9), a post (the rest)."""
        world = scene()
        row = someone(world, minutes=60)
        wait_for(world, row, 20)
        self.needy(world)
        plan = planned(world, self.kind(), [row])
        assert plan["verb"].tolist() == (
            [Verb.REPLY] * 7 + [Verb.HELP] * 3 + [Verb.COMMENT] * 3 + [Verb.POST]
        )
        assert plan["effort"][-1] == 120
        helps = plan[plan["verb"] == Verb.HELP]
        assert (helps["kind"] == Kind.HELP).all()
        assert (helps["effort"] == 60).all()
        topics = dict(
            zip(world.needs["asker"].tolist(), world.needs["topic"].tolist(), strict=True)
        )
        assert helps["topic"].tolist() == [topics[asker] for asker in helps["target"].tolist()]

    def test_where_nobody_needs_anything_it_writes(self) -> None:
        world = scene()
        row = someone(world, minutes=60)
        wait_for(world, row, 0)
        world.needs = world.needs[:0]
        strategy = self.kind(params_of(self.kind, comments=0))
        assert planned(world, strategy, [row])["effort"].tolist() == [300, 300]

    def test_free_help_is_bounded(self) -> None:
        world = scene()
        prices = world.settings.behaviour.prices.model_copy(update={"help": 0.0, "reply": 0.0})
        behaviour = world.settings.behaviour.model_copy(update={"prices": prices})
        world.govern(world.settings._replace(behaviour=behaviour))
        row = someone(world, minutes=60)
        wait_for(world, row, 4)
        plan = planned(world, self.kind(), [row])
        assert (plan["verb"] == Verb.REPLY).sum() == 4
        assert (plan["verb"] == Verb.COMMENT).sum() <= 500
        assert plan["effort"][plan["verb"] == Verb.POST].tolist() == [300, 300]

    def test_people_are_helped(self) -> None:
        """Needs are met by it, and ties become warm on both sides."""
        made = worlds.scenario(
            population=f"{worlds.LIVELY_POPULATION}\nneeds_per_day = 0.2",
            rest=worlds.protagonist("helper", self.name, lines="craft = 1.0\nminutes = 90"),
        )
        model = worlds.live(worlds.model(made), 4)
        row = next(iter(model.recorder.lives))
        assert model.world.state.totals[Total.HELPED] > 5
        ties = worlds.ties(model.world)
        mine = (ties.owner == row) & (ties.record["engaged"] != NEVER)
        theirs = (ties.other == row) & (ties.record["warmth"] > 51)
        assert len(set(ties.other[mine].tolist()) & set(ties.owner[theirs].tolist())) > 3


class TestLurker(Contract):
    name = "lurker"

    def test_it_likes_and_follows_but_never_writes(self) -> None:
        """Of n accounts a day ⌊w/7⌋ follow or one more: nw/7 in all, ± z·√(n f(1 − f))."""
        world = scene()
        strategy = self.kind(params_of(self.kind, likes=2, follows=10.0))
        rows, f, days, follows = everybody(world), 10 / 7 % 1, 10, 0
        for day in range(days):
            world.hour += 24
            world.state.posts["hour"] += 24  # what was fresh stays so
            plan = planned(world, strategy, rows, day=Day(day, day))
            assert set(plan["verb"].tolist()) == {Verb.FOLLOW, Verb.LIKE}
            likes = plan[plan["verb"] == Verb.LIKE]
            assert np.bincount(likes["actor"]).max() == 2
            assert (likes["flags"] == 0).all()
            follows += int((plan["verb"] == Verb.FOLLOW).sum())
        n = days * len(rows)
        assert abs(follows - n * 10 / 7) <= 4 * np.sqrt(n * f * (1 - f))


class TestMixture(Contract):
    name = "mixture"

    def test_days_are_drawn_in_the_given_shares(self) -> None:
        """k of n account-days for a share p: |k − np| ≤ z·√(np(1 − p))."""
        world = scene()
        shares = {"broadcaster": 3.0, "self_promoter": 1.0, "idle": 2.0}
        strategy = self.kind(params_of(self.kind, shares=shares))
        rows, days, lives = everybody(world), 20, Counter[str]()
        world.state.accounts["minutes"][rows] = 60
        for day in range(days):
            world.hour = 24 * day
            plan = planned(world, strategy, rows, day=Day(day, day))
            counts = Counter(plan["actor"].tolist())
            sold = set(plan["actor"][plan["kind"] == Kind.PROMOTION].tolist())
            lives["self_promoter"] += len(sold)
            lives["broadcaster"] += len(counts.keys() - sold)
            assert set(counts.values()) <= {5, 8}, "a day belongs to one strategy"
        n = days * len(rows)
        lives["idle"] = n - lives.total()
        for name, share in shares.items():
            p = share / sum(shares.values())
            assert abs(lives[name] - n * p) <= 4 * np.sqrt(n * p * (1 - p))

    def test_parts_have_their_params_and_remember_apart(self) -> None:
        world = scene()
        row = someone(world, minutes=60, followers=95)
        params = {"shares": {"beg": 1.0, "boosted": 0.0}, "params": {"beg": {"milestones": [100]}}}
        strategy = self.kind(params_of(self.kind, **params))
        assert strategy.columns == {"beg.passed": 0.0, "boosted.passed": 0.0}
        memory = memory_of(world, strategy)
        plan = planned(world, strategy, [row], memory)
        assert (plan["kind"] == Kind.BEG).sum() == 1
        assert memory["beg.passed"][row] == 100
        assert memory["boosted.passed"][row] == 0

    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"shares": {"bge": 1.0}}, "no strategy named 'bge'; there are: adaptive, beg"),
            ({"shares": {"mixture": 1.0}}, "'mixture' cannot be a part of itself"),
            ({"shares": {"beg": 0.0}}, "at least one share must be above 0"),
            ({"shares": {}}, "at least 1"),
            (
                {"shares": {"beg": 1.0}, "params": {"buyer": {}}},
                "'buyer' is none of its strategies, which are: beg",
            ),
            (
                {"shares": {"beg": 1.0}, "params": {"beg": {"clse": 1, "effort": 0}}},
                "params of 'beg': effort: .* greater than 0; clse: there is no such parameter; "
                "there are: effort, answers, milestones, close",
            ),
            (
                {"shares": {"schedule": 1.0}, "params": {"schedule": {"stages": [
                    {"strategy": "adaptive", "params": {"options": ["mixture", "beg"]}},
                ]}}},
                r"'mixture' cannot be a part of itself \(it is one of 'schedule'\)",
            ),
        ],
    )  # fmt: skip
    def test_what_cannot_be_mixed_is_said(self, params: dict[str, Any], message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            params_of(self.kind, **params)


class TestSchedule(Contract):
    name = "schedule"

    def test_it_changes_on_the_day(self) -> None:
        world = scene()
        row = someone(world, minutes=60)
        wait_for(world, row, 0)
        stages = [
            {"day": -2, "strategy": "broadcaster", "params": {"per_day": 3}},
            {"day": 1, "strategy": "idle"},
            {"day": 4, "strategy": "organic", "params": {"effort": 60.0}},
        ]
        strategy = self.kind(params_of(self.kind, stages=stages))
        memory = memory_of(world, strategy)
        efforts = [
            planned(world, strategy, [row], memory, Day(day, day + 10))["effort"].tolist()
            for day in range(-4, 6)
        ]
        assert efforts == [[]] * 2 + [[50] * 3] * 3 + [[]] * 3 + [[600]] * 2

    def test_a_strategy_that_comes_back_begins_anew(self) -> None:
        world = scene()
        row = someone(world, minutes=60, followers=95)
        beg = {"strategy": "beg", "params": {"milestones": [100]}}
        stages = [{"day": 0, **beg}, {"day": 1, **beg}]
        strategy = self.kind(params_of(self.kind, stages=stages))
        memory = memory_of(world, strategy)
        begs = [
            int((planned(world, strategy, [row], memory, Day(d, d))["kind"] == Kind.BEG).sum())
            for d in (0, 0, 1, 1)
        ]
        assert begs == [1, 0, 1, 0]
        assert memory["1-beg.passed"][row] == memory["2-beg.passed"][row] == 100

    @pytest.mark.parametrize(
        ("stages", "message"),
        [
            ([], "at least 1"),
            ([{"day": 1}], "strategy"),
            ([{"strategy": "x"}], "no strategy named 'x'; there are: adaptive"),
            ([{"strategy": "schedule"}], "'schedule' cannot be a part of itself"),
            ([{"strategy": "beg", "params": {"close": 2}}], "close: .* less than or equal to 1"),
            ([{"day": 3, "strategy": "beg"}, {"day": 3, "strategy": "idle"}], "on a later day"),
        ],
    )
    def test_what_cannot_be_scheduled_is_said(self, stages: Any, message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            params_of(self.kind, stages=stages)


class TestAdaptive(Contract):
    name = "adaptive"
    counts = ("followers",)

    def live(
        self, days: int, growth: dict[str, float], **params: Any
    ) -> tuple[list[str], NDArray[np.float64]]:
        """Everybody's option by day, in a world where each option lets the counts grow so fast."""
        world = scene()
        rows = everybody(world)
        for name in ("followers", "engagements"):
            world.state.accounts[name][rows] = 1_000
        strategy = self.kind(params_of(self.kind, options=list(growth), **params))
        memory, rates = memory_of(world, strategy), np.array(list(growth.values()))
        options = np.empty((days, len(rows)))
        for day in range(days):
            planned(world, strategy, rows, memory, Day(day, day))
            options[day] = memory["option"][rows]
            for name in self.counts:
                world.state.accounts[name][rows] += rates[options[day].astype(int)].astype(
                    np.uint32
                )
            world.hour += 24
        return list(growth), options

    def test_it_tries_each_for_its_time_and_settles_on_the_best(self) -> None:
        """Four options of five days each, in turn; without exploring the best one from then on."""
        growth = {"idle": 3, "organic": 1, "broadcaster": 9, "casual": 5}
        _, options = self.live(40, growth, trial_days=5, explore=0.0)
        periods = options[::5]
        assert (options == np.repeat(periods, 5, axis=0)).all()
        assert (np.sort(periods[:4], axis=0) == np.arange(4)[:, None]).all()
        assert (np.diff(periods[:4], axis=0) % 4 == 1).all()
        assert len(set(periods[0].tolist())) == 4
        assert (periods[4:] == 2).all()

    def test_the_first_is_drawn_by_lot(self) -> None:
        """k of n accounts begin with each of 4 options: |k − n/4| ≤ z·√(n·3/16)."""
        _, options = self.live(1, dict.fromkeys(("idle", "organic", "beg", "casual"), 1))
        n = options.shape[1]
        for first in np.bincount(options[0].astype(int), minlength=4):
            assert abs(first - n / 4) <= 4 * np.sqrt(n * 3 / 16)

    def test_now_and_then_it_tries_another(self) -> None:
        """k of n periods go to each of three others with p = explore/3, within z·√(np(1 − p))."""
        growth = {"idle": 3, "organic": 1, "broadcaster": 9, "casual": 5}
        _, options = self.live(24, growth, trial_days=1, explore=0.3)
        later = options[4:]
        found = np.bincount(later.ravel().astype(int), minlength=4)
        for option, p in ((0, 0.1), (1, 0.1), (2, 0.7), (3, 0.1)):
            assert abs(found[option] - later.size * p) <= 4 * np.sqrt(later.size * p * (1 - p))

    def test_it_leaves_what_no_longer_works(self) -> None:
        """Its latest period counts: when the best fades, the second best takes its place."""
        world = scene()
        row = someone(world, followers=100)
        params = params_of(self.kind, options=["idle", "casual"], trial_days=2, explore=0.0)
        strategy = self.kind(params)
        memory, lived = memory_of(world, strategy), []
        for day in range(20):
            planned(world, strategy, [row], memory, Day(day, day))
            lived.append(int(memory["option"][row]))
            idle = 9 if day < 8 else 0
            follower_count(world, row, int(world.accounts["followers"][row]) + (idle, 4)[lived[-1]])
            world.hour += 24
        assert lived[4:8] == [0] * 4
        assert lived[12:] == [1] * 8

    def test_options_have_their_params_and_remember(self) -> None:
        strategy = self.kind(
            params_of(self.kind, options=["beg", "buyer"], params={"buyer": {"amount": 7}})
        )
        assert isinstance(strategy, Composite)
        assert strategy.parts["buyer"].params.amount == 7  # type: ignore[attr-defined]
        assert {"beg.passed", "buyer.bought", "growth_beg", "option"} <= strategy.columns.keys()

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["beg"], "at least 2"),
            (["beg", "beg"], "once only"),
            (["beg", "bge"], "no strategy named 'bge'"),
        ],
    )
    def test_what_cannot_be_tried_is_said(self, options: list[str], message: str) -> None:
        with pytest.raises(ValidationError, match=message):
            params_of(self.kind, options=options)

    def test_itself_is_no_option(self) -> None:
        with pytest.raises(ValidationError, match=f"'{self.name}' cannot be a part of itself"):
            params_of(self.kind, options=["beg", self.name])


class TestScoreChaser(TestAdaptive):
    name = "score_chaser"
    counts = ("followers", "engagements")

    def test_it_settles_on_engagement_if_the_score_asks_for_it(self) -> None:
        """Growth by 30 followers a day against 400 engagements: log₂ of 28 days of these wins."""
        world = scene()
        row = someone(world, followers=1_000, engagements=1_000)
        options = ["idle", "casual"]
        strategy = self.kind(params_of(self.kind, options=options, trial_days=4, explore=0.0))
        memory, lived = memory_of(world, strategy), []
        for day in range(16):
            planned(world, strategy, [row], memory, Day(day, day))
            lived.append(int(memory["option"][row]))
            world.state.accounts["followers"][row] += (30, 0)[lived[-1]]
            world.state.accounts["engagements"][row] += (10, 400)[lived[-1]]
            world.hour += 24
        assert lived[8:] == [1] * 8
        score = {
            0: np.log2(1 + 1_000 + 120) + np.log2(1 + 10 * 28),
            1: np.log2(1 + 1_000) + np.log2(1 + 400 * 28),
        }
        assert score[1] > score[0]


def test_every_shipped_strategy_is_under_contract() -> None:
    assert {kind.name for kind in descendants(Contract)} == shipped_strategies()


def shipped_strategies() -> set[str]:
    """Those of the package; other tests may have loaded strategies of their own."""
    return {n for n in strategies.names() if "sim.strategies." in strategies.find(n).__module__}


def descendants(kind: type[Contract]) -> Iterator[type[Contract]]:
    for one in kind.__subclasses__():
        yield one
        yield from descendants(one)


# ---- what may be seen ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Accounts, Account])
def test_nothing_public_shows_a_label(kind: type) -> None:
    public = {name for name in dir(kind) if not name.startswith("_")}
    assert public.isdisjoint(
        {"origin", "origins", "strategy", "kind", "fake", "fakes", "world", "state"}
    )


def test_others_are_references_only() -> None:
    """What is handed out of other accounts is their row numbers, copied."""
    world = scene()
    me = Account(world, protagonists(world)[:1], Plan())
    mine = me.following_list()
    assert mine.dtype == np.uint32
    mine[:] = 0
    assert (me.following_list() != 0).any()


def test_coins_differ_by_label_day_and_account() -> None:
    world = scene()
    both = Accounts(world, protagonists(world)[:2], Plan())
    today = [*both.coin(1), *both.coin(2)]
    world.hour += 24
    assert len({*today, *both.coin(1)}) == 6
    assert all(0 <= coin < 1 for coin in today)
    one = next(iter(both))
    assert isinstance(one.coin(1), float)
    assert one.coin(1) == both.coin(1)[0]


def test_one_account_speaks_like_many() -> None:
    """The verbs at both arities write the same rows."""
    world = scene()
    rows = protagonists(world)[:3]
    many, one = Plan(), Plan()
    Accounts(world, rows, many).post(np.array([10, 20, 30]), count=np.array([1, 2, 1]))
    for account, effort, count in zip(
        Accounts(world, rows, one), (10, 20, 30), (1, 2, 1), strict=True
    ):
        account.post(effort, count=count)
    assert many.rows().tolist() == one.rows().tolist()
    masked = Plan()
    Accounts(world, rows, masked).beg(where=np.array([False, True, False]))
    assert masked.rows()["actor"].tolist() == [rows[1]]


def test_what_an_account_sees_is_what_is_there() -> None:
    world = scene()
    rows = protagonists(world)
    many, records = Accounts(world, rows, Plan()), world.accounts[rows]
    columns = {
        "followers": "followers", "following": "follows", "minutes": "minutes",
        "dollars": "dollars", "engagements": "engagements",
    }  # fmt: skip
    assert len(many) == len(rows)
    for name, column in columns.items():
        assert getattr(many, name).tolist() == records[column].astype(float).tolist()
        assert [getattr(one, name) for one in many] == records[column].tolist()
    waiting = [int((world.inbox["target"] == row).sum()) for row in rows]
    assert [one.waiting for one in many] == waiting
    assert sum(waiting) > 0
    assert many.prices == world.settings.behaviour.prices
    assert many.vendors == world.settings.platform.vendors
    assert many.population == world.settings.population


def test_agents_have_the_verbs() -> None:
    """What an agent says becomes the same rows as what a strategy says for its account."""
    made = worlds.scenario(rest=worlds.protagonist("me", "idle", lines="minutes = 60"))
    model = worlds.live(worlds.model(made), 2)
    world, row = model.world, next(iter(model.recorder.lives))
    agent, plan = model.agent_of(row), Plan()
    me = Account(world, np.array([row], np.uint32), plan)
    other = int(me.conversations(1)[0])
    world.needs = np.array([(other, world.hour, 3)], NEED)
    one = np.array([other], np.uint32)
    for act in (me.like, me.comment, me.help, me.follow, me.unfollow):
        act(one)
    me.like(one, arranged=True)
    me.join_pod()
    for verb in (agent.like, agent.comment, agent.help, agent.follow, agent.unfollow):
        verb(model.agent_of(other))
    agent.like(model.agent_of(other), arranged=True)
    agent.join_pod()
    assert model.spoken.rows().tolist() == plan.rows().tolist()
    model.step()
    mine = model.plan["actor"] == row
    spoken = dict(zip(model.plan["verb"][mine], model.plan_status[mine], strict=True))
    expected = {Verb.COMMENT, Verb.HELP, Verb.FOLLOW, Verb.UNFOLLOW, Verb.JOIN}
    assert all(spoken[verb] == Refusal.ACCEPTED for verb in expected)
    assert spoken[Verb.LIKE] == Refusal.POINTLESS, "the second like of the same post"
    assert world.accounts["pod"][row] > 0


def test_columns_at_both_arities() -> None:
    world = scene()
    rows = protagonists(world)
    memory = {"diary": np.zeros(len(world.state.accounts))}
    many = Accounts(world, rows, Plan(), memory)
    many["diary"] = np.arange(len(rows))
    assert [one["diary"] for one in many] == list(range(len(rows)))
    next(iter(many))["diary"] = 7.5
    assert many["diary"].tolist() == [7.5, *range(1, len(rows))]


def test_undeclared_columns_are_refused() -> None:
    world = scene()
    me = Account(world, protagonists(world)[:1], Plan(), {})
    with pytest.raises(KeyError):
        me["diary"]


# ---- files --------------------------------------------------------------------------------

TWENTY_LINES = '''
from sim.settings import param
from sim.strategies import Account, Day, Section, Strategy


class Polite(Strategy):
    """Answers everybody, and writes a short post on even days.

    Costs: three minutes an answer, ten a post. Source: this test.
    """

    name = "polite"
    columns = {"posts": 0.0}

    class Params(Section):
        """What can be set."""

        effort: float = param(10.0, "minutes", "design", gt=0, le=60)
        """Minutes a post."""

    def decide_one(self, me: Account, day: Day) -> None:
        """Answer, and write if it is time."""
        me.answer()
        if day.number % 2 == 0:
            me.post(self.params.effort)
            me["posts"] += 1
'''


@pytest.fixture
def _added(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test adds is gone after it."""
    monkeypatch.setattr(strategies, "_added", dict(strategies._added))


@pytest.mark.usefixtures("_added")
def test_a_strategy_from_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(TWENTY_LINES, encoding="utf-8")
    assert strategies.load_file(file) == ["polite"]
    assert "polite" in strategies.names()
    made = worlds.scenario(rest=worlds.protagonist("me", "polite", "effort = 12"))
    model = worlds.model(made)
    posts = 0
    while model.day < 4:
        morning = model.world.hour % 24 == 0
        model.step()
        posts += morning and int((model.plan["effort"] == 120).sum())
    assert posts == 2
    row = next(iter(model.recorder.lives))
    assert model.world.columns["polite@me.posts"][row] == 2
    assert model.agent_of(row).strategy == "polite"


@pytest.mark.usefixtures("_added")
def test_a_file_of_ones_own_keeps_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(TWENTY_LINES, encoding="utf-8")
    strategies.load_file(file)
    kept = {k: v for k, v in vars(Contract).items() if not k.startswith("__")}
    own = type("Own", (), {**kept, "name": "polite"})()
    for name in dir(own):
        if name.startswith("test_"):
            getattr(own, name)()


SMALL = """
schema = 1
[scenario]
name = "small"
days = 6
replicates = 2
[world]
accounts = 80
follows_per_account = 6
community_size = 30
burn_in_days = 2
[[protagonists]]
name = "me"
strategy = "organic"
followers = 10
[[arms]]
name = "organic"
[[arms]]
name = "polite"
strategy = "polite"
"""


@pytest.mark.usefixtures("_added")
def test_a_strategy_of_ones_own_is_run_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of some twenty lines outside the package, named on the command line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(TWENTY_LINES, encoding="utf-8")
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    assert main(["run", "small.toml", "--strategies", "mine.py", "--workers", "1"]) == 0
    runs = sim.open("results/small").runs
    assert Counter(runs["arm"]) == {"organic": 2, "polite": 2}
    assert set(runs["status"]) == {"ok"}
    (report,) = tmp_path.rglob("report.html")
    assert "polite" in report.read_text(encoding="utf-8")


@pytest.mark.usefixtures("_added")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def f(:\n", "SyntaxError"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("import no_such_module\n", "ModuleNotFoundError"),
        ("x = 1\n", "defines no strategy"),
        (
            "from sim.strategies import Strategy\nclass A(Strategy):\n    pass\n",
            "defines no strategy",
        ),
        ("from sim.strategies.beg import Beg\n", "defines no strategy"),
        (
            "from sim.strategies import Strategy\nclass A(Strategy):\n    name = 'beg'\n",
            "beg: the name of a shipped",
        ),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text, encoding="utf-8")
    before = strategies.names()
    with pytest.raises(strategies.StrategyFileError, match=message) as caught:
        strategies.load_file(file)
    assert "mine.py" in str(caught.value)
    assert strategies.names() == before


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(strategies.StrategyFileError, match="cannot be read"):
        strategies.load_file(tmp_path / "none.py")


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(strategies.UnknownStrategy) as caught:
        strategies.find("bge")
    assert "beg" in caught.value.known
    assert "there are: adaptive, beg, boosted" in str(caught.value)


def test_strategies_tell_from_whom_they_buy() -> None:
    """Those of strategies in strategies too, so that a scenario can be checked."""
    params = {"shares": {"buyer": 1.0, "beg": 1.0}, "params": {"buyer": {"vendor": "dear"}}}
    stages = [{"strategy": "mixture", "params": params}, {"day": 9, "strategy": "reformed"}]
    schedule = strategies.find("schedule")
    assert schedule(params_of(schedule, stages=stages)).vendors() == {"dear", "default"}
    assert strategies.find("organic")().vendors() == set()


def test_a_strategy_without_decision_says_so() -> None:
    class Lost(Strategy):
        name = "lost"

    world = scene()
    with pytest.raises(NotImplementedError, match="'lost' defines neither decide nor decide_one"):
        planned(world, Lost(), protagonists(world))


# ---- the catalogue ------------------------------------------------------------------------


def test_the_catalogue_is_up_to_date() -> None:
    """Run `python -m sim.strategies.catalogue` if this fails."""
    assert catalogue.README.read_text(encoding="utf-8") == catalogue.renewed()


def test_the_catalogue_has_every_parameter() -> None:
    text = catalogue.catalogue()
    for name in shipped_strategies():
        assert f"### `{name}`" in text
        for field in strategies.find(name).Params.model_fields:
            assert f"| `{field}` |" in text


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (
            {"type": "integer", "minimum": 1, "maximum": 1_000_000},
            "a whole number from 1 to 1,000,000",
        ),
        (
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
            "a number above 0 below 0.5",
        ),
        ({"type": "boolean"}, "true or false"),
        ({"type": "string", "maxLength": 40}, "a text of up to 40 characters"),
        ({"enum": ["a", "b"], "type": "string"}, '"a" or "b"'),
        ({"type": "array", "items": {"type": "integer"}}, "a list, each a whole number"),
        ({"type": "array", "items": {"type": "string"}}, "a list, each a text"),
        ({"type": "object", "properties": {"day": {}, "params": {}}}, "a table of day, params"),
        ({"type": "object", "additionalProperties": True}, "a table"),
        (
            {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
            "a table, each a number from 0",
        ),
    ],
)
def test_ranges_in_words(node: dict[str, Any], words: str) -> None:
    assert catalogue.allowed(node) == words


def test_the_catalogue_is_written_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "README.md"
    file.write_text(
        "before\n<!-- catalogue -->\nold\n<!-- /catalogue -->\nafter\n", encoding="utf-8"
    )
    monkeypatch.setattr(catalogue, "README", file)
    catalogue.main()
    text = file.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- catalogue -->\n### `adaptive`")
    assert text.endswith("<!-- /catalogue -->\nafter\n")
    assert "wrote the catalogue" in capsys.readouterr().out
