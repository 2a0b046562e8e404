import json
import os
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import misbehaving
import sim
from fakes import SCENARIO, News, use_fake_model
from sim.experiments import call, manifest, tasks
from sim.experiments import workers as workers_module
from sim.experiments.choice import choose
from sim.experiments.execute import Interrupted, folder_of, run
from sim.experiments.executors import TaskError, WorkerDied
from sim.experiments.jobs import BurnIn, Job, Order, Schedule, Task
from sim.experiments.plan import plan
from sim.experiments.together import each, working
from sim.experiments.work import DIED, Work
from sim.experiments.workers import Workers
from sim.results import ResultsError, tables
from sim.scenario import Scenario, ScenarioError, loads


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_model(monkeypatch)


def job(arm: str, replicate: int) -> Job:
    return Job(arm, replicate, BurnIn(str(replicate), 7 + replicate))


def jobs(arms: str, replicates: int) -> list[Job]:
    return [job(arm, replicate) for arm in arms for replicate in range(replicates)]


# --- What is run ---------------------------------------------------------------------------


def test_replicate_r_has_the_seed_plus_r() -> None:
    found = plan(loads(SCENARIO)).jobs
    assert [one.run_id for one in found] == [
        "organic-0", "organic-1", "idle-0", "idle-1", "beg-0", "beg-1",
    ]  # fmt: skip
    assert [one.seed for one in found] == [7, 8] * 3


def test_choices_override_the_scenario() -> None:
    chosen = choose(SCENARIO, ["beg", "idle"], 9, 100, ["world.accounts=50"])
    assert chosen.arm_names == ("idle", "beg")
    assert chosen.reference == "idle"
    assert (chosen.scenario.replicates, chosen.scenario.seed) == (9, 100)
    assert chosen.world.accounts == 50
    assert choose(chosen, settings={"world.accounts": 60}).world.accounts == 60
    assert choose(chosen) is chosen


def test_the_reference_stays_while_its_arm_is_run() -> None:
    text = SCENARIO.replace("days = 4", 'days = 4\nreference = "beg"')
    assert choose(text, ["organic", "beg"]).reference == "beg"
    assert choose(text, ["organic", "idle"]).reference == "organic"


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"arms": ["bag"]}, 'no arm "bag".*beg'),
        ({"settings": ["world.acounts=50"]}, "Did you mean"),
        ({"settings": {"world.accounts": -1}}, "world.accounts"),
        ({"replicates": 0}, "replicates"),
    ],
)
def test_wrong_choices_are_explained(choices: dict[str, Any], message: str) -> None:
    for source in (SCENARIO, loads(SCENARIO)):
        with pytest.raises(ScenarioError, match=message):
            choose(source, **choices)


def test_the_folder_stands_for_all_that_the_outcome_depends_on(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("one")
    folders = [
        folder_of(choose(SCENARIO), tmp_path),
        folder_of(choose(SCENARIO, seed=8), tmp_path),
        folder_of(choose(SCENARIO, replicates=3), tmp_path),
        folder_of(choose(SCENARIO, ["organic"]), tmp_path),
        folder_of(choose(SCENARIO, settings={"world.accounts": 99}), tmp_path),
        folder_of(choose(SCENARIO), tmp_path, file),
    ]
    assert len(set(folders)) == len(folders)
    file.write_text("two")
    assert folder_of(choose(SCENARIO), tmp_path, file) not in folders
    assert folder_of(loads(SCENARIO), tmp_path) == folders[0]
    titled = loads(SCENARIO.replace("A trial", "Another title"))
    assert folder_of(titled, tmp_path) == folders[0]


def test_the_folder_changes_with_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    before = manifest.identity(loads(SCENARIO), None)
    monkeypatch.setattr(manifest, "model_version", lambda: "another")
    assert manifest.identity(loads(SCENARIO), None) != before


# --- In which order ------------------------------------------------------------------------


def test_a_run_waits_for_its_burn_in() -> None:
    schedule = Schedule(jobs("ab", 2), set(), workers=1)
    order = []
    while not schedule.done:
        task = schedule.next()
        assert task is not None
        assert schedule.next() is None  # one worker is busy
        order.append(task.label)
        schedule.finish(task, 1.0)
    assert order == ["burn-in 0", "a-0", "burn-in 1", "b-0", "a-1", "b-1"] or (
        order.index("burn-in 0") < order.index("a-0")
        and order.index("burn-in 1") < min(order.index("a-1"), order.index("b-1"))
        and sorted(order) == ["a-0", "a-1", "b-0", "b-1", "burn-in 0", "burn-in 1"]
    )


def test_two_workers_are_never_idle_while_something_can_start() -> None:
    """Events in simulated time: burn-ins take 1, runs take 3; the ideal is all work halved."""
    schedule = Schedule(jobs("abcd", 3), set(), workers=2)
    clock, busy = 0.0, 0.0
    flying: list[tuple[float, Task]] = []
    while not schedule.done:
        while (task := schedule.next()) is not None:
            flying.append((clock + (1.0 if isinstance(task, BurnIn) else 3.0), task))
        flying.sort(key=lambda one: one[0])
        clock, task = flying.pop(0)
        length = 1.0 if isinstance(task, BurnIn) else 3.0
        busy += length
        schedule.finish(task, length)
    assert busy == 3 * 1.0 + 12 * 3.0
    assert clock <= busy / 2 + 3.0  # at most one run longer than if work could be cut at will


def test_the_longest_arm_comes_first_once_it_is_known() -> None:
    schedule = Schedule(jobs("ab", 3), {"0", "1", "2"}, workers=1)
    order = []
    while (task := schedule.next()) is not None:
        order.append(task.label)
        schedule.finish(task, 9.0 if task.label.startswith("b") else 2.0)
    assert order == ["a-0", "b-0", "b-1", "b-2", "a-1", "a-2"]


def test_worlds_that_are_there_need_no_burn_in() -> None:
    schedule = Schedule(jobs("a", 2), {"0"}, workers=2)
    assert schedule.next() == BurnIn("1", 8)
    assert schedule.next() == job("a", 0)


def test_a_task_that_a_worker_died_of_is_tried_once_more() -> None:
    schedule = Schedule(jobs("ab", 1), {"0"}, workers=1)
    task = schedule.next()
    assert task is not None
    assert schedule.try_again(task)
    assert not schedule.finished_with("0")
    assert schedule.next() == task
    assert not schedule.try_again(task)
    assert schedule.next() == job("b", 0)


def test_a_failed_burn_in_takes_its_runs_with_it() -> None:
    schedule = Schedule(jobs("ab", 2), set(), workers=1)
    burn_in = schedule.next()
    assert isinstance(burn_in, BurnIn)
    assert schedule.abandon(burn_in) == [job("a", 0), job("b", 0)]
    assert schedule.finished_with("0")
    assert not schedule.finished_with("1")
    assert schedule.next() == BurnIn("1", 8)


# --- Running -------------------------------------------------------------------------------


@pytest.mark.usefixtures("fake")
def test_all_runs_are_there_and_nothing_else_stays(tmp_path: Path) -> None:
    news = News()
    results = run(SCENARIO, out=tmp_path, workers=1, progress=news, command="followlab run x")
    assert results.folder.parent == tmp_path / "trial"
    assert list(results.runs["status"]) == ["ok"] * 6
    assert list(results.runs["run_id"]) == [one.run_id for one in plan(loads(SCENARIO)).jobs]
    assert list(results.runs["followers"]) == [7, 8, 17, 18, 27, 28]
    assert len(results.events) == 6
    assert sorted(path.name for path in results.folder.iterdir()) == [
        "digests", "events.parquet", "follows.parquet", "manifest.json", "runs.parquet",
        "series.parquet",
    ]  # fmt: skip
    assert news.told == ["started 6 0 1", "ended"]
    last = news.snapshots[-1]
    assert (last.runs_done, last.runs_total) == (6, 6)
    assert last.days_done == last.days_total == 2 * 3 + 6 * 4


@pytest.mark.usefixtures("fake")
def test_kernels_are_compiled_before_the_work_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = News()
    monkeypatch.setattr(call, "is_compiled", lambda: False)
    monkeypatch.setattr(call, "warm_up", lambda report: report("browse"))
    run(SCENARIO, out=tmp_path, workers=1, progress=news)
    assert news.told == ["compiling browse", "started 6 0 1", "ended"]


@pytest.mark.usefixtures("fake")
def test_the_manifest_says_what_was_run(tmp_path: Path) -> None:
    folder = run(SCENARIO, out=tmp_path, workers=1, command="followlab run x").folder
    book = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert book["status"] == "complete"
    assert book["command"] == "followlab run x"
    assert book["seeds"] == [7, 8]
    assert (book["accounts"], book["days"], book["replicates"], book["seed"]) == (100, 4, 2, 7)
    assert book["scenario"]["text"] == SCENARIO
    assert loads("", sets=book["scenario"]["settings"]).hash == book["scenario"]["hash"]
    assert book["arms"] == {"organic": "Being interesting", "idle": "idle", "beg": "beg"}
    assert book["protagonists"] == ["newcomer"]
    assert set(book["timings"]["burn_in_s"]) == {"0", "1"}
    assert book["versions"]["numpy"]


def test_several_protagonists_of_one_sort_have_names_of_their_own() -> None:
    text = SCENARIO + '[[protagonists]]\nname = "x"\ncount = 3\n[[protagonists]]\nname = "y"\n'
    assert manifest.accounts_of(loads(text)) == ["x", "x-2", "x-3", "y"]


@pytest.mark.usefixtures("fake")
def test_complete_results_are_shown_again(tmp_path: Path) -> None:
    first = run(SCENARIO, out=tmp_path, workers=1)
    news = News()
    again = run(SCENARIO.replace("A trial", "New title"), out=tmp_path, progress=news)
    assert news.told == ["reused"]
    assert again.title == "New title"
    assert again.runs.equals(first.runs)  # wall times too: nothing was run
    run(SCENARIO, out=tmp_path, resume=True, progress=news)
    assert news.told == ["reused", "reused"]


@pytest.mark.usefixtures("fake")
def test_fresh_starts_anew(tmp_path: Path) -> None:
    folder = run(SCENARIO, out=tmp_path, workers=1).folder
    (folder / "old.png").touch()
    news = News()
    run(SCENARIO, out=tmp_path, workers=1, fresh=True, progress=news)
    assert news.told == ["started 6 0 1", "ended"]
    assert not (folder / "old.png").exists()


@pytest.mark.usefixtures("fake")
def test_an_interrupted_call_keeps_what_had_finished_and_goes_on(tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as stopped:
        run(SCENARIO, out=tmp_path, workers=1, progress=News(interrupt_after=2))
    assert (stopped.value.done, stopped.value.total) == (2, 6)
    kept = sim.open(stopped.value.folder)
    assert len(kept.runs) == 2
    assert not kept.complete

    with pytest.raises(ResultsError, match=r"2 of 6 runs are there.*--resume.*--fresh"):
        run(SCENARIO, out=tmp_path, workers=1)

    news = News()
    results = run(SCENARIO, out=tmp_path, workers=1, resume=True, progress=news)
    assert news.told == ["started 6 2 1", "ended"]
    assert len(news.outcomes) == 4
    assert results.complete
    whole = run(SCENARIO, out=tmp_path / "other", workers=1)
    assert list(results.runs["state_hash"]) == list(whole.runs["state_hash"])
    before = kept.runs.set_index("run_id")["wall_s"]
    assert results.runs.set_index("run_id").loc[before.index, "wall_s"].equals(before)


BROKEN = SCENARIO.replace('"idle"\nstrategy', '"broken"\nstrategy')


@pytest.mark.usefixtures("fake")
def test_a_failing_run_is_recorded_and_the_others_go_on(tmp_path: Path) -> None:
    results = run(BROKEN, out=tmp_path, workers=1)
    message = "ValueError: broken on purpose"
    assert results.failed == {"broken-0": message, "broken-1": message}
    assert list(results.runs["status"]) == ["ok", "ok", "failed", "failed", "ok", "ok"]
    assert set(results.series["run_id"]) == {"organic-0", "organic-1", "beg-0", "beg-1"}
    details = (results.folder / "errors" / "broken-0.txt").read_text(encoding="utf-8")
    assert "fakes.py" in details

    news = News()
    run(BROKEN, out=tmp_path, workers=1, progress=news)
    assert news.told == ["reused"]  # failures are results too
    run(BROKEN, out=tmp_path, workers=1, progress=news, resume=True)
    assert [one.run_id for one in news.outcomes] == ["broken-0", "broken-1"]


@pytest.mark.usefixtures("fake")
def test_a_failing_burn_in_fails_the_runs_of_its_replicate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow = tasks.grow

    def fail_on_seed_8(scenario: Scenario, seed: int, **more: Any) -> Any:
        if seed == 8:
            raise RuntimeError("no such world")
        return grow(scenario, seed, **more)

    monkeypatch.setattr(tasks, "grow", fail_on_seed_8)
    results = run(SCENARIO, out=tmp_path, workers=1)
    assert set(results.failed) == {"organic-1", "idle-1", "beg-1"}
    assert results.failed["beg-1"] == "burn-in: RuntimeError: no such world"


@pytest.mark.usefixtures("fake")
def test_results_without_networks_are_not_taken_for_results_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(SCENARIO, out=tmp_path, workers=1)
    with pytest.raises(ResultsError, match=r"no final networks.*--fresh"):
        run(SCENARIO, out=tmp_path, workers=1, save_network=True)

    def save(world: object, folder: Path, run_id: str) -> None:
        for path in call.network_files(folder, run_id):
            path.touch()

    monkeypatch.setattr(tasks.network, "save", save)
    news = News()
    run(SCENARIO, out=tmp_path, workers=1, save_network=True, resume=True, progress=news)
    assert len(news.outcomes) == 6
    run(SCENARIO, out=tmp_path, workers=1, save_network=True, progress=news)
    assert news.told[-1] == "reused"


@pytest.mark.usefixtures("fake")
def test_a_scenario_that_does_not_fit_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    with pytest.raises(ScenarioError, match="memory"):
        run(
            SCENARIO,
            out=tmp_path,
            settings={"world.accounts": 20_000_000, "world.follows_per_account": 2000},
        )
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_dies_costs_only_its_own_run(tmp_path: Path) -> None:
    """Two arms kill their process: one always, one the first time. The rest must be done."""
    arms = ("deadly", "calm", "fragile", "quiet")
    text = SCENARIO.partition("[[arms]]")[0] + "".join(f'[[arms]]\nname = "{a}"\n' for a in arms)
    scenario = loads(text)
    news = News()
    order = Order(scenario, tmp_path, threads=1, save_network=False)
    jobs = list(plan(scenario).jobs)
    work = Work(order, jobs, 0, Workers(2), news, carry_out=misbehaving.carry_out)
    work.run()
    ended = {one.run_id: (one.status, one.error) for one in news.outcomes}
    died = {f"deadly-{r}": ("failed", DIED) for r in (0, 1)}
    assert ended == died | {f"{arm}-{r}": ("ok", "") for arm in arms[1:] for r in (0, 1)}
    deaths = ["deadly-0", "deadly-1", "fragile-0", "fragile-1"]
    assert sorted(work.lost_workers) == deaths
    assert sorted(news.told) == [f"lost {task}" for task in deaths]


def test_an_error_in_another_process_is_told_with_its_place(tmp_path: Path) -> None:
    """The error's class cannot be sent between processes, and so must not be."""
    workers = Workers(2)
    with pytest.raises(TaskError, match=r"^AwkwardError: of 1 and 2\n") as caught:
        workers.submit(misbehaving.fail_awkwardly).result()
    assert "misbehaving.py" in caught.value.details
    told = "".join(traceback.format_exception(caught.value))
    assert "in fail_awkwardly" in told, "where it happened, below where it was noticed"
    assert workers.submit(os.getpid).result() != os.getpid()
    workers.close()


def test_a_stop_ends_processes_that_do_not_heed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "GRACE", 0.1)
    workers = Workers(2)
    process = workers.submit(os.getpid).result()
    future = workers.submit(misbehaving.sleep_long)
    workers.submit(os.getpid).result()  # both processes are there
    workers.stop()
    assert isinstance(future.exception(timeout=20), WorkerDied)
    assert not is_running(process)


@pytest.mark.skipif(os.name == "nt", reason="asks for a process by its number")
def test_no_worker_outlives_its_parent() -> None:
    tests = Path(__file__).resolve().parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])}
    command = [sys.executable, "-c", "import misbehaving; misbehaving.work_for_ever()"]
    parent = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 20
    while is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(worker)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")  # where there is no init, the dead stay as zombies
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


# --- The model itself ----------------------------------------------------------------------

SMALL = SCENARIO.replace("accounts = 100", "accounts = 300")


def test_several_processes_give_what_one_gives(tmp_path: Path) -> None:
    """The processes are started by a script without a guard, which must not start over."""
    here = run(SMALL, out=tmp_path / "here", workers=1, save_network=True)
    script = tmp_path / "script.py"
    script.write_text(
        f"import sim\nsim.run({SMALL!r}, out={str(tmp_path / 'there')!r}, workers=2)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    subprocess.run([sys.executable, str(script)], env=environment, check=True, timeout=300)
    there = sim.open(tmp_path / "there" / "trial")
    assert there.folder.name == here.folder.name
    for table in ("series", "events", "follows"):
        pd.testing.assert_frame_equal(getattr(there, table), getattr(here, table))
    untimed = [name for name in here.runs.columns if name != "wall_s"]
    pd.testing.assert_frame_equal(there.runs[untimed], here.runs[untimed])
    assert here.runs["state_hash"].nunique() > 1
    check_network(here.folder)


def check_network(folder: Path) -> None:
    """Everybody's follower count is the number of follows in the saved network."""
    follows, accounts = (tables.read([p]) for p in call.network_files(folder, "beg-1"))
    counts = follows.groupby("followee").size()
    expected = accounts.set_index("uid")["followers"]
    assert counts.reindex(expected.index, fill_value=0).equals(expected)
    assert (accounts["kind"] == "protagonist").sum() == 1
    assert set(follows["origin"]) >= {"initial"}
    assert follows["warmth"].between(0, 1).all()
    assert follows["start"].between(-3, 4).all()
    assert not follows.duplicated(["follower", "followee"]).any()


def test_days_are_told_of_tasks_under_way_alone() -> None:
    heard: list[list[int]] = []
    with working(1, 3) as workers:
        each(workers, time.sleep, [(0.5,)] * 3, on_days=heard.append)
    assert heard
    assert all(len(days) == 1 for days in heard)
