"""What the report says of a sweep: what was varied, what came of it, and on what it depends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sim.experiments.analysis import labels, reference_life
from sim.experiments.effects import compared, effects, headline, measure_name, overview, shown
from sim.experiments.pairing import pairing, precision
from sim.experiments.points import Parameter, design, parameters
from sim.experiments.sensitivity import chance, sensitivity
from sim.plots.text import number, plural, signed, spread, times
from sim.report.html import section, table
from sim.results.store import ResultsError

if TYPE_CHECKING:
    from sim.results import Results

__all__ = ["depends", "gained", "swept", "worlds"]

PERCENT: Final = 10.0
"""Wanted half of an interval, % of the reference's mean."""


def swept(results: Results) -> str:
    """The settings that were varied."""
    count = len(results.points)
    runs = plural(len(results.runs), "run")
    text = f"<p>{plural(count, 'point')} ({escape(design(results))} design), {runs}.</p>"
    rows = [
        [f"<code>{escape(one.key)}</code>", escape(_kind(one)), escape(_range(results, one))]
        for one in parameters(results)
    ]
    return text + table(["setting", "kind", "values"], rows)


def _kind(one: Parameter) -> str:
    return f"{one.kind}, logarithmic" if one.log and one.kind != "choice" else one.kind


def _range(results: Results, one: Parameter) -> str:
    column = results.points[one.key]
    if not one.numeric:
        return ", ".join(str(value) for value in one.values)
    several = sorted(column.unique())
    if len(several) <= 8:
        return ", ".join(number(float(value)) for value in several)
    return f"{number(one.low)} to {number(one.high)}"


def gained(results: Results) -> str:
    """What each life gains over the reference, over all points."""
    others = compared(results)
    name = labels(results)[reference_life(results)]
    text = (
        f"<p>The effect of each life at a point is the ratio to “{escape(name)}” (a difference "
        "with a sign where some value is 0), paired by world. Here are its median, least and most "
        "over the points, and at how many points its 95&nbsp;% interval lies wholly above or "
        "below “no difference”. Intervals are not corrected for the number of points.</p>"
        if others != [reference_life(results)]
        else "<p>Values at the end: median, least and most over the points.</p>"
    )
    head = ["", "", "median", "least", "most", "points above", "below", "of"]
    return text + table(head, _gained_rows(results), "lives")


def _gained_rows(results: Results) -> Iterator[list[str]]:
    names = labels(results)
    for row in overview(results, shown(results)).to_dict("records"):
        form = {"ratio": times, "difference": signed, "value": number}[row["scale"]]
        counts = [str(row[key]) for key in ("above", "below", "points")]
        if row["scale"] == "value":
            counts[:2] = ["–", "–"]
        yield [
            escape(names[row["life"]]),
            escape(measure_name(row["measure"])),
            *(form(row[key]) for key in ("median", "least", "most")),
            *counts,
        ]


def depends(results: Results) -> str:
    """The section of the indices, where the design gives any (or SALib is there); else nothing."""
    tables = [_indices(results, life) for life in compared(results)]
    body = "".join(one for one in tables if one)
    return section("Which settings it depends on", body) if body else ""


def _indices(results: Results, life: str) -> str:
    found = effects(results, headline(results), life)
    try:
        indices = sensitivity(results, found)
    except ResultsError:
        return ""
    left = chance(found)
    said = "" if math.isnan(left) else f" Chance accounts for {100 * left:.0f}&nbsp;% of it."
    label = escape(f"{labels(results)[life]}: {found.unit}, {len(results.points)} points.")
    head = ["", *(escape(name.replace("_", " ")) for name in indices.columns[1:])]
    return f"<p>{label}{said}</p>" + table(head, _cells(indices), "lives")


def _cells(frame: pd.DataFrame) -> Iterator[list[str]]:
    for row in frame.itertuples(index=False):
        key, *numbers = row
        yield [f"<code>{escape(str(key))}</code>", *(_rounded(value) for value in numbers)]


def _rounded(value: Any) -> str:
    return number(round(float(value), 3))


def worlds(results: Results) -> str:
    """What shared draws save, and how many replicates a point a wanted precision needs."""
    measures = shown(results)
    both = pairing(results, measures)
    if both.empty:
        return "<p>There is only one life, so nothing is paired.</p>"
    needed = precision(results, measures, PERCENT).set_index(["measure", "life"])
    text = (
        "<p>Arms of a world share their draws. “Gained” is the variance of the difference between "
        "worlds of their own ÷ that within shared worlds, pooled within points: how many times "
        "the worlds one would need without pairing. Below 1, pairing costs. Then the replicates a "
        f"point for which the 95&nbsp;% interval of the difference is ± {PERCENT:.0f}&nbsp;% of "
        "the reference's mean, with bounds of 80&nbsp;% confidence (the variance itself is "
        "estimated).</p>"
    )
    head = ["", "", "variance apart", "paired", "gained", "half now, %", "replicates needed"]
    rows = (_world_row(row, needed.loc[(row["measure"], row["life"])]) for row in _records(both))
    return text + table([*head, "unpaired"], rows, "lives")


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _world_row(row: dict[str, Any], needed: pd.Series) -> list[str]:
    return [
        escape(str(row["label"])),
        escape(measure_name(str(row["measure"]))),
        number(row["variance_unpaired"]),
        number(row["variance_paired"]),
        f"<b>{number(row['gained'], 2)}</b>",
        number(needed["half_now"], 2),
        f"{number(needed['needed'])} ({spread(needed['needed_low'], needed['needed_high'])})",
        number(needed["needed_unpaired"]),
    ]
