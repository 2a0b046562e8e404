"""The price of a scenario in memory."""

import os
import re
from pathlib import Path

import pytest

from sim.kernels.layout import ACCOUNT, POST, TIE
from sim.scenario import ScenarioError, available_memory, load, loads, memory_estimate, price
from sim.scenario.memory import posts_per_day
from sim.settings import Population


def test_the_estimate_by_hand() -> None:
    scenario = loads(
        "scenario.days = 100\n"
        "[world]\naccounts = 1_000_000\nfollows_per_account = 50\nburn_in_days = 100\n"
        "arrivals_per_day = 0.001\narrival_follows = 10\n"
        "[population]\nposts_sigma = 0\nposts_median = 0.5\n"
    )
    # accounts 1 M · 1.2; follows 50 M + 0.2 M · 10; posts in two days 1.2 M · 0.5 · 2
    accounts, follows, posts = 1_200_000, 52_000_000, 1_200_000
    expected = accounts * ACCOUNT.itemsize + follows * (4 + TIE.itemsize) * 1.3
    expected += posts * POST.itemsize * 4 + 300_000_000
    assert memory_estimate(scenario) == pytest.approx(expected, abs=1)


def test_the_mean_of_a_bounded_lognormal() -> None:
    assert posts_per_day(Population(posts_sigma=0, posts_median=3)) == 3
    assert posts_per_day(Population(posts_median=0)) == 0
    # far from the bound: E = m·exp(s²/2)
    free = posts_per_day(Population(posts_median=0.01, posts_sigma=0.5, posts_max=100))
    assert free == pytest.approx(0.01 * 2.718281828 ** (0.5**2 / 2))
    assert posts_per_day(Population(posts_median=25, posts_max=25)) < 25


def test_what_fits_is_priced() -> None:
    scenario = load("hello")
    assert price(scenario) == memory_estimate(scenario)
    assert price(scenario, runs=2, available=10**9) == 2 * memory_estimate(scenario)


def test_what_does_not_fit_is_refused() -> None:
    scenario = loads("[world]\n\naccounts = 20_000_000")
    with pytest.raises(ScenarioError) as caught:
        price(scenario, available=4_000_000_000)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (3, "world.accounts")
    needed = f"{memory_estimate(scenario) / 1e9:.1f}"
    assert f"a run needs about {needed} GB of memory, but there are 4.0 GB" in problem.message
    advised = re.match(r"Reduce world.accounts to ([\d,]+), or", problem.fix or "")
    assert advised
    smaller = loads("", sets={"world.accounts": int(advised[1].replace(",", ""))})
    assert 3_500_000_000 < price(smaller, available=4_000_000_000) < 4_000_000_000


def test_runs_at_a_time_count() -> None:
    with pytest.raises(ScenarioError, match=r"2 runs at a time need .* or run fewer at a time"):
        price(load("hello"), runs=2, available=601_000_000)


def test_where_nothing_fits() -> None:
    with pytest.raises(ScenarioError, match="Free some memory"):
        price(load("hello"), available=1_000)


def test_a_network_file_is_judged_by_its_size(tmp_path: Path) -> None:
    text = '[world]\nnetwork = "file"\nfile = "follows.csv{}"'
    for suffix in ("", ".gz"):
        (tmp_path / f"follows.csv{suffix}").write_bytes(b"12345,67890\n" * 100_000)
        (tmp_path / f"a{suffix}.toml").write_text(text.format(suffix))
    plain, packed = load(tmp_path / "a.toml"), load(tmp_path / "a.gz.toml")
    # 100,000 rows of 200 bytes while they are read, and 14 · 1.3 bytes a follow at least
    assert memory_estimate(plain) > 300_000_000 + 100_000 * (200 + 14 * 1.3)
    assert memory_estimate(packed) - 3e8 == pytest.approx(5 * (memory_estimate(plain) - 3e8))
    with pytest.raises(ScenarioError, match=r"a\.toml:3: world\.file: .* Give a smaller network"):
        price(plain, available=1_000)


def test_memory_of_this_machine() -> None:
    room = available_memory()
    assert room is None or 10**8 < room < 10**15


def test_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object, **__: object) -> str:
        raise FileNotFoundError

    def unknown(_: str) -> int:
        raise ValueError

    monkeypatch.setattr(Path, "read_text", unreadable)
    monkeypatch.setattr(os, "sysconf", lambda _: 1_000, raising=False)
    assert available_memory() == 1_000_000
    monkeypatch.setattr(os, "sysconf", unknown, raising=False)
    assert available_memory() is None
    assert price(loads("world.accounts = 2_000")) > 0
