"""What carries out tasks, wherever it is: this process, several of them, or other machines.

The loop that hands out tasks (`sim.experiments.work`) knows no more of it than `Executor` says.
A task is a function that can be imported, with arguments that can be pickled; what it makes it
leaves in the folder of the results, so that no answer that gets lost costs more than itself.
"""

import os
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from errno import EACCES, EDQUOT, EIO, ENOSPC, EPERM, EROFS
from typing import Any, Final, Protocol, Self, TypeVar

__all__ = [
    "UNWRITABLE",
    "Executor",
    "Stopped",
    "TaskError",
    "WorkerDied",
    "count_days",
    "counting",
    "unwritable",
]

T = TypeVar("T")

UNWRITABLE: Final = frozenset((EACCES, EDQUOT, EIO, ENOSPC, EPERM, EROFS))
"""Errors for which no run is to blame: nothing can be written any more."""
_here = threading.local()


class Stopped(Exception):
    """Raised within a task when all shall stop."""


class WorkerDied(BrokenExecutor):
    """The process that did a task died of it, or was killed."""


class TaskError(Exception):
    """A task in another process failed: its error in a line, and ``details`` for developers.

    If that was an error of the system, ``errno`` and ``filename`` say which. The details are a note
    too, which Python prints below a traceback.
    """

    def __init__(self, text: str, details: str = "", errno: int = 0, filename: str = "") -> None:
        super().__init__(text, details, errno, filename)
        self.details, self.errno, self.filename = details, errno, filename
        if details:
            self.add_note(details)

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Return what is told of an error; called where it is handled."""
        name = getattr(error, "filename", None)
        number = getattr(error, "errno", None)
        text = f"{type(error).__name__}: {error}"
        return cls(text, traceback.format_exc(), number or 0, str(name or ""))

    @property
    def kind(self) -> str:
        """Name of the class of the error."""
        return str(self.args[0]).partition(": ")[0]

    @property
    def told(self) -> str:
        """What the error said."""
        return str(self.args[0]).partition(": ")[2]

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


def unwritable(error: BaseException | None) -> OSError | None:
    """Return the error if it says that nothing can be written, wherever it came about."""
    number = getattr(error, "errno", None)
    if number not in UNWRITABLE:
        return None
    return OSError(number, os.strerror(number), getattr(error, "filename", None) or None)
