"""A field of tiles: a colour and a sign each, pale where what they say is not clear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from sim.plots.style import FOOT, INK, ink_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.plots.style import Page

__all__ = ["UNCLEAR", "field", "tile"]

UNCLEAR: Final = 0.3
"""Opacity of a tile that is not clear."""


def field(page: Page, place: tuple[float, float, float, float], columns: int, rows: int) -> Axes:
    """Return empty axes at a place (left, top, width, height) with a unit square a tile."""
    axes = page.axes(*place)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(-0.5, rows - 0.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(NullLocator())
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def tile(axes: Axes, x: float, y: float, text: str, colour: str, *, clear: bool = True) -> None:
    """Draw a tile, centred on a place."""
    alpha = 1.0 if clear else UNCLEAR
    box = Rectangle((x - 0.48, y - 0.47), 0.96, 0.94, facecolor=colour, linewidth=0, alpha=alpha)
    axes.add_patch(box)
    axes.text(
        x, y, text, ha="center", va="center_baseline", size=FOOT,
        color=ink_on(colour) if clear else INK, weight="bold" if clear else "normal",
    )  # fmt: skip
