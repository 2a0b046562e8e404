"""What a setting must be, read off the JSON Schema of its model.

A node is a part of a JSON Schema. The same nodes serve messages, `followlab describe`, the
tables of parameters and the schema for editors, so that they cannot contradict one another.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from math import isfinite
from typing import Any, Final, TypeAlias

from pydantic import BaseModel

from sim.scenario import toml

__all__ = [
    "Node",
    "as_name",
    "child",
    "expected",
    "fields",
    "inner",
    "limits",
    "meant",
    "options",
    "root",
]

Node: TypeAlias = Mapping[str, Any]

_TRUTHS: Final = dict.fromkeys(("true", "yes", "on", "1"), "true") | dict.fromkeys(
    ("false", "no", "off", "0"), "false"
)


@cache
def root(model: type[BaseModel]) -> Node:
    """The JSON Schema of a model, with its definitions put in place and without titles."""
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})
    result = _in_place(schema, definitions)
    assert isinstance(result, dict)
    return result


def _in_place(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_in_place(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    node = {**node.get("allOf", [{}])[0], **node}  # as pydantic before 2.9 wrote a reference
    parts = {
        name: _in_place(part, definitions)
        for name, part in node.items()
        if name not in ("$ref", "allOf") and not (name == "title" and isinstance(part, str))
    }
    if "$ref" not in node:
        return parts
    target = definitions[node["$ref"].rpartition("/")[2]]
    return {**_in_place(target, definitions), **parts}


def inner(node: Node) -> Node:
    """The node without the choice of leaving it out."""
    choices = [one for one in node.get("anyOf", ()) if one.get("type") != "null"]
    return choices[0] if len(choices) == 1 else node


def fields(node: Node) -> Mapping[str, Node]:
    """The settings of a table or of each table of a list; empty if it is neither."""
    found = inner(inner(node).get("items", node)).get("properties", {})
    assert isinstance(found, Mapping)
    return found


def child(node: Node | None, path: Sequence[str | int]) -> Node | None:
    """The node below, or None if there is no such setting."""
    for part in path:
        if node is None:
            return None
        node = _step(inner(node), part)
    return node


def _step(node: Node, part: str | int) -> Node | None:
    if isinstance(part, int):
        found = node.get("items")
    else:
        found = node.get("properties", {}).get(part, node.get("additionalProperties"))
    return found if isinstance(found, Mapping) else None


def options(node: Node | None) -> list[Any]:
    """The values from which one must be chosen; empty if there is no such list."""
    if node is None:
        return []
    node = inner(node)
    return [node["const"]] if "const" in node else list(node.get("enum", ()))


def expected(node: Node) -> str:
    """What a value must be: "a whole number from 1 to 48 (hours)"."""
    choices = [toml.value(choice) for choice in options(node)]
    if choices:
        return choices[0] if len(choices) == 1 else f"one of {', '.join(choices)}"
    unit = node.get("unit", "-")
    return _kind(inner(node)) + ("" if unit == "-" else f" ({unit})")


def _kind(node: Node) -> str:
    match node.get("type"):
        case "integer":
            return f"a whole number{_between(node)}"
        case "number":
            return f"a number{_between(node)}"
        case "boolean":
            return "true or false"
        case "string":
            return _text(node)
        case "array":
            return f"a list{_length(node)}"
        case "object":
            return "a table"
    return "something else"


def _text(node: Node) -> str:
    if "pattern" in node:
        return "up to 40 letters, digits, _, - and dots, beginning with a letter or digit"
    if "maxLength" in node:
        least = node.get("minLength", 0)
        return f"a text of {least} to {node['maxLength']} characters"
    return "a text in quotes"


def _length(node: Node) -> str:
    least, most = node.get("minItems"), node.get("maxItems")
    if least is None and most is None:
        return ""
    return f" of at least {least}" if most is None else f" of {least or 0} to {most}"


def _between(node: Node) -> str:
    text = limits(node)
    return f" {text}" if text else ""


def limits(node: Node) -> str:
    """The range of a number: "from 0 to 1", "above 0 and at most 1", or nothing."""
    node = inner(node)
    low, high = node.get("minimum"), node.get("maximum")
    if low is not None and high is not None:
        return f"from {low:,} to {high:,}"
    signs = (
        ("minimum", "of at least"),
        ("exclusiveMinimum", "above"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "below"),
    )
    return " and ".join(f"{words} {node[sign]:,}" for sign, words in signs if sign in node)


def meant(value: Any, node: Node) -> str | None:
    """What was probably meant by a value of the wrong type or size, as TOML."""
    node = inner(node)
    match node.get("type"):
        case "integer" | "number":
            return _number_meant(value, node)
        case "boolean":
            return _TRUTHS.get(str(value).lower())
        case "string" if isinstance(value, bool | int | float):
            return toml.value(toml.value(value))
        case "string" if "pattern" in node and isinstance(value, str):
            return toml.value(as_name(value)) if as_name(value) else None
        case "array" if not isinstance(value, dict | list):
            return toml.shown([value])
    return None


def as_name(text: str) -> str:
    """The text with what a name may have, such as "my_scenario"; empty if nothing is left."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("_.-")[:40]


def _number_meant(value: Any, node: Node) -> str | None:
    """Numbers in quotes, 3.0 for 3, and 25 for a share of .25."""
    try:
        number = float(str(value).replace("_", "").replace(",", "").rstrip("% "))
    except ValueError:
        return None
    if node["type"] == "integer" and not number.is_integer():
        return None
    share = node.get("minimum") == 0 and node.get("maximum") == 1
    if share and 5 <= number <= 100:
        number /= 100
    return _plain(number) if isfinite(number) and _fits(number, node) else None


def _fits(number: float, node: Node) -> bool:
    return bool(
        node.get("minimum", number) <= number <= node.get("maximum", number)
        and number > node.get("exclusiveMinimum", number - 1)
        and number < node.get("exclusiveMaximum", number + 1)
    )


def _plain(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else str(number)
