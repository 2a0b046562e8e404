"""Figure: Morris' elementary effects, the first sieve of many settings.

A panel is a life, a mark a setting: to the right, how much the outcome changes over its range;
upwards, how much that differs from place to place (interaction, or a bend).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiments.analysis import labels
from sim.experiments.effects import compared, effects, headline
from sim.experiments.points import design, is_sweep, order, parameters
from sim.experiments.sensitivity import morris
from sim.plots import style
from sim.plots.style import EDGE, FOOT, GREY, LABEL, PALE, WIDTH, Key, Page, key_height, shortened
from sim.plots.text import capital, number, spread, tick

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "applies", "caption", "figure"]

ORDER = 5
NAME = "elementary_effects"
TITLE = "Elementary effects of the settings"

MOST: Final = 4
"""Lives that are shown; those that come first in the scenario."""
COLUMNS: Final = 2
LEFT: Final = 0.62
GAP: Final = 0.24
HEAD, BODY, FEET = 0.26, 2.0, 0.62
MARKS: Final = "osD^vP*X<>"


def applies(results: Results) -> bool:
    """Whether the design is Morris', with two trajectories at least."""
    made_for = is_sweep(results) and design(results) == "morris"
    return made_for and len(order(results)) >= 2 * (len(parameters(results)) + 1)


def caption(results: Results, measure: str | None = None) -> str:
    """What the figure shows and how to read it."""
    found = effects(results, measure or headline(results), compared(results)[0])
    unit = f"the logarithm of the ratio ({_unit(found.unit)})" if found.scale == "ratio" else ""
    return (
        "Morris' elementary effects: changes of the outcome between neighbouring points, per "
        f"change of a setting over its whole range{', in ' + unit if unit else ''}. To the right, "
        "the mean of their sizes, μ* (Campolongo et al. 2007), with its 95 % bootstrap interval; "
        "upwards, their standard deviation. Above the dashed line, where both are equal, a "
        "setting's effect depends on where one is: on other settings, or on itself."
    )


def alt(results: Results, measure: str | None = None) -> str:
    """The figure in words."""
    said = [
        f"{labels(results)[life]}: {'; '.join(_said(row) for row in table.to_dict('records'))}"
        for life, table in _tables(results, measure).items()
    ]
    return f"{TITLE}. {'. '.join(said)}."


@style.context()
def figure(results: Results, measure: str | None = None) -> Figure:
    """Draw the figure."""
    tables, keys = _tables(results, measure), _keys(results)
    room, each = key_height(keys) + 0.12, HEAD + BODY + FEET
    unit = effects(results, measure or headline(results), next(iter(tables))).unit
    lead = f"{capital(unit)}: change over the whole range of each setting."
    page = Page(results, TITLE, lead, room + each * -(-len(tables) // COLUMNS))
    page.key(0.0, keys)
    columns = min(COLUMNS, len(tables))
    wide = min(3.4, (WIDTH - 2 * EDGE - (columns - 1) * GAP) / columns)
    for i, (life, table) in enumerate(tables.items()):
        left, top = EDGE + (i % COLUMNS) * (wide + GAP), room + (i // COLUMNS) * each
        title = shortened(capital(labels(results)[life]), LABEL, wide, 1, "bold")[0]
        page.text(left, top + 0.1, title, weight="bold")
        page.text(
            left + wide, top + HEAD + BODY + 0.36, "size, μ*", size=FOOT, color=GREY, ha="right"
        )
        page.text(left + LEFT + 0.07, top + HEAD + 0.05, "spread, σ", size=FOOT, color=GREY)
        _draw(page.axes(left + LEFT, top + HEAD, wide - LEFT, BODY), results, table)
    return page.figure


def _draw(axes: Axes, results: Results, table: pd.DataFrame) -> None:
    looks = _looks(results)
    far = float(table[["mu_star_high", "mu_star"]].max(axis=None)) * 1.06 or 1.0
    high = max(float(table["sigma"].max()) * 1.25, 0.3 * far)
    axes.plot([0, far], [0, far], "--", color=GREY, linewidth=0.9, zorder=1)
    for row in table.to_dict("records"):
        look = looks[row["parameter"]]
        y = row["sigma"]
        axes.hlines(y, row["mu_star_low"], row["mu_star_high"], color=look["color"], linewidth=1.4)
        axes.plot([row["mu_star"]], [y], markersize=7, zorder=3, clip_on=False, **look)
    axes.set_xlim(0, far)
    axes.set_ylim(0, high)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: tick(round(value, 10))))
    axes.grid(color=PALE, linewidth=0.7)
    axes.set_axisbelow(True)


def _tables(results: Results, measure: str | None) -> dict[str, pd.DataFrame]:
    name = measure or headline(results)
    lives = compared(results)[:MOST]
    return {life: morris(results, effects(results, name, life)) for life in lives}


def _looks(results: Results) -> dict[str, dict[str, Any]]:
    """Mark and colour of each setting: told apart by either."""
    return {
        one.key: {
            "marker": MARKS[i % len(MARKS)],
            "color": style.LIVES[i % len(style.LIVES)],
            "linestyle": "none",
        }
        for i, one in enumerate(parameters(results))
    }


def _keys(results: Results) -> list[Key]:
    looks = _looks(results)
    return [
        Key(capital(one.label), False, looks[one.key] | {"markersize": 7.0})
        for one in parameters(results)
    ]


def _unit(unit: str) -> str:
    return unit.replace(", ratio", "")


def _said(row: dict[str, float]) -> str:
    bounds = spread(row["mu_star_low"], row["mu_star_high"])
    shown = f"{number(row['mu_star'])}{f' ({bounds})' if bounds else ''}"
    return f"{row['parameter']} {shown}, spread {number(row['sigma'])}"
