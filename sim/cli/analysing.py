"""The command that analyses results."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

import sim
from sim.experiments.analyse import Analysis
from sim.experiments.analysis import labels
from sim.experiments.effects import measure_name
from sim.experiments.points import is_sweep
from sim.plots import drawn, save
from sim.plots.text import number, plural, times
from sim.results import Results, ResultsError

__all__ = ["analyse"]

FOLDER: Final = "analysis"
NOTES: Final = {
    "overview": "Effects over all points: ratio (or difference) to the reference, paired by world.",
    "pairing": "What shared draws gain: variance of unpaired ÷ paired differences, within points.",
    "precision": "Replicates a point for a half interval of {percent:g} % of the reference's mean.",
    "sensitivity": "On what the effect depends: {outcome}.",
}
COLUMNS: Final = {
    "overview": ["median", "least", "most", "above", "below", "points"],
    "pairing": ["variance_unpaired", "variance_paired", "gained", "correlation", "saved"],
    "precision": [
        "replicates",
        "half_now",
        "needed",
        "needed_low",
        "needed_high",
        "needed_unpaired",
    ],
}


def analyse(
    folder: Path,
    measures: Sequence[str] | None,
    precision: float,
    method: str | None,
    out: Path | None,
    figures: bool,
) -> int:
    """Print the tables, write them and the figures; return the exit code."""
    results, console = sim.open(folder), Console(highlight=False)
    try:
        found = sim.analyse(results, measures, percent=precision, method=method)
    except KeyError as error:
        raise ResultsError(f"{results.folder}: {error.args[0]}") from error
    _show(results, found, precision, console)
    place = out or results.folder / FOLDER
    saved = found.save(place)
    if figures and is_sweep(results):
        saved += _draw(results, measures[0] if measures else None, place)
    for path in saved:
        console.print(str(path), markup=False, soft_wrap=True)
    return 0


def _draw(results: Results, measure: str | None, folder: Path) -> list[Path]:
    """Save the figures of the sweep that show the measure."""
    saved: list[Path] = []
    for plot in drawn(results):
        more: dict[str, Any] = {"measure": measure} if measure else {}
        figure = plot.figure(results, **more)
        saved += [save(figure, folder / f"{plot.NAME}.{kind}") for kind in ("png", "svg")]
    return saved


def _show(results: Results, found: Analysis, percent: float, console: Console) -> None:
    console.print(f"\n{results.title}", style="bold", markup=False)
    runs = plural(len(results.runs), "run")
    console.print(f"{plural(max(1, len(results.points)), 'point')}, {runs}.")
    names = labels(results)
    for name, columns in COLUMNS.items():
        frame = getattr(found, name)
        if len(frame):
            _print(NOTES[name].format(percent=percent), _rows(frame, columns, names), console)
    if len(found.sensitivity):
        note = NOTES["sensitivity"].format(outcome=found.sensitivity["outcome"].iloc[0])
        columns = [c for c in found.sensitivity if c not in ("life", "outcome")]
        _print(note, _rows(found.sensitivity, columns, names), console)
    elif is_sweep(results):
        console.print(f"No indices: {found.why_no_sensitivity}", markup=False)
    console.print()


def _rows(frame: pd.DataFrame, columns: Sequence[str], names: dict[str, str]) -> pd.DataFrame:
    """The columns to print, as text, after what they are about."""
    about = {"": frame["life"].map(names)}
    if "measure" in frame:
        about |= {" ": frame["measure"].map(measure_name)}
    ratio = frame["scale"] == "ratio" if "scale" in frame else pd.Series(False, index=frame.index)
    cells = {
        name.replace("_", " "): [
            _cell(name, value, is_ratio) for value, is_ratio in zip(frame[name], ratio, strict=True)
        ]
        for name in columns
    }
    return pd.DataFrame(about | cells)


def _cell(column: str, value: object, ratio: bool) -> str:
    if not isinstance(value, int | float):
        return str(value)
    if ratio and column in ("median", "least", "most"):
        return times(float(value))
    return number(round(float(value), 4))


def _print(note: str, rows: pd.DataFrame, console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False)
    for column in rows.columns:
        is_text = not column.strip() or column == "parameter"
        table.add_column(column, justify="left" if is_text else "right", overflow="fold")
    for row in rows.itertuples(index=False):
        table.add_row(*row)
    console.print(f"\n{note}", markup=False)
    console.print(table)
