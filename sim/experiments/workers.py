"""Where the work is done on this machine: in this process, or in several of them.

Each process has a pipe of its own, and shares no lock or queue with the others: one that dies,
however it dies, costs the task that it was doing and nothing else. (The standard library's pool
of processes gives up everything that is under way, and now and then hangs.) How far a task has
come, and that all shall stop, goes through an array of numbers that the processes share.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, MutableSequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from time import monotonic, sleep
from types import ModuleType
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sim.experiments.executors import Stopped, TaskError, WorkerDied, counting

__all__ = ["Workers", "cores"]

T = TypeVar("T")
Shared = MutableSequence[int]
STOP = 0  # place of the flag in the shared numbers; tasks under way have the places from 1
GRACE = 3.0  # seconds that processes have to stop by themselves

_starting = threading.Lock()
_spawn = multiprocessing.get_context("spawn")


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Workers:
    """Workers that do tasks, each one at a time; an `Executor`.

    Args:
        count: 1 works in a thread of this process, more in processes of their own.
        strategies_file: A user's strategies, loaded by each process.
    """

    def __init__(self, count: int, strategies_file: Path | None = None) -> None:
        self.count = count
        self._inside = count == 1
        self._shared: Shared = [0, 0] if self._inside else _spawn.RawArray("i", count + 1)
        self._places = SimpleQueue[int]()
        self._place_of: WeakKeyDictionary[Future[Any], list[int]] = WeakKeyDictionary()
        self._strategies_file = strategies_file
        self._idle: list[_Process] = []
        self._busy: set[_Process] = set()
        self._threads = ThreadPoolExecutor(count)
        for place in range(1, count + 1):
            self._places.put(place)

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """Hand out a task. Its future raises WorkerDied if it cost a process its life."""
        place: list[int] = []
        future = self._threads.submit(self._do, place, task, arguments)
        self._place_of[future] = place
        return future

    def days(self, future: Future[Any]) -> int:
        """Return how many days a task under way has counted."""
        return sum(self._shared[place] for place in self._place_of[future])

    def close(self) -> None:
        """Wait for what is under way, and let the workers go."""
        self._threads.shutdown(wait=True)
        self._end()

    def stop(self) -> None:
        """Stop what is under way at its next day; end processes that do not heed."""
        self._shared[STOP] = 1
        self._threads.shutdown(wait=self._inside, cancel_futures=True)
        deadline = monotonic() + GRACE
        while self._busy and monotonic() < deadline:
            sleep(0.02)
        self._end()

    def _do(self, taken: list[int], task: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Do a task with a place of its own to count days; called in one of ``count`` threads."""
        place = self._places.get()
        self._shared[place] = 0
        taken.append(place)
        try:
            if not self._inside:
                return self._delegate(place, task, arguments)
            with counting(_counter(self._shared, place)):
                return task(*arguments)
        finally:
            taken.clear()
            self._places.put(place)

    def _delegate(self, place: int, task: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """Have a process do a task."""
        process = self._idle.pop() if self._idle else None
        process = process or _Process(self._shared, self._strategies_file)
        self._busy.add(process)
        try:
            good, answer = process.do(place, task, arguments)
        finally:
            self._busy.discard(process)
        self._idle.append(process)
        if not good:
            raise answer
        return answer

    def _end(self) -> None:
        for process in (*self._idle, *self._busy):
            process.end()


class _Process:
    """A process that does what comes through its pipe."""

    def __init__(self, shared: Shared, strategies_file: Path | None) -> None:
        self._pipe, other_end = _spawn.Pipe()
        arguments = (other_end, shared, strategies_file)
        self._process = _spawn.Process(target=_serve, args=arguments, daemon=True)
        with _without_main():
            self._process.start()
        other_end.close()

    def do(
        self, place: int, task: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> tuple[bool, Any]:
        """Do a task that counts its days at a place.

        Return whether it went well, with the result or the error.
        """
        try:
            self._pipe.send((place, task, arguments))
            answer: tuple[bool, Any] = self._pipe.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise WorkerDied from error
        return answer

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.terminate()
        self._process.join()


def _counter(shared: Shared, place: int) -> Callable[[], None]:
    """Return what a task calls each day."""

    def count() -> None:
        shared[place] += 1
        if shared[STOP]:
            raise Stopped

    return count


def _serve(pipe: "Connection[Any, Any]", shared: Shared, strategies_file: Path | None) -> None:
    """Do one task after the other, until the parent has gone or ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the interrupt key is the parent's business
    threading.Thread(target=_die_with_parent, daemon=True).start()
    if strategies_file is not None:
        from sim import strategies

        strategies.load_file(strategies_file)
    while True:
        place, task, arguments = pipe.recv()
        with counting(_counter(shared, place)):
            answer = _outcome(task, arguments)
        pipe.send(answer)


def _outcome(task: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, task(*arguments)
    except Exception as error:
        return False, TaskError.of(error)


def _die_with_parent() -> None:
    """End this process when its parent has gone, however that happened; nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the main module while a process is started.

    It would run it again, and a user's script that calls ``run`` without a guard would start
    itself over and over. Nothing that processes are asked to do is defined there.
    """
    with _starting:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
