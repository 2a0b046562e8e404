"""What an arm changes.

All arms of a replicate fork from one burnt-in world. So an arm may change what happens from
then on (the platform, how people react, what protagonists do, what is recorded), but not
what the burn-in was made from.

The functions work on plain settings, as a scenario file gives them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

__all__ = ["PROTAGONIST_KEYS", "SECTIONS", "deciding", "flat", "may_change", "put", "resolve"]

SECTIONS: Final = ("platform", "behaviour", "record")
"""Sections that an arm may change."""
PROTAGONIST_KEYS: Final = ("strategy", "params", "craft", "minutes", "money", "offer")
"""What an arm may change about the protagonists."""


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as one table with dotted keys."""
    result: dict[str, Any] = {}
    for name, value in settings.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            result |= flat(value, f"{key}.")
        else:
            result[key] = value
    return result


def may_change(key: str) -> bool:
    """Whether an arm may set this dotted key."""
    section, _, rest = key.partition(".")
    if section == "protagonists":
        return rest.partition(".")[0] in PROTAGONIST_KEYS
    return section in SECTIONS and rest != ""


def deciding(given: Iterable[str], key: str) -> str | None:
    """Which of the given dotted keys decides a key: itself, a table around it or one in it."""
    for one in given:
        if key == one or key.startswith(f"{one}.") or one.startswith(f"{key}."):
            return one
    return None


def put(settings: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key; in a list of tables, set it in each of them."""
    name, _, rest = key.partition(".")
    if not rest:
        settings[name] = value
        return
    inner = settings.get(name)
    if isinstance(inner, list):
        for item in inner:
            if isinstance(item, dict):
                put(item, rest, value)
        return
    if not isinstance(inner, dict):
        inner = settings[name] = {}
    put(inner, rest, value)


def resolve(settings: Mapping[str, Any], arm: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a whole scenario as one arm has them; the arguments stay as they are.

    First the arm's strategy and params are given to every protagonist, then ``set`` is
    applied, then the arm's events are added to the common ones.
    """
    result: dict[str, Any] = _copy(settings)
    for protagonist in result["protagonists"]:
        _give_strategy(protagonist, arm)
    for key, value in arm["set"].items():
        put(result, key, _copy(value))
    result["events"] = [*result["events"], *_copy(arm["events"])]
    result["arms"] = [{"name": arm["name"], "label": arm["label"]}]
    result["scenario"] |= {"reference": None, "tested": None}
    return result


def _give_strategy(protagonist: dict[str, Any], arm: Mapping[str, Any]) -> None:
    """The protagonist's own params stay only with its own strategy."""
    strategy = arm["strategy"] or protagonist["strategy"]
    own = protagonist["params"] if strategy == protagonist["strategy"] else {}
    protagonist["strategy"] = strategy
    protagonist["params"] = {**own, **_copy(arm["params"])}


def _copy(value: Any) -> Any:
    """A copy of nested tables and lists."""
    if isinstance(value, Mapping):
        return {name: _copy(part) for name, part in value.items()}
    return [_copy(part) for part in value] if isinstance(value, list | tuple) else value
