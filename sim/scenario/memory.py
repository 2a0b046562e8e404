"""What a scenario costs in memory, before anything is allocated."""

import os
from bisect import bisect_right
from math import ceil, erf, exp, log, sqrt
from pathlib import Path
from typing import Final, NamedTuple

from sim.scenario.findings import Finding
from sim.scenario.report import Report
from sim.scenario.schema import Scenario
from sim.scenario.source import TEXT, Source
from sim.settings import Population

__all__ = ["available_memory", "memory_estimate", "posts_per_day", "price"]

PYTHON: Final = 255_000_000  # bytes of the interpreter, its libraries and the compiled kernels
HEAP: Final = 50_000_000  # most that the C library keeps of smaller arrays that were freed
KEPT: Final = 450  # bytes of such arrays an account, as long as they are smaller
PASSING: Final = 100  # bytes an account of a day's plan and of other columns that come and go
ROOM: Final = 1.05  # entries of the pool for a follow that the calibrated generator sets out for
SLACK: Final = 1.09  # entries of the pool for a follow: blocks have four sizes an octave
BLOCK: Final = 4  # entries of the smallest block
ACQUAINTED: Final = 0.004  # entries of the pool that an impression adds in the end
ROW: Final = 12  # characters of a row of a network file
PACKED: Final = 5  # how much gzip shrinks such a file
PAIR: Final = 12  # bytes of a row of a network file while it is read
GRAPH: Final = 1_000  # bytes of an edge in GraphML while networkx reads it
SPARE: Final = 16  # part of accounts and of ties by which their arrays grow when they are full
_HOURS: Final = 24


class _Size(NamedTuple):
    """How large the world of a scenario is."""

    accounts: float  # at the start
    arrivals: float  # until the end
    entries: float  # of the pool at the start
    added: float  # to the pool until the end
    rows: float  # of the network file


def memory_estimate(scenario: Scenario) -> int:
    """Bytes that one run of the scenario needs at its peak, within 15 % of what is measured.

    Compiling the kernels, which `followlab` does once before any run, is not in it: that takes
    up to 700 MB for some seconds.
    """
    size = _size(scenario)
    living = _people(scenario, size) + _ties(size) + _posts(scenario, size)
    kept = min(HEAP, KEPT * size.accounts) + PASSING * size.accounts
    return round(PYTHON + max(_reading(scenario, size), living + kept))


def _people(scenario: Scenario, size: _Size) -> float:
    """Bytes of all columns that have an entry for each row, used or spare."""
    from sim.kernels.layout import ACCOUNT, TOPICS

    rows = _grown(size.accounts * (1 + 1 / SPARE), size.accounts + size.arrivals)
    directory, delivered, wall, spots = 8, 8, 4, 4 * TOPICS / 4
    return rows * (ACCOUNT.itemsize + directory + delivered + wall + spots + _columns(scenario))


def _columns(scenario: Scenario) -> int:
    """Bytes an account of what the strategies remember."""
    from sim.strategies import find

    names = [*scenario.population.strategies, *(p.strategy for p in scenario.protagonists)]
    return 8 * sum(len(find(name).columns) for name in names)


def _ties(size: _Size) -> float:
    """Bytes of the pool at the end. It grows in place; what is spare at first takes no memory."""
    from sim.kernels.layout import TIE

    held, needed = size.entries * (1 + 1 / SPARE), size.entries + size.added
    return (4 + TIE.itemsize) * (needed if needed < held else _grown(held, needed))


def _grown(held: float, needed: float) -> float:
    """Entries of an array that has grown to what is needed."""
    while held < needed:
        held *= 1 + 1 / SPARE
    return held


def _posts(scenario: Scenario, size: _Size) -> float:
    """Bytes of the posts of the window, and of what is seen of them in a tick."""
    from sim.kernels.layout import IMPRESSION, POST, WALL

    people, platform = scenario.population, scenario.platform
    window = max(platform.window_hours, _HOURS) + platform.lag_hours + 3 * platform.tick_hours
    ticks = window // platform.tick_hours
    accounts, ticks_a_day = size.accounts + size.arrivals, _HOURS / platform.tick_hours
    fresh = accounts * posts_per_day(people) / ticks_a_day
    looked = 2 * accounts * _reads_per_day(people) / ticks_a_day
    ring = POST.itemsize * _ring(fresh, ticks) if fresh else 0.0
    return ring + WALL.itemsize * fresh * ticks + IMPRESSION.itemsize * looked


def _ring(fresh: float, ticks: int) -> int:
    """Places of the ring of posts, a power of two."""
    return 1 << max(10, (ceil(fresh * (ticks + 1)) - 1).bit_length())


def _reading(scenario: Scenario, size: _Size) -> float:
    """Bytes that a network file takes while it is read."""
    path = scenario.network_path
    return size.rows * (GRAPH if path and path.suffix.lower() == ".graphml" else PAIR)


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
    """Mean posts of an account and day."""
    s = population
    return _bounded_mean(s.posts_median, s.posts_sigma, s.posts_max)


def _reads_per_day(population: Population) -> float:
    """Mean posts that an account reads a day."""
    s = population
    return s.attention * _bounded_mean(s.sessions_median, s.sessions_sigma, s.sessions_max)


def _bounded_mean(median: float, spread: float, most: float) -> float:
    """The mean of a lognormal value (median m, spread s) that is at most c.

    It is m·exp(s²/2)·Φ((ln(c/m) − s²)/s) + c·(1 − Φ(ln(c/m)/s)).
    """
    if min(median, most) == 0 or spread == 0:
        return min(median, most)
    distance = log(most / median)
    below = median * exp(spread**2 / 2) * _normal((distance - spread**2) / spread)
    return below + most * (1 - _normal(distance / spread))


def _size(scenario: Scenario) -> _Size:
    """Return how large the world is at the start, and what is added until the end."""
    world, rows = scenario.world, _rows(scenario.network_path)
    accounts = rows / world.follows_per_account if rows else world.accounts
    follows = rows or accounts * (
        1 if world.network == "preferential" else world.follows_per_account
    )
    entries = follows * (ROOM if world.network == "calibrated" else SLACK)
    days = world.burn_in_days + scenario.scenario.days
    arrivals = accounts * world.arrivals_per_day * days
    acquainted = ACQUAINTED * accounts * _reads_per_day(scenario.population) * days
    added = acquainted + arrivals * max(BLOCK, SLACK * world.arrival_follows)
    return _Size(accounts, arrivals, max(entries, BLOCK * accounts), added, rows)


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
        fix=f"{_remedy(scenario, room / runs)}{fewer}.",
    )


def _remedy(scenario: Scenario, room: float) -> str:
    """What to reduce so that a run fits."""
    if scenario.network_path is not None:
        return "Give a smaller network or free some memory"
    fitting = bisect_right(
        range(scenario.world.accounts), room, key=lambda n: memory_estimate(_with(scenario, n))
    )
    if fitting < 20:
        return "Free some memory"
    return f"Reduce world.accounts to {_round_down(fitting - 1):,}, or world.follows_per_account"


def _with(scenario: Scenario, accounts: int) -> Scenario:
    """Return the scenario with another number of accounts."""
    world = scenario.world.model_copy(update={"accounts": accounts})
    return scenario.model_copy(update={"world": world})


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
