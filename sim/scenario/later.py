"""Events that are thought of while a scenario is lived."""

import json

from sim.scenario.arm_checks import check_arm
from sim.scenario.registry import installed
from sim.scenario.report import Report
from sim.scenario.schema import Event, Scenario
from sim.scenario.source import Source

__all__ = ["with_event"]

_NAME = "<event>"


def with_event(scenario: Scenario, arm: str, event: Event) -> Scenario:
    """The scenario with one more event, the last of an arm.

    Raises:
        ScenarioError: if there is no such arm, or the event cannot be, with every mistake.
    """
    scenario.arm(arm)
    settings, place = scenario.settings(), scenario.arm_names.index(arm)
    settings["arms"][place]["events"].append(event.model_dump(mode="json"))
    later = Scenario.model_validate_json(json.dumps(settings))
    later.traced(scenario.source_text, scenario.path)
    report = Report(Source(_NAME, ""), {}, settings)
    check_arm(later, place, report, installed())
    report.fail()
    return later
