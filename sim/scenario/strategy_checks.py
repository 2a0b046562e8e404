"""Whether the strategies that a scenario names exist and take the params it gives them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from pydantic import ValidationError

from sim.scenario import expect, toml
from sim.scenario.close import closest
from sim.scenario.findings import Finding, findings
from sim.scenario.registry import Registry
from sim.scenario.report import Reporter
from sim.scenario.schema import Scenario
from sim.settings import Population

__all__ = ["check_strategies"]


class Use(NamedTuple):
    """A strategy with its params, and where both are named."""

    name: str
    params: dict[str, Any]
    at: str
    """Dotted key of the name."""
    params_at: str
    """Dotted key of the params."""


def check_strategies(scenario: Scenario, reporter: Reporter, registry: Registry) -> None:
    """Check the strategies of the population, of the protagonists and of events."""
    for found in _population(scenario, registry):
        reporter.check(found)
    for use in _uses(scenario):
        for found in _use(use, scenario, registry):
            reporter.check(found)


def _population(scenario: Scenario, registry: Registry) -> Iterator[Finding]:
    people = scenario.population
    for name in people.strategies:
        if name not in set(registry.names()):
            found = _no_strategy(f"population.strategies.{name}", name, registry)
            yield replace(found, got=None, on_key=True)
    usual = Population().params  # these may stay when their strategies have no share
    for name, params in people.params.items():
        if name not in people.strategies and params != usual.get(name):
            yield _not_in_population(name, list(people.strategies))


def _not_in_population(name: str, known: list[str]) -> Finding:
    close = closest(name, known)
    return Finding(
        (f"population.params.{name}", "population.strategies"),
        "the population has no such strategy",
        suggestion=toml.key(close) if close else None,
        fix=None if close else f"Give it a share in population.strategies: {toml.key(name)} = 0.1.",
        on_key=True,
    )


def _uses(scenario: Scenario) -> Iterator[Use]:
    """Where the scenario gives params to a strategy."""
    for index, one in enumerate(scenario.protagonists):
        place = f"protagonists.{index}"
        yield Use(one.strategy, one.params, f"{place}.strategy", f"{place}.params")
    for name, params in scenario.population.params.items():
        if name in scenario.population.strategies:
            places = (f"population.strategies.{name}", f"population.params.{name}")
            yield Use(name, params, *places)
    for index, event in enumerate(scenario.events):
        if event.kind == "strategy" and event.strategy is not None:
            place = f"events.{index}"
            yield Use(event.strategy, event.params, f"{place}.strategy", f"{place}.params")


def _use(use: Use, scenario: Scenario, registry: Registry) -> Iterator[Finding]:
    if use.name not in set(registry.names()):
        if not use.at.startswith("population."):  # there it has been noted
            yield _no_strategy(use.at, use.name, registry)
        return
    kind = registry.find(use.name)
    try:
        params = kind.Params.model_validate_json(json.dumps(use.params), strict=True)
    except ValidationError as error:
        yield from _wrong_params(use, error, expect.root(kind.Params))
    else:
        known = [one.name for one in scenario.platform.vendors]
        for key, vendor in _vendors(kind, params):
            if vendor not in known:
                yield _no_vendor(use, key, vendor, known)


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


def _wrong_params(use: Use, error: ValidationError, node: expect.Node) -> Iterator[Finding]:
    more = f"followlab describe strategies.{use.name} tells what it takes."
    for found in findings(error, node, prefix=f"{use.params_at}."):
        fix = found.fix or (None if found.suggestion else more)
        yield replace(found, keys=(found.keys[0].rstrip("."), use.at), fix=fix)


def _vendors(kind: Any, params: Any) -> Iterator[tuple[str, str]]:
    """The vendors from which a strategy orders, with the key that names each; "" for a part's."""
    vendor = getattr(params, "vendor", None)
    if isinstance(vendor, str):
        yield "vendor", vendor
    for part in kind(params).parts.values() if hasattr(kind, "make_parts") else ():
        for _, vendor in _vendors(type(part), part.params):
            yield "", vendor


def _no_vendor(use: Use, key: str, vendor: str, known: list[str]) -> Finding:
    close = closest(vendor, known)
    return Finding(
        (f"{use.params_at}.{key}".rstrip("."), use.at, "platform.vendors"),
        "there is no such vendor",
        toml.shown(vendor),
        toml.value(close) if close else None,
        None if close else f"Vendors: {', '.join(known) or 'none'}.",
    )
