"""What decides whether a life pays: ranks of its effect against ranks of all settings at once.

Standardised rank regression coefficients (Saltelli et al. 2008, Global Sensitivity Analysis): the
weight of a setting is by how many standard deviations of the effect's rank a standard deviation
of the setting's rank moves it, all others held. They ask for no more than that an effect rises or
falls with a setting; ``explained`` (R²) says how far that is true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import rankdata

from sim.experiments.effects import compared, effects, headline
from sim.experiments.points import parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.results import Results

__all__ = ["LEAST", "Worth", "worth", "worths"]

LEAST: Final = 3
"""Points for each setting, without which no weights are told."""


@dataclass(frozen=True)
class Worth:
    """Where a life pays by one measure."""

    measure: str
    life: str
    pays: float
    """Share of the points where it ends with more than the reference."""
    weights: dict[str, float]
    """By the key of the setting; empty if there are too few points, or the effect is constant."""
    explained: float
    """R² of the regression of ranks."""

    @property
    def foremost(self) -> list[tuple[str, float]]:
        """The three settings with the largest weights, largest first."""
        return sorted(self.weights.items(), key=lambda pair: -abs(pair[1]))[:3]


def worth(results: Results, measure: str, life: str) -> Worth:
    """Return in how many points of a sweep a life pays, and which settings decide it.

    Raises:
        KeyError: if there is no such measure or life.
    """
    outcome = effects(results, measure, life).outcome().dropna()
    pays = float((outcome > 0).mean()) if len(outcome) else float("nan")
    settings = parameters(results)
    if len(outcome) < LEAST * len(settings) or outcome.nunique() < 2:
        return Worth(measure, life, pays, {}, float("nan"))
    points = results.points.set_index("point").loc[outcome.index]
    columns = np.column_stack([one.unit(points[one.key]) for one in settings])
    weights, explained = _regressed(columns, outcome.to_numpy(float))
    keys = [one.key for one in settings]
    return Worth(measure, life, pays, dict(zip(keys, weights, strict=True)), explained)


def worths(results: Results, measure: str | None = None) -> list[Worth]:
    """Return it for every life, by the number, the impact and the money, as far as recorded.

    ``measure`` is the impact, by default the headline of the results.
    """
    wanted = dict.fromkeys(["followers", measure or headline(results), "engaged", "profit"])
    there = [name for name in wanted if name in results.runs.columns][:3]
    return [worth(results, name, life) for name in there for life in compared(results)]


def _regressed(
    settings: NDArray[np.float64], outcome: NDArray[np.float64]
) -> tuple[list[float], float]:
    """Return the weights of settings (points, settings) and R², all in standardised ranks."""
    x = np.apply_along_axis(_standard_ranks, 0, settings)
    y = _standard_ranks(outcome)
    weights = np.linalg.lstsq(x, y, rcond=None)[0]
    left = float(((y - x @ weights) ** 2).sum() / (y**2).sum())
    return [float(weight) for weight in weights], 1 - left


def _standard_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks with mean 0 and standard deviation 1; zeros if all are equal."""
    ranks = rankdata(values) - (len(values) + 1) / 2
    deviation = float(ranks.std())
    return np.asarray(ranks / deviation if deviation > 0 else ranks)
