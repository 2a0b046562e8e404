"""Figure: which life has most at the end, by the two settings that matter most.

Two panels, number and impact: followers, and engaged followers (or the claim's measure). A cell
has the colour of the life that leads, and its letter; it is pale where the lead is not clear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from sim.experiments.analysis import labels
from sim.experiments.dependence import Classes, leaders
from sim.experiments.effects import headline, measure_name
from sim.plots import style, tiles
from sim.plots.style import EDGE, FOOT, PALE, WIDTH, Key, Page, key_height, shortened
from sim.plots.sweeps.cells import FEET, HEAD, body, crossed, grid, said, settings
from sim.plots.text import capital

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "applies", "caption", "figure"]

ORDER = 3
NAME = "winners"
TITLE = "Who has most, by two settings"


def applies(results: Results) -> bool:
    """Whether at least two settings were swept together, with at least two lives."""
    return crossed(results) and len(labels(results)) > 1


def caption(results: Results, measure: str | None = None) -> str:
    """What the figure shows and how to read it."""
    return (
        "The life with the greatest mean at the end, over worlds and over all points of a cell, "
        "whatever the other settings are. Its letter is that of the key; “=” is a tie. A cell is "
        "pale where the 95 % interval of the lead over the second, paired by world, does not "
        "leave out zero."
    )


def alt(results: Results, measure: str | None = None) -> str:
    """The figure in words."""
    across, up = settings(results, measure)
    words = [
        f"{capital(measure_name(name))}: {_said(results, name, across, up)}"
        for name in _measures(results, measure)
    ]
    return f"{TITLE}: {across.parameter.label} and {up.parameter.label}. {' '.join(words)}"


@style.context()
def figure(results: Results, measure: str | None = None) -> Figure:
    """Draw the figure."""
    across, up = settings(results, measure)
    measures, keys = _measures(results, measure), _keys(results)
    room, each = key_height(keys) + 0.14, HEAD + body(up) + FEET
    lead = "The life with the greatest mean at the end. Pale: its lead is not clear."
    page = Page(results, TITLE, lead, room + each * len(measures))
    page.key(0.0, keys)
    for i, name in enumerate(measures):
        top = room + i * each
        page.text(EDGE, top + 0.1, capital(measure_name(name)), weight="bold")
        axes, _ = grid(page, top + HEAD, across, up)
        _fill(axes, results, leaders(results, name, across, up))
    return page.figure


def _fill(axes: Axes, results: Results, cells: pd.DataFrame) -> None:
    colours, letters = style.life_colours(results), _letters(results)
    for cell in cells.to_dict("records"):
        x, y, life = float(cell["across"]), float(cell["up"]), str(cell["life"])
        if cell["lead"] == 0:
            tiles.tile(axes, x, y, "=", PALE)
        else:
            tiles.tile(axes, x, y, letters[life], colours[life], clear=bool(cell["clear"]))


def _measures(results: Results, measure: str | None) -> list[str]:
    """The number, and what it amounts to."""
    chosen = measure or headline(results)
    return list(dict.fromkeys(["followers", chosen if chosen != "followers" else "engaged"]))


def _letters(results: Results) -> dict[str, str]:
    return {life: chr(ord("A") + i % 26) for i, life in enumerate(labels(results))}


def _keys(results: Results) -> list[Key]:
    colours, letters = style.life_colours(results), _letters(results)
    room = WIDTH - 2 * EDGE - 0.5
    return [
        Key(
            shortened(f"{letters[life]}  {capital(label)}", FOOT, room, 1)[0],
            style={"facecolor": colours[life], "linewidth": 0},
        )
        for life, label in labels(results).items()
    ]


def _said(results: Results, measure: str, across: Classes, up: Classes) -> str:
    names, cells = labels(results), leaders(results, measure, across, up)
    words = [
        f"{_who(cell, names)} at {said(across, up, cell)}" for cell in cells.to_dict("records")
    ]
    return f"{'; '.join(words)}."


def _who(cell: dict[str, Any], names: dict[str, str]) -> str:
    if cell["lead"] == 0:
        return "a tie"
    return names[str(cell["life"])] + ("" if cell["clear"] else " (not clearly)")
