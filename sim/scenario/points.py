"""A scenario at one point of a sweep."""

import json
from collections.abc import Iterable
from typing import Any

from sim.scenario.errors import ScenarioError
from sim.scenario.overrides import apply
from sim.scenario.schema import Scenario

__all__ = ["at_point"]


def at_point(scenario: Scenario, values: Iterable[tuple[str, Any]]) -> Scenario:
    """Return the scenario with other settings by dotted key, which have been checked.

    It has no sweep.
    """
    sets = dict(values)
    if not sets and not scenario.sweep:
        return scenario
    settings = scenario.settings() | {"sweep": {}}
    _, refused = apply(settings, sets)
    if refused:
        raise ScenarioError(refused)
    changed = Scenario.model_validate_json(json.dumps(settings), strict=True)
    return changed.traced(scenario.source_text, scenario.path)
