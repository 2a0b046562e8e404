"""(c) and (e): building the world, and time and memory as it grows."""

import gc
from time import perf_counter, process_time
from typing import Any

from benchmarks import worlds
from benchmarks.measure import peak_memory
from sim.kernels.layout import Total
from sim.scenario import memory_estimate
from sim.world.world import World


def measure(accounts: int, days: int, keep: bool = True) -> dict[str, Any]:
    """Build a world of this size, let it settle, then live for so many days on one thread."""
    _warm_up()
    wall, cpu = perf_counter(), process_time()
    world = worlds.new(accounts)
    built = {"wall_s": perf_counter() - wall, "cpu_s": process_time() - cpu}
    built |= {"peak_bytes": peak_memory(), "follows": follows(world)}
    model = worlds.inhabited(world)  # takes the first measures, of the whole network
    worlds.live(model, worlds.SETTLED)
    if keep:
        worlds.keep(model.world)
    shown, wall, cpu = impressions(model.world), perf_counter(), process_time()
    worlds.live(model, days)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    shown = impressions(model.world) - shown
    return {
        "accounts": accounts,
        "days": days,
        "building": built,
        "per_impression_ns": cpu / shown * 1e9,
        "impressions_per_account_and_day": shown / accounts / days,
        "day_cpu_s": cpu / days,
        "day_wall_s": wall / days,
        "peak_bytes": peak_memory(),
        "priced_bytes": memory_estimate(worlds.scenario(accounts, worlds.SETTLED + days)),
        **sizes(model.world),
    }


def _warm_up() -> None:
    """Load the compiled kernels before anything is timed."""
    worlds.live(worlds.inhabited(worlds.new(200)), 2)
    gc.collect()


def impressions(world: World) -> int:
    """Return how many posts have been shown in a world."""
    return int(world.state.totals[Total.IMPRESSIONS])


def follows(world: World) -> int:
    """Return how many follows there are in a world."""
    return int(world.accounts["follows"].sum())


def sizes(world: World) -> dict[str, float]:
    """Return the bytes of a follow and of an account, all slack counted.

    A follow's are the whole pool's, acquaintances and free room included. An account's are
    its record's, its place in the directory and its strategy's columns; posts are apart.
    """
    state = world.state
    columns = sum(column.nbytes for column in world.columns.values())
    return {
        "bytes_per_follow": (state.follow_ids.nbytes + state.ties.nbytes) / follows(world),
        "bytes_per_account": (state.accounts.nbytes + state.directory.nbytes + columns)
        / world.rows,
        "post_bytes_per_account": state.posts.nbytes / world.rows,
    }
