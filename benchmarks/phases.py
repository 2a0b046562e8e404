"""Time the phases of a tick: python benchmarks/phases.py [ACCOUNTS]."""

import statistics
import sys
from time import perf_counter

import sim
from sim.kernels.layout import Total

TICKS = 120


def main(accounts: int) -> None:
    sets = [f"world.accounts={accounts}", "world.burn_in_days=30"]
    model = sim.FollowerModel(sim.load("five_lives", sets=sets))
    times: dict[str, list[float]] = {name: [] for name, _ in model.phases()}
    shown = int(model.world.state.totals[Total.IMPRESSIONS])
    for _ in range(TICKS):
        for name, phase in model.phases():
            start = perf_counter()
            phase()
            times[name].append(perf_counter() - start)
    shown = int(model.world.state.totals[Total.IMPRESSIONS]) - shown
    print(f"{accounts:,} accounts, {TICKS} ticks, {shown / TICKS:,.0f} impressions a tick")
    for name, seconds in times.items():
        typical = statistics.median(seconds)
        print(f"{name:8} min {min(seconds) * 1e3:7.2f} ms   median {typical * 1e3:7.2f} ms")
    total = sum(map(sum, times.values()))
    print(
        f"a tick   mean {total / TICKS * 1e3:.2f} ms, {total / shown * 1e9:.0f} ns per impression"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
