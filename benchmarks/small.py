"""A small world with six strategies side by side, recorded every day: ticks a second."""

from typing import Any

import sim
from benchmarks.measure import Sample
from sim.model import FollowerModel, burn_in

TICKS_A_DAY = 4


def measure(accounts: int, days: int, repeats: int) -> dict[str, Any]:
    """Live through `contenders` at this size, so many times."""
    sets = [f"world.accounts={accounts}", "world.burn_in_days=30", f"scenario.days={days}"]
    scenario = sim.load("contenders", sets=sets)
    world = burn_in(scenario, 1)
    FollowerModel(scenario, world=world.fork(), seed=1).run()
    sample = Sample()
    for _ in range(repeats):
        model = FollowerModel(scenario, world=world.fork(), seed=1)
        sample.add(model.run)
    ticks = days * TICKS_A_DAY
    return {
        "accounts": accounts,
        "ticks": ticks,
        "ticks_per_s": ticks / min(sample.cpu),
        "ticks_per_s_median": ticks / sorted(sample.cpu)[len(sample.cpu) // 2],
        "tick_ms": sample.per(ticks, 1e3),
    }
