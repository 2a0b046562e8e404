"""What is told of a run while it goes on; the base class tells nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.experiments.jobs import Job
    from sim.experiments.plan import Plan

__all__ = ["Outcome", "Progress", "Snapshot"]


@dataclass(frozen=True)
class Outcome:
    """How one run ended."""

    run_id: str
    arm: str
    replicate: int
    status: str
    """ok or failed."""
    error: str
    wall_s: float
    followers: float
    """Of the protagonists together, at the end."""
    engaged: float


@dataclass(frozen=True)
class Snapshot:
    """How far the work has come."""

    runs_done: int
    runs_total: int
    days_done: int
    """Simulated days in this call, burn-in included."""
    days_total: int
    seconds: float
    """Since the first task was handed out."""
    working_on: Sequence[str]
    """Run ids, or "burn-in 2", of the tasks under way."""
    runs_failed: int = 0
    runs_new: int = 0
    """Runs done in this call."""

    @property
    def days_per_second(self) -> float:
        """Simulated days a second, over all workers."""
        return self.days_done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated time left; None while nothing is known."""
        rate = self.days_per_second
        return (self.days_total - self.days_done) / rate if rate > 0 else None


class Progress:
    """Receives news; a display overrides what it shows. Called in the caller's thread."""

    def reused(self, folder: Path) -> None:
        """Complete results of the same scenario, seed and model were there already."""

    def adopted(self, runs: int) -> None:
        """So many runs were found among the results of other sweeps."""

    def connected(self, dashboard: str, workers: int) -> None:
        """A cluster with so many workers is there; ``dashboard`` is a link."""

    def planned(self, plan: "Plan", missing: Sequence["Job"], workers: int) -> None:
        """The missing runs of a plan are about to be made."""

    def compiling(self, kernel: str) -> None:
        """A kernel is being compiled (the first time only)."""

    def started(self, folder: Path, runs: int, finished_before: int, workers: int) -> None:
        """The work begins; ``finished_before`` of the runs were there already."""

    def advanced(self, now: Snapshot) -> None:
        """Some time has passed; called several times a second."""

    def finished(self, outcome: Outcome) -> None:
        """A run has ended and is safe on the disk."""

    def lost_worker(self, task: str) -> None:
        """A worker process died; the task that it did is tried once more."""

    def ended(self) -> None:
        """Nothing more will come, whatever the reason."""
