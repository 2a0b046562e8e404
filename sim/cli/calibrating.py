"""The command that fits settings to the checks."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from sim.calibration import record, study, words
from sim.calibration.study import Setup, Trial
from sim.calibration.targets import default_of, misfits, outside

__all__ = ["Choices", "run"]


@dataclass(frozen=True)
class Choices:
    """What was asked for on the command line."""

    trials: int
    minutes: float | None
    workers: int | None
    setup: Setup
    out: Path
    show: bool
    quiet: bool


def run(choices: Choices, command: str) -> int:
    """Add trials, then tell what is known; 130 after Ctrl-C."""
    console, code = Console(highlight=False), 0
    news = Console(stderr=True, highlight=False, quiet=choices.quiet)
    try:
        if not choices.show:
            study.calibrate(
                choices.setup,
                choices.out,
                choices.trials,
                minutes=choices.minutes,
                workers=choices.workers,
                on_trial=lambda trial: news.print(_line(trial), markup=False),
            )
    except KeyboardInterrupt:
        news.print("Stopped; finished trials are kept. The same command goes on.")
        code = 130
    every = study.trials(choices.setup, choices.out)
    if not every:
        console.print("There are no finished trials yet.")
        return code
    _tell(every, console)
    paths = record.write(choices.setup, every, choices.out)
    if choices.setup.is_of_record:
        words.write(choices.setup, every, command, choices.out / "README.md")
    console.print(f"Record and figures: {paths[0].parent}", markup=False, soft_wrap=True)
    return code


def _line(trial: Trial) -> str:
    worst = sorted(misfits(trial.values).items(), key=lambda one: -one[1])[:3]
    said = ", ".join(f"{key} {value:.1f}" for key, value in worst)
    return f"trial {trial.number}: loss {trial.loss:.3f} (largest misfits: {said})"


def _tell(every: list[Trial], console: Console) -> None:
    """Print the best settings beside the defaults."""
    best = min(every, key=lambda trial: trial.loss)
    console.print(f"Best of {len(every)}: {_line(best)}", markup=False)
    for key, value in best.settings.items():
        console.print(f"  {key} = {value:.4g} (default {default_of(key):g})", markup=False)
    keys = outside(best.values)
    said = "All checks are in band." if not keys else f"Out of band: {', '.join(keys)}."
    console.print(f"{said} The defaults' loss is {every[0].loss:.3f}.", markup=False)
