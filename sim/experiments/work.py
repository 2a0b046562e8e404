"""The loop that hands out tasks, gathers what comes of them, and tells how far it is."""

import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from time import perf_counter
from typing import Any

from sim.experiments import checkpoints, tasks
from sim.experiments.jobs import BurnIn, Job, Order, Schedule, Task, world_folder
from sim.experiments.progress import Outcome, Progress, Snapshot
from sim.experiments.workers import TaskError, WorkerDied, Workers

__all__ = ["Interrupted", "Work"]

POLL = 0.2  # seconds between two looks at the workers
DIED = "the worker process died twice while running it (out of memory?)"

CarryOut = Callable[[Order, Task, int], Outcome | float]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C; the runs that had finished are kept."""

    def __init__(self, folder: Path, done: int, total: int) -> None:
        super().__init__(f"stopped with {done} of {total} runs finished")
        self.folder = folder
        self.done = done
        self.total = total


class Work:
    """Carries out jobs with the burn-ins that they need.

    Args:
        order: What all tasks have in common.
        jobs: Runs to be done.
        done_before: Number of runs that were there already.
        workers: Number of workers.
        progress: Is told how it goes.
        strategies_file: A user's strategies, or None.
        carry_out: Does a task; a function that a worker process can import.
    """

    def __init__(
        self,
        order: Order,
        jobs: list[Job],
        done_before: int,
        workers: int,
        progress: Progress,
        strategies_file: Path | None = None,
        carry_out: CarryOut = tasks.carry_out,
    ) -> None:
        self.burn_in_s: dict[str, float] = {}
        self.lost_workers: list[str] = []
        self._order, self._progress, self._carry_out = order, progress, carry_out
        self._done, self._total = done_before, done_before + len(jobs)
        replicates = {job.replicate: job.seed for job in jobs}
        burn_ins = [BurnIn(replicate, seed) for replicate, seed in replicates.items()]
        worlds = {r for r in replicates if world_folder(order.folder, r).is_dir()}
        to_do: list[Task] = [*(b for b in burn_ins if b.replicate not in worlds), *jobs]
        self._slots = {task: slot for slot, task in enumerate(to_do, start=1)}
        self._schedule = Schedule(jobs, worlds, workers)
        self._workers = Workers(workers, len(to_do), strategies_file)
        self._flying: dict[Future[Any], Task] = {}
        self._start = perf_counter()

    def run(self) -> None:
        """Do everything. Raises Interrupted on Ctrl-C."""
        try:
            while not self._schedule.done:
                self._hand_out()
                self._gather()
                self._progress.advanced(self._snapshot())
        except KeyboardInterrupt:
            self._workers.stop()
            raise Interrupted(self._order.folder, self._done, self._total) from None
        except BaseException:
            self._workers.stop()
            raise
        self._workers.close()

    def _hand_out(self) -> None:
        while (task := self._schedule.next()) is not None:
            slot = self._slots[task]
            self._workers.shared[slot] = 0
            future = self._workers.submit(self._carry_out, self._order, task, slot)
            self._flying[future] = task

    def _gather(self) -> None:
        ended, _ = wait(self._flying, timeout=POLL, return_when=FIRST_COMPLETED)
        for future in ended:
            task, error = self._flying.pop(future), future.exception()
            if isinstance(error, WorkerDied) and self._schedule.try_again(task):
                self.lost_workers.append(task.label)
                self._progress.lost_worker(task.label)
            else:
                self._conclude(task, future, error)

    def _conclude(self, task: Task, future: Future[Any], error: BaseException | None) -> None:
        self._workers.shared[self._slots[task]] = self._days(task)
        if isinstance(task, BurnIn):
            self._conclude_burn_in(task, future, error)
        else:
            outcome = self._failure(task, error) if error else future.result()
            self._schedule.finish(task, outcome.wall_s)
            self._report(outcome)
        if self._schedule.finished_with(task.replicate):
            checkpoints.discard(world_folder(self._order.folder, task.replicate))

    def _conclude_burn_in(
        self, task: BurnIn, future: Future[Any], error: BaseException | None
    ) -> None:
        if error is None:
            self.burn_in_s[str(task.replicate)] = round(future.result(), 3)
            self._schedule.finish(task, future.result())
            return
        for job in self._schedule.abandon(task):
            self._workers.shared[self._slots[job]] = self._days(job)
            self._report(self._failure(job, error, "burn-in: "))

    def _failure(self, job: Job, error: BaseException, prefix: str = "") -> Outcome:
        text, details = _described(error)
        return tasks.record_failure(self._order.folder, job, prefix + text, details)

    def _report(self, outcome: Outcome) -> None:
        self._done += 1
        self._progress.finished(outcome)

    def _days(self, task: Task) -> int:
        scenario = self._order.scenario
        burning = isinstance(task, BurnIn)
        return scenario.world.burn_in_days if burning else scenario.scenario.days

    def _snapshot(self) -> Snapshot:
        return Snapshot(
            runs_done=self._done,
            runs_total=self._total,
            days_done=sum(self._workers.shared[slot] for slot in self._slots.values()),
            days_total=sum(self._days(task) for task in self._slots),
            seconds=perf_counter() - self._start,
            working_on=sorted(task.label for task in self._schedule.active),
        )


def _described(error: BaseException) -> tuple[str, str]:
    """An error in a line, and what developers want to know about it."""
    if isinstance(error, WorkerDied):
        return DIED, ""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, TaskError):
        return str(error).splitlines()[0], error.details
    return f"{type(error).__name__}: {error}".splitlines()[0], details
