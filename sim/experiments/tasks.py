"""The two tasks that workers carry out: the burn-in of a replicate, and a run of an arm.

A task leaves its result on the disk, where it is safe at once, and returns only what the
display shows. A run that fails is a result too: it is saved with its error, and the
others go on. A task that was interrupted goes on from its last checkpoint, if it left any.
"""

import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from sim import checkpoint, files
from sim._version import model_version
from sim.experiments import checkpoints, network, others
from sim.experiments.jobs import BurnIn, Job, Order, Task, world_folder
from sim.experiments.progress import Outcome
from sim.experiments.workers import Stopped, count_days
from sim.model import FollowerModel
from sim.model import burn_in as grow
from sim.results import parts
from sim.world.world import World

__all__ = ["carry_out", "record_failure"]


def carry_out(order: Order, task: Task, slot: int) -> Outcome | float:
    """Do a task, counting its days at ``slot``.

    Returns how a run ended, or the seconds that a burn-in took. Raises Stopped when all shall
    stop, and whatever a burn-in raises.
    """
    return run_arm(order, task, slot) if isinstance(task, Job) else burn_in(order, task, slot)


def burn_in(order: Order, task: BurnIn, slot: int) -> float:
    """Make the world of a replicate and save it."""
    start = perf_counter()
    world = _grow(order, task, slot)
    checkpoint.save(world, world_folder(order.folder, task.replicate))
    checkpoints.discard(checkpoints.folder_of(order.folder, task))
    return perf_counter() - start


def _grow(order: Order, task: BurnIn, slot: int) -> World:
    place = checkpoints.folder_of(order.folder, task)
    identity = {"scenario": order.scenario.hash, "seed": task.seed}

    def on_world(world: World) -> None:
        if _is_due(order, world.day + world.start_day) and world.day < 0:
            checkpoints.keep(place, world.hour, partial(checkpoint.save, world, identity=identity))

    on_day = count_days(slot)
    begun = checkpoints.last(place, lambda folder: checkpoint.load(folder, identity))
    more: dict[str, Any] = {"on_world": on_world} if order.checkpoint_every else {}
    if begun is not None:
        _catch_up(on_day, begun.day + begun.start_day)
        more["begun"] = begun
    return grow(order.scenario, task.seed, threads=order.threads, on_day=on_day, **more)


def _is_due(order: Order, days: int) -> bool:
    """Whether a checkpoint is taken after so many days of a task."""
    every = order.checkpoint_every
    return every is not None and days % every == 0


def _catch_up(on_day: Callable[[int], None], days: int) -> None:
    """Count the days that a task had lived through before it was interrupted."""
    for day in range(days):
        on_day(day)


def run_arm(order: Order, job: Job, slot: int) -> Outcome:
    """Run one arm in the world of its replicate and save its tables."""
    start = perf_counter()
    try:
        model = _play(order, job, slot)
        tables = model.tables()
        measures = {name: float(value) for name, value in model.measures().items()}
        state_hash = model.state_hash()
        others.save(model.account_digests(), order.folder, job.run_id)
        if order.save_network:
            network.save(model.world, order.folder, job.run_id)
    except Stopped:
        raise
    except Exception as error:
        details = traceback.format_exc()
        return record_failure(order.folder, job, _describe(error), details, perf_counter() - start)
    row = _row(job, "ok", "", perf_counter() - start) | {"state_hash": state_hash} | measures
    outcome = _save(order.folder, row, tables)
    checkpoints.discard(checkpoints.folder_of(order.folder, job))
    return outcome


def record_failure(
    folder: Path, job: Job, error: str, details: str = "", seconds: float = 0.0
) -> Outcome:
    """Save a run that has failed; ``details`` go to a text file beside the tables."""
    if details:
        files.new_text(folder / "errors" / f"{job.run_id}.txt", details)
    return _save(folder, _row(job, "failed", error, seconds), {})


def _play(order: Order, job: Job, slot: int) -> FollowerModel:
    place = checkpoints.folder_of(order.folder, job)
    begun = checkpoints.last(place, lambda folder: _resumed(order, job, folder))
    model = begun or _begun(order, job)
    count = count_days(slot)
    if begun is not None:
        _catch_up(count, begun.day)

    def on_day(day: int) -> None:
        count(day)
        if _is_due(order, day) and day < order.scenario.scenario.days:
            save = partial(model.save, strategies=order.strategies)
            checkpoints.keep(place, model.world.hour, save)

    model.run(on_day)
    return model


def _begun(order: Order, job: Job) -> FollowerModel:
    """Return the model of a run that starts from the world of its replicate."""
    world = checkpoint.load(world_folder(order.folder, job.replicate))
    threads = order.threads
    return FollowerModel(order.scenario, arm=job.arm, seed=job.seed, world=world, threads=threads)


def _resumed(order: Order, job: Job, folder: Path) -> FollowerModel:
    """Return the model of a run that goes on from a checkpoint."""
    return FollowerModel.load(
        folder,
        order.scenario,
        arm=job.arm,
        seed=job.seed,
        strategies=order.strategies,
        threads=order.threads,
    )


def _row(job: Job, status: str, error: str, seconds: float) -> dict[str, Any]:
    return {
        "run_id": job.run_id,
        "point": "",
        "arm": job.arm,
        "replicate": job.replicate,
        "seed": job.seed,
        "status": status,
        "error": error,
        "state_hash": "",
        "model_version": model_version(),
        "wall_s": seconds,
    }


def _save(folder: Path, row: dict[str, Any], tables: dict[str, pd.DataFrame]) -> Outcome:
    parts.save(folder, row, tables)
    return Outcome(
        run_id=row["run_id"],
        arm=row["arm"],
        replicate=row["replicate"],
        status=row["status"],
        error=row["error"],
        wall_s=row["wall_s"],
        followers=row.get("followers", float("nan")),
        engaged=row.get("engaged", float("nan")),
    )


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
