"""What this machine can do at best: reading memory in order, at random, and in a chain."""

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Sample
from sim.kernels.compiler import kernel
from sim.kernels.draws import fold, mix, unit

_SIZES = {"1 MB": 2**20, "16 MB": 2**24, "64 MB": 2**26, "1 GB": 2**30}
_LOADS = 1 << 21
_CHAIN = 1 << 17
_REPEATS = 5


@kernel
def read(values: NDArray[np.uint64]) -> np.uint64:
    """Return the sum of all words."""
    total = np.uint64(0)
    for k in range(values.shape[0]):
        total += values[k]
    return total


@kernel
def gather(values: NDArray[np.uint64], loads: int) -> np.uint64:
    """Return the sum of so many words at random places that do not depend on one another."""
    total, mask = np.uint64(0), np.uint64(values.shape[0] - 1)
    for k in range(np.uint64(loads)):
        total += values[mix(np.uint64(k)) & mask]
    return total


@kernel
def chase(values: NDArray[np.uint64], loads: int) -> np.uint64:
    """Return where a walk ends in which each place depends on the last word."""
    at, mask = np.uint64(0), np.uint64(values.shape[0] - 1)
    for _ in range(loads):
        at = mix(at + values[at & mask])
    return at


@kernel
def toss(keys: NDArray[np.uint64]) -> float:
    """Return a sum of draws, each of which folds one word into a key."""
    total = 0.0
    for k in range(keys.shape[0]):
        total += unit(fold(keys[k], np.uint64(2)))
    return total


def measure() -> dict[str, Any]:
    """Time each on arrays of several sizes."""
    found: dict[str, Any] = {"gather_ns": {}, "chain_ns": {}}
    for name, size in _SIZES.items():
        values = np.full(size // 8, 1, np.uint64)
        found["gather_ns"][name] = _best(gather, values, _LOADS) / _LOADS * 1e9
        found["chain_ns"][name] = _best(chase, values, _CHAIN) / _CHAIN * 1e9
    found["read_gb_per_s"] = values.nbytes / _best(read, values) / 1e9
    keys = np.arange(2**16, dtype=np.uint64)
    found["draw_ns"] = _best(toss, keys) / len(keys) * 1e9
    return found


def _best(work: Any, *arguments: Any) -> float:
    """Return the least CPU time of a piece of work, seconds."""
    sample = Sample()
    for _ in range(_REPEATS):
        sample.add(partial(work, *arguments))
    return min(sample.cpu)
