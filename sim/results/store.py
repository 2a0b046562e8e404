"""Results as a whole: the tables of all runs, with the manifest that says what was run."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sim.results import parts, tables

__all__ = [
    "MANIFEST",
    "POINTS",
    "Results",
    "ResultsError",
    "locate",
    "open",
    "planned",
    "read_manifest",
]

MANIFEST = "manifest.json"
POINTS = "points"  # the table of the points of a sweep


class ResultsError(Exception):
    """Results that are not there, not complete, or lack what was asked for."""


@dataclass(frozen=True)
class Results:
    """What came of a scenario: four tables, one row a run, record, event or follow.

    Those of a sweep have its points besides: a name, and the value of each parameter by its
    dotted key; ``runs.point`` names the point of a run.

    The columns stand in `sim.results.tables`; `sim.metrics` defines the measures.
    """

    folder: Path
    manifest: dict[str, Any]
    runs: pd.DataFrame
    series: pd.DataFrame
    events: pd.DataFrame
    follows: pd.DataFrame
    points: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"point": []}, dtype=object))

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["scenario"]["name"])

    @property
    def title(self) -> str:
        """Title of the scenario."""
        return str(self.manifest["scenario"]["title"])

    @property
    def question(self) -> str:
        """Question that the scenario asks."""
        return str(self.manifest["scenario"]["question"])

    @property
    def reference(self) -> str:
        """Name of the arm that the others are compared with."""
        return str(self.manifest["scenario"]["reference"])

    @property
    def arms(self) -> dict[str, str]:
        """Labels of the arms by name, in the order of the scenario."""
        return dict(self.manifest["arms"])

    @property
    def accounts(self) -> tuple[str, ...]:
        """Names of the protagonists' accounts."""
        return tuple(self.manifest["protagonists"])

    @property
    def failed(self) -> dict[str, str]:
        """Error of each run that failed, by run_id."""
        bad = self.runs[self.runs["status"] == "failed"]
        return dict(zip(bad["run_id"], bad["error"], strict=True))

    @property
    def complete(self) -> bool:
        """Whether all runs of the scenario are there (failed ones count)."""
        return len(self.runs) == len(self.manifest["runs"])


def open(folder: str | Path) -> Results:
    """Open saved results: the folder of one run command, or the folder of its scenario.

    Of a scenario's folder, the results saved last are taken. Results that were interrupted
    hold the runs that had finished. Raises ResultsError if there are none.
    """
    place = locate(Path(folder))
    manifest = read_manifest(place)
    runs = planned(manifest)
    if not parts.statuses(place, runs):
        raise ResultsError(f"{place}: no run has finished yet")
    frames = {name: parts.frame(place, name, runs) for name in tables.TABLES}
    return Results(folder=place, manifest=manifest, points=_points(place), **frames)


def _points(folder: Path) -> pd.DataFrame:
    path = parts.file_of(folder, POINTS)
    return tables.read([path]) if path.is_file() else pd.DataFrame({"point": []}, dtype=object)


def planned(manifest: dict[str, Any]) -> list[parts.Run]:
    """Return the runs that a manifest plans."""
    plan = manifest.get("plan", {})
    none: list[Any] = [""] * len(manifest["runs"])
    columns = (plan.get(name, none) for name in parts.Run._fields[1:])
    return [parts.Run(*run) for run in zip(manifest["runs"], *columns, strict=True)]


def locate(folder: Path) -> Path:
    """Return the folder that holds the results: itself, or the newest one in it."""
    if (folder / MANIFEST).is_file():
        return folder
    inside = sorted(folder.glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime)
    if not inside:
        raise ResultsError(f"{folder}: no results here (there is no {MANIFEST})")
    return inside[-1].parent


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read what was run. Raises ResultsError if the file is damaged or of another format."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ResultsError(f"{path}: cannot be read ({error})") from error
    if not isinstance(manifest, dict) or manifest.get("format") != 1:
        raise ResultsError(f"{path}: not a manifest of format 1")
    return manifest
