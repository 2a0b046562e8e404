"""Collects mistakes and finds their places."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, Protocol

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.findings import Finding
from sim.scenario.positions import Place, locate
from sim.scenario.source import Source

__all__ = ["Report", "Reporter"]

NAMED: Final = ("arms", "protagonists")  # lists whose items are called by name


class Reporter(Protocol):
    """Takes note of mistakes that concern several settings."""

    def check(self, found: Finding) -> None:
        """Note a mistake, unless a setting that takes part in it is wrong by itself."""


class Report:
    """The mistakes in a scenario, each with its place in the text or on the command line."""

    def __init__(
        self, source: Source, given: Mapping[str, str], settings: Mapping[str, Any]
    ) -> None:
        """``given`` has, by dotted key, what was set on the command line."""
        self.source = source
        self.given = given
        self.settings = settings
        self.problems: list[Problem] = []
        self._seen: set[Problem] = set()
        self._wrong: set[str] = set()
        self._partly_wrong: set[str] = set()

    @cached_property
    def _places(self) -> tuple[dict[str, Place], dict[str, Place]]:
        return locate(self.source.text)

    @cached_property
    def _lines(self) -> list[str]:
        return self.source.text.split("\n")

    def add(self, found: Finding) -> None:
        """Note a mistake in a setting, unless it or a table around it is known to be wrong."""
        key = found.keys[0]
        if self._wrong.isdisjoint(_ancestors(key)):
            self._wrong.add(key)
            self._partly_wrong.update(_ancestors(key))
            self._note(found)

    def check(self, found: Finding) -> None:
        """Note a mistake, unless a setting that takes part in it is wrong by itself."""
        for key in found.keys:
            if key in self._partly_wrong or not self._wrong.isdisjoint(_ancestors(key)):
                return
        self._note(found)

    def fail(self) -> None:
        """Raise an error with all mistakes, in the order of the text, if there are any."""
        if self.problems:
            raise ScenarioError(sorted(self.problems, key=_order))

    def _note(self, found: Finding) -> None:
        key = self._written(found.keys)
        given = next((self.given[one] for one in _ancestors(key) if one in self.given), None)
        file = self.source.name if given is None else f"--set {given}"
        place = self._place(key, found.on_key) if given is None else None
        line = None if given is not None else 1 if place is None else place.line
        problem = Problem(
            file,
            line,
            self._called(key),
            found.message,
            found.got,
            found.suggestion,
            found.fix,
            None if place is None else self._lines[place.line - 1],
            None if place is None else place.column,
            1 if place is None else place.width,
        )
        if problem not in self._seen:
            self._seen.add(problem)
            self.problems.append(problem)

    def _written(self, keys: tuple[str, ...]) -> str:
        """The first key that was set on the command line, else that is in the text, else any."""
        given = (key for key in keys if any(one in self.given for one in _ancestors(key)))
        written = (key for key in keys if key in self._places[0])
        return next(given, None) or next(written, keys[0])

    def _place(self, key: str, on_key: bool) -> Place | None:
        """The place of a key, else that of the nearest table around it."""
        keys, values = self._places
        if not on_key and key in values:
            return values[key]
        return next((keys[one] for one in _ancestors(key) if one in keys), None)

    def _called(self, key: str) -> str:
        """The key with names for the indices of arms and protagonists."""
        parts = key.split(".")
        if len(parts) < 2 or parts[0] not in NAMED or not parts[1].isdigit():
            return key
        items = self.settings.get(parts[0])
        item = items[int(parts[1])] if isinstance(items, list) else None
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 40:
            parts[1] = name
        return ".".join(parts)


def _ancestors(key: str) -> list[str]:
    """The key and the tables around it, innermost first."""
    found = [key]
    while "." in key:
        key = key.rpartition(".")[0]
        found.append(key)
    return found


def _order(problem: Problem) -> tuple[int, int, str]:
    return (problem.line or 0, problem.column or 0, problem.key)
