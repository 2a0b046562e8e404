"""Figure: engagement of followers by how they came, all at the same age.

One row an origin: the share of follows whose follower interacted when the follow was 28 to 56
days old. All follows ever begun that could reach that age count, not just those that lasted, so
that the origins are compared fairly. The lives are pooled within a replicate; a faint dot is a
replicate, the full one the mean with its 95 % interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.figure import Figure

from sim.experiments.analysis import life_table
from sim.experiments.intervals import interval
from sim.plots import style
from sim.plots.dots import Row, bounds, label_room, panel, rows_height
from sim.plots.style import EDGE, FOOT, GREY, ORIGIN_COLOURS, WIDTH, Page
from sim.plots.text import ORIGINS, capital, join, number

if TYPE_CHECKING:
    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "caption", "figure"]

ORDER = 2
NAME = "engagement_by_origin"
TITLE = "Who still engages after a month, by how they came"

LEAD: Final = (
    "Share of follows whose follower interacted when the follow was 28 to 56 days old. "
    "Follows that ended before count as not engaged."
)
STEP: Final = 0.17


def caption(results: Results) -> str:
    """What the figure shows and how to read it."""
    return (
        "Each row is a way in which followers came. All follows ever begun that could reach the "
        "age of 56 days are counted, including those that had ended, and the lives are pooled. "
        "A faint dot is one replicate, the full dot their mean with its 95 % interval; n is the "
        "number of follows. Replicates in which nobody came that way have no dot."
    )


def alt(results: Results) -> str:
    """The figure in words."""
    said = [f"{row.label}: {row.text.split(' (')[0]}" for row in _rows(_shares(results))]
    return f"{TITLE}. {'; '.join(said) or 'No follow was old enough'}."


@style.context()
def figure(results: Results) -> Figure:
    """Draw the figure."""
    shares = _shares(results)
    rows = _rows(shares)
    if not rows:
        return style.empty_page(results, TITLE, "No follow of 56 days was recorded.")
    notes = style.wrap(_missing(shares), FOOT, WIDTH - 2 * EDGE)
    height = rows_height(len(rows)) + 0.1
    page = Page(results, TITLE, LEAD, height + STEP * len(notes))
    right = max(style.text_width(row.text, FOOT) for row in rows) + 0.14
    limits = (0.0, min(105.0, bounds(rows, (0.0, 5.0))[1]))
    panel(page, 0, rows, "% of follows", limits, left=label_room(rows), right=right)
    for i, line in enumerate(notes):
        page.text(EDGE, height + (i + 0.5) * STEP, line, size=FOOT, color=GREY)
    return page.figure


def _shares(results: Results) -> pd.DataFrame:
    """Share engaged (per cent) and number of follows: columns origin, replicate, share, n."""
    follows = life_table(results, results.follows)
    known = follows.dropna(subset=["engaged_28_56"])
    groups = known.groupby(["origin", "replicate"])["engaged_28_56"]
    table = groups.agg(share="mean", n="count").reset_index()
    return table.assign(share=100 * table["share"].astype(float))


def _rows(shares: pd.DataFrame) -> list[Row]:
    rows = []
    for origin, name in ORIGINS.items():
        own = shares[shares["origin"] == origin]
        if own.empty:
            continue
        value = interval(own["share"])
        text = f"{number(value.mean, 2)} %  (n = {number(int(own['n'].sum()))})"
        dots = tuple(float(share) for share in own["share"])
        rows.append(Row(capital(name), ORIGIN_COLOURS[origin], value, text, dots))
    return rows


def _missing(shares: pd.DataFrame) -> str:
    absent = [name for origin, name in ORIGINS.items() if origin not in set(shares["origin"])]
    return f"No follow of that age: {join(absent)}." if absent else ""
