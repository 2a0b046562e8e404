"""The generated parts of ``sim/README.md``, and how they are put there.

How a part is marked, `sim.marks` says.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sim.marks import between
from sim.metrics import MEASURES, Measure
from sim.scenario import expect, toml
from sim.scenario.catalogue import describe, nodes
from sim.scenario.protocol.codes import codes, purposes
from sim.scenario.protocol.markdown import code, table
from sim.scenario.protocol.mechanisms import mechanisms
from sim.scenario.protocol.records import counters, entities, pending
from sim.scenario.protocol.sources import sources
from sim.strategies import find, names
from sim.strategies.base import Strategy
from sim.strategies.catalogue import entry

__all__ = ["GENERATED", "README", "main", "measures", "parameters", "renewed", "shipped"]

README: Final = Path(__file__).parents[2] / "README.md"
_LEFT_OUT: Final = ("scenario", "arms")  # what is asked and compared, not how the world works
_ASKED: Final = ("scenario.days", "scenario.replicates", "scenario.seed")


def parameters() -> str:
    """Return the table of all parameters of the model."""
    header = "parameter | default | unit | range | source | meaning"
    inside = (key for key, node in nodes().items() if "." in key and not expect.fields(node))
    kept = (key for key in inside if key.split(".")[0] not in _LEFT_OUT or key in _ASKED)
    return table(header, (_parameter(key) for key in kept))


def _parameter(key: str) -> tuple[str, ...]:
    told = describe(key)
    allowed = _range(nodes()[key])
    return code(key), code(told.default), told.unit, allowed, told.source, told.text


def _range(node: expect.Node) -> str:
    """Return what a value may be: [0, 1] for a number, the choices of a list."""
    choices = expect.options(node)
    if choices:
        return ", ".join(toml.value(choice) for choice in choices)
    kind = expect.inner(node).get("type")
    if kind not in ("integer", "number"):
        return {"boolean": "true, false", "string": "text", "array": "list"}.get(str(kind), "table")
    return _interval(expect.inner(node))


def _interval(node: expect.Node) -> str:
    low, above = node.get("minimum"), node.get("exclusiveMinimum")
    high, below = node.get("maximum"), node.get("exclusiveMaximum")
    left = f"[{_number(low)}" if above is None else f"({_number(above)}"
    right = f"{_number(high)}]" if below is None else f"{_number(below)})"
    return f"{left}, {right}"


def _number(bound: Any) -> str:
    return "…" if bound is None else f"{bound:,.10g}"


def measures() -> str:
    """Return the table of all measures."""
    header = "measure | label | unit | of | split by | definition | source"
    return table(header, (_measure(name, one) for name, one in MEASURES.items()))


def _measure(name: str, one: Measure) -> tuple[str, ...]:
    of = "platform" if one.of_platform else "account"
    split = "origin" if one.by_origin else "cause" if one.by_cause else ""
    return code(name), one.label, one.unit, of, split, one.definition, one.source


def shipped() -> list[type[Strategy]]:
    """Return the strategies that come with the package."""
    found = (find(name) for name in names())
    return [one for one in found if one.__module__.startswith("sim.strategies.")]


def _strategies() -> str:
    """Return the table of strategies."""
    header = "strategy | what it does | costs | parameters | remembers | source"
    return table(header, (_strategy(one) for one in shipped()))


def _strategy(one: type[Strategy]) -> tuple[str, ...]:
    said = entry(one)
    params = expect.fields(expect.root(one.Params))
    shown = (
        f"{name} = {toml.value(node['default'])}" if "default" in node else name
        for name, node in params.items()
    )
    own = (column for column in one().columns if "." not in column)  # not those of its parts
    cells = (
        code(one.name),
        f"{said.summary} {said.more}".strip(),
        said.costs,
        ", ".join(code(parameter) for parameter in shown),
        ", ".join(code(column) for column in own),
        said.source,
    )
    return tuple(cell.replace("``", "`") for cell in cells)


GENERATED: Final[dict[str, Callable[[], str]]] = {
    "entities": entities,
    "pending": pending,
    "counters": counters,
    "strategies": _strategies,
    "mechanisms": mechanisms,
    "parameters": parameters,
    "measures": measures,
    "codes": codes,
    "purposes": purposes,
    "sources": sources,
}
"""By name: what makes a part."""


def renewed(name: str, text: str) -> str:
    """Return a text with a generated part as it should be."""
    return between(text, name, GENERATED[name]())


def main() -> None:
    """Write all generated parts anew."""
    text = README.read_text(encoding="utf-8")
    for name in GENERATED:
        text = renewed(name, text)
    README.write_text(text, encoding="utf-8")
    print(f"wrote {', '.join(GENERATED)} in {README.parent.name}/{README.name}")
