"""Texts made from the schema and the shipped scenarios: schema, tables, examples."""

from collections.abc import Iterable
from typing import Any, Final

from sim.scenario import expect, toml
from sim.scenario.catalogue import describe, example_value, header, nodes
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.events import MEANS
from sim.scenario.loader import load
from sim.scenario.schema import Protagonist, Scenario
from sim.scenario.source import shipped, shipped_folder

__all__ = ["claim_table", "example", "json_schema", "parameter_tables", "template"]

# These stand as comments: they do not go together with the rest.
NOT_IN_EXAMPLE: Final = {
    "world.file",
    "arms.events",
    *(f"events.{key}" for key in ("protagonist", "reach", "hours", "strategy", "params", "set")),
    *(f"events.{key}" for key in MEANS),
    "sweep.file",
    *(f"sweep.parameters.{key}" for key in ("low", "high", "count", "step")),
}
FIRST_ARM: Final = '[[arms]]\nname = "organic"\n\n'


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of scenario files, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "followlab scenario",
        **expect.root(Scenario),
    }


def parameter_tables() -> str:
    """Every setting with its default, unit, range, source and meaning, as Markdown."""
    parts = [_table("")]
    for section in _sections():
        text = nodes()[section].get("description", "")
        parts.append(f"### {header(section)}\n\n{text}\n\n{_table(section)}")
    return "\n\n".join(parts)


def _sections() -> list[str]:
    """Dotted keys of all sections."""
    return [key for key, node in nodes().items() if expect.fields(node) and key != "arms.events"]


def _settings(section: str) -> list[str]:
    """Dotted keys of the settings that stand directly in a section; "" is the top."""
    inside = [key for key in nodes() if key.rpartition(".")[0] == section]
    return [key for key in inside if key not in _sections()]


def _table(section: str) -> str:
    rows = ["| key | default | unit | range | source | meaning |", "|---|---|---|---|---|---|"]
    return "\n".join([*rows, *(_row(key) for key in _settings(section))])


def _row(key: str) -> str:
    found = describe(key)
    default = f"`{found.default}`" if found.default else ""
    return _line_of((f"`{key}`", default, found.unit, found.range, found.source, found.text))


def _line_of(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def claim_table() -> str:
    """The shipped scenarios that test a claim, and what would refute it, as Markdown."""
    head = ("claim", "scenario", "primary measure", "expected", "what would refute it")
    scenarios = [load(path) for path in shipped().values()]
    rows = [_claim_row(one) for one in scenarios if one.scenario.claim]
    return "\n".join([_line_of(head), "|---|---|---|---|---|", *map(_line_of, rows)])


def _claim_row(scenario: Scenario) -> tuple[str, ...]:
    header = scenario.scenario
    assert scenario.path is not None
    path = scenario.path.relative_to(shipped_folder()).as_posix()
    arms = f"`{scenario.tested}`", f"`{scenario.reference}`"
    compared = "in {} as in {}" if header.expected == "same" else "in {} than in {}"
    return (
        header.claim,
        f"[`{path}`]({path})",
        f"`{header.primary}`",
        f"{header.expected} {compared.format(*arms)}",
        header.refuted_by,
    )


def example() -> str:
    """A scenario file with every key, each with its meaning; it can be loaded as it is."""
    parts = ["\n".join(_line(key) for key in _settings(""))]
    for section in _sections():
        before = FIRST_ARM if section == "arms" else ""
        lines = [f"{before}{header(section)}", *(_line(key) for key in _settings(section))]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _line(key: str) -> str:
    """The setting with an example of a value and its meaning."""
    node, name = nodes()[key], key.rpartition(".")[2]
    choices = [toml.value(choice) for choice in expect.options(node)[1:]]
    other = f" (or {', '.join(choices)})" if choices else ""
    hidden = "# " if key in NOT_IN_EXAMPLE else ""
    value = toml.value(example_value(key, node))
    return f"{hidden}{name} = {value}  # {node.get('description', '')}{other}"


def template(name: str) -> str:
    """A commented scenario of this name to start from.

    Raises:
        ScenarioError: if the name cannot be that of a file.
    """
    node = expect.fields(expect.root(Protagonist))["name"]
    if not _is_name(name):
        message = f"must be {expect.expected(node)}"
        fix = "The scenario's name is that of its file and of its results."
        raise ScenarioError([Problem(name or '""', None, "scenario.name", message, fix=fix)])
    return _TEMPLATE.replace("NAME", name)


def _is_name(name: str) -> bool:
    signs = name.replace("_", "a").replace("-", "a").replace(".", "a")
    return name.isascii() and signs.isalnum() and name[0].isalnum() and len(name) <= 40


_TEMPLATE: Final = """\
# NAME: say here what the scenario asks, and what to watch.
#
#     followlab check NAME.toml
#     followlab run NAME.toml
#     followlab describe world.accounts    (any key; every key has a default)

schema = 1

[scenario]
name = "NAME"
title = "Asking for followers"
question = "Does a newcomer who asks for followers end up with more who care?"
days = 90           # length of the experiment
replicates = 3      # worlds in which every arm is run
seed = 1
reference = "organic"

[world]
accounts = 2000
burn_in_days = 30   # the world lives this long before the newcomer joins

# The account whose growth is followed. It is the same in every arm.
[[protagonists]]
name = "newcomer"
followers = 30      # that it has when it joins
craft = 0.7         # how good its posts are at full effort, 0 to 1
minutes = 45        # a day
money = 10          # dollars in all

# Arms are variants of the same world; they differ only in what they override.
[[arms]]
name = "organic"
label = "being interesting"
strategy = "organic"

[[arms]]
name = "begging"
label = "begging at milestones"
strategy = "beg"

[[arms]]
name = "hidden_counts"
label = "interesting, counts hidden"
strategy = "organic"
set."platform.counts_visible" = false

# Something that happens on a certain day in every arm.
[[events]]
day = 60
kind = "sweep"
"""
