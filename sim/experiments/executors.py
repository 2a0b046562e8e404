"""What carries out tasks, wherever it is: this process, several of them, or other machines.

The loop that hands out tasks (`sim.experiments.work`) knows no more of it than `Executor` says.
A task is a function that can be imported, with arguments that can be pickled; what it makes it
leaves in the folder of the results, so that no answer that gets lost costs more than itself.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

__all__ = ["Executor", "Stopped", "TaskError", "WorkerDied", "count_days", "counting"]

T = TypeVar("T")

_here = threading.local()


class Stopped(Exception):
    """Raised within a task when all shall stop."""


class WorkerDied(BrokenExecutor):
    """The process that did a task died of it, or was killed."""


class TaskError(Exception):
    """A task in another process failed: its error in a line, and ``details`` for developers."""

    def __init__(self, text: str, details: str = "") -> None:
        super().__init__(text, details)
        self.details = details

    def __str__(self) -> str:
        """The error in a line."""
        return str(self.args[0])


class Executor(Protocol):
    """Carries out tasks, some of them at a time.

    Whoever calls a task does so within ``counting(count)``: the task calls ``count`` at the end
    of each simulated day, and ends at once if that raises Stopped.
    """

    @property
    def count(self) -> int:
        """Tasks at a time, at least 1; it may change while the work goes on."""

    def submit(self, task: Callable[..., T], *arguments: Any) -> "Future[T]":
        """Hand out a task.

        Its future raises WorkerDied if it cost its worker its life, and TaskError (or the error
        itself, if the task was done in this process) if it failed.
        """

    def days(self, future: "Future[Any]") -> int:
        """Simulated days that a task under way has counted so far; 0 where nobody knows."""

    def stop(self) -> None:
        """Stop what is under way at its next day, and let the workers go; wait for a while."""

    def close(self) -> None:
        """Wait for what is under way, and let the workers go."""


@contextmanager
def counting(count: Callable[[], None]) -> Iterator[None]:
    """Let the tasks of this thread count their days by calling ``count``."""
    before = getattr(_here, "count", None)
    _here.count = count
    try:
        yield
    finally:
        _here.count = before


def count_days() -> Callable[[int], None]:
    """Return what a model calls each day: it counts the days of a task, and stops it if asked.

    Outside a task nothing is counted.
    """
    count: Callable[[], None] | None = getattr(_here, "count", None)

    def on_day(day: int) -> None:
        if count is not None:
            count()

    return on_day
