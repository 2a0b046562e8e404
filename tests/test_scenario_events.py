"""Events: what each kind may say, what they leave, and every mistake with its place."""

from textwrap import dedent

import pytest
from pydantic import ValidationError

from sim.scenario import Event, Problem, Scenario, ScenarioError, events, load, loads
from sim.scenario.hashing import _events, canonical, scenario_hash
from sim.scenario.later import with_event


def problems(text: str) -> list[Problem]:
    with pytest.raises(ScenarioError) as caught:
        loads(dedent(text))
    return caught.value.problems


ALL_KINDS = """
    [platform.sponsors]
    per_engagement = 0.5
    [[protagonists]]
    name = "one"
    [[protagonists]]
    name = "some"
    count = 3
    [[arms]]
    name = "a"
    [[arms.events]]
    day = 9
    kind = "set"
    set.platform.sponsors.per_1000_followers = 2
    [[events]]
    day = 3
    recall = 0.5
    [[events]]
    day = 4
    kind = "set"
    set."platform.ranking" = "chronological"
    set.behaviour.prices = { beg = 3, like = 1 }
    [[events]]
    day = 5
    kind = "viral"
    protagonist = "some-2"
    reach = 0.4
    [[events]]
    day = 6
    kind = "strategy"
    protagonist = "some"
    strategy = "beg"
    params = { close = 0.5 }
"""


def test_all_kinds() -> None:
    scenario = loads(dedent(ALL_KINDS))
    sweep, change, viral, strategy, own = scenario.for_arm("a").events
    assert (sweep.kind, sweep.recall, sweep.reach, sweep.hours) == ("sweep", 0.5, None, None)
    assert change.set == {
        "platform.ranking": "chronological",
        "behaviour.prices.beg": 3,
        "behaviour.prices.like": 1,
    }
    assert (viral.reach, viral.hours, viral.protagonist) == (0.4, 48, "some-2")
    assert (strategy.strategy, strategy.params) == ("beg", {"close": 0.5})
    assert own.set == {"platform.sponsors.per_1000_followers": 2}
    assert [event.label for event in scenario.events] == ["sweep", "set", "viral", "strategy"]


def test_defaults_of_a_viral_hit() -> None:
    assert (Event(day=1, kind="viral").reach, Event(day=1, kind="viral").hours) == (0.2, 48)
    assert (Event(day=1).reach, Event(day=1).hours) == (None, None)


def test_whom_an_event_concerns() -> None:
    scenario = loads(dedent(ALL_KINDS))
    names = [events.concerned(scenario, event) for event in scenario.events]
    assert names[0] == ("one", "some", "some-2", "some-3")
    assert names[2] == ("some-2",)
    assert names[3] == ("some", "some-2", "some-3")


def test_settings_after_an_event() -> None:
    scenario = loads(dedent(ALL_KINDS)).for_arm("a")
    platform, behaviour = scenario.platform, scenario.behaviour
    for event in scenario.events:
        platform, behaviour = events.changed(platform, behaviour, event.set)
    assert platform.ranking == "chronological"
    assert platform.sponsors.per_1000_followers == 2
    assert platform.sponsors.per_engagement == 0.5
    assert (behaviour.prices.beg, behaviour.prices.like) == (3, 1)
    assert behaviour.prices.follow == scenario.behaviour.prices.follow
    unchanged = events.changed(scenario.platform, scenario.behaviour, {})
    assert unchanged == (scenario.platform, scenario.behaviour)


def test_settings_that_the_loader_would_refuse() -> None:
    scenario = Scenario()
    with pytest.raises(ValidationError):
        events.changed(scenario.platform, scenario.behaviour, {"behaviour.mute": 2})


def test_events_are_part_of_the_hash_and_labels_are_not() -> None:
    scenario = loads(dedent(ALL_KINDS))
    for change in ("reach = 0.4", "beg = 3", "close = 0.5", "like = 1"):
        assert loads(dedent(ALL_KINDS).replace(change, change[:-1] + "2")).hash != scenario.hash
    labelled = dedent(ALL_KINDS).replace('kind = "set"', 'kind = "set"\nlabel = "x"')
    assert loads(labelled).hash == scenario.hash


SET = '[[events]]\nday = 1\nkind = "set"\n'
VIRAL = '[[events]]\nday = 1\nkind = "viral"\n'
STRATEGY = '[[events]]\nday = 1\nkind = "strategy"\n'

# text, line, column, key, message, suggestion, fix
SINGLE = {
    "key of another kind": (
        "[[events]]\nday = 1\nhours = 3", 3, 1, "events.0.hours",
        'has no meaning in an event of kind "sweep"', None, 'or write kind = "viral"'),
    "key of two other kinds": (
        f'{SET}set.behaviour.mute = 1\nprotagonist = "newcomer"', 5, 1, "events.0.protagonist",
        'has no meaning in an event of kind "set"', None, 'kind = "viral" or "strategy"'),
    "settings of a sweep": (
        "[[events]]\nday = 1\nset.behaviour.mute = 1", 3, 1, "events.0.set", "has no meaning",
        None, 'kind = "set"'),
    "params of a viral hit": (
        f"{VIRAL}params.close = 1", 4, 1, "events.0.params", "has no meaning", None,
        'kind = "strategy"'),
    "recall of a viral hit": (
        f"{VIRAL}recall = 0", 4, 1, "events.0.recall", "has no meaning", None, 'kind = "sweep"'),
    "nothing is set": (
        SET, 3, 8, "events.0.kind", "an event that sets nothing", None, "An event can set"),
    "unknown key": (
        f"{SET}set.behaviour.mte = 0", 4, 15, "events.0.set.behaviour.mte",
        "there is no such key", "mute", None),
    "key without its section": (
        f'{SET}set.ranking = "ranked"', 4, 5, "events.0.set.ranking", "there is no such key",
        "platform.ranking", None),
    "key like nothing": (
        f"{SET}set.xyzzy = 1", 4, 5, "events.0.set.xyzzy", "there is no such key", None,
        "An event can set"),
    "key that arms can set and events cannot": (
        f"{SET}set.record.every_days = 2", 4, 12, "events.0.set.record.every_days",
        "an event cannot change record.every_days", None, "Set it for the whole scenario"),
    "tick": (
        f"{SET}set.platform.tick_hours = 3", 4, 14, "events.0.set.platform.tick_hours",
        "an event cannot change platform.tick_hours", None, "Set it for the whole scenario"),
    "vendor": (
        f"{SET}set.platform.vendors.price_per_1000 = 3", 4, 22,
        "events.0.set.platform.vendors.price_per_1000", "an event cannot change", None, None),
    "wrong choice": (
        f'{SET}set = {{ "platform.ranking" = "rankd" }}', 4, 30, "events.0.set.platform.ranking",
        "must be one of", '"ranked"', None),
    "out of range": (
        f"{SET}set.platform.sponsors.per_engagement = -1", 4, 40,
        "events.0.set.platform.sponsors.per_engagement", "must be a number from 0", None, None),
    "number for a section": (
        f"{SET}set.platform.sponsors = 1", 4, 25, "events.0.set.platform.sponsors",
        "must be a table", None, None),
    "settings that do not go together": (
        f"[platform]\nfriend_share = 0.8\n{SET}set.platform.popularity_share = 0.3", 6, 33,
        "events.0.set.platform.popularity_share", "are more than 1 together", None, "Reduce"),
    "change of strategy without one": (
        STRATEGY, 3, 8, "events.0.kind", "a change of strategy without the new one", None,
        "Add strategy ="),
    "unknown strategy": (
        f'{STRATEGY}strategy = "begg"', 4, 12, "events.0.strategy", "there is no such strategy",
        '"beg"', None),
    "unknown parameter": (
        f'{STRATEGY}strategy = "beg"\nparams = {{ clos = 1 }}', 5, 12, "events.0.params.clos",
        "there is no such key", "close", None),
    "wrong parameter": (
        f'{STRATEGY}strategy = "beg"\nparams.close = 85', 5, 16, "events.0.params.close",
        "must be a number from 0 to 1", "0.85", None),
    "unknown vendor": (
        f'{STRATEGY}strategy = "buyer"\nparams.vendor = "x"', 5, 17, "events.0.params.vendor",
        "there is no such vendor", None, "Vendors: default."),
    "unknown protagonist": (
        f'{VIRAL}protagonist = "newcommer"', 4, 15, "events.0.protagonist",
        "there is no such protagonist", '"newcomer"', None),
    "protagonist beyond the count": (
        f'[[protagonists]]\nname = "all"\ncount = 2\n{VIRAL}protagonist = "all-3"', 7, 15,
        "events.0.protagonist", "there is no such protagonist", '"all-2"', None),
    "protagonist like nothing": (
        f'{VIRAL}protagonist = "x"', 4, 15, "events.0.protagonist",
        "there is no such protagonist", None, "Protagonists: newcomer."),
    "share that is none": (
        f"{VIRAL}reach = 20", 4, 9, "events.0.reach", "must be a number from 0 to 1", "0.2", None),
    "no time": (
        f"{VIRAL}hours = 0", 4, 9, "events.0.hours", "must be a whole number from 1 to 1,000",
        None, None),
    "in an arm": (
        '[[arms]]\nname = "a"\nevents = [{ day = 1, kind = "set", set.behaviour.mute = 3 }]', 3,
        57, "arms.a.events.0.set.behaviour.mute", "must be a number from 0 to 1", None, None),
    "strategy in an arm": (
        '[[arms]]\nname = "a"\nevents = [{ day = 1, kind = "strategy", strategy = "x" }]', 3, 52,
        "arms.a.events.0.strategy", "there is no such strategy", None, "Strategies: "),
    "an event and what an arm sets": (
        f'[[arms]]\nname = "a"\nset.platform.friend_share = 0.8\n{SET}'
        "set.platform.popularity_share = 0.3", 3, 29, "arms.a.set.platform.friend_share",
        "are more than 1 together", None, "Reduce"),
}  # fmt: skip


@pytest.mark.parametrize("case", SINGLE.values(), ids=SINGLE.keys())
def test_one_mistake(case: tuple[str, int, int, str, str, str | None, str | None]) -> None:
    text, line, column, key, message, suggestion, fix = case
    (problem,) = problems(text)
    assert (problem.line, problem.column, problem.key) == (line, column, key)
    assert message in problem.message
    assert problem.suggestion == suggestion
    assert fix is None or fix in (problem.fix or "")
    assert suggestion or problem.fix or "must be" in problem.message


def test_settings_are_checked_in_the_order_of_days() -> None:
    """The share of friends falls on day 2, so that of day 3 is right; that of day 1 is not."""
    text = """
        [platform]
        friend_share = 0.8
        [[events]]
        day = 3
        kind = "set"
        set.platform.popularity_share = 0.5
        [[events]]
        day = 2
        kind = "set"
        set.platform.friend_share = 0.5
    """
    assert len(loads(dedent(text)).events) == 2
    (problem,) = problems(text.replace("day = 3", "day = 1"))
    assert (problem.line, problem.key) == (7, "events.0.set.platform.popularity_share")


def test_mistakes_of_common_events_are_told_once() -> None:
    found = problems(
        """
        [[arms]]
        name = "a"
        [[arms]]
        name = "b"
        [[events]]
        day = 1
        kind = "set"
        set.behaviour.mute = 3
        set.behaviour.hop = 1
        """
    )
    assert [problem.key for problem in found] == [
        "events.0.set.behaviour.mute",
        "events.0.set.behaviour.hop",
    ]


def test_thousands_of_events_are_refused_at_once() -> None:
    arms = "".join(f'[[arms]]\nname = "a{n}"\n' for n in range(60))
    found = problems(arms + f"{SET}set.behaviour.mute = 0\n" * 5_000)
    assert [problem.message for problem in found] == [
        "there are 5,000 events, but at most 1,000 are possible"
    ]


def test_sets_reach_events() -> None:
    text = dedent(ALL_KINDS)
    scenario = loads(text, sets=["events.2.reach=0.1", "events.1.set.behaviour.mute=0"])
    assert scenario.events[2].reach == 0.1
    assert scenario.events[1].set["behaviour.mute"] == 0
    assert loads(text, sets=["arms.a.events.day=7"]).arms[0].events[0].day == 7
    assert loads(text, sets=["arms.events.0.day=7"]).arms[0].events[0].day == 7
    with pytest.raises(ScenarioError, match=r"--set events\.reach=0\.5: events\.0\.reach"):
        load("five_lives", sets=["events.reach=0.5"])


def test_a_change_of_means_changes_some() -> None:
    (found,) = problems("[[events]]\nday = 1\nkind = 'means'\n")
    assert found.key == "events.0.kind"
    assert "changes none" in found.message


@pytest.mark.parametrize("line", ["craft = 1.5", "minutes = 1441", "money = -1"])
def test_means_have_a_range(line: str) -> None:
    (found,) = problems(f"[[events]]\nday = 1\nkind = 'means'\n{line}\n")
    assert found.key == f"events.0.{line.split()[0]}"


def test_means_belong_to_their_kind() -> None:
    (found,) = problems("[[events]]\nday = 1\nkind = 'viral'\ncraft = 0.5\n")
    assert 'write kind = "means"' in str(found)


def test_scenarios_without_means_keep_their_hash() -> None:
    settings = loads("[[events]]\nday = 1\n").settings()
    digest = scenario_hash(settings, None)
    for name in ("craft", "minutes", "money"):
        settings["events"][0] = {**settings["events"][0], name: 1}
        assert scenario_hash(settings, None) != digest
        settings["events"][0][name] = None
    assert scenario_hash(settings, None) == digest
    assert '"money"' not in canonical(_events(settings["events"]))


def test_changes_of_strategy_that_have_no_number_left() -> None:
    change = "[[events]]\nday = 1\nkind = 'strategy'\nstrategy = 'beg'\n"
    room = 256 - len(loads("").population.strategies) - 2
    loads(change * room)
    (found,) = problems(change * (room + 1))
    assert found.key == f"events.{room}.strategy"


def test_an_event_can_come_later() -> None:
    scenario = loads(dedent(ALL_KINDS))
    later = with_event(scenario, "a", Event(day=7, kind="means", money=2))
    assert later.for_arm("a").events == (
        *scenario.for_arm("a").events,
        Event(day=7, kind="means", money=2),
    )
    with pytest.raises(ScenarioError, match="there is no such protagonist"):
        with_event(scenario, "a", Event(day=7, kind="means", money=2, protagonist="nobody"))
    with pytest.raises(ScenarioError, match="there is no arm"):
        with_event(scenario, "b", Event(day=7))
