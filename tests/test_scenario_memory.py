"""The price of a scenario in memory."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.kernels.layout import ACCOUNT, IMPRESSION, POST, TIE, WALL
from sim.scenario import ScenarioError, available_memory, load, loads, memory_estimate, price
from sim.scenario.memory import posts_per_day
from sim.settings import Population

TOP = Path(__file__).parents[1]


def test_the_estimate_by_hand() -> None:
    scenario = loads(
        "scenario.days = 100\n"
        "[world]\naccounts = 1_000_000\nfollows_per_account = 50\nburn_in_days = 100\n"
        "arrivals_per_day = 0.001\narrival_follows = 10\n"
        "[population]\nposts_sigma = 0\nposts_median = 0.5\nstrategies = { casual = 1.0 }\n"
        "sessions_sigma = 0\nsessions_median = 0.5\nattention = 10\n"
    )
    # 1 M rows · 17/16 until there are 1.2 M. Each row has its record, two places in the directory,
    # what was delivered, where its posts begin, and two places where people look by topic
    expected: float = 1e6 * (17 / 16) ** 4 * (ACCOUNT.itemsize + 8 + 8 + 4 + 8)
    # 52.5 M entries, 5 · .004 more an account and day, and 10.9 for each of 0.2 M arrivals: more
    # than the sixteenth which is spare at the start, so that it grows once
    entries = 52.5e6 + 1e6 * 5 * 0.004 * 200 + 0.2e6 * 10.9
    assert 17 / 16 < entries / 52.5e6 < (17 / 16) ** 2
    expected += 52.5e6 * (17 / 16) ** 2 * (4 + TIE.itemsize)
    # 12 ticks of 1.2 M · 0.5 / 4 posts: 1.8 M, for which the ring has 2^21 places
    expected += 2**21 * POST.itemsize + 1_800_000 * WALL.itemsize
    # 1.2 M · 5 / 4 impressions, and as many that were left out
    expected += 2 * 1_500_000 * IMPRESSION.itemsize
    expected += 255e6 + 50e6 + 100 * 1_000_000
    assert memory_estimate(scenario) == pytest.approx(expected, abs=1)


LIFE = """
import sys
from pathlib import Path
from sim import FollowerModel
from sim.scenario import loads
FollowerModel(loads(sys.argv[1])).run()
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


def measured(text: str) -> int:
    """The peak of a run in a process of its own, once the kernels are compiled.

    `getrusage` would not do: what the parent held when it forked counts there too.
    """
    command = [sys.executable, "-c", LIFE, text]
    runs = [subprocess.run(command, cwd=TOP, capture_output=True, text=True) for _ in range(2)]
    assert runs[-1].returncode == 0, runs[-1].stderr
    return int(runs[-1].stdout) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux says what was the peak")
@pytest.mark.parametrize(
    ("accounts", "follows", "days"), [(2_000, 25, 60), (20_000, 25, 30), (120_000, 50, 6)]
)
def test_the_estimate_is_within_15_percent_of_the_measured_peak(
    accounts: int, follows: int, days: int
) -> None:
    text = (
        f"[scenario]\ndays = {days}\n[world]\naccounts = {accounts}\n"
        f"follows_per_account = {follows}\nburn_in_days = 0\n"
    )
    assert memory_estimate(loads(text)) == pytest.approx(measured(text), rel=0.15)


def test_a_pool_that_grows_is_not_copied() -> None:
    """What a longer run needs more is what is added, in steps of a sixteenth; nothing twice."""
    base = "[world]\naccounts = 100_000\nburn_in_days = 0\narrivals_per_day = 0\n"
    base += "[scenario]\ndays = "
    few, many = (memory_estimate(loads(base + str(days))) for days in (50, 400))
    # 350 days · 7.4 impressions · .004 entries are .4 of the 26.25 entries at first
    at_first = 100_000 * 25 * 1.05 * (4 + TIE.itemsize)
    assert 0.4 * at_first * 15 / 16 < many - few < 0.4 * at_first * 17 / 16 * 17 / 16 + 5e6


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
    fitting = int(advised[1].replace(",", ""))
    assert price(loads("", sets={"world.accounts": fitting}), available=4_000_000_000) < 4e9
    with pytest.raises(ScenarioError):  # a tenth more would not fit
        price(loads("", sets={"world.accounts": fitting * 11 // 10}), available=4_000_000_000)


def test_runs_at_a_time_count() -> None:
    with pytest.raises(ScenarioError, match=r"2 runs at a time need .* or run fewer at a time"):
        price(load("hello"), runs=2, available=510_000_000)


def test_where_nothing_fits() -> None:
    with pytest.raises(ScenarioError, match="Free some memory"):
        price(load("hello"), available=1_000)


def test_a_network_file_is_judged_by_its_size(tmp_path: Path) -> None:
    text = '[world]\nnetwork = "file"\nfile = "follows.csv{}"'
    for suffix in ("", ".gz"):
        (tmp_path / f"follows.csv{suffix}").write_bytes(b"12345,67890\n" * 100_000)
        (tmp_path / f"a{suffix}.toml").write_text(text.format(suffix))
    plain, packed = load(tmp_path / "a.toml"), load(tmp_path / "a.gz.toml")
    # 100,000 follows of 14 · 1.09 bytes at least, for which gzip needs a fifth of the bytes
    assert memory_estimate(plain) > 255e6 + 100_000 * 14 * 1.09
    assert memory_estimate(packed) - 255e6 > 4 * (memory_estimate(plain) - 255e6)
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
