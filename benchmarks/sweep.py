"""A sweep of small runs: what it costs beyond the runs themselves, and what the caller holds.

The same runs are made by a bare loop in as many processes: worlds burnt in once and kept in
memory, a model for each run, its measures, tables and hash; nothing is saved. Both are counted
from the first process to the last result. A disturbance of one in fifty is as large as what is
looked for, so both are done in rounds, in turn, and the differences go into a t interval. Besides,
each run of the sweep says how long it took itself, so that what is left of the workers' time can
be told although the machine is shared.
"""

import multiprocessing
import os
import resource
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import sim
from sim.experiments.intervals import interval
from sim.experiments.progress import Outcome, Progress
from sim.scenario import Scenario
from sim.scenario.points import at_point
from sim.warm_up import is_compiled, warm_up

ARMS, WORLDS = ("organic", "beg"), 4
SETTLED = 0.1  # share of the runs after which the caller's memory is looked at first
TEXT = """
[scenario]
name = "small"
days = {days}
replicates = {worlds}
[world]
accounts = {accounts}
burn_in_days = 30
[[arms]]
name = "organic"
[[arms]]
name = "beg"
strategy = "beg"
[[sweep.parameters]]
key = "protagonists.craft"
low = 0.2
high = 0.9
count = {points}
"""


def measure(runs: int, accounts: int, days: int, workers: int, rounds: int = 1) -> dict[str, Any]:
    """Sweep so many runs in all, and make the same in a bare loop, in so many rounds."""
    points = runs // (rounds * len(ARMS) * WORLDS)
    text = TEXT.format(days=days, accounts=accounts, points=points, worlds=WORLDS)
    if not is_compiled():
        warm_up(lambda kernel: None)
    pairs = [_pair(text, workers, swept_first=n % 2 == 1) for n in range(rounds)]
    each = points * len(ARMS) * WORLDS
    bare, swept = (_together(list(side)) for side in zip(*pairs, strict=True))
    rest = workers * swept["clock_s"] - swept["in_runs_s"] - swept["burn_in_s"]
    return {
        "runs": each * rounds,
        "rounds": rounds,
        "accounts": accounts,
        "days": days,
        "workers": workers,
        "bare": bare,
        "sweep": swept,
        "overhead_clock_ms": _beyond(pairs, "clock_s", each),
        "overhead_cpu_ms": _beyond(pairs, "cpu_s", each),
        "worker_time_not_in_runs_ms": 1e3 * rest / (each * rounds),
    }


Pair = tuple[dict[str, Any], dict[str, Any]]


def _pair(text: str, workers: int, swept_first: bool) -> Pair:
    """Do both, one after the other; return the bare loop's figures and the sweep's."""
    if swept_first:
        swept = _swept(text, workers)
        return _bare(text, workers), swept
    bare = _bare(text, workers)
    return bare, _swept(text, workers)


def _together(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Return times of all rounds added up, and the largest sizes of any round."""
    return {
        key: (sum if key.endswith("_s") else max)(one[key] for one in rounds) for key in rounds[0]
    }


def _beyond(pairs: list[Pair], key: str, runs: int) -> dict[str, float]:
    """Return the milliseconds a run that the sweep took longer, with the interval of the mean."""
    found = interval([1e3 * (swept[key] - bare[key]) / runs for bare, swept in pairs])
    return {"mean": found.mean, "low": found.low, "high": found.high}


class _Memory(Progress):
    """Looks at the memory of the caller whenever a run has ended."""

    def __init__(self) -> None:
        self.held: list[int] = []

    def finished(self, outcome: Outcome) -> None:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        self.held.append(pages * resource.getpagesize())


def _swept(text: str, workers: int) -> dict[str, Any]:
    memory, clock, cpu = _Memory(), perf_counter(), _cpu()
    with tempfile.TemporaryDirectory() as out:
        results = sim.sweep(text, out=out, workers=workers, progress=memory)
        took = perf_counter() - clock, _cpu() - cpu
        sizes = [path.stat().st_size for path in results.folder.rglob("*.parquet")]
    first = memory.held[int(SETTLED * len(memory.held))]
    return {
        "clock_s": took[0],
        "cpu_s": took[1],
        "in_runs_s": float(results.runs["wall_s"].sum()),
        "burn_in_s": sum(results.manifest["timings"]["burn_in_s"].values()),
        "caller_bytes": first,
        "caller_growth_bytes": memory.held[-1] - first,
        "table_bytes": int(results.runs.memory_usage(deep=True).sum()),
        "disk_bytes": sum(sizes),
    }


def _bare(text: str, workers: int) -> dict[str, Any]:
    clock, cpu = perf_counter(), _cpu()
    spawn = multiprocessing.get_context("spawn")
    crew = [spawn.Process(target=_loop, args=(text, n, workers)) for n in range(workers)]
    for process in crew:
        process.start()
    for process in crew:
        process.join()
        if process.exitcode:
            raise RuntimeError(f"the bare loop ended with {process.exitcode}")
    return {"clock_s": perf_counter() - clock, "cpu_s": _cpu() - cpu}


def _loop(text: str, number: int, workers: int) -> None:
    """Make every n-th world's runs, one after the other."""
    from sim.experiments.designs import design
    from sim.model import burn_in

    scenario = sim.load(text)
    points = [at_point(scenario, point.values) for point in design(scenario).points]
    for seed in range(1 + number, 1 + WORLDS, workers):
        world = burn_in(points[0], seed)
        for point in points:
            for arm in ARMS:
                _run(point, arm, seed, world.fork())


def _run(scenario: Scenario, arm: str, seed: int, world: Any) -> None:
    from sim.model import FollowerModel

    model = FollowerModel(scenario, arm=arm, seed=seed, world=world)
    model.run()
    model.measures(), model.tables(), model.state_hash()


def _cpu() -> float:
    """Return the seconds that this process and those that it has waited for have computed."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
