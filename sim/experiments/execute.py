"""Running a scenario: all arms and replicates, at all points of a sweep, resumable."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sim import strategies
from sim.experiments import designs
from sim.experiments import manifest as manifests
from sim.experiments.call import Call
from sim.experiments.choice import choose
from sim.experiments.cluster import Cluster
from sim.experiments.designs import Design
from sim.experiments.executors import Executor
from sim.experiments.plan import plan
from sim.experiments.progress import Progress
from sim.experiments.shards import Shard
from sim.experiments.work import Interrupted
from sim.results import Results
from sim.scenario import Problem, Scenario, ScenarioError
from sim.scenario.overrides import Sets

__all__ = ["Interrupted", "designed", "folder_of", "run", "sweep"]


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
    depends on, so the same call finds complete results again instead of computing them. A sweep
    of the scenario is left out.

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
    _refuse_interval(checkpoint_every)
    file = _known(strategies_file)
    chosen = choose(scenario, arms, replicates, seed, settings, swept=False)
    place = folder_of(chosen, Path("results" if out is None else out), file)
    call = Call(
        plan(chosen, manifests.hash_of(file)),
        place,
        strategies_file=file,
        threads=threads,
        workers=workers,
        checkpoint_every=checkpoint_every,
        save_network=save_network,
        command=command,
        progress=progress or Progress(),
    )
    if fresh:
        call.clear()
    return call.answer(resume)


def sweep(
    scenario: Scenario | str | Path,
    *,
    out: str | Path | None = None,
    arms: Iterable[str] | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    settings: Sets | None = None,
    threads: int = 1,
    workers: int | None = None,
    shard: str | None = None,
    gather: bool = False,
    resume: bool = False,
    fresh: bool = False,
    checkpoint_every: int | None = None,
    save_network: bool = False,
    strategies_file: str | Path | None = None,
    cluster: str | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Results:
    """Run a scenario at every point of its sweep, and return the results with ``points``.

    They are saved in ``out/<scenario>/sweep-<hash>``, each finished run at once and by itself in a
    file named by all that its outcome depends on. So the same call goes on where it was
    interrupted, and a sweep with other points, arms or replicates takes what it can use from
    the sweeps beside it. Worlds are burnt in once for all runs that begin in the same one.

    Args:
        scenario: A scenario, its file, the name of a shipped one, or TOML text; with a sweep.
        out: Folder of all results; by default ``results``.
        arms: Names of the arms to run; by default all.
        replicates: Number of worlds at each point, instead of the scenario's.
        seed: Seed of the first world, instead of the scenario's.
        settings: Other settings by dotted key, as in ``run``.
        threads: Threads that each run uses. The outcome does not depend on it.
        workers: Runs at a time; by default as many as there are cores for.
        shard: Do part i of N only, "i/N". Shards may be done at the same time, also on machines
            that share the folder; the last one puts the tables together.
        gather: Make nothing, but put the tables together of what shards have made.
        resume: Try failed runs again.
        fresh: Delete results that are there already, and start anew.
        checkpoint_every: Days between two checkpoints of each run; by default none.
        save_network: Save the final network of each run, for export.
        strategies_file: A Python file with strategies of one's own.
        cluster: Address of a Dask scheduler, whose workers do the runs; or "local", to start one
            on this machine. All hosts must share ``out``, under the same name.
        executor: Carries out the runs, instead of workers on this machine; it is let go at the end.
        progress: Is told how it goes; by default nothing is told.
        command: The command line, for the manifest.

    Raises:
        ScenarioError: if the scenario is wrong, at some point perhaps, or has no sweep.
        ResultsError: if another program works on the same results, nothing can be written, or
            runs are missing that shall be gathered.
        ClusterError: if there is no such cluster, or its workers cannot do the runs.
        ValueError: if ``shard`` or ``checkpoint_every`` make no sense.
        Interrupted: on Ctrl-C; finished runs are kept. It is a KeyboardInterrupt.
    """
    _refuse_interval(checkpoint_every)
    part = Shard() if shard is None else Shard.parse(shard)
    file = _known(strategies_file)
    chosen = choose(scenario, arms, replicates, seed, settings)
    made, news = designed(chosen), progress or Progress()
    place = Path("results" if out is None else out)
    call = Call(
        plan(chosen, manifests.hash_of(file), made.points),
        folder_of(chosen, place.resolve() if cluster else place, file, kind="sweep"),
        strategies_file=file,
        threads=threads,
        workers=workers,
        checkpoint_every=checkpoint_every,
        save_network=save_network,
        command=command,
        progress=news,
        executor=executor,
        design=made,
        shard=part,
    )
    if fresh:
        call.clear()
    if gather:
        return call.gather()
    if cluster is None or call.is_done(again=resume):
        return call.go_on(again=resume)
    with Cluster(cluster, workers=workers, strategies_file=file) as crew:
        news.connected(crew.dashboard, crew.count)
        return replace(call, executor=crew).go_on(again=resume)


def designed(scenario: Scenario) -> Design:
    """Return the points of a scenario's sweep.

    Raises ScenarioError if it has none, or is wrong at some of them.
    """
    if not scenario.sweep:
        file = "<text>" if scenario.path is None else str(scenario.path)
        fix = "Add [sweep] and [[sweep.parameters]], or use: followlab run."
        raise ScenarioError([Problem(file, None, "sweep", "there is nothing to sweep", fix=fix)])
    made = designs.design(scenario)
    designs.check(scenario, made.points)
    return made


def folder_of(
    scenario: Scenario, out: Path, strategies_file: Path | None = None, *, kind: str = "run"
) -> Path:
    """Return where the results of a scenario belong; ``kind`` is run or sweep."""
    identity = manifests.identity(scenario, strategies_file)
    return out / scenario.scenario.name / f"{kind}-{identity}"


def _known(strategies_file: str | Path | None) -> Path | None:
    """Load a user's strategies; return their file."""
    file = None if strategies_file is None else Path(strategies_file)
    if file is not None:
        strategies.load_file(file)
    return file


def _refuse_interval(checkpoint_every: int | None) -> None:
    if checkpoint_every is not None and checkpoint_every < 1:
        raise ValueError(
            f"checkpoint_every must be at least 1 day, or None; got {checkpoint_every}"
        )
