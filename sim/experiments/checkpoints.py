"""Checkpoints of work under way: where they lie, which is the last, when they go.

Each task has a folder, ``checkpoints/<run_id>`` or ``checkpoints/worlds/<world>``, with one
checkpoint in it, named by its hour. The next one is written whole before the last one goes, so
that there is a good one at every instant, whenever the program is killed.
"""

import logging
import os
import shutil
from collections.abc import Callable, Set
from contextlib import suppress
from pathlib import Path
from time import time
from typing import TypeVar

from sim import files
from sim.checkpoint import CheckpointError
from sim.experiments import locks
from sim.experiments.jobs import Job, Task

__all__ = ["clear", "discard", "folder_of", "keep", "last", "spent", "sweep"]

T = TypeVar("T")
CHECKPOINTS, WORLDS = "checkpoints", "worlds"
SECONDS = "seconds"  # file in a checkpoint
_log = logging.getLogger(__name__)


def folder_of(folder: Path, task: Task) -> Path:
    """Return where the checkpoints of a task lie within the folder of the results."""
    name = Path(task.run_id) if isinstance(task, Job) else Path(WORLDS) / task.world
    return folder / CHECKPOINTS / name


def keep(place: Path, hour: int, save: Callable[[Path], None], seconds: float = 0.0) -> None:
    """Let ``save`` write the checkpoint of an hour to a folder, then remove the older ones.

    ``seconds`` is what the task has taken so far.

    A disk that is full is no reason to lose the run: it goes on, with a warning.
    """
    new = place / f"hour-{hour:06d}"
    try:
        save(new)
        files.new_text(new / SECONDS, f"{seconds:.3f}\n")
    except OSError as error:
        _log.warning("%s: no checkpoint could be written: %s", new, error)
        return
    for old in _found(place):
        if old != new:
            discard(old)


def last(place: Path, load: Callable[[Path], T]) -> T | None:
    """Return what ``load`` makes of the last checkpoint; None if there is none that is good.

    What is wrong with one that cannot be used is logged as a warning.
    """
    for folder in reversed(_found(place)):
        try:
            return load(folder)
        except CheckpointError as error:
            _log.warning("A checkpoint is not used. %s", error)
    return None


def spent(place: Path) -> float:
    """Return the seconds that a task had taken up to its last checkpoint; 0 if it left none."""
    for folder in reversed(_found(place)):
        with suppress(OSError, ValueError):
            return float((folder / SECONDS).read_text(encoding="utf-8"))
    return 0.0


def discard(folder: Path) -> None:
    """Remove a folder; one that is killed at it leaves nothing that looks whole."""
    doomed = files.beside(folder)
    try:
        os.replace(folder, doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed, ignore_errors=True)


def clear(folder: Path, failed: Set[str]) -> None:
    """Remove the checkpoints of the runs that have gone well; if none has failed, all."""
    for place in (folder / CHECKPOINTS).glob("*"):
        if not failed or place.name not in {*failed, WORLDS}:
            discard(place)
    if not failed:
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)


def sweep(folder: Path, *, alone: bool = True) -> None:
    """Remove what programs that were killed have left half-written among the results.

    Unless we are ``alone`` with them, what a program that still runs is writing stays.
    """
    for path in sorted(folder.rglob(".*.tmp")):
        if not alone and _is_in_use(path):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _is_in_use(path: Path) -> bool:
    """Whether a temporary name may be that of a program that still runs."""
    owner = path.name.removesuffix(".tmp").rpartition(".")[2]
    host, _, process = owner.rpartition("-")
    if host == files.host() and process.isdecimal():
        return locks.is_running(int(process))
    try:
        return time() - path.stat().st_mtime < locks.STALE
    except FileNotFoundError:
        return False


def _found(place: Path) -> list[Path]:
    """Return the checkpoints in a folder, the oldest first."""
    return sorted(place.glob("hour-*"))
