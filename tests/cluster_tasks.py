"""Tasks for the tests of clusters; workers import this, so it imports little."""

import os
import time

from sim.experiments.executors import count_days
from sim.experiments.jobs import Order
from sim.strategies import names


def count_slowly(days: int) -> int:
    """Live through days of 50 ms each."""
    on_day = count_days()
    for day in range(days):
        time.sleep(0.05)
        on_day(day)
    return days


def die() -> None:
    """End the process that does this."""
    os._exit(3)


def with_order(order: Order) -> list[str]:
    """Return the strategies that are known where the task is done."""
    return names()
