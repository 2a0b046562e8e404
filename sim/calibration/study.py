"""The search: trials kept in a database as they are done, all in the same worlds.

Every trial lives through the same seeds, and draws are keyed by what they decide, so that two
trials differ only by their settings (common random numbers).
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
from sim.scenario import loads
from sim.validation.checks import CHECKS
from sim.validation.evidence import gather

if TYPE_CHECKING:
    import optuna

__all__ = ["MissingExtra", "Setup", "Trial", "calibrate", "trials"]

_FILE: Final = "trials.db"
_STUDY: Final = "calibration"


class MissingExtra(ImportError):
    """A library is needed that the core does not install."""


@dataclass(frozen=True)
class Setup:
    """In which worlds the settings are tried."""

    accounts: int = 5_000
    seeds: int = 2
    days: int = 120

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
    on_trial: Callable[[Trial], None] | None = None,
) -> list[Trial]:
    """Add trials until there are so many, or the time is up; return all.

    The first is that of the shipped defaults. A trial that was interrupted is lost, the others
    are kept; the same call goes on.

    Raises:
        MissingExtra: optuna is not installed.
    """
    study = _study(setup.folder(out))
    begun = monotonic()
    while len(_finished(study)) < wanted:
        if minutes is not None and monotonic() - begun > 60 * minutes:
            break
        trial = study.ask()
        settings = {free.key: _suggested(trial, free) for free in FREE}
        values = _tried(settings, setup)
        trial.set_user_attr("values", values)
        study.tell(trial, _loss(values))
        if on_trial:
            on_trial(_finished(study)[-1])
    return _finished(study)


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
    """Open the database, or begin one with the defaults as the first trial."""
    try:
        import optuna
    except ImportError as error:
        raise MissingExtra(
            "calibration needs optuna: pip install 'followlab[calibration]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _FILE
    study = optuna.create_study(
        study_name=_STUDY,
        storage=f"sqlite:///{path}",
        sampler=optuna.samplers.TPESampler(seed=1, multivariate=True, n_startup_trials=30),
        load_if_exists=True,
    )
    if not study.get_trials(deepcopy=False):
        study.enqueue_trial({free.key: default_of(free.key) for free in FREE})
    return study


def _suggested(trial: "optuna.Trial", free: Free) -> float:
    if free.is_whole:
        return trial.suggest_int(free.key, int(free.low), int(free.high))
    return trial.suggest_float(free.key, free.low, free.high, log=free.is_log)


def _tried(settings: Mapping[str, float], setup: Setup) -> dict[str, float | None]:
    """Return the value of each check with these settings, mean over seeds; None without answer."""
    sets = {**settings, "world.accounts": setup.accounts, "scenario.name": "trial"}
    scenario = loads("", sets=sets)
    found: dict[str, list[float]] = {check.key: [] for check in CHECKS}
    for seed in range(1, setup.seeds + 1):
        evidence = gather(scenario, seed, setup.days)
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
