"""The contract that every strategy keeps, and what each promises of itself.

A strategy of your own goes through the contract by a subclass of `Contract` with its name.
"""

import copy
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

import worlds
from sim import strategies
from sim.actions import Account, Accounts, Day, Plan
from sim.kernels.layout import AS_BEG, ASKS, PLAN, AccountKind, Kind, Refusal, Total, Verb
from sim.model import FollowerModel
from sim.settings import Section
from sim.strategies import catalogue
from sim.strategies.base import Strategy
from sim.world.world import World

DAY = Day(3, 8)
Memory = dict[str, NDArray[np.float64]]


@cache
def _scene() -> World:
    """A lively world in the morning of day 3: people wait for answers, fakes have come."""
    return worlds.live(worlds.model(worlds.busy(arrivals=0)), 3).world


def scene() -> World:
    return _scene().fork()


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
        fields = self.kind.Params.model_json_schema().get("properties", {})
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
        before = copy.deepcopy((vars(strategy), strategy.columns, vars(strategy.params)))
        memory = memory_of(world, strategy)
        planned(world, strategy, protagonists(world), memory)
        assert before == (vars(strategy), strategy.columns, vars(strategy.params))
        assert memory.keys() == self.kind.columns.keys()
        others = np.setdiff1d(np.arange(len(world.state.accounts)), protagonists(world))
        for column, start in self.kind.columns.items():
            assert (memory[column][others] == start).all(), "it wrote into others' memory"

    def test_planning_changes_nothing_in_the_world(self) -> None:
        world = scene()
        before, pending = worlds.dump(world), (world.inbox.tolist(), world.schedule.tolist())
        planned(world, self.kind(), protagonists(world))
        assert worlds.dump(world) == before
        assert (world.inbox.tolist(), world.schedule.tolist()) == pending
        assert world.state.totals.tolist() == scene().state.totals.tolist()

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
        spoken = (Verb.POST, Verb.FOLLOW, Verb.UNFOLLOW, Verb.REPLY, Verb.BUY)
        assert np.isin(plan["verb"], spoken).all()
        aimed = plan[np.isin(plan["verb"], (Verb.FOLLOW, Verb.UNFOLLOW, Verb.REPLY))]
        assert (aimed["target"] < world.rows).all()

    def test_it_sees_no_label(self) -> None:
        """Other origins and other strategies of the others give the same plan."""
        plain, labelled = scene(), scene()
        labelled.state.ties["origin"] = (labelled.state.ties["origin"] + 3) % 8
        others = np.setdiff1d(np.arange(labelled.rows), protagonists(labelled))
        labelled.accounts["strategy"][others] += 1
        rows = protagonists(plain)
        plans = [planned(world, self.kind(), rows).tolist() for world in (plain, labelled)]
        assert plans[0] == plans[1]

    def test_ordinary_people_can_live_by_it(self) -> None:
        made = worlds.scenario(
            accounts=60,
            burn_in=2,
            population=f"{worlds.LIVELY_POPULATION}\nstrategies = {{ {self.name} = 1.0 }}",
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

    def test_it_keeps_whom_it_followed_before_it_began(self) -> None:
        """A churner that has begun on day 6 leaves alone whom it followed up to that day."""
        world = scene()
        row = int(protagonists(world)[3])
        ties = worlds.ties(world)
        mine = ties.follow & (ties.owner == row)
        starts = dict(
            zip(ties.other[mine].tolist(), ties.record["start"][mine].tolist(), strict=True)
        )
        dropped = {}
        for began in (5, 6):
            memory = {"started": np.full(len(world.state.accounts), float(began))}
            strategy = self.kind(self.kind.Params.model_validate({"grace_days": 0.5}))
            plan = planned(world, strategy, [row], memory)
            gone = plan["target"][plan["verb"] == Verb.UNFOLLOW].tolist()
            dropped[began] = {starts[target] // 24 for target in gone}
        assert dropped == {5: {6, 7}, 6: {7}}

    def test_it_can_keep_all(self) -> None:
        made = worlds.scenario(
            rest=worlds.protagonist("keeper", self.name, "keep = true", lines="followers = 20")
        )
        model = worlds.model(made)
        while model.day < 6:
            model.step()
            assert not (model.plan["verb"] == Verb.UNFOLLOW).any()

    @pytest.mark.parametrize("targeting", ["topic", "anyone", "seekers"])
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
        while model.day < days:
            day = model.day
            model.step()
            accepted = model.plan[model.plan_status == Refusal.ACCEPTED]
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


def test_every_shipped_strategy_is_under_contract() -> None:
    tested = {kind.name for kind in descendants(Contract)}
    shipped = {n for n in strategies.names() if "sim.strategies." in strategies.find(n).__module__}
    assert tested == shipped


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


@pytest.mark.parametrize("targeting", ["topic", "anyone", "seekers"])
def test_nobody_finds_itself_its_followees_or_the_dead(targeting: Any) -> None:
    """Looking for more than there are finds everybody else who suits, once."""
    world = scene()
    row = int(protagonists(world)[3])
    world.state.accounts["alive"][:50] = 0
    me = Account(world, np.array([row], np.uint32), Plan())
    found = me.find(400, targeting).tolist()
    assert len(set(found)) == len(found) > 20
    people = worlds.rows_of(world, AccountKind.FAKE).tolist()
    assert set(found).isdisjoint({row, *range(50), *me.following_list().tolist(), *people})


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
    own = type(
        "Own",
        (),
        {**{k: v for k, v in vars(Contract).items() if not k.startswith("__")}, "name": "polite"},
    )()
    for name in dir(own):
        if name.startswith("test_"):
            getattr(own, name)()


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
    assert "there are: beg, boosted" in str(caught.value)


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
    for name in strategies.names():
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
    assert text.startswith("before\n<!-- catalogue -->\n### `beg`")
    assert text.endswith("<!-- /catalogue -->\nafter\n")
    assert "wrote the catalogue" in capsys.readouterr().out
