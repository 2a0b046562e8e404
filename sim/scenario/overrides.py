"""Settings given on the command line: ``--set key=value``, applied before the check.

A key goes through tables by name, and through lists of tables (arms, protagonists, events,
vendors) by name or index; without either it means each of them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from sim.scenario import toml
from sim.scenario.close import closest
from sim.scenario.errors import Problem
from sim.scenario.plain import plain, whole
from sim.scenario.schema import Arm, Event, Protagonist
from sim.settings import Section, Vendor

__all__ = ["NOTHING", "Sets", "apply", "value_of"]

Sets: TypeAlias = Mapping[str, Any] | Sequence[str]

MOST_PARTS: Final = 8
_LISTS: Final[dict[str, type[Section]]] = {
    "arms": Arm,
    "arms.events": Event,
    "protagonists": Protagonist,
    "events": Event,
    "platform.vendors": Vendor,
}
_DEFAULTS: Final = {"protagonists": "newcomer", "platform.vendors": "default"}  # if none is given


NOTHING: Final = object()
"""What a key has that is not there."""


class _RefusedError(Exception):
    """A setting that cannot be applied: message, suggestion, fix."""


def apply(settings: dict[str, Any], sets: Sets) -> tuple[dict[str, str], list[Problem]]:
    """Apply the sets to the settings, in place.

    Returns:
        What was given, as key=value, by the dotted key that it set; and what could not be
        applied.
    """
    given: dict[str, str] = {}
    problems = []
    for key, value, text in _pairs(sets):
        try:
            for changed in _put(settings, "", _parts(key, text), value):
                given[changed] = text
        except _RefusedError as refused:
            message, suggestion, fix = refused.args
            file = f"--set {text}"
            problems.append(Problem(file, None, key, message, None, suggestion, fix))
    return given, problems


def value_of(settings: dict[str, Any], key: str) -> Any:
    """What the settings have under a dotted key; NOTHING if they do not have it.

    In a list of tables, where the key names none of them, it is what the first has.
    """
    node: Any = settings
    for part in _flat_key(key):
        if isinstance(node, list):
            names = [item.get("name") for item in node]
            found = names.index(part) if part in names else int(part) if part.isdecimal() else 0
            node = node[found] if found < len(node) else {}
            if part in names or part.isdecimal():
                continue
        if not isinstance(node, dict) or part not in node:
            return NOTHING
        node = node[part]
    return node


def _pairs(sets: Sets) -> list[tuple[str, Any, str]]:
    """Key, value and what was typed."""
    if isinstance(sets, Mapping):
        given = {str(key): plain(value) for key, value in sets.items()}
        return [(key, value, f"{key}={toml.shown(value)}") for key, value in given.items()]
    texts = (sets,) if isinstance(sets, str) else sets
    parted = [(text, text.partition("=")) for text in texts]
    return [(key.strip(), _value(raw) if sign else None, text) for text, (key, sign, raw) in parted]


def _value(raw: str) -> Any:
    """The text as a TOML value, or else as it is."""
    try:
        parsed = tomllib.loads(f"value = {raw.strip()}")
    except (ValueError, RecursionError):
        return raw.strip()
    return parsed["value"] if len(parsed) == 1 else raw.strip()


def _parts(key: str, text: str) -> list[str]:
    """The parts of a dotted key."""
    if not whole(text):
        raise _RefusedError("holds half a character (a lone surrogate)", None, "Remove it.")
    if "=" not in text:
        raise _RefusedError("a key without a value", None, "Write --set key=value.")
    if key.count(".") > MOST_PARTS:
        raise _RefusedError("a key of too many parts", None, "Write section.key.")
    parts = _flat_key(key)
    if not parts:
        raise _RefusedError("is no key", None, "Write --set section.key=value.")
    return parts


def _flat_key(key: str) -> list[str]:
    try:
        node: Any = tomllib.loads(f"{key} = 0") if "\n" not in key else {}
    except ValueError:
        return []
    parts: list[str] = []
    while isinstance(node, dict):
        if len(node) != 1:
            return []
        [(name, node)] = node.items()
        parts.append(name)
    return parts


def _put(table: dict[str, Any], prefix: str, parts: list[str], value: Any) -> list[str]:
    """Set a key of a table and return the dotted keys that were set."""
    name, rest = parts[0], parts[1:]
    key = f"{prefix}{name}"
    if not rest:
        table[name] = value
        return [key]
    if name not in table:
        table[name] = _fresh(key)
    inner = table[name]
    if isinstance(inner, list):
        return _put_in_list(inner, key, rest, value)
    if not isinstance(inner, dict):
        raise _RefusedError(f"{key} is no section", None, "Set a key of a section.")
    return _put(inner, f"{key}.", rest, value)


def _fresh(key: str) -> dict[str, Any] | list[Any]:
    """What stands where the file has nothing: the default protagonist, vendor, or a table."""
    if key in _DEFAULTS:
        return [{"name": _DEFAULTS[key]}]
    return [] if _without_index(key) in _LISTS else {}


def _without_index(key: str) -> str:
    return ".".join(part for part in key.split(".") if not part.isdecimal())


def _put_in_list(items: list[Any], key: str, parts: list[str], value: Any) -> list[str]:
    chosen = _chosen(items, key, parts[0])
    if chosen is None:
        chosen, rest = list(range(len(items))), parts
    else:
        rest = parts[1:]
    changed = []
    for index in chosen:
        changed += _put_in_item(items, key, index, rest, value)
    return changed


def _chosen(items: list[Any], key: str, name: str) -> list[int] | None:
    """The items that a name or an index means; None if it is the key of every item."""
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    if name in names:
        return [names.index(name)]
    if name.isdecimal() and int(name[:9]) < len(items):
        return [int(name)]
    kind = _LISTS.get(_without_index(key))
    fields = kind.model_fields if kind else {}
    if items and name in fields:
        return None
    known = [one for one in names if isinstance(one, str)] + (list(fields) if items else [])
    listed = f"There are {', '.join(known[:12])}." if known else "The scenario has none."
    raise _RefusedError(f'{key} has nothing called "{name}"', closest(name, known), listed)


def _put_in_item(items: list[Any], key: str, index: int, parts: list[str], value: Any) -> list[str]:
    if not parts:
        items[index] = value
        return [f"{key}.{index}"]
    if not isinstance(items[index], dict):
        raise _RefusedError(f"{key}.{index} is no section", None, "Set a key of a section.")
    return _put(items[index], f"{key}.{index}.", parts, value)
