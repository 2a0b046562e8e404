"""Compiling the kernels before they are needed, with a word on what is being done."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sim.kernels.compiler import cache_folder

_MARK = "complete"
_TINY = """
schema = 1
[scenario]
name = "warm_up"
days = 3
[world]
accounts = 60
follows_per_account = 5
arrivals_per_day = 0.02
community_size = 20
burn_in_days = 0
departures_per_day = 0.01
[population]
needs_per_day = 0.5
[behaviour]
like_odds = 1.0
imitation = 0.5
[[protagonists]]
name = "a"
strategy = "beg"
followers = 5
params = {milestones = [6, 20], close = 0.1}
[[protagonists]]
name = "b"
strategy = "follow_for_follow"
followers = 5
[[protagonists]]
name = "c"
strategy = "buyer"
followers = 5
params = {amount = 20}
[[protagonists]]
name = "d"
strategy = "community"
followers = 5
[[protagonists]]
name = "e"
strategy = "pod"
followers = 5
[[protagonists]]
name = "f"
strategy = "ratio_keeper"
followers = 5
params = {grace_days = 0}
[[events]]
day = 2
kind = "sweep"
false_positives = 0.1
"""


def is_compiled() -> bool:
    """Tell whether all kernels lie compiled in the cache."""
    folder = cache_folder()
    return folder is not None and (folder / _MARK).exists()


def warm_up(report: Callable[[str], None]) -> None:
    """Compile what is not in the cache, by living through a tiny world; ``report`` hears of it.

    It takes some twenty seconds the first time, and half a second later. A second process
    compiles the feed meanwhile, into the same cache.
    """
    from sim.model import FollowerModel, burn_in
    from sim.scenario import loads

    scenario = loads(_TINY)
    helper = None if is_compiled() else _compile_feed_elsewhere()
    report("the making of worlds")
    model = FollowerModel(scenario, world=burn_in(scenario, 0))
    report("state hash")
    model.state_hash()
    while model.day < scenario.scenario.days:
        for name, phase in model.phases():
            if name == "browse" and helper is not None:
                report("the feed")
                helper.wait()
                helper = None
            report(name)
            phase()
    folder = cache_folder()
    if folder is not None:
        (folder / _MARK).touch()


def _compile_feed_elsewhere() -> "subprocess.Popen[bytes] | None":
    """Let another process compile the largest kernels; without it, this one will."""
    call = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); "
    call += "from sim.warm_up import compile_feed; compile_feed()"
    try:
        return subprocess.Popen(
            [sys.executable, "-c", call], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None


def compile_feed() -> None:
    """Compile browsing, reacting and returning, by letting nobody do any in an empty world."""
    import numpy as np

    from sim import phases
    from sim.phases import Crew, Tick
    from sim.settings import Behaviour, Platform, Population, World
    from sim.world.rules import Settings
    from sim.world.world import World as LivingWorld
    from sim.world.world import blank_state

    settings = Settings(World(accounts=20), Population(), Platform(), Behaviour())
    world = LivingWorld(0, 20, settings, blank_state(20, 128), ("casual",))
    tick = Tick()
    phases.browse(world, tick, Crew())
    phases.react(world, tick, Crew(), np.zeros(20, np.int64))
    phases.return_(world, tick)
