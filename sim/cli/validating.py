"""The command that lays the model beside what is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Self

from rich import box
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sim.cli.display import EVERY
from sim.plots.text import number
from sim.validation import (
    QUICK,
    QUICK_ACCOUNTS,
    Plan,
    Validation,
    histories,
    movement,
    page,
    shapes,
    validate,
    words,
)
from sim.validation.histories import History
from sim.validation.shapes import Shape

__all__ = ["Choices", "run"]


@dataclass(frozen=True)
class Choices:
    """What was asked for on the command line."""

    scenario: str | None
    quick: bool
    accounts: int | None
    seeds: int | None
    days: int | None
    law_accounts: int | None
    settings: list[str]
    graphs: list[Path]
    histories: list[Path]
    out: Path
    fresh: bool
    workers: int | None
    figures: bool
    quiet: bool


def run(choices: Choices, command: str) -> int:
    """Validate, show the table, write the report; 1 if something is out of band."""
    console = Console(highlight=False)
    real = [shapes.of_file(path) for path in choices.graphs]
    archived = [one for path in choices.histories for one in histories.read(path).values()]
    try:
        found = _measured(choices)
    except KeyboardInterrupt:
        told = "Stopped; finished seeds are kept. The same command goes on."
        Console(stderr=True, quiet=choices.quiet).print(told)
        return 130
    if not choices.quiet:
        _show(found, console)
        _show_graphs([found.shape, *real] if real else [], console)
        _show_histories(found, archived, console)
    if _is_of_record(choices):
        words.write(found, command, choices.out / "README.md", real, archived)
    if choices.figures:
        report = page.write(found, command, real, archived)
        console.print(f"Report: {report}", markup=False, soft_wrap=True)
    return 1 if found.failed else 0


def _is_of_record(choices: Choices) -> bool:
    """Whether the defaults themselves were looked at, and thoroughly."""
    return choices.scenario is None and not choices.settings and not choices.quick


def _plan(choices: Choices) -> Plan:
    base = QUICK if choices.quick else Plan()
    return Plan(
        choices.seeds or base.seeds,
        choices.days or base.days,
        choices.law_accounts or base.law_accounts,
    )


def _measured(choices: Choices) -> Validation:
    plan = _plan(choices)
    accounts = choices.accounts or (QUICK_ACCOUNTS if choices.quick else None)
    news = Console(stderr=True, highlight=False)
    with _Bar(news) if news.is_terminal and not choices.quiet else _Lines(news) as said:
        return validate(
            choices.scenario,
            plan=plan,
            accounts=accounts,
            settings=choices.settings,
            out=choices.out,
            fresh=choices.fresh,
            workers=choices.workers,
            listener=None if choices.quiet else said,
        )


class _Lines:
    """A line for each seed, and now and then one on those under way."""

    def __init__(self, console: Console) -> None:
        self._console, self._last = console, monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is to be put away."""

    def days(self, done: Sequence[int], each: int) -> None:
        """Tell how far the seeds under way are."""
        if monotonic() - self._last >= EVERY:
            self._last = monotonic()
            self._console.print(f"  {_lived(done, each)}")

    def kept(self, seed: int, seconds: float) -> None:
        """Say that a seed is done."""
        how = f"{seconds:.0f} s" if seconds else "was there already"
        self._console.print(f"seed {seed}: {how}")


class _Bar(_Lines):
    """A line that changes at the bottom of a terminal, below one for each seed."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        columns = TimeElapsedColumn(), TextColumn("{task.description}")
        self._bar = Progress(*columns, console=console, transient=True)

    def __enter__(self) -> Self:
        self._bar.start()
        self._task = self._bar.add_task("the worlds begin", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def days(self, done: Sequence[int], each: int) -> None:
        """Tell how far the seeds under way are."""
        self._bar.update(self._task, description=_lived(done, each))


def _lived(done: Sequence[int], each: int) -> str:
    """Return how many days each seed under way has lived."""
    return f"{' and '.join(map(str, done))} of {each} days lived in the worlds under way"


def _show(found: Validation, console: Console) -> None:
    """Print the checks, two lines each, and the laws."""
    for key, title, median, _, band, verdict, *about in page.table(found):
        console.print(f"{key:4}{title}: [bold]{median}[/bold]; band {band}; {verdict}")
        console.print(f"    {'; '.join(about)}", style="dim", markup=False)
    for key, title, _, off, verdict in page.laws(found):
        console.print(f"{key:4}{title}: {verdict} ({off} standard errors)", markup=False)
    said = page.outcome(found)
    console.print(f"\n{said} {number(found.seconds)} s of computing.", markup=False)


def _show_graphs(every: list[Shape], console: Console) -> None:
    """Print the shapes of graphs side by side."""
    if not every:
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)  # names may be long
    for place, name in enumerate(["", *(one.name for one in every)]):
        table.add_column(name, justify="right" if place else "left", overflow="fold")
    for row in shapes.table(every):
        table.add_row(*row)
    console.print(table)


def _show_histories(found: Validation, archived: list[History], console: Console) -> None:
    """Print how counts move, simulated and archived."""
    if archived:
        for label, simulated, real in movement.table(found.moves, histories.statistics(archived)):
            console.print(f"{label}: simulated {simulated}; archived {real}", markup=False)
