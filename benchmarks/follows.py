"""(f): follows of anybody by anybody, applied in batches by follower."""

from functools import partial
from typing import Any

from benchmarks import worlds
from benchmarks.growth import follows
from benchmarks.measure import Sample
from sim.world.uniform import follow_uniformly
from sim.world.world import World


def measure(accounts: int, each: int, repeats: int) -> dict[str, Any]:
    """Let people who know nobody, and then a settled world, make ``each`` attempts an account."""
    return {
        "accounts": accounts,
        "attempts": accounts * each,
        "from_nothing": _timed(worlds.strangers(accounts), each, repeats),
        "in_a_settled_world": _timed(worlds.settled(accounts), each, repeats),
    }


def _follow(world: World, attempts: int, first: int, made: list[int]) -> None:
    """Make so many attempts, and note how many became follows."""
    made.append(follow_uniformly(world, attempts, first=first))


def _timed(world: World, each: int, repeats: int) -> dict[str, float]:
    """Make the attempts again and again; drawing, sorting and making room are counted."""
    attempts, sample, before = world.initial * each, Sample(), follows(world)
    made: list[int] = []
    follow_uniformly(world, world.initial // 10)  # warms up
    before = follows(world)
    for k in range(1, repeats + 1):
        sample.add(partial(_follow, world, attempts, k * attempts, made))
    assert follows(world) - before == sum(made)
    times = sample.per(attempts)
    return {
        "made_share": sum(made) / attempts / repeats,
        "event_ns": times["min"],
        "events_per_s": 1e9 / times["min"],
        "events_per_s_median": 1e9 / times["median"],
    }
