"""Checks events: what belongs to each kind, whom they name, and the settings that they leave."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from sim.scenario import arms, events, expect, toml
from sim.scenario.catalogue import keys
from sim.scenario.checks import OF_CHANGES
from sim.scenario.close import closest
from sim.scenario.findings import Finding, findings, unheard
from sim.scenario.report import Reporter
from sim.scenario.schema import Event, Scenario

__all__ = ["check_events"]

MOST: Final = 1_000  # events of an arm
MOST_STRATEGIES: Final = 256  # an account's strategy is stored in a byte
ROUNDS: Final = 3  # of leaving out what is wrong, to check the rest

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "sweep": ("recall", "false_positives"),
    "set": ("set",),
    "viral": ("protagonist", "reach", "hours"),
    "strategy": ("protagonist", "strategy", "params"),
    "means": ("protagonist", *events.MEANS),
}
"""What belongs to each kind, besides its day and label."""

_CAN_SET: Final = (
    "An event can set platform.* and behaviour.*, without "
    f"{', '.join(f'platform.{key}' for key in events.FIXED)}."
)


def check_events(scenario: Scenario, reporter: Reporter) -> None:
    """Check every event by itself, then the settings as the events change them one by one."""
    if len(scenario.events) > MOST:
        reporter.check(_too_many(len(scenario.events)))
        return
    for index, event in enumerate(scenario.events):
        for check in CHECKS:
            for found in check(scenario, event, f"events.{index}"):
                reporter.check(found)
    _check_changes(scenario, reporter)
    _check_cast(scenario, reporter)


def _too_many(number: int) -> Finding:
    message = f"there are {number:,} events, but at most {MOST:,} are possible"
    return Finding((f"events.{MOST}.day", "events"), message, fix="Remove some.")


def _check_cast(scenario: Scenario, reporter: Reporter) -> None:
    """Check that every strategy of the arm can have a number of its own."""
    changes = [i for i, event in enumerate(scenario.events) if event.kind == "strategy"]
    room = MOST_STRATEGIES - len(scenario.population.strategies) - len(scenario.protagonists) - 1
    if len(changes) > room:
        message = f"{len(changes):,} changes of strategy, but at most {room:,} are possible"
        key = f"events.{changes[room]}.strategy"
        reporter.check(Finding((key, "events"), message, fix="Remove some."))


def _day(scenario: Scenario, event: Event, place: str) -> Iterator[Finding]:
    days = scenario.scenario.days
    if event.day >= days:
        yield Finding(
            (f"{place}.day", "scenario.days"),
            f"the experiment has days 0 to {days - 1} only",
            toml.shown(event.day),
            fix="Choose an earlier day or increase scenario.days.",
        )


def _foreign(scenario: Scenario, event: Event, place: str) -> Iterator[Finding]:
    """Keys that mean something in events of another kind only."""
    own = KINDS[event.kind]
    for name in dict.fromkeys(name for names in KINDS.values() for name in names):
        if name not in own and getattr(event, name) not in (None, {}):
            kinds = " or ".join(f'"{kind}"' for kind, names in KINDS.items() if name in names)
            yield Finding(
                (f"{place}.{name}", f"{place}.kind"),
                f'has no meaning in an event of kind "{event.kind}"',
                fix=f"Remove it, or write kind = {kinds}.",
                on_key=True,
            )


def _nothing_set(scenario: Scenario, event: Event, place: str) -> Iterator[Finding]:
    if event.kind == "set" and not event.set:
        yield Finding(
            (f"{place}.set", f"{place}.kind"),
            "an event that sets nothing",
            fix='Add set."platform.ranking" = "chronological", or another key. ' + _CAN_SET,
        )


def _no_strategy(scenario: Scenario, event: Event, place: str) -> Iterator[Finding]:
    if event.kind == "strategy" and event.strategy is None:
        yield Finding(
            (f"{place}.strategy", f"{place}.kind"),
            "a change of strategy without the new one",
            fix='Add strategy = "organic", or another one.',
        )


def _no_means(scenario: Scenario, event: Event, place: str) -> Iterator[Finding]:
    if event.kind == "means" and all(getattr(event, name) is None for name in events.MEANS):
        yield Finding(
            (f"{place}.kind", *(f"{place}.{name}" for name in events.MEANS)),
            "a change of means that changes none",
            fix=f"Add minutes = 60, or another of {', '.join(events.MEANS)}.",
        )


def _protagonist(scenario: Scenario, event: Event, place: str) -> Iterator[Finding]:
    known = [name for one in scenario.protagonists for name in one.names]
    if event.protagonist is not None and event.protagonist not in known:
        close = closest(event.protagonist, known)
        yield Finding(
            (
                f"{place}.protagonist",
                *(f"protagonists.{i}.name" for i in range(len(scenario.protagonists))),
            ),
            "there is no such protagonist",
            toml.shown(event.protagonist),
            toml.value(close) if close else None,
            None if close else f"Protagonists: {', '.join(known)}.",
        )


def _forbidden(scenario: Scenario, event: Event, place: str) -> Iterator[Finding]:
    """Keys that an event cannot set, or that do not exist."""
    for key in event.set if event.kind == "set" else ():
        if not events.may_change(key):
            at = f"{place}.set.{key}"
            yield _fixed(at, key) if key in keys() else _unheard(at, key)


CHECKS: Final = (
    _day, _foreign, _nothing_set, _no_strategy, _no_means, _protagonist, _forbidden,
)  # fmt: skip
"""What each event must be by itself."""


def _fixed(place: str, key: str) -> Finding:
    return Finding(
        (place,),
        f"an event cannot change {key}",
        fix=f"Set it for the whole scenario. {_CAN_SET}",
        on_key=True,
    )


def _unheard(place: str, key: str) -> Finding:
    return unheard(place, key, [one for one in keys() if events.may_change(one)], _CAN_SET)


def _check_changes(scenario: Scenario, reporter: Reporter) -> None:
    """Check the settings after each event that changes some, in order of time."""
    given: dict[str, str] = {}
    for index, event in sorted(enumerate(scenario.events), key=lambda item: item[1].day):
        if event.kind == "set":
            new = {key: event.set[key] for key in event.set if events.may_change(key)}
            given |= {key: f"events.{index}.set.{key}" for key in new}
            moved = _MovedReporter(given, reporter)
            scenario = _after(scenario, new, moved)
            for check in OF_CHANGES:
                for found in check(scenario):
                    moved.check(found)


def _after(scenario: Scenario, new: Mapping[str, Any], reporter: "_MovedReporter") -> Scenario:
    """The scenario with new settings. What is wrong by itself is noted and left out."""
    new = dict(new)
    for _ in range(ROUNDS):
        try:
            platform, behaviour = events.changed(scenario.platform, scenario.behaviour, new)
        except ValidationError as error:
            for found in findings(error, expect.root(events.Changeable)):
                reporter.check(found)
                new.pop(arms.deciding(new, found.keys[0]) or "", None)
        else:
            return scenario.model_copy(update={"platform": platform, "behaviour": behaviour})
    return scenario


class _MovedReporter:
    """Notes what is wrong with settings at the events that brought it about."""

    def __init__(self, given: Mapping[str, str], reporter: Reporter) -> None:
        """``given`` has, by dotted key, the place where the last event so far sets it."""
        self.given = given
        self.reporter = reporter

    def check(self, found: Finding) -> None:
        """Note a mistake if an event has a part in it; others are noted without events."""
        deciding = [arms.deciding(self.given, key) for key in found.keys]
        own = [self.given[one] for one in deciding if one is not None]
        rest = [key for key, one in zip(found.keys, deciding, strict=True) if one is None]
        if own:
            self.reporter.check(replace(found, keys=(*own, *rest)))
