"""Reads a scenario, checks it in one pass, and trusts it from then on."""

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from sim.scenario import expect
from sim.scenario.arm_checks import check_arm
from sim.scenario.checks import check_all
from sim.scenario.errors import Problem
from sim.scenario.event_checks import check_events
from sim.scenario.findings import findings, places
from sim.scenario.overrides import Sets, apply
from sim.scenario.parse import parse
from sim.scenario.plain import clean
from sim.scenario.registry import Registry, installed
from sim.scenario.report import Report
from sim.scenario.schema import Scenario
from sim.scenario.source import Source, as_source, looks_like_text, read
from sim.scenario.strategy_checks import check_strategies
from sim.scenario.sweep_checks import check_sweep

__all__ = ["load", "loads", "problems"]

MOST: Final = 200  # mistakes put into words
IN_SWEEPS: Final = {"every_days": 30, "follows": False, "events": False}
ROUNDS: Final = 4  # of leaving out what is wrong, to check the rest


def load(source: str | Path, *, sets: Sets = (), registry: Registry | None = None) -> Scenario:
    """Read and check a scenario.

    Args:
        source: a file; the bare name of a shipped scenario, such as "hello"; or TOML text.
        sets: settings that override the file's, as {"world.accounts": 500} or as
            ["world.accounts=500"]; values are TOML, or else text.
        registry: where strategies are looked up; by default `sim.strategies`.

    Raises:
        ScenarioError: with every mistake, its place and its fix.
    """
    if isinstance(source, str) and looks_like_text(source):
        return loads(source, sets=sets, registry=registry)
    return _checked(read(source), sets, registry or installed())


def loads(text: str, *, sets: Sets = (), registry: Registry | None = None) -> Scenario:
    """Check a scenario that is given as TOML text; otherwise like `load`."""
    return _checked(as_source(text), sets, registry or installed())


def _checked(source: Source, sets: Sets, registry: Registry) -> Scenario:
    settings = parse(source)
    given, refused = apply(settings, sets)
    _name_after_file(settings, source.path)
    _record_less(settings)
    report = Report(source, given, settings)
    report.problems += refused
    for found in clean(settings):
        report.add(found)
    scenario = _validated(settings, report)
    if scenario is not None:
        scenario.traced(source.text, source.path)
        _check_together(scenario, report, registry)
    report.fail()
    assert scenario is not None
    return scenario


def _check_together(scenario: Scenario, report: Report, registry: Registry) -> None:
    check_all(scenario, report)
    check_events(scenario, report)
    check_strategies(scenario, report, registry)
    for index in range(len(scenario.arms)):
        check_arm(scenario, index, report, registry)
    if not report.problems:
        check_sweep(scenario, report, partial(problems, registry=registry))


def problems(scenario: Scenario, *, registry: Registry | None = None) -> list[Problem]:
    """What is wrong with a scenario whose single settings are right by themselves."""
    report = Report(as_source(""), {}, scenario.settings())
    _check_together(scenario, report, registry or installed())
    return report.problems


def _name_after_file(settings: dict[str, Any], path: Path | None) -> None:
    """A scenario without a name is called like its file."""
    header = settings.setdefault("scenario", {})
    if path is not None and isinstance(header, dict) and "name" not in header:
        header["name"] = expect.as_name(path.stem) or "scenario"


def _record_less(settings: dict[str, Any]) -> None:
    """A sweep keeps the runs and a light series, unless it says otherwise."""
    sweep, record = settings.get("sweep"), settings.get("record", {})
    swept = isinstance(sweep, dict) and (sweep.get("parameters") or sweep.get("file"))
    if swept and isinstance(record, dict):
        settings["record"] = {**IN_SWEEPS, **record}


def _validated(settings: dict[str, Any], report: Report) -> Scenario | None:
    """The scenario. What is wrong is noted and left out, so that the rest can be checked."""
    for _ in range(ROUNDS):
        try:
            return Scenario.model_validate_json(json.dumps(settings), strict=True)
        except ValidationError as error:
            for found in findings(error, expect.root(Scenario), MOST):
                report.add(found)
            if error.error_count() > MOST:
                report.problems.append(_many_more(report.source.name, error.error_count() - MOST))
                return None
            for path in places(error):
                _leave_out(settings, path)
    return None


def _leave_out(settings: Any, path: Sequence[str | int]) -> None:
    """Remove a setting; items of lists and missing keys get something that passes."""
    container = settings
    for part in path[:-1]:
        container = container[part]
    last = path[-1]
    if isinstance(last, int):
        container[last] = {"name": f"unnamed{last}"}
    elif last in container:
        del container[last]
    else:
        container[last] = 0 if last == "day" else f"unnamed{path[-2]}"


def _many_more(name: str, number: int) -> Problem:
    message = f"{number} more mistakes"
    return Problem(name, None, "", message, fix="Correct those above, then check again.")
