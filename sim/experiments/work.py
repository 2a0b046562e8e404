"""The loop that hands out tasks, gathers what comes of them, and tells how far it is."""

import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from time import perf_counter
from typing import Any

from sim.experiments import checkpoints, tasks
from sim.experiments.executors import Executor, TaskError, WorkerDied, unwritable
from sim.experiments.jobs import BurnIn, Job, Order, Schedule, Task, world_folder, worlds_in
from sim.experiments.progress import Outcome, Progress, Snapshot

__all__ = ["Interrupted", "Work"]

POLL = 0.2  # seconds between two looks at the workers
_AHEAD = 1  # tasks that wait for a worker, so that no worker waits for a task
DIED = "the worker process died twice while running it (out of memory?)"

CarryOut = Callable[[Order, Task], Outcome | float]


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
        executor: Carries out the tasks; it is let go at the end.
        progress: Is told how it goes.
        carry_out: Does a task; a function that a worker process can import.
    """

    def __init__(
        self,
        order: Order,
        jobs: list[Job],
        done_before: int,
        executor: Executor,
        progress: Progress,
        carry_out: CarryOut = tasks.carry_out,
    ) -> None:
        self.burn_in_s: dict[str, float] = {}
        self.lost_workers: list[str] = []
        self._order, self._progress, self._carry_out = order, progress, carry_out
        self._done, self._total = done_before, done_before + len(jobs)
        self._before, self._failed = done_before, 0
        self._schedule = Schedule(jobs, worlds_in(order.folder), _at_once(executor))
        to_do: list[Task] = [*self._schedule.burn_ins, *jobs]
        self._days_done, self._days_total = 0, sum(task.days for task in to_do)
        self._executor = executor
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
            self._executor.stop()
            raise Interrupted(self._order.folder, self._done, self._total) from None
        except BaseException:
            self._executor.stop()
            raise
        self._executor.close()

    def _hand_out(self) -> None:
        """Keep all workers busy, and a task ready for the one that is done first."""
        self._schedule.workers = _at_once(self._executor)
        while (task := self._schedule.next()) is not None:
            self._flying[self._executor.submit(self._carry_out, self._order, task)] = task

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
        """Take in what has come of a task. Raises OSError if nothing can be written any more."""
        if full := unwritable(error):
            raise full from error
        self._days_done += task.days
        if isinstance(task, BurnIn):
            self._conclude_burn_in(task, future, error)
        else:
            outcome = self._failure(task, error) if error else future.result()
            self._schedule.finish(task, outcome.wall_s)
            self._report(outcome)
        if self._schedule.finished_with(task.world):
            checkpoints.discard(world_folder(self._order.folder, task.world))

    def _conclude_burn_in(
        self, task: BurnIn, future: Future[Any], error: BaseException | None
    ) -> None:
        if error is None:
            self.burn_in_s[task.world] = round(future.result(), 3)
            self._schedule.finish(task, future.result())
            return
        for job in self._schedule.abandon(task):
            self._days_done += job.days
            self._report(self._failure(job, error, "burn-in: "))

    def _failure(self, job: Job, error: BaseException, prefix: str = "") -> Outcome:
        text, details = _described(error)
        return tasks.record_failure(self._order.folder, job, prefix + text, details)

    def _report(self, outcome: Outcome) -> None:
        self._done += 1
        self._failed += outcome.status == "failed"
        self._progress.finished(outcome)

    def _snapshot(self) -> Snapshot:
        return Snapshot(
            runs_done=self._done,
            runs_total=self._total,
            days_done=self._days_done + sum(map(self._executor.days, self._flying)),
            days_total=self._days_total,
            seconds=perf_counter() - self._start,
            working_on=sorted(task.label for task in self._schedule.active),
            runs_failed=self._failed,
            runs_new=self._done - self._before,
        )


def _at_once(executor: Executor) -> int:
    """Return how many tasks are handed out at a time.

    A single worker gets no more than it can do: there is nothing to gain, and Ctrl-C ends sooner.
    """
    return executor.count + (_AHEAD if executor.count > 1 else 0)


def _described(error: BaseException) -> tuple[str, str]:
    """An error in a line, and what developers want to know about it."""
    if isinstance(error, WorkerDied):
        return DIED, ""
    details = "".join(traceback.format_exception(error))
    if isinstance(error, TaskError):
        return str(error).splitlines()[0], error.details
    return f"{type(error).__name__}: {error}".splitlines()[0], details
