"""Commands and their options. What they do is imported when they are called.

So the help and the errors of the command line come at once, although the model and the
figures need large libraries.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from sim._version import __version__

__all__ = ["app", "main"]

app = App(
    name="followlab",
    help="A laboratory for follower growth: begging, buying or being interesting, and what of it.",
    version=__version__,
    help_format="plaintext",
    help_epilogue="Start with: followlab run hello",
    suppress_keyboard_interrupt=False,
)

_typed: list[str] = []  # the command line under way, for the manifest

Count = Annotated[int, Parameter(validator=Number(gte=1))]
Flag = Annotated[bool, Parameter(negative="", show_default=False)]
Repeated = Annotated[list[str] | None, Parameter(negative="")]


def _check_shard(kind: object, text: str | None) -> None:
    """Raise ValueError if this is no shard."""
    from sim.experiments.shards import Shard

    if text is not None:
        Shard.parse(text)


@app.command
def run(
    scenario: str,
    /,
    *,
    out: Path = Path("results"),
    replicates: Count | None = None,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] | None = None,
    threads: Count = 1,
    workers: Count | None = None,
    set_: Annotated[Repeated, Parameter(name="--set")] = None,
    arm: Repeated = None,
    resume: Flag = False,
    fresh: Flag = False,
    checkpoint_every: Count | None = None,
    strategies: Path | None = None,
    save_network: Flag = False,
    no_figures: Flag = False,
    quiet: Flag = False,
) -> int:
    """Run a scenario and show what came of it.

    The results go to OUT/<scenario>/run-<hash>; the same command finds them again.

    Parameters
    ----------
    scenario
        A scenario file, or the name of a shipped scenario.
    out
        Folder of all results.
    replicates
        Number of worlds, instead of the scenario's.
    seed
        Seed of the first world, instead of the scenario's.
    threads
        Threads that each run uses (for large worlds); they change no result.
    workers
        Runs at a time; by default as many as there are cores for.
    set_
        Another setting, as in --set world.accounts=5000; may be repeated.
    arm
        Run only this arm; may be repeated.
    resume
        Go on with results that are incomplete, and try failed runs again; runs that have left
        a checkpoint go on from there.
    fresh
        Delete results that are there already, and start anew.
    checkpoint_every
        Save each run every so many DAYS, so that after a crash or a power cut --resume goes on
        from there, to the same results to the bit; by default only finished runs are kept.
    strategies
        A Python file with strategies of your own. It is run: use files that you trust.
    save_network
        Save the final network of each run, for export.
    no_figures
        Make no figures and no report.
    quiet
        Show no progress and no table, only where the results are.
    """
    from sim.cli import running

    choices = running.Choices(
        scenario=scenario,
        out=out,
        replicates=replicates,
        seed=seed,
        threads=threads,
        workers=workers,
        settings=set_ or [],
        arms=arm or [],
        resume=resume,
        fresh=fresh,
        checkpoint_every=checkpoint_every,
        strategies=strategies,
        save_network=save_network,
        figures=not no_figures,
        quiet=quiet,
    )
    return running.run(choices, shlex.join(["followlab", *_typed]))


@app.command
def sweep(
    scenario: str,
    /,
    *,
    out: Path = Path("results"),
    replicates: Count | None = None,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] | None = None,
    threads: Count = 1,
    workers: Count | None = None,
    set_: Annotated[Repeated, Parameter(name="--set")] = None,
    arm: Repeated = None,
    shard: Annotated[str | None, Parameter(validator=_check_shard)] = None,
    gather: Flag = False,
    cluster: str | None = None,
    resume: Flag = False,
    fresh: Flag = False,
    checkpoint_every: Count | None = None,
    strategies: Path | None = None,
    save_network: Flag = False,
    no_figures: Flag = False,
    quiet: Flag = False,
) -> int:
    """Run a scenario at every point of its sweep.

    The results go to OUT/<scenario>/sweep-<hash>; the same command goes on with what is missing.

    Parameters
    ----------
    scenario
        A scenario file with a [sweep], or the name of a shipped one.
    out
        Folder of all results.
    replicates
        Number of worlds at each point, instead of the scenario's.
    seed
        Seed of the first world, instead of the scenario's.
    threads
        Threads that each run uses; they change no result.
    workers
        Runs at a time; by default as many as there are cores for.
    set_
        Another setting, as in --set sweep.samples=128; may be repeated.
    arm
        Run only this arm; may be repeated.
    shard
        Do part I of N only, as in --shard 3/10; shards may be done at the same time, also on
        machines that share OUT, and the last one puts the tables together.
    gather
        Make no run, but put the tables together of what shards have made.
    cluster
        Let the workers of a Dask scheduler at this ADDRESS do the runs, such as
        tcp://10.0.0.1:8786; or "local", to start one here, with its dashboard.
    resume
        Try failed runs again.
    fresh
        Delete results that are there already, and start anew.
    checkpoint_every
        Save each run every so many DAYS, to go on from there after a crash.
    strategies
        A Python file with strategies of your own. It is run: use files that you trust.
    save_network
        Save the final network of each run, for export.
    no_figures
        Make no figures and no report.
    quiet
        Show no progress and no table, only where the results are.
    """
    from sim.cli import sweeping

    choices = sweeping.Choices(
        scenario=scenario,
        out=out,
        replicates=replicates,
        seed=seed,
        threads=threads,
        workers=workers,
        settings=set_ or [],
        arms=arm or [],
        shard=shard,
        gather=gather,
        cluster=cluster,
        resume=resume,
        fresh=fresh,
        checkpoint_every=checkpoint_every,
        strategies=strategies,
        save_network=save_network,
        figures=not no_figures,
        quiet=quiet,
    )
    return sweeping.sweep(choices, shlex.join(["followlab", *_typed]))


@app.command
def check(scenario: list[str], /, *, out: Path = Path("results"), time: Flag = False) -> int:
    """Check scenario files, and say what is wrong and where, and what running them takes.

    Parameters
    ----------
    scenario
        Scenario files, or names of shipped scenarios.
    out
        Folder of all results, where earlier runs tell how long one takes.
    time
        If there are none, try how long a run takes, for some seconds.
    """
    from sim.cli.catalogue import check_all

    return check_all(scenario, out, time)


@app.command
def strategies(name: str | None = None, /) -> int:
    """List the strategies, or tell all about one.

    Parameters
    ----------
    name
        A strategy.
    """
    from sim.cli.catalogue import show_strategies

    return show_strategies(name)


@app.command
def describe(key: str, /) -> int:
    """Tell what a setting means, with its unit, range, default and source.

    Parameters
    ----------
    key
        A dotted key, such as platform.ranking, or a section, such as world.
    """
    from sim.cli.catalogue import show_setting

    return show_setting(key)


@app.command
def new(name: str, /) -> int:
    """Write a scenario to start from, NAME.toml.

    Parameters
    ----------
    name
        Name of the scenario.
    """
    from sim.cli.catalogue import write_new

    return write_new(name)


@app.command
def analyse(
    results: Path,
    /,
    *,
    measure: Repeated = None,
    precision: Annotated[float, Parameter(validator=Number(gt=0))] = 10.0,
    method: Literal["rbd_fast", "pawn"] | None = None,
    out: Path | None = None,
    no_figures: Flag = False,
) -> int:
    """Compare the arms at every point, and say what pairing gains and on what it all depends.

    Parameters
    ----------
    results
        A folder of results, of a sweep or of a run; of a scenario's folder, the newest in it.
    measure
        A measure, such as engaged; may be repeated. The first is that of figures and indices; by
        default the scenario's primary measure, or engaged.
    precision
        Wanted half of the 95 % interval of a difference, in % of the reference's mean.
    method
        Indices of SALib instead of those that the design was made for.
    out
        Folder for tables (CSV) and figures; by default "analysis" in the folder of the results.
    no_figures
        Write tables only.
    """
    from sim.cli.analysing import analyse

    return analyse(results, measure or None, precision, method, out, not no_figures)


@app.command
def plot(results: Path, /) -> int:
    """Draw the figures and write the report again.

    Parameters
    ----------
    results
        A folder of results; of a scenario's folder, the newest in it.
    """
    from sim.cli.running import redraw

    return redraw(results)


@app.command
def validate(
    *,
    quick: Flag = False,
    scenario: str | None = None,
    graph: Annotated[list[Path] | None, Parameter(negative="")] = None,
    history: Annotated[list[Path] | None, Parameter(negative="")] = None,
    accounts: Count | None = None,
    seeds: Count | None = None,
    days: Count | None = None,
    law_accounts: Count | None = None,
    set_: Annotated[Repeated, Parameter(name="--set")] = None,
    out: Path = Path("results"),
    fresh: Flag = False,
    workers: Count | None = None,
    no_figures: Flag = False,
    quiet: Flag = False,
) -> int:
    """Measure the model against what is known, and write a report.

    What is found of the defaults also goes into OUT/README.md where that has a place for it,
    between marks with the number of accounts. Every seed is kept as it is done: after Ctrl-C the
    same command goes on. The exit code is 1 if a check is out of band, or a law broken.

    Parameters
    ----------
    quick
        A small world, one seed and two months, in a minute or so.
    scenario
        Use the world, people, platform and behaviour of this scenario, instead of the defaults.
    graph
        Lay a follow graph (CSV, CSV.GZ, GraphML) beside the simulated one; may be repeated.
    history
        Lay follower histories (CSV: account,date,followers) beside the simulated; may be repeated.
    accounts
        Size of the world.
    seeds
        Worlds to look at; 5 by default.
    days
        Days to watch after the burn-in; 197 by default.
    law_accounts
        Size of the worlds in which the exact laws are tried.
    set_
        Another setting, as in --set behaviour.repetition=0.05; may be repeated.
    out
        Folder of all results.
    fresh
        Compute again what is there already.
    workers
        Worlds at a time; by default one for each core.
    no_figures
        Make no figures and no report.
    quiet
        Show no progress and no table.
    """
    from sim.cli import validating

    choices = validating.Choices(
        scenario=scenario,
        quick=quick,
        accounts=accounts,
        seeds=seeds,
        days=days,
        law_accounts=law_accounts,
        settings=set_ or [],
        graphs=graph or [],
        histories=history or [],
        out=out,
        fresh=fresh,
        workers=workers,
        figures=not no_figures,
        quiet=quiet,
    )
    return validating.run(choices, shlex.join(["followlab", *_typed]))


@app.command
def calibrate(
    *,
    trials: Count = 200,
    minutes: float | None = None,
    accounts: Count = 5_000,
    seeds: Count = 2,
    days: Count = 120,
    workers: Count | None = None,
    out: Path = Path("results"),
    show: Flag = False,
    quiet: Flag = False,
) -> int:
    """Fit settings that nobody has measured to the checks of validate.

    Trials are kept as they are done: the same command goes on. The record of what was fitted,
    how well and how surely goes to OUT/calibration, and into OUT/README.md where it has a place
    for it; of other worlds than by default it goes to a folder within. No default is changed by it.
    It needs optuna: pip install 'followlab[calibration]'.

    Parameters
    ----------
    trials
        How many trials there should be in all.
    minutes
        Begin no trial after so many minutes.
    accounts
        Size of the worlds.
    seeds
        Worlds of each trial; all trials have the same ones.
    days
        Days to watch after the burn-in.
    workers
        Trials at a time; by default one for each core.
    out
        Folder of all results.
    show
        Try nothing; show, draw and write what is there.
    quiet
        Show no progress.
    """
    from sim.calibration.study import Setup
    from sim.cli import calibrating

    setup = Setup(accounts=accounts, seeds=seeds, days=days)
    return calibrating.run(
        calibrating.Choices(
            trials=trials,
            minutes=minutes,
            workers=workers,
            setup=setup,
            out=out,
            show=show,
            quiet=quiet,
        ),
        shlex.join(["followlab", *_typed]),
    )


@app.command
def findings(
    *,
    worlds: Count = 20,
    premise_worlds: Count = 6,
    only: Repeated = None,
    graph: Annotated[list[Path] | None, Parameter(negative="")] = None,
    minutes: float | None = None,
    workers: Count | None = None,
    set_: Annotated[Repeated, Parameter(name="--set")] = None,
    out: Path = Path("results"),
    show: Flag = False,
    quiet: Flag = False,
) -> int:
    """Test every claim of the essays in many worlds and across the premises.

    It takes hours. Whatever is done is kept, run by run: the same command goes on, in as many
    sittings as it takes. What is known so far is told, drawn and written to OUT/findings. What is
    known of all claims goes into OUT/README.md and, in a sentence, into the README.md of the folder
    above, where they have a place for it. With other settings or fewer worlds than by default
    nothing of that is touched: all goes to OUT/findings/other.

    Parameters
    ----------
    worlds
        Worlds of each claim as declared.
    premise_worlds
        Worlds of each claim under each other premise, and of four times the accounts.
    only
        Only this claim's scenario; may be repeated. Holm's correction is over those that are run.
    graph
        Instead of the claims, live the five lives on a follow graph (CSV, CSV.GZ, GraphML) and in a
        generated world of the same size, in so many WORLDS; may be repeated.
    minutes
        Begin nothing new after so many minutes.
    workers
        Runs at a time; by default as many as there are cores for.
    set_
        Another setting for all claims, as in --set world.accounts=1000; may be repeated.
    out
        Folder of all results.
    show
        Run nothing; show, draw and write what is there.
    quiet
        Show no progress.
    """
    from sim.cli import finding

    choices = finding.Choices(
        worlds=worlds,
        premise_worlds=premise_worlds,
        only=only or [],
        graphs=graph or [],
        minutes=minutes,
        workers=workers,
        settings=set_ or [],
        out=out,
        show=show,
        quiet=quiet,
    )
    return finding.run(choices)


@app.command
def export(
    results: Path,
    /,
    *,
    format: Literal["csv", "graphml", "gexf", "html"] = "csv",
    out: Path | None = None,
) -> int:
    """Write results for other programs.

    Parameters
    ----------
    results
        A folder of results; of a scenario's folder, the newest in it.
    format
        csv writes the tables; graphml and gexf write the final networks, if they were saved
        (by --save-network); html writes one page that replays the runs in any browser,
        without a server.
    out
        Folder to write to; by default "export" in the folder of the results.
    """
    from sim.cli.running import write_export

    return write_export(results, format, out)


@app.command
def classroom(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, Parameter(validator=Number(gte=1, lte=65_535))] = 8080,
    folder: Path = Path("results/classroom"),
    worlds: Count | None = None,
    no_browser: Flag = False,
    class_: Annotated[str | None, Parameter(name="--class")] = None,
    students: Annotated[int | None, Parameter(validator=Number(gte=1, lte=64))] = None,
    seed: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    fresh: Flag = False,
) -> int:
    """Open the classroom: a page on which a world can be watched and steered. Works offline.

    With --class, a class shares one world: students join from their own devices.

    Parameters
    ----------
    host
        Address to listen on; by default only this machine can reach the page. 0.0.0.0 lets all
        devices of the network in.
    port
        Port to listen on.
    folder
        Folder in which sessions are kept, so that they outlive the server.
    worlds
        Most worlds that may be alive at a time; by default 40, as far as memory lasts.
    no_browser
        Do not open a browser.
    class_
        Host a class in the world of this SCENARIO, such as the shipped "classroom"; each
        student steers one protagonist.
    students
        Seats of the class, instead of the scenario's number of protagonists.
    seed
        Seed of the world of the class.
    fresh
        Begin a new class, although one is kept in the folder; it stays there as room.json.old.
    """
    from sim.cli.classroom import open_class, open_classroom

    if class_ is not None:
        return open_class(class_, host, port, folder, students, seed, fresh, not no_browser)
    return open_classroom(host, port, folder, worlds, browser=not no_browser)


@app.command
def version() -> int:
    """Show the version, and that of the model."""
    from sim._version import model_version

    print(f"followlab {__version__} (model {model_version()})")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line and return the exit code.

    0: done; 1: some runs failed; 2: a mistake of the user, said in plain words; 130: Ctrl-C.
    """
    _typed[:] = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(_typed, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        return 2  # already said
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from sim.cli.mistakes import explain

        text = explain(error)
        if text is None:
            raise
        print(text, file=sys.stderr)
        return 2
    return code if isinstance(code, int) else 0
