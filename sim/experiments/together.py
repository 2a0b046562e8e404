"""The same task with several arguments, side by side: for work that is not a run of a scenario."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from sim.experiments.workers import Workers, cores

__all__ = ["each", "working"]

T = TypeVar("T")
_GLANCE: Final = 0.2  # seconds between two looks at how far the tasks are


@contextmanager
def working(count: int | None, most: int) -> Iterator[Workers]:
    """Have workers, by default one for each core, but no more than there is work for.

    They are stopped at once if something is raised.
    """
    workers = Workers(max(1, min(count or cores(), most)))
    try:
        yield workers
    except BaseException:
        workers.stop()
        raise
    workers.close()


def each(
    workers: Workers,
    task: Callable[..., T],
    arguments: Sequence[tuple[Any, ...]],
    *,
    on_done: Callable[[int, T], None] | None = None,
    on_days: Callable[[list[int]], None] | None = None,
) -> list[T]:
    """Do a task with each of these arguments; return what comes of it, in their order.

    Args:
        workers: Who does it.
        task: A function that can be imported.
        arguments: What it is called with; what comes first is begun first.
        on_done: Hears the place and the result of each as it is done.
        on_days: Hears from time to time how many days the tasks under way have counted.

    Raises:
        WorkerDied, TaskError: see `sim.experiments.executors.Executor.submit`.
    """
    futures = [workers.submit(task, *one) for one in arguments]
    place = {future: index for index, future in enumerate(futures)}
    left: set[Future[T]] = set(futures)
    while left:
        done, left = wait(left, timeout=_GLANCE, return_when=FIRST_COMPLETED)
        for future in sorted(done, key=place.__getitem__):
            result = future.result()
            if on_done:
                on_done(place[future], result)
        under_way = [future for future in futures if future.running()]
        if on_days and under_way:
            on_days([workers.days(future) for future in under_way])
    return [future.result() for future in futures]
