"""The kernels against the plain-Python twin, phase by phase, to the bit.

Each world runs a few weeks with habits so lively that everything happens soon. The last
test sees to it that nothing in the text was left untried.
"""

from collections import Counter
from functools import cache
from typing import Any

import pytest

from sim import strategies
from sim.kernels.tables import build
from sim.model import FollowerModel
from sim.scenario import loads
from twin import DivergenceError, Twin
from twin.arithmetic import decay
from twin.branches import BRANCHES
from twin.cases import CASES
from twin.lives import UNRULY
from twin.records import Hit, Need


def walk(model: Any, days: int) -> Twin:
    """Walk beside a model for some days."""
    twin = Twin.from_model(model)
    twin.compare(model, "start")
    last = twin.hour + 24 * days
    while twin.hour < last:
        for phase, run in model.phases():
            run()
            twin.repeat_phase(model, phase)
            twin.compare(model, phase)
    return twin


@cache
def walked(name: str) -> tuple[Any, Twin]:
    """Walk beside the model of one case, once."""
    strategies.load_file(UNRULY)
    case = CASES[name]
    model = FollowerModel(loads(case.text), threads=case.threads)
    return model, walk(model, case.days)


def names_of(scenario: Any) -> list[str]:
    """The protagonists' names, one an account."""
    return [
        name if m == 1 else f"{name}-{m}"
        for name, count in ((each.name, each.count) for each in scenario.protagonists)
        for m in range(1, count + 1)
    ]


@pytest.mark.parametrize("name", CASES)
def test_twin_and_model_agree(name: str) -> None:
    model, twin = walked(name)
    assert twin.hour == model.world.hour


@pytest.mark.parametrize("name", CASES)
def test_the_record_agrees(name: str) -> None:
    model, twin = walked(name)
    twin.compare_ends(model, names_of(model.arm))


def test_every_branch_was_taken() -> None:
    taken: Counter[str] = sum((walked(name)[1].branches for name in CASES), Counter())
    missing = [branch for branch in BRANCHES if not taken[branch]]
    assert not missing
    unknown = sorted(set(taken) - set(BRANCHES))
    assert not unknown, "not declared"


@pytest.mark.parametrize("half_life", [0.3, 14.0, 30.0])
def test_tables_of_decay_agree(half_life: float) -> None:
    tables = build(half_life, 2 * half_life)
    for table, days in ((tables.warmth, half_life), (tables.irritation, 2 * half_life)):
        left = decay(days)
        hours = [*range(0, 1_000, 7), 4_095, 9_999, 16_382, 16_383]
        assert [float(table[k]) for k in hours] == [left(k) for k in hours]
        assert left(20_000) == left(len(table) - 1)


@pytest.fixture(scope="module")
def model() -> Any:
    return FollowerModel(loads(CASES["lively"].text))


@pytest.mark.parametrize(
    "column",
    [
        "expectation",
        "followers",
        "impressions",
        "last_browse",
        "dollars",
        "strategy",
        "pod",
        "paid",
    ],
)
def test_a_difference_is_found(model: Any, column: str) -> None:
    twin = Twin.from_model(model)
    account = twin.accounts[7]
    setattr(account, column, getattr(account, column) + 1)
    with pytest.raises(DivergenceError, match=rf"phase start, account\.{column}, uid 0x7"):
        twin.compare(model, "start")


def test_a_difference_in_a_tie_is_found(model: Any) -> None:
    twin = Twin.from_model(model)
    account = next(account for account in twin.living() if account.follows)
    account.ties[0].warmth += 1
    with pytest.raises(DivergenceError, match=rf"tie 0\.warmth, uid {account.uid:#x}"):
        twin.compare(model, "start")


def test_a_lost_notice_is_found(model: Any) -> None:
    twin = Twin.from_model(model)
    first, second = list(twin.accounts.values())[:2]
    twin.notify(first, second, 0)
    with pytest.raises(DivergenceError, match="notices"):
        twin.compare(model, "start")


def test_a_lost_need_is_found(model: Any) -> None:
    twin = Twin.from_model(model)
    asker = next(twin.living())
    twin.needs[asker.uid] = Need(asker.uid, 0, 0)
    with pytest.raises(DivergenceError, match="needs"):
        twin.compare(model, "start")


def test_a_lost_viral_hit_is_found(model: Any) -> None:
    twin = Twin.from_model(model)
    twin.viral.append(Hit(next(twin.living()).uid, 24, 0.5))
    with pytest.raises(DivergenceError, match="viral hits"):
        twin.compare(model, "start")
