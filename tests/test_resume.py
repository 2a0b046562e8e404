"""Runs that were interrupted go on from their last checkpoint, to the same results to the bit."""

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sim
import worlds
from fakes import SCENARIO, use_fake_model
from killing import Forks
from sim.experiments import call, checkpoints, tasks
from sim.experiments.executors import count_days
from sim.experiments.jobs import BurnIn, Job
from sim.model import FollowerModel
from sim.results import Results, ResultsError

ARMS = """
[[arms]]
name = "warm"
[[arms]]
name = "cool"
set = { "behaviour.like_odds" = 0.3 }
"""
DAYS, BURN_IN = 10, 4
SWEEP = """
[[events]]
day = 7
kind = "sweep"
recall = 0.5
false_positives = 0.03
"""


def text(days: int = DAYS) -> str:
    """All strategies and mechanisms in two arms."""
    rest = worlds.RIVALS + worlds.HAPPENINGS + SWEEP + ARMS
    made = worlds.busy(days=days, burn_in=BURN_IN, rest=rest).source_text
    return made.replace("[scenario]\n", "[scenario]\nreplicates = 1\n")


def contents(folder: Path) -> dict[str, Any]:
    """All that results hold but how long they took: tables, digests, names of files."""
    results = sim.open(folder)
    tables = ("runs", "series", "events", "follows")
    out: dict[str, Any] = {name: getattr(results, name) for name in tables}
    out["runs"] = out["runs"].drop(columns="wall_s")
    for file in sorted(folder.rglob("*.npy")):
        out[file.name] = file.read_bytes()
    out["status"] = results.manifest["status"]
    found = (path.relative_to(folder) for path in folder.rglob("*"))
    out["files"] = sorted(str(path) for path in found if path.parts[0] != "errors")
    return out


def assert_same(one: Path, two: Path) -> None:
    """Compare results to the bit. Rows stand in the order in which they were recorded."""
    first, second = contents(one), contents(two)
    assert first["files"] == second["files"], "something was left behind, or is not there"
    for name, content in first.items():
        same = content.equals(second[name]) if hasattr(content, "equals") else None
        assert content == second[name] if same is None else same, name


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sim.run(text(), out=tmp_path_factory.mktemp("whole"), workers=1)


Fail = Callable[[int | None], None]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Let every task fail at the end of a day, before its checkpoint; None for no longer."""
    days: list[int | None] = [None]

    def counting() -> Callable[[int], None]:
        count = count_days()

        def on_day(day: int) -> None:
            count(day)
            if day == days[0]:
                raise RuntimeError("no more power")

        return on_day

    monkeypatch.setattr(tasks, "count_days", counting)
    return lambda day: days.__setitem__(0, day)


@pytest.fixture
def resumed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Which runs went on from a checkpoint, and on which day."""
    found: list[tuple[str, int]] = []
    load = FollowerModel.load

    def noted(*given: Any, **more: Any) -> FollowerModel:
        model = load(*given, **more)
        found.append((more["arm"], model.day))
        return model

    monkeypatch.setattr(FollowerModel, "load", noted)
    return found


def interrupted(out: Path, fail: Fail, day: int = 7, every: int | None = 3) -> Path:
    """Results of which every run has come to the end of a day."""
    fail(day)
    results = sim.run(text(), out=out, workers=1, checkpoint_every=every)
    assert len(results.failed) == 2
    fail(None)
    return results.folder


def finish(folder: Path, **more: Any) -> Path:
    results = sim.run(text(), out=folder.parents[1], workers=1, resume=True, **more)
    assert results.folder == folder, "checkpoints are no part of what a result depends on"
    return folder


def test_runs_go_on_from_their_last_checkpoint(
    undisturbed: Results, tmp_path: Path, fail: Fail, resumed: list[tuple[str, int]]
) -> None:
    folder = interrupted(tmp_path, fail)
    held = sorted(str(p.relative_to(folder)) for p in folder.glob("checkpoints/*/*"))
    hour = f"hour-{(BURN_IN + 6) * 24:06d}"
    assert held == [f"checkpoints/cool-0/{hour}", f"checkpoints/warm-0/{hour}"]
    finish(folder)
    assert sorted(resumed) == [("cool", 6), ("warm", 6)]
    assert_same(folder, undisturbed.folder)


def test_a_run_can_be_interrupted_again_and_again(
    undisturbed: Results, tmp_path: Path, fail: Fail, resumed: list[tuple[str, int]]
) -> None:
    folder = interrupted(tmp_path, fail, day=3, every=1)
    for day in (5, 9):
        fail(day)
        finish(folder, checkpoint_every=2)
    fail(None)
    finish(folder)
    assert [day for _, day in resumed] == [2, 2, 4, 4, 8, 8]
    assert_same(folder, undisturbed.folder)


def test_nothing_is_written_unless_it_is_asked_for(
    undisturbed: Results, tmp_path: Path, fail: Fail, resumed: list[tuple[str, int]]
) -> None:
    folder = interrupted(tmp_path, fail, every=None)
    assert not (folder / "checkpoints").exists()
    finish(folder)
    assert resumed == []
    assert_same(folder, undisturbed.folder)


def test_a_burn_in_goes_on_too(
    undisturbed: Results, tmp_path: Path, fail: Fail, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = interrupted(tmp_path, fail, day=-1, every=2)
    assert sorted(p.name for p in folder.glob("checkpoints/worlds/0/*")) == ["hour-000048"]
    grow, begun = tasks.grow, []

    def noted(*given: Any, **more: Any) -> Any:
        begun.append(more["begun"].day)
        return grow(*given, **more)

    monkeypatch.setattr(tasks, "grow", noted)
    finish(folder)
    assert begun == [-2]
    assert_same(folder, undisturbed.folder)


def test_an_interval_is_at_least_a_day(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1 day"):
        sim.run(text(), out=tmp_path, checkpoint_every=0)
    assert list(tmp_path.iterdir()) == []


# ---- checkpoints that are no good ---------------------------------------------------------


def tear(checkpoint: Path) -> None:
    file = checkpoint / "state.accounts.npy"
    file.write_bytes(file.read_bytes()[:-1])


def lose(checkpoint: Path) -> None:
    (checkpoint / "header.json").unlink()


def age(checkpoint: Path) -> None:
    file = checkpoint / "header.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"format": ', '"format": 9'))


@pytest.mark.parametrize(
    ("damage", "message"),
    [(tear, "state.accounts.npy: damaged"), (lose, "no saved world here"), (age, "in format 9")],
)
def test_a_bad_checkpoint_is_reported_and_the_run_starts_again(
    undisturbed: Results,
    tmp_path: Path,
    fail: Fail,
    resumed: list[tuple[str, int]],
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[Path], None],
    message: str,
) -> None:
    folder = interrupted(tmp_path, fail)
    damage(next(folder.glob("checkpoints/warm-0/*")))
    finish(folder)
    assert resumed == [("cool", 6)]
    (line,) = [r.message for r in caplog.records if r.levelno == logging.WARNING]
    assert line.startswith("A checkpoint is not used. ")
    assert message in line
    assert "warm-0" in line
    assert "Start the run from its world again" in line
    assert_same(folder, undisturbed.folder)


def test_a_checkpoint_of_another_run_is_not_used(
    undisturbed: Results,
    tmp_path: Path,
    fail: Fail,
    resumed: list[tuple[str, int]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    folder = interrupted(tmp_path, fail)
    (warm,) = folder.glob("checkpoints/warm-0/*")
    shutil.rmtree(folder / "checkpoints" / "cool-0")
    shutil.copytree(warm, folder / "checkpoints" / "cool-0" / warm.name)
    finish(folder)
    assert resumed == [("warm", 6)]
    assert "its arm is 'warm', that of this run is 'cool'" in caplog.text
    assert_same(folder, undisturbed.folder)


def test_an_older_checkpoint_helps_when_the_newest_is_torn(tmp_path: Path) -> None:
    """Both are there if the program was killed before it could remove the older one."""
    for hour in (24, 9_600, 100_000):
        (tmp_path / f"hour-{hour:06d}").mkdir()

    def load(folder: Path) -> str:
        if folder.name == "hour-100000":
            raise checkpoints.CheckpointError("torn")
        return folder.name

    assert checkpoints.last(tmp_path, load) == "hour-009600"
    assert checkpoints.last(tmp_path / "none", load) is None


def test_the_last_checkpoint_stays_until_the_next_is_whole(tmp_path: Path) -> None:
    def save(folder: Path) -> None:
        assert [p.name for p in tmp_path.iterdir()] == names
        folder.mkdir()

    names: list[str] = []
    for hour in (24, 48, 72):
        checkpoints.keep(tmp_path, hour, save)
        names = [f"hour-{hour:06d}"]
        assert [p.name for p in tmp_path.iterdir()] == names


def test_a_full_disk_costs_the_checkpoint_but_not_the_run(
    undisturbed: Results,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(FollowerModel, "save", fail)
    results = sim.run(text(), out=tmp_path, workers=1, checkpoint_every=4)
    assert "no checkpoint could be written: no space left" in caplog.text
    assert_same(results.folder, undisturbed.folder)


# ---- killed at the end --------------------------------------------------------------------


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of complete results of a model that computes nothing."""
    use_fake_model(monkeypatch)
    return sim.run(SCENARIO, out=tmp_path / "whole", workers=1).folder


@pytest.mark.parametrize("step", ["consolidate", "discard"])
def test_results_are_completed_that_were_killed_in_their_last_moments(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """All runs had gone well; the tables were being put together, or the rest removed."""

    def cut(*_: Any) -> None:
        raise RuntimeError("no more power")

    with monkeypatch.context() as patched:
        patched.setattr(call.parts, step, cut)
        with pytest.raises(RuntimeError):
            sim.run(SCENARIO, out=tmp_path, workers=1)
    if step == "consolidate":
        with pytest.raises(ResultsError, match=r"6 of 6 runs are there.*--resume"):
            sim.run(SCENARIO, out=tmp_path, workers=1)
    results = sim.run(SCENARIO, out=tmp_path, workers=1, resume=step == "consolidate")
    assert_same(results.folder, trial)


def test_what_was_left_half_written_is_removed(trial: Path, tmp_path: Path) -> None:
    folder = tmp_path / trial.relative_to(trial.parents[1])
    for place in (folder, folder / "digests", folder / "parts"):
        (place / ".some.123.tmp").mkdir(parents=True)
        (place / ".some.123.tmp" / "x.npy").touch()
        (place / ".manifest.json.123.tmp").touch()
    assert_same(sim.run(SCENARIO, out=tmp_path, workers=1).folder, trial)


def test_a_folder_is_removed_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "world").mkdir()
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # killed before it began
    checkpoints.discard(tmp_path / "world")
    assert not (tmp_path / "world").exists()
    monkeypatch.undo()
    checkpoints.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
    checkpoints.discard(tmp_path / "world")  # is not there


def test_no_two_tasks_share_a_place(tmp_path: Path) -> None:
    one, two = BurnIn("0", 1), BurnIn("1", 2)
    tasks_ = [one, two, *(Job(arm, 0, one) for arm in ("worlds", "a", "a-0"))]
    assert len({checkpoints.folder_of(tmp_path, task) for task in tasks_}) == len(tasks_)


# ---- killed at any moment -----------------------------------------------------------------

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks, and kills process groups")


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder that is written without waiting for a disk, where there is one."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[Forks]:
    with Forks(tmp_path / "stderr.txt") as forks:
        yield forks


class Victim:
    """One scenario, to be run undisturbed once, and then to be killed at random moments."""

    def __init__(self, forks: Forks, folder: Path, days: int, every: int, seed: int) -> None:
        self._forks, self._folder, self._random = forks, folder, Random(seed)
        file = folder / "victim.toml"
        file.write_text(text(days), encoding="utf-8")
        self._command = ["run", str(file), "--no-figures", "--quiet"]
        self._often = ["--checkpoint-every", str(every), "--resume"]
        start = time.perf_counter()
        assert self._run("whole", 1) == 0
        self.seconds = time.perf_counter() - start

    def _run(self, out: str, workers: int, seconds: float | None = None) -> int | None:
        place = ["--out", str(self._folder / out), "--workers", str(workers)]
        return self._forks.run([*self._command, *place, *self._often], seconds)

    def suffer(self, kills: int, workers: int = 1) -> int:
        """Run, and be killed at most so often, until it is finished; return how often it was."""
        shutil.rmtree(self._folder / "killed", ignore_errors=True)
        suffered = 0
        while suffered < kills:
            code = self._run("killed", workers, self._random.uniform(0.0, self.seconds / 2))
            if code is not None:
                assert code == 0
                break
            suffered += 1
        assert self._run("killed", workers) == 0  # nothing to do, if it has finished
        assert_same(self._results("killed"), self._results("whole"))
        return suffered

    def _results(self, out: str) -> Path:
        (manifest,) = (self._folder / out).glob("*/*/manifest.json")
        return manifest.parent


@needs_fork
def test_a_run_that_is_killed_six_times_ends_in_the_same_bits(forks: Forks, tmp_path: Path) -> None:
    victim = Victim(forks, tmp_path, days=DAYS, every=2, seed=1)
    kills = 0
    while kills < 6:
        kills += victim.suffer(6 - kills)
    assert (tmp_path / "stderr.txt").read_text(encoding="utf-8") == ""


@needs_fork
@pytest.mark.slow
def test_a_hundred_kills_change_no_bit(forks: Forks, tmp_path: Path) -> None:
    """Ninety of runs in one process, with a checkpoint each day; ten of two workers at a time."""
    victim = Victim(forks, tmp_path, days=12, every=1, seed=2)
    kills = 0
    while kills < 90:
        kills += victim.suffer(90 - kills)
    victim.seconds *= 4  # workers have to load the kernels first
    while kills < 100:
        kills += victim.suffer(100 - kills, workers=2)
    assert (tmp_path / "stderr.txt").read_text(encoding="utf-8") == ""
