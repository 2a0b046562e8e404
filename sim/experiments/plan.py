"""The plan of some results: which runs there are, and what the outcome of each depends on."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sim._version import model_version
from sim.experiments.jobs import BurnIn, Job, Values
from sim.results.parts import Run
from sim.scenario import Scenario, memory_estimate, price
from sim.scenario.points import at_point

__all__ = ["Plan", "Point", "plan"]

LENGTH = 20  # hexadecimal digits of a hash in the name of a file


@dataclass(frozen=True)
class Point:
    """A point of a sweep: the values of its parameters; a plain run has one without any."""

    name: str = ""
    values: Values = ()


@dataclass(frozen=True)
class Plan:
    """All runs of a scenario, at the points of its sweep if it has one."""

    scenario: Scenario
    """As it is without a sweep."""
    points: Sequence[Point]
    jobs: Sequence[Job]
    """All of them, point by point, arm by arm; replicate r has the scenario's seed + r."""

    @cached_property
    def runs(self) -> list[Run]:
        """The runs as the tables of the results know them."""
        return [Run(job.run_id, job.key, job.point, job.replicate) for job in self.jobs]

    @cached_property
    def tasks(self) -> list[Job]:
        """The runs that differ; the first stands for all that come to the same.

        Such are those of an arm at points that vary other arms only.
        """
        first: dict[str, Job] = {}
        for job in self.jobs:
            first.setdefault(job.key, job)
        return list(first.values())

    @property
    def worlds(self) -> int:
        """Number of worlds to be grown."""
        return len({job.world for job in self.jobs})

    @cached_property
    def memory(self) -> int:
        """Bytes that the largest run needs."""
        return memory_estimate(self._largest)

    def price(self, workers: int) -> int:
        """Return the bytes of so many runs at a time. Raises ScenarioError if there is no room."""
        return price(self._largest, runs=workers)

    @cached_property
    def _largest(self) -> Scenario:
        """The scenario at the point whose runs need most memory."""
        if len(self.points) == 1:
            return at_point(self.scenario, self.points[0].values)
        return max((at_point(self.scenario, p.values) for p in self.points), key=memory_estimate)


def plan(scenario: Scenario, strategies: str = "", points: Sequence[Point] = (Point(),)) -> Plan:
    """Return the plan of a scenario.

    Args:
        scenario: What is run at every point, but for the point's values.
        strategies: Hash of the file with a user's strategies, if there is one.
        points: Checked already.
    """
    jobs = [job for point in points for job in _jobs_at(scenario, point, strategies)]
    if points[0].name:
        uses = Counter(world for world, _ in {(job.world, job.key) for job in jobs})
        jobs = [_alone(job) if uses[job.world] == 1 else job for job in jobs]
    return Plan(scenario, points, jobs)


def _jobs_at(base: Scenario, point: Point, strategies: str) -> Iterator[Job]:
    """Yield the runs of a point."""
    scenario = at_point(base, point.values)
    header = scenario.scenario
    burn_ins = [_burn_in(scenario, point, r, strategies) for r in range(header.replicates)]
    for arm in scenario.arms:
        outcome = scenario.run_hash(arm.name)
        for replicate, burn_in in enumerate(burn_ins):
            key = _hash(outcome, model_version(), strategies, burn_in.seed)
            yield Job(arm.name, replicate, burn_in, header.days, key, point.name, point.values)


def _burn_in(scenario: Scenario, point: Point, replicate: int, strategies: str) -> BurnIn:
    """Return the burn-in of a replicate; those of a sweep are known by what they depend on."""
    seed = scenario.scenario.seed + replicate
    name = str(replicate)
    if point.name:
        name = _hash(scenario.world_hash, model_version(), strategies, seed)
    return BurnIn(name, seed, scenario.world.burn_in_days, point.values)


def _alone(job: Job) -> Job:
    return replace(job, alone=True, days=job.days + job.burn_in.days)


def _hash(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:LENGTH]
