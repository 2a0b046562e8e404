"""Figure: the map of who wins: which settings decide where each life pays, by each measure.

A block is a measure, a column a life, a row a setting; the colour and number of a cell say how
much the setting favours the life (purple) or hurts it (orange).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.experiments.analysis import labels
from sim.experiments.effects import compared, measure_name
from sim.experiments.points import design, is_sweep, parameters
from sim.experiments.worth import LEAST, Worth, worths
from sim.plots import style
from sim.plots.style import EDGE, FOOT, GREY, INK, WIDTH, Key, Page, key_height, shortened
from sim.plots.text import MINUS, capital

if TYPE_CHECKING:
    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "applies", "caption", "figure"]

ORDER = 4
NAME = "map"
TITLE = "What decides who wins"

ROW, LEFT, GAP, HEAD = 0.27, 2.1, 0.12, 0.5  # inches
SHOWN: Final = 0.1  # weights below are not written
_COLOURS: Final = "PuOr"


def applies(results: Results) -> bool:
    """Whether several settings were varied at once, at random, with lives to compare."""
    spread = is_sweep(results) and design(results) in ("latin_hypercube", "sobol", "saltelli")
    if not spread or len(labels(results)) < 2:
        return False
    return len(parameters(results)) >= LEAST <= len(results.points) / len(parameters(results))


def caption(results: Results, measure: str | None = None) -> str:
    """What the figure shows and how to read it."""
    return (
        "Standardised rank regression: by how many standard deviations (in ranks over all points) "
        "the effect of a life, compared with the reference in the same world, rises with a "
        "setting, the others held. Purple: the higher the setting (of choices: the later in the "
        "scenario), the more the life gains on the reference; orange: the less. Weights below "
        f"{SHOWN:g} are not written. Above, the share of points where the life is ahead at all; "
        "below, how much of the ranks the settings explain together (R²); what is left is chance "
        "and interaction."
    )


def alt(results: Results, measure: str | None = None) -> str:
    """The figure in words."""
    return f"{TITLE}. " + " ".join(_said(results, one) for one in worths(results, measure))


def _said(results: Results, one: Worth) -> str:
    names = {parameter.key: parameter.label for parameter in parameters(results)}
    words = ", ".join(f"{names[key]} {weight:+.2f}" for key, weight in one.foremost)
    words = words or "nothing told"
    life = labels(results)[one.life]
    return f"{capital(measure_name(one.measure))}, {life}: ahead at {one.pays:.0%}; {words}."


@style.context()
def figure(results: Results, measure: str | None = None) -> Figure:
    """Draw the figure."""
    found, settings = worths(results, measure), parameters(results)
    lives, keys = compared(results), _keys(results)
    room = key_height(keys) + 0.12
    reference = labels(results)[next(iter(set(labels(results)) - set(lives)))]
    lead = f"How much each setting favours a life over “{reference}” (purple) or hurts it (orange)."
    page = Page(results, TITLE, lead, room + HEAD + (len(settings) + 2) * ROW)
    page.key(0.0, keys)
    blocks = len(found) // len(lives)
    width = (WIDTH - 2 * EDGE - LEFT - (blocks - 1) * GAP) / len(found)
    for i, name in enumerate([*(_named(one.key) for one in settings), "explained (R²)"]):
        middle = room + HEAD + (i + 1.5) * ROW
        page.text(EDGE, middle, shortened(name, FOOT, LEFT - 0.1, 1)[0], size=FOOT)
    page.text(EDGE, room + HEAD + 0.5 * ROW, "ahead at … % of points", size=FOOT)
    for i, one in enumerate(found):
        left = EDGE + LEFT + i * width + (i // len(lives)) * GAP
        if i % len(lives) == 0:
            title = shortened(capital(measure_name(one.measure)), FOOT, len(lives) * width, 1)
            page.text(left, room + 0.12, title[0], size=FOOT, weight="bold")
        _column(page, left, room, width, one, chr(ord("A") + i % len(lives)))
    return page.figure


def _named(key: str) -> str:
    """A setting and the part of the scenario that it stands in: "follow (prices)"."""
    section, _, name = key.rpartition(".")
    return f"{name.replace('_', ' ')} ({section.rpartition('.')[2]})"


def _keys(results: Results) -> list[Key]:
    names = labels(results)
    return [
        Key(f"{chr(ord('A') + i)}  {names[life]}", style={"alpha": 0.0})
        for i, life in enumerate(compared(results))
    ]


def _column(page: Page, left: float, top: float, width: float, one: Worth, letter: str) -> None:
    """Draw the weights of one life by one measure."""
    middle = left + width / 2
    page.text(middle, top + HEAD - 0.12, letter, size=FOOT, ha="center", color=GREY)
    share = f"{100 * one.pays:.0f}" if one.pays == one.pays else "–"
    page.text(middle, top + HEAD + 0.5 * ROW, share, size=FOOT, ha="center")
    for i, weight in enumerate(one.weights.values()):
        _cell(page, left, top + HEAD + (i + 1) * ROW, width, weight)
    if one.weights:
        foot = top + HEAD + (len(one.weights) + 1.5) * ROW
        page.text(middle, foot, _short(one.explained), size=FOOT, ha="center", color=GREY)


def _cell(page: Page, left: float, top: float, width: float, weight: float) -> None:
    colour = to_hex(colormaps[_COLOURS](0.5 + 0.5 * max(-1.0, min(1.0, 1.4 * weight))))
    place: dict[str, Any] = {"transform": page.figure.dpi_scale_trans, "facecolor": colour}
    up = page.height - page.top - top - ROW
    page.figure.add_artist(
        Rectangle((left + 0.01, up + 0.01), width - 0.02, ROW - 0.02, linewidth=0, **place)
    )
    if abs(weight) >= SHOWN:
        ink = style.ink_on(colour) if abs(weight) > SHOWN else INK
        page.text(left + width / 2, top + ROW / 2, _short(weight), size=FOOT, ha="center",
                  color=ink)  # fmt: skip


def _short(value: float) -> str:
    """A weight without its leading zero: .45, −.12."""
    return f"{value:.2f}".replace("0.", ".", 1).replace("-", MINUS)
