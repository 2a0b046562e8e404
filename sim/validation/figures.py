"""Figures of a validation: one for each check, and all checks at a glance."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from sim.plots import style
from sim.plots.style import EDGE, FOOT, GREY, INK, PALE, WIDTH, Page, text_width
from sim.plots.text import number, plural, spread, tick
from sim.validation.checks import Check
from sim.validation.running import Found, Validation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

__all__ = ["alt", "band", "make_log", "of_check", "overview", "source"]

STRIP, PANEL, GAP, BOTTOM = 0.34, 2.5, 0.78, 0.42  # inches
_GOOD, _BAD = "#0072B2", "#D55E00"  # Okabe and Ito: blue and vermillion
_MARKS: Final = {"in band": "o", "below": "<", "above": ">"}
_NAMES: Final = 1.15  # inches for the names of bars
_ROW: Final = 0.27


def source(validation: Validation) -> str:
    """What stands at the foot of every figure: which worlds were looked at."""
    world = validation.scenario.world
    name = validation.scenario.scenario.name
    seeds = f"{plural(len(validation.seeds), 'seed')} from {validation.seeds[0]}"
    return (
        f"{name}: {plural(world.accounts, 'account')}, {plural(world.burn_in_days, 'day')} of "
        f"burn-in, {plural(validation.plan.days, 'day')} watched, {seeds}"
    )


def band(check: Check) -> str:
    """The band in words: "0.17 to 0.3", "at most −0.15", "at least 1"."""
    if not isfinite(check.low):
        return f"at most {number(check.high)}"
    return spread(check.low, check.high) if isfinite(check.high) else f"at least {check.low:g}"


def alt(found: Found) -> str:
    """The figure of a check in words."""
    values = ", ".join(number(value) for value in found.values)
    return f"{found.check.title}: {values}; band {band(found.check)}; {found.verdict}"


# ---- one check ----------------------------------------------------------------------------


@style.context()
def of_check(found: Found, foot: str) -> "Figure":
    """Draw the values of a check against its band, and what they are taken from."""
    check = found.check
    has_panel = any(len(curve.x) for curve in found.curves)
    body = STRIP + (GAP + PANEL if has_panel else 0.46)
    lead = f"{check.definition[:1].upper()}{check.definition[1:]}. Of {check.population}; "
    lead += f"{check.window}. Shaded: {band(check)} ({check.source})."
    page = Page(foot, f"{check.key}  {check.title}", lead, body)
    _strip(page, 0, found, EDGE + 0.15, WIDTH - 2 * EDGE - 0.3, axis=True)
    if has_panel:
        _panel(page, STRIP + GAP, found)
    return page.figure


def _strip(
    page: Page, top: float, found: Found, left: float, width: float, *, axis: bool
) -> "Axes":
    """Draw a line with the band and a mark for each seed."""
    axes = page.axes(left, top, width, STRIP if axis else _ROW)
    low, high = _limits(found)
    axes.set_xlim(low, high)
    axes.set_ylim(-1, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    check = found.check
    axes.axvspan(max(low, check.low), min(high, check.high), color="#CFE3F1", linewidth=0, zorder=0)
    for value in found.values:
        _mark(axes, check, value)
    if axis:
        axes.set_xlabel(check.unit)
        axes.xaxis.set_major_locator(MaxNLocator(6))
    else:
        axes.set_xticks([])
        axes.spines["bottom"].set_color(PALE)
    return axes


def _mark(axes: "Axes", check: Check, value: float) -> None:
    verdict = check.verdict(value)
    if verdict not in _MARKS:
        return
    colour = _GOOD if verdict == "in band" else _BAD
    axes.plot([value], [0], _MARKS[verdict], color=colour, markersize=7, alpha=0.75,
              markeredgecolor="white", markeredgewidth=0.6, clip_on=False)  # fmt: skip


def _limits(found: Found) -> tuple[float, float]:
    """Limits that show the band and every value."""
    ends = [*found.values, found.check.low, found.check.high]
    known = [value for value in ends if isfinite(value)]
    low, high = min(known), max(known)
    room = 0.12 * (high - low) if high > low else 0.5 * max(1.0, abs(high))
    return low - room, high + room


def _panel(page: Page, top: float, found: Found) -> None:
    picture = found.check.picture
    assert picture is not None
    if picture.names:
        _bars(page, top, found, picture.names, picture.y)
        return
    axes = page.axes(EDGE + 0.62, top, WIDTH - 2 * EDGE - 0.8, PANEL - BOTTOM)
    for curve, colour in zip(found.curves, _shades(len(found.curves)), strict=True):
        axes.plot(curve.x, curve.y, color=colour, linewidth=1.4, marker=_dots(len(curve.x)),
                  markersize=4)  # fmt: skip
    for which, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if which in picture.log:
            make_log(axes, which, axis)
    axes.set_xlabel(picture.x)
    _label_above(page, top, picture.y)


def make_log(axes: "Axes", which: str, axis: "Axis") -> None:
    """Give an axis a logarithmic scale with numbers, never powers."""
    getattr(axes, f"set_{which}scale")("log")
    axis.set_major_locator(LogLocator(10, numticks=6))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axis.set_minor_formatter(NullFormatter())


def _label_above(page: Page, top: float, text: str) -> None:
    page.text(EDGE, top - 0.13, f"{text} (a line for each seed)", size=FOOT, color=GREY)


def _dots(count: int) -> str | None:
    return "o" if count <= 25 else None


def _shades(count: int) -> list[str]:
    """Return blues from dark to light, one a seed."""
    steps = np.linspace(0.0, 0.6, max(1, count))
    return [f"#{int(255 * s):02x}{int(114 + 141 * s):02x}{int(178 + 77 * s):02x}" for s in steps]


def _bars(page: Page, top: float, found: Found, names: Sequence[str], what: str) -> None:
    """Draw means over seeds as bars, with a dot for each seed."""
    known = [curve.y for curve in found.curves if len(curve.y)]
    axes = page.axes(EDGE + _NAMES, top, WIDTH - 2 * EDGE - _NAMES - 0.2, PANEL - BOTTOM)
    places = np.arange(len(names))
    axes.barh(places, np.mean(known, axis=0), color="#9CC3DD", height=0.6)
    for values in known:
        axes.plot(values, places, "o", color=_GOOD, markersize=3.5, clip_on=False)
    axes.set_yticks(places, list(names))
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel(f"{what} (bars: means over seeds)")


# ---- all at a glance ----------------------------------------------------------------------


@style.context()
def overview(validation: Validation) -> "Figure":
    """Draw every check in a row, each on its own scale, with its band and values."""
    rows = validation.found
    held = sum(one.verdict == "in band" for one in rows)
    lead = (
        f"{held} of {len(rows)} in band on at least four of five seeds. Every row has a scale of "
        "its own; shaded is the band. A circle is a seed in band, a triangle points to where "
        "another lies outside."
    )
    page = Page(source(validation), "The model against what is known", lead, len(rows) * _ROW + 0.1)
    left, right = 3.05, 1.5
    for i, found in enumerate(rows):
        top = i * _ROW
        _strip(page, top, found, EDGE + left, WIDTH - 2 * EDGE - left - right, axis=False)
        middle = top + _ROW / 2
        title = style.shortened(f"{found.check.key} {found.check.title}", FOOT, left - 0.15, 1)[0]
        page.text(EDGE, middle, title, size=FOOT, color=INK)
        text = f"{number(found.median)} ({band(found.check)})"
        page.text(WIDTH - EDGE - right + 0.08, middle, _short(text, right - 0.08), size=FOOT - 1,
                  color=GREY)  # fmt: skip
    return page.figure


def _short(text: str, width: float) -> str:
    while text_width(text, FOOT - 1) > width and len(text) > 1:
        text = text[:-2] + "…"
    return text
