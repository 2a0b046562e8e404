"""Made-up results of sweeps: outcomes are a given function of the settings, with known indices.

Nothing here comes from the model. Points, runs and manifest have the form of real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import qmc

import plots_data
from sim.results import Results

Settings = dict[str, Any]
Outcome = Callable[[Settings, str, int], float]

ARMS = {"organic": "being interesting", "beg": "begging", "follow": "follow for follow"}


def real(key: str, low: float, high: float, scale: str = "linear") -> dict[str, Any]:
    return {"key": key, "kind": "real", "low": low, "high": high, "scale": scale}


def choice(key: str, *values: Any) -> dict[str, Any]:
    return {"key": key, "kind": "choice", "values": list(values)}


def swept(
    keys: Sequence[dict[str, Any]],
    rows: Iterable[Sequence[Any]],
    outcomes: dict[str, Outcome],
    *,
    kind: str = "grid",
    arms: dict[str, str] | None = None,
    replicates: int = 3,
    failed: Iterable[str] = (),
) -> Results:
    """Results of a sweep over ``rows`` of settings, each measure a function of what was run."""
    arms = ARMS if arms is None else arms
    order, points = _points([key["key"] for key in keys], rows)
    runs = [
        _run(str(point), settings, arm, replicate, outcomes, failed)
        for point, settings in points.items()
        for arm in arms
        for replicate in range(replicates)
    ]
    manifest = plots_data.manifest(arms, ("newcomer",), replicates, 90)
    design = {"kind": kind} | ({"layout": order} if kind in ("saltelli", "morris") else {})
    manifest |= {"sweep": {"design": design, "parameters": list(keys)}}
    manifest["scenario"] |= {"name": "trial", "title": "A trial of two premises"}
    manifest["runs"] = [run["run_id"] for run in runs]
    nothing = pd.DataFrame({"run_id": [], "event": [], "account": []})
    table = pd.DataFrame([{"point": point} | settings for point, settings in points.items()])
    return Results(Path("results"), manifest, pd.DataFrame(runs), nothing, nothing, nothing, table)


def _points(
    names: list[str], rows: Iterable[Sequence[Any]]
) -> tuple[list[str], dict[str, Settings]]:
    """Points by name, each once, and their names in the order of the rows."""
    known: dict[tuple[Any, ...], str] = {}
    order = [known.setdefault(tuple(row), f"p{len(known):04d}") for row in rows]
    return order, {name: dict(zip(names, row, strict=True)) for row, name in known.items()}


def _run(
    point: str,
    settings: Settings,
    arm: str,
    replicate: int,
    outcomes: dict[str, Outcome],
    failed: Iterable[str],
) -> dict[str, Any]:
    run_id = f"{point}-{arm}-{replicate}"
    good = run_id not in failed
    measures = {
        name: outcome(settings, arm, replicate) if good else np.nan
        for name, outcome in outcomes.items()
    }
    return {
        "run_id": run_id, "point": point, "arm": arm, "replicate": replicate,
        "seed": 1 + replicate, "status": "ok" if good else "failed",
        "error": "" if good else "ValueError: broken on purpose", "state_hash": "",
        "model_version": "0.1.0", "days": 90, "wall_s": 1.0,
    } | measures  # fmt: skip


def saltelli(n: int, d: int) -> np.ndarray:
    """A, B and the AB of Saltelli's design in the unit cube: (n · (d + 2), d)."""
    both = qmc.Sobol(2 * d, scramble=True, rng=np.random.default_rng(3)).random(n)
    a, b = both[:, :d], both[:, d:]
    mixed = [np.where(np.arange(d) == i, b, a) for i in range(d)]
    return np.concatenate([a, b, *mixed])


def trajectories(count: int, d: int, levels: int = 4) -> np.ndarray:
    """Morris' trajectories on a lattice of the unit cube: (count · (d + 1), d)."""
    rng, step = np.random.default_rng(5), levels / (2 * (levels - 1))
    rows = []
    for _ in range(count):
        here = rng.integers(0, levels // 2, d) / (levels - 1)
        rows.append(here)
        for i in rng.permutation(d):
            here = here + np.where(np.arange(d) == i, step, 0.0)
            rows.append(here)
    return np.array(rows)
