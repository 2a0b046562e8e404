"""Every key that a scenario can have, with its meaning, unit, default, range and source."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from sim.scenario import expect, toml
from sim.scenario.close import closest_few
from sim.scenario.errors import UnknownKey
from sim.scenario.events import MEANS
from sim.scenario.expect import Node
from sim.scenario.registry import Registry, installed
from sim.scenario.schema import Scenario

__all__ = ["Description", "describe", "elsewhere", "example_value", "header", "keys", "nodes"]

# Values for examples, where the default is nothing or says little.
EXAMPLES: Final[dict[str, Any]] = {
    "scenario.name": "my_scenario",
    "scenario.title": "What becomes of those who ask",
    "scenario.question": "Does asking for followers bring followers who care?",
    "scenario.reference": "organic",
    "world.file": "follows.csv",
    "scenario.claim": "Those who are bought do not engage (the second essay).",
    "scenario.hypothesis": "Who buys 5,000 has as many engaged followers as who does not.",
    "scenario.primary": "engaged",
    "scenario.secondary": ["followers", "sales"],
    "scenario.tested": "bought",
    "scenario.expected": "same",
    "scenario.refuted_by": "A ratio whose interval lies wholly above 1.25 or below 0.8.",
    "protagonists.params": {"effort": 30.0},
    "protagonists.focus": 0,
    "events.day": 200,
    "events.label": "the platform sweeps",
    "events.recall": 0.7,
    "events.false_positives": 0.0005,
    "events.protagonist": "newcomer",
    "events.reach": 0.2,
    "events.hours": 48,
    "events.strategy": "organic",
    "events.params": {"effort": 15.0},
    "events.craft": 0.8,
    "events.minutes": 60.0,
    "events.money": 5.0,
    "events.set": {"platform.ranking": "chronological"},
    "arms.name": "bought",
    "arms.label": "5,000 bought",
    "arms.strategy": "buyer",
    "arms.params": {"amount": 5000},
    "arms.set": {"platform.counts_visible": False},
    "arms.events": [{"day": 100}],
    "record.measures": ["followers", "engaged"],
    "record.when": "day >= 300",
    "stop.when": "followers >= 1000",
    "sweep.file": "points.csv",
    "sweep.parameters.key": "behaviour.like_odds",
    "sweep.parameters.values": [0.2, 0.4, 0.8],
    "sweep.parameters.low": 0.1,
    "sweep.parameters.high": 1.0,
    "sweep.parameters.count": 10,
    "sweep.parameters.step": 0.1,
}
# Lines that an example needs before the key.
_DAY: Final = "day = 200\n"
_VIRAL: Final = f'{_DAY}kind = "viral"\n'
_VARIED: Final = 'key = "behaviour.like_odds"\n'
_DIVIDED: Final = f"{_VARIED}low = 0.1\nhigh = 1.0\n"
_NEW_STRATEGY: Final = f'{_DAY}kind = "strategy"\n'
NEEDED: Final = {
    **dict.fromkeys((f"events.{key}" for key in ("kind", "label", "recall")), _DAY),
    "events.false_positives": _DAY,
    "events.protagonist": _VIRAL,
    "events.reach": _VIRAL,
    "events.hours": _VIRAL,
    "events.strategy": _NEW_STRATEGY,
    "events.params": f'{_NEW_STRATEGY}strategy = "organic"\n',
    **dict.fromkeys((f"events.{key}" for key in MEANS), f'{_DAY}kind = "means"\n'),
    "events.set": f'{_DAY}kind = "set"\n',
    "sweep.file": 'design = "file"\n',
    "sweep.parameters.values": _VARIED,
    "sweep.parameters.low": f"{_VARIED}high = 1.0\ncount = 10\n",
    "sweep.parameters.high": f"{_VARIED}low = 0.1\ncount = 10\n",
    "sweep.parameters.count": _DIVIDED,
    "sweep.parameters.step": _DIVIDED,
    "sweep.parameters.scale": f"{_DIVIDED}count = 10\n",
    "sweep.parameters.integer": f"{_DIVIDED}count = 10\n",
}


@dataclass(frozen=True, slots=True)
class Description:
    """What there is to know about a key of a scenario."""

    key: str
    """Dotted key."""
    text: str
    """What it means."""
    unit: str
    """Unit, or ``-``."""
    default: str
    """Default as TOML; empty if it has none."""
    range: str
    """What it may be: "a number from 0 to 1"."""
    source: str
    """Where the default comes from."""
    example: str
    """A piece of a scenario file."""
    keys: tuple[str, ...] = ()
    """Keys of a section; empty for a setting."""


@cache
def nodes() -> dict[str, Node]:
    """The JSON Schema of every section and setting, by dotted key, in the order of the schema."""
    return dict(_walk(expect.root(Scenario), ""))


def _walk(node: Node, prefix: str) -> Iterator[tuple[str, Node]]:
    for name, part in expect.fields(node).items():
        yield f"{prefix}{name}", part
        if prefix + name != "arms.events":
            yield from _walk(part, f"{prefix}{name}.")


def keys() -> tuple[str, ...]:
    """Dotted keys of all sections and settings."""
    return tuple(nodes())


def elsewhere(name: str) -> str | None:
    """The only key of any section that ends in this name, or in one much like it."""
    ends = {key: key.rpartition(".")[2] for key in keys() if "." in key}
    close = closest_few(name, ends.values(), 1)
    found = [key for key, end in ends.items() if close and end == close[0]]
    return found[0] if len(found) == 1 else None


def describe(key: str, *, registry: Registry | None = None) -> Description:
    """What there is to know about a key: a setting, a section, a strategy or its parameter.

    List indices are left out: ``platform.vendors.price_per_1000``. Strategies are
    ``strategies.beg``, their parameters ``strategies.beg.milestones``.

    Raises:
        UnknownKey: if there is no such key, with what was probably meant.
    """
    parts = [part for part in key.strip().replace("[", ".").replace("]", "").split(".") if part]
    name = ".".join(part for part in parts if not part.isdecimal())
    if name == "strategies" or name.startswith("strategies."):
        return _describe_strategy(name, registry or installed())
    if name not in nodes():
        raise UnknownKey(key, _alike(name, keys()))
    return _description(name, nodes()[name])


def _alike(name: str, known: tuple[str, ...]) -> list[str]:
    """Keys that end in the name, then keys that are much like it."""
    ending = [key for key in known if key.endswith(f".{name}")]
    close = [key for key in closest_few(name, known) if key not in ending]
    other = elsewhere(name)
    return (ending + close)[:3] or ([other] if other else [])


def _description(key: str, node: Node) -> Description:
    inside = tuple(f"{key}.{name}" for name in expect.fields(node))
    return Description(
        key,
        str(node.get("description", "")),
        str(node.get("unit", "-")),
        "" if inside or node.get("default") is None else toml.value(node["default"]),
        _range(node),
        str(node.get("source", "design")),
        _example(key, node),
        inside,
    )


def _range(node: Node) -> str:
    if expect.fields(node):
        many = expect.inner(node).get("type") == "array"
        return "a list of tables" if many else "a table"
    return expect.expected({**node, "unit": "-"})


def _example(key: str, node: Node) -> str:
    """The key in its section, with a value that it can have."""
    if expect.fields(node):
        return header(key)
    section, _, name = key.rpartition(".")
    line = f"{NEEDED.get(key, '')}{name} = {toml.value(example_value(key, node))}"
    return f"{header(section)}\n{line}" if section else line


def header(key: str) -> str:
    """The line that begins a section: [world] or [[arms]]."""
    many = expect.inner(nodes().get(key, {})).get("type") == "array"
    return f"[[{key}]]" if many else f"[{key}]"


def example_value(key: str, node: Node) -> Any:
    """A value that the key can have: its default unless that says little."""
    return EXAMPLES.get(key, node.get("default"))


def _describe_strategy(key: str, registry: Registry) -> Description:
    _, _, rest = key.partition(".")
    name, _, parameter = rest.partition(".")
    known = tuple(f"strategies.{one}" for one in registry.names())
    if not name:
        text = "What accounts can do; a protagonist, an arm and the population name them."
        return Description(key, text, "-", "", "a strategy", "-", _strategy_use("organic"), known)
    if f"strategies.{name}" not in known:
        raise UnknownKey(key, closest_few(f"strategies.{name}", known))
    strategy = registry.find(name)
    if parameter:
        return _describe_parameter(key, name, strategy.Params)
    text = " ".join((strategy.__doc__ or "").split())
    inside = tuple(f"{key}.{one}" for one in expect.fields(expect.root(strategy.Params)))
    return Description(key, text, "-", "", "a strategy", "-", _strategy_use(name), inside)


def _strategy_use(name: str) -> str:
    return f'[[protagonists]]\nstrategy = "{name}"'


def _describe_parameter(key: str, name: str, params: type[BaseModel]) -> Description:
    found = dict(expect.fields(expect.root(params)))
    parameter = key.rpartition(".")[2]
    if parameter not in found:
        close = closest_few(parameter, found) or list(found)[:3]
        raise UnknownKey(key, [f"strategies.{name}.{one}" for one in close])
    node = found[parameter]
    value = toml.value(node.get("default"))
    return Description(
        key,
        str(node.get("description", "")),
        str(node.get("unit", "-")),
        "" if node.get("default") is None else value,
        _range(node),
        str(node.get("source", "design")),
        f"{_strategy_use(name)}\nparams = {{ {toml.key(parameter)} = {value} }}",
    )
