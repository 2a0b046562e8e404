"""The catalogue of strategies in this folder's README: ``python -m sim.strategies.catalogue``.

It is made from what the strategies say of themselves: their docstrings and parameters.
"""

import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from sim.marks import between
from sim.strategies import find, names
from sim.strategies.base import Section, Strategy

__all__ = ["Entry", "allowed", "catalogue", "entry", "main", "parameters", "renewed"]

README: Final = Path(__file__).parent / "README.md"
_HOME: Final = f"{__package__}."
_HEADER: Final = (
    "| parameter | default | unit | range | source | meaning |\n|---|---|---|---|---|---|"
)


class Entry(NamedTuple):
    """What a strategy's docstring says: what it does, what that costs, where it comes from."""

    summary: str
    costs: str
    source: str
    more: str


def entry(strategy: type[Strategy]) -> Entry:
    """Return what a docstring says; empty texts for what it does not say.

    "Costs: ..." reaches to "Source: ..." or to the end of its paragraph; "Source: ..." to the
    end of its paragraph; what remains is told under the summary.
    """
    summary, *others = (" ".join(p.split()) for p in _paragraphs(strategy))
    rest = " ".join(others)
    source = _cut(rest, r"Source: (.*)$")
    rest = rest.removesuffix(f"Source: {source}").strip()
    costs = _cut(rest, r"Costs: (.*)$")
    return Entry(summary, costs, source, rest.removesuffix(f"Costs: {costs}").strip())


def _paragraphs(strategy: type[Strategy]) -> list[str]:
    return (inspect.cleandoc(strategy.__doc__ or "")).split("\n\n")


def _cut(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    return found.group(1) if found else ""


def catalogue() -> str:
    """Return the catalogue of the shipped strategies as Markdown."""
    shipped = (find(name) for name in names())
    return "\n\n".join(_section(one) for one in shipped if one.__module__.startswith(_HOME))


def _section(strategy: type[Strategy]) -> str:
    said = entry(strategy)
    notes = [f"*Costs:* {said.costs}", f"*Source:* {said.source}"]
    text = [said.summary, said.more, *notes, _table(strategy.Params)]
    return "\n\n".join([f"### `{strategy.name}`", *(part for part in text if part)])


def _table(params: type[Section]) -> str:
    rows = [_row(name, node) for name, node in parameters(params).items()]
    return "\n".join([_HEADER, *rows]) if rows else "No parameters."


def parameters(params: type[Section]) -> dict[str, Any]:
    """Return the JSON Schema of each parameter, with definitions put in their place."""
    schema = params.model_json_schema()
    fields = _in_place(schema.get("properties", {}), schema.get("$defs", {}))
    assert isinstance(fields, dict)
    return fields


def _in_place(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a part of a JSON Schema without references."""
    if isinstance(node, list):
        return [_in_place(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    parts = {name: _in_place(part, definitions) for name, part in node.items() if name != "$ref"}
    if "$ref" not in node:
        return parts
    target = definitions[node["$ref"].rpartition("/")[2]]
    return {**_in_place(target, definitions), **parts}


def _row(name: str, node: Mapping[str, Any]) -> str:
    default = f"`{json.dumps(node['default'])}`"
    text = " ".join(node["description"].split())
    cells = (f"`{name}`", default, node["unit"], allowed(node), node["source"], text)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def allowed(node: Mapping[str, Any]) -> str:
    """Return in words what a JSON Schema admits."""
    if "enum" in node:
        return " or ".join(json.dumps(value) for value in node["enum"])
    kind = node["type"]
    if kind == "array":
        return f"a list, each {allowed(node['items'])}"
    if kind == "object":
        return _table_of(node)
    if kind == "string":
        return (
            f"a text of up to {node['maxLength']} characters" if "maxLength" in node else "a text"
        )
    if kind == "boolean":
        return "true or false"
    return _interval(node)


def _table_of(node: Mapping[str, Any]) -> str:
    """Return in words what a table may hold."""
    if "properties" in node:
        return f"a table of {', '.join(node['properties'])}"
    inner = node.get("additionalProperties")
    return f"a table, each {allowed(inner)}" if isinstance(inner, dict) else "a table"


def _interval(node: Mapping[str, Any]) -> str:
    number = "a whole number" if node["type"] == "integer" else "a number"
    bounds = {
        "from": node.get("minimum"),
        "above": node.get("exclusiveMinimum"),
        "to": node.get("maximum"),
        "below": node.get("exclusiveMaximum"),
    }
    limits = (f"{word} {bound:,.10g}" for word, bound in bounds.items() if bound is not None)
    return " ".join([number, *limits])


def renewed() -> str:
    """Return the README with the catalogue as it should be."""
    return between(README.read_text(encoding="utf-8"), "catalogue", catalogue())


def main() -> None:
    """Write the catalogue anew."""
    README.write_text(renewed(), encoding="utf-8")
    print(f"wrote the catalogue in {README.parent.name}/{README.name}")


if __name__ == "__main__":
    main()
