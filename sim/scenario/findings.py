"""Mistakes in single settings, put into words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.scenario import expect, toml
from sim.scenario.catalogue import elsewhere
from sim.scenario.close import closest
from sim.scenario.expect import Node
from sim.scenario.positions import dotted

__all__ = ["Finding", "findings", "places", "unheard"]

LISTED: Final = 12  # known keys named when none is close


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake that has no place in a text yet."""

    keys: tuple[str, ...]
    """Dotted keys that take part in it, with list indices from 0; the main one first."""
    message: str
    got: str | None = None
    suggestion: str | None = None
    fix: str | None = None
    on_key: bool = False
    """Whether to point at the key rather than at its value."""


def findings(
    error: ValidationError, node: Node, most: int | None = None, prefix: str = ""
) -> list[Finding]:
    """What pydantic found in settings with this schema, whose keys begin with the prefix."""
    return [_finding(details, node, prefix) for details in _errors(error)[:most]]


def unheard(place: str, key: str, known: Sequence[str], fix: str) -> Finding:
    """A dotted key that does not exist; ``known`` are those that could be set there."""
    close = next((one for one in known if one.endswith(f".{key}")), None) or closest(key, known)
    close = close or elsewhere(key.rpartition(".")[2])
    return Finding(
        (place,),
        "there is no such key",
        suggestion=close,
        fix=None if close else fix,
        on_key=True,
    )


def places(error: ValidationError) -> list[tuple[str | int, ...]]:
    """The paths of the settings that are wrong."""
    return [details["loc"] for details in _errors(error)]


def _errors(error: ValidationError) -> list[ErrorDetails]:
    """The errors, but lists are not too short because their items are wrong."""
    errors = error.errors(include_url=False, include_context=False)
    above = {details["loc"][:end] for details in errors for end in range(len(details["loc"]))}
    return [one for one in errors if one["type"] != "too_short" or one["loc"] not in above]


def _finding(error: ErrorDetails, node: Node, prefix: str) -> Finding:
    path = error["loc"]
    key = prefix + dotted(path)
    if error["type"] == "extra_forbidden":
        parent = expect.child(node, path[:-1])
        known = list(expect.fields(parent)) if parent else []
        return _unknown(key, str(path[-1]), known, anywhere=not prefix)
    wanted = expect.child(node, path)
    if wanted is None or error["type"] == "value_error":
        message = error["msg"].removeprefix("Value error, ")
        return Finding((key,), message, toml.shown(error["input"]))
    if error["type"] == "missing":
        name = toml.key(str(path[-1]))
        return Finding((key,), "is missing", fix=f"Add {name} = {_sample(wanted)}.", on_key=True)
    return _wrong(key, error["input"], wanted)


def _unknown(key: str, name: str, known: Sequence[str], anywhere: bool) -> Finding:
    """A key that does not exist; ``known`` are those that do in its place.

    If ``anywhere``, keys of other sections are suggested too: the same key before those that
    are close in its place, a like one after them.
    """
    other = elsewhere(name) if anywhere else None
    same = other is not None and other.endswith(f".{name}")
    close = other if same else closest(name, known) or other
    listed = ", ".join([*known[:LISTED], *(["…"] if len(known) > LISTED else [])])
    fix = None if close else f"Known here: {listed}." if known else "Remove it."
    return Finding((key,), "there is no such key", suggestion=close, fix=fix, on_key=True)


def _wrong(key: str, value: Any, node: Node) -> Finding:
    """A value of the wrong type or out of range."""
    choices = [toml.value(choice) for choice in expect.options(node)]
    suggestion = closest(toml.value(value), choices) if choices else expect.meant(value, node)
    return Finding(
        (key,),
        f"must be {expect.expected(node)}",
        toml.shown(value),
        suggestion,
        _brackets(key, value, node),
    )


def _brackets(key: str, value: Any, node: Node) -> str | None:
    """Single brackets where double ones are wanted, and the reverse."""
    wanted = expect.inner(node).get("type")
    if wanted == "array" and isinstance(value, dict) and expect.fields(node):
        return f"Write [[{key}]] with two brackets."
    if wanted == "object" and isinstance(value, list):
        return f"Write [{key}] with one bracket."
    return None


def _sample(node: Node) -> str:
    return "0" if expect.inner(node).get("type") in ("integer", "number") else '"…"'
