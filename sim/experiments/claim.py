"""The claim that a scenario declares, what was found, and whether the two agree.

The primary measure, the arms and what would refute the claim stand in the scenario's header; no
other measure, arm or day enters the verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from sim.experiments.analysis import final
from sim.experiments.intervals import Interval, paired_interval
from sim.metrics import MEASURES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.results import Results

__all__ = ["ENOUGH", "SAME", "Claim", "Estimate", "declared", "estimate", "verdict"]

ENOUGH: Final = 20
"""Worlds from which a finding can establish something; fewer illustrate."""
SAME: Final = (0.8, 1.25)
"""Ratios between which two arms count as the same."""

Verdict = Literal["in line with the claim", "against the claim", "undecided"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a scenario declared before it was run."""

    claim: str
    hypothesis: str
    primary: str
    tested: str
    reference: str
    expected: str
    refuted_by: str
    secondary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """The tested arm compared with the reference, over the worlds where both are known."""

    interval: Interval
    """Geometric mean of the ratios, or mean of the differences, with its 95 % interval."""
    is_ratio: bool
    """Whether it is a ratio; a difference where a value is 0, negative or infinite."""
    worlds: int
    """Worlds in which both arms ran."""
    tested_mean: float
    reference_mean: float
    """Means of the two arms over the worlds in which both have a value."""


def declared(results: Results, header: Mapping[str, Any] | None = None) -> Claim | None:
    """Return the claim of the scenario, or None if it declares none.

    ``header`` is that of another scenario that differs in its claim only.
    """
    header = _header(results.manifest) if header is None else header
    known = header.get("primary") in MEASURES and header.get("expected") in EXPECTED
    if not header.get("claim") or not known:
        return None
    others = [arm for arm in results.arms if arm != results.reference]
    tested = header.get("tested") or next(iter(others), None)
    if tested not in others:
        return None
    texts = {name: str(header.get(name, "")) for name in _TEXTS}
    beside = tuple(name for name in header.get("secondary", ()) if name in MEASURES)
    return Claim(tested=str(tested), reference=results.reference, secondary=beside, **texts)


EXPECTED: Final = ("higher", "lower", "same")
_TEXTS: Final = ("claim", "hypothesis", "primary", "expected", "refuted_by")


def _header(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    settings = manifest["scenario"].get("settings")
    header = settings.get("scenario") if isinstance(settings, Mapping) else None
    return header if isinstance(header, Mapping) else {}


def estimate(results: Results, claim: Claim, measure: str | None = None) -> Estimate:
    """Compare a measure, by default the primary one, of the two arms at the end, by world.

    log R = mean(log xᵢ − log yᵢ) ± t · s / √n for the ratio. Where a world has no ratio, all
    worlds give differences: leaving some out would choose among them.
    """
    table = final(results, measure or claim.primary)[[claim.tested, claim.reference]].dropna()
    x, y = (table[arm].to_numpy(float) for arm in (claim.tested, claim.reference))
    worlds = _worlds(results, claim)
    means = (float(values.mean()) if len(values) else float("nan") for values in (x, y))
    if _positive(x) and _positive(y):
        return Estimate(_ratio(x, y), True, worlds, *means)
    return Estimate(paired_interval(x, y), False, worlds, *means)


def _worlds(results: Results, claim: Claim) -> int:
    runs = results.runs[results.runs["status"] == "ok"]
    ran = [set(runs["replicate"][runs["arm"] == arm]) for arm in (claim.tested, claim.reference)]
    return len(ran[0] & ran[1])


def _positive(values: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(values).all() and (values > 0).all())


def _ratio(x: NDArray[np.float64], y: NDArray[np.float64]) -> Interval:
    logs = paired_interval(np.log(x), np.log(y))
    with np.errstate(over="ignore"):
        mean, low, high = (float(np.exp(value)) for value in logs[:3])
    return Interval(mean, low, high, logs.n)


def verdict(found: Estimate, expected: str) -> Verdict:
    """Say on which side the whole interval lies; without an interval nothing is decided."""
    low, high = found.interval.low, found.interval.high
    if not (np.isfinite(low) and np.isfinite(high)):
        return "undecided"
    least, most = _same(found) if expected == "same" else _none(found)
    below, above, within = high < least, low > most, least <= low and high <= most
    agrees = {"lower": below, "higher": above, "same": within}[expected]
    disagrees = {"lower": above, "higher": below, "same": below or above}[expected]
    if agrees == disagrees:
        return "undecided"
    return "in line with the claim" if agrees else "against the claim"


def _none(found: Estimate) -> tuple[float, float]:
    """No effect: a ratio of 1, a difference of 0."""
    return (1.0, 1.0) if found.is_ratio else (0.0, 0.0)


def _same(found: Estimate) -> tuple[float, float]:
    """What counts as the same; of differences, as shares of the mean of the reference."""
    if found.is_ratio:
        return SAME
    return (SAME[0] - 1) * abs(found.reference_mean), (SAME[1] - 1) * abs(found.reference_mean)
