"""Mesa as the face: accounts as agents with verbs, the model as a Mesa model.

The same tests run with Mesa 3.3 (Python 3.11) and 3.5 (3.12 and later).
"""

import warnings
from collections.abc import Iterator

import mesa
import pandas as pd
import pytest

import worlds
from sim import model as model_module
from sim.agents import AccountAgent
from sim.kernels.layout import AccountKind, Kind, Refusal, Verb
from sim.metrics import MEASURES
from sim.model import PHASES, FollowerModel

LONE = worlds.protagonist("me", "idle", lines="followers = 5\nmoney = 1\nminutes = 60\ncraft = 1.0")
VENDOR = "[[platform.vendors]]\ndelivery_days = 1\ndecay_per_day = 0.3\n"


@pytest.fixture(autouse=True)
def _no_warning_is_ours() -> Iterator[None]:
    """Any deprecation or future warning that our use of Mesa raises is an error."""
    with warnings.catch_warnings():
        for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
            warnings.simplefilter("error", category)
        yield


@pytest.fixture
def model() -> FollowerModel:
    return worlds.model(worlds.scenario(platform=VENDOR, rest=LONE))


@pytest.fixture
def me(model: FollowerModel) -> AccountAgent:
    found: AccountAgent = next(a for a in model.agents if a.kind == "protagonist")
    return found


def tomorrow(model: FollowerModel) -> None:
    """The first tick of the next day, in which what was said is carried out."""
    model.step()
    while model.world.hour % 24 != model.world.settings.platform.tick_hours:
        model.step()


def others(model: FollowerModel, me: AccountAgent) -> list[AccountAgent]:
    """People whom it does not follow."""
    followed = {agent.row for agent in me.following}
    return [a for a in model.accounts if a.kind == "ordinary" and a.row not in followed]


# ---- the model ----------------------------------------------------------------------------


def test_it_is_a_mesa_model(model: FollowerModel) -> None:
    assert isinstance(model, mesa.Model)
    assert {"select", "do", "get", "agg", "groupby"} <= set(dir(model.agents))
    assert all(isinstance(agent, mesa.Agent) for agent in model.agents)


def test_a_step_is_a_tick(model: FollowerModel) -> None:
    hour, day = model.world.hour, model.day
    for _ in range(4):
        model.step()
    assert model.world.hour == hour + 24
    assert model.day == day + 1 == 1


def test_the_phases_are_those_of_a_tick(model: FollowerModel) -> None:
    assert tuple(name for name, _ in model.phases()) == PHASES
    assert PHASES == ("decide", "publish", "browse", "react", "return", "police", "record")


def test_it_runs_to_the_end_and_tells_of_each_day() -> None:
    model = worlds.model(worlds.scenario(days=3, rest=LONE))
    days: list[int] = []
    model.run(on_day=days.append)
    assert days == [1, 2, 3]
    assert model.day == 3
    assert (
        model.measures()["followers"]
        == model.world.accounts["followers"][next(iter(model.recorder.lives))]
    )


def test_without_a_world_it_burns_one_in() -> None:
    made = worlds.scenario(days=2, burn_in=2, rest=LONE)
    assert FollowerModel(made).state_hash() == worlds.model(made).state_hash()


def test_the_data_collector_has_the_measures() -> None:
    model = worlds.model(worlds.scenario(days=4, rest=LONE))
    model.run()
    frame = model.datacollector.get_model_vars_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == list(MEASURES)
    assert len(frame) == 4  # a row for each recorded day
    assert frame["followers"].iloc[-1] == model.measures()["followers"]
    series = model.tables()["series"]
    own = series[(series["measure"] == "reach") & (series["day"] > 0)]
    assert frame["reach"].tolist() == own["value"].tolist()


def test_it_collects_as_often_as_it_records() -> None:
    model = worlds.model(worlds.scenario(days=7, rest=LONE + "[record]\nevery_days = 3\n"))
    model.run()
    assert len(model.datacollector.get_model_vars_dataframe()) == 3  # days 3, 6 and the last
    assert sorted(set(model.tables()["series"]["day"])) == [0, 3, 6, 7]


# ---- agents -------------------------------------------------------------------------------


def test_every_account_is_an_agent(model: FollowerModel) -> None:
    worlds.live(model, 5)
    accounts = model.world.accounts
    assert len(model.agents) == int(accounts["alive"].sum()) == len(model.accounts)
    uids = {agent.uid for agent in model.agents}
    assert uids == set(accounts["uid"][accounts["alive"] == 1].tolist())
    assert {agent.kind for agent in model.agents} == {"ordinary", "arrival", "protagonist"}


def test_an_account_keeps_its_agent(model: FollowerModel) -> None:
    before = {agent.uid: agent for agent in model.agents}
    worlds.live(model, 2)
    assert all(before[agent.uid] is agent for agent in model.agents if agent.uid in before)


def test_agents_show_their_accounts(model: FollowerModel, me: AccountAgent) -> None:
    account = model.world.accounts[me.row]
    assert me.uid == 3 << 62
    assert me.followers == account["followers"] == 5
    assert len(me.following) == account["follows"]
    assert all(isinstance(agent, AccountAgent) for agent in me.following)
    assert me.alive
    assert me.strategy == "idle"
    assert model.agents[0].strategy == "casual"
    assert repr(me) == f"<account {3 << 62} with 5 followers>"


def test_agent_sets_work(model: FollowerModel) -> None:
    """Selecting, asking and doing, as Mesa does it."""
    popular = model.agents.select(lambda agent: agent.followers > 10)
    assert 0 < len(popular) < len(model.agents)
    assert min(popular.get("followers")) > 10
    popular.do("post", 5)
    tomorrow(model)
    rows = {agent.row for agent in popular}
    posts = model.plan[(model.plan["verb"] == Verb.POST) & (model.plan["effort"] == 50)]
    assert set(posts["actor"].tolist()) == rows


def test_above_the_bound_only_protagonists_are_agents(
    monkeypatch: pytest.MonkeyPatch, model: FollowerModel
) -> None:
    monkeypatch.setattr(model_module, "AGENTS_UP_TO", 100)
    assert [agent.kind for agent in model.agents] == ["protagonist"]
    assert len(model.accounts) > 100


# ---- verbs --------------------------------------------------------------------------------


def test_a_follow_begins_the_next_morning(model: FollowerModel, me: AccountAgent) -> None:
    other = others(model, me)[0]
    model.step()  # the day is under way
    me.follow(other)
    for _ in range(3):
        model.step()
        assert other not in me.following
    model.step()
    assert other in me.following
    assert model.plan_status.tolist() == [Refusal.ACCEPTED] * len(model.plan)


def test_an_unfollow_ends_it(model: FollowerModel, me: AccountAgent) -> None:
    other = others(model, me)[0]
    me.follow(other)
    tomorrow(model)
    followers = other.followers
    me.unfollow(other)
    tomorrow(model)
    assert other not in me.following
    assert me.uid not in {a.uid for a in model.accounts if other in a.following}
    assert followers > 0


def test_a_beg_and_a_post_are_published(model: FollowerModel, me: AccountAgent) -> None:
    me.post(25)
    me.post(kind=Kind.PROMOTION)
    me.beg()
    worlds.live(model, 1)
    assert model.world.accounts["posts"][me.row] == 3
    assert model.recorder.lives[me.row].counts["minutes"] == 25 + 5 + 1


def test_answers_go_to_who_waits(model: FollowerModel, me: AccountAgent) -> None:
    while not (model.world.inbox["target"] == me.row).any():
        me.post(30)
        worlds.live(model, 1)
    waiting = model.world.inbox["actor"][model.world.inbox["target"] == me.row].tolist()
    me.answer()
    tomorrow(model)
    said = model.plan[model.plan["verb"] == Verb.REPLY]
    assert said["target"].tolist() == waiting
    assert set(said["actor"].tolist()) == {me.row}
    assert (model.plan_status[model.plan["verb"] == Verb.REPLY] == Refusal.ACCEPTED).all()


def test_budgets_bind_agents(model: FollowerModel, me: AccountAgent) -> None:
    for _ in range(3):
        me.post(30)
    tomorrow(model)
    assert model.plan_status[model.plan["actor"] == me.row].tolist() == [
        Refusal.ACCEPTED, Refusal.ACCEPTED, Refusal.MINUTES,
    ]  # fmt: skip


def test_pointless_acts_are_refused(model: FollowerModel, me: AccountAgent) -> None:
    me.follow(me)
    me.unfollow(others(model, me)[0])
    me.follow(me.following[0]) if me.following else me.follow(me)
    tomorrow(model)
    assert set(model.plan_status[model.plan["actor"] == me.row].tolist()) == {Refusal.POINTLESS}


def test_fakes_appear_and_vanish(model: FollowerModel, me: AccountAgent) -> None:
    me.buy(50)
    tomorrow(model)
    assert not any(agent.kind == "fake" for agent in model.agents)
    tomorrow(model)
    fakes = [agent for agent in model.agents if agent.kind == "fake"]
    assert 20 < len(fakes) <= 50  # some decay at once
    assert all(agent.following[0] == me for agent in fakes)  # then other customers
    assert fakes[0].strategy == "none"
    worlds.live(model, 20)
    assert not any(agent.kind == "fake" for agent in model.agents)
    assert not any(agent.alive for agent in fakes)
    assert all(agent not in model.agents for agent in fakes)


def test_who_follows_a_fake_loses_it_with_the_fake(model: FollowerModel, me: AccountAgent) -> None:
    me.buy(30)
    tomorrow(model)
    tomorrow(model)
    before = len(me.following)
    fakes = [agent for agent in model.agents if agent.kind == "fake"]
    for fake in fakes[:15]:
        me.follow(fake)
    tomorrow(model)
    assert len(me.following) > before
    worlds.live(model, 20)
    assert all(agent.alive for agent in me.following)
    dead = {row for row, alive in enumerate(model.world.accounts["alive"]) if not alive}
    assert dead.isdisjoint(worlds.ties(model.world).other.tolist())


# ---- the view -----------------------------------------------------------------------------


def test_the_view_of_all_accounts(model: FollowerModel) -> None:
    view = model.accounts
    assert len(view) == len(list(view)) == len(model.agents)
    assert view[0] is model.agent_of(0)
    assert view[-1].kind == "protagonist"
    assert view.get("followers") == [agent.followers for agent in view]
    assert view.select(lambda agent: agent.kind == "protagonist") == [view[-1]]
    rows = {agent.row for agent in view}
    assert view.do("post", 1.0) is view
    tomorrow(model)
    assert set(model.plan["actor"][model.plan["effort"] == 10].tolist()) == rows


def test_the_view_leaves_out_the_dead(model: FollowerModel) -> None:
    model.world.accounts["alive"][3] = 0
    assert model.agent_of(3) not in list(model.accounts)
    assert len(model.accounts) == len(model.world.accounts) - 1


def test_kinds_have_names() -> None:
    assert [kind.name.lower() for kind in AccountKind] == [
        "ordinary",
        "arrival",
        "protagonist",
        "fake",
    ]
