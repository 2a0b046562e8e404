"""Evidence: all that is measured of one world, once, for all checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.model import FollowerModel, burn_in
from sim.scenario import Scenario, loads
from sim.validation import trials
from sim.validation.trials import Asking, Sweep
from sim.validation.watch import Series, Watched, watch
from sim.world.world import World

__all__ = ["ESTABLISHED", "FULL_DAYS", "Evidence", "OnDay", "gather", "require_burn_in"]

FULL_DAYS: Final = 197
"""Length of the watch: that between the two looks at the Bundestag's follow lists."""
ESTABLISHED: Final = 180
"""Days for which an established account has had many followers."""
GROWTH: Final = 29
"""Days over which the growth of established accounts is measured, as in the 2022 series."""
_BUYERS, _ASKERS = 3, 30
_FOLLOWERS: Final = 500  # of those who ask; less in a small world
_NOBODY: Final = [{"name": "nobody", "strategy": "idle", "followers": 0}]


class NothingSteady(ValueError):
    """A world without a burn-in has no steady state that could be watched."""


OnDay = Callable[[str, int], None]
"""Hears of each day: of what (burn-in, watch, trials), and which."""


@dataclass(frozen=True)
class Evidence:
    """One world with its trials."""

    watched: Watched
    sweep: Sweep
    asking: Asking


def gather(scenario: Scenario, seed: int, days: int, on_day: OnDay | None = None) -> Evidence:
    """Live through a world with the settings of a scenario; its arms and events are left out.

    ``days`` is the length of the watch after the burn-in. Everything depends on the settings
    and the seed alone.

    Raises:
        NothingSteady: the scenario has no burn-in.
    """
    require_burn_in(scenario)
    say = on_day or (lambda what, day: None)
    plain = _with(scenario, days=days, protagonists=_NOBODY)
    series = Series(max(1 - scenario.world.burn_in_days, days - GROWTH - ESTABLISHED))
    burnt = _burnt(plain, seed, series, say)
    watched = watch(_model(plain, seed, burnt), series, lambda day: say("watch", day))
    swept = trials.sweep(_model(_sweeping(scenario), seed, burnt))
    asked = trials.ask(_model(_asking(scenario), seed, burnt), lambda day: say("trial", day))
    return Evidence(watched, swept, asked)


def require_burn_in(scenario: Scenario) -> None:
    """Raise NothingSteady if a world of this scenario would not have settled."""
    if scenario.world.burn_in_days == 0:
        raise NothingSteady("validation needs a burn-in: set world.burn_in_days to 60 or more")


def _burnt(plain: Scenario, seed: int, series: Series, say: OnDay) -> World:
    """Return the world at the end of its burn-in, before anybody joins."""
    held: list[World] = []

    def look(world: World) -> None:
        series.note(world)
        if world.day == 0:
            held.append(world.fork())

    burn_in(plain, seed, on_day=lambda day: say("burn-in", day), on_world=look)
    return held[0]


def _model(scenario: Scenario, seed: int, burnt: World) -> FollowerModel:
    """Return a model whose protagonists have joined a copy of the burnt-in world."""
    return FollowerModel(scenario, seed=seed, world=burn_in(scenario, seed, begun=burnt.fork()))


def _sweeping(scenario: Scenario) -> Scenario:
    amount = max(10, min(2_000, scenario.world.accounts // 20))
    buyer = {"name": "buyer", "count": _BUYERS, "strategy": "buyer", "params": {"amount": amount}}
    return _with(
        scenario,
        days=trials.SWEEP_DAY + 1,
        protagonists=[buyer],
        events=[{"day": trials.SWEEP_DAY, "kind": "sweep"}],
    )


def _asking(scenario: Scenario) -> Scenario:
    followers = min(_FOLLOWERS, scenario.world.accounts // 10)
    asker = {"name": "asker", "count": _ASKERS, "strategy": "idle", "followers": followers}
    asker |= {"minutes": 120.0, "craft": 0.5, "offer": 0.0}
    return _with(scenario, days=trials.ASKED_DAYS, protagonists=[asker])


def _with(scenario: Scenario, *, days: int, **parts: Any) -> Scenario:
    """Return the settings of a scenario with another experiment in them."""
    kept: Mapping[str, Any] = scenario.settings()
    settings = {key: kept[key] for key in ("world", "population", "platform", "behaviour")}
    header = {"name": scenario.scenario.name, "days": days, "seed": scenario.scenario.seed}
    quiet = {"every_days": 30, "follows": False, "events": False}
    whole = {"schema": 1, "scenario": header, "record": quiet, **settings, **parts}
    made = loads("", sets=whole)
    return made.traced("", scenario.path)
