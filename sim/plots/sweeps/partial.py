"""Figure: how a measure depends on each setting that was swept, one panel a setting.

A line is a life: the mean over all points with that value, with its 95 % interval over worlds;
a faint line is one world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from sim.experiments.analysis import labels
from sim.experiments.dependence import classes, dependence
from sim.experiments.effects import headline, measure_name
from sim.experiments.points import Parameter, is_sweep, parameters
from sim.plots import style
from sim.plots.style import EDGE, FOOT, LABEL, PALE, WIDTH, Key, Page, key_height, shortened
from sim.plots.sweeps.axes import mark_values
from sim.plots.text import capital, number, spread, tick

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "applies", "caption", "figure"]

ORDER = 1
NAME = "partial_dependence"
TITLE = "What the outcome depends on, setting by setting"

COLUMNS: Final = 2
LEFT: Final = 0.62
GAP: Final = 0.2
HEAD, BODY, FEET = 0.24, 1.45, 0.42
BANDED: Final = 3
"""Worlds from which an interval tells anything; of two, it is wider than most figures."""
TALL: Final = 20.0
"""Ratio of the greatest to the least value from which the axis is logarithmic."""


def applies(results: Results) -> bool:
    """Whether anything was swept."""
    return is_sweep(results)


def caption(results: Results, measure: str | None = None) -> str:
    """What the figure shows and how to read it."""
    name = capital(measure_name(measure or headline(results)))
    return (
        f"{name} at the end, by each setting: the mean "
        "over all points with that value, whatever the other settings are (of a one-at-a-time "
        "design, only points that vary nothing else). Thick lines are means over worlds, with "
        "their 95 % interval if they are three or more; faint ones are single worlds. Values "
        "drawn at random are put into classes of about as many points each, at their median."
    )


def alt(results: Results, measure: str | None = None) -> str:
    """The figure in words."""
    name = measure or headline(results)
    said = [_said(results, name, one) for one in parameters(results)]
    return f"{TITLE}: {measure_name(name)}. {' '.join(said)}"


@style.context()
def figure(results: Results, measure: str | None = None) -> Figure:
    """Draw the figure."""
    name = measure or headline(results)
    keys = parameters(results)
    tables = {one.key: dependence(results, name, one) for one in keys}
    lives = _keys(results)
    room, each = key_height(lives) + 0.12, HEAD + BODY + FEET
    lines = -(-len(keys) // COLUMNS)
    lead = f"{capital(measure_name(name))} at the end, averaged over all other settings."
    page = Page(results, TITLE, lead, room + lines * each)
    page.key(0.0, lives)
    limits = _limits(pd.concat(tables.values()))
    for i, one in enumerate(keys):
        _panel(page, results, one, tables[one.key], (i // COLUMNS, i % COLUMNS), room, limits)
    return page.figure


def _panel(
    page: Page,
    results: Results,
    parameter: Parameter,
    table: pd.DataFrame,
    place: tuple[int, int],
    room: float,
    limits: tuple[float, float, bool],
) -> None:
    wide = (WIDTH - 2 * EDGE - (COLUMNS - 1) * GAP) / COLUMNS
    left, top = EDGE + place[1] * (wide + GAP), room + place[0] * (HEAD + BODY + FEET)
    title = shortened(capital(parameter.label), LABEL, wide, 1, "bold")[0]
    page.text(left, top + 0.1, title, weight="bold")
    axes = page.axes(left + LEFT, top + HEAD, wide - LEFT, BODY)
    _lines(axes, results, table, classes(results, parameter).places)
    mark_values(axes, classes(results, parameter), wide - LEFT)
    _upright(axes, limits)


def _lines(axes: Axes, results: Results, table: pd.DataFrame, places: list[float]) -> None:
    colours = style.life_colours(results)
    for life, rows in table.groupby("life", sort=False):
        colour = colours[str(life)]
        each = pd.DataFrame(rows["each"].tolist()).to_numpy(float)
        if each.shape[1] > 1:
            axes.plot(places, each, color=colour, linewidth=0.7, alpha=0.3, zorder=2)
        if each.shape[1] >= BANDED:
            axes.fill_between(
                places, rows["low"], rows["high"], color=colour, alpha=0.15, linewidth=0, zorder=1
            )
        axes.plot(
            places, rows["mean"], "o-", color=colour, linewidth=2, markersize=4.5, zorder=3,
            clip_on=False,
        )  # fmt: skip


def _upright(axes: Axes, limits: tuple[float, float, bool]) -> None:
    low, high, log = limits
    if log:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(numticks=6))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.set_ylim(low, high)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.grid(axis="y", color=PALE, linewidth=0.7)
    axes.set_axisbelow(True)


def _limits(table: pd.DataFrame) -> tuple[float, float, bool]:
    """Limits that all panels share, and whether the axis is logarithmic."""
    values = [v for each in table["each"] for v in each]
    values += table["mean"].dropna().tolist()
    low, high = min(values, default=0.0), max(values, default=1.0)
    banded = table["high"][[len(each) >= BANDED for each in table["each"]]].dropna()
    high = max([high, *(v for v in banded if v < 1.5 * high)])
    if low > 0 and high > TALL * low:
        return low / 1.3, high * 1.3, True
    room = 0.06 * (high - min(low, 0.0)) or 1.0
    return min(low, 0.0) - (room if low < 0 else 0.0), high + room, False


def _keys(results: Results) -> list[Key]:
    colours = style.life_colours(results)
    look = {"marker": "o", "linewidth": 2.0, "markersize": 4.5}
    room = WIDTH - 2 * EDGE - 0.5
    return [
        Key(shortened(capital(label), FOOT, room, 1)[0], False, {"color": colours[life]} | look)
        for life, label in labels(results).items()
    ]


def _said(results: Results, measure: str, parameter: Parameter) -> str:
    table, names = dependence(results, measure, parameter), labels(results)
    lives = [
        f"{names[str(life)]} {', '.join(_point(row) for row in rows.to_dict('records'))}"
        for life, rows in table.groupby("life", sort=False)
    ]
    return f"By {parameter.label}: {'; '.join(lives)}."


def _point(row: dict[str, float]) -> str:
    bounds = spread(row["low"], row["high"])
    value = row["value"]
    shown = number(value) if isinstance(value, int | float) else str(value)
    return f"{number(row['mean'])}{f' ({bounds})' if bounds else ''} at {shown}"
