"""Events that are scheduled while a model lives: as if they had been there from the start."""

import pytest

from sim.model import FollowerModel
from sim.scenario import Event, ScenarioError
from worlds import scenario

REST = """
[[protagonists]]
name = "one"
followers = 10
offer = 0
[[protagonists]]
name = "two"
followers = 10
offer = 0
[[events]]
day = 6
kind = "strategy"
strategy = "beg"
protagonist = "two"
[[arms]]
name = "a"
[[arms]]
name = "b"
strategy = "buyer"
params = { amount = 40 }
"""
LATER = (
    Event(day=3, kind="strategy", strategy="follow_for_follow", protagonist="one"),
    Event(day=3, kind="means", protagonist="one", craft=0.2, minutes=300, money=50),
    Event(day=5, kind="set", set={"platform.ranking": "chronological"}),
    Event(day=5, kind="sweep", recall=1.0),
    Event(day=8, kind="viral", protagonist="two", reach=1.0),
    Event(day=9, kind="strategy", strategy="buyer", params={"amount": 7}),
)


def at(model: FollowerModel, day: int, tick: int = 0) -> None:
    while (model.day, model.world.hour % 24) != (day, tick * 6):
        model.step()


@pytest.fixture(scope="module")
def lived() -> FollowerModel:
    """An arm in which all these events were thought of when the day before was under way."""
    model = FollowerModel(scenario(days=12, rest=REST), arm="b")
    for event in LATER:
        at(model, event.day - 1, 2)
        model.schedule(event)
    model.run()
    return model


def test_scheduled_late_is_scheduled_from_the_start(lived: FollowerModel) -> None:
    again = FollowerModel(lived.whole, arm="b")
    again.run()
    assert again.state_hash() == lived.state_hash()
    assert again.recorder.series == lived.recorder.series
    assert again.recorder.events == lived.recorder.events


def test_every_event_tells(lived: FollowerModel) -> None:
    """Left out, each of them leaves another world."""
    base = scenario(days=12, rest=REST)
    for left_out in LATER:
        model = FollowerModel(base, arm="b")
        for event in LATER:
            if event is not left_out:
                model.schedule(event)
        model.run()
        assert model.state_hash() != lived.state_hash(), left_out


def test_other_arms_know_nothing_of_it(lived: FollowerModel) -> None:
    assert lived.whole.arm("a").events == ()
    assert lived.whole.arm("b").events == LATER
    assert lived.whole.world_hash == scenario(days=12, rest=REST).world_hash


def test_means_are_what_was_given() -> None:
    model = FollowerModel(scenario(days=12, rest=REST), arm="a")
    model.schedule(Event(day=1, kind="means", minutes=7, money=3, protagonist="two"))
    at(model, 1, 1)
    one, two = (agent._record for agent in model.accounts if agent.kind == "protagonist")
    assert (two["minutes"], two["dollars"]) == (7, 3)
    assert (one["minutes"], one["dollars"]) == (45, 10)
    assert one["craft"] == two["craft"]


def test_a_day_that_has_begun_is_over() -> None:
    model = FollowerModel(scenario(days=12, rest=REST), arm="a")
    assert model.next_day == 0
    model.schedule(Event(day=0))
    model.step()
    assert model.next_day == 1
    with pytest.raises(ValueError, match="day 0 has begun; the next is day 1"):
        model.schedule(Event(day=0))


def test_what_is_refused_changes_nothing() -> None:
    model = FollowerModel(scenario(days=12, rest=REST), arm="a")
    before = model.whole
    for wrong in (
        Event(day=12),
        Event(day=1, kind="strategy", strategy="nonsense"),
        Event(day=1, kind="strategy", strategy="buyer", params={"amount": 10**9}),
        Event(day=1, kind="viral", protagonist="nobody"),
        Event(day=1, kind="set", set={"platform.tick_hours": 12}),
    ):
        with pytest.raises(ScenarioError):
            model.schedule(wrong)
    assert model.whole is before


def test_a_saved_model_keeps_what_was_scheduled(lived: FollowerModel, tmp_path) -> None:
    model = FollowerModel(scenario(days=12, rest=REST), arm="b")
    for event in LATER:
        model.schedule(event)
    at(model, 7)
    model.save(tmp_path / "saved")
    again = FollowerModel.load(tmp_path / "saved", model.whole, arm="b")
    again.run()
    assert again.state_hash() == lived.state_hash()
