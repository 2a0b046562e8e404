"""Tests of the claims: p-values of what was found, corrected over all claims together."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite, log, nan, sqrt
from typing import Any, Final

import numpy as np
from scipy import stats

from sim.experiments.claim import SAME, Estimate

__all__ = ["ALPHA", "Outcome", "holm", "of_estimate"]

ALPHA: Final = 0.05
"""Share of families of claims in which chance alone may decide one."""


@dataclass(frozen=True)
class Outcome:
    """What was found of a claim under one condition, as it is kept."""

    expected: str
    is_ratio: bool
    mean: float
    low: float
    high: float
    worlds: int
    tested_mean: float
    reference_mean: float
    p_for: float
    """One-sided p-value: how surprising this is if the claim is not true."""
    p_against: float
    """The same if the opposite is not true."""

    @property
    def p(self) -> float:
        """Two-sided p-value: twice the smaller one."""
        return min(1.0, 2 * min(self.p_for, self.p_against))

    @property
    def leans(self) -> str:
        """Which way it points, whether or not that is established."""
        return "for" if self.p_for <= self.p_against else "against"

    @property
    def effect(self) -> float:
        """The logarithm of the ratio, or the difference as a share of the reference's mean."""
        if self.is_ratio:
            return log(self.mean) if self.mean > 0 else nan
        scale = abs(self.reference_mean)
        return self.mean / scale if scale > 0 else nan

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)


def of_estimate(found: Estimate, expected: str) -> Outcome:
    """Test an estimate: t tests on log ratios (or differences) over worlds.

    "higher" and "lower" are tested against no effect. "same" holds if both one-sided tests
    against the ends of `SAME` say so (the larger p-value counts), and fails if either says that
    the effect lies beyond its end (twice the smaller one). With one claim, p < .05 is what
    `sim.experiments.claim.verdict` says about the 95 % interval.
    """
    mean, error, freedom = _deviate(found)
    low, high = _ends(found) if expected == "same" else (0.0, 0.0)
    above = _upper(mean - low, error, freedom)  # p-value of: above the lower end
    below = _upper(high - mean, error, freedom)
    if expected == "same":
        beyond = min(_upper(mean - high, error, freedom), _upper(low - mean, error, freedom))
        p_for, p_against = max(above, below), beyond
    else:
        p_for, p_against = (above, below) if expected == "higher" else (below, above)
    return Outcome(
        expected, found.is_ratio, *found.interval[:3], found.interval.n, found.tested_mean,
        found.reference_mean, p_for, p_against,
    )  # fmt: skip


def _deviate(found: Estimate) -> tuple[float, float, int]:
    """Return mean and standard error, on the scale of logs if it is a ratio, and the freedom."""
    mean, low, high, n = found.interval
    if n < 2 or not (isfinite(low) and isfinite(high)):
        return nan, nan, 0
    if found.is_ratio:
        mean, low, high = log(mean), log(low), log(high)
    return mean, (high - low) / 2 / float(stats.t.ppf(0.975, n - 1)), n - 1


def _ends(found: Estimate) -> tuple[float, float]:
    """Return the ends of what counts as the same, on the scale of `_deviate`."""
    if found.is_ratio:
        return log(SAME[0]), log(SAME[1])
    scale = abs(found.reference_mean)
    return (SAME[0] - 1) * scale, (SAME[1] - 1) * scale


def _upper(value: float, error: float, freedom: int) -> float:
    """Return P(T ≥ value/error); 1 where nothing can be told."""
    if freedom < 1 or not isfinite(value):
        return 1.0
    if error <= sqrt(np.finfo(float).eps) * max(1.0, abs(value)) * 1e-3:  # every world alike
        return 0.0 if value > 0 else 1.0
    return float(stats.t.sf(value / error, freedom))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values (1979): valid whatever the dependence.

    The i-th smallest of m is multiplied by m − i + 1, and is at least the one before it.
    """
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(order), 0, -1)
    stepped = np.maximum.accumulate(np.minimum(1.0, np.array(p_values)[order] * factors))
    out = np.empty(len(order))
    out[order] = stepped
    return [float(p) for p in out]
