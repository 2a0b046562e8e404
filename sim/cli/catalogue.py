"""The commands that look things up, check files and write a file to start from."""

import inspect
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sim import strategies
from sim.scenario import Description, Scenario, ScenarioError, describe, load, template

__all__ = ["check_all", "show_setting", "show_strategies", "write_new"]


def check_all(sources: Sequence[str], out: Path, tried: bool = False) -> int:
    """Check scenarios; say what is right on standard output, what is wrong on the other.

    If ``tried``, a trial tells the speed where no earlier runs in ``out`` do.
    """
    wrong = 0
    for source in sources:
        try:
            scenario = load(source)
            size = _size(scenario, out, tried)
        except ScenarioError as error:
            print(error, file=sys.stderr)
            wrong += 1
        else:
            header = scenario.scenario
            counts = f"{len(scenario.arms)} arms, {header.replicates} replicates"
            print(f"{source}: right ({counts}, {header.days} days)")
            for line in size:
                print(f"  {line}")
    return 2 if wrong else 0


def _size(scenario: Scenario, out: Path, tried: bool) -> list[str]:
    """Return what running a scenario takes, with its sweep if it has one."""
    from sim.cli import sizes
    from sim.experiments.estimate import estimate, past, trial
    from sim.experiments.execute import designed
    from sim.experiments.plan import plan
    from sim.experiments.workers import cores

    made = plan(scenario, points=designed(scenario).points) if scenario.sweep else plan(scenario)
    workers = min(cores(), len(made.tasks))
    speed = past(scenario, out) or (trial(scenario) if tried else None)
    unknown = "not known before a run (--time tries for some seconds)"
    return sizes.lines(estimate(made, made.tasks, workers, speed), speed, unknown)


def show_strategies(name: str | None) -> int:
    """List all strategies, or tell about one."""
    console = Console(highlight=False)
    if name is None:
        table = Table.grid(padding=(0, 2))
        for one in strategies.names():
            table.add_row(one, _summary(strategies.find(one)))
        console.print(table)
        console.print("\nMore about one: followlab strategies NAME", markup=False)
        return 0
    strategy = strategies.find(name)
    console.print(f"{name}\n", style="bold", markup=False)
    console.print(_flowing(inspect.getdoc(strategy) or ""), markup=False)
    parameters = describe(f"strategies.{name}").keys
    console.print("\nParameters:" if parameters else "\nIt has no parameters.", markup=False)
    _print_keys(parameters, console)
    return 0


def show_setting(key: str) -> int:
    """Tell all about a key of a scenario file."""
    console = Console(highlight=False)
    found = describe(key)
    console.print(found.key, style="bold", markup=False)
    console.print(found.text, markup=False)
    facts = Table.grid(padding=(0, 2))
    for label, value in _facts(found):
        facts.add_row(label, value)
    console.print(facts)
    console.print(f"\n{found.example}", markup=False)
    if found.keys:
        console.print()
        _print_keys(found.keys, console)
    return 0


def write_new(name: str) -> int:
    """Write a scenario to start from; an existing file is left alone."""
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    text = template(path.stem)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        print(f"{path}: is there already; choose another name.", file=sys.stderr)
        return 2
    print(f"{path} is written. Run it with: followlab run {path}")
    return 0


def _facts(found: Description) -> list[tuple[str, str]]:
    facts = [
        ("unit", "" if found.unit == "-" else found.unit),
        ("default", found.default),
        ("range", found.range),
        ("source", "" if found.source == "-" else found.source),
    ]
    return [(label, value) for label, value in facts if value]


def _print_keys(keys: Sequence[str], console: Console) -> None:
    """List keys with their defaults and meanings."""
    table = Table.grid(padding=(0, 2))
    for key in keys:
        found = describe(key)
        short = key.rpartition(".")[2]
        table.add_row(short, found.default, found.text)
    console.print(table)


def _flowing(text: str) -> str:
    """The text with each paragraph in one line, to be wrapped by the console."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _summary(strategy: type[strategies.Strategy]) -> str:
    """The first sentence or line of the docstring."""
    return (inspect.getdoc(strategy) or "").split("\n")[0]
