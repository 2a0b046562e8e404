"""Measuring: repeats of a piece of work, CPU time, peak memory, and work in a fresh process."""

import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Sample:
    """Times of one piece of work, seconds: what the clock showed, and what the CPUs worked."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, work: Callable[[], object]) -> None:
        """Do the work once and note its time."""
        wall, cpu = perf_counter(), process_time()
        work()
        self.wall.append(perf_counter() - wall)
        self.cpu.append(process_time() - cpu)

    def per(self, count: float, unit: float = 1e9) -> dict[str, float]:
        """Return the minimum and the median of the CPU time for one of ``count``, nanoseconds."""
        scale = unit / count
        return {
            "min": min(self.cpu) * scale,
            "median": statistics.median(self.cpu) * scale,
            "wall_min": min(self.wall) * scale,
            "wall_median": statistics.median(self.wall) * scale,
        }


def alternately(works: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, Sample]:
    """Do each piece of work so many times in turn, so that a disturbance meets all alike."""
    samples = {name: Sample() for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            samples[name].add(work)
    return samples


def peak_memory() -> int:
    """Return the most memory that this process has held so far, bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def apart(part: str, **settings: Any) -> dict[str, Any]:
    """Measure a part in a process of its own and return what it found.

    Raises:
        RuntimeError: the process failed; the message is what it said.
    """
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    call = [sys.executable, "-m", "benchmarks.apart", part, json.dumps(settings)]
    done = subprocess.run(
        call, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{part} {settings}: {done.stderr.strip()[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
