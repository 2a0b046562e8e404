"""The two tasks that workers carry out: the burn-in of a replicate, and a run of an arm.

A task leaves its result on the disk, where it is safe at once, and returns only what the
display shows. A run that fails is a result too: it is saved with its error, and the
others go on.
"""

import traceback
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from sim import checkpoint, files
from sim._version import model_version
from sim.experiments import network, others
from sim.experiments.jobs import BurnIn, Job, Order, Task, world_folder
from sim.experiments.progress import Outcome
from sim.experiments.workers import Stopped, count_days
from sim.model import FollowerModel
from sim.model import burn_in as grow
from sim.results import parts

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
    world = grow(order.scenario, task.seed, threads=order.threads, on_day=count_days(slot))
    checkpoint.save(world, world_folder(order.folder, task.replicate))
    return perf_counter() - start


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
    return _save(order.folder, row, tables)


def record_failure(
    folder: Path, job: Job, error: str, details: str = "", seconds: float = 0.0
) -> Outcome:
    """Save a run that has failed; ``details`` go to a text file beside the tables."""
    if details:
        files.new_text(folder / "errors" / f"{job.run_id}.txt", details)
    return _save(folder, _row(job, "failed", error, seconds), {})


def _play(order: Order, job: Job, slot: int) -> FollowerModel:
    model = FollowerModel(
        order.scenario,
        arm=job.arm,
        seed=job.seed,
        world=checkpoint.load(world_folder(order.folder, job.replicate)),
        threads=order.threads,
    )
    model.run(count_days(slot))
    return model


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
