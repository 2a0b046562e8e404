"""Values written as TOML, for messages, tables and generated files."""

import json
from collections.abc import Mapping
from typing import Any

from sim.scenario.errors import printable

__all__ = ["key", "shown", "value"]

SHOWN = 48  # characters of a value in a message


def value(item: Any) -> str:
    """The item as a TOML value on one line; whatever TOML lacks is written as Python does."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str):
        return json.dumps(item, ensure_ascii=False)
    if isinstance(item, Mapping):
        inner = ", ".join(f"{key(str(name))} = {value(part)}" for name, part in item.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(item, list | tuple):
        return f"[{', '.join(value(part) for part in item)}]"
    return "nothing" if item is None else str(item)


def key(name: str) -> str:
    """The name as a TOML key, quoted where it must be."""
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else json.dumps(name, ensure_ascii=False)


def shown(item: Any) -> str:
    """The item as TOML for a message: shortened and safe to print."""
    if isinstance(item, int) and not isinstance(item, bool) and abs(item) >= 2**63:
        return "a number of more than 64 bits"
    if isinstance(item, Mapping) and item:
        return "a table"
    text = printable(value(item[:16] if isinstance(item, list | tuple) else item))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
