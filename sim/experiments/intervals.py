"""Intervals over replicates: of a mean, of a paired difference, of a paired ratio.

Every interval is a t interval over replicates (worlds), the unit of inference. Differences are
taken within a replicate first, because the arms of a replicate share their draws and so most of
their noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "LEVEL",
    "Interval",
    "half_width",
    "interval",
    "paired_interval",
    "ratio_interval",
    "variance_gained",
]

LEVEL: Final = 0.95
"""Confidence level of every interval."""


class Interval(NamedTuple):
    """A mean over replicates with its confidence bounds.

    ``low`` and ``high`` are NaN where fewer than two replicates can be used. ``mean`` is NaN
    without replicates, and infinite (without bounds) if one of them is infinite.
    """

    mean: float
    low: float
    high: float
    n: int


def half_width(deviation: NDArray[np.float64], count: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give t · s / √n, elementwise; NaN where there are fewer than two values."""
    enough = np.where(count >= 2, count, np.nan)
    quantile = stats.t.ppf((1 + LEVEL) / 2, enough - 1)
    return np.asarray(quantile * deviation / np.sqrt(enough), dtype=float)


def interval(values: ArrayLike) -> Interval:
    """Give the mean ± t(.975, n - 1) · s / √n of the values that are not NaN."""
    known = np.asarray(values, dtype=float).ravel()
    known = known[~np.isnan(known)]
    n = int(known.size)
    if n == 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    if np.isinf(known).any():
        return Interval(_infinite_mean(known), np.nan, np.nan, n)
    half = float(half_width(np.array([_deviation(known)]), np.array([float(n)]))[0])
    mean = float(known.mean())
    return Interval(mean, mean - half, mean + half, n)


def paired_interval(values: ArrayLike, reference: ArrayLike) -> Interval:
    """Give the interval of the mean of ``values - reference``, paired by position."""
    with np.errstate(invalid="ignore"):  # infinite minus infinite is unknown, and is left out
        return interval(np.asarray(values, dtype=float) - np.asarray(reference, dtype=float))


def ratio_interval(values: ArrayLike, reference: ArrayLike) -> Interval:
    """Interval of the ratio of two means, paired by position and symmetric in the logarithm.

    log R = log(x̄ / ȳ) ± t · s_d / √n with dᵢ = xᵢ/x̄ - yᵢ/ȳ, the first-order (delta) form of the
    paired log-ratio. Unlike the mean of logs it stands where one replicate is 0. It is
    0 without bounds if all ``values`` are 0, and NaN if all of ``reference`` are.
    """
    x, y = _known_pairs(values, reference)
    n = int(x.size)
    if n == 0 or y.mean() <= 0 or not np.isfinite(x).all() or not np.isfinite(y).all():
        return Interval(np.nan, np.nan, np.nan, n)
    ratio = float(x.mean() / y.mean())
    if ratio <= 0:
        return Interval(ratio, np.nan, np.nan, n)
    spread = _deviation(x / x.mean() - y / y.mean())
    half = float(half_width(np.array([spread]), np.array([float(n)]))[0])
    with np.errstate(over="ignore"):
        return Interval(ratio, ratio * float(np.exp(-half)), ratio * float(np.exp(half)), n)


def variance_gained(values: ArrayLike, reference: ArrayLike) -> float:
    """(var x + var y) / var(x - y): how many times the runs that pairing saves.

    Above 1 the shared draws helped. Infinite if the paired differences do not vary, NaN if
    nothing varies or fewer than two replicates are known.
    """
    x, y = _known_pairs(values, reference)
    if x.size < 2 or not (np.isfinite(x).all() and np.isfinite(y).all()):
        return float("nan")
    apart, together = float(x.var(ddof=1) + y.var(ddof=1)), float((x - y).var(ddof=1))
    if together > 0:
        return apart / together
    return float("inf") if apart > 0 else float("nan")


def _infinite_mean(values: NDArray[np.float64]) -> float:
    with np.errstate(invalid="ignore"):  # plus and minus infinity have no mean
        return float(values.mean())


def _deviation(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else float("nan")


def _known_pairs(
    values: ArrayLike, reference: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(values, dtype=float), np.asarray(reference, dtype=float)
    known = ~(np.isnan(x) | np.isnan(y))
    return x[known], y[known]
