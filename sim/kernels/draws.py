"""Random numbers as a hash of what they decide.

``draw(seed, purpose, a, b, time)`` depends on nothing else: not on rows, threads, ticks or
how many draws came before. So an extra account changes nobody else's coins, and the arms
of a replicate differ only by what the strategy caused.

The hash folds its keys one after the other with Stafford's variant 13 of the splitmix64
finaliser (Steele, Lea, Flood, OOPSLA 2014), in the order seed, time, a, b, purpose, so that
a kernel can share the prefix among the draws of a viewer or of a post.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.compiler import inlined, kernel

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX2: Final = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_UNIT: Final = 1.0 / 9007199254740992.0  # 2**-53
_ONE: Final = np.uint64(1)


@inlined
def mix(z: np.uint64) -> np.uint64:
    """Return the splitmix64 finaliser of z (variant 13): a bijection of 64-bit words."""
    z = (z ^ (z >> _S30)) * _MIX1
    z = (z ^ (z >> _S27)) * _MIX2
    return z ^ (z >> _S31)


@inlined
def fold(key: np.uint64, word: np.uint64) -> np.uint64:
    """Return a key that depends on ``key`` and ``word``."""
    return mix(key + (word + _ONE) * _STEP)


@inlined
def at_time(seed: np.uint64, time: np.uint64) -> np.uint64:
    """Return the prefix of all draws of a replicate at an hour."""
    return fold(mix(seed), time)


@inlined
def keyed(
    seed: np.uint64, purpose: np.uint64, a: np.uint64, b: np.uint64, time: np.uint64
) -> np.uint64:
    """Return the 64-bit draw for one decision: seed, time, a, b and purpose folded in turn."""
    return fold(fold(fold(at_time(seed, time), a), b), purpose)


@kernel
def draw(
    seed: np.uint64, purpose: np.uint64, a: np.uint64, b: np.uint64, time: np.uint64
) -> np.uint64:
    """Return `keyed` to Python, for those who need a single draw."""
    return keyed(seed, purpose, a, b, time)


@inlined
def unit(word: np.uint64) -> float:
    """Return a draw as a float64 in [0, 1), a multiple of 2**-53."""
    return float(word >> _S11) * _UNIT


@kernel
def units(
    seed: np.uint64,
    purpose: int,
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
    time: int,
    out: NDArray[np.float64],
) -> None:
    """Write the draws for many pairs of keys, as float64 in [0, 1)."""
    prefix = at_time(np.uint64(seed), np.uint64(time))
    for k in range(a.shape[0]):
        out[k] = unit(fold(fold(fold(prefix, a[k]), b[k]), np.uint64(purpose)))


@kernel
def words(
    seed: np.uint64, purpose: int, a: int, first: int, time: int, out: NDArray[np.uint64]
) -> None:
    """Write the draws of one account for b = first, first + 1, ..."""
    key = fold(at_time(np.uint64(seed), np.uint64(time)), np.uint64(a))
    for k in range(out.shape[0]):
        out[k] = fold(fold(key, np.uint64(first + k)), np.uint64(purpose))
