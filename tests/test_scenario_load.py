"""Loading, overriding, arms and identity of scenarios."""

import json
import pickle
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pytest
from pydantic import model_validator

from sim.scenario import Arm, Event, Scenario, ScenarioError, load, loads, shipped
from sim.settings import Section, param

TWO_ARMS = """
[[protagonists]]
name = "one"
params = { effort = 20.0 }
[[protagonists]]
name = "two"
strategy = "beg"
[[arms]]
name = "a"
[[arms]]
name = "b"
label = "the other"
strategy = "beg"
params = { close = 0.5 }
set.platform.ranking = "mixed"
set."protagonists.craft" = 0.9
set.behaviour.prices.beg = 2
events = [{ day = 3 }]
[[events]]
day = 5
recall = 0.5
"""


def test_nothing_but_defaults() -> None:
    scenario = loads("")
    assert scenario.settings() == Scenario().settings()
    assert scenario.arm_names == ("only",)
    assert scenario.protagonists[0].name == "newcomer"
    assert scenario.reference == "only"


def test_defaults_are_what_a_file_would_give() -> None:
    given = json.dumps(Scenario().settings())
    assert json.dumps(Scenario.model_validate_json(given, strict=True).settings()) == given


@pytest.mark.parametrize("name", shipped())
def test_shipped(name: str) -> None:
    scenario = load(name)
    assert scenario.scenario.name == name
    assert scenario.scenario.title
    assert scenario.scenario.question
    assert scenario.path == shipped()[name]
    assert scenario.source_text == shipped()[name].read_text(encoding="utf-8")
    text = scenario.source_text.split("schema = 1")[0]
    assert f"followlab {'sweep' if scenario.sweep.parameters else 'run'} {name}" in text
    assert "# Asks:" in text
    assert "# Watch:" in text


def test_five_lives() -> None:
    scenario = load("five_lives")
    lives = ["organic", "begging", "follow_for_follow", "bought", "reformed", "boosted"]
    assert scenario.arm_names == (*lives, "do_nothing")
    assert scenario.reference == "organic"
    assert [(event.day, event.kind) for event in scenario.events] == [(200, "sweep")]
    resolved = [scenario.for_arm(name).protagonists[0] for name in scenario.arm_names]
    assert {(one.minutes, one.money, one.craft, one.followers) for one in resolved} == {
        (45, 10, 0.7, 30)
    }


def test_a_file_without_a_name_is_called_like_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my 1st é.toml"
    path.write_text("")
    assert load(path).scenario.name == "my_1st"
    assert load(str(path)).scenario.name == "my_1st"


def test_text_and_files_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load("schema = 1").path is None
    assert load("[world]").path is None
    assert load("# nothing").path is None
    monkeypatch.chdir(tmp_path)
    Path("a=1.toml").write_text("")
    assert load("a=1.toml").path == Path("a=1.toml")
    Path("hello").mkdir()
    assert load("hello").path == shipped()["hello"]


def test_a_file_goes_before_a_shipped_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("hello").write_text("scenario.days = 3")
    assert load("hello").scenario.days == 3


def test_a_scenario_is_frozen_and_keeps_no_door_open() -> None:
    with pytest.raises(ValueError, match="frozen"):
        loads("").world.accounts = 3  # type: ignore[misc]


def test_sets_as_text() -> None:
    scenario = load(
        "hello",
        sets=[
            "world.accounts=500",
            "scenario.title=a = b",
            "platform.ranking = chronological",
            'population.strategies={casual = 3, "beg" = 1}',
            "arms.bought.params.amount=7",
            "arms.1.label=second",
            "arms.bought.set.behaviour.mute=0.5",
            "protagonists.craft=0.9",
            "platform.vendors.default.price_per_1000=3",
        ],
    )
    assert scenario.world.accounts == 500
    assert scenario.scenario.title == "a = b"
    assert scenario.platform.ranking == "chronological"
    assert scenario.population.strategies == {"casual": 3, "beg": 1}
    assert scenario.arms[2].params == {"amount": 7}
    assert scenario.arms[2].set == {"behaviour.mute": 0.5}
    assert scenario.arms[1].label == "second"
    assert scenario.protagonists[0].craft == 0.9
    assert scenario.platform.vendors[0].price_per_1000 == 3


def test_sets_as_values() -> None:
    scenario = loads(
        "", sets={"world.accounts": 500, "arms": ({"name": "a"},), "protagonists.minutes": 3}
    )
    assert scenario.world.accounts == 500
    assert scenario.arm_names == ("a",)
    assert scenario.protagonists[0].minutes == 3


def test_sets_take_numbers_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    sets = {"world.accounts": numpy.int64(500), "world.closure": numpy.float32(0.5)}
    assert loads("", sets=sets).hash == loads("[world]\naccounts = 500\nclosure = 0.5").hash


def test_a_key_without_name_sets_all_of_a_list() -> None:
    scenario = load("contenders", sets=["protagonists.minutes=10", "protagonists.idle.craft=0"])
    assert {one.minutes for one in scenario.protagonists} == {10}
    assert [one.craft for one in scenario.protagonists] == [0.7] * 5 + [0]


def test_an_arm_is_resolved() -> None:
    scenario = loads(TWO_ARMS)
    arm = scenario.for_arm("b")
    assert arm.arms == (Arm(name="b", label="the other"),)
    assert [one.strategy for one in arm.protagonists] == ["beg", "beg"]
    assert [one.params for one in arm.protagonists] == [{"close": 0.5}] * 2
    assert [one.craft for one in arm.protagonists] == [0.9, 0.9]
    assert (arm.platform.ranking, arm.behaviour.prices.beg) == ("mixed", 2)
    assert arm.events == (Event(day=5, recall=0.5), Event(day=3))
    assert arm.reference == "b"
    assert (arm.base, arm.source_text) == (scenario, scenario.source_text)


def test_an_arm_that_changes_nothing() -> None:
    scenario = loads(TWO_ARMS)
    arm = scenario.for_arm("a")
    assert [one.strategy for one in arm.protagonists] == ["organic", "beg"]
    assert [one.params for one in arm.protagonists] == [{"effort": 20.0}, {}]
    assert (arm.platform, arm.behaviour) == (scenario.platform, scenario.behaviour)
    assert arm.for_arm("a").settings() == arm.settings()


def test_params_of_an_arm_add_to_those_of_the_same_strategy() -> None:
    scenario = loads(
        '[[protagonists]]\nstrategy = "beg"\nparams = { close = 0.5, effort = 20.0 }\n'
        '[[arms]]\nname = "a"\nparams = { close = 0.9 }\n'
        '[[arms]]\nname = "b"\nset.protagonists.params.effort = 5\n'
    )
    params = [scenario.for_arm(name).protagonists[0].params for name in ("a", "b")]
    assert params == [{"close": 0.9, "effort": 20}, {"close": 0.5, "effort": 5}]


def test_labels_default_to_names() -> None:
    assert Arm(name="a").label == "a"
    assert Event(day=1).label == "sweep"


def test_an_unknown_arm_is_refused() -> None:
    with pytest.raises(ScenarioError, match="Did you mean begging") as caught:
        load("hello").for_arm("beging")
    assert "organic, begging, bought" in str(caught.value)


def test_titles_and_labels_do_not_change_the_hash() -> None:
    scenario = load("five_lives")
    sets = ["scenario.title=x", "scenario.name=x", "arms.bought.label=x", "events.label=x"]
    assert load("five_lives", sets=sets).hash == scenario.hash
    assert loads(scenario.source_text.replace("#", "# ")).hash == scenario.hash


@pytest.mark.parametrize(
    ("change", "other_world"),
    [
        ("scenario.seed=2", False),
        ("scenario.days=364", False),
        ("scenario.replicates=4", False),
        ("record.every_days=2", False),
        ("events.day=3", False),
        ("arms.bought.params.amount=3", False),
        ("arms.bought.set.platform.ranking=mixed", False),
        ("protagonists.strategy=beg", False),
        ("protagonists.followers=31", True),
        ("world.accounts=9999", True),
        ("population.focus=0.7", True),
        ("platform.ranking=mixed", True),
        ("behaviour.mute=0.2", True),
    ],
)
def test_what_changes_the_hashes(change: str, other_world: bool) -> None:
    before, after = load("five_lives"), load("five_lives", sets=[change])
    assert after.hash != before.hash
    assert (after.world_hash != before.world_hash) == other_world


def test_all_arms_share_a_world() -> None:
    scenario = load("what_happens_at_1000")
    arms = [scenario.for_arm(name) for name in scenario.arm_names]
    assert {arm.world_hash for arm in arms} == {scenario.world_hash}
    assert len({arm.hash for arm in arms}) == len(arms)


def test_the_contents_of_a_network_count_and_not_its_name(tmp_path: Path) -> None:
    def hashes(name: str, contents: str) -> tuple[str, str]:
        (tmp_path / name).write_text(contents)
        path = tmp_path / "scenario.toml"
        path.write_text(f'[world]\nnetwork = "file"\nfile = "{name}"')
        scenario = load(path)
        assert scenario.network_path == tmp_path / name
        return scenario.hash, scenario.world_hash

    first = hashes("a.csv", "1,2\n")
    assert hashes("b.csv", "1,2\n") == first
    assert not set(hashes("a.csv", "1,3\n")) & set(first)


def test_the_hash_is_stable() -> None:
    code = "from sim.scenario import load; print(load('hello').hash)"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == load("hello").hash


def test_scenarios_travel_between_processes() -> None:
    arm = load("hello").for_arm("begging")
    copy = pickle.loads(pickle.dumps(arm))
    assert copy.settings() == arm.settings()
    assert (copy.hash, copy.world_hash, copy.path) == (arm.hash, arm.world_hash, arm.path)


ONLY_CASUAL = "\n[population]\nstrategies = { casual = 1 }"


class Registry:
    """Strategies that exist only here."""

    class Dance:
        """Dances."""

        class Params(Section):
            steps: int = param(3, "steps", "design", ge=1)
            rests: int = param(0, "steps", "design", lt=1_000)

            @model_validator(mode="after")
            def _some(self) -> "Registry.Dance.Params":
                if self.rests > self.steps:
                    raise ValueError("rests cannot be more than steps")
                return self

    def names(self) -> list[str]:
        return ["casual", "dance", "organic"]

    def find(self, name: str) -> Any:
        return self.Dance


def test_strategies_are_looked_up_where_told() -> None:
    text = '[[arms]]\nname = "a"\nstrategy = "dance"\nparams = { steps = 5 }'
    text += ONLY_CASUAL
    assert loads(text, registry=Registry()).arms[0].strategy == "dance"
    with pytest.raises(ScenarioError, match="there is no such strategy"):
        loads(text)
    with pytest.raises(ScenarioError, match="steps: must be a whole number of at least 1"):
        loads(text.replace("5", "0"), registry=Registry())


def test_what_a_strategy_finds_wrong_by_itself() -> None:
    text = '[[arms]]\nname = "a"\nstrategy = "dance"\nparams = { rests = 5 }'
    text += ONLY_CASUAL
    with pytest.raises(ScenarioError, match=r"^<text>:4: arms\.a\.params: rests cannot be more"):
        loads(text, registry=Registry())
    with pytest.raises(ScenarioError, match="rests: must be a whole number below 1,000"):
        loads(text.replace("5", "5000"), registry=Registry())


def test_importing_the_loader_is_light() -> None:
    code = "import sim.scenario, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "numba", "mesa", "pandas", "matplotlib", "scipy", "sim.strategies"}
    assert not heavy & set(run.stdout.split())


def test_loading_is_quick() -> None:
    load("five_lives")
    times = []
    for _ in range(5):
        start = process_time()  # other processes do not count
        load("five_lives")
        times.append(process_time() - start)
    assert min(times) < 0.02


@pytest.mark.parametrize(
    "text",
    [
        "a" * 999_000,
        "a." * 490_000,
        '"' * 999_000,
        "a = " + "[" * 900_000,
        "a = [" + "1," * 200_000,
        "[[a]]\n" * 60_000,
        "".join(f"a{n}=1\n" for n in range(30_000)),
        "world = {" + "a" * 500_000 + " = 1}",
        "[[platform.vendors]]\n" * 20_000,
        "[scenario]\ndays = 1\n" + "[[events]]\nday = 2\n" * 20_000,
        "".join(f'[[protagonists]]\nname="{n}"\n' for n in range(20_000)),
    ],
    ids=[
        "word",
        "dots",
        "quotes",
        "open",
        "list",
        "tables",
        "keys",
        "long key",
        "vendors",
        "events",
        "protagonists",
    ],
)
def test_a_megabyte_of_nonsense_takes_no_time(text: str) -> None:
    start = perf_counter()
    with pytest.raises(ScenarioError):
        loads(text)
    assert perf_counter() - start < 10
