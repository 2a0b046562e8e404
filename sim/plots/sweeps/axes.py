"""Axes of settings: linear, logarithmic or of choices, with ticks that find room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from sim.plots.style import FOOT, shortened, text_width
from sim.plots.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.dependence import Classes

__all__ = ["mark_values", "named", "ticks"]


def mark_values(axes: Axes, by: Classes, width: float) -> None:
    """Mark the values of a setting on the horizontal axis, as many as find room.

    Args:
        axes: With an axis of ``width`` inches.
        by: The classes of the setting, at their places.
        width: Of the axis, inches.
    """
    log = by.parameter.log and min(by.places) > 0
    if log:
        axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    chosen = ticks(axes, by, width)
    texts = {by.places[i]: named(by.middles[i], width / len(chosen)) for i in chosen}
    axes.xaxis.set_major_locator(FixedLocator(list(texts)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: texts[min(texts, key=_near(x))]))
    if not by.parameter.numeric:
        axes.set_xlim(-0.35, len(by.middles) - 0.65)


def _near(x: float) -> Any:
    return lambda place: abs(place - x)


def named(value: Any, room: float) -> str:
    """Return a value as a tick says it, in at most ``room`` inches."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(float(value), 2)
    return shortened(str(value).replace("_", " "), FOOT, max(room - 0.06, 0.2), 1)[0]


def ticks(axes: Axes, by: Classes, width: float) -> list[int]:
    """Return the classes whose values can be written without touching one another."""
    if not by.parameter.numeric:
        return list(range(len(by.middles)))
    axes.get_xlim()  # limits follow what was drawn only when they are asked for
    across = axes.transAxes.inverted()
    where = [across.transform(axes.transData.transform((x, 0)))[0] * width for x in by.places]
    chosen: list[int] = []
    last = float("-inf")
    for i in sorted(range(len(where)), key=lambda i: where[i]):
        half = text_width(number(by.places[i], 2), FOOT) / 2 + 0.05
        if where[i] - half >= last:
            chosen.append(i)
            last = where[i] + half
    return chosen
