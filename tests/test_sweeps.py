"""Sweeps: the same tables wherever they are made; nothing lost, mixed or done twice."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sim
from fakes import News, use_fake_model
from killing import Forks
from sim import files
from sim.conditions import NAMES, ConditionError, condition
from sim.experiments import call, locks, manifest, tasks
from sim.experiments import plan as plans
from sim.experiments.estimate import estimate, past, trial
from sim.experiments.execute import designed
from sim.experiments.plan import plan
from sim.experiments.shards import Shard
from sim.experiments.work import Interrupted
from sim.model import FollowerModel
from sim.results import Results, ResultsError, parts
from sim.scenario import Scenario, ScenarioError, loads

TABLES = ("runs", "series", "events", "follows", "points")
HEAD = """\
[scenario]
name = "trial"
days = 6
replicates = 2
[world]
accounts = 200
burn_in_days = 3
community_size = 50
follows_per_account = 8
[[arms]]
name = "organic"
[[arms]]
name = "bought"
strategy = "buyer"
params = { amount = 20 }
"""
SWEEP = """\
[behaviour]
like_odds = 0.4
[[protagonists]]
name = "newcomer"
craft = 0.6
[sweep]
design = "one_at_a_time"
[[sweep.parameters]]
key = "behaviour.like_odds"
values = [0.4, 0.8]
[[sweep.parameters]]
key = "protagonists.craft"
values = [0.6, 0.9]
[[sweep.parameters]]
key = "arms.bought.params.amount"
values = [20, 40]
"""
TEXT = HEAD + SWEEP
POINTS, ARMS, WORLDS = 4, 2, 2
RUNS = POINTS * ARMS * WORLDS
ALIKE = WORLDS  # the organic arm does not depend on the amount
COMPUTED = RUNS - ALIKE


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_model(monkeypatch)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return sim.sweep(TEXT, out=tmp_path_factory.mktemp("whole"), workers=1)


def assert_same(one: Results, two: Results) -> None:
    """Compare all tables to the bit, but for the seconds that runs took."""
    for name in TABLES:
        first, second = getattr(one, name), getattr(two, name)
        if name == "runs":
            first, second = first.drop(columns="wall_s"), second.drop(columns="wall_s")
        assert first.equals(second), name


def left(folder: Path) -> list[str]:
    """What lies in a folder of results besides tables, manifest and parts."""
    kept = {f"{name}.parquet" for name in TABLES} | {"manifest.json"}
    found = (path.relative_to(folder) for path in folder.rglob("*"))
    return sorted(str(p) for p in found if p.parts[0] != "parts" and str(p) not in kept)


# --- The same tables -----------------------------------------------------------------------


def test_a_sweep_has_a_row_for_every_run(undisturbed: Results) -> None:
    runs, points = undisturbed.runs, undisturbed.points
    assert len(points) == POINTS
    assert list(points.columns) == [
        "point", "behaviour.like_odds", "protagonists.craft", "arms.bought.params.amount",
    ]  # fmt: skip
    assert points["arms.bought.params.amount"].tolist() == [20, 20, 20, 40]
    assert len(runs) == RUNS
    assert runs["point"].tolist() == [p for p in points["point"] for _ in range(ARMS * WORLDS)]
    assert (
        runs["run_id"] == runs["point"] + "-" + runs["arm"] + "-" + runs["replicate"].astype(str)
    ).all()
    assert set(undisturbed.series["run_id"]) == set(runs["run_id"])
    assert undisturbed.complete
    assert left(undisturbed.folder) == []


def test_the_light_series_of_a_sweep(undisturbed: Results) -> None:
    assert sorted(undisturbed.series["day"].unique()) == [0.0, 6.0]
    assert len(undisturbed.follows) == len(undisturbed.events) == 0


def test_runs_that_come_to_the_same_are_computed_once(undisturbed: Results) -> None:
    assert len(list((undisturbed.folder / "parts").iterdir())) == COMPUTED
    runs = undisturbed.runs.merge(undisturbed.points, on="point")
    keys = ["behaviour.like_odds", "protagonists.craft", "replicate"]
    organic = runs[runs["arm"] == "organic"].groupby(keys)["state_hash"]
    assert (organic.nunique() == 1).all()
    assert organic.size().max() == 2
    assert runs[runs["arm"] == "bought"]["state_hash"].nunique() == POINTS * WORLDS


def test_a_run_of_a_sweep_is_that_of_the_scenario_with_its_settings(
    undisturbed: Results, tmp_path: Path
) -> None:
    """Also where the world was burnt in for a point with another craft."""
    point = undisturbed.points.iloc[2]
    assert point["protagonists.craft"] == 0.9
    settings = {key: point[key] for key in undisturbed.points.columns if key != "point"}
    plain = sim.run(TEXT, out=tmp_path, settings=settings, workers=1).runs
    swept = undisturbed.runs[undisturbed.runs["point"] == point["point"]]
    assert swept["state_hash"].tolist() == plain["state_hash"].tolist()
    assert swept["followers"].tolist() == plain["followers"].tolist()


def test_shards_make_what_one_call_makes(undisturbed: Results, tmp_path: Path) -> None:
    for number, done in ((2, False), (3, False), (1, True)):
        results = sim.sweep(TEXT, out=tmp_path, workers=1, shard=f"{number}/3")
        assert (results.manifest["status"] == "complete") == done
    assert_same(results, undisturbed)
    assert left(results.folder) == []


def test_processes_make_what_one_makes(undisturbed: Results, tmp_path: Path) -> None:
    results = sim.sweep(TEXT, out=tmp_path, workers=2)
    assert_same(results, undisturbed)
    assert left(results.folder) == []


@pytest.mark.parametrize("of_all", [1, 2, 3, 7, 14, 40])
def test_shards_share_the_runs_out(of_all: int) -> None:
    jobs = plan(loads(TEXT), points=designed(loads(TEXT)).points).tasks
    cut = [Shard(number, of_all).of(jobs, jobs) for number in range(1, of_all + 1)]
    assert sorted(job.run_id for shard in cut for job in shard) == sorted(j.run_id for j in jobs)
    sizes = [len(shard) for shard in cut]
    assert max(sizes) - min(sizes) <= 1
    needed = sum(len({job.world for job in shard}) for shard in cut)
    assert needed <= len({job.world for job in jobs}) + of_all - 1


@pytest.mark.usefixtures("fake")
def test_a_shard_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"only 14 runs .* none .* shard-1-of-40; use fewer"):
        sim.sweep(TEXT, out=tmp_path, shard="1/40")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["3", "0/2", "3/2", "a/b", "1/0", "-1/2"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(ValueError, match="i/N"):
        Shard.parse(text)


def test_a_scenario_without_a_sweep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="nothing to sweep"):
        sim.sweep(HEAD, out=tmp_path)


def test_points_that_do_not_go_together_are_named(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
[[sweep.parameters]]
key = "platform.lag_hours"
values = [6, 12]
[[sweep.parameters]]
key = "platform.window_hours"
values = [48, 12]
"""
    )
    with pytest.raises(
        ScenarioError, match=r"at platform.lag_hours = 12, platform.window_hours = 12"
    ):
        sim.sweep(text, out=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("fake")
def test_a_plain_run_leaves_the_sweep_out(tmp_path: Path) -> None:
    results = sim.run(TEXT, out=tmp_path, workers=1)
    assert len(results.runs) == ARMS * WORLDS
    assert results.points.empty
    assert sorted(results.series["day"].unique()) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    given = loads(TEXT)  # whose record is that of a sweep already
    assert sim.run(given, out=tmp_path, workers=1).points.empty


# --- Nothing done twice, nothing mixed -----------------------------------------------------


@pytest.mark.usefixtures("fake")
def test_worlds_are_burnt_in_once_for_all_who_share_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = []
    grow = tasks.grow

    def noted(scenario: Scenario, seed: int, **more: Any) -> Any:
        seeds.append((scenario.behaviour.like_odds, seed))
        return grow(scenario, seed, **more)

    monkeypatch.setattr(tasks, "grow", noted)
    sim.sweep(TEXT, out=tmp_path, workers=1)
    assert sorted(seeds) == [(odds, seed) for odds in (0.4, 0.8) for seed in (1, 2)]


@pytest.mark.usefixtures("fake")
def test_a_sweep_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as stopped:
        sim.sweep(TEXT, out=tmp_path, workers=1, progress=News(interrupt_after=5))
    assert (stopped.value.done, stopped.value.total) == (5, COMPUTED)
    assert not sim.open(stopped.value.folder).complete
    news = News()
    results = sim.sweep(TEXT, out=tmp_path, workers=1, progress=news)
    assert len(news.outcomes) == COMPUTED - 5
    assert_same(results, sim.sweep(TEXT, out=tmp_path / "other", workers=1))
    assert left(results.folder) == []


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(
    ("more", "computed"),
    [
        ({"replicates": 3}, COMPUTED // WORLDS),
        ({"settings": ["sweep.parameters.2.values=[20, 40, 60]"]}, WORLDS),
        ({"settings": ["sweep.parameters.2.values=[20]"]}, 0),
        ({"arms": ["bought"]}, 0),
        ({"settings": ["scenario.title=New"]}, 0),
        ({"settings": ["scenario.days=7"]}, COMPUTED),
        ({"settings": ["world.accounts=201"]}, COMPUTED),
        ({"settings": ["record.follows=true"]}, COMPUTED),
        ({"seed": 2}, COMPUTED // WORLDS),
    ],
)
def test_another_sweep_uses_what_is_there(
    tmp_path: Path, more: dict[str, Any], computed: int
) -> None:
    before = sim.sweep(TEXT, out=tmp_path, workers=1)
    news = News()
    after = sim.sweep(TEXT, out=tmp_path, workers=1, progress=news, **more)
    assert len(news.outcomes) == computed
    assert after.complete
    alone = sim.sweep(TEXT, out=tmp_path / "alone", workers=1, **more)
    if "arms" not in more:  # the fake counts arms
        assert_same(after, alone)
    assert len(sim.open(before.folder).runs) == RUNS


@pytest.mark.usefixtures("fake")
def test_another_model_takes_nothing_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sim.sweep(TEXT, out=tmp_path, workers=1)
    for module in (manifest, plans, tasks):
        monkeypatch.setattr(module, "model_version", lambda: "another")
    news = News()
    after = sim.sweep(TEXT, out=tmp_path, workers=1, progress=news)
    assert len(news.outcomes) == COMPUTED
    assert after.folder != before.folder
    assert set(after.runs["model_version"]) == {"another"}


@pytest.mark.usefixtures("fake")
def test_other_strategies_take_nothing_over(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    source = "from sim.strategies import Strategy\nclass Mine(Strategy):\n    name = 'mine'\n"
    for text in (source, source + "# changed\n"):
        mine.write_text(text)
        news = News()
        sim.sweep(TEXT, out=tmp_path, workers=1, strategies_file=mine, progress=news)
        assert len(news.outcomes) == COMPUTED


def test_what_a_burnt_in_world_depends_on() -> None:
    """All but what arms may give to protagonists, what is recorded, and when it ends."""
    base = loads(HEAD)
    same = ("protagonists.craft=0.1", "protagonists.minutes=5", "protagonists.money=7",
            "protagonists.offer=0", "protagonists.strategy=beg", "scenario.days=9",
            "record.every_days=3", "stop.when=followers > 50",
            "arms.bought.params.amount=9")  # fmt: skip
    other = ("protagonists.followers=9", "protagonists.follows_back=0", "behaviour.like_odds=0.9",
             "platform.ranking=chronological", "population.attention=9",
             "world.accounts=300")  # fmt: skip
    for one in same:
        assert loads(HEAD, sets=[one]).world_hash == base.world_hash, one
    for one in other:
        assert loads(HEAD, sets=[one]).world_hash != base.world_hash, one


# --- Failures ------------------------------------------------------------------------------

BROKEN = TEXT.replace('"bought"\nstrategy', '"broken"\nstrategy').replace(
    "arms.bought", "arms.broken"
)


@pytest.mark.usefixtures("fake")
def test_failed_runs_are_recorded_and_the_others_go_on(tmp_path: Path) -> None:
    results = sim.sweep(BROKEN, out=tmp_path, workers=1)
    good = results.runs["arm"] == "organic"
    assert (results.runs["status"] == "ok").equals(good)
    assert set(results.failed.values()) == {"ValueError: broken on purpose"}
    assert results.complete
    assert "fakes.py" in next((results.folder / "errors").iterdir()).read_text(encoding="utf-8")

    news = News()
    sim.sweep(BROKEN, out=tmp_path, workers=1, progress=news)
    assert news.told == ["reused"]
    sim.sweep(BROKEN, out=tmp_path, workers=1, progress=news, resume=True)
    assert len(news.outcomes) == POINTS * WORLDS


@pytest.mark.usefixtures("fake")
def test_a_run_that_goes_well_at_last_takes_the_place_of_its_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "_play", _fail)
        assert len(sim.sweep(TEXT, out=tmp_path, workers=1).failed) == RUNS
    results = sim.sweep(TEXT, out=tmp_path, workers=1, resume=True)
    assert results.failed == {}
    assert not list((results.folder / "parts").glob("*.failed.parquet"))
    assert list((results.folder / "errors").iterdir()) == []


def _fail(*_: Any) -> None:
    raise RuntimeError("no luck")


@pytest.mark.usefixtures("fake")
def test_what_is_not_there_cannot_be_gathered(tmp_path: Path) -> None:
    sim.sweep(TEXT, out=tmp_path, workers=1, shard="1/2")
    with pytest.raises(ResultsError, match=r"of 16 runs are missing; run the shards"):
        sim.sweep(TEXT, out=tmp_path, gather=True)
    folder = sim.sweep(TEXT, out=tmp_path, workers=1, shard="2/2").folder
    parts.reopen(folder)
    book = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest.save(folder, book | {"status": "running"})
    assert sim.sweep(TEXT, out=tmp_path, gather=True).manifest["status"] == "complete"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Make a file system in memory with some options, where that is allowed."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options: str) -> Path:
        kind = ["-o", options] if "remount" in options else ["-t", "tmpfs", "-o", options, "tmpfs"]
        done = subprocess.run(["mount", *kind, str(place)], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("file systems cannot be mounted here")
        return place

    try:
        yield mount
    finally:
        subprocess.run(["umount", str(place)], capture_output=True, check=False)


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="mounts a file system")
@pytest.mark.usefixtures("fake")
def test_a_full_disk_ends_the_work_and_leaves_what_is_there(
    small_disk: Callable[[str], Path],
) -> None:
    disk = small_disk("size=120k")
    with pytest.raises(
        ResultsError, match=r"No space left on device\. \d+ of 16 runs are finished"
    ):
        sim.sweep(TEXT, out=disk, workers=1)
    small_disk("remount,size=4m")
    (folder,) = disk.glob("trial/sweep-*")
    found = len(list((folder / "parts").glob("*.parquet")))
    assert 0 < found < COMPUTED
    assert set(sim.open(folder).runs["status"]) == {"ok"}
    news = News()
    results = sim.sweep(TEXT, out=disk, workers=1, progress=news)
    assert len(news.outcomes) == COMPUTED - found
    assert left(results.folder) == []


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="mounts a file system")
@pytest.mark.usefixtures("fake")
def test_a_folder_that_cannot_be_written_is_named(small_disk: Callable[[str], Path]) -> None:
    disk = small_disk("size=4m")
    sim.sweep(TEXT, out=disk, workers=1, shard="1/2")
    small_disk("remount,ro")
    with pytest.raises(ResultsError, match="Read-only file system"):
        sim.sweep(TEXT, out=disk, workers=1)
    (folder,) = disk.glob("trial/sweep-*")
    assert len(sim.open(folder).runs) > 0


# --- Two programs --------------------------------------------------------------------------


@pytest.mark.usefixtures("fake")
def test_two_programs_on_one_folder_know_of_one_another(tmp_path: Path) -> None:
    folder = sim.sweep(TEXT, out=tmp_path, workers=1, shard="1/3").folder
    whole = {"out": tmp_path, "workers": 1}
    with locks.held(folder), pytest.raises(ResultsError, match=rf"process {os.getpid()} on"):
        sim.sweep(TEXT, **whole)
    with locks.held(folder, "shard-1-of-3"):
        with pytest.raises(ResultsError, match="working on these results"):
            sim.sweep(TEXT, **whole)
        assert not sim.sweep(TEXT, **whole, shard="2/3").complete
    with locks.held(folder), pytest.raises(ResultsError, match="--shard i/N"):
        sim.sweep(TEXT, **whole, shard="3/3")
    assert sim.sweep(TEXT, **whole).complete
    assert left(folder) == []


def test_the_lock_of_a_dead_program_counts_for_nothing(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    lock = tmp_path / "locks" / "all.lock"
    lock.parent.mkdir()
    owner = {"host": files.host(), "process": dead.pid, "born": "1"}
    lock.write_text(json.dumps(owner))
    with locks.held(tmp_path):
        assert json.loads(lock.read_text())["process"] == os.getpid()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_another_machine_counts_while_it_is_touched(tmp_path: Path) -> None:
    lock = tmp_path / "locks" / "all.lock"
    lock.parent.mkdir()
    lock.write_text(json.dumps({"host": "elsewhere", "process": 1, "born": "1"}))
    with pytest.raises(ResultsError, match="process 1 on elsewhere"), locks.held(tmp_path):
        pass
    long_ago = time.time() - locks.STALE - 1
    os.utime(lock, (long_ago, long_ago))
    with locks.held(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_was_taken_meanwhile_is_given_back(tmp_path: Path) -> None:
    """Two programs find a lock stale; the slower one then finds that of the quicker."""
    lock = tmp_path / "locks" / "all.lock"
    with locks.held(tmp_path):
        text = lock.read_text()
        locks._take_away(lock)
        assert lock.read_text() == text
        assert list(lock.parent.iterdir()) == [lock]
    assert list(tmp_path.iterdir()) == []


def test_whoever_puts_tables_together_is_alone(tmp_path: Path) -> None:
    with locks.held(tmp_path), locks.waited_for(tmp_path, locks.CLOSING):
        assert locks.is_alone(tmp_path, locks.ALL)
    with locks.held(tmp_path, "shard-1-of-2"), locks.held(tmp_path, "shard-2-of-2"):
        assert not locks.is_alone(tmp_path, "shard-1-of-2")


def test_a_lock_that_is_held_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "BEAT", 0.01)
    with locks.held(tmp_path):
        lock = tmp_path / "locks" / "all.lock"
        os.utime(lock, (1, 1))
        deadline = time.monotonic() + 5
        while lock.stat().st_mtime < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert lock.stat().st_mtime > 2


def test_what_others_are_writing_stays(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "60"])
    theirs = tmp_path / f".a.parquet.{files.host()}-{other.pid}.tmp"
    theirs.touch()
    call.checkpoints.sweep(tmp_path, alone=False)
    assert theirs.exists()
    other.kill()
    other.wait()
    call.checkpoints.sweep(tmp_path, alone=False)
    assert list(tmp_path.iterdir()) == []


# --- When to stop, what to keep ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("followers >= 1_000", {"followers": 1000}, True),
        ("followers>1e3", {"followers": 1000}, False),
        ("day < 3 or day > 5 and engaged == 2", {"day": 4, "engaged": 2}, False),
        ("day < 3 or day > 5 and engaged == 2", {"day": 6, "engaged": 2}, True),
        ("day < 3 or day > 5 and engaged == 2", {"day": 2, "engaged": 0}, True),
        ("profit <= -2.5 and engaged != 0", {"profit": -3, "engaged": 1}, True),
    ],
)
def test_conditions(text: str, values: dict[str, float], holds: bool) -> None:
    assert condition(text).holds(values) is holds


@pytest.mark.parametrize(
    "text",
    ["followers", "1000 < followers", "followers >= x", "followers > 1 and", "or day > 1",
     "followrs > 1", "gini > 0.5", "followers > 1; import os", "(day > 1)", "followers > 1.2.3"],
)  # fmt: skip
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(ConditionError):
        condition(text)
    with pytest.raises(ScenarioError, match=r":2: stop.when: "):
        loads(f'[stop]\nwhen = "{text}"')


def test_every_name_of_a_condition_is_measured() -> None:
    model = FollowerModel(loads(HEAD))
    assert set(NAMES) <= {"day", *model.recorder.now(model.world)}


STOP = '[stop]\nwhen = "followers >= 45"\n'


def test_a_run_stops_on_the_first_day_on_which_its_condition_holds(tmp_path: Path) -> None:
    whole, stopped = (
        FollowerModel(loads(HEAD), arm="bought"),
        FollowerModel(loads(HEAD + STOP), arm="bought"),
    )
    stopped.run()
    counts = []
    while whole.day < stopped.day:
        whole.step()
        if whole.world.hour % 24 == 0:
            counts.append(whole.recorder.now(whole.world)["followers"])
    assert 1 < stopped.day < 6
    assert counts[-1] >= 45
    assert max(counts[:-1]) < 45
    assert whole.state_hash() == stopped.state_hash()
    series = stopped.tables()["series"]
    assert series["day"].max() == stopped.day
    assert stopped.measures()["followers"] == counts[-1]
    assert "gini" in set(series[series["day"] == stopped.day]["measure"])


def test_a_stopped_run_says_how_long_it_lived(tmp_path: Path) -> None:
    results = sim.run(HEAD + STOP, out=tmp_path, workers=1)
    lived = results.runs.set_index("run_id")["days"]
    assert (lived[["organic-0", "organic-1"]] == 6).all()
    assert (lived[["bought-0", "bought-1"]] < 6).all()
    last = results.series.groupby("run_id")["day"].max()
    assert (last == lived.reindex(last.index)).all()


def test_a_stopped_run_ends_alike_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sim.run(HEAD + STOP, out=tmp_path / "whole", workers=1)
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "_result", _fail)  # after the last day
        sim.run(HEAD + STOP, out=tmp_path / "cut", workers=1, checkpoint_every=1)
    cut = sim.run(HEAD + STOP, out=tmp_path / "cut", workers=1, resume=True, checkpoint_every=1)
    assert_same(cut, whole)


def test_what_is_kept_of_a_run(tmp_path: Path) -> None:
    record = '[record]\nmeasures = ["followers", "engaged"]\nwhen = "day >= 2 and day <= 4"\n'
    full = sim.run(HEAD, out=tmp_path, workers=1)
    kept = sim.run(HEAD + record + "follows = false\nevents = false\n", out=tmp_path, workers=1)
    assert set(kept.series["measure"]) == {"followers", "engaged"}
    assert sorted(kept.series["day"].unique()) == [0.0, 2.0, 3.0, 4.0, 6.0]
    assert len(kept.follows) == len(kept.events) == 0
    assert len(full.follows) > 0
    assert len(full.events) > 0
    untimed = full.runs.drop(columns="wall_s")
    assert kept.runs.drop(columns="wall_s").equals(untimed)


def test_the_time_before_an_interruption_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call gets to a checkpoint on day 3 and fails; the clock then says an hour."""
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "_result", _fail)
        folder = sim.run(HEAD, out=tmp_path, workers=1, checkpoint_every=3).folder
    for clock in folder.glob("checkpoints/*/*/seconds"):
        assert float(clock.read_text()) > 0
        clock.write_text("3600.0\n")
    results = sim.run(HEAD, out=tmp_path, workers=1, resume=True)
    assert (results.runs["wall_s"] > 3600).all()
    assert (results.runs["wall_s"] < 3660).all()


# --- What it takes -------------------------------------------------------------------------


def test_the_size_of_a_sweep(undisturbed: Results) -> None:
    made = plan(loads(TEXT), points=designed(loads(TEXT)).points)
    speed = past(loads(TEXT), undisturbed.folder.parents[1])
    assert speed is not None
    size = estimate(made, made.tasks, 2, speed)
    assert (size.runs, size.alike, size.points, size.worlds) == (RUNS, ALIKE, POINTS, 4)
    assert size.seconds == pytest.approx((4 * 3 + COMPUTED * 6) * 200 * speed.seconds / 2)
    assert estimate(made, made.tasks, 2, None).seconds is None
    assert past(loads(TEXT), Path("nowhere")) is None
    assert trial(loads(TEXT), seconds=0.05).seconds > 0


# --- Killed at any moment ------------------------------------------------------------------


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[Forks]:
    with Forks(tmp_path / "stderr.txt") as forks:
        yield forks


def suffer(forks: Forks, folder: Path, kills: int, workers: int, seed: int) -> int:
    """Sweep, and be killed so often at random moments, starting over when it is finished."""
    file, random, suffered = folder / "victim.toml", Random(seed), 0
    file.write_text(TEXT)
    sweep = ["sweep", str(file), "--quiet", "--no-figures", "--workers", str(workers), "--out"]
    start = time.perf_counter()
    assert forks.run([*sweep, str(folder / "whole")]) == 0
    seconds = time.perf_counter() - start
    whole, number = sim.open(next(folder.glob("whole/*/sweep-*"))), 0
    while suffered < kills:
        number += 1
        place = [*sweep, str(folder / f"killed-{number}")]
        while suffered < kills and forks.run(place, random.uniform(0.0, seconds / 2)) is None:
            suffered += 1
        assert forks.run(place) == 0
        results = sim.open(next(folder.glob(f"killed-{number}/*/sweep-*")))
        assert_same(results, whole)
        assert left(results.folder) == []
        assert len(list((results.folder / "parts").iterdir())) == COMPUTED
    return suffered


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="forks, and kills process groups")


@needs_fork
def test_a_sweep_that_is_killed_four_times_is_whole(forks: Forks, tmp_path: Path) -> None:
    assert suffer(forks, tmp_path, kills=4, workers=1, seed=1) == 4
    assert (tmp_path / "stderr.txt").read_text(encoding="utf-8") == ""


@needs_fork
@pytest.mark.slow
def test_fifty_kills_lose_nothing_and_leave_nothing(forks: Forks, tmp_path: Path) -> None:
    """Coordinator and workers are killed together: 30 times in one process, 20 with two workers."""
    assert suffer(forks, tmp_path, kills=30, workers=1, seed=2) == 30
    other = tmp_path / "two"
    other.mkdir()
    assert suffer(forks, other, kills=20, workers=2, seed=3) == 20
    assert (tmp_path / "stderr.txt").read_text(encoding="utf-8") == ""
