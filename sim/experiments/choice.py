"""Which scenario is run, after all that a call or a command line changes about it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.scenario import NO_CLAIM, Scenario, ScenarioError, load, loads
from sim.scenario.overrides import Sets, apply
from sim.scenario.points import at_point

__all__ = ["choose"]


def choose(
    source: Scenario | str | Path,
    arms: Iterable[str] | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    settings: Sets | None = None,
    *,
    swept: bool = True,
) -> Scenario:
    """Return the scenario with these arms only, this many worlds, this seed, these settings.

    Unless it is to be ``swept``, it has no sweep, and records like one that has none. Raises
    ScenarioError if any of it is wrong.
    """
    given = isinstance(source, Scenario)
    if not swept:
        source = at_point(source, ()) if isinstance(source, Scenario) else source
        settings = settings if given else _unswept(settings or ())
    scenario = source if isinstance(source, Scenario) else load(source, sets=settings or ())
    if given and settings:
        scenario = _changed(scenario, settings)
    header = {"scenario.replicates": replicates, "scenario.seed": seed}
    changes: dict[str, Any] = {key: value for key, value in header.items() if value is not None}
    if arms is not None:
        changes |= _only(scenario, list(arms))
    return _changed(scenario, changes) if changes else scenario


def _unswept(settings: Sets) -> Sets:
    """Return settings that leave a sweep out besides."""
    if isinstance(settings, Mapping):
        return {**settings, "sweep": {}}
    return [*([settings] if isinstance(settings, str) else settings), "sweep={}"]


def _only(scenario: Scenario, names: list[str]) -> dict[str, Any]:
    """Return the settings that leave only these arms, in the scenario's order."""
    wanted = {scenario.arm(name).name for name in names}
    reference = scenario.scenario.reference
    claim = {} if {scenario.tested, scenario.reference} <= wanted else NO_CLAIM
    return {
        **claim,
        "arms": [arm for arm in scenario.settings()["arms"] if arm["name"] in wanted],
        "scenario.reference": reference if reference in wanted else None,
    }


def _changed(scenario: Scenario, sets: Sets) -> Scenario:
    """Return another scenario, checked like one from a file."""
    settings = scenario.settings()
    if scenario.network_path is not None:
        settings["world"]["file"] = str(scenario.network_path.resolve())
    if scenario.points_path is not None:
        settings["sweep"]["file"] = str(scenario.points_path.resolve())
    _, refused = apply(settings, sets)
    if refused:
        raise ScenarioError(refused)
    return loads("schema = 1\n", sets=settings).traced(scenario.source_text, None)
