"""The figure that lays growth histories from archives beside simulated ones."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.plots import style
from sim.plots.style import EDGE, FOOT, GREY, WIDTH, Key, Page, key_height
from sim.plots.text import number
from sim.validation.histories import STATISTICS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure", "table"]

_REAL, _SIMULATED = "#D55E00", "#0072B2"
_ROW: Final = 0.75
_STRIP: Final = 0.28


def table(
    simulated: Mapping[str, Sequence[float]], real: Mapping[str, Sequence[float]]
) -> list[list[str]]:
    """Return each statistic as a row: label; median and middle nine tenths; the archive's."""
    return [[one.label, _said(simulated[one.key]), _said(real[one.key])] for one in STATISTICS]


def _said(values: Sequence[float]) -> str:
    if not values:
        return "not enough days"
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return f"{number(middle)} ({number(low)} to {number(high)}; {len(values)} accounts)"


@style.context()
def figure(
    simulated: Mapping[str, Sequence[float]], real: Mapping[str, Sequence[float]], foot: str
) -> "Figure":
    """Draw each statistic on a line: simulated accounts as a range, archived ones as marks."""
    keys = [
        Key("simulated: median and middle nine tenths", style={"facecolor": _SIMULATED}),
        Key("an archived account", patch=False,
            style={"marker": "D", "color": _REAL, "linestyle": "", "markersize": 5}),
    ]  # fmt: skip
    top = key_height(keys) + 0.15
    lead = (
        "Established accounts of the simulation beside public accounts read from web archives. "
        "Sizes and mean growth are left out: the archived ones are famous."
    )
    page = Page(foot, "How follower counts move", lead, top + len(STATISTICS) * _ROW)
    page.key(0, keys)
    for place, one in enumerate(STATISTICS):
        at = top + place * _ROW
        page.text(EDGE, at + 0.09, one.label, size=FOOT)
        axes = page.axes(EDGE + 0.1, at + 0.2, WIDTH - 2 * EDGE - 0.2, _STRIP)
        axes.set_xlim(-1, 1) if "memory" in one.key else axes.set_xlim(0, 1)
        axes.set_ylim(-1, 1)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.axvline(0, color=GREY, linewidth=0.8)
        if simulated[one.key]:
            low, middle, high = np.quantile(simulated[one.key], (0.05, 0.5, 0.95))
            axes.axvspan(low, high, color=_SIMULATED, alpha=0.25, linewidth=0)
            axes.plot([middle, middle], [-1, 1], color=_SIMULATED, linewidth=2.5)
        axes.plot(real[one.key], np.zeros(len(real[one.key])), "D", color=_REAL, markersize=5,
                  alpha=0.8, clip_on=False)  # fmt: skip
    return page.figure
