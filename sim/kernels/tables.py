"""Look-up tables in place of exp and log: the same bits on every machine."""

from decimal import Decimal, localcontext
from functools import lru_cache
from itertools import accumulate, repeat
from operator import mul
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.compiler import inlined
from sim.kernels.layout import Tables

DECAY_HOURS: Final = 16_384
PROOF_COUNTS: Final = 4_096
STEP_HEIGHT: Final = 0.33219280948873625  # log2(10) / 10


@lru_cache(maxsize=16)
def decay_table(half_life_days: float) -> NDArray[np.float64]:
    """Return 2**(-k / half-life) for k = 0 .. 16,383 hours; decimal, hence exact to the bit.

    Powers of one factor are multiplied up in decimal arithmetic of 40 digits, which every
    Python carries out alike, and rounded to float64 once.
    """
    with localcontext() as context:
        context.prec = 40
        hourly = Decimal(2) ** (-1 / (24 * Decimal(repr(half_life_days))))
        powers = accumulate(repeat(hourly, DECAY_HOURS - 1), mul, initial=Decimal(1))
        return np.array([float(power) for power in powers])


@lru_cache(maxsize=1)
def proof_table() -> NDArray[np.float64]:
    """Return log2(1 + n) / 10 for n = 0 .. 4,095."""
    with localcontext() as context:
        context.prec = 28
        two = Decimal(2).ln()
        return np.array([float(Decimal(1 + n).ln() / two / 10) for n in range(PROOF_COUNTS)])


def build(warmth_half_life: float, irritation_half_life: float) -> Tables:
    """Return the tables for two half-lives in days."""
    return Tables(decay_table(warmth_half_life), decay_table(irritation_half_life), proof_table())


@inlined
def decayed(table: NDArray[np.float64], hours: int) -> float:
    """Return what is left of 1 after so many hours."""
    return table[min(hours, DECAY_HOURS - 1)]


@inlined
def proof(table: NDArray[np.float64], count: int, step: float) -> float:
    """Return the social proof S of a count: by octaves, or by steps at the round numbers."""
    if step != 0.0:
        steps, bound = 0, 10
        while steps < 9 and bound <= count:
            steps, bound = steps + 1, bound * 10
        return STEP_HEIGHT * steps
    shift = 0
    while (count >> shift) >= PROOF_COUNTS:
        shift += 1
    return table[count >> shift] + 0.1 * shift
