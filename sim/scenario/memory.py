"""What a scenario costs in memory, before anything is allocated."""

import os
from math import erf, exp, log, sqrt
from pathlib import Path
from typing import Final

from sim.scenario.findings import Finding
from sim.scenario.report import Report
from sim.scenario.schema import Scenario
from sim.scenario.source import TEXT, Source
from sim.settings import Population

__all__ = ["available_memory", "memory_estimate", "posts_per_day", "price"]

PYTHON: Final = 300_000_000  # bytes of the interpreter, its libraries and compiled kernels
SLACK: Final = 1.3  # room in the pool of follows for lists to grow
READING: Final = 200  # bytes that a row of a network file takes while it is read
ROW: Final = 12  # characters of such a row
PACKED: Final = 5  # how much gzip shrinks such a file
RING: Final = 4  # the ring of posts is a power of two with room for busy days


def memory_estimate(scenario: Scenario) -> int:
    """Bytes that one run of the scenario needs at its peak."""
    from sim.kernels.layout import ACCOUNT, POST, TIE

    accounts, follows, read = _size(scenario)
    posts = accounts * posts_per_day(scenario.population) * scenario.platform.window_hours / 24
    return round(
        PYTHON
        + read * READING
        + accounts * ACCOUNT.itemsize
        + follows * (4 + TIE.itemsize) * SLACK
        + posts * POST.itemsize * RING
    )


def price(scenario: Scenario, *, runs: int = 1, available: int | None = None) -> int:
    """The estimated bytes of so many runs at a time, if there is room for them.

    Args:
        scenario: what is to be run.
        runs: runs at the same time, each in a process of its own.
        available: bytes that there are; by default what the system says.

    Raises:
        ScenarioError: if there is not enough memory, with what to reduce.
    """
    needed = memory_estimate(scenario) * runs
    room = available_memory() if available is None else available
    if room is not None and needed > room:
        name = TEXT if scenario.path is None else str(scenario.path)
        report = Report(Source(name, scenario.source_text), {}, scenario.settings())
        report.check(_too_large(scenario, needed, room, runs))
        report.fail()
    return needed


def available_memory() -> int | None:
    """Bytes that can be allocated now, or None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return _pages()


def posts_per_day(population: Population) -> float:
    """Mean posts of an account and day.

    The rate is lognormal (median m, spread s) but at most c, so that its mean is
    m·exp(s²/2)·Φ((ln(c/m) − s²)/s) + c·(1 − Φ(ln(c/m)/s)).
    """
    median, spread, most = population.posts_median, population.posts_sigma, population.posts_max
    if min(median, most) == 0 or spread == 0:
        return min(median, most)
    distance = log(most / median)
    below = median * exp(spread**2 / 2) * _normal((distance - spread**2) / spread)
    return below + most * (1 - _normal(distance / spread))


def _size(scenario: Scenario) -> tuple[float, float, float]:
    """Accounts and follows at the end, and rows of the network file."""
    world, rows = scenario.world, _rows(scenario.network_path)
    accounts = rows / world.follows_per_account if rows else world.accounts
    days = world.burn_in_days + scenario.scenario.days
    arrivals = accounts * world.arrivals_per_day * days
    follows = accounts * world.follows_per_account + arrivals * world.arrival_follows
    return accounts + arrivals, follows, rows


def _rows(network: Path | None) -> float:
    """About how many rows a network file has, judged by its size; 0 without one."""
    if network is None or not network.is_file():
        return 0.0
    return network.stat().st_size / ROW * (PACKED if network.suffix == ".gz" else 1)


def _too_large(scenario: Scenario, needed: int, room: int, runs: int) -> Finding:
    many = f"{runs} runs at a time need" if runs > 1 else "a run needs"
    fewer = " or run fewer at a time" if runs > 1 else ""
    return Finding(
        ("world.accounts", "world.file", "world.follows_per_account"),
        f"{many} about {needed / 1e9:.1f} GB of memory, but there are {room / 1e9:.1f} GB",
        fix=f"{_remedy(scenario, needed / runs, room / runs)}{fewer}.",
    )


def _remedy(scenario: Scenario, needed: float, room: float) -> str:
    """What to reduce so that a run fits."""
    if scenario.network_path is not None:
        return "Give a smaller network or free some memory"
    fitting = int(scenario.world.accounts * max(0, room - PYTHON) / (needed - PYTHON))
    if fitting < 20:
        return "Free some memory"
    return f"Reduce world.accounts to {_round_down(fitting):,}, or world.follows_per_account"


def _round_down(number: int) -> int:
    """The number with two digits that count."""
    unit = int(10 ** max(0, len(str(number)) - 2))
    return number // unit * unit


def _pages() -> int | None:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _normal(x: float) -> float:
    """The distribution function Φ of the standard normal."""
    return (1.0 + erf(x / sqrt(2))) / 2.0
