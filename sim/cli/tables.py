"""The tables at the end of a run: each life's measures, and its differences to the reference."""

from collections.abc import Iterable, Iterator
from math import floor, isfinite, isnan, log10
from typing import Final

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from sim.experiments import analysis
from sim.experiments import claim as claims
from sim.metrics import MEASURES
from sim.plots import text
from sim.results import Results

__all__ = ["show", "show_points"]

PERCENT: Final = ("engagement_rate",)
LABEL: Final = 23  # columns of the terminal
CELL: Final = 13
GAP: Final = 1
ROWS: Final = 30  # of the table of a sweep
SHOWN: Final = ("followers", "engaged")  # in it


def show(results: Results, console: Console) -> None:
    """Print both tables, each in as many blocks as the width of the console asks for."""
    summary = _with_halves(analysis.summary_table(results))
    console.print(f"\n{results.title}", style="bold", markup=False)
    console.print(f"Means over {_worlds(summary)}, with 95 % intervals.")
    _print(summary, ("mean", "half"), console, signed=False)
    reference = analysis.reference_life(results)
    others = summary[summary["life"] != reference]
    if len(others):
        label = analysis.labels(results)[reference]
        console.print(f"\nDifference to “{label}”, paired within each world.", markup=False)
        _print(others, ("difference", "difference_half"), console, signed=True)
    for line in _claim(results):
        console.print(line, markup=False)
    console.print()


def show_points(results: Results, console: Console) -> None:
    """Print a sweep: what became of each arm at each point, as far as there is room."""
    good = analysis.good_runs(results)
    missing = len(results.manifest["runs"]) - len(results.runs)
    console.print(f"\n{results.title}", style="bold", markup=False)
    rest = f"; {text.plural(missing, 'run')} not there yet" if missing else ""
    console.print(f"Means over the worlds of {text.plural(len(results.points), 'point')}{rest}.")
    if len(good):
        means = good.groupby(["point", "arm"], sort=False)[list(SHOWN)].mean().reset_index()
        rows = results.points.merge(means, on="point").drop(columns="point")
        _print_points(rows, results.arms, console)
    console.print()


def _print_points(rows: pd.DataFrame, arms: dict[str, str], console: Console) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, GAP, 0, 0), pad_edge=False)
    for column in rows.columns:
        short = column.rpartition(".")[2].replace("_", " ")
        table.add_column(text.MEASURES.get(column, short), justify="right", overflow="fold")
    for row in rows.head(ROWS).assign(arm=rows["arm"].map(arms)).itertuples(index=False):
        table.add_row(*(_plain(value) for value in row))
    console.print()
    console.print(table)
    if len(rows) > ROWS:
        console.print(f"... and {len(rows) - ROWS:,} more rows; all runs are in runs.parquet.")


def _plain(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _claim(results: Results) -> Iterator[str]:
    """Say what became of the claim that the scenario declares, if it does."""
    declared = claims.declared(results)
    if declared is None:
        return
    found = claims.estimate(results, declared)
    arms = [results.arms[arm] for arm in (declared.tested, declared.reference)]
    name = MEASURES[declared.primary].label
    change = text.times if found.is_ratio else text.signed
    spread = text.spread(found.interval.low, found.interval.high)
    yield f"\nClaim: {declared.claim}"
    yield f"Primary measure: {name}, expected {declared.expected}: “{arms[0]}” against “{arms[1]}”."
    worlds = text.plural(found.worlds, "world")
    yield f"Found: {change(found.interval.mean)} ({spread}) in {worlds}."
    yield f"Verdict: {claims.verdict(found, declared.expected)}."
    if found.worlds < claims.ENOUGH:
        yield f"Fewer than {claims.ENOUGH} worlds illustrate; they establish nothing."


def _with_halves(summary: pd.DataFrame) -> pd.DataFrame:
    """Add half the width of each interval; all of them are symmetric."""
    return summary.assign(
        half=(summary["high"] - summary["low"]) / 2,
        difference_half=(summary["difference_high"] - summary["difference_low"]) / 2,
    )


def _worlds(summary: pd.DataFrame) -> str:
    return text.plural(int(summary["replicates"].max()), "world")


def _print(summary: pd.DataFrame, columns: tuple[str, str], console: Console, signed: bool) -> None:
    measures = list(dict.fromkeys(summary["measure"]))
    for block in _blocks(measures, console.width):
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, GAP, 0, 0), pad_edge=False)
        table.add_column("", width=LABEL, overflow="fold")
        for measure in block:
            table.add_column(_heading(measure), width=CELL, justify="right")
        for _, rows in summary.groupby("life", sort=False):
            found = rows.set_index("measure")[list(columns)]
            cells = (_cell(measure, found.loc[measure], signed) for measure in block)
            table.add_row(str(rows["label"].iloc[0]), *cells)
        console.print()
        console.print(table)


def _heading(measure: str) -> str:
    unit = ", %" if measure in PERCENT else ""
    return text.MEASURES.get(measure, measure) + unit


def _blocks(measures: list[str], width: int) -> Iterator[list[str]]:
    """Split the measures evenly into as few blocks as fit."""
    room = max(1, (width - LABEL - GAP) // (CELL + GAP))
    blocks = -(-len(measures) // room)
    size = -(-len(measures) // blocks)
    for begin in range(0, len(measures), size):
        yield measures[begin : begin + size]


def _cell(measure: str, values: Iterable[float], signed: bool) -> str:
    """A mean with its interval, such as 1,234 ±56; both to the precision of the interval."""
    scale = 100.0 if measure in PERCENT else 1.0
    mean, half = (scale * value for value in values)
    if not isfinite(mean):
        return "-" if isnan(mean) else "never"
    places = _places(half if half > 0 else mean)
    sign = "+" if signed and mean > 0 else ""
    interval = "" if isnan(half) else f" ±{half:,.{places}f}"
    return f"{sign}{mean:,.{places}f}{interval}"


def _places(value: float) -> int:
    """Decimals that show two digits of a value."""
    if value == 0 or isnan(value) or value == round(value):
        return 0
    return min(4, max(0, 1 - floor(log10(abs(value)))))
