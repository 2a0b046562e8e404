"""Whether the strategies that a scenario names exist and take the params it gives them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from sim.scenario import expect, toml
from sim.scenario.close import closest
from sim.scenario.findings import Finding, findings
from sim.scenario.registry import Registry
from sim.scenario.report import Reporter
from sim.scenario.schema import Protagonist, Scenario

__all__ = ["check_strategies"]


def check_strategies(scenario: Scenario, reporter: Reporter, registry: Registry) -> None:
    """Check the strategies of the population and of the protagonists."""
    for found in _population(scenario, registry):
        reporter.check(found)
    for index, protagonist in enumerate(scenario.protagonists):
        for found in _protagonist(f"protagonists.{index}", protagonist, scenario, registry):
            reporter.check(found)


def _population(scenario: Scenario, registry: Registry) -> Iterator[Finding]:
    for name in scenario.population.strategies:
        if name not in set(registry.names()):
            found = _no_strategy(f"population.strategies.{name}", name, registry)
            yield replace(found, got=None, on_key=True)


def _protagonist(
    key: str, protagonist: Protagonist, scenario: Scenario, registry: Registry
) -> Iterator[Finding]:
    name = protagonist.strategy
    if name not in set(registry.names()):
        yield _no_strategy(f"{key}.strategy", name, registry)
        return
    model = registry.find(name).Params
    try:
        params = model.model_validate_json(json.dumps(protagonist.params), strict=True)
    except ValidationError as error:
        yield from _wrong_params(key, error, expect.root(model))
    else:
        yield from _vendor(key, params, scenario)


def _no_strategy(key: str, name: str, registry: Registry) -> Finding:
    known = sorted(registry.names())
    close = closest(name, known)
    return Finding(
        (key,),
        "there is no such strategy",
        toml.shown(name),
        toml.value(close) if close else None,
        None if close else f"Strategies: {', '.join(known)}.",
    )


def _wrong_params(key: str, error: ValidationError, node: expect.Node) -> Iterator[Finding]:
    for found in findings(error, node, prefix=f"{key}.params."):
        yield replace(found, keys=(found.keys[0].rstrip("."), f"{key}.strategy"))


def _vendor(key: str, params: Any, scenario: Scenario) -> Iterator[Finding]:
    """A strategy that orders must order from a vendor of the platform."""
    vendor = getattr(params, "vendor", None)
    known = [one.name for one in scenario.platform.vendors]
    if isinstance(vendor, str) and vendor not in known:
        close = closest(vendor, known)
        yield Finding(
            (f"{key}.params.vendor", f"{key}.strategy", "platform.vendors"),
            "there is no such vendor",
            toml.shown(vendor),
            toml.value(close) if close else None,
            None if close else f"Vendors: {', '.join(known) or 'none'}.",
        )
