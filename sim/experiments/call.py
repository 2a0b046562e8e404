"""One call of ``run`` or ``sweep``: what is there already is found, what is missing is made."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from sim.experiments import checkpoints, locks
from sim.experiments import manifest as manifests
from sim.experiments.designs import Design
from sim.experiments.executors import UNWRITABLE, Executor
from sim.experiments.jobs import Job, Order
from sim.experiments.plan import Plan
from sim.experiments.progress import Progress
from sim.experiments.shards import Shard
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
    design: Design | None = None
    """Of a sweep."""
    shard: Shard = field(default_factory=Shard)
    """The part of the runs that this call is about."""

    def answer(self, resume: bool) -> Results:
        """Find the results of a run or make them."""
        missing = self._missing(again=True)
        if (self.folder / MANIFEST).is_file() and not resume:
            self._refuse_incomplete(missing)
            missing = []
        return self._made(missing)

    def is_done(self, again: bool) -> bool:
        """Whether nothing of a sweep is missing; runs that have failed are if ``again``."""
        return not self.shard.of(self._missing(again), self.plan.tasks)

    def go_on(self, again: bool) -> Results:
        """Make what is missing of a sweep; runs that have failed are missing if ``again``."""
        if not self.shard.of(self.plan.tasks, self.plan.tasks):
            few = f"there are only {len(self.plan.tasks)} runs to make"
            raise ResultsError(f"{few}, and none is left for {self.shard.name}; use fewer shards")
        missing = self._missing(again)
        if missing and (taken := self._adopted(missing)):
            self.progress.adopted(taken)
            missing = self._missing(again)
        return self._made(self.shard.of(missing, self.plan.tasks))

    def gather(self) -> Results:
        """Put the tables together of what shards have made."""
        runs, found = self.plan.runs, parts.statuses(self.folder, self.plan.runs)
        if len(found) < len(runs):
            missing = f"{len(runs) - len(found)} of {len(runs)} runs are missing"
            raise ResultsError(f"{self.folder}: {missing}; run the shards that they belong to")
        return self._made([])

    def clear(self) -> None:
        """Delete results that are there already."""
        if self.folder.is_dir():
            with locks.held(self.folder):
                for path in self.folder.iterdir():
                    if path.name != locks.FOLDER:
                        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _made(self, missing: list[Job]) -> Results:
        """Return the results, with runs that are missing made."""
        if missing:
            self._execute(missing)
        else:
            self._complete()
            self._retitle()
            self.progress.reused(self.folder)
        return open_results(self.folder)

    # ---- what is there ------------------------------------------------------------------

    def _missing(self, again: bool) -> list[Job]:
        """Return the runs that are not there, or lack the network asked for, or have failed.

        Those that have failed count only if they are to be tried ``again``.
        """
        found = parts.statuses(self.folder, self.plan.runs)
        good = ("ok",) if again else ("ok", "failed")
        jobs = self.plan.tasks
        missing = [j for j in jobs if found.get(j.run_id) not in good or self._lacks_network(j)]
        if missing and not (self.folder / parts.FOLDER).is_dir():
            return list(jobs)  # the others are no longer there one by one
        return missing

    def _adopted(self, missing: Iterable[Job]) -> int:
        """Take runs that other sweeps of this scenario have made already; return how many."""
        others = [path for path in self.folder.parent.glob("sweep-*") if path != self.folder]
        return parts.adopt(self.folder, others, (job.key for job in missing))

    def _lacks_network(self, job: Job) -> bool:
        files = network_files(self.folder, job.run_id)
        return self.save_network and not all(file.is_file() for file in files)

    def _refuse_incomplete(self, missing: list[Job]) -> None:
        remedy = "add --resume to go on, or --fresh to start anew"
        if read_manifest(self.folder)["status"] != "complete":
            total = len(self.plan.tasks)
            found = f"{total - len(missing)} of {total} runs are there"
            raise ResultsError(f"{self.folder}: these results are incomplete ({found}); {remedy}")
        if any(self._lacks_network(job) for job in missing):
            raise ResultsError(f"{self.folder}: these results hold no final networks; {remedy}")

    def _complete(self) -> None:
        """Finish what a call was killed at when all its runs had gone well."""
        manifest = self._manifest()
        found = parts.statuses(self.folder, self.plan.runs)
        good = set(found.values()) == {"ok"}
        passing = [name for name in _PASSING if name != parts.FOLDER or self.design is None]
        left = any((self.folder / name).is_dir() for name in passing)
        if manifest["status"] != "complete" or (good and left):
            with locks.held(self.folder, self.shard.name):
                self._conclude(manifest)

    def _retitle(self) -> None:
        """Let results that are shown again carry the titles and labels of today's file."""
        old = self._manifest()
        new = old | manifests.describe(self.plan.scenario)
        if new != old:
            manifests.save(self.folder, new)

    def _manifest(self) -> dict[str, Any]:
        """Return the manifest that is there; a new one if there is none."""
        if (self.folder / MANIFEST).is_file():
            return read_manifest(self.folder)
        return manifests.new(self.plan, self.strategies_file, self.command, self.design)

    # ---- what is made -------------------------------------------------------------------

    def _execute(self, missing: list[Job]) -> None:
        workers = self._worker_count(len(missing))
        with self._guarded(), locks.held(self.folder, self.shard.name):
            start = perf_counter()
            self._begin()
            if not is_compiled():
                warm_up(self.progress.compiling)
            self.progress.planned(self.plan, missing, workers)
            took = self._work(missing, workers, start)
            self._conclude(self._noted(took))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Say what to do where nothing can be written; what there is stays as it was."""
        try:
            yield
        except OSError as error:
            if error.errno not in UNWRITABLE:
                raise
            reason = f"{error.filename or self.folder}: {error.strerror}"
            kept = len(parts.statuses(self.folder, self.plan.runs))
            raise ResultsError(
                f"{reason}. {kept} of {len(self.plan.jobs)} runs are finished and kept in "
                f"{self.folder}; make room or choose another --out, then go on."
            ) from error

    def _work(self, missing: list[Job], workers: int, start: float) -> dict[str, Any]:
        """Do the missing runs; return what that took, and note it even if it is interrupted."""
        compiled, all_ = perf_counter(), self.plan.tasks
        total = len(self.shard.of(all_, all_))
        done = total - len(missing)
        executor = self.executor or Workers(workers, self.strategies_file)
        self.progress.started(self.folder, total, done, workers)
        work = Work(self._order(), missing, done, executor, self.progress)
        try:
            work.run()
        except BaseException:
            with suppress(OSError):
                manifests.save(self.folder, self._noted(_took(work, start, compiled)))
            raise
        finally:
            self.progress.ended()
        return _took(work, start, compiled)

    def _order(self) -> Order:
        return Order(
            self.plan.scenario,
            self.folder,
            self.threads,
            self.save_network,
            self.checkpoint_every,
            manifests.hash_of(self.strategies_file),
            digests=self.design is None,
        )

    def _begin(self) -> None:
        """Open the folder for further runs; the timings of a manifest that is there go on."""
        checkpoints.sweep(self.folder, alone=locks.is_alone(self.folder, self.shard.name))
        fresh = manifests.new(self.plan, self.strategies_file, self.command, self.design)
        if (self.folder / MANIFEST).is_file():
            old = read_manifest(self.folder)
            fresh |= {key: old[key] for key in ("timings", "lost_workers")}
        with locks.waited_for(self.folder, locks.CLOSING):
            manifests.save(self.folder, fresh)
            if self.design is not None:
                self.design.save(self.folder)
            parts.reopen(self.folder)

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

    def _noted(self, took: dict[str, Any]) -> dict[str, Any]:
        """Return the manifest with what this call took added."""
        manifest = self._manifest()
        timings = manifest["timings"]
        timings["burn_in_s"] |= took["burn_in_s"]
        for name in ("compile_s", "wall_s"):
            timings[name] = round(timings.get(name, 0.0) + took[name], 3)
        timings["finished"] = manifests.now()
        manifest["lost_workers"] += took["lost_workers"]
        return manifest

    def _conclude(self, manifest: dict[str, Any]) -> None:
        """Put the tables together if all runs are there, which other shards may have made."""
        with locks.waited_for(self.folder, locks.CLOSING):
            found = parts.statuses(self.folder, self.plan.runs)
            if len(found) == len(self.plan.runs):
                self._finish(manifest, found)
            else:
                manifests.save(self.folder, manifest)

    def _finish(self, manifest: dict[str, Any], statuses: dict[str, str]) -> None:
        """Put the tables together, and remove what only a run that has failed needs again.

        If one has, the parts of all and its own checkpoint stay, so that it can be tried again.
        """
        if self.design is not None:
            self.design.save(self.folder)
        parts.consolidate(self.folder, self.plan.runs)
        manifests.save(self.folder, manifest | {"status": "complete"})
        if set(statuses.values()) == {"ok"} and self.design is None:
            parts.discard(self.folder)
        checkpoints.clear(self.folder, {run for run, status in statuses.items() if status != "ok"})
        shutil.rmtree(self.folder / "worlds", ignore_errors=True)
        checkpoints.sweep(self.folder, alone=locks.is_alone(self.folder, self.shard.name))


def _took(work: Work, start: float, compiled: float) -> dict[str, Any]:
    """Return what a call took."""
    return {
        "burn_in_s": work.burn_in_s,
        "compile_s": compiled - start,
        "wall_s": perf_counter() - start,
        "lost_workers": work.lost_workers,
    }
