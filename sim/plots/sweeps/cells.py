"""A grid of cells, by the classes of two settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sim.experiments.dependence import Classes, classes, influential
from sim.experiments.effects import compared, effects, headline
from sim.experiments.points import design, is_sweep, parameters
from sim.plots import tiles
from sim.plots.style import EDGE, FOOT, GREY, WIDTH, Page, shortened, text_width
from sim.plots.sweeps.axes import named
from sim.plots.text import capital

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from sim.results import Results

__all__ = ["FEET", "HEAD", "body", "crossed", "grid", "said", "settings"]

HEAD: Final = 0.48
"""Room above the cells: a heading, and the name of the upright setting, inches."""
FEET: Final = 0.62
"""Room below them: the values and the name of the other setting, inches."""
ROW: Final = 0.34
WIDEST: Final = 1.2  # inches of a cell


def crossed(results: Results) -> bool:
    """Whether at least two settings were swept together."""
    together = is_sweep(results) and not design(results).startswith("one")
    return together and len(parameters(results)) > 1


def settings(results: Results, measure: str | None) -> tuple[Classes, Classes]:
    """The two settings that matter most to all lives, in the order of the scenario."""
    wanted = measure or headline(results)
    every = [effects(results, wanted, life) for life in compared(results)]
    chosen = influential(results, every)[:2]
    inside = [one for one in parameters(results) if one in chosen]
    return classes(results, inside[0]), classes(results, inside[1])


def said(across: Classes, up: Classes, cell: Mapping[str, float]) -> str:
    """Where a cell is, in words."""
    return (
        f"{named(across.middles[int(cell['across'])], 9)}, {named(up.middles[int(cell['up'])], 9)}"
    )


def body(up: Classes) -> float:
    """Height of the cells, inches."""
    return ROW * len(up.middles)


def grid(page: Page, top: float, across: Classes, up: Classes) -> tuple[Axes, float]:
    """Return empty axes with a unit square a cell, and the room for text in a cell, inches."""
    names = [named(value, 1.2) for value in up.middles]
    left = max(text_width(name, FOOT) for name in names) + 0.14
    count = len(across.middles)
    cell = min(WIDEST, (WIDTH - 2 * EDGE - left) / count)
    place = (EDGE + left, top, cell * count, body(up))
    axes = tiles.field(page, place, count, len(up.middles))
    _names(page, top, across, up, EDGE + left, cell)
    return axes, cell - 0.06


def _names(page: Page, top: float, across: Classes, up: Classes, left: float, cell: float) -> None:
    """Write the values of both settings, and what they are."""
    for i, value in enumerate(up.middles):
        y = top + body(up) - (i + 0.5) * ROW
        page.text(left - 0.08, y, named(value, 1.2), size=FOOT, color=GREY, ha="right")
    for i, value in enumerate(across.middles):
        x = left + (i + 0.5) * cell
        page.text(x, top + body(up) + 0.12, named(value, cell), size=FOOT, color=GREY, ha="center")
    room = WIDTH - 2 * EDGE
    upright = shortened(capital(up.parameter.label), FOOT, room, 1)[0]
    below = shortened(capital(across.parameter.label), FOOT, WIDTH - EDGE - left, 1)[0]
    page.text(EDGE, top - 0.12, upright, size=FOOT, color=GREY)
    page.text(left, top + body(up) + 0.32, below, size=FOOT, color=GREY)
