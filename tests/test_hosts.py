"""One sweep, four ways: in one process, on local workers, on three hosts, by shards.

The hosts are network namespaces of this machine; a machine without them skips that part.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import hosts
import sim
from sim.results import Results

pytestmark = pytest.mark.slow
pytest.importorskip("distributed")
ROOT = Path(__file__).resolve().parents[1]
PORT = 8786

SWEEP = """\
schema = 1

[scenario]
name = "four_ways"
days = 40
replicates = 2
seed = 5

[world]
accounts = 400
burn_in_days = 10

[sweep]
design = "grid"

[[sweep.parameters]]
key = "platform.ranking"
values = ["chronological", "ranked"]

[[sweep.parameters]]
key = "behaviour.social_proof"
values = [0.0, 0.2, 1.0]

[[arms]]
name = "organic"

[[arms]]
name = "beg"
strategy = "beg"
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("scenario") / "four_ways.toml"
    file.write_text(SWEEP, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def expected(scenario: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What one process gives."""
    return sim.sweep(scenario, out=tmp_path_factory.mktemp("one"), workers=1)


def assert_same(found: Results, expected: Results) -> None:
    """All tables are equal to the bit, but for the time that runs took."""
    assert found.complete
    for name in ("points", "series", "events", "follows"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(expected, name))
    runs = (one.runs.drop(columns="wall_s") for one in (found, expected))
    pd.testing.assert_frame_equal(*runs, check_exact=True)


def assert_tidy(folder: Path) -> None:
    """No temporary file, claim or world is left."""
    left = [path for path in folder.rglob("*") if path.name.startswith(".") and path.is_file()]
    assert [path for path in left if path.suffix == ".tmp"] == []
    assert not (folder / "worlds").exists()


def test_local_workers(scenario: Path, expected: Results, tmp_path: Path) -> None:
    assert_same(sim.sweep(scenario, out=tmp_path, workers=2), expected)


def test_shards(scenario: Path, expected: Results, tmp_path: Path) -> None:
    """Two at a time and one later, as a queue might start them; the last one gathers."""
    command = [sys.executable, "-m", "sim", "sweep", str(scenario), "--out", str(tmp_path)]
    command += ["--workers", "1", "--quiet"]
    early = [subprocess.Popen([*command, "--shard", f"{i}/3"], cwd=ROOT) for i in (1, 3)]
    assert [process.wait(300) for process in early] == [0, 0]
    assert subprocess.run([*command, "--shard", "2/3"], cwd=ROOT, check=False).returncode == 0
    assert_same(sim.open(tmp_path / "four_ways"), expected)
    assert_tidy(tmp_path)


# --- Three hosts -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network() -> Iterator[list[hosts.Host]]:
    """A host for the scheduler, and three with a worker each."""
    if not hosts.can_be_made():
        pytest.skip("network namespaces need root and the command ip")
    with hosts.network(4) as made:
        made[0].start(dask("scheduler", "--port", str(PORT), "--no-dashboard"), **QUIET)
        for host in made[1:]:
            start_worker(made[0], host)
        yield made


QUIET = {
    "cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
    "env": os.environ | {"PYTHONPATH": str(ROOT)},
}  # fmt: skip


def dask(command: str, *words: str) -> list[str]:
    return [sys.executable, "-m", f"distributed.cli.dask_{command}", *words]


def start_worker(scheduler: hosts.Host, host: hosts.Host) -> None:
    place = f"tcp://{scheduler.address}:{PORT}"
    words = ("--nthreads", "1", "--memory-limit", "0", "--no-dashboard")
    host.start(dask("worker", place, "--host", host.address, *words), **QUIET)


def sweep_on(network: list[hosts.Host], scenario: Path, out: Path) -> subprocess.Popen[str]:
    """Start a sweep on the first host, with the workers of the others."""
    place = f"tcp://{network[0].address}:{PORT}"
    command = [sys.executable, "-m", "sim", "sweep", str(scenario), "--out", str(out)]
    command += ["--cluster", place, "--quiet"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return network[0].start(command, **{**QUIET, **streams})


def test_three_hosts(
    network: list[hosts.Host], scenario: Path, expected: Results, tmp_path: Path
) -> None:
    sweep = sweep_on(network, scenario, tmp_path)
    _, error = sweep.communicate(timeout=400)
    assert sweep.returncode == 0, error
    assert_same(sim.open(tmp_path / "four_ways"), expected)
    assert_tidy(tmp_path)


def test_three_hosts_that_are_killed(
    network: list[hosts.Host], scenario: Path, expected: Results, tmp_path: Path
) -> None:
    """A process dies every second or so; one host loses its power, and comes back."""
    chance = random.Random(3)
    sweep = sweep_on(network, scenario, tmp_path)
    kills, begun = 0, time.monotonic()
    while sweep.poll() is None and time.monotonic() - begun < 400:
        time.sleep(chance.uniform(0.5, 1.5))
        if kills < 8 and any((tmp_path / "four_ways").glob("*/parts/*.parquet")):
            kills += kill_one(chance, network[1:])
        if kills == 4:
            network[2].kill()
            start_worker(network[0], network[2])
            kills += 1
    _, error = sweep.communicate(timeout=10)
    assert sweep.returncode == 0, error
    assert kills >= 3
    assert_same(sim.open(tmp_path / "four_ways"), expected)
    assert_tidy(tmp_path)


def kill_one(chance: random.Random, workers: list[hosts.Host]) -> int:
    """Kill the youngest process of some host: its worker, not the nanny that starts it again."""
    running = chance.choice(workers).processes()
    if len(running) < 2:
        return 0
    try:
        os.kill(max(running), signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def test_a_coordinator_that_is_killed(
    network: list[hosts.Host], scenario: Path, expected: Results, tmp_path: Path
) -> None:
    """The same command goes on; what the workers were doing meanwhile does no harm."""
    sweep = sweep_on(network, scenario, tmp_path)
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and sweep.poll() is None:
        if len(list((tmp_path / "four_ways").glob("*/parts/*.parquet"))) >= 3:
            break
        time.sleep(0.1)
    os.killpg(sweep.pid, signal.SIGKILL)
    sweep.communicate()
    again = sweep_on(network, scenario, tmp_path)
    _, error = again.communicate(timeout=400)
    assert again.returncode == 0, error
    assert_same(sim.open(tmp_path / "four_ways"), expected)
    assert_tidy(tmp_path)
