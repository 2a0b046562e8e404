"""Where the work is done: in this process, or in several of them.

Both are `concurrent.futures` executors, so that the loop that hands out tasks does not know
which it talks to. How far a task has come, and that all shall stop, goes through an array of
numbers shared between the processes: unlike a queue it cannot be left locked by a process
that was killed.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, MutableSequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

__all__ = ["Stopped", "Workers", "cores", "count_days"]

T = TypeVar("T")
STOP = 0  # place of the flag in the shared numbers; tasks have the places from 1
GRACE = 3.0  # seconds that workers have to stop by themselves

_here = threading.local()


class Stopped(Exception):
    """Raised within a task when all shall stop."""


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def count_days(slot: int) -> Callable[[int], None]:
    """Return what a model calls each day: it counts the days of a task, and stops it if asked."""
    shared: MutableSequence[int] = _here.shared

    def on_day(day: int) -> None:
        shared[slot] += 1
        if shared[STOP]:
            raise Stopped

    return on_day


class Workers:
    """A pool of workers that can be stopped, and started again after one of them died.

    Args:
        count: 1 works in a thread of this process, more in processes of their own.
        slots: Number of tasks that count days, at places 1 to ``slots``.
        strategies_file: A user's strategies, loaded by each process.
    """

    def __init__(self, count: int, slots: int, strategies_file: Path | None = None) -> None:
        self._count = count
        self._context = multiprocessing.get_context("spawn")
        self._strategies_file = strategies_file
        self._others = set(multiprocessing.active_children())
        self.shared: MutableSequence[int] = (
            [0] * (slots + 1) if count == 1 else self._context.RawArray("i", slots + 1)
        )
        self._executor = self._start()

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """Hand out a task."""
        with _without_main():
            return self._executor.submit(task, *arguments)

    def restart(self) -> None:
        """Take new workers after one of them died."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._start()

    def close(self) -> None:
        """Wait for what is under way, and let the workers go."""
        self._executor.shutdown(wait=True)

    def stop(self) -> None:
        """Stop what is under way at its next day; end processes that do not heed."""
        self.shared[STOP] = 1
        self._executor.shutdown(wait=self._count == 1, cancel_futures=True)
        processes = set(multiprocessing.active_children()) - self._others
        for process in processes:
            process.join(GRACE / len(processes))
        _end(processes)

    def _start(self) -> Executor:
        if self._count == 1:
            return ThreadPoolExecutor(1, initializer=_enter, initargs=(self.shared,))
        return ProcessPoolExecutor(
            self._count,
            mp_context=self._context,
            initializer=_enter_process,
            initargs=(self.shared, self._strategies_file),
        )


def _enter(shared: MutableSequence[int]) -> None:
    """Prepare a thread of this process."""
    _here.shared = shared


def _enter_process(shared: MutableSequence[int], strategies_file: Path | None) -> None:
    """Prepare a process; the interrupt key is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _enter(shared)
    if strategies_file is not None:
        from sim import strategies

        strategies.load_file(strategies_file)


def _die_with_parent() -> None:
    """End this process when its parent has gone, however that happened; nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _end(processes: set[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the main module while processes are made.

    They would run it again, and a user's script that calls ``run`` without a guard would start
    itself over and over. Nothing that they are asked to do is defined there.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
