"""(h): two commits side by side: python -m benchmarks compare OLD NEW [--accounts N].

Each is unpacked into a folder of its own. They run in turn, in fresh processes, so that a
disturbance meets both; the ratio of each pair goes into a t interval on the logarithm.
"""

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.measure import ROOT

HERE = "."  # the files as they are, instead of a commit
LEVEL = 0.95
_WORK = Path(__file__).with_name("one_run.py")


def measure(
    old: str, new: str, accounts: int = 20_000, days: int = 10, pairs: int = 8
) -> dict[str, Any]:
    """Compare the CPU time of a tick of two commits, each of them run ``pairs`` times."""
    with _unpacked(old) as before, _unpacked(new) as after:
        for tree in (before, after):  # compiles
            _run(tree, 200, 1)
        runs = [(_run(before, accounts, days), _run(after, accounts, days)) for _ in range(pairs)]
    times = np.array([[run["tick_ms"] for run in pair] for pair in runs])
    hashes = {run["state_hash"] for pair in runs for run in pair}
    return {
        "old": _name(old),
        "new": _name(new),
        "accounts": accounts,
        "pairs": pairs,
        "tick_ms": {"old": float(np.median(times[:, 0])), "new": float(np.median(times[:, 1]))},
        "ratio": interval(times[:, 1] / times[:, 0]),
        "same_bits": len(hashes) == 1,
    }


def interval(ratios: "np.typing.NDArray[np.float64]") -> dict[str, float]:
    """Return the geometric mean of ratios with its interval: exp(m ± t(.975, n - 1) · s / √n)."""
    logs = np.log(ratios)
    half = 0.0
    if len(logs) > 1:
        quantile = stats.t.ppf((1 + LEVEL) / 2, len(logs) - 1)
        half = float(quantile * logs.std(ddof=1) / np.sqrt(len(logs)))
    mean = float(logs.mean())
    return {
        "mean": float(np.exp(mean)),
        "low": float(np.exp(mean - half)),
        "high": float(np.exp(mean + half)),
    }


@contextmanager
def _unpacked(commit: str) -> Iterator[Path]:
    """Give a folder with the files of a commit; the repository itself is only read."""
    if commit == HERE:
        yield ROOT
        return
    with tempfile.TemporaryDirectory(prefix="followlab-") as folder:
        archive = _git("archive", "--format=tar", commit, "--", "sim", "scenarios")
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def _git(*arguments: str) -> bytes:
    """Return what git says.

    Raises:
        RuntimeError: it refuses; the message is its own.
    """
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip())
    return done.stdout


def _name(commit: str) -> str:
    """Return the short hash of a commit."""
    if commit == HERE:
        return "working tree"
    return _git("rev-parse", "--short", commit).decode().strip()


def _run(tree: Path, accounts: int, days: int) -> dict[str, Any]:
    """Measure one run with the package of a folder."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    call = [sys.executable, "-P", str(_WORK), str(accounts), str(days)]
    done = subprocess.run(
        call, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{tree}: {done.stderr.strip()[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
