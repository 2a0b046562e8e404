"""Scenarios written as files: what was changed in memory can be kept and run again."""

from typing import Any, Final

from sim.scenario import toml
from sim.scenario.schema import Scenario

__all__ = ["written"]

_LISTS: Final = {"arms": ("events",), "protagonists": (), "events": ()}  # and the lists in them


def written(scenario: Scenario) -> str:
    """The scenario as TOML with all that differs from the defaults; it loads as the same."""
    settings = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    settings.pop("schema", None)
    parts = ["schema = 1\n"]
    for name, value in settings.items():
        if name in _LISTS:
            parts += [_item(name, one, _LISTS[name]) for one in value]
        else:
            parts.append(f"[{name}]\n{_lines(value)}")
    return "\n".join(parts)


def _item(name: str, item: dict[str, Any], inner: tuple[str, ...]) -> str:
    """One entry of a list of tables, and the lists of tables in it."""
    own = {key: value for key, value in item.items() if key not in inner}
    parts = [f"[[{name}]]\n{_lines(own)}"]
    parts += [_item(f"{name}.{key}", one, ()) for key in inner for one in item.get(key, ())]
    return "\n".join(parts)


def _lines(settings: dict[str, Any]) -> str:
    given = {key: value for key, value in settings.items() if value is not None}
    return "".join(f"{toml.key(key)} = {toml.value(value)}\n" for key, value in given.items())
