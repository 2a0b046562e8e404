"""Running a scenario: all arms and replicates, resumable, with the results on the disk."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from sim import strategies
from sim.experiments import checkpoints
from sim.experiments import manifest as manifests
from sim.experiments.choice import choose
from sim.experiments.jobs import Job, Order, jobs_of
from sim.experiments.progress import Progress
from sim.experiments.work import Interrupted, Work
from sim.experiments.workers import cores
from sim.results import Results, ResultsError, parts
from sim.results import open as open_results
from sim.results.export import network_files
from sim.results.store import MANIFEST, read_manifest
from sim.scenario import Scenario, available_memory, memory_estimate, price
from sim.scenario.overrides import Sets
from sim.warm_up import is_compiled, warm_up

__all__ = ["Interrupted", "folder_of", "run"]

_PASSING = ("checkpoints", "parts", "worlds")  # folders of which nothing is left when all is well


def run(
    scenario: Scenario | str | Path,
    *,
    out: str | Path | None = None,
    arms: Iterable[str] | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    settings: Sets | None = None,
    threads: int = 1,
    workers: int | None = None,
    resume: bool = False,
    fresh: bool = False,
    checkpoint_every: int | None = None,
    save_network: bool = False,
    strategies_file: str | Path | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Results:
    """Run every arm of a scenario in every replicate, and return the results.

    They are saved in ``out/<scenario>/run-<hash>``. The hash stands for all that the outcome
    depends on, so the same call finds complete results again instead of computing them.

    Args:
        scenario: A scenario, its file, the name of a shipped one, or TOML text.
        out: Folder of all results; by default ``results``.
        arms: Names of the arms to run; by default all. The first is the reference if the
            scenario's is not among them.
        replicates: Number of worlds, instead of the scenario's.
        seed: Seed of the first world, instead of the scenario's.
        settings: Other settings by dotted key, such as ``{"world.accounts": 5000}``, or as
            typed, ``["world.accounts=5000"]``.
        threads: Threads that each run uses. The outcome does not depend on it.
        workers: Runs at a time; by default as many as there are cores for. With 1 the
            work is done in this process. The outcome does not depend on it.
        resume: Go on with results that are incomplete, and try failed runs again. A run that
            has left a checkpoint goes on from there.
        fresh: Delete results that are there already, and start anew.
        checkpoint_every: Days between two checkpoints of each run, from which ``resume`` lets it
            go on; by default none are written. The outcome does not depend on it.
        save_network: Save the final network of each run, for export.
        strategies_file: A Python file with strategies of one's own.
        progress: Is told how it goes; by default nothing is told.
        command: The command line, for the manifest.

    Raises:
        ScenarioError: if the scenario is wrong.
        ResultsError: if incomplete results are in the way (neither resume nor fresh).
        ValueError: if ``checkpoint_every`` is less than one day.
        Interrupted: on Ctrl-C; finished runs are kept. It is a KeyboardInterrupt.

    A run that fails does not stop the others; ``Results.failed`` lists such runs.
    """
    if checkpoint_every is not None and checkpoint_every < 1:
        raise ValueError(
            f"checkpoint_every must be at least 1 day, or None; got {checkpoint_every}"
        )
    file = None if strategies_file is None else Path(strategies_file)
    if file is not None:
        strategies.load_file(file)
    chosen = choose(scenario, arms, replicates, seed, settings)
    place = folder_of(chosen, Path("results" if out is None else out), file)
    every = checkpoint_every
    call = _Call(chosen, place, file, threads, workers, every, save_network, command)
    return call.answer(resume, fresh, progress or Progress())


def folder_of(scenario: Scenario, out: Path, strategies_file: Path | None = None) -> Path:
    """Return where the results of a scenario belong."""
    return out / scenario.scenario.name / f"run-{manifests.identity(scenario, strategies_file)}"


@dataclass(frozen=True)
class _Call:
    """One call of ``run``, with all choices made."""

    scenario: Scenario
    folder: Path
    strategies_file: Path | None
    threads: int
    workers: int | None
    checkpoint_every: int | None
    save_network: bool
    command: str

    def answer(self, resume: bool, fresh: bool, progress: Progress) -> Results:
        """Find the results or make them."""
        if fresh:
            shutil.rmtree(self.folder, ignore_errors=True)
        missing = self._missing()
        if (self.folder / MANIFEST).is_file() and not resume:
            self._refuse_incomplete(missing)
            missing = []
        if missing:
            self._execute(missing, progress)
        else:
            self._complete()
            self._retitle()
            progress.reused(self.folder)
        return open_results(self.folder)

    def _complete(self) -> None:
        """Finish what a call was killed at when all its runs had gone well."""
        run_ids = [job.run_id for job in jobs_of(self.scenario)]
        manifest = read_manifest(self.folder)
        good = set(parts.statuses(self.folder, run_ids).values()) == {"ok"}
        left = any((self.folder / name).is_dir() for name in _PASSING)
        if manifest["status"] != "complete" or (good and left):
            self._finish(manifest, run_ids)

    def _missing(self) -> list[Job]:
        """Return the runs that are not there, or have failed, or lack the network asked for."""
        jobs = jobs_of(self.scenario)
        found = parts.statuses(self.folder, [job.run_id for job in jobs])
        missing = [j for j in jobs if found.get(j.run_id) != "ok" or self._lacks_network(j)]
        if missing and not (self.folder / "parts").is_dir():
            return jobs  # the others are no longer there one by one
        return missing

    def _lacks_network(self, job: Job) -> bool:
        files = network_files(self.folder, job.run_id)
        return self.save_network and not all(file.is_file() for file in files)

    def _refuse_incomplete(self, missing: list[Job]) -> None:
        remedy = "add --resume to go on, or --fresh to start anew"
        if read_manifest(self.folder)["status"] != "complete":
            total = len(jobs_of(self.scenario))
            found = f"{total - len(missing)} of {total} runs are there"
            raise ResultsError(f"{self.folder}: these results are incomplete ({found}); {remedy}")
        if any(self._lacks_network(job) for job in missing):
            raise ResultsError(f"{self.folder}: these results hold no final networks; {remedy}")

    def _retitle(self) -> None:
        """Let results that are shown again carry the titles and labels of today's file."""
        old = read_manifest(self.folder)
        new = old | manifests.describe(self.scenario)
        if new != old:
            manifests.save(self.folder, new)

    def _execute(self, missing: list[Job], progress: Progress) -> None:
        start, run_ids = perf_counter(), [job.run_id for job in jobs_of(self.scenario)]
        workers = self._worker_count(len(missing))
        manifest = self._begin(run_ids)
        checkpoints.sweep(self.folder)
        if not is_compiled():
            warm_up(progress.compiling)
        compiled = perf_counter()
        done = len(run_ids) - len(missing)
        progress.started(self.folder, len(run_ids), done, workers)
        work = Work(self._order(), missing, done, workers, progress, self.strategies_file)
        try:
            work.run()
        finally:
            progress.ended()
            _note(manifest, work, start, compiled)
            manifests.save(self.folder, manifest)
        self._finish(manifest, run_ids)

    def _order(self) -> Order:
        return Order(
            self.scenario,
            self.folder,
            self.threads,
            self.save_network,
            self.checkpoint_every,
            manifests.hash_of(self.strategies_file),
        )

    def _begin(self, run_ids: list[str]) -> dict[str, Any]:
        """Open the folder for further runs; a manifest that is there goes on."""
        fresh = manifests.new(self.scenario, run_ids, self.strategies_file, self.command)
        if (self.folder / MANIFEST).is_file():
            old = read_manifest(self.folder)
            fresh |= {key: old[key] for key in ("timings", "lost_workers")}
        manifests.save(self.folder, fresh)
        parts.reopen(self.folder)
        return fresh

    def _worker_count(self, jobs: int) -> int:
        """Return how many runs go on at a time. Raises ScenarioError if they need too much."""
        workers = self.workers or max(1, cores() // self.threads)
        room = available_memory()
        if self.workers is None and room is not None:
            workers = min(workers, max(1, room // memory_estimate(self.scenario)))
        workers = min(workers, jobs)
        price(self.scenario, runs=workers)
        return workers

    def _finish(self, manifest: dict[str, Any], run_ids: list[str]) -> None:
        """Put the tables together, and remove what only a run that has failed needs again.

        If one has, the parts of all and its own checkpoint stay, so that it can be tried again.
        """
        parts.consolidate(self.folder, run_ids)
        manifests.save(self.folder, manifest | {"status": "complete"})
        statuses = parts.statuses(self.folder, run_ids)
        if set(statuses.values()) == {"ok"}:
            parts.discard(self.folder)
        checkpoints.clear(self.folder, {run for run, status in statuses.items() if status != "ok"})
        shutil.rmtree(self.folder / "worlds", ignore_errors=True)
        checkpoints.sweep(self.folder)


def _note(manifest: dict[str, Any], work: Work, start: float, compiled: float) -> None:
    """Add what this call took to the manifest."""
    timings = manifest["timings"]
    timings["burn_in_s"] |= work.burn_in_s
    timings["compile_s"] = round(timings.get("compile_s", 0.0) + compiled - start, 3)
    timings["wall_s"] = round(timings.get("wall_s", 0.0) + perf_counter() - start, 3)
    timings["finished"] = manifests.now()
    manifest["lost_workers"] += work.lost_workers
