"""Figure: what an engaged follower costs in each life, in minutes and in dollars.

Everything spent since the start, divided by the engaged followers at the end. A faint dot is a
replicate, the full one the mean with its 95 % interval. Where nobody was engaged at the end of
a replicate the cost is infinite, and the row says so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.figure import Figure

from sim.experiments.analysis import final, labels
from sim.experiments.intervals import interval
from sim.plots import style
from sim.plots.dots import Row, bounds, label_room, panel, row_height, rows_height
from sim.plots.style import EDGE, FOOT, Page
from sim.plots.text import MINUS, NO_RUN, capital, number, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "caption", "figure"]

ORDER = 4
NAME = "cost_per_engaged"
TITLE = "What an engaged follower costs"

LEAD: Final = "All that was spent, divided by the engaged followers at the end."
HEAD: Final = 0.3


def _minutes(value: float) -> str:
    return number(value)


def _dollars(value: float) -> str:
    if not math.isfinite(value) or value == 0:
        return number(value)
    return number(value, 2) if abs(value) < 1 else f"{value:,.2f}".replace("-", MINUS)


UNITS: Final[dict[str, tuple[str, Callable[[float], str]]]] = {
    "minutes_per_engaged": ("Minutes per engaged follower", _minutes),
    "dollars_per_engaged": ("Dollars per engaged follower", _dollars),
}


def caption(results: Results) -> str:
    """What the figure shows and how to read it."""
    return (
        "Minutes and dollars spent since the start, divided by the number of followers who were "
        "engaged at the end (interacted within 28 days). A faint dot is one replicate, the full "
        "dot the mean with its 95 % interval. The cost is infinite where something was spent and "
        "nobody was engaged; such rows say in how many replicates, and have no mean."
    )


def alt(results: Results) -> str:
    """The figure in words."""
    said = [
        f"{name}: {'; '.join(f'{row.label} {row.text}' for row in _rows(results, measure))}"
        for measure, (name, _) in UNITS.items()
    ]
    return f"{TITLE}. {'. '.join(said)}."


@style.context()
def figure(results: Results) -> Figure:
    """Draw the figure."""
    tables = {measure: _rows(results, measure) for measure in UNITS}
    rows = [row for table in tables.values() for row in table]
    left, right = label_room(rows), max(style.text_width(r.text, FOOT) for r in rows) + 0.14
    row = row_height(rows, left)
    each = HEAD + rows_height(len(labels(results)), row)
    page = Page(results, TITLE, LEAD, each * len(tables))
    for i, (measure, table) in enumerate(tables.items()):
        name = UNITS[measure][0]
        page.text(EDGE, i * each + 0.1, name, weight="bold")
        unit, limits = name.split(" ")[0].lower(), _limits(table)
        panel(page, i * each + HEAD, table, unit, limits, left=left, right=right, row=row)
    return page.figure


def _limits(rows: list[Row]) -> tuple[float, float]:
    """From 0 to what the means and the replicates need; wide bounds may leave the axis."""
    known = [v for row in rows for v in (row.value.mean, *row.dots) if math.isfinite(v)]
    return 0.0, min(bounds(rows)[1], 1.5 * max([0.0, *known]) or 1.0)


def _rows(results: Results, measure: str) -> list[Row]:
    table, colours = final(results, measure), style.life_colours(results)
    lived, form = final(results, "engaged").notna().any(), UNITS[measure][1]
    return [
        Row(
            capital(name),
            colours[life],
            interval(table[life]),
            _text(table[life], form) if lived[life] else NO_RUN,
            _dots(table[life]),
        )
        for life, name in labels(results).items()
    ]


def _dots(values: pd.Series) -> tuple[float, ...]:
    return tuple(float(value) for value in values if math.isfinite(value))


def _text(values: pd.Series, form: Callable[[float], str]) -> str:
    """The mean with its bounds; or in how many replicates nobody was engaged."""
    none, known = int((values == math.inf).sum()), int(values.notna().sum())
    if known == 0:
        return "nothing spent, nobody engaged"
    if none:
        return f"∞: nobody engaged in {none} of {known}"
    value = interval(values)
    return form(value.mean) + _bounds(value.low, value.high, form)


def _bounds(low: float, high: float, form: Callable[[float], str]) -> str:
    if not spread(low, high) or low == high:
        return ""
    return f" ({form(low)} to {form(high)})"
