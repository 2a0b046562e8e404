"""The command that tests the claims."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from sim.cli import display
from sim.experiments.work import Interrupted
from sim.findings import graphs, running, shipping, words
from sim.findings.running import Finding, Task, Worlds

__all__ = ["Choices", "run"]


@dataclass(frozen=True)
class Choices:
    """What was asked for on the command line."""

    worlds: int
    premise_worlds: int
    only: list[str]
    graphs: list[Path]
    minutes: float | None
    workers: int | None
    settings: list[str]
    """KEY=VALUE each."""
    out: Path
    show: bool
    quiet: bool


def run(choices: Choices) -> int:
    """Run what is missing, then tell what is known; 130 after Ctrl-C."""
    console = Console(highlight=False)
    if choices.graphs:
        return _on_graphs(choices, console)
    names = choices.only or running.claiming()
    worlds = Worlds(choices.worlds, choices.premise_worlds)
    code = 0 if choices.show else _run(choices, names, worlds)
    found = running.load_findings(names, worlds, choices.out, choices.settings)
    _tell(found, console)
    of_record = worlds.are_enough and not choices.settings
    paths = shipping.write(
        found, running.folder(choices.out, of_record=of_record),
        together=not (of_record and choices.only),
    )  # fmt: skip
    if paths:
        if of_record and not choices.only:
            shipping.record(found, choices.out)
        console.print(f"Written: {paths[-1].parent}", markup=False, soft_wrap=True)
    return code


def _on_graphs(choices: Choices, console: Console) -> int:
    """Live the lives of the main job on real graphs, and tell how they compare."""
    news = Console(stderr=True, highlight=False)
    try:
        pairs = [
            graphs.compare(
                path,
                choices.out,
                worlds=choices.worlds,
                settings=choices.settings,
                workers=choices.workers,
                progress=display.choose(news, choices.quiet),
            )
            for path in choices.graphs
        ]
    except Interrupted:
        news.print("Stopped; finished runs are kept. The same command goes on.")
        return 130
    console.print(graphs.markdown(pairs), markup=False, soft_wrap=True)
    if not choices.settings:
        graphs.write(pairs, choices.out / "README.md")
    return 0


def _run(choices: Choices, names: list[str], worlds: Worlds) -> int:
    """Run what is missing; return the exit code."""
    news = Console(stderr=True, highlight=False)
    todo = running.tasks(names, worlds, choices.settings)

    def say(place: int, task: Task, there: bool) -> None:
        if not (there or choices.quiet):
            text = f"{place + 1} of {len(todo)}: {task.name}, {task.condition.label}"
            news.print(text, markup=False)

    try:
        done = running.run(
            todo,
            choices.out,
            settings=choices.settings,
            minutes=choices.minutes,
            workers=choices.workers,
            progress=display.choose(news, choices.quiet),
            on_task=say,
        )
    except Interrupted:
        news.print("Stopped; finished runs are kept. The same command goes on.")
        return 130
    if not done:
        news.print("The time is up; the same command goes on.")
    return 0


def _tell(found: list[Finding], console: Console) -> None:
    """Print each claim with its verdict."""
    said = words.verdicts(found)
    for one in found:
        outcome = one.default
        if outcome is None:
            console.print(f"{one.name}: not run yet", style="dim", markup=False)
            continue
        verdict, p = said[one.name]
        told = f"{words.VERDICTS[verdict]}; {words.found(outcome)}, p = {p:.2g} after Holm"
        console.print(f"{one.name}: {told} ({outcome.worlds} worlds)", markup=False, soft_wrap=True)
        for turn in words.turns(one):
            console.print(f"    turns under {turn}", markup=False, soft_wrap=True)
    console.print(f"\n{words.summary(found)}", markup=False)
