"""(b) and (d): the parts of a tick, and what a second thread brings."""

from time import perf_counter, process_time
from typing import Any

from benchmarks import growth, worlds

TICKS_A_DAY = 4
YEAR = 365


def measure(accounts: int, days: int, threads: int) -> dict[str, Any]:
    """Time the phases of so many days in the settled world."""
    model = worlds.living(accounts, threads)
    worlds.live(model, 1)
    shown = growth.impressions(model.world)
    cpu = {name: 0.0 for name, _ in model.phases()}
    wall = dict(cpu)
    for _ in range(days * TICKS_A_DAY):
        for name, phase in model.phases():
            began, worked = perf_counter(), process_time()
            phase()
            wall[name] += perf_counter() - began
            cpu[name] += process_time() - worked
    shown = growth.impressions(model.world) - shown
    return {
        "accounts": accounts,
        "threads": threads,
        "days": days,
        "impressions": shown,
        "phases_ns": {name: seconds / shown * 1e9 for name, seconds in cpu.items()},
        "phases_wall_ns": {name: seconds / shown * 1e9 for name, seconds in wall.items()},
        "per_impression_ns": sum(cpu.values()) / shown * 1e9,
        "wall_per_impression_ns": sum(wall.values()) / shown * 1e9,
        "year_cpu_s": sum(cpu.values()) / days * YEAR,
        "year_wall_s": sum(wall.values()) / days * YEAR,
    }
