"""The commands that run a scenario, and those that show or write its results again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from rich.console import Console

import sim
from sim.cli import display, tables
from sim.experiments.progress import Progress
from sim.experiments.work import Interrupted
from sim.results import Results
from sim.results.export import Format, export
from sim.results.store import MANIFEST

__all__ = [
    "Choices",
    "common",
    "draw",
    "is_drawn",
    "is_good",
    "redraw",
    "run",
    "say_failed",
    "say_places",
    "write_export",
]

REPORT: Final = "report.html"
FIGURES: Final = "figures"


@dataclass(frozen=True)
class Choices:
    """What was asked for on the command line."""

    scenario: str
    out: Path
    replicates: int | None
    seed: int | None
    threads: int
    workers: int | None
    settings: list[str]
    """KEY=VALUE each."""
    arms: list[str]
    resume: bool
    fresh: bool
    checkpoint_every: int | None
    """Days."""
    strategies: Path | None
    save_network: bool
    figures: bool
    quiet: bool


def run(choices: Choices, command: str) -> int:
    """Run the scenario and show what came of it; return the exit code."""
    console, news = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        results = _compute(choices, display.choose(news, choices.quiet), command)
    except Interrupted as stopped:
        news.print(f"\nStopped: {stopped.done} of {stopped.total} runs are finished and kept.")
        news.print("To go on, add --resume to the same command.", soft_wrap=True)
        return 130
    if choices.figures and some(results) and not is_drawn(results):
        draw(results, news, choices.quiet)
    if choices.quiet:
        console.print(str(results.folder), markup=False, soft_wrap=True)
    else:
        _show(results, console)
    return say_failed(results, news)


def redraw(folder: Path) -> int:
    """Make figures and report of saved results again."""
    results = sim.open(folder)
    console = Console(highlight=False)
    _say_files(draw(results, console, quiet=False), console)
    return 0


def write_export(folder: Path, form: Format | Literal["html"], out: Path | None) -> int:
    """Write saved results in another format, or as a page that replays them."""
    results = sim.open(folder)
    if form == "html":
        from sim import replay

        written = [replay.write(results, out or results.folder / "export")]
    else:
        written = export(results, form, out)
    _say_files(written, Console(highlight=False))
    return 0


def _compute(choices: Choices, progress: Progress, command: str) -> Results:
    return sim.run(choices.scenario, **common(choices), progress=progress, command=command)


def common(choices: Choices) -> dict[str, Any]:
    """Return the choices as ``sim.run`` and ``sim.sweep`` take them."""
    return {
        "out": choices.out,
        "arms": choices.arms or None,
        "replicates": choices.replicates,
        "seed": choices.seed,
        "settings": choices.settings,
        "threads": choices.threads,
        "workers": choices.workers,
        "resume": choices.resume,
        "fresh": choices.fresh,
        "checkpoint_every": choices.checkpoint_every,
        "save_network": choices.save_network,
        "strategies_file": choices.strategies,
    }


def some(results: Results) -> bool:
    """Whether any run has gone well."""
    return len(results.failed) < len(results.runs)


def draw(results: Results, console: Console, quiet: bool) -> list[Path]:
    """Make figures and report; return the report first."""
    from sim import plots, report

    if not quiet:
        console.print("Drawing figures and writing the report ...")
    folder = results.folder / FIGURES
    figures = plots.save_all(results, folder)
    return [report.write(results, results.folder, folder), *figures]


def is_good(results: Results) -> bool:
    """Whether all runs are there and some have gone well."""
    return results.complete and some(results)


def is_drawn(results: Results) -> bool:
    """Whether there is a report that is no older than the results."""
    report, manifest = results.folder / REPORT, results.folder / MANIFEST
    return report.is_file() and report.stat().st_mtime >= manifest.stat().st_mtime


def _show(results: Results, console: Console) -> None:
    if some(results):
        tables.show(results, console)
    say_places(results, console)


def say_places(results: Results, console: Console) -> None:
    """Say where the results are."""
    places = {"Results": "", "Report": REPORT, "Figures": FIGURES}
    for label, name in places.items():
        if (results.folder / name).exists():
            text = f"{label + ':':9}{results.folder / name}"
            console.print(text, markup=False, soft_wrap=True)


def _say_files(paths: list[Path], console: Console) -> None:
    for path in paths:
        console.print(str(path), markup=False, soft_wrap=True)


def say_failed(results: Results, console: Console) -> int:
    """List the runs that failed; return the exit code."""
    lines = [f"Failed: {run_id}: {error}" for run_id, error in results.failed.items()]
    if lines:
        lines.append(f"Details: {results.folder / 'errors'}. To try these again, add --resume.")
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
    return 1 if lines else 0
