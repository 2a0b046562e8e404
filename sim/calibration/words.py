"""What a calibration found, as Markdown, between marks in the README of the results."""

from collections.abc import Sequence
from pathlib import Path

from sim._version import model_version
from sim.calibration.record import LEAST, surely
from sim.calibration.study import Setup, Trial
from sim.calibration.targets import FREE, default_of, outside
from sim.marks import fill, table
from sim.plots.text import number

__all__ = ["MARK", "words", "write"]

MARK = "calibration"


def write(setup: Setup, every: Sequence[Trial], command: str, readme: Path) -> bool:
    """Put the words between their marks in a README; return whether it has such marks."""
    return fill(readme, MARK, words(setup, every, command))


def words(setup: Setup, every: Sequence[Trial], command: str) -> str:
    """Return how well the settings fit, and each with its range, its default and the best."""
    best, first = min(every, key=lambda trial: trial.loss), every[0]
    head = (
        f"`{command}`: {len(every)} trials, each in {setup.seeds} worlds of "
        f"{number(float(setup.accounts))} accounts watched for {setup.days} days; model "
        f"{model_version()}. The loss is the root of the mean squared misfit; a misfit is 0 in the "
        f"middle half of a band and 1 at its ends. {_outside('The defaults', first)}; "
        f"{_outside('the best trial', best)}."
    )
    known = surely(every).spread if len(every) >= LEAST else {}
    rows = [
        [
            f"`{free.key}`",
            f"{free.low:g} to {free.high:g}",
            f"{default_of(free.key):g}",
            f"{best.settings[free.key]:.3g}",
            f"{known[free.key]:.2f}" if known else "",
        ]
        for free in FREE
    ]
    columns = ["free setting", "range", "default", "best trial", "spread among the best fifth"]
    return f"{head}\n\n{table(columns, rows)}"


def _outside(who: str, trial: Trial) -> str:
    keys = outside(trial.values)
    said = "all checks in band" if not keys else f"out of band {', '.join(keys)}"
    return f"{who}: loss {trial.loss:.3f}, {said}"
