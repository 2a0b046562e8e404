"""Figure: each life against the reference, in number and in impact.

For each life the ratio to the reference, of followers (hollow dot) and of what they are worth
(full dots): engaged followers, warm connections, value delivered, sales. It is the ratio of the
means over replicates with its 95 % interval, paired by replicate, on a logarithmic axis.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from matplotlib.figure import Figure

from sim.experiments.analysis import final, labels, reference_life
from sim.experiments.intervals import Interval, ratio_interval
from sim.plots import style
from sim.plots.dots import AXIS, Row, label_room, panel
from sim.plots.style import EDGE, FOOT, WIDTH, Page
from sim.plots.text import NO_RUN, capital, times

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "caption", "figure"]

ORDER = 6
NAME = "overview"
TITLE = "Number and impact, against the reference"

MEASURES: Final = {
    "followers": "followers",
    "engaged": "engaged",
    "warm": "warm connections",
    "value": "value delivered",
    "sales": "sales",
}
STEP: Final = 0.235
HEAD: Final = 0.3
WIDEST: Final = 256.0
"""Ratios beyond this, or below its inverse, are drawn at the edge with an arrow."""


def caption(results: Results) -> str:
    """What the figure shows and how to read it."""
    name = labels(results)[reference_life(results)]
    return (
        f"How many times as much as in “{name}”, at the end: followers (hollow dot), and what "
        "they amount to (full dots). Ratio of the means over replicates; the 95 % interval is "
        "that of the paired log-ratio to first order. An arrow marks what leaves the axis."
    )


def alt(results: Results) -> str:
    """The figure in words."""
    said = [
        f"{labels(results)[life]}: {', '.join(f'{row.label} {row.text}' for row in rows)}"
        for life, rows in _rows(results).items()
    ]
    return f"{TITLE}. {'; '.join(said) or 'There is only one life'}."


@style.context()
def figure(results: Results) -> Figure:
    """Draw the figure."""
    groups = _rows(results)
    if not groups:
        return style.empty_page(results, TITLE, "There is only one life, so nothing to compare.")
    rows = [row for group in groups.values() for row in group]
    left, right = label_room(rows), max(style.text_width(row.text, FOOT) for row in rows) + 0.14
    limits, each = _limits(rows), HEAD + STEP * len(MEASURES)
    name = labels(results)[reference_life(results)]
    lead = f"Times as much as in “{name}”. Hollow: the number. Full: what it amounts to."
    page = Page(results, TITLE, lead, each * len(groups) + AXIS)
    for i, (life, group) in enumerate(groups.items()):
        top, last = i * each, i == len(groups) - 1
        head = capital(labels(results)[life])
        title = style.shortened(head, style.LABEL, WIDTH - 2 * EDGE, 1, "bold")
        page.text(EDGE, top + 0.14, title[0], weight="bold")
        panel(
            page, top + HEAD, group, f"times “{name}”" if last else "", limits, left=left,
            right=right, row=STEP, zero=1.0, log=True, form=_tick,
        )  # fmt: skip
    return page.figure


def _rows(results: Results) -> dict[str, list[Row]]:
    """The rows of each life but the reference."""
    reference, colours = reference_life(results), style.life_colours(results)
    tables = {measure: final(results, measure) for measure in MEASURES}
    return {
        life: [
            _row(measure, table[life], table[reference], colours[life])
            for measure, table in tables.items()
        ]
        for life in labels(results)
        if life != reference
    }


def _row(measure: str, own: pd.Series, other: pd.Series, colour: str) -> Row:
    ratio = ratio_interval(own, other)
    hollow = measure == "followers"
    return Row(MEASURES[measure], colour, _drawn(ratio), _text(ratio, own, other), (), hollow)


def _drawn(ratio: Interval) -> Interval:
    """What can stand on a logarithmic axis: a ratio of 0 goes beyond its left edge."""
    return ratio._replace(mean=1e-9) if ratio.mean == 0 else ratio


def _text(ratio: Interval, own: pd.Series, other: pd.Series) -> str:
    if own.isna().all() or other.isna().all():
        return NO_RUN
    if math.isnan(ratio.mean):
        return "none in either" if own.sum() <= 0 else "none in the reference"
    if ratio.mean == 0:
        return "none"
    bounds = f" ({_short(ratio.low)} to {_short(ratio.high)})" if not math.isnan(ratio.low) else ""
    return times(ratio.mean) + bounds


def _short(value: float) -> str:
    if value > 10 * WIDEST:
        return "∞"
    return times(value)[1:] if value >= 0.005 else "0"


def _tick(value: float) -> str:
    return f"×{value:,g}" if value >= 1 else f"×1/{1 / value:,g}"


def _limits(rows: list[Row]) -> tuple[float, float]:
    """An axis that holds all means, and bounds as far as four times beyond them."""
    means = [row.value.mean for row in rows if row.value.mean > 1 / WIDEST]
    least, most = min([0.5, *means]), max([2.0, *means])
    lows = [row.value.low for row in rows if row.value.low >= least / 4]
    highs = [row.value.high for row in rows if row.value.high <= most * 4]
    low, high = min([least, *lows]), max([most, *highs])
    return max(low, 1 / WIDEST) / 1.15, min(high, WIDEST) * 1.15
