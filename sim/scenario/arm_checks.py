"""Checks each arm: what it may change, and the scenario that comes of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pydantic import ValidationError

from sim.scenario import arms, expect
from sim.scenario.catalogue import keys
from sim.scenario.checks import check_all
from sim.scenario.event_checks import check_events
from sim.scenario.findings import Finding, findings, unheard
from sim.scenario.registry import Registry
from sim.scenario.report import Reporter
from sim.scenario.schema import Arm, Scenario
from sim.scenario.strategy_checks import check_strategies

__all__ = ["check_arm"]

ROUNDS: Final = 3  # of leaving out what is wrong, to check the rest

_CAN_SET: Final = "An arm can set {} and, of the protagonists, {}.".format(
    ", ".join(f"{name}.*" for name in arms.SECTIONS), ", ".join(arms.PROTAGONIST_KEYS)
)


def check_arm(scenario: Scenario, index: int, reporter: Reporter, registry: Registry) -> None:
    """Check the arm with this index, and the scenario as that arm has it."""
    arm = scenario.arms[index]
    for found in _forbidden(arm, index):
        reporter.check(found)
    own = _ArmReporter(scenario, index, reporter)
    resolved = _resolved(scenario, arm, own)
    if resolved is not None:
        check_all(resolved, own)
        check_events(resolved, own)
        check_strategies(resolved, own, registry)


def _forbidden(arm: Arm, index: int) -> Iterator[Finding]:
    """Settings that an arm cannot change, or that do not exist, or are given twice."""
    for key in arm.set:
        place = f"arms.{index}.set.{key}"
        if key == "protagonists.strategy" and arm.strategy is not None:
            fix = "Remove one of the two."
            yield Finding((place,), "the strategy of this arm is given already", fix=fix)
        elif not arms.may_change(key):
            yield _fixed(place, key) if key in keys() else _unheard(place, key)


def _fixed(place: str, key: str) -> Finding:
    return Finding(
        (place,),
        f"an arm cannot change {key}, because all arms fork from one burnt-in world",
        fix=f"Set it for the whole scenario. {_CAN_SET}",
        on_key=True,
    )


def _unheard(place: str, key: str) -> Finding:
    return unheard(place, key, [one for one in keys() if arms.may_change(one)], _CAN_SET)


def _resolved(scenario: Scenario, arm: Arm, reporter: "_ArmReporter") -> Scenario | None:
    """The scenario as the arm has it. What is wrong by itself is noted and left out."""
    settings = scenario.settings()
    plain = arm.model_dump(mode="json")
    plain["set"] = {key: value for key, value in arm.set.items() if arms.may_change(key)}
    for _ in range(ROUNDS):
        try:
            text = json.dumps(arms.resolve(settings, plain))
            resolved = Scenario.model_validate_json(text, strict=True)
        except ValidationError as error:
            for found in findings(error, expect.root(Scenario)):
                reporter.check(found)
                plain["set"].pop(reporter.setting(found.keys[0]), None)
        else:
            return resolved.traced(scenario.source_text, scenario.path, scenario)
    return None


class _ArmReporter:
    """Notes what is wrong with an arm at the settings by which the arm brought it about."""

    def __init__(self, scenario: Scenario, index: int, reporter: Reporter) -> None:
        self.arm = scenario.arms[index]
        self.place = f"arms.{index}"
        self.common_events = len(scenario.events)
        self.reporter = reporter

    def check(self, found: Finding) -> None:
        """Note a mistake if the arm has a part in it; others are noted without the arm."""
        moved = [self._moved(key) for key in found.keys]
        own = [new for old, new in zip(found.keys, moved, strict=True) if new != old]
        rest = [old for old, new in zip(found.keys, moved, strict=True) if new == old]
        if own:
            self.reporter.check(replace(found, keys=(*own, *rest)))

    def setting(self, key: str) -> str | None:
        """The key under ``set`` that decides the key of the scenario, if there is one."""
        return arms.deciding(self.arm.set, _without_index(key))

    def _moved(self, key: str) -> str:
        """The key of the arm that decides the key of the scenario; the key itself if none."""
        name = _without_index(key)
        setting = self.setting(key)
        if setting is not None:
            return f"{self.place}.set.{setting}"
        if name == "protagonists.strategy" and self.arm.strategy is not None:
            return f"{self.place}.strategy"
        if name.startswith("events."):
            return self._moved_event(key)
        return self._moved_parameter(key) if name.startswith("protagonists.params") else key

    def _moved_parameter(self, key: str) -> str:
        path = key.split(".")[3:]
        own = path[0] in self.arm.params if path else bool(self.arm.params)
        return ".".join([self.place, "params", *path]) if own else key

    def _moved_event(self, key: str) -> str:
        _, index, rest = key.split(".", 2)
        own = int(index) - self.common_events
        return f"{self.place}.events.{own}.{rest}" if own >= 0 else key


def _without_index(key: str) -> str:
    """The key of a list's items without the index: protagonists.0.craft."""
    return ".".join(part for part in key.split(".") if not part.isdecimal())
