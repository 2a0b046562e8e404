"""Rows of means with their intervals: the form that most of the figures share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from sim.experiments.intervals import Interval
from sim.plots.style import EDGE, FOOT, GREY, INK, LABEL, PALE, WIDTH, Page, balanced, text_width
from sim.plots.text import tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

__all__ = [
    "AXIS",
    "ROW",
    "Row",
    "bounds",
    "draw",
    "label_room",
    "panel",
    "row_height",
    "rows_height",
]

ROW: Final = 0.3
"""Height of a row, inches."""
AXIS: Final = 0.46
"""Height of an axis with its ticks and title, inches."""
GAP: Final = 0.13
"""Room between labels and axes, inches."""
LINE: Final = 0.145
"""Height of a line within a label, inches."""


@dataclass(frozen=True)
class Row:
    """A row of a panel: its label, a mean with bounds, the replicates, and the value in words."""

    label: str
    colour: str
    value: Interval
    text: str
    dots: tuple[float, ...] = ()
    hollow: bool = False


def label_room(rows: Sequence[Row], most: float = 1.6) -> float:
    """Room for the labels of rows: as wide as the widest, at most ``most`` inches."""
    return min(most, max((text_width(row.label, LABEL) for row in rows), default=0)) + GAP + 0.02


def row_height(rows: Sequence[Row], left: float) -> float:
    """Height of a row: more than the usual if a label needs several lines."""
    most = max((len(balanced(row.label, LABEL, left - GAP)) for row in rows), default=1)
    return ROW + (most - 1) * LINE * 0.6


def rows_height(count: int, row: float = ROW) -> float:
    """Height of a panel of ``count`` rows with its axis."""
    return count * row + AXIS


def bounds(rows: Sequence[Row], include: Sequence[float] = (0.0,)) -> tuple[float, float]:
    """Limits of an axis that show every mean, bound and dot, with a little room beside them."""
    values = [v for row in rows for v in (row.value.mean, row.value.low, row.value.high)]
    values += [v for row in rows for v in row.dots]
    known = [v for v in [*values, *include] if math.isfinite(v)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = 0.04 * (high - low) if high > low else 1.0
    return low - (room if low < 0 else 0), high + room


def panel(
    page: Page,
    top: float,
    rows: Sequence[Row],
    unit: str,
    limits: tuple[float, float],
    *,
    left: float,
    right: float,
    row: float = ROW,
    zero: float | None = None,
    log: bool = False,
    form: Callable[[float], str] = tick,
) -> Axes:
    """Draw rows in a panel with labels in ``left`` and values in ``right`` inches of room.

    Without a ``unit`` the axis itself is left out.
    """
    start, height = EDGE + left, len(rows) * row
    axes = page.axes(start, top, WIDTH - 2 * EDGE - left - right, height)
    _axis(axes, len(rows), unit, limits, log=log, form=form)
    if zero is not None:
        axes.axvline(zero, color=GREY, linewidth=1, zorder=1)
    for i, entry in enumerate(rows):
        y = top + (i + 0.5) * row
        _label(page, entry.label, start - GAP, y, left - GAP)
        page.text(WIDTH - EDGE - right + 0.1, y, entry.text, size=FOOT)
        draw(axes, i, entry, limits)
    return axes


def draw(axes: Axes, y: float, row: Row, limits: tuple[float, float]) -> None:
    """Draw the replicates, the interval (with arrows where it leaves the axis) and the mean."""
    inside = [v for v in row.dots if math.isfinite(v)]
    axes.plot(
        inside, [y] * len(inside), "o", color=row.colour, markersize=4.5, alpha=0.35,
        markeredgewidth=0, zorder=2, clip_on=False,
    )  # fmt: skip
    if math.isfinite(row.value.low) and math.isfinite(row.value.high):
        _whisker(axes, y, row, limits)
    if math.isfinite(row.value.mean):
        _mean(axes, y, row, limits)


def _mean(axes: Axes, y: float, row: Row, limits: tuple[float, float]) -> None:
    beyond = not limits[0] <= row.value.mean <= limits[1]
    marker = ("<" if row.value.mean < limits[0] else ">") if beyond else "o"
    x = min(max(row.value.mean, limits[0]), limits[1])
    face = "white" if row.hollow else row.colour
    axes.plot(
        [x], [y], marker, color=row.colour, markerfacecolor=face, markersize=7,
        markeredgewidth=1.6, zorder=4, clip_on=False,
    )  # fmt: skip


def _whisker(axes: Axes, y: float, row: Row, limits: tuple[float, float]) -> None:
    low, high = max(row.value.low, limits[0]), min(row.value.high, limits[1])
    axes.plot([low, high], [y, y], color=row.colour, linewidth=2, solid_capstyle="butt", zorder=3)
    ends = [(low, "<")] if row.value.low < limits[0] else []
    ends += [(high, ">")] if row.value.high > limits[1] else []
    for x, marker in ends:
        axes.plot([x], [y], marker, color=row.colour, markersize=5, zorder=3, clip_on=False)


def _axis(
    axes: Axes,
    count: int,
    unit: str,
    limits: tuple[float, float],
    *,
    log: bool,
    form: Callable[[float], str],
) -> None:
    axes.set_ylim(count - 0.5, -0.5)
    if log:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(_powers(*limits)))
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.set_xlim(limits)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: form(value)))
    axes.yaxis.set_major_locator(NullLocator())
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=PALE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.set_xlabel(unit)
    if not unit:
        axes.tick_params(bottom=False, labelbottom=False)
        axes.spines["bottom"].set_visible(False)


def _powers(low: float, high: float) -> list[float]:
    """Powers of two, four, ten or more within the limits: at most eight of them."""
    for base in (2, 4, 10, 100, 10_000, 10**8):
        first, last = math.ceil(math.log(low, base) - 1e-9), math.floor(math.log(high, base) + 1e-9)
        if last - first < 8:
            return [float(base) ** power for power in range(first, last + 1)]
    return [1.0]


def _label(page: Page, label: str, x: float, y: float, width: float) -> None:
    lines = balanced(label, LABEL, width)
    for i, line in enumerate(lines):
        page.text(x, y + (i - (len(lines) - 1) / 2) * LINE, line, ha="right", color=INK)
