"""The others: how much of the world an arm leaves as it is in the reference arm.

Draws are keyed by what they decide, so people whom the difference between two arms has not
reached live the same life in both, to the bit. The share whom it has reached says how far
the protagonist's strategy carries.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim import files
from sim.experiments import analysis
from sim.results import Results

__all__ = ["changed", "save"]


def _file(folder: Path, run_id: str) -> Path:
    return folder / "digests" / f"{run_id}.npy"


def save(digests: NDArray[np.void], folder: Path, run_id: str) -> None:
    """Save the digests of a run's ordinary accounts."""
    path = _file(folder, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as temporary, temporary.open("wb") as out:
        np.save(out, digests, allow_pickle=False)


def changed(results: Results) -> dict[str, float]:
    """Return, by arm, the mean share of other accounts that differ from the reference arm's.

    Arms or replicates without saved digests are left out.
    """
    runs = analysis.good_runs(results)
    by_arm: dict[str, list[float]] = {}
    for _, group in runs.groupby("replicate"):
        run_of = dict(zip(group["arm"], group["run_id"], strict=True))
        reference = _load(results, run_of.get(results.reference, ""))
        for arm, run_id in run_of.items():
            mine = _load(results, run_id)
            if reference is not None and mine is not None and arm != results.reference:
                by_arm.setdefault(arm, []).append(_share(mine, reference))
    return {arm: float(np.mean(shares)) for arm, shares in by_arm.items()}


def _load(results: Results, run_id: str) -> NDArray[np.void] | None:
    path = _file(results.folder, run_id)
    return np.load(path, allow_pickle=False) if run_id and path.is_file() else None


def _share(mine: NDArray[np.void], reference: NDArray[np.void]) -> float:
    """Return the share of accounts of the reference that are gone or differ."""
    same = np.isin(reference, mine)
    return float(1.0 - same.mean()) if len(reference) else 0.0
