"""Running a scenario: all arms and replicates, resumable, with the results on the disk."""

from collections.abc import Iterable
from pathlib import Path

from sim import strategies
from sim.experiments import manifest as manifests
from sim.experiments.call import Call
from sim.experiments.choice import choose
from sim.experiments.plan import plan
from sim.experiments.progress import Progress
from sim.experiments.work import Interrupted
from sim.results import Results
from sim.scenario import Scenario
from sim.scenario.overrides import Sets

__all__ = ["Interrupted", "folder_of", "run"]


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


def folder_of(scenario: Scenario, out: Path, strategies_file: Path | None = None) -> Path:
    """Return where the results of a scenario belong."""
    return out / scenario.scenario.name / f"run-{manifests.identity(scenario, strategies_file)}"
