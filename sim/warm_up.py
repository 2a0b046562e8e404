"""Compiling the kernels before they are needed, with a word on what is being done."""

from collections.abc import Callable

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
burn_in_days = 1
[behaviour]
like_odds = 1.0
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

    It takes half a minute the first time, and half a second later.
    """
    from sim.model import FollowerModel
    from sim.scenario import loads

    scenario = loads(_TINY)
    report("the making of worlds")
    model = FollowerModel(scenario)
    report("state hash")
    model.state_hash()
    while model.day < scenario.scenario.days:
        for name, phase in model.phases():
            report(name)
            phase()
    folder = cache_folder()
    if folder is not None:
        (folder / _MARK).touch()
