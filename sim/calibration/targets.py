"""What is fitted: the free settings with their ranges, and how far values are from targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite, isnan
from typing import Any, Final

import numpy as np

from sim.settings import Behaviour, Platform, Population
from sim.settings import World as WorldSettings
from sim.validation.checks import CHECKS, Check

__all__ = ["FREE", "Free", "default_of", "misfit", "misfits", "outside"]

_WORST: Final = 5.0  # misfit of a check without an answer, and the most that one can count
_WAY_IN: Final = 0.5  # share of the half width of a band within which a value costs nothing


@dataclass(frozen=True)
class Free:
    """A setting that is fitted: its dotted key and its range."""

    key: str
    low: float
    high: float
    is_whole: bool = False
    is_log: bool = True


FREE: Final = (
    Free("population.posts_median", 0.012, 0.04),
    Free("population.posts_sigma", 2.2, 3.0, is_log=False),
    Free("population.posts_popularity", 0.3, 0.7, is_log=False),
    Free("population.diligence", 0.1, 0.4),
    Free("platform.recommendations", 2, 6, is_whole=True),
    Free("behaviour.like_odds", 0.03, 0.2),
    Free("behaviour.reshare_factor", 0.1, 0.8),
    Free("behaviour.asking_factor", 1.5, 4.0),
    Free("behaviour.follow_odds", 0.03, 0.15),
    Free("behaviour.irritation_gain", 0.05, 0.4),
    Free("behaviour.irritation_half_life", 3.0, 21.0),
    Free("behaviour.repetition", 0.03, 0.2),
    Free("behaviour.leave_hazard", 0.05, 0.4),
    Free("behaviour.leave_warmth", 2.0, 40.0),
    Free("behaviour.mute", 0.03, 0.4),
    Free("world.reciprocation", 0.15, 0.24, is_log=False),
    Free("world.departures_per_day", 0.0001, 0.0004),
)
"""Settings for which nobody has measured a value, or only through the checks themselves.

What has a source of its own (follow-back of strangers, recall of sweeps) is not free.
"""

_SECTIONS: Final = {
    "world": WorldSettings,
    "population": Population,
    "platform": Platform,
    "behaviour": Behaviour,
}


def default_of(key: str) -> Any:
    """Return the shipped default of a dotted key."""
    section, name = key.split(".")
    return getattr(_SECTIONS[section](), name)


def misfit(check: Check, value: float) -> float:
    """Return how far a value is from where it should be: 1 at an end of the band.

    Nothing in the middle half of a band; from there on it rises linearly in half widths, so that
    values are kept away from the ends without being drawn to the middle. Of a band with one
    end, the margin is a third of that end.
    """
    if isnan(value):
        return _WORST
    inner, scale = _distance(check, value)
    return float(np.clip(inner / scale, 0.0, _WORST))


def _distance(check: Check, value: float) -> tuple[float, float]:
    """Return the distance to the inner part of the band, and what counts as 1."""
    low, high = _ends(check)
    if isfinite(low) and isfinite(high):
        half = (high - low) / 2
        return abs(value - (low + high) / 2) - _WAY_IN * half, (1 - _WAY_IN) * half
    end = low if isfinite(low) else high
    margin = max(abs(end) / 3, 1e-9)
    beyond = end - value if high == inf else value - end
    return beyond + margin, margin


def _ends(check: Check) -> tuple[float, float]:
    """Return the ends of the band that a value could pass: a share or ratio is never below 0."""
    nowhere_below = check.low == 0 and check.unit in ("share", "ratio")
    return (-inf if nowhere_below else check.low), check.high


def misfits(values: Mapping[str, float]) -> dict[str, float]:
    """Return the misfit of each check, from its value by key."""
    return {check.key: misfit(check, values.get(check.key, float("nan"))) for check in CHECKS}


def outside(values: Mapping[str, float]) -> list[str]:
    """Return the keys of the checks whose value is out of band."""
    return [key for key, value in misfits(values).items() if value > 1]
