"""Running all claims under all conditions, over as many sittings as it takes."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, Final

from sim import files
from sim._version import model_version
from sim.experiments import claim as claims
from sim.experiments.execute import run as run_scenario
from sim.experiments.progress import Progress
from sim.findings.premises import DEFAULT, Condition, conditions
from sim.findings.testing import Outcome, of_estimate
from sim.results import Results
from sim.scenario import Scenario, load, shipped, toml

__all__ = [
    "CLAIMS",
    "Finding",
    "Task",
    "Worlds",
    "claiming",
    "folder",
    "load_findings",
    "run",
    "tasks",
]

CLAIMS: Final = ("what_happens_at_1000",)
"""Scenarios with a claim that are not in the folder ``claims``."""


@dataclass(frozen=True)
class Worlds:
    """In how many worlds a claim is tested."""

    declared: int = 20
    """As declared."""
    repeated: int = 6
    """In a larger world, and under each other premise."""

    def of(self, condition: Condition) -> int:
        """Return the worlds of a condition."""
        return self.declared if condition == DEFAULT else self.repeated

    @property
    def are_enough(self) -> bool:
        """Whether what is found in so many goes on record."""
        return self.declared >= Worlds.declared and self.repeated >= Worlds.repeated


@dataclass(frozen=True)
class Task:
    """One claim under one condition."""

    name: str
    condition: Condition
    worlds: int

    @property
    def key(self) -> str:
        """Name of its file."""
        return f"{self.name}--{self.condition.key}"

    @property
    def is_enough(self) -> bool:
        """Whether what is found goes on record."""
        return self.worlds >= Worlds().of(self.condition)


@dataclass(frozen=True)
class Finding:
    """What is known of a claim so far."""

    name: str
    scenario: Scenario
    outcomes: Mapping[str, tuple[Condition, Outcome]]
    """By the key of the condition, in the order in which they are run."""

    @property
    def default(self) -> Outcome | None:
        """What was found as declared."""
        found = self.outcomes.get(DEFAULT.key)
        return found[1] if found else None


def claiming() -> list[str]:
    """Return the names of all shipped scenarios that test a claim."""
    inside = [name for name, path in shipped().items() if path.parent.name == "claims"]
    return [*CLAIMS, *sorted(inside)]


def tasks(names: Sequence[str], worlds: Worlds, settings: Sequence[str] = ()) -> list[Task]:
    """Return what is to be run: all claims as declared first, then larger, then each premise."""
    every = [
        (order, Task(name, condition, worlds.of(condition)))
        for name in names
        for order, condition in enumerate(conditions(load(name, sets=settings)))
    ]
    return [task for _, task in sorted(every, key=lambda one: one[0])]


def run(
    todo: Sequence[Task],
    out: Path,
    *,
    settings: Sequence[str] = (),
    minutes: float | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    on_task: Callable[[int, Task, bool], None] | None = None,
) -> bool:
    """Run what is missing, and keep what is found of each task; return whether all is there.

    ``settings`` (KEY=VALUE) are given to every scenario, ``minutes`` ends before the first task
    that would begin later. A task that was interrupted goes on with the worlds that it has.
    ``on_task`` hears of each task: its place, and whether it was there already.
    """
    begun = monotonic()
    for place, task in enumerate(todo):
        there = _kept(task, out, settings) is not None
        if not there and minutes is not None and monotonic() - begun > 60 * minutes:
            return False
        if on_task:
            on_task(place, task, there)
        if not there:
            results = _results(task, out, settings, workers, progress)
            _keep(task, out, results, settings)
    return True


def _results(
    task: Task,
    out: Path,
    settings: Sequence[str],
    workers: int | None,
    progress: Progress | None,
) -> Results:
    """Run the two arms of a claim in all worlds of a task, or find them where another claim did."""
    scenario = load(task.name, sets=settings)
    arms = [arm for arm in scenario.arm_names if arm in (scenario.tested, scenario.reference)]
    host = _host(task.name)
    return run_scenario(
        host,
        out=out,
        arms=arms,
        replicates=task.worlds,
        settings=[*settings, *_typed(task.condition)],
        workers=workers,
        resume=True,
        progress=progress,
        command=f"followlab findings --only {host}",
    )


@cache
def _host(name: str) -> str:
    """Return the first claim whose runs are those of this one; they are made once for both."""
    mine = load(name).hash
    return next(other for other in [*claiming(), name] if load(other).hash == mine)


def _typed(condition: Condition) -> list[str]:
    """Return the settings of a condition as they are typed."""
    return [f"{key}={toml.value(value)}" for key, value in condition.sets.items()]


def folder(out: Path, *, of_record: bool) -> Path:
    """Return where findings belong: what is of record is never mixed with other settings."""
    return out / "findings" if of_record else out / "findings" / "other"


def _file(task: Task, out: Path, settings: Sequence[str]) -> Path:
    place = folder(out, of_record=task.is_enough and not settings)
    return place / "outcomes" / f"{task.key}.json"


def _identity(task: Task, settings: Sequence[str]) -> dict[str, Any]:
    """Return what an outcome must have been made with to count."""
    return {
        "scenario": load(task.name, sets=settings).hash,
        "model": model_version(),
        "worlds": task.worlds,
        "sets": [*settings, *_typed(task.condition)],
    }


def _keep(task: Task, out: Path, results: Results, settings: Sequence[str]) -> None:
    header = load(task.name, sets=settings).settings()["scenario"]
    declared = claims.declared(results, header)
    if declared is None:
        raise ValueError(f"{task.name}: the scenario declares no claim")
    outcome = of_estimate(claims.estimate(results, declared), declared.expected)
    kept = {**_identity(task, settings), "outcome": outcome.plain()}
    files.new_text(_file(task, out, settings), json.dumps(kept, indent=1) + "\n")


def _kept(task: Task, out: Path, settings: Sequence[str]) -> Outcome | None:
    """Return what was found, if it was made with today's model, scenario and worlds."""
    path = _file(task, out, settings)
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    wanted = json.loads(json.dumps(_identity(task, settings)))
    if any(kept.get(key) != value for key, value in wanted.items()):
        return None
    return Outcome(**kept["outcome"])


def load_findings(
    names: Sequence[str], worlds: Worlds, out: Path, settings: Sequence[str] = ()
) -> list[Finding]:
    """Return what is known of each claim now."""
    return [Finding(name, load(name, sets=settings), _outcomes(name, worlds, out, settings))
            for name in names]  # fmt: skip


def _outcomes(
    name: str, worlds: Worlds, out: Path, settings: Sequence[str]
) -> dict[str, tuple[Condition, Outcome]]:
    def known() -> Iterator[tuple[Condition, Outcome]]:
        for condition in conditions(load(name, sets=settings)):
            outcome = _kept(Task(name, condition, worlds.of(condition)), out, settings)
            if outcome is not None:
                yield condition, outcome

    return {condition.key: (condition, outcome) for condition, outcome in known()}
