"""The two tasks that workers carry out: the burn-in of a replicate, and a run of an arm.

A task leaves its result on the disk, where it is safe at once, and returns only what the
display shows. A run that fails is a result too: it is saved with its error, and the
others go on. A task that was interrupted goes on from its last checkpoint, if it left any.
"""

import traceback
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from sim import checkpoint, files
from sim._version import model_version
from sim.experiments import checkpoints, network, others
from sim.experiments.executors import Stopped, count_days
from sim.experiments.jobs import BurnIn, Job, Order, Task, world_folder
from sim.experiments.progress import Outcome
from sim.model import FollowerModel
from sim.model import burn_in as grow
from sim.results import parts
from sim.scenario import Scenario
from sim.scenario.points import at_point
from sim.world.world import World

__all__ = ["carry_out", "record_failure"]

SMALL = 20_000_000  # bytes of a world that a worker keeps


def carry_out(order: Order, task: Task) -> Outcome | float:
    """Do a task.

    Returns how a run ended, or the seconds that a burn-in took. Raises Stopped when all shall
    stop, and whatever a burn-in raises.
    """
    return run_arm(order, task) if isinstance(task, Job) else burn_in(order, task)


def burn_in(order: Order, task: BurnIn) -> float:
    """Make a world and save it, unless it is there; return the seconds that it took."""
    place, spent = world_folder(order.folder, task.world), 0.0
    if not place.is_dir():
        world, spent = _grow(order, task)
        own = files.beside(place)
        checkpoint.save(world, own)
        files.put_once(own, place)
    checkpoints.discard(checkpoints.folder_of(order.folder, task))
    return spent


def _grow(order: Order, task: BurnIn) -> tuple[World, float]:
    """Make a world; return it, and the seconds that this took in all."""
    scenario = at_point(order.scenario, task.values)
    place = checkpoints.folder_of(order.folder, task)
    identity = {"world": scenario.world_hash, "seed": task.seed}
    start = perf_counter() - checkpoints.spent(place)

    def on_world(world: World) -> None:
        if _is_due(order, world.day + world.start_day) and world.day < 0:
            save = partial(checkpoint.save, world, identity=identity)
            checkpoints.keep(place, world.hour, save, perf_counter() - start)

    on_day = count_days()
    begun = checkpoints.last(place, lambda folder: checkpoint.load(folder, identity))
    more: dict[str, Any] = {"on_world": on_world} if order.checkpoint_every else {}
    if begun is not None:
        _catch_up(on_day, begun.day + begun.start_day)
        more["begun"] = begun
    world = grow(scenario, task.seed, threads=order.threads, on_day=on_day, **more)
    return world, perf_counter() - start


def _is_due(order: Order, days: int) -> bool:
    """Whether a checkpoint is taken after so many days of a task."""
    every = order.checkpoint_every
    return every is not None and days % every == 0


def _catch_up(on_day: Callable[[int], None], days: int) -> None:
    """Count the days that a task had lived through before it was interrupted."""
    for day in range(days):
        on_day(day)


def run_arm(order: Order, job: Job) -> Outcome:
    """Run one arm in its world and save its tables."""
    begun = perf_counter()
    try:
        model, start = _play(order, job)
        row = _result(model) | {"wall_s": perf_counter() - start}
        tables = model.tables()
        if order.digests:
            others.save(model.account_digests(), order.folder, job.run_id)
        if order.save_network:
            network.save(model.world, order.folder, job.run_id)
    except (Stopped, OSError):
        raise
    except Exception as error:
        details = traceback.format_exc()
        return record_failure(order.folder, job, _describe(error), details, perf_counter() - begun)
    outcome = _save(order.folder, job, _row(job, "ok") | row, tables)
    _errors(order.folder, job).unlink(missing_ok=True)  # of an earlier try
    checkpoints.discard(checkpoints.folder_of(order.folder, job))
    if job.alone:
        checkpoints.discard(checkpoints.folder_of(order.folder, job.burn_in))
    return outcome


def _result(model: FollowerModel) -> dict[str, Any]:
    """Return what the table of runs holds of a model at its end."""
    measures = {name: float(value) for name, value in model.measures().items()}
    return {"days": model.day, "state_hash": model.state_hash(), **measures}


def record_failure(
    folder: Path, job: Job, error: str, details: str = "", seconds: float = 0.0
) -> Outcome:
    """Save a run that has failed; ``details`` go to a text file beside the tables."""
    if details:
        files.new_text(_errors(folder, job), details)
    return _save(folder, job, _row(job, "failed", error) | {"wall_s": seconds}, {})


def _errors(folder: Path, job: Job) -> Path:
    return folder / "errors" / f"{job.run_id}.txt"


def _play(order: Order, job: Job) -> tuple[FollowerModel, float]:
    """Live through a run; return the model, and when this began (on the performance counter).

    What it took before it was interrupted counts, its burn-in does not.
    """
    scenario = at_point(order.scenario, job.values)
    place = checkpoints.folder_of(order.folder, job)
    begun = checkpoints.last(place, lambda folder: _resumed(order, job, scenario, folder))
    model = begun or _begun(order, job, scenario)
    start = perf_counter() - (checkpoints.spent(place) if begun else 0.0)
    count = count_days()
    if begun is not None:
        _catch_up(count, begun.day)

    def on_day(day: int) -> None:
        count(day)
        if _is_due(order, day) and not model.is_over:
            save = partial(model.save, strategies=order.strategies)
            checkpoints.keep(place, model.world.hour, save, perf_counter() - start)

    model.run(on_day)
    return model, start


def _begun(order: Order, job: Job, scenario: Scenario) -> FollowerModel:
    """Return the model of a run that starts from its world."""
    if job.alone:
        world, _ = _grow(order, job.burn_in)
    else:
        world = _kept(world_folder(order.folder, job.world))
    threads = order.threads
    return FollowerModel(scenario, arm=job.arm, seed=job.seed, world=world, threads=threads)


def _kept(folder: Path) -> World:
    """Return a burnt-in world; if it is small, the last one stays in memory for the next run."""
    if sum(file.stat().st_size for file in folder.iterdir()) > SMALL:
        return checkpoint.load(folder)
    return _last(folder).fork()


@lru_cache(maxsize=1)
def _last(folder: Path) -> World:
    return checkpoint.load(folder)


def _resumed(order: Order, job: Job, scenario: Scenario, folder: Path) -> FollowerModel:
    """Return the model of a run that goes on from a checkpoint."""
    return FollowerModel.load(
        folder,
        scenario,
        arm=job.arm,
        seed=job.seed,
        strategies=order.strategies,
        threads=order.threads,
    )


def _row(job: Job, status: str, error: str = "") -> dict[str, Any]:
    return {
        "run_id": job.run_id,
        "point": job.point,
        "arm": job.arm,
        "replicate": job.replicate,
        "seed": job.seed,
        "status": status,
        "error": error,
        "state_hash": "",
        "model_version": model_version(),
        "days": 0,
        "wall_s": 0.0,
    }


def _save(folder: Path, job: Job, row: dict[str, Any], tables: dict[str, pd.DataFrame]) -> Outcome:
    parts.save(folder, job.key, row, tables)
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
