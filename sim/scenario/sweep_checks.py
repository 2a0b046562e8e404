"""Checks the sweep of a scenario: its parameters, and the scenario at the ends of each."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Final

from pydantic import ValidationError

from sim.scenario import expect, toml
from sim.scenario.catalogue import keys, nodes
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.findings import Finding, findings, unheard
from sim.scenario.point_file import PointFileError, read_points
from sim.scenario.points import at_point
from sim.scenario.ranges import Value, at, levels, setting_of
from sim.scenario.report import Reporter
from sim.scenario.schema import Parameter, Scenario

__all__ = ["MOST", "check_sweep"]

MOST: Final = 1_000_000  # points of a sweep
SECTIONS: Final = (
    "world", "population", "platform", "behaviour", "protagonists", "arms", "events", "record",
    "stop",
)  # fmt: skip
OF_HEADER: Final = ("scenario.days",)
NO_KEY: Final = "there is no such key"
BY_LEVELS: Final = ("grid", "one_at_a_time")

Problems = Callable[[Scenario], list[Problem]]

_CAN_VARY: Final = f"A sweep can vary {', '.join(OF_HEADER)} and {', '.join(SECTIONS)}."


def check_sweep(scenario: Scenario, reporter: Reporter, problems: Problems) -> None:
    """Check the sweep; ``problems`` finds what is wrong with a scenario without one."""
    if not scenario.sweep:
        if scenario.sweep.design != "grid":
            fix = "Add [[sweep.parameters]]."
            reporter.check(Finding(("sweep.design",), "there is nothing to vary", fix=fix))
        return
    wrong = [found for check in _CHECKS for found in check(scenario)]
    for index, one in enumerate(scenario.sweep.parameters):
        own = list(_parameter(scenario, one, f"sweep.parameters.{index}"))
        wrong += own or _ends(scenario, one, f"sweep.parameters.{index}", problems)
    for found in wrong:
        reporter.check(found)


def _twice(scenario: Scenario) -> Iterator[Finding]:
    taken: set[str] = set()
    for index, one in enumerate(scenario.sweep.parameters):
        if one.key in taken:
            place = f"sweep.parameters.{index}.key"
            yield Finding((place,), "is varied already", toml.shown(one.key), fix="Remove one.")
        taken.add(one.key)


def _file(scenario: Scenario) -> Iterator[Finding]:
    sweep, path = scenario.sweep, scenario.points_path
    if sweep.design == "file" and path is None:
        fix = 'Add file = "points.csv" to [sweep], or choose another design.'
        yield Finding(("sweep.design", "sweep.file"), 'design = "file" needs a file', fix=fix)
    elif sweep.design != "file" and path is not None:
        fix = 'Write design = "file", or remove the file.'
        yield Finding(("sweep.file", "sweep.design"), "is not used by this design", fix=fix)
    elif path is not None:
        yield from _points(scenario)


def _points(scenario: Scenario) -> Iterator[Finding]:
    """What is wrong with a file of points."""
    path, name = scenario.points_path, toml.shown(scenario.sweep.file)
    assert path is not None
    if scenario.sweep.parameters:
        fix = "Remove the parameters, or choose another design."
        yield Finding(("sweep.parameters",), "the file says what is varied", fix=fix)
    try:
        head, _ = read_points(path)
    except PointFileError as error:
        yield Finding(("sweep.file",), str(error), name, fix="Name it relative to this file.")
        return
    for key in head:
        for found in _key(scenario, key, "sweep.file"):
            yield Finding(("sweep.file",), f"{key}: {found.message}", name, fix=found.fix)


def _levels_of_morris(scenario: Scenario) -> Iterator[Finding]:
    sweep = scenario.sweep
    if sweep.design == "morris" and sweep.levels % 2:
        fix = f"Write levels = {sweep.levels + 1}."
        yield Finding(("sweep.levels",), "must be an even number", str(sweep.levels), fix=fix)


def _number(scenario: Scenario) -> Iterator[Finding]:
    sweep = scenario.sweep
    if sweep.design != "grid" or any(_divided(one) for one in sweep.parameters):
        return
    number = prod(_size(one) for one in sweep.parameters)
    if number > MOST:
        message = f"the grid has {number:,} points; at most {MOST:,} are possible"
        yield Finding(("sweep.parameters",), message, fix="Give fewer values, or samples.")


def _size(one: Parameter) -> int:
    """About how many values a parameter takes."""
    if one.step is not None and one.low is not None and one.high is not None:
        return int(max(1, min(MOST + 1, (one.high - one.low) / one.step + 1)))
    return len(one.values) or one.count or 1


_CHECKS: Final = (_twice, _file, _levels_of_morris, _number)


def _parameter(scenario: Scenario, one: Parameter, place: str) -> Iterator[Finding]:
    """What is wrong with a parameter by itself."""
    yield from _key(scenario, one.key, f"{place}.key")
    if one.values:
        given = [n for n in ("low", "high", "count", "step") if getattr(one, n) is not None]
        for name in given:
            fix = "Remove it, or the values."
            yield Finding(
                (f"{place}.{name}", f"{place}.values"), "has no use beside values", fix=fix
            )
        return
    if one.low is None or one.high is None:
        yield _no_range(one, place)
        return
    yield from _range(scenario, one, place)


def _no_range(one: Parameter, place: str) -> Finding:
    missing = "high" if one.low is not None else "low"
    keys_ = (f"{place}.{missing}", f"{place}.key")
    fix = "Add values = [0.1, 0.2], or low = 0.1 and high = 0.2."
    return Finding(keys_, "takes neither values nor a range", fix=fix, on_key=True)


def _range(scenario: Scenario, one: Parameter, place: str) -> Iterator[Finding]:
    assert one.low is not None
    assert one.high is not None
    if one.low >= one.high:
        message = f"low ({one.low:g}) must be below high ({one.high:g})"
        yield Finding((f"{place}.low", f"{place}.high"), message, fix="Change one of the two.")
    elif one.scale == "log" and one.low <= 0:
        message = "a range on a log scale begins above 0"
        yield Finding((f"{place}.low", f"{place}.scale"), message, toml.shown(one.low))
    elif one.scale == "log" and one.step is not None:
        message = "a range on a log scale has no steps"
        yield Finding((f"{place}.step", f"{place}.scale"), message, fix="Write count instead.")
    elif scenario.sweep.design in BY_LEVELS and (problem := _divided(one)):
        fix = "Add count = 5, or step, or write values."
        yield Finding((f"{place}.count", f"{place}.step", f"{place}.key"), problem, fix=fix)


def _divided(one: Parameter) -> str:
    """What is wrong with the way in which a range is divided, if anything."""
    if one.values or (one.count is None) != (one.step is None):
        return ""
    return "has both count and step" if one.count else "has neither count nor step"


def _key(scenario: Scenario, key: str, place: str) -> Iterator[Finding]:
    """A key that no sweep can vary, or that does not exist."""
    setting = setting_of(key)
    section = setting.partition(".")[0]
    if setting in OF_HEADER or (section in SECTIONS and _exists(setting)):
        if found := _refused(scenario, key, place):
            yield found
    elif setting in keys():
        yield Finding((place,), f"a sweep cannot vary {setting}", toml.shown(key), fix=_CAN_VARY)
    else:
        found = unheard(place, key, [one for one in keys() if one.startswith(SECTIONS)], _CAN_VARY)
        close = toml.value(found.suggestion) if found.suggestion else None
        yield Finding((place,), found.message, toml.shown(key), close, found.fix)


def _exists(setting: str) -> bool:
    """Whether there is such a setting, or a table around it that takes any keys."""
    parts = setting.split(".")
    around = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    known = next((one for one in around if one in keys()), "")
    return bool(known) and not expect.fields(nodes()[known])


def _refused(scenario: Scenario, key: str, place: str) -> Finding | None:
    """What is wrong with a key of a list's item, such as that of an arm that is not there."""
    try:
        at_point(scenario, [(key, None)])
    except ScenarioError as error:
        problem = error.problems[0]
        close = toml.value(problem.suggestion) if problem.suggestion else None
        return Finding((place,), problem.message, toml.shown(key), close, problem.fix)
    except ValidationError:
        return None  # nothing is no value; the values themselves are tried
    return None


def _ends(scenario: Scenario, one: Parameter, place: str, problems: Problems) -> list[Finding]:
    """What is wrong with the scenario at each value, or at the ends of a range."""
    if one.values:
        tried = {f"{place}.values.{n}": value for n, value in enumerate(one.values)}
    elif one.count or one.step:
        found = levels(one)
        tried = {f"{place}.low": found[0], f"{place}.high": found[-1]}
    else:
        tried = {f"{place}.low": at(one, 0.0), f"{place}.high": at(one, 1.0)}
    return [f for at_, value in tried.items() for f in _tried(scenario, one, at_, value, problems)]


def _tried(
    scenario: Scenario, one: Parameter, place: str, value: Value, problems: Problems
) -> Iterator[Finding]:
    """What is wrong with a value of a parameter."""
    try:
        wrong = problems(at_point(scenario, [(one.key, value)]))
    except ValidationError as error:
        for found in findings(error, expect.root(Scenario))[:1]:
            yield Finding((place,), found.message, toml.shown(value), found.suggestion, found.fix)
        return
    for problem in wrong[:1]:
        if problem.message == NO_KEY:
            key = place.rpartition(".values")[0] or place.rpartition(".")[0]
            fix = f"Did you mean {problem.suggestion}?" if problem.suggestion else problem.fix
            yield Finding((f"{key}.key",), problem.message, toml.shown(one.key), fix=fix)
            return
        message = f"does not fit: {problem.key}: {problem.message}"
        yield Finding((place,), message, toml.shown(value), fix=problem.fix)
