import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

import sim
from fakes import SCENARIO, use_fake_compiler, use_fake_model
from sim.cli import display, main, tables
from sim.cli.mistakes import explain
from sim.experiments.estimate import Speed
from sim.experiments.executors import TaskError, WorkerDied
from sim.experiments.progress import Outcome, Snapshot
from sim.strategies import UnknownStrategy

HEAVY = ("mesa", "numba", "numpy", "matplotlib", "duckdb", "pandas", "scipy", "networkx")


SWEPT = (
    SCENARIO.replace("trial", "swept").partition('[[arms]]\nname = "beg"')[0]
    + '[[sweep.parameters]]\nkey = "protagonists.craft"\nvalues = [0.25, 0.75]\n'
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a scenario file, and a model that computes nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    use_fake_model(monkeypatch)
    (tmp_path / "trial.toml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "swept.toml").write_text(SWEPT, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> int:
    return main(["run", *arguments, "--workers", "1", "--no-figures"])


# --- Start ---------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["sim", "sim.cli", "sim.cli.app"])
def test_start_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for command in (
        "run",
        "sweep",
        "check",
        "strategies",
        "describe",
        "new",
        "plot",
        "export",
        "version",
    ):
        assert f"{command} " in text


def test_the_version_names_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert sim.__version__ in capsys.readouterr().out


# --- Mistakes ------------------------------------------------------------------------------


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rum"], "run"),
        (["run", "trial.toml", "--sed", "3"], "--seed"),
        (["run", "trial.toml", "--replicates", "0"], ">= 1"),
        (["run"], "SCENARIO"),
        (["run", "trail.toml"], "trial.toml"),
        (["run", "trial.toml", "--arm", "bag"], '"beg"|beg'),
        (["run", "trial.toml", "--set", "world.acounts=5"], "world.accounts|accounts"),
        (["run", "trial.toml", "--set", "world.accounts"], "key=value"),
        (["run", "trial.toml", "--strategies", "none.py"], "none.py: cannot be read"),
        (["strategies", "bag"], "beg"),
        (["describe", "platform.rankin"], "platform.ranking"),
        (["plot", "nowhere"], "nowhere: no results here"),
        (["export", "nowhere"], "nowhere: no results here"),
        (["export", "nowhere", "--format", "xml"], "graphml"),
        (["check", "trial.toml", "nothing.toml"], "nothing.toml"),
        (["sweep", "trial.toml"], "nothing to sweep"),
        (["sweep", "swept.toml", "--shard", "3/2"], "i/N"),
        (["sweep", "swept.toml", "--set", "sweep.desing=grid"], "design"),
        (["sweep", "swept.toml", "--gather"], "8 of 8 runs are missing"),
        (["check"], "SCENARIO"),
        (["new", "a b"], "a b"),
    ],
)
def test_a_mistake_is_said_in_plain_words(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert re.search(message, said)
    assert "Traceback" not in said


@pytest.mark.usefixtures("place")
def test_a_folder_that_cannot_be_written_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "file").touch()
    assert run("trial.toml", "--out", "file") == 2
    assert "file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (TaskError("MemoryError: no room"), "not enough memory"),
        (TaskError("OSError: [Errno 28]", errno=28, filename="a.json"), "a.json: No space left"),
        (TaskError("NothingSteady: validation needs a burn-in"), "validation needs a burn-in"),
        (WorkerDied(), "--workers 1"),
        (UnknownStrategy("bot", ["idle"]), "no strategy named 'bot'"),
        (TaskError("IndexError: 7"), None),
    ],
)
def test_errors_of_other_processes_are_explained(error: Exception, told: str | None) -> None:
    said = explain(error)
    assert (said is None) == (told is None)
    assert (told or "") in (said or "")


def test_a_fault_of_the_program_is_not_hidden(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_compiler(monkeypatch, RuntimeError("a fault"))
    with pytest.raises(RuntimeError, match="a fault"):
        run("trial.toml")


# --- Running -------------------------------------------------------------------------------


@pytest.mark.usefixtures("place")
def test_run_shows_lives_and_differences(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("trial.toml") == 0
    out, err = capsys.readouterr()
    assert "beg-1: 28 followers, 28 engaged" in err
    assert "Being interesting" in out
    assert "7.5 ±6.4" in out  # two worlds, 7 and 8: t(.975, 1) · s / √2 = 12.706 · 0.5 = 6.35
    assert "+10 ±0" in out  # idle minus organic, the same in each world
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.usefixtures("place")
def test_a_second_run_shows_the_same_results(capsys: pytest.CaptureFixture[str]) -> None:
    run("trial.toml")
    first = capsys.readouterr().out
    assert run("trial.toml") == 0
    out, err = capsys.readouterr()
    assert out == first
    assert "there already" in err


def sweep(*arguments: str) -> int:
    return main(["sweep", "swept.toml", *arguments, "--workers", "1", "--no-figures"])


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "trial", lambda scenario: Speed(0.01, "from a trial"))


@pytest.mark.usefixtures("place", "untried")
def test_sweep_says_what_it_takes_and_shows_points(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep() == 0
    out, err = capsys.readouterr()
    assert "2 points x 2 arms x 2 worlds = 8 runs; 2 worlds to burn in." in err
    # (2 worlds of 3 days + 8 runs of 4 days) of 100 accounts at 0.01 s for an account and day
    assert "Time: about 38 s (from a trial)." in err
    assert "organic-0" not in err  # runs are not told one by one
    lines = [line.split() for line in out.splitlines()]
    assert ["0.25", "Being", "interesting", "7.5", "7.5"] in lines
    assert ["0.75", "idle", "17.5", "17.5"] in lines
    assert sweep() == 0
    assert "there already" in capsys.readouterr().err


@pytest.mark.usefixtures("place", "untried")
def test_a_shard_says_what_is_not_there_yet(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("--shard", "1/2") == 0
    assert "4\N{NO-BREAK SPACE}runs not there yet" in capsys.readouterr().out
    assert sweep("--shard", "2/2") == 0
    assert "not there yet" not in capsys.readouterr().out


@pytest.mark.usefixtures("place", "untried")
def test_failed_runs_of_a_sweep_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    text = SWEPT.replace('"idle"\nstrategy', '"broken"\nstrategy')
    Path("swept.toml").write_text(text, encoding="utf-8")
    assert sweep() == 1
    err = capsys.readouterr().err
    assert err.count("broken-0: failed: ValueError: broken on purpose") == 2
    assert "add --resume" in err


def test_the_command_stands_in_the_manifest(place: Path) -> None:
    run("trial.toml", "--seed", "5", "--arm", "beg")
    manifest = sim.open("results/trial").manifest
    assert manifest["command"] == (
        "followlab run trial.toml --seed 5 --arm beg --workers 1 --no-figures"
    )
    assert manifest["seeds"] == [5, 6]
    assert list(manifest["arms"]) == ["beg"]


OWN = """
from sim.strategies import Strategy


class Own(Strategy):
    '''Waits and sees.'''

    name = "own"

    def decide_one(self, me, day):
        pass
"""


def test_a_strategy_of_ones_own_comes_from_a_file(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.strategies._added", {})
    (place / "own.py").write_text(OWN, encoding="utf-8")
    text = SCENARIO.replace('strategy = "beg"', 'strategy = "own"')
    (place / "trial.toml").write_text(text, encoding="utf-8")
    assert run("trial.toml") == 2
    assert '"own"' in capsys.readouterr().err
    assert run("trial.toml", "--strategies", "own.py") == 0
    about = sim.open("results/trial").manifest["strategies_file"]
    assert about["name"] == "own.py"
    assert len(about["hash"]) == 64


@pytest.mark.usefixtures("place")
def test_quiet_says_only_where_the_results_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("trial.toml", "--quiet") == 0
    out, err = capsys.readouterr()
    assert (Path(out.strip()) / "manifest.json").is_file()
    assert err == ""


@pytest.mark.usefixtures("place")
def test_ctrl_c_says_how_to_go_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        said = display.Lines.finished

        def interrupt(self: display.Lines, outcome: Outcome) -> None:
            said(self, outcome)
            raise KeyboardInterrupt

        patch.setattr(display.Lines, "finished", interrupt)
        assert run("trial.toml") == 130
    assert "1 of 6 runs are finished" in capsys.readouterr().err
    assert run("trial.toml") == 2
    assert "--resume" in capsys.readouterr().err
    assert run("trial.toml", "--resume") == 0
    assert "1 are there already" in capsys.readouterr().err


@pytest.mark.usefixtures("place")
def test_ctrl_c_before_anything_is_done_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_compiler(monkeypatch, KeyboardInterrupt())
    assert run("trial.toml") == 130


def test_failed_runs_are_listed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = SCENARIO.replace('"idle"\nstrategy', '"broken"\nstrategy')
    (place / "trial.toml").write_text(broken, encoding="utf-8")
    assert run("trial.toml") == 1
    out, err = capsys.readouterr()
    assert "Failed: broken-0: ValueError: broken on purpose" in err
    assert "--resume" in err
    assert "Being interesting" in out


def test_without_a_good_run_there_is_no_table(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SCENARIO.partition("[[arms]]")[0] + '[[arms]]\nname = "broken"\n'
    (place / "trial.toml").write_text(text, encoding="utf-8")
    assert main(["run", "trial.toml", "--workers", "1"]) == 1
    assert "Results:" in capsys.readouterr().out


@pytest.mark.usefixtures("place")
def test_figures_and_report_are_made_once_or_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []

    def save_all(results: sim.Results, folder: Path) -> list[Path]:
        made.append(folder)
        folder.mkdir(exist_ok=True)
        return [folder / "one.png"]

    def write(results: sim.Results, folder: Path, figures: Path) -> Path:
        (folder / "report.html").touch()
        return folder / "report.html"

    monkeypatch.setattr("sim.plots.save_all", save_all)
    monkeypatch.setattr("sim.report.write", write)
    for _ in range(2):
        assert main(["run", "trial.toml", "--workers", "1"]) == 0
        out = capsys.readouterr().out
        assert re.search(r"Report: +results/trial/run-\w+/report.html", out)
        assert re.search(r"Figures: +results/trial/run-\w+/figures", out)
    assert len(made) == 1
    assert main(["plot", "results/trial"]) == 0
    assert "one.png" in capsys.readouterr().out
    assert len(made) == 2


@pytest.mark.usefixtures("place")
def test_export_writes_tables(capsys: pytest.CaptureFixture[str]) -> None:
    run("trial.toml", "--quiet")
    folder = capsys.readouterr().out.strip()
    assert main(["export", folder, "--out", "tables"]) == 0
    assert Path("tables/series.csv").is_file()
    assert main(["export", folder, "--format", "gexf"]) == 2
    assert "--save-network" in capsys.readouterr().err


# --- Looking things up ---------------------------------------------------------------------


@pytest.mark.usefixtures("place")
def test_check_says_what_is_right_and_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wrong.toml").write_text("[world]\naccounts = 1\n", encoding="utf-8")
    assert main(["check", "trial.toml"]) == 0
    out = capsys.readouterr().out
    assert "trial.toml: right (3 arms, 2 replicates, 4 days)" in out
    assert "3 arms x 2 worlds = 6 runs; 2 worlds to burn in." in out
    assert "Time: not known before a run" in out
    run("trial.toml")
    assert main(["check", "trial.toml"]) == 0
    assert re.search(r"Time: about \d+ s \(as in results/trial", capsys.readouterr().out)
    assert main(["check", "wrong.toml", "trial.toml"]) == 2
    out, err = capsys.readouterr()
    assert "trial.toml: right" in out
    assert "wrong.toml:2" in err


def test_every_strategy_is_listed_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    from sim import strategies

    assert main(["strategies"]) == 0
    listed = capsys.readouterr().out
    for name in strategies.names():
        assert name in listed
        assert main(["strategies", name]) == 0
        told = capsys.readouterr().out
        for parameter in strategies.find(name).Params.model_fields:
            assert parameter in told


def test_describe_tells_unit_range_and_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "world.accounts"]) == 0
    told = capsys.readouterr().out
    for part in ("world.accounts", "10000", "accounts", "default", "range", "[world]"):
        assert part in told
    assert main(["describe", "world"]) == 0
    assert "burn_in_days" in capsys.readouterr().out


@pytest.mark.usefixtures("place")
def test_new_writes_a_scenario_that_is_right_and_overwrites_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["new", "mine"]) == 0
    assert main(["check", "mine.toml"]) == 0
    Path("mine.toml").write_text("precious", encoding="utf-8")
    assert main(["new", "mine.toml"]) == 2
    assert "there already" in capsys.readouterr().err
    assert Path("mine.toml").read_text(encoding="utf-8") == "precious"


# --- What is seen --------------------------------------------------------------------------


def snapshot(**more: object) -> Snapshot:
    values: dict[str, object] = {
        "runs_done": 3,
        "runs_total": 35,
        "days_done": 100,
        "days_total": 400,
        "seconds": 4.0,
        "working_on": ["beg-0"],
    }
    return Snapshot(**(values | more))  # type: ignore[arg-type]


def test_the_status_says_how_far_how_fast_and_how_long() -> None:
    # 100 days in 4 s are 25 a second; the other 300 take 12 s.
    assert display.status(snapshot()) == "3/35 runs, 25%, 25 days/s, 0:12 left"
    assert display.status(snapshot(days_done=0)) == "3/35 runs, 0%, 0 days/s"
    assert display.clock(3725.0) == "1:02:05"


def test_lines_come_only_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(display, "monotonic", lambda: clock[0])
    console = Console(record=True, width=80, file=StringIO())
    lines = display.Lines(console)
    lines.compiling("browse")
    lines.compiling("react")
    lines.started(Path("there"), 35, 3, 2)
    for _ in range(20):  # a second each: four lines
        clock[0] += 1
        lines.advanced(snapshot())
    lines.lost_worker("beg-0")
    text = console.export_text()
    assert text.count("25%") == 4
    assert text.count("Compiling") == 1
    assert "35 runs (3 are there already), 2 at a time" in text
    assert "trying once more: beg-0" in text


def test_the_bar_shows_each_stage_and_leaves_the_lines() -> None:
    console = Console(record=True, width=100, force_terminal=True, file=StringIO())
    live = display.choose(console, quiet=False)
    assert isinstance(live, display.Live)
    live.compiling("browse")
    live.started(Path("there"), 35, 0, 2)
    live.advanced(snapshot(working_on=["burn-in 0"]))
    live.advanced(snapshot())
    live.finished(Outcome("beg-0", "beg", 0, "ok", "", 1.5, 30.0, 3.0))
    live.finished(Outcome("beg-1", "beg", 1, "failed", "no luck", 1.5, 0.0, 0.0))
    live.ended()
    text = console.export_text()
    assert "beg-0: 30 followers, 3 engaged (1.5 s)" in text
    assert "beg-1: failed: no luck" in text


@pytest.mark.parametrize(
    ("values", "signed", "text"),
    [
        ((1234.4, 56.7), False, "1,234 ±57"),
        ((1.2345, 0.0123), False, "1.234 ±0.012"),
        ((3.0, 1.5), True, "+3.0 ±1.5"),
        ((-3.0, 0.0), True, "-3 ±0"),
        ((0.0123, float("nan")), False, "0.012"),
        ((float("nan"), float("nan")), True, "-"),
        ((float("inf"), float("nan")), False, "never"),
    ],
)
def test_a_cell_shows_two_digits_of_the_interval(
    values: tuple[float, float], signed: bool, text: str
) -> None:
    assert tables._cell("followers", values, signed) == text


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("measures", [1, 5, 11])
def test_blocks_fit_the_width_and_hold_every_measure(width: int, measures: int) -> None:
    names = [f"measure {k}" for k in range(measures)]
    blocks = list(tables._blocks(names, width))
    assert [name for block in blocks for name in block] == names
    widest = max(map(len, blocks))
    assert tables.LABEL + tables.GAP + widest * (tables.CELL + tables.GAP) <= width
