"""The one style of all figures: colours, sizes, and a page that is laid out in inches.

A page is 6.4 inches wide, so that its smallest text (8.5 points) can still be read when the
figure is shown 400 pixels wide, and stays crisp at 900. Nothing here or in the figures uses
pyplot, which is not thread-safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from sim.experiments.analysis import labels
from sim.plots.text import CAUSES, ORIGINS, source_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.results import Results

__all__ = [
    "BLUE",
    "CAUSE_COLOURS",
    "FOOT",
    "GREY",
    "INK",
    "LABEL",
    "LEAD",
    "ORIGIN_COLOURS",
    "PALE",
    "TITLE",
    "VERMILLION",
    "WIDTH",
    "Key",
    "Page",
    "balanced",
    "context",
    "flow",
    "ink_on",
    "life_colours",
    "shortened",
    "text_width",
    "wrap",
]

WIDTH: Final = 6.4
"""Width of every figure, inches."""
EDGE: Final = 0.14
"""Margin of the page, inches."""
TITLE, LEAD, LABEL, FOOT = 13.5, 10.0, 9.5, 8.5
"""Sizes of text, points."""

INK, GREY, PALE = "#1a1a1a", "#5c5c5c", "#dcdcdc"

# Okabe and Ito (2008): eight colours that colour-blind readers can tell apart.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILLION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
BROWN, ROSE = "#6B4423", "#F4B8A0"  # far enough in lightness from the eight

LIVES: Final = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, BLACK, YELLOW)
ORIGIN_COLOURS: Final = dict(
    zip(
        ORIGINS,
        ("#999999", GREEN, YELLOW, SKY, BLUE, ORANGE, PURPLE, BLACK, VERMILLION),
        strict=True,
    )
)
"""Colour of each origin: cool for followers who came by themselves, warm for the others."""
CAUSE_COLOURS: Final = dict(
    zip(
        CAUSES,
        (BLUE, SKY, GREEN, PURPLE, ORANGE, YELLOW, BROWN, BLACK, VERMILLION, ROSE, "#999999", PALE),
        strict=True,
    )
)
"""Colour of each cause of a follow's end."""

_SETTINGS: Final[dict[Any, Any]] = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",  # comes with matplotlib, so figures are the same everywhere
    "font.size": LABEL,
    "text.color": INK,
    "text.parse_math": False,  # a title may hold dollars
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelsize": FOOT,
    "ytick.labelsize": FOOT,
    "axes.labelsize": FOOT,
    "hatch.linewidth": 0.5,
    "svg.hashsalt": "followlab",
    "svg.fonttype": "path",
}


@contextmanager
def context() -> Iterator[None]:
    """Draw in this style whatever the user's own matplotlib settings are; also a decorator."""
    with mpl.rc_context({**mpl.rcParamsDefault, "backend": mpl.rcParams["backend"]}):
        mpl.rcParams.update(_SETTINGS)
        yield


def life_colours(results: Results) -> dict[str, str]:
    """The colour of each life, by its place in the scenario."""
    return {key: LIVES[i % len(LIVES)] for i, key in enumerate(labels(results))}


def ink_on(colour: str) -> str:
    """Black or white, whichever is the easier to read on ``colour``."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 140 else INK


# --- Measuring text --------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text in inches."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, False)
    return float(width) / 72


def wrap(text: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """Break text into lines of at most ``width`` inches; a longer word is cut into pieces."""
    lines: list[str] = []
    line = ""
    for word in _fitting(text.split(" "), size, width, weight):
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size, weight) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines


def balanced(text: str, size: float, width: float) -> list[str]:
    """Wrap text into as few lines as fit, of about the same width (no last word by itself)."""
    lines = wrap(text, size, width)
    longest_word = max((text_width(word, size) for word in text.split(" ")), default=0.0)
    narrow = width - 0.05
    while narrow > longest_word and len(tighter := wrap(text, size, narrow)) == len(lines):
        lines, narrow = tighter, narrow - 0.05
    return lines


def shortened(text: str, size: float, width: float, most: int, weight: str = "normal") -> list[str]:
    """Wrap text into at most ``most`` lines; what does not fit becomes an ellipsis."""
    lines = wrap(text, size, width, weight)
    if len(lines) <= most:
        return lines
    last = " ".join(lines[most - 1 :])
    while last and text_width(last + "…", size, weight) > width:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + "…"]


def _fitting(words: Sequence[str], size: float, width: float, weight: str) -> Iterator[str]:
    for word in words:
        rest = word
        while text_width(rest, size, weight) > width and len(rest) > 1:
            cut = len(rest) - 1
            while cut > 1 and text_width(rest[:cut], size, weight) > width:
                cut -= 1
            yield rest[:cut]
            rest = rest[cut:]
        yield rest


def flow(texts: Sequence[str], gap: float, width: float) -> tuple[list[tuple[int, float]], int]:
    """Place texts in lines from the left: (line, x) of each, and the number of lines."""
    places: list[tuple[int, float]] = []
    line, x = 0, 0.0
    for text in texts:
        needed = text_width(text, FOOT) + gap
        if x > 0 and x + needed > width:
            line, x = line + 1, 0.0
        places.append((line, x))
        x += needed
    return places, line + 1 if texts else 0


# --- The page --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """An entry of a key: a swatch (``patch``) or a line or mark, and what it stands for."""

    text: str
    patch: bool = True
    style: dict[str, Any] = field(default_factory=dict)


class Page:
    """A figure with a title, a lead, room for a body, and the source line at its foot.

    Positions are inches from the left edge of the page and from the top of the body.
    """

    def __init__(self, results: Results | str, title: str, lead: str, body: float) -> None:
        """Make the page; ``body`` is the height of its body in inches.

        A text in place of ``results`` is the source line itself.
        """
        room = WIDTH - 2 * EDGE
        heads = wrap(title, TITLE, room, "bold")
        leads = balanced(lead, LEAD, room)
        source = results if isinstance(results, str) else source_line(results)
        foot = wrap(source, FOOT, room)
        self.top = EDGE + _height(heads, TITLE) + 0.06 + _height(leads, LEAD) + 0.14
        self.height = self.top + body + 0.12 + _height(foot, FOOT) + EDGE
        self.figure = Figure(figsize=(WIDTH, self.height))
        self._lines(heads, EDGE, TITLE, INK, "bold")
        self._lines(leads, EDGE + _height(heads, TITLE) + 0.06, LEAD, GREY)
        self._lines(foot, self.height - EDGE - _height(foot, FOOT), FOOT, GREY)

    def _lines(
        self, lines: list[str], top: float, size: float, colour: str, weight: str = "normal"
    ) -> None:
        for i, line in enumerate(lines):
            y = top - self.top + (i + 0.5) * _step(size)
            self.text(EDGE, y, line, size=size, color=colour, weight=weight)

    def text(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write a line of text, centred on the height ``y``."""
        settings = {"size": LABEL, "va": "center_baseline", "ha": "left", **style}
        settings["transform"] = self.figure.dpi_scale_trans
        self.figure.text(x, self.height - self.top - y, text, **settings)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes at a place in the body."""
        bottom = self.height - self.top - top - height
        across, up = 1 / WIDTH, 1 / self.height
        return self.figure.add_axes((left * across, bottom * up, width * across, height * up))

    def key(self, top: float, entries: Sequence[Key]) -> None:
        """Draw a key from ``top`` on; ``key_height`` says what room it takes."""
        places, _ = flow([entry.text for entry in entries], KEY_GAP, WIDTH - 2 * EDGE)
        for entry, (line, x) in zip(entries, places, strict=True):
            y = top + (line + 0.5) * KEY_STEP
            self._swatch(EDGE + x, y, entry)
            self.text(EDGE + x + 0.3, y, entry.text, size=FOOT, color=INK)

    def _swatch(self, x: float, y: float, entry: Key) -> None:
        up, place = self.height - self.top - y, self.figure.dpi_scale_trans
        if entry.patch:
            box = Rectangle((x, up - 0.06), 0.22, 0.12, transform=place, **entry.style)
            self.figure.add_artist(box)
        else:
            settings = {"markevery": [1], **entry.style}
            xs = [x, x + 0.11, x + 0.22]
            self.figure.add_artist(Line2D(xs, [up] * 3, transform=place, **settings))


KEY_GAP: Final = 0.42
"""Room that a key's swatch and the space after its text take, inches."""
KEY_STEP: Final = 0.2
"""Height of a line of a key, inches."""


def key_height(entries: Sequence[Key]) -> float:
    """Height of a key, inches."""
    return KEY_STEP * flow([entry.text for entry in entries], KEY_GAP, WIDTH - 2 * EDGE)[1]


def empty_page(results: Results, title: str, why: str) -> Figure:
    """A page that says why there is nothing to draw."""
    return Page(results, title, why, 0.1).figure


def _step(size: float) -> float:
    return size * 1.3 / 72


def _height(lines: list[str], size: float) -> float:
    return len(lines) * _step(size)
