"""Which values can share a linear scale: 5,000 bought followers beside 100 cannot."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Final

__all__ = ["scale_groups"]

TALL: Final = 4.0
"""How many times the median the greatest value must be before it gets a scale of its own."""


def scale_groups(peaks: Mapping[str, float]) -> list[list[str]]:
    """Split keys into groups of like size, smallest first, each in the given order.

    A group is split at the widest gap (as a ratio) in its upper half, as long as its greatest
    value is more than ``TALL`` times its median.
    """
    ranked = sorted(peaks, key=lambda key: peaks[key])
    tall: list[list[str]] = []
    while len(ranked) > 1 and peaks[ranked[-1]] > TALL * median(peaks[key] for key in ranked):
        cut = _widest_gap(ranked, peaks)
        tall.insert(0, ranked[cut:])
        ranked = ranked[:cut]
    return [[key for key in peaks if key in group] for group in [ranked, *tall] if group]


def _widest_gap(ranked: list[str], peaks: Mapping[str, float]) -> int:
    """Index in the upper half before which the ratio of neighbours is greatest."""
    places = range((len(ranked) + 1) // 2, len(ranked))
    return max(places, key=lambda i: peaks[ranked[i]] / max(1e-9, peaks[ranked[i - 1]]))
