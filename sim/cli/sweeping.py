"""The command that runs a sweep."""

from dataclasses import dataclass
from typing import Any

from rich.console import Console

import sim
from sim.cli import display, running, tables
from sim.experiments.progress import Progress
from sim.experiments.work import Interrupted
from sim.results import Results

__all__ = ["Choices", "sweep"]


@dataclass(frozen=True)
class Choices(running.Choices):
    """What was asked for on the command line."""

    shard: str | None
    """I/N."""
    gather: bool
    cluster: str | None
    """An address, or local."""


def sweep(choices: Choices, command: str) -> int:
    """Run the sweep and show what came of it; return the exit code."""
    console, news = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        results = _compute(choices, display.choose(news, choices.quiet, sweep=True), command)
    except Interrupted as stopped:
        news.print(f"\nStopped: {stopped.done} of {stopped.total} runs are finished and kept.")
        news.print("To go on, give the same command again.", soft_wrap=True)
        return 130
    if choices.figures and running.is_good(results) and not running.is_drawn(results):
        running.draw(results, news, choices.quiet)
    if choices.quiet:
        console.print(str(results.folder), markup=False, soft_wrap=True)
    else:
        tables.show_points(results, console)
        running.say_places(results, console)
    return running.say_failed(results, news)


def _compute(choices: Choices, progress: Progress, command: str) -> Results:
    common = running.common(choices)
    more: dict[str, Any] = {"shard": choices.shard, "gather": choices.gather}
    more |= {"cluster": choices.cluster}
    return sim.sweep(choices.scenario, **common, **more, progress=progress, command=command)
