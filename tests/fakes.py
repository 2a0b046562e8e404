"""A model that computes nothing, for the tests of execution and of the command line."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.experiments import call, tasks
from sim.experiments.progress import Outcome, Progress, Snapshot
from sim.scenario import Scenario

SCENARIO = """\
[scenario]
name = "trial"
title = "A trial"
days = 4
replicates = 2
seed = 7

[world]
accounts = 100
burn_in_days = 3

[[arms]]
name = "organic"
label = "Being interesting"

[[arms]]
name = "idle"
strategy = "idle"

[[arms]]
name = "beg"
strategy = "beg"
"""

MEASURES = (
    "followers", "reachable", "engaged", "engagement_rate", "warm", "value", "sales",
    "unfollows", "mutes", "minutes", "dollars",
)  # fmt: skip


class FakeModel:
    """Looks like a FollowerModel; an arm called ``broken`` fails half-way."""

    def __init__(
        self, scenario: Scenario, *, arm: str, seed: int, world: str, threads: int = 1
    ) -> None:
        assert world == f"world of seed {seed}"
        self.arm, self.seed, self.days = arm, seed, scenario.scenario.days
        self.world, self.day = world, 0
        self.number = float(10 * scenario.arm_names.index(arm) + seed)

    def run(self, on_day: Callable[[int], None] | None = None) -> None:
        for day in range(self.days):
            if self.arm == "broken" and day == 2:
                raise ValueError("broken on purpose")
            self.day = day + 1
            if on_day is not None:
                on_day(day)

    @property
    def is_over(self) -> bool:
        return self.day >= self.days

    def measures(self) -> dict[str, float]:
        return dict.fromkeys(MEASURES, self.number)

    def state_hash(self) -> str:
        return hashlib.sha256(f"{self.arm} {self.seed}".encode()).hexdigest()

    def account_digests(self) -> "np.ndarray[Any, Any]":
        return np.array([(0, self.seed)], [("uid", "u8"), ("digest", "u8")])

    def tables(self) -> dict[str, pd.DataFrame]:
        days = np.arange(1, self.days + 1, dtype=float)
        series = [self._series(name, days) for name in MEASURES]
        return {"series": pd.concat(series), "events": EVENTS, "follows": FOLLOWS}

    def _series(self, measure: str, days: "np.ndarray[Any, Any]") -> pd.DataFrame:
        columns = {"account": "newcomer", "measure": measure, "origin": "", "value": self.number}
        return pd.DataFrame({"tick": (days * 4).astype(int), "day": days} | columns)


EVENTS = pd.DataFrame(
    {
        "tick": [4],
        "account": ["newcomer"],
        "event": ["purchase"],
        "other": ["default"],
        "amount": [5000.0],
        "cause": [""],
    }
)
FOLLOWS = pd.DataFrame(
    {
        "account": ["newcomer"],
        "follower": np.array([3 << 62], np.uint64),
        "origin": ["content"],
        "start": [1.5],
        "end": [np.nan],
        "end_cause": [""],
        "last_engagement": [np.nan],
        "warmth": [0.25],
        "engaged_28_56": [np.nan],
        "seen_28_56": [np.nan],
    }
)


class FakeWorld(str):
    """A world that is a text."""

    __slots__ = ()

    def fork(self) -> "FakeWorld":
        return self


class FakeCheckpoint:
    """Saves a world that is a text."""

    @staticmethod
    def save(world: str, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "world.txt").write_text(world, encoding="utf-8")

    @staticmethod
    def load(folder: Path) -> FakeWorld:
        return FakeWorld((folder / "world.txt").read_text(encoding="utf-8"))


def fake_burn_in(
    scenario: Scenario,
    seed: int,
    threads: int = 1,
    on_day: Callable[[int], None] | None = None,
) -> str:
    for day in range(scenario.world.burn_in_days):
        if on_day is not None:
            on_day(day)
    return f"world of seed {seed}"


def use_fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the fake in place of the model for work in this process."""
    monkeypatch.setattr(tasks, "FollowerModel", FakeModel)
    monkeypatch.setattr(tasks, "checkpoint", FakeCheckpoint)
    monkeypatch.setattr(tasks, "grow", fake_burn_in)
    monkeypatch.setattr(call, "is_compiled", lambda: True)


def use_fake_compiler(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the compilation of kernels, before the first run, end with an error."""

    def fail(report: object) -> None:
        raise error

    monkeypatch.setattr(call, "is_compiled", lambda: False)
    monkeypatch.setattr(call, "warm_up", fail)


class News(Progress):
    """Keeps all that it is told; interrupts after so many runs, as Ctrl-C would."""

    def __init__(self, interrupt_after: int | None = None) -> None:
        self.told: list[str] = []
        self.outcomes: list[Outcome] = []
        self.snapshots: list[Snapshot] = []
        self._left = interrupt_after

    def reused(self, folder: Path) -> None:
        self.told.append("reused")

    def compiling(self, kernel: str) -> None:
        self.told.append(f"compiling {kernel}")

    def started(self, folder: Path, runs: int, finished_before: int, workers: int) -> None:
        self.told.append(f"started {runs} {finished_before} {workers}")

    def advanced(self, now: Snapshot) -> None:
        self.snapshots.append(now)

    def finished(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                raise KeyboardInterrupt

    def lost_worker(self, task: str) -> None:
        self.told.append(f"lost {task}")

    def ended(self) -> None:
        self.told.append("ended")
