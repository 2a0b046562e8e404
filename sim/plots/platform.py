"""Figure: what a life does to everybody else's feed.

Two panels: begs and promotions among a million impressions, and the value of the posts that begs
displaced. With arms, each row is the difference to the reference in the same world, paired by
replicate; with rivals in one world, there is one row, for the world that they share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from sim.experiments.analysis import (
    final,
    labels,
    lives_are_accounts,
    mean_over_days,
    reference_life,
)
from sim.experiments.intervals import interval, paired_interval
from sim.plots import style
from sim.plots.dots import Row, bounds, label_room, panel, row_height, rows_height
from sim.plots.style import EDGE, FOOT, Page
from sim.plots.text import NO_RUN, capital, number, signed, signed_tick, spread, tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.experiments.intervals import Interval
    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "caption", "figure"]

ORDER = 5
NAME = "feed_pollution"
TITLE = "What each life does to the feeds of all others"

HEAD: Final = 0.3
MILLION: Final = 1_000_000


class _Panel(NamedTuple):
    title: str
    unit: str
    values: Callable[[Results], pd.DataFrame]


def _pollution(results: Results) -> pd.DataFrame:
    return mean_over_days(results, "pollution") * MILLION


def _value_lost(results: Results) -> pd.DataFrame:
    return final(results, "value_lost")


PANELS: Final = (
    _Panel("Begs and promotions in a million impressions", "impressions", _pollution),
    _Panel("Value of the posts that begs displaced", "perfect posts, each read once", _value_lost),
)


def caption(results: Results) -> str:
    """What the figure shows and how to read it."""
    shown = (
        "Absolute values of the world that all of them share."
        if _absolute(results)
        else "Each row is the difference to the reference in the same world, paired by replicate; "
        "faint dots are replicates, the full dot their mean with its 95 % interval."
    )
    return (
        "Above, begs and promotions among all that anybody was shown, as a mean over the days. "
        "Below, the value lost to begs: that of the posts which readers would have been shown "
        f"instead, in posts of full quality and full match read once. {shown}"
    )


def alt(results: Results) -> str:
    """The figure in words."""
    said = [
        f"{one.title}: {'; '.join(f'{row.label} {row.text}' for row in _rows(results, one))}"
        for one in PANELS
    ]
    return f"{TITLE}. {_lead(results)} {'. '.join(said)}."


@style.context()
def figure(results: Results) -> Figure:
    """Draw the figure."""
    tables = [_rows(results, one) for one in PANELS]
    rows = [row for table in tables for row in table]
    left, right = label_room(rows), max(style.text_width(r.text, FOOT) for r in rows) + 0.14
    row = row_height(rows, left)
    each = HEAD + rows_height(len(tables[0]), row)
    page = Page(results, TITLE, _lead(results), each * len(PANELS))
    for i, (one, table) in enumerate(zip(PANELS, tables, strict=True)):
        page.text(EDGE, i * each + 0.1, one.title, weight="bold")
        panel(
            page, i * each + HEAD, table, one.unit, bounds(table), left=left, right=right,
            row=row, zero=None if _absolute(results) else 0.0,
            form=tick if _absolute(results) else signed_tick,
        )  # fmt: skip
    return page.figure


def _absolute(results: Results) -> bool:
    return lives_are_accounts(results) or len(labels(results)) == 1


def _lead(results: Results) -> str:
    if _absolute(results):
        return "In the world as a whole, with all of its accounts."
    name = labels(results)[reference_life(results)]
    return f"Difference to “{name}” in the same world."


def _rows(results: Results, one: _Panel) -> list[Row]:
    table, colours = one.values(results), style.life_colours(results)
    reference = reference_life(results)
    if _absolute(results):
        own = table[reference]
        return [_row("The world", style.GREY, interval(own), own, number)]
    rows = []
    for life, name in labels(results).items():
        if life != reference:
            value = paired_interval(table[life], table[reference])
            dots = table[life] - table[reference]
            rows.append(_row(capital(name), colours[life], value, dots, signed))
    return rows


def _row(
    name: str, colour: str, value: Interval, dots: pd.Series, form: Callable[[float], str]
) -> Row:
    text = form(value.mean) if value.n else NO_RUN
    if spread(value.low, value.high) and value.low < value.high:
        text += f" ({form(value.low)} to {form(value.high)})"
    return Row(name, colour, value, text, tuple(float(dot) for dot in dots))
