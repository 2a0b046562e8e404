"""Work on a Dask cluster: workers on this machine or on others, which share the results' folder.

Each worker process does one run at a time. What a run makes it leaves in the folder, so a worker
that dies costs only what it was doing: Dask hands the task to another. Before a worker gets any
work it shows that it has the same version of the model, sees the folder, and loads the user's
strategies; one that joins later and cannot is turned away.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar
from uuid import uuid4

from sim._version import model_version
from sim.experiments.executors import Stopped, TaskError, WorkerDied, counting
from sim.experiments.jobs import Order
from sim.experiments.workers import cores
from sim.results.store import MANIFEST

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Remote

__all__ = ["LOCAL", "Cluster", "ClusterError"]

T = TypeVar("T")

LOCAL: Final = "local"
"""Instead of an address: a cluster of its own on this machine."""
PATIENCE: Final = 30.0  # seconds to wait for a scheduler, and for its first worker
GRACE: Final = 5.0  # seconds that tasks have to stop by themselves
TOLD_EVERY: Final = 0.5  # seconds between two reports of days
_QUIET: Final[dict[str, Any]] = {
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
    "start_new_session": True,  # the interrupt key is ours, not the workers'
}


class ClusterError(Exception):
    """A cluster that is not there, or whose workers cannot do this work."""


class Cluster:
    """A Dask cluster; an `Executor`.

    Args:
        address: Of a scheduler, such as ``tcp://10.0.0.1:8786``, or ``local`` for a cluster of
            its own on this machine.
        workers: Worker processes of a local cluster; by default as many as there are cores.
        strategies_file: A user's strategies; its text is sent to the workers.

    Raises ClusterError if Dask is not installed, or no scheduler or worker answers.
    """

    def __init__(
        self, address: str, *, workers: int | None = None, strategies_file: Path | None = None
    ) -> None:
        self._token = uuid4().hex
        self._own: Any = None
        self._client = self._connect(address, workers)
        self._strategies_file = strategies_file
        self._folder: Path | None = None
        self._days: dict[str, int] = {}
        self._key_of: dict[Future[Any], str] = {}
        self._flying: dict[str, Remote[Any]] = {}
        self._client.subscribe_topic(self._token, self._hear)

    @property
    def dashboard(self) -> str:
        """Address of the dashboard."""
        return str(self._client.dashboard_link)

    @property
    def count(self) -> int:
        """Worker processes that are there now, at least 1."""
        return max(1, len(_workers_of(self._client)))

    def submit(self, task: Callable[..., T], *arguments: Any) -> Future[T]:
        """Hand out a task; see `Executor`.

        Raises ClusterError if the scheduler is gone, or a worker cannot do such tasks.
        """
        if self._client.status != "running":
            raise ClusterError(
                "The connection to the cluster's scheduler is lost. Finished runs are kept; "
                "to go on, give the same command again, with --resume."
            )
        self._prepare(arguments)
        key = f"followlab-{uuid4().hex}"
        answer: Future[T] = Future()
        answer.set_running_or_notify_cancel()
        self._key_of[answer] = key
        remote = self._client.submit(_carry_out, self._token, key, task, arguments, key=key)
        self._flying[key] = remote
        remote.add_done_callback(lambda done: self._pass_on(done, answer))
        return answer

    def days(self, future: Future[Any]) -> int:
        """Return how many days a task under way has counted, as far as is known here."""
        return self._days.get(self._key_of.get(future, ""), 0)

    def stop(self) -> None:
        """Stop what is under way at its next day, and let the workers go."""
        if self._client.status == "running":
            self._client.cancel([self._flying[key] for key in list(self._flying)])
            _wait_until(lambda: not any(self._busy()), GRACE)
        self._leave()

    def close(self) -> None:
        """Let the workers go; nothing is under way any more."""
        self._leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    # ---- connecting -----------------------------------------------------------------------

    def _connect(self, address: str, workers: int | None) -> Client:
        try:
            from distributed import Client
        except ImportError as error:
            raise ClusterError("A cluster needs Dask: pip install 'followlab[cluster]'") from error
        wanted = 1
        if address == LOCAL:
            wanted = workers or cores()
            self._own = _Local(wanted)
            address = self._own.address
        try:
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(f"{address}: no scheduler answers there ({error})") from error
        if not _wait_until(lambda: len(_workers_of(client)) >= wanted, PATIENCE):
            client.close()
            raise ClusterError(
                f"{address}: the scheduler has no workers; start some on each host with "
                f"dask worker {address} --nthreads 1 --nworkers auto"
            )
        return client

    def _leave(self) -> None:
        """Let go of the client and of a cluster of one's own; once is enough."""
        self._client.close()
        if self._own is not None:
            self._own.close()
            self._own = None

    # ---- work -------------------------------------------------------------------------------

    def _prepare(self, arguments: tuple[Any, ...]) -> None:
        """Let all workers, and those that join later, get ready for the work in a folder."""
        order = next((one for one in arguments if isinstance(one, Order)), None)
        if order is None or order.folder == self._folder:
            return
        self._folder = order.folder
        file = self._strategies_file
        ready = _ready(
            str(order.folder / MANIFEST),
            model_version(),
            (file.name, file.read_bytes()) if file else None,
        )
        try:
            self._client.register_plugin(ready)
        except Exception as error:
            raise ClusterError(str(error)) from error

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        self._days |= event[1]

    def _pass_on(self, remote: Remote[Any], answer: Future[Any]) -> None:
        """Let the answer end as the remote task did; called in a thread of the client's."""
        key = self._key_of.pop(answer, "")
        self._flying.pop(key, None)
        self._days.pop(key, None)
        try:
            good, result = remote.result()
        except BaseException as error:  # the task's worker, or the scheduler, is gone
            good, result = False, WorkerDied(str(error))
        if good:
            answer.set_result(result)
        else:
            answer.set_exception(result)

    def _busy(self) -> list[Any]:
        """What the workers are doing for this client still."""
        found = self._client.run(_doing, self._token, on_error="return")
        return [one for one in found.values() if one]


def _workers_of(client: Client) -> dict[str, Any]:
    """Return what the scheduler knows of its workers, by address."""
    return dict(client.scheduler_info(n_workers=-1)["workers"])


def _wait_until(condition: Callable[[], Any], seconds: float) -> bool:
    """Wait until something is true; return whether it came true in time."""
    pause, deadline = threading.Event(), monotonic() + seconds
    while not condition():
        if monotonic() > deadline:
            return False
        pause.wait(0.05)
    return True


class _Local:
    """A scheduler in this process, and workers in processes of their own.

    They are started by Dask's command, not as children that import this program again.
    """

    def __init__(self, workers: int) -> None:
        import dask
        from distributed import LocalCluster

        with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
            self._scheduler = LocalCluster(
                n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL
            )
        self.address = str(self._scheduler.scheduler_address)
        self._scratch = TemporaryDirectory(prefix="followlab-")
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address]
        command += ["--nworkers", str(workers), "--nthreads", "1", "--memory-limit", "0"]
        command += ["--local-directory", self._scratch.name, "--no-dashboard"]
        command += ["--death-timeout", str(PATIENCE)]  # they go if this process has died
        self._workers = subprocess.Popen(command, stdin=subprocess.DEVNULL, **_QUIET)

    def close(self) -> None:
        self._workers.terminate()
        try:
            self._workers.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._workers.kill()
        self._scheduler.close()
        self._scratch.cleanup()


# --- On the workers --------------------------------------------------------------------------

_one_at_a_time = threading.Lock()
_under_way: set[str] = set()


def _carry_out(
    token: str, key: str, task: Callable[..., Any], arguments: tuple[Any, ...]
) -> tuple[bool, Any]:
    """Do a task; a worker with several threads does one at a time."""
    with _one_at_a_time, counting(_counter(token, key)):
        _under_way.add(token)
        try:
            return True, task(*arguments)
        except Exception as error:  # not every error can be sent; this one can
            return False, TaskError.of(error)
        finally:
            _under_way.discard(token)


def _counter(token: str, key: str) -> Callable[[], None]:
    """Return what counts the days of a task, and tells the client now and then."""
    from distributed import get_worker

    worker, days, told = get_worker(), 0, monotonic()

    def count() -> None:
        nonlocal days, told
        days += 1
        if not _is_wanted(worker, key):
            raise Stopped
        if monotonic() - told >= TOLD_EVERY:
            told = monotonic()
            worker.log_event(token, {key: days})

    return count


def _is_wanted(worker: Any, key: str) -> bool:
    """Whether anybody waits for a task: not if it was cancelled, or its client has died."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state != "cancelled"


def _doing(token: str) -> bool:
    return token in _under_way


def _ready(manifest: str, version: str, strategies: tuple[str, bytes] | None) -> Any:
    """Return a plugin that makes a worker ready, or turns it away."""
    from distributed import WorkerPlugin

    class Ready(WorkerPlugin):
        name = "followlab"

        def setup(self, worker: Any) -> None:
            get_ready(worker.address, worker.local_directory, manifest, version, strategies)

    return Ready()


def get_ready(
    address: str,
    scratch: str,
    manifest: str,
    version: str,
    strategies: tuple[str, bytes] | None,
) -> None:
    """Check that this worker can do the work, and load the user's strategies.

    Raises ClusterError if its model is another one, or it does not see the results.
    """
    if model_version() != version:
        raise ClusterError(
            f"Worker {address} has model {model_version()}, this is {version}: "
            "install the same followlab on all hosts."
        )
    if not Path(manifest).is_file():
        raise ClusterError(
            f"Worker {address} does not see {manifest}: results of a cluster belong in a folder "
            "that all hosts share, under the same name (--out)."
        )
    if strategies is not None:
        from sim.strategies import load_file

        name, text = strategies
        file = Path(scratch) / name
        file.write_bytes(text)
        load_file(file)
