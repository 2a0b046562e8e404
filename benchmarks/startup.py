"""(g): what there is to wait for before the first tick: importing, loading, compiling."""

import os
import resource
import subprocess
import sys
import tempfile
from time import perf_counter
from typing import Any

from benchmarks.measure import ROOT

_WARM_UP = "from sim.warm_up import warm_up; warm_up(lambda phase: None)"
_WORKS = {
    "python": "pass",
    "import_sim": "import sim",
    "help": "import sys; sys.argv = ['followlab', '--help']; from sim.cli import main; main()",
    "kernels_from_cache": _WARM_UP,
}


def measure(repeats: int, compile: bool) -> dict[str, Any]:
    """Time fresh processes; compiling starts from an empty cache."""
    _run(_WARM_UP, {})
    found: dict[str, Any] = {}
    for name, code in _WORKS.items():
        runs = [_run(code, {}) for _ in range(repeats)]
        found[name] = {"wall_s": min(r[0] for r in runs), "cpu_s": min(r[1] for r in runs)}
    if compile:
        with tempfile.TemporaryDirectory() as empty:
            wall, cpu = _run(_WARM_UP, {"NUMBA_CACHE_DIR": empty})
        found["compiling"] = {"wall_s": wall, "cpu_s": cpu}
    return found


def _run(code: str, more: dict[str, str]) -> tuple[float, float]:
    """Run code in a fresh process; return wall and CPU time, those of its children included."""
    began, before = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, **more}
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return perf_counter() - began, used
