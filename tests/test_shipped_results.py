"""The figures and numbers that travel with the project are those of the model as it is."""

import json
from pathlib import Path

import pytest

from sim import shipping
from sim.findings.running import claiming
from sim.scenario import load

ROOT = Path(__file__).parents[1]
SHIPPED = (
    "hello",
    "five_lives",
    "what_happens_at_1000",
    "contenders",
    "talent_or_numbers",
    "who_pays",
)


@pytest.fixture(scope="module")
def fingerprint() -> str:
    return shipping.fingerprint()


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_results_are_not_stale(
    name: str, fingerprint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert shipping.is_stale(name, fingerprint) == ""


def test_shipped_findings_are_not_stale(fingerprint: str) -> None:
    note = json.loads((ROOT / "results" / "findings" / shipping.NOTE).read_text(encoding="utf-8"))
    assert note["model_fingerprint"] == fingerprint
    assert set(note["scenario_hashes"]) == set(claiming())
    for name, made_of in note["scenario_hashes"].items():
        assert load(name).hash == made_of, f"{name} has changed: run followlab findings"


def test_another_model_makes_them_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert "the model has changed" in shipping.is_stale("hello", "another")


def test_the_findings_in_readme_are_marked() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    between = text.partition("<!-- findings -->")[2].partition("<!-- /findings -->")[0]
    assert len(between.strip().splitlines()) == len(shipping.COMPARED)
