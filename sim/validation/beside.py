"""The figure that lays real follow graphs beside the simulated one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from sim.plots import style
from sim.plots.style import EDGE, WIDTH, Key, Page, key_height
from sim.validation.figures import make_log
from sim.validation.shapes import Shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure"]

_COLOURS: Final = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9")
_STYLES: Final = ("-", "--", "-.", ":")
_PANEL, _GAP, _AXIS = 2.0, 0.25, 0.45  # inches


@style.context()
def figure(shapes: Sequence[Shape], foot: str) -> "Figure":
    """Draw the distributions of followers and of follows, one above the other."""
    keys = [
        Key(one.name, patch=False, style=_line(i) | {"markersize": 0})
        for i, one in enumerate(shapes)
    ]
    top = key_height(keys) + 0.1 + _GAP
    body = top + 2 * (_PANEL + _AXIS) + _GAP
    lead = (
        "Share of accounts with at least so many followers (above) and follows (below). Real "
        "graphs are samples around one account: compare shapes, not sizes."
    )
    page = Page(foot, "Real follow graphs beside the simulated one", lead, body)
    page.key(0, keys)
    for place, what in enumerate(("followers", "follows")):
        at = top + place * (_PANEL + _AXIS + _GAP)
        axes = page.axes(EDGE + 0.62, at, WIDTH - 2 * EDGE - 0.8, _PANEL)
        for i, one in enumerate(shapes):
            axes.plot(*getattr(one, what), linewidth=1.6, **_line(i))
        for which, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
            make_log(axes, which, axis)
        axes.set_xlabel(what)
        page.text(EDGE, at - 0.12, "share of accounts with at least so many", size=style.FOOT,
                  color=style.GREY)  # fmt: skip
    return page.figure


def _line(place: int) -> dict[str, Any]:
    return {
        "color": _COLOURS[place % len(_COLOURS)],
        "linestyle": _STYLES[place % len(_STYLES)],
    }
