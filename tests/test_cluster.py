"""Work on Dask clusters: workers that die, are of another version, or come late."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import cluster_tasks
import misbehaving
from sim._version import model_version
from sim.experiments import cluster as module
from sim.experiments.cluster import LOCAL, Cluster, ClusterError, get_ready
from sim.experiments.executors import TaskError, WorkerDied
from sim.experiments.jobs import Order
from sim.scenario import loads

pytest.importorskip("distributed")
TESTS = Path(__file__).resolve().parent


STRATEGY = '''\
from sim.strategies import Strategy


class Mine(Strategy):
    """Nothing. Costs: nothing. Source: a test."""

    name = "mine"

    def decide(self, me, day):
        pass
'''


def local(workers: int, file: Path | None = None) -> Cluster:
    """A cluster on this machine whose workers know the tasks of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS.parent), str(TESTS)]))
        return Cluster(LOCAL, workers=workers, strategies_file=file)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    file = tmp_path_factory.mktemp("mine") / "mine.py"
    file.write_text(STRATEGY, encoding="utf-8")
    with local(2, file) as made:
        yield made


def until(condition: Callable[[], object], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# --- What an executor promises ---------------------------------------------------------------


def test_tasks_are_done_elsewhere_and_counted(cluster: Cluster) -> None:
    assert cluster.count == 2
    assert cluster.dashboard.startswith("http://127.0.0.1:")
    assert cluster.submit(os.getpid).result(20) != os.getpid()
    slow = cluster.submit(cluster_tasks.count_slowly, 60)
    assert until(lambda: cluster.days(slow) > 5)
    assert slow.result(20) == 60
    assert cluster.days(slow) == 0  # it is no longer under way


def test_an_error_is_told_with_its_place(cluster: Cluster) -> None:
    """The error's class cannot be sent between processes, and so must not be."""
    with pytest.raises(TaskError, match=r"^AwkwardError: of 1 and 2\n") as caught:
        cluster.submit(misbehaving.fail_awkwardly).result(20)
    assert "misbehaving.py" in caught.value.details


def test_a_task_that_kills_its_worker_is_told_and_the_worker_comes_back(cluster: Cluster) -> None:
    assert isinstance(cluster.submit(cluster_tasks.die).exception(30), WorkerDied)
    assert until(lambda: cluster.count == 2)
    assert cluster.submit(os.getpid).result(20) > 0


@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
def test_killing_a_worker_costs_no_other_task(cluster: Cluster) -> None:
    """They are done by another worker, or by the one that takes its place."""
    both = [cluster.submit(cluster_tasks.count_slowly, 40) for _ in range(2)]
    victim = cluster.submit(os.getpid)  # waits for one of them, and tells which process it was
    process = victim.result(20)
    again = [cluster.submit(cluster_tasks.count_slowly, 40) for _ in range(2)]
    time.sleep(0.5)
    os.kill(process, signal.SIGKILL)
    ended = [one.exception(30) for one in (*both, *again)]
    assert ended == [None] * 4
    assert until(lambda: cluster.count == 2)


def test_a_stop_reaches_tasks_at_their_next_day() -> None:
    own = local(1)
    slow = own.submit(cluster_tasks.count_slowly, 10_000)
    assert until(lambda: own.days(slow) > 0)
    begun = time.monotonic()
    own.stop()
    assert time.monotonic() - begun < module.GRACE + 5
    assert isinstance(slow.exception(5), WorkerDied)
    own.close()  # once more does no harm


# --- Workers that cannot do the work ---------------------------------------------------------


def order_in(folder: Path) -> Order:
    return Order(loads("schema = 1"), folder, threads=1, save_network=False)


def test_a_worker_with_another_model_is_refused(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "manifest.json").touch()
    monkeypatch.setattr(module, "model_version", lambda: "9.9.9+other")
    with pytest.raises(ClusterError, match=r"has model .*, this is 9\.9\.9\+other: install"):
        cluster.submit(cluster_tasks.with_order, order_in(tmp_path))


def test_a_worker_that_does_not_see_the_results_is_refused(
    cluster: Cluster, tmp_path: Path
) -> None:
    with pytest.raises(ClusterError, match=r"does not see .*: results of a cluster belong in"):
        cluster.submit(cluster_tasks.with_order, order_in(tmp_path / "elsewhere"))


def test_a_worker_that_is_ready_gets_work_and_strategies(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").touch()
    known = cluster.submit(cluster_tasks.with_order, order_in(tmp_path)).result(30)
    assert "mine" in known


def test_what_a_worker_must_show(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.touch()
    get_ready("here", str(tmp_path), str(manifest), model_version(), None)
    with pytest.raises(ClusterError, match="Worker here has model"):
        get_ready("here", str(tmp_path), str(manifest), "other", None)


# --- No cluster ------------------------------------------------------------------------------


def test_without_a_scheduler_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    with pytest.raises(ClusterError, match=r"tcp://127.0.0.1:9: no scheduler answers there"):
        Cluster("tcp://127.0.0.1:9")


def test_without_dask_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['distributed'] = None\n"
        "from sim.experiments.cluster import Cluster\nCluster('local')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'followlab[cluster]'" in done.stderr
