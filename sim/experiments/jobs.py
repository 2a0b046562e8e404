"""What there is to compute: a burn-in for each world, then each arm from that same world."""

from collections import Counter, deque
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from sim.scenario import Scenario

__all__ = [
    "BurnIn",
    "Job",
    "Order",
    "Schedule",
    "Task",
    "Values",
    "world_folder",
    "worlds_in",
]

Values = tuple[tuple[str, Any], ...]
"""Settings by dotted key that a point of a sweep has instead of the scenario's."""
WORLDS = "worlds"


@dataclass(frozen=True)
class BurnIn:
    """A world, grown until the experiment starts."""

    world: str
    """Its name among the worlds of these results."""
    seed: int
    days: int = 0
    values: Values = ()

    @property
    def label(self) -> str:
        """Name for people."""
        return f"burn-in {self.world}"


@dataclass(frozen=True)
class Job:
    """One run: an arm in a world."""

    arm: str
    replicate: int
    burn_in: BurnIn
    days: int = 0
    key: str = ""
    """Hash of all that the outcome depends on; the name of the run's file."""
    point: str = ""
    """Point of a sweep; "" in a plain run."""
    values: Values = ()
    alone: bool = False
    """Whether no other run needs its world, which it then grows itself."""

    @property
    def run_id(self) -> str:
        """Name of the run in all tables."""
        name = f"{self.arm}-{self.replicate}"
        return f"{self.point}-{name}" if self.point else name

    @property
    def label(self) -> str:
        """Name for people."""
        return self.run_id

    @property
    def world(self) -> str:
        """Name of its world."""
        return self.burn_in.world

    @property
    def seed(self) -> int:
        """Seed of its world."""
        return self.burn_in.seed


Task = BurnIn | Job


@dataclass(frozen=True)
class Order:
    """What all tasks of one call have in common."""

    scenario: Scenario
    folder: Path
    """Of the results."""
    threads: int
    save_network: bool
    checkpoint_every: int | None = None
    """Days between two checkpoints of a task; None for no checkpoints."""
    strategies: str = ""
    """Hash of the file with a user's strategies, if there is one."""
    digests: bool = True
    """Whether the digests of the other accounts are saved."""


def world_folder(folder: Path, world: str) -> Path:
    """Return where a burnt-in world is kept while its arms are run."""
    return folder / WORLDS / world


def worlds_in(folder: Path) -> set[str]:
    """Return the names of the burnt-in worlds that are there."""
    return {path.name for path in (folder / WORLDS).glob("*") if path.name[0] != "."}


class Schedule:
    """Decides what is done next, and knows what is left.

    A run waits for the burn-in of its world. Burn-ins are done no earlier than is needed to
    keep all workers busy, so that first results come soon and few worlds lie on the disk. Of
    the runs that can start, those of an arm that has not been timed come first, then the longest.
    A task that a worker died of is tried once more.
    """

    def __init__(self, jobs: list[Job], worlds: set[str], workers: int) -> None:
        self.workers = workers
        self._waiting: dict[str, list[Job]] = {}
        self._ready: dict[str, deque[Job]] = {}
        self._burn_ins: deque[BurnIn] = deque()
        self._left = Counter(job.world for job in jobs)
        self._times: dict[str, float] = {}
        self._again: list[Task] = []
        self._tried: set[Task] = set()
        self._active: set[Task] = set()
        for job in jobs:
            self._sort_in(job, worlds)

    def _sort_in(self, job: Job, worlds: set[str]) -> None:
        if job.alone or job.world in worlds:
            self._ready.setdefault(job.arm, deque()).append(job)
            return
        if job.world not in self._waiting:
            self._burn_ins.append(job.burn_in)
        self._waiting.setdefault(job.world, []).append(job)

    @property
    def burn_ins(self) -> list[BurnIn]:
        """The burn-ins that have not begun."""
        return list(self._burn_ins)

    @property
    def done(self) -> bool:
        """Whether nothing is left or under way."""
        return not (self._left or self._burn_ins or self._again or self._active)

    @property
    def active(self) -> list[Task]:
        """The tasks under way."""
        return list(self._active)

    def next(self) -> Task | None:
        """Take a task that can start now; None if there is none, or all workers are busy."""
        if len(self._active) >= self.workers:
            return None
        task = self._again.pop(0) if self._again else self._choose()
        if task is not None:
            self._active.add(task)
        return task

    def finish(self, task: Task, seconds: float) -> None:
        """Note that a task has ended, well or badly."""
        self._active.discard(task)
        if isinstance(task, Job):
            self._times[task.arm] = seconds
            self._lose(task)
            return
        for job in self._waiting.pop(task.world, ()):
            self._ready.setdefault(job.arm, deque()).append(job)

    def abandon(self, burn_in: BurnIn) -> list[Job]:
        """Note that a burn-in has failed; return the runs that it takes with it."""
        self._active.discard(burn_in)
        lost = self._waiting.pop(burn_in.world, [])
        for job in lost:
            self._lose(job)
        return lost

    def try_again(self, task: Task) -> bool:
        """Note that a worker died of a task; return whether it is tried once more."""
        self._active.discard(task)
        if task in self._tried:
            return False
        self._tried.add(task)
        self._again.append(task)
        return True

    def finished_with(self, world: str) -> bool:
        """Whether no run that needs a world is left or under way."""
        return world not in self._left

    def _lose(self, job: Job) -> None:
        self._left[job.world] -= 1
        if not self._left[job.world]:
            del self._left[job.world]

    def _choose(self) -> Task | None:
        ready = sum(map(len, self._ready.values()))
        if self._burn_ins and ready < self.workers:
            return self._burn_ins.popleft()
        if not ready:
            return None
        arms = (arm for arm, jobs in self._ready.items() if jobs)
        return self._ready[max(arms, key=lambda arm: self._times.get(arm, inf))].popleft()
