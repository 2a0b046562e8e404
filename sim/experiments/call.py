"""One call of ``run`` or ``sweep``: what is there already is found, what is missing is made."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from sim.experiments import checkpoints, locks
from sim.experiments import manifest as manifests
from sim.experiments.executors import Executor
from sim.experiments.jobs import Job, Order
from sim.experiments.plan import Plan
from sim.experiments.progress import Progress
from sim.experiments.work import Work
from sim.experiments.workers import Workers, cores
from sim.results import Results, ResultsError, parts
from sim.results import open as open_results
from sim.results.export import network_files
from sim.results.store import MANIFEST, read_manifest
from sim.scenario import available_memory
from sim.warm_up import is_compiled, warm_up

__all__ = ["Call"]

_PASSING = ("checkpoints", "parts", "worlds")  # folders of which nothing is left when all is well
_CLOSING = "closing"  # the lock of whoever puts tables together


@dataclass(frozen=True)
class Call:
    """One call, with all choices made."""

    plan: Plan
    folder: Path
    """Of the results."""
    strategies_file: Path | None
    threads: int
    workers: int | None
    checkpoint_every: int | None
    save_network: bool
    command: str
    progress: Progress
    executor: Executor | None = None
    """Instead of workers on this machine."""

    def answer(self, resume: bool) -> Results:
        """Find the results of a run or make them."""
        missing = self._missing()
        if (self.folder / MANIFEST).is_file() and not resume:
            self._refuse_incomplete(missing)
            missing = []
        if missing:
            self._execute(missing)
        else:
            self._complete()
            self._retitle()
            self.progress.reused(self.folder)
        return open_results(self.folder)

    def clear(self) -> None:
        """Delete results that are there already."""
        if self.folder.is_dir():
            with locks.held(self.folder):
                for path in self.folder.iterdir():
                    if path.name != locks.FOLDER:
                        shutil.rmtree(path) if path.is_dir() else path.unlink()

    # ---- what is there ------------------------------------------------------------------

    def _missing(self) -> list[Job]:
        """Return the runs that are not there, or have failed, or lack the network asked for."""
        found = parts.statuses(self.folder, self.plan.runs)
        jobs = self.plan.jobs
        missing = [j for j in jobs if found.get(j.run_id) != "ok" or self._lacks_network(j)]
        if missing and not (self.folder / parts.FOLDER).is_dir():
            return list(jobs)  # the others are no longer there one by one
        return missing

    def _lacks_network(self, job: Job) -> bool:
        files = network_files(self.folder, job.run_id)
        return self.save_network and not all(file.is_file() for file in files)

    def _refuse_incomplete(self, missing: list[Job]) -> None:
        remedy = "add --resume to go on, or --fresh to start anew"
        if read_manifest(self.folder)["status"] != "complete":
            total = len(self.plan.jobs)
            found = f"{total - len(missing)} of {total} runs are there"
            raise ResultsError(f"{self.folder}: these results are incomplete ({found}); {remedy}")
        if any(self._lacks_network(job) for job in missing):
            raise ResultsError(f"{self.folder}: these results hold no final networks; {remedy}")

    def _complete(self) -> None:
        """Finish what a call was killed at when all its runs had gone well."""
        manifest = read_manifest(self.folder)
        good = set(parts.statuses(self.folder, self.plan.runs).values()) == {"ok"}
        left = any((self.folder / name).is_dir() for name in _PASSING)
        if manifest["status"] != "complete" or (good and left):
            with locks.held(self.folder):
                self._finish(manifest)

    def _retitle(self) -> None:
        """Let results that are shown again carry the titles and labels of today's file."""
        old = read_manifest(self.folder)
        new = old | manifests.describe(self.plan.scenario)
        if new != old:
            manifests.save(self.folder, new)

    # ---- what is made -------------------------------------------------------------------

    def _execute(self, missing: list[Job]) -> None:
        workers = self._worker_count(len(missing))
        with locks.held(self.folder):
            start = perf_counter()
            manifest = self._begin()
            checkpoints.sweep(self.folder)
            if not is_compiled():
                warm_up(self.progress.compiling)
            self._work(missing, workers, manifest, start)
            self._finish(manifest)

    def _work(
        self, missing: list[Job], workers: int, manifest: dict[str, Any], start: float
    ) -> None:
        compiled, total = perf_counter(), len(self.plan.jobs)
        done = total - len(missing)
        executor = self.executor or Workers(workers, self.strategies_file)
        self.progress.started(self.folder, total, done, workers)
        work = Work(self._order(), missing, done, executor, self.progress)
        try:
            work.run()
        finally:
            self.progress.ended()
            _note(manifest, work, start, compiled)
            manifests.save(self.folder, manifest)

    def _order(self) -> Order:
        return Order(
            self.plan.scenario,
            self.folder,
            self.threads,
            self.save_network,
            self.checkpoint_every,
            manifests.hash_of(self.strategies_file),
        )

    def _begin(self) -> dict[str, Any]:
        """Open the folder for further runs; a manifest that is there goes on."""
        fresh = manifests.new(self.plan, self.strategies_file, self.command)
        if (self.folder / MANIFEST).is_file():
            old = read_manifest(self.folder)
            fresh |= {key: old[key] for key in ("timings", "lost_workers")}
        manifests.save(self.folder, fresh)
        parts.reopen(self.folder)
        return fresh

    def _worker_count(self, jobs: int) -> int:
        """Return how many runs go on at a time. Raises ScenarioError if they need too much."""
        if self.executor is not None:
            return self.executor.count
        workers = self.workers or max(1, cores() // self.threads)
        room = available_memory()
        if self.workers is None and room is not None:
            workers = min(workers, max(1, room // self.plan.memory))
        workers = min(workers, jobs)
        self.plan.price(workers)
        return workers

    def _finish(self, manifest: dict[str, Any]) -> None:
        """Put the tables together, and remove what only a run that has failed needs again.

        If one has, the parts of all and its own checkpoint stay, so that it can be tried again.
        """
        runs = self.plan.runs
        parts.consolidate(self.folder, runs)
        manifests.save(self.folder, manifest | {"status": "complete"})
        statuses = parts.statuses(self.folder, runs)
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
