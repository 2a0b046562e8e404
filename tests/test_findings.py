"""Findings: the tests of claims, the premises, what is run, and how it is told."""

import json
from math import exp, log
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim import files
from sim.cli import main
from sim.experiments.claim import Estimate, verdict
from sim.experiments.intervals import interval
from sim.findings import graphs, running, shipping, words
from sim.findings.matrix import pointing
from sim.findings.premises import DEFAULT, PREMISES, Condition, conditions, is_part_of
from sim.findings.running import Finding, Worlds
from sim.findings.testing import Outcome, holm, of_estimate
from sim.scenario import load

CLAIM = "follow_for_follow_is_vanity"
SMALL = ["world.accounts=120", "world.burn_in_days=2", "world.follows_per_account=8",
         "world.community_size=40", "scenario.days=3", "record.every_days=3"]  # fmt: skip


def estimate(ratios: list[float]) -> Estimate:
    """As `sim.experiments.claim.estimate` makes it of ratios by world."""
    logs = interval(np.log(ratios))
    made = logs._replace(mean=exp(logs.mean), low=exp(logs.low), high=exp(logs.high))
    return Estimate(made, True, len(ratios), 2.0, 1.0)


def drawn(mean: float, worlds: int = 20, spread: float = 0.3, seed: int = 1) -> Estimate:
    rng = np.random.default_rng(seed)
    return estimate(np.exp(log(mean) + spread * rng.standard_normal(worlds)).tolist())


# ---- testing ------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("expected", ["higher", "lower", "same"])
@pytest.mark.parametrize("mean", [0.5, 0.85, 1.0, 1.2, 1.6])
def test_one_claim_by_itself_is_judged_as_the_report_does(
    mean: float, expected: str, seed: int
) -> None:
    """p < .05 and the way it leans are the verdict on the 95 % interval."""
    found = drawn(mean, seed=seed)
    outcome = of_estimate(found, expected)
    said = {"for": "in line with the claim", "against": "against the claim"}[outcome.leans]
    assert (said if outcome.p < 0.05 else "undecided") == verdict(found, expected)


def test_p_values_are_those_of_a_t_test() -> None:
    """Two-sided, of the mean log ratio against 0."""
    ratios = [1.2, 0.9, 1.5, 1.1, 1.4]
    wanted = stats.ttest_1samp(np.log(ratios), 0).pvalue
    for expected in ("higher", "lower"):
        assert of_estimate(estimate(ratios), expected).p == pytest.approx(wanted)


def test_worlds_that_are_all_alike_decide() -> None:
    same = estimate([1.0, 1.0, 1.0])
    assert of_estimate(same, "same").p == 0
    assert of_estimate(same, "higher").p == 1
    assert of_estimate(estimate([2.0, 2.0, 2.0]), "higher").p_for == 0


def test_nothing_is_told_by_one_world() -> None:
    assert of_estimate(estimate([3.0]), "higher").p == 1


def test_holm() -> None:
    """By hand: .01·4, .02·3, .03·2 (not below the one before), .2·1."""
    assert holm([0.03, 0.01, 0.2, 0.02]) == pytest.approx([0.06, 0.04, 0.2, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_keeps_the_family() -> None:
    """Of 2,000 families of ten claims without an effect, a share of at most .05 decides any.

    The standard error of that share is √(.05·.95/2000) = .005.
    """
    p_values = np.random.default_rng(1).random((2_000, 10))
    wrong = np.mean([min(holm(row.tolist())) < 0.05 for row in p_values])
    assert wrong == pytest.approx(0.05, abs=4 * 0.005)


# ---- premises -----------------------------------------------------------------------------


def test_every_premise_can_be_set() -> None:
    for condition in PREMISES:
        load(CLAIM, sets=dict(condition.sets))
    assert len({condition.key for condition in PREMISES}) == len(PREMISES)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        (CLAIM, set()),
        ("what_happens_at_1000", {"no_proof", "step_proof"}),
        ("buying_pays_with_sponsors", {"paid_by_count", "paid_by_engagement"}),
    ],
)
def test_what_a_claim_sets_itself_is_left_alone(name: str, own: set[str]) -> None:
    scenario = load(name)
    assert {c.key for c in PREMISES if is_part_of(scenario, c)} == own
    keys = [condition.key for condition in conditions(scenario)]
    assert keys[:2] == ["default", "larger"]
    assert not own & set(keys)


def test_as_declared_comes_before_anything_else() -> None:
    todo = running.tasks(running.claiming(), Worlds())
    first = [task.condition.key for task in todo[: len(running.claiming())]]
    assert set(first) == {"default"}
    assert {task.worlds for task in todo if task.condition.key == "default"} == {20}
    assert {task.worlds for task in todo if task.condition.key in ("larger", "no_proof")} == {6}


# ---- running ------------------------------------------------------------------------------


def test_findings_are_run_kept_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.findings.premises.PREMISES", PREMISES[:1])
    marks = "a\n<!-- claims -->\n<!-- /claims -->\nb\n"
    (tmp_path / "README.md").write_text(marks)
    sets = [part for text in SMALL for part in ("--set", text)]
    call = ["findings", "--only", CLAIM, "--worlds", "2", "--premise-worlds", "1", "--workers",
            "1", "--out", str(tmp_path), *sets]  # fmt: skip
    assert main([*call, "--minutes", "0", "--quiet"]) == 0
    assert "not run yet" in capsys.readouterr().out
    assert main([*call, "--quiet"]) == 0
    assert CLAIM in capsys.readouterr().out
    other = tmp_path / "findings" / "other"
    kept = sorted((other / "outcomes").glob("*.json"))
    assert [path.stem.split("--")[1] for path in kept] == ["default", "larger", "prices_third"]
    times = [path.stat().st_mtime_ns for path in kept]
    assert main([*call, "--quiet"]) == 0
    assert [path.stat().st_mtime_ns for path in kept] == times
    told = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert told == marks, "one claim, in worlds of another size, is not for the record"
    assert (other / f"{CLAIM}.png").is_file()
    assert (other / "claims.csv").is_file()
    assert [path.name for path in other.parent.iterdir()] == ["other"]


def test_one_claim_leaves_what_is_of_record_of_the_others(tmp_path: Path) -> None:
    """Its figure is drawn where it belongs; the table of all claims stays."""
    task = running.tasks([CLAIM], Worlds())[0]
    outcome = of_estimate(drawn(1.5), "lower").plain()
    path = running._file(task, tmp_path, [])
    files.new_text(path, json.dumps({**running._identity(task, []), "outcome": outcome}))
    call = ["findings", "--show", "--out", str(tmp_path)]
    assert main([*call, "--only", CLAIM]) == 0
    assert {p.name for p in (tmp_path / "findings").iterdir()} == {"outcomes", f"{CLAIM}.png"}
    assert main(call) == 0
    assert (tmp_path / "findings" / "claims.csv").is_file()
    assert main([*call, "--worlds", "3"]) == 0
    assert not (tmp_path / "findings" / "other").exists(), "nothing is known in three worlds"


def test_claims_that_differ_in_their_measure_share_their_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.findings.premises.PREMISES", ())
    alike = ["follow_backs_net_zero", CLAIM]
    assert load(alike[0]).hash == load(alike[1]).hash
    todo = running.tasks(alike, Worlds(2, 1), SMALL)
    assert running.run(todo, tmp_path, settings=SMALL, workers=1)
    assert {path.name for path in tmp_path.iterdir()} == {alike[0], "findings"}
    found = running.load_findings(alike, Worlds(2, 1), tmp_path, SMALL)
    for one in found:
        assert one.default is not None
        assert one.default.worlds == 2
    first, second = (one.default for one in found)
    assert first != second, "each by its own measure"


def test_both_readmes_are_filled_in(tmp_path: Path) -> None:
    """All of it in that of the results, the sum in the one above."""
    out = tmp_path / "results"
    out.mkdir()
    for folder in (tmp_path, out):
        (folder / "README.md").write_text("a\n<!-- claims -->\nold\n<!-- /claims -->\nb\n")
    assert shipping.write_words([finding(1.5)], out)
    above, told = ((folder / "README.md").read_text("utf-8") for folder in (tmp_path, out))
    for text in (above, told):
        assert text.startswith("a\n<!-- claims -->\nOf 1\N{NO-BREAK SPACE}claim: ")
        assert text.endswith("<!-- /claims -->\nb\n")
    assert "Holm" in told
    assert "Holm" not in above


def test_what_another_model_found_does_not_count(tmp_path: Path) -> None:
    task = running.tasks([CLAIM], Worlds())[0]
    path = running._file(task, tmp_path, [])
    path.parent.mkdir(parents=True)
    outcome = of_estimate(drawn(1.5), "lower").plain()
    identity = running._identity(task, [])
    path.write_text(json.dumps({**identity, "outcome": outcome}))
    assert running._kept(task, tmp_path, []) == Outcome(**outcome)
    path.write_text(json.dumps({**identity, "model": "another", "outcome": outcome}))
    assert running._kept(task, tmp_path, []) is None


# ---- words --------------------------------------------------------------------------------


def finding(default: float, **others: float) -> Finding:
    scenario = load(CLAIM)
    known = {DEFAULT.key: (DEFAULT, of_estimate(drawn(default), "lower"))}
    for key, mean in others.items():
        condition = next((c for c in PREMISES if c.key == key), Condition(key, key, key, {}))
        known[key] = (condition, of_estimate(drawn(mean), "lower"))
    return Finding(CLAIM, scenario, known)


def test_where_a_finding_turns() -> None:
    """log 2 at the default and −log 2 at three times: 0 half way in logs, at √3 = 1.7."""
    (said,) = words.turns(finding(2.0, prices_thrice=0.5, prices_third=2.0))
    assert "prices × 3" in said
    noise = log(drawn(1.0).interval.mean)
    at = exp(log(3) * (log(2) + noise) / (2 * log(2)))
    assert f"about × {at:.2g} of the default" in said


def test_a_turn_must_be_clear() -> None:
    assert list(words.turns(finding(2.0, prices_thrice=0.98))) == []


def test_how_it_is_elsewhere() -> None:
    """One premise turns it, one may, one does not."""
    one = finding(2.0, prices_third=2.0, prices_thrice=0.5, no_proof=0.98)
    told = words.markdown([one], "f")
    assert "It turns: prices × 3 (" in told
    said = (
        "It points the same way under 1 of 3\N{NO-BREAK SPACE}other premises tried, and not clearly"
    )
    assert f"{said} the other way under: no social proof." in told
    told = words.markdown([finding(2.0, prices_third=2.0, prices_thrice=2.0)], "f")
    assert "under all 2\N{NO-BREAK SPACE}other premises tried." in told
    assert "1 turned clearly, 0 of these" in words.repeated([one])


def test_verdicts_are_corrected() -> None:
    one = finding(0.88)
    alone = words.verdicts([one])[CLAIM]
    every = [one, *(Finding(f"other-{k}", one.scenario, finding(0.88).outcomes) for k in range(30))]
    among = words.verdicts(every)[CLAIM]
    assert alone[0] == "for"
    assert among[0] == "open"
    assert among[1] > alone[1]


def test_the_summary_counts() -> None:
    told = words.summary([finding(3.0), Finding("b", load(CLAIM), finding(0.3).outcomes)])
    assert "1 in line with the claim" in told
    assert "1 against the claim" in told


def test_which_way_a_finding_points() -> None:
    """As declared it is clear by the corrected verdict, elsewhere by its own interval."""
    one = finding(2.0, prices_thrice=0.5, no_proof=0.98)
    assert pointing(one, "default", "against") == ("against", True)
    assert pointing(one, "default", "open") == ("against", False)
    assert pointing(one, "prices_thrice", "open") == ("for", True)
    assert pointing(one, "no_proof", "against") == ("for", False)
    assert pointing(one, "chronological", "against") is None


def test_the_premises_are_drawn_once_there_are_any(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("<!-- claims -->\n<!-- /claims -->\n")
    for one, there in ((finding(2.0), False), (finding(2.0, prices_thrice=0.5), True)):
        paths = shipping.write([one], tmp_path / "findings")
        assert ("premises.png" in {path.name for path in paths}) is there
        assert shipping.write_words([one], tmp_path)
        assert ("premises.png" in (tmp_path / "README.md").read_text("utf-8")) is there


def test_the_table_has_every_condition() -> None:
    table = shipping.table([finding(2.0, prices_thrice=0.5)])
    assert table["condition"].tolist() == ["default", "prices_thrice"]
    assert table["verdict"].fillna("").tolist() == ["against", ""]


# ---- real graphs --------------------------------------------------------------------------


def test_the_lives_on_a_graph_from_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = tmp_path / "ring.csv"
    ring = "".join(f"{k},{(k + step) % 150}\n" for k in range(150) for step in range(1, 9))
    graph.write_text(f"src,dst\n{ring}")
    readme = tmp_path / "README.md"
    readme.write_text("<!-- graphs -->\n<!-- /graphs -->\n")
    sets = ["world.burn_in_days=1", "scenario.days=2", "events.day=1", "protagonists.followers=10",
            "arms.bought.params.amount=20", "arms.reformed.params.amount=20"]  # fmt: skip
    typed = [part for text in sets for part in ("--set", text)]
    call = ["findings", "--graph", str(graph), "--worlds", "1", "--workers", "1", "--quiet"]
    assert main([*call, "--out", str(tmp_path), *typed]) == 0
    told = capsys.readouterr().out
    assert "ring.csv" in told
    assert "150 accounts, 1,200 follows" in told
    assert "| follow for follow |" in told
    assert "follow" not in readme.read_text(encoding="utf-8"), "other settings are not for it"
    pair = graphs.compare(graph, tmp_path, worlds=1, settings=sets, workers=1)
    assert graphs.write([pair], readme)
    assert "| follow for follow |" in readme.read_text(encoding="utf-8")


def test_a_graph_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("src,dst\n1\n")
    assert main(["findings", "--graph", str(bad), "--out", str(tmp_path)]) == 2
    assert "two names are needed" in capsys.readouterr().err
