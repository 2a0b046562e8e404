"""What there is to compute: a burn-in per replicate, then each arm from that same world."""

from dataclasses import dataclass
from math import inf
from pathlib import Path

from sim.scenario import Scenario

__all__ = ["BurnIn", "Job", "Order", "Schedule", "Task", "jobs_of", "world_folder"]


@dataclass(frozen=True)
class BurnIn:
    """The world of a replicate, grown until the experiment starts."""

    replicate: int
    seed: int

    @property
    def label(self) -> str:
        """Name for people."""
        return f"burn-in {self.replicate}"


@dataclass(frozen=True)
class Job:
    """One run: an arm in the world of a replicate."""

    arm: str
    replicate: int
    seed: int

    @property
    def run_id(self) -> str:
        """Name of the run in all tables."""
        return f"{self.arm}-{self.replicate}"

    @property
    def label(self) -> str:
        """Name for people."""
        return self.run_id


Task = BurnIn | Job


def jobs_of(scenario: Scenario) -> list[Job]:
    """Return all runs of a scenario, arm by arm; replicate r has the scenario's seed + r."""
    header = scenario.scenario
    return [
        Job(arm.name, replicate, header.seed + replicate)
        for arm in scenario.arms
        for replicate in range(header.replicates)
    ]


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


def world_folder(folder: Path, replicate: int) -> Path:
    """Return where the burnt-in world of a replicate is kept while its arms are run."""
    return folder / "worlds" / str(replicate)


class Schedule:
    """Decides what is done next, and knows what is left.

    A run waits for the burn-in of its replicate. Burn-ins are done no earlier than is needed to
    keep all workers busy, so that first results come soon and few worlds lie on the disk. Of
    the runs that can start, those of an arm that has not been timed come first, then the longest.
    A task that a worker died of is tried once more.
    """

    def __init__(self, jobs: list[Job], worlds: set[int], workers: int) -> None:
        self._workers = workers
        self._jobs = list(jobs)
        self._worlds = set(worlds)
        needed = {job.replicate: BurnIn(job.replicate, job.seed) for job in jobs}
        self._burn_ins = [needed[r] for r in sorted(needed) if r not in worlds]
        self._times: dict[str, float] = {}
        self._again: list[Task] = []
        self._tried: set[Task] = set()
        self._active: set[Task] = set()

    @property
    def done(self) -> bool:
        """Whether nothing is left or under way."""
        return not (self._jobs or self._burn_ins or self._again or self._active)

    @property
    def active(self) -> list[Task]:
        """The tasks under way."""
        return list(self._active)

    def next(self) -> Task | None:
        """Take a task that can start now; None if there is none, or all workers are busy."""
        if len(self._active) >= self._workers:
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
        else:
            self._worlds.add(task.replicate)

    def abandon(self, burn_in: BurnIn) -> list[Job]:
        """Note that a burn-in has failed; return the runs that it takes with it."""
        self._active.discard(burn_in)
        lost = [job for job in self._jobs if job.replicate == burn_in.replicate]
        self._jobs = [job for job in self._jobs if job.replicate != burn_in.replicate]
        return lost

    def try_again(self, task: Task) -> bool:
        """Note that a worker died of a task; return whether it is tried once more."""
        self._active.discard(task)
        if task in self._tried:
            return False
        self._tried.add(task)
        self._again.append(task)
        return True

    def finished_with(self, replicate: int) -> bool:
        """Whether no run of a replicate is left or under way."""
        left = (*self._jobs, *self._again, *self._active)
        return all(task.replicate != replicate for task in left)

    def _choose(self) -> Task | None:
        ready = [job for job in self._jobs if job.replicate in self._worlds]
        if self._burn_ins and len(ready) < self._workers:
            return self._burn_ins.pop(0)
        if not ready:
            return None
        job = max(ready, key=lambda job: (self._times.get(job.arm, inf), -job.replicate))
        self._jobs.remove(job)
        return job
