"""The search: trials kept in a database as they are done, all in the same worlds.

Every trial lives through the same seeds, and draws are keyed by what they decide, so that two
trials differ only by their settings (common random numbers). They are asked for in rounds of a
fixed size and carried out side by side, so that the search is the same for any number of workers.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim._version import model_version
from sim.calibration.targets import FREE, Free, default_of, misfits
from sim.experiments.executors import count_days
from sim.experiments.together import each, working
from sim.scenario import loads
from sim.validation.checks import CHECKS
from sim.validation.evidence import gather

if TYPE_CHECKING:
    import optuna

    from sim.experiments.workers import Workers

__all__ = ["MissingExtra", "Setup", "Trial", "calibrate", "trials"]

_FILE: Final = "trials.db"
_STUDY: Final = "calibration"
_ROUND: Final = 4  # trials that are asked for at once


class MissingExtra(ImportError):
    """A library is needed that the core does not install."""


@dataclass(frozen=True)
class Setup:
    """In which worlds the settings are tried."""

    accounts: int = 5_000
    seeds: int = 2
    days: int = 120

    @property
    def is_of_record(self) -> bool:
        """Whether what is found in such worlds goes on record: those by default."""
        return self == Setup()

    def folder(self, out: Path) -> Path:
        """Return where trials in such worlds belong; another model has another folder."""
        free = [(one.key, one.low, one.high) for one in FREE]
        parts = json.dumps([model_version(), self.accounts, self.seeds, self.days, free])
        digest = hashlib.sha256(parts.encode()).hexdigest()[:8]
        return out / "calibration" / f"run-{digest}"


@dataclass(frozen=True)
class Trial:
    """One set of settings and what came of it."""

    number: int
    settings: Mapping[str, float]
    loss: float
    values: Mapping[str, float]
    """Value of each check, mean over seeds."""


def calibrate(
    setup: Setup,
    out: Path,
    wanted: int,
    *,
    minutes: float | None = None,
    workers: int | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> list[Trial]:
    """Add trials until there are so many, or the time is up; return all.

    The first is that of the shipped defaults. Trials that were interrupted are lost, the others
    are kept; the same call goes on. ``workers`` is by default the number of cores.

    Raises:
        MissingExtra: optuna is not installed.
    """
    study = _study(setup.folder(out))
    _forget_interrupted(study)
    _begin_with_defaults(study)
    begun = monotonic()
    with working(workers, _ROUND) as pool:
        while (left := wanted - len(_finished(study))) > 0:
            if minutes is not None and monotonic() - begun > 60 * minutes:
                break
            _round(study, setup, min(_ROUND, left), pool, on_trial)
    return _finished(study)


def _round(
    study: "optuna.Study",
    setup: Setup,
    count: int,
    workers: "Workers",
    on_trial: Callable[[Trial], None] | None,
) -> None:
    """Ask for some trials, carry them out, and keep what came of them, in their order."""
    asked = [study.ask() for _ in range(count)]
    settings = [{free.key: _suggested(trial, free) for free in FREE} for trial in asked]
    found = each(workers, _tried, [(one, setup) for one in settings])
    for trial, values in zip(asked, found, strict=True):
        trial.set_user_attr("values", values)
        study.tell(trial, _loss(values))
        if on_trial:
            on_trial(_finished(study)[-1])


def trials(setup: Setup, out: Path) -> list[Trial]:
    """Return the finished trials that are kept, in order."""
    if not (setup.folder(out) / _FILE).is_file():
        return []
    return _finished(_study(setup.folder(out)))


def _finished(study: "optuna.Study") -> list[Trial]:
    return [_trial(one) for one in study.trials if one.state.name == "COMPLETE"]


def _trial(kept: Any) -> Trial:
    values = {key: float("nan") if value is None else value
              for key, value in kept.user_attrs["values"].items()}  # fmt: skip
    return Trial(kept.number, dict(kept.params), float(kept.value), values)


def _study(folder: Path) -> "optuna.Study":
    """Open the database, or begin one."""
    try:
        import optuna
    except ImportError as error:
        raise MissingExtra(
            "calibration needs optuna: pip install 'followlab[calibration]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _FILE
    sampler = optuna.samplers.TPESampler(
        seed=1, multivariate=True, constant_liar=True, n_startup_trials=30
    )
    return optuna.create_study(
        study_name=_STUDY, storage=f"sqlite:///{path}", sampler=sampler, load_if_exists=True
    )


def _forget_interrupted(study: "optuna.Study") -> None:
    """Give up the trials that nobody will finish: the search would keep away from them."""
    for trial in study.trials:
        if trial.state.name == "RUNNING":
            study.tell(trial.number, state=type(trial.state).FAIL)


def _begin_with_defaults(study: "optuna.Study") -> None:
    """Have the defaults as the first trial, unless they are tried or waiting already."""
    if all(trial.state.name == "FAIL" for trial in study.trials):
        study.enqueue_trial({free.key: default_of(free.key) for free in FREE})


def _suggested(trial: "optuna.Trial", free: Free) -> float:
    if free.is_whole:
        return trial.suggest_int(free.key, int(free.low), int(free.high))
    return trial.suggest_float(free.key, free.low, free.high, log=free.is_log)


def _tried(settings: Mapping[str, float], setup: Setup) -> dict[str, float | None]:
    """Return the value of each check with these settings, mean over seeds; None without answer."""
    sets = {**settings, "world.accounts": setup.accounts, "scenario.name": "trial"}
    scenario = loads("", sets=sets)
    found: dict[str, list[float]] = {check.key: [] for check in CHECKS}
    count = count_days()
    for seed in range(1, setup.seeds + 1):
        evidence = gather(scenario, seed, setup.days, lambda what, day: count(day))
        for check in CHECKS:
            found[check.key].append(float(check.measure(evidence)))
    return {key: _mean(values) for key, values in found.items()}


def _mean(values: list[float]) -> float | None:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else None


def _loss(values: Mapping[str, float | None]) -> float:
    """Return the root of the mean squared misfit."""
    known = {key: float("nan") if value is None else value for key, value in values.items()}
    return float(np.sqrt(np.mean(np.square(list(misfits(known).values())))))
