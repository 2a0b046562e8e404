"""Draws, decay, social proof and rounding, in plain integers and floats."""

from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import cache, partial
from math import floor, sqrt

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
LONGEST = 16383  # hours after which decay stands still
PRECISION = 40  # decimal digits
STEP = 0.33219280948873625
POWERS = (10, 100, 1_000, 10_000, 100_000, 10**6, 10**7, 10**8, 10**9)


def mix(z: int) -> int:
    """Scramble 64 bits."""
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def fold(key: int, word: int) -> int:
    """Take one more word into a key."""
    return mix((key + (word + 1) * GOLDEN) & MASK)


class Draws:
    """The draws of one seed; the last key is kept, because neighbours share most of it."""

    def __init__(self, seed: int) -> None:
        self._seed = mix(seed & MASK)
        self._words: tuple[int, int, int] | None = None
        self._prefix: tuple[int, int] | None = None
        self._early = 0
        self._late = 0

    def draw(self, purpose: int, a: int, b: int, time: int) -> int:
        """64 bits for a purpose, two uids and an hour."""
        if self._words != (time, a, b):
            if self._prefix != (time, a):
                self._early = fold(fold(self._seed, time), a)
                self._prefix = (time, a)
            self._late = fold(self._early, b)
            self._words = (time, a, b)
        return fold(self._late, purpose)

    def uniform(self, purpose: int, a: int, b: int, time: int) -> float:
        """A number in [0, 1)."""
        return (self.draw(purpose, a, b, time) >> 11) * 2.0**-53


def happens(uniform: float, odds: float) -> bool:
    """Whether a choice with these odds is made."""
    return uniform * (1 + odds) < odds


def store(value: float, scale: float, limit: int, uniform: float) -> int:
    """Round a value to its stored form, up or down by chance."""
    return min(limit, floor(value * scale + uniform))


def quality_of(craft: float, minutes: float, noise: float) -> int:
    """The stored quality of a piece of work."""
    return floor(min(1.0, craft * sqrt(min(1.0, minutes / 30)) * noise) * 4096 + 0.5)


@cache
def _decay(half_life: float, hours: int) -> float:
    with localcontext() as context:
        context.prec = PRECISION
        return float(Decimal(2) ** (Decimal(-hours) / (24 * Decimal(repr(half_life)))))


def decay(half_life: float) -> Callable[[int], float]:
    """What is left after so many hours, for a half-life in days."""
    return lambda hours: _decay(half_life, min(hours, LONGEST))


@cache
def _proof(count: int) -> float:
    with localcontext() as context:
        context.prec = PRECISION
        return float(Decimal(1 + count).ln() / Decimal(2).ln() / 10)


def _logarithmic(count: int, hit: Callable[[str], None]) -> float:
    if count < 4096:
        return _proof(count)
    hit("proof: large count")
    shift = 0
    while count >> shift >= 4096:
        shift += 1
    return _proof(count >> shift) + 0.1 * shift


def _stepped(count: int, hit: Callable[[str], None]) -> float:
    powers = sum(power <= count for power in POWERS)
    if powers:
        hit("proof: step")
    return STEP * powers


def proof(form: str, hit: Callable[[str], None]) -> Callable[[int], float]:
    """Social proof of a shown count, in one of its forms."""
    return partial(_stepped if form == "step" else _logarithmic, hit=hit)
