"""Figure: what each life gains over the reference, by the two settings that matter most.

A panel is a life, a cell a pair of values; its colour and its number are the ratio to the
reference (or the difference), paired by world and averaged over all other settings.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
import pandas as pd
from matplotlib.colors import Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.experiments.analysis import labels, reference_life
from sim.experiments.dependence import Classes, effect_map
from sim.experiments.effects import Effects, compared, effects, headline
from sim.plots import style
from sim.plots.style import EDGE, FOOT, LABEL, WIDTH, Page, shortened
from sim.plots.sweeps.cells import FEET, HEAD, body, crossed, grid, said, settings
from sim.plots.text import capital, number, signed, times

if TYPE_CHECKING:
    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "applies", "caption", "figure"]

ORDER = 2
NAME = "heat_map"
TITLE = "What a life gains, by two settings"

MOST: Final = 4
"""Lives that are shown; those that come first in the scenario."""
SLIGHT: Final = 1.5
"""Ratio up to which colours stay pale, however little the others differ."""
COLOURS: Final = "PuOr"
"""Runs from orange over white to purple: told apart by the colour-blind, and by lightness."""


def applies(results: Results) -> bool:
    """Whether at least two settings were swept together."""
    return crossed(results)


def caption(results: Results, measure: str | None = None) -> str:
    """What the figure shows and how to read it."""
    found = _found(results, measure)
    what = "Ratio" if found[0].scale == "ratio" else "Difference"
    if found[0].scale == "value":
        what = "Value"
    to = f" to “{labels(results)[reference_life(results)]}”" if found[0].reference else ""
    mean = "geometric mean" if what == "Ratio" else "mean"
    return (
        f"{what}{to} at the end, paired by world: the {mean} over worlds and over all points of a "
        "cell, whatever the other settings are. In pale figures, the 95 % interval over worlds "
        "does not leave out “no difference”."
    )


def alt(results: Results, measure: str | None = None) -> str:
    """The figure in words."""
    across, up = settings(results, measure)
    words = [_said(results, found, across, up) for found in _found(results, measure)]
    return f"{TITLE}. {' '.join(words)}"


@style.context()
def figure(results: Results, measure: str | None = None) -> Figure:
    """Draw the figure."""
    across, up = settings(results, measure)
    found = _found(results, measure)
    maps = [effect_map(one, across, up) for one in found]
    each = HEAD + body(up) + FEET
    lead = f"{capital(found[0].unit)}{_to(results, found[0])}, by the settings that matter most."
    page = Page(results, TITLE, lead, each * len(found))
    norm = _norm(pd.concat(maps)["mean"], found[0])
    for i, (one, cells) in enumerate(zip(found, maps, strict=True)):
        name = shortened(capital(labels(results)[one.life]), LABEL, WIDTH - 2 * EDGE, 1, "bold")
        page.text(EDGE, i * each + 0.1, name[0], weight="bold")
        axes, width = grid(page, i * each + HEAD, across, up)
        for cell in cells.to_dict("records"):
            colour = _colour(norm(_drawn(cell["mean"], one)), one)
            place = (cell["across"] - 0.5, cell["up"] - 0.5)
            axes.add_patch(Rectangle(place, 1, 1, facecolor=colour, edgecolor="white"))
            text = _text(cell["mean"], one, width)
            clear = _clear(cell, one)
            axes.text(
                cell["across"], cell["up"], text, ha="center", va="center_baseline", size=FOOT,
                color=style.ink_on(colour), alpha=1.0 if clear else 0.7,
                weight="bold" if clear else "normal",
            )  # fmt: skip
    return page.figure


def _found(results: Results, measure: str | None) -> list[Effects]:
    """The effects that are shown, all on one scale."""
    name, lives = measure or headline(results), compared(results)[:MOST]
    found = [effects(results, name, life) for life in lives]
    if len({one.scale for one in found}) > 1:
        return [effects(results, name, life, scale="difference") for life in lives]
    return found


def _to(results: Results, found: Effects) -> str:
    return f" to “{labels(results)[found.reference]}”" if found.reference else ""


def _drawn(mean: float, found: Effects) -> float:
    return math.log(mean) if found.scale == "ratio" and mean > 0 else mean


def _norm(means: pd.Series, found: Effects) -> Normalize:
    """Colours run as far to both sides of “no difference”; of values, from least to greatest."""
    drawn = [_drawn(mean, found) for mean in means.dropna()]
    if found.scale == "value":
        return Normalize(min(drawn, default=0.0), max(drawn, default=1.0))
    least = math.log(SLIGHT) if found.scale == "ratio" else 0.0
    far = max([least, *map(abs, drawn)]) or 1.0
    return Normalize(-1.15 * far, 1.15 * far)


def _colour(place: float, found: Effects) -> str:
    return to_hex(mpl.colormaps[COLOURS if found.reference else "Purples"](place))


def _text(mean: float, found: Effects, width: float) -> str:
    text = {"ratio": times, "difference": signed, "value": number}[found.scale](mean)
    return shortened(text, FOOT, max(width, 0.3), 1)[0]


def _clear(cell: dict[str, float], found: Effects) -> bool:
    none = 1.0 if found.scale == "ratio" else 0.0
    return found.scale == "value" or cell["low"] > none or cell["high"] < none


def _said(results: Results, found: Effects, across: Classes, up: Classes) -> str:
    cells = effect_map(found, across, up)
    form = times if found.scale == "ratio" else number
    words = [
        f"{form(cell['mean'])} at {said(across, up, cell)}" for cell in cells.to_dict("records")
    ]
    keys = f"{across.parameter.label} and {up.parameter.label}"
    return f"{labels(results)[found.life]}, {found.unit}, by {keys}: {'; '.join(words)}."
