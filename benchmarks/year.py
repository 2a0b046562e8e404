"""A whole year on one thread, to see how far the first days can stand for it."""

from time import perf_counter, process_time
from typing import Any

from benchmarks import growth, worlds
from benchmarks.measure import peak_memory

SPAN = 20  # days at either end


def measure(accounts: int, days: int) -> dict[str, Any]:
    """Live from the settled world on; compare the first and the last days of it."""
    model = worlds.living(accounts)
    spent, began = [], perf_counter()
    shown = growth.impressions(model.world)
    follows = growth.follows(model.world)
    for _ in range(days):
        cpu = process_time()
        worlds.live(model, 1)
        spent.append(process_time() - cpu)
    span = min(SPAN, days // 2)
    return {
        "accounts": accounts,
        "days": days,
        "wall_s": perf_counter() - began,
        "cpu_s": sum(spent),
        "last_to_first": sum(spent[-span:]) / sum(spent[:span]),
        "mean_to_first": sum(spent) / days / (sum(spent[:span]) / span),
        "per_impression_ns": sum(spent) / (growth.impressions(model.world) - shown) * 1e9,
        "follows_grew": growth.follows(model.world) / follows,
        "peak_bytes": peak_memory(),
        **growth.sizes(model.world),
    }
