"""Tasks that kill their process; worker processes import this, so it imports little."""

import os
import time

from sim.experiments.jobs import Job, Order, Task, world_folder
from sim.experiments.progress import Outcome
from sim.experiments.workers import Workers


def carry_out(order: Order, task: Task) -> Outcome | float:
    """Do nothing, except that some arms kill their process, always or the first time only."""
    if not isinstance(task, Job):
        world_folder(order.folder, task.world).mkdir(parents=True)
        return 0.0
    first_time = order.folder / f"{task.run_id}.seen"
    if task.arm == "deadly" or (task.arm == "fragile" and not first_time.exists()):
        first_time.touch()
        os._exit(3)
    return Outcome(task.run_id, task.arm, task.replicate, "ok", "", 0.1, 1.0, 1.0)


class AwkwardError(Exception):
    """An error that cannot be unpickled."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"of {one} and {two}")


def fail_awkwardly() -> None:
    raise AwkwardError(1, 2)


def sleep_long() -> None:
    """Take far longer than any test."""
    time.sleep(600)


def work_for_ever() -> None:
    """Say which process does the work, and wait for it."""
    workers = Workers(2)
    print(workers.submit(os.getpid).result(), flush=True)
    for _ in range(2):
        workers.submit(sleep_long)
    sleep_long()
