"""Figure: how much of the outcome's variance each setting accounts for (Sobol' indices).

A panel is a life. The full bar is what a setting does by itself, the pale one around it what it
does in all, together with others; whiskers are 95 % bootstrap intervals.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure

from sim.experiments.analysis import labels
from sim.experiments.effects import compared, effects, headline
from sim.experiments.intervals import Interval
from sim.experiments.points import design, is_sweep, order, parameters
from sim.experiments.sensitivity import sobol
from sim.plots import style
from sim.plots.dots import Row, label_room, panel, row_height, rows_height
from sim.plots.style import EDGE, FOOT, Key, Page, key_height
from sim.plots.text import capital, number, spread

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "applies", "caption", "figure"]

ORDER = 4
NAME = "sensitivity"
TITLE = "Which settings the outcome depends on"

HEAD: Final = 0.3
MOST: Final = 4
"""Lives that are shown; those that come first in the scenario."""
LEAST_ROWS: Final = 4
"""Rows of the design that the indices need."""


def applies(results: Results) -> bool:
    """Whether the design is Saltelli's, for Sobol' indices, with rows enough."""
    made_for = is_sweep(results) and design(results) == "saltelli"
    return made_for and len(order(results)) >= LEAST_ROWS * (len(parameters(results)) + 2)


def caption(results: Results, measure: str | None = None) -> str:
    """What the figure shows and how to read it."""
    return (
        "Sobol' indices: the share of the outcome's variance over the design that a setting "
        "explains by itself (first order, full) and together with others (total, pale), after "
        "Saltelli et al. 2010 and Jansen. Whiskers are 95 % intervals of a bootstrap over the "
        "rows of the design; an index may come out below 0. The outcome of a point is its mean "
        "over worlds, which have the same seeds at every point."
    )


def alt(results: Results, measure: str | None = None) -> str:
    """The figure in words."""
    said = [
        f"{labels(results)[life]}: {'; '.join(f'{row.label} {row.text}' for row in rows)}"
        for life, rows in _all_rows(results, _tables(results, measure)).items()
    ]
    return f"{TITLE}. By itself, and in all: {'. '.join(said)}."


@style.context()
def figure(results: Results, measure: str | None = None) -> Figure:
    """Draw the figure."""
    tables, keys = _tables(results, measure), _keys()
    rows = _all_rows(results, tables)
    every = [row for some in rows.values() for row in some]
    left, right = label_room(every, 2.0), max(style.text_width(r.text, FOOT) for r in every) + 0.14
    row = row_height(every, left)
    each = HEAD + rows_height(len(every) // len(rows), row)
    room = key_height(keys) + 0.12
    unit = effects(results, measure or headline(results), next(iter(tables))).unit
    page = Page(
        results, TITLE, f"{capital(unit)}: shares of its variance.", room + each * len(rows)
    )
    page.key(0.0, keys)
    for i, (life, some) in enumerate(rows.items()):
        top = room + i * each
        page.text(EDGE, top + 0.1, capital(labels(results)[life]), weight="bold")
        axes = panel(
            page, top + HEAD, some, "share of the variance", _limits(tables), left=left,
            right=right, row=row, zero=0.0,
        )  # fmt: skip
        _bars(axes, tables[life])
    return page.figure


def _tables(results: Results, measure: str | None) -> dict[str, pd.DataFrame]:
    name = measure or headline(results)
    lives = compared(results)[:MOST]
    return {life: sobol(results, effects(results, name, life)) for life in lives}


def _all_rows(results: Results, tables: dict[str, pd.DataFrame]) -> dict[str, list[Row]]:
    """A row a setting, for each life; what is drawn in it are bars."""
    names = {one.key: capital(one.label) for one in parameters(results)}
    nothing = Interval(math.nan, math.nan, math.nan, 0)
    return {
        life: [
            Row(names[one["parameter"]], style.BLUE, nothing, _text(one))
            for one in table.to_dict("records")
        ]
        for life, table in tables.items()
    }


def _text(one: dict[str, float]) -> str:
    first, total, low, high = (
        round(one[name], 2) for name in ("first", "total", "total_low", "total_high")
    )
    bounds = spread(low, high)
    return f"{number(first)}; in all {number(total)}" + (f" ({bounds})" if bounds else "")


def _bars(axes: Axes, table: pd.DataFrame) -> None:
    places = range(len(table))
    looks: tuple[tuple[str, dict[str, Any], float], ...] = (
        ("total", {"color": style.SKY, "alpha": 0.45, "height": 0.62}, 0.17),
        ("first", {"color": style.BLUE, "height": 0.28}, -0.05),
    )
    for name, look, shift in looks:
        axes.barh(places, table[name], zorder=2, **look)
        lines = [place + shift for place in places]
        axes.hlines(
            lines, table[f"{name}_low"], table[f"{name}_high"], color=style.INK, linewidth=1.2,
            zorder=3,
        )  # fmt: skip


def _limits(tables: dict[str, pd.DataFrame]) -> tuple[float, float]:
    ends = [
        float(value)
        for table in tables.values()
        for name in ("first", "total")
        for value in (*table[f"{name}_low"], *table[f"{name}_high"])
        if math.isfinite(value)
    ]
    return max(-0.5, min([0.0, *ends])) - 0.02, min(2.0, max([1.0, *ends])) + 0.02


def _keys() -> list[Key]:
    return [
        Key("by itself (first order)", style={"facecolor": style.BLUE, "linewidth": 0}),
        Key("in all (total)", style={"facecolor": style.SKY, "alpha": 0.45, "linewidth": 0}),
    ]
