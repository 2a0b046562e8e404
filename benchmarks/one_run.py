"""The work of a comparison: python benchmarks/one_run.py ACCOUNTS DAYS.

It uses what every version of the package has, whichever one is on the path, and prints the CPU
time of a tick in milliseconds.
"""

import json
import sys
from time import process_time

import sim

SETTLE = 4
TICKS_A_DAY = 4


def main(accounts: int, days: int) -> None:
    sets = [f"world.accounts={accounts}", "world.burn_in_days=0"]
    model = sim.FollowerModel(sim.load("five_lives", sets=sets))
    for _ in range(SETTLE * TICKS_A_DAY):
        model.step()
    began = process_time()
    for _ in range(days * TICKS_A_DAY):
        model.step()
    spent = process_time() - began
    tick = spent / days / TICKS_A_DAY * 1e3
    print(json.dumps({"tick_ms": tick, "state_hash": model.state_hash()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
