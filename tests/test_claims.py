"""Every claim has a scenario that says beforehand what decides, and that runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import report
from sim.cli import tables
from sim.experiments import claim as claims
from sim.experiments.analysis import PLATFORM
from sim.metrics import MEASURES
from sim.report import whole
from sim.scenario import NO_CLAIM, Problem, Scenario, ScenarioError, docs, load, loads, shipped

CLAIMING = [name for name, path in shipped().items() if path.parent.name == "claims"]
ALL = [*CLAIMING, "what_happens_at_1000"]

# Claims of the essays and counter-claims that must have a scenario.
WANTED = {
    "asking_and_engagement", "begging_clogs_streams", "needy_unfollowed", "follow_backs_net_zero",
    "what_happens_at_1000", "begging_sets_an_expectation", "count_taken_for_success",
    "bought_do_not_engage", "ratio_costs_ties", "follow_for_follow_is_vanity",
    "like_for_like_is_vanity", "self_promotion_fails", "score_measures_no_value",
    "help_and_community", "reform_works", "reform_too_late", "big_counts_are_imitated",
    "pods_raise_comments", "asking_multiplies_reshares", "buying_pays_with_social_proof",
    "buying_pays_with_sponsors",
}  # fmt: skip


def test_every_claim_has_a_scenario() -> None:
    assert set(ALL) == WANTED
    assert len({load(name).scenario.claim for name in ALL}) == len(ALL)


@pytest.mark.parametrize("name", ALL)
def test_a_scenario_declares_its_claim(name: str) -> None:
    scenario = load(name)
    header = scenario.scenario
    assert header.title
    assert header.question.endswith("?")
    for text in (header.claim, header.hypothesis, header.refuted_by):
        assert text.endswith(".")
    assert "essay" in header.claim
    assert header.primary in MEASURES
    assert header.expected in claims.EXPECTED
    assert header.tested in scenario.arm_names
    assert header.reference in scenario.arm_names
    assert header.tested != header.reference


@pytest.mark.parametrize("name", CLAIMING)
def test_there_are_worlds_enough(name: str) -> None:
    header = load(name).scenario
    assert header.replicates >= claims.ENOUGH
    assert load(name).world.accounts <= 5_000
    assert header.days <= 240


@pytest.mark.parametrize("name", CLAIMING)
def test_the_arms_differ_by_what_is_tested_only(name: str) -> None:
    """Same craft, minutes, money, offer and starting followers in both arms."""
    scenario = load(name)
    one, other = (
        scenario.for_arm(str(arm)).protagonists for arm in (scenario.tested, scenario.reference)
    )
    plans = {"strategy", "params"}
    assert [p.model_dump(exclude=plans) for p in one] == [
        p.model_dump(exclude=plans) for p in other
    ]


def tiny(scenario: Scenario) -> dict[str, Any]:
    """Settings that make a scenario small enough to be run in a second."""
    sets: dict[str, Any] = {
        "world.accounts": 150,
        "world.follows_per_account": 8,
        "world.community_size": 50,
        "world.burn_in_days": 3,
        "scenario.days": 6,
        "protagonists.followers": 20,
        "record.every_days": 2,
    }
    if scenario.events:
        sets["events.day"] = 3
    for arm in scenario.arms:
        if arm.events:
            sets[f"arms.{arm.name}.events.day"] = 3
        if arm.strategy in ("adaptive", "score_chaser"):
            sets[f"arms.{arm.name}.params.trial_days"] = 1
        if arm.strategy in ("beg", "boosted") and "milestones" in arm.params:
            sets[f"arms.{arm.name}.params.milestones"] = [21, 22, 23, 24]
    return sets


@pytest.mark.parametrize("name", ALL)
def test_a_scenario_runs(name: str, tmp_path: Path) -> None:
    results = sim.run(name, out=tmp_path, replicates=1, settings=tiny(load(name)), workers=1)
    assert results.failed == {}
    claim = claims.declared(results)
    assert claim is not None
    whole = results.series[results.series["origin"] == ""]
    found = whole[whole["measure"] == claim.primary]
    accounts = 1 if claim.primary in PLATFORM else len(results.accounts)
    assert len(found[found["day"] == 6]) == len(results.arms) * accounts
    assert claims.estimate(results, claim).worlds == 1


def test_the_report_of_a_run_says_what_became_of_the_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "bought_do_not_engage"
    settings = tiny(load(name)) | {"behaviour.like_odds": 2.0}
    results = sim.run(name, out=tmp_path, replicates=3, settings=settings, workers=1)
    monkeypatch.setattr(whole, "drawn", lambda results: [])  # drawing takes most of a report's time
    page = report.page(results)
    header = load(name).scenario
    for text in (header.claim, header.hypothesis, header.refuted_by):
        assert text in page
    assert "paired within 3 worlds" in page
    claim = claims.declared(results)
    assert claim is not None
    table = claims.final(results, "engaged")
    ratios = table["bought"] / table["organic"]
    assert (ratios > 0).all()
    mean = claims.estimate(results, claim).interval.mean
    assert mean == pytest.approx(np.exp(np.log(ratios).mean()))
    said = " ".join(" ".join(tables._claim(results)).split())
    assert f"Claim: {header.claim}" in said
    assert f"Found: ×{mean:.2f}" in said
    assert claims.verdict(claims.estimate(results, claim), claim.expected) in said
    assert "Fewer than 20 worlds" in said


def test_the_table_of_claims_is_fresh_and_whole() -> None:
    path, text = docs.renewed("claims")
    assert path.read_text(encoding="utf-8") == text, "stale: run python -m sim.scenario.docs"
    table = text.partition("<!-- claims -->")[2].partition("<!-- /claims -->")[0]
    assert table.count("\n| ") == len(ALL) + 1
    for name in ALL:
        header = load(name).scenario
        (row,) = (line for line in table.split("\n") if f"{name}.toml`]" in line)
        for cell in (header.claim, f"`{header.primary}`", header.expected, header.refuted_by):
            assert str(cell) in row


# --- The header ------------------------------------------------------------------------------

CLAIM = """
[scenario]
reference = "a"
claim = "It helps."
hypothesis = "It helps here."
primary = "engaged"
secondary = ["sales", "warm"]
tested = "b"
expected = "higher"
refuted_by = "It harms."
[[arms]]
name = "a"
[[arms]]
name = "b"
strategy = "beg"
"""


def the_problem(text: str) -> Problem:
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    (problem,) = caught.value.problems
    return problem


def test_a_claim_is_a_title() -> None:
    scenario = loads(CLAIM)
    other = loads(CLAIM, sets=NO_CLAIM)
    assert other.scenario.claim == ""
    assert (other.hash, other.world_hash) == (scenario.hash, scenario.world_hash)
    for key in NO_CLAIM:
        assert getattr(scenario.scenario, key.removeprefix("scenario."))


def test_the_tested_arm_is_the_first_that_is_not_the_reference() -> None:
    assert loads(CLAIM).tested == "b"
    other = loads(CLAIM.replace('tested = "b"\n', ""))
    assert other.scenario.tested is None
    assert other.tested == "b"
    assert loads("").tested is None


def test_an_arm_of_a_claim_can_be_lived() -> None:
    arm = loads(CLAIM).for_arm("a")
    assert arm.arm_names == ("a",)
    assert loads("", sets=plain(arm)).settings() == arm.settings() | plain(arm)


def plain(arm: Scenario) -> Mapping[str, Any]:
    """The settings of an arm without its claim, as a scenario of its own."""
    settings = arm.settings()
    header = settings["scenario"] | {
        key.removeprefix("scenario."): value for key, value in NO_CLAIM.items()
    }
    return settings | {"scenario": header}


# what is replaced, by what, line, column, key, message, suggestion
MISTAKES = {
    "unknown measure": (
        '"engaged"', '"engagd"', 6, 11, "scenario.primary", "there is no such measure",
        '"engaged"'),
    "unknown measure beside it": (
        '"warm"', '"warmth"', 7, 23, "scenario.secondary.1", "there is no such measure", '"warm"'),
    "measure like nothing": (
        '"engaged"', '"xyz"', 6, 11, "scenario.primary", "there is no such measure", None),
    "unknown arm": (
        'tested = "b"', 'tested = "bb"', 8, 10, "scenario.tested", "there is no such arm",
        '"b"'),
    "against itself": (
        'tested = "b"', 'tested = "a"', 8, 10, "scenario.tested",
        "this arm would be tested against itself", None),
    "expectation that is none": (
        '"higher"', '"more"', 9, 12, "scenario.expected",
        'must be one of "higher", "lower", "same"', '"same"'),
    "nothing that refutes": (
        'refuted_by = "It harms."', "", 4, 1, "scenario.claim", "claim without refuted_by", None),
    "no measure": (
        'primary = "engaged"', "", 4, 1, "scenario.claim", "claim without primary", None),
    "no claim": (
        'claim = "It helps."', "", 5, 1, "scenario.hypothesis", "hypothesis without claim", None),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_in_a_claim(case: tuple[str, str, int, int, str, str, str | None]) -> None:
    old, new, line, column, key, message, suggestion = case
    problem = the_problem(CLAIM.replace(old, new))
    assert (problem.line, problem.column, problem.key) == (line, column, key)
    assert message in problem.message
    assert problem.suggestion == suggestion
    assert suggestion or problem.fix or "must be" in problem.message


def test_a_claim_needs_something_to_compare_with() -> None:
    text = CLAIM.partition('[[arms]]\nname = "b"')[0].replace('tested = "b"\n', "")
    assert the_problem(text).message == "a claim about one arm only"
