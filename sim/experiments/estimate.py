"""What a plan takes: runs, memory and time, before anything is computed.

The time is reckoned from seconds per account and simulated day: those of earlier results of the
same scenario, model and machine if there are any, else those of a short trial. Both leave out that
worlds grow, that some arms take longer, and that a busy machine is slower; so it is a guide.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from sim._version import model_version
from sim.experiments.jobs import Job, Values
from sim.experiments.plan import Plan
from sim.results import Results, ResultsError
from sim.results import open as open_results
from sim.scenario import Scenario
from sim.scenario.points import at_point

__all__ = ["Estimate", "Speed", "estimate", "past", "trial"]

TRIAL: Final = 2.0  # seconds that a trial takes, besides the making of the world
LEAST: Final = 3  # days of a trial
MOST: Final = 1_000  # days of a burn-in


@dataclass(frozen=True)
class Speed:
    """How fast runs go."""

    seconds: float
    """Per account and simulated day, of one worker."""
    source: str
    """Where it is from, in words."""


@dataclass(frozen=True)
class Estimate:
    """What a plan takes."""

    runs: int
    alike: int
    """Of these, those that come to the same as others and are not computed."""
    missing: int
    """Of the others, those that are still to be computed."""
    points: int
    arms: int
    replicates: int
    worlds: int
    """To be burnt in."""
    workers: int
    memory: int
    """Bytes, of all workers together."""
    seconds: float | None
    """None if no speed is known."""


def estimate(plan: Plan, missing: Sequence[Job], workers: int, speed: Speed | None) -> Estimate:
    """Return what a plan takes; of its runs only the missing ones take time."""
    header = plan.scenario.scenario
    worlds = {job.world: job.burn_in for job in missing if not job.alone}
    seconds = None
    if speed is not None:
        burnt = sum(b.days * _accounts(plan.scenario, b.values) for b in worlds.values())
        lived = sum(job.days * _accounts(plan.scenario, job.values) for job in missing)
        seconds = (burnt + lived) * speed.seconds / max(1, min(workers, len(missing)))
    return Estimate(
        runs=len(plan.jobs),
        alike=len(plan.jobs) - len(plan.tasks),
        missing=len(missing),
        points=len(plan.points),
        arms=len(plan.scenario.arms),
        replicates=header.replicates,
        worlds=len({job.world for job in missing}),
        workers=workers,
        memory=plan.memory * workers,
        seconds=seconds,
    )


def _accounts(scenario: Scenario, values: Values) -> int:
    """Return the accounts at a point."""
    return int(dict(values).get("world.accounts", scenario.world.accounts))


def past(scenario: Scenario, out: Path) -> Speed | None:
    """Return how fast earlier runs of the same scenario went; None if there are none."""
    try:
        results = open_results(out / scenario.scenario.name)
    except ResultsError:
        return None
    return _speed_of(results)


def _speed_of(results: Results) -> Speed | None:
    runs = results.runs[results.runs["status"] == "ok"]
    if results.manifest["model_version"] != model_version() or not len(runs):
        return None
    days = float(runs["days"].sum()) * results.manifest["accounts"]
    return Speed(float(runs["wall_s"].sum()) / days, f"as in {results.folder}") if days else None


def trial(scenario: Scenario, seconds: float = TRIAL) -> Speed:
    """Try how fast a world goes, for some days of its burn-in."""
    from sim.model import burn_in

    times: list[float] = []

    def on_day(day: int) -> None:
        times.append(perf_counter())
        if len(times) > LEAST and times[-1] - times[0] > seconds:
            raise _EnoughError

    long = at_point(scenario, [("world.burn_in_days", MOST), ("scenario.days", 1), ("events", [])])
    with suppress(_EnoughError):
        burn_in(long, scenario.scenario.seed, on_day=on_day)
    a_day = (times[-1] - times[0]) / (len(times) - 1)
    return Speed(a_day / scenario.world.accounts, f"from a trial of {len(times)} days")


class _EnoughError(Exception):
    """The trial has lasted long enough."""
