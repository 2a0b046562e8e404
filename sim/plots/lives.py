"""Figure: followers over time in each life, with the engaged ones filled.

One panel a life. The line is the mean number of followers over replicates with its 95 % band, the
solid part under it those who engaged within 28 days, the hatched rest the hollow part. Lives that
are far taller than the others get a row with a scale of their own, on which a grey strip shows
the whole height of the panels above. All scales are linear and start at zero, so that the
filled share of the area is the engaged share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiments.analysis import band, good_runs, labels, reference_life
from sim.plots import style
from sim.plots.marks import Mark, marks
from sim.plots.scales import scale_groups
from sim.plots.style import EDGE, FOOT, GREY, INK, LABEL, PALE, WIDTH, Key, Page
from sim.plots.text import capital, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "caption", "figure"]

ORDER = 1
NAME = "lives_over_time"
TITLE = "Followers over time, and how many of them are engaged"

# Room in inches: beside the panels, between them, for ticks, a line of a name, a change of scale.
LEFT: Final = 0.62
RIGHT: Final = 0.12
GAP: Final = 0.42
TICKS: Final = 0.32
LINE: Final = 0.165
NOTE: Final = 0.42
HEADROOM: Final = 1.2  # of the tallest curve, for what is written above it


def caption(results: Results) -> str:
    """What the figure shows and how to read it."""
    return (
        "The line is the mean number of followers over replicates, with its 95 % band. The solid "
        "part under it are the engaged: those who interacted within the last 28 days. What is "
        "only hatched is hollow: the number without the audience. Dots are milestones, at which "
        "an account posts about its count; triangles are purchases, and crosses sweeps of the "
        "platform, in which it deletes fakes. Scales are linear and the same in all panels, "
        "unless a note says otherwise."
    )


def alt(results: Results) -> str:
    """The figure in words: followers and engaged at the end of each life."""
    ends = _ends(_curves(results))
    said = [f"{name}: {_counts(ends[key])}" for key, name in labels(results).items() if key in ends]
    return f"{TITLE}. At the end, {'; '.join(said)}."


@style.context()
def figure(results: Results) -> Figure:
    """Draw the figure."""
    curves = _curves(results)
    if curves.empty:
        return style.empty_page(results, TITLE, "No followers were recorded over time.")
    groups = scale_groups(_peaks(curves, labels(results)))
    keys, layout = _keys(results), _Layout(labels(results))
    top = style.key_height(keys) + 0.1
    page = Page(results, TITLE, _lead(results), top + layout.height(groups))
    page.key(0, keys)
    below = 0.0
    for group in groups:
        highest = HEADROOM * max(_peaks(curves, group).values())
        _group(page, results, curves, group, layout, top, (highest, below))
        top += layout.rows(group) * layout.row + NOTE
        below = highest
    return page.figure


FILLED: Final = "Filled: engaged within the last 28 days. Hatched: the number without the audience."


def _lead(results: Results) -> str:
    if len(labels(results)) == 1:
        return FILLED
    name = labels(results)[reference_life(results)]
    return f"{FILLED} Counts are those at the end. Thin grey line: followers in “{name}”."


def _keys(results: Results) -> list[Key]:
    tint = {"facecolor": GREY, "edgecolor": GREY}
    hollow = {"facecolor": "white", "edgecolor": GREY, "hatch": "//////", "linewidth": 0.5}
    many = good_runs(results)["replicate"].nunique() > 1
    line = "followers, 95 % band" if many else "followers"
    entries = [
        Key(line, False, {"color": GREY, "linewidth": 2}),
        Key("engaged", True, tint),
        Key("hollow", True, hollow),
    ]
    if any(mark.kind == "milestone" for mark in marks(results)):
        look = {"color": INK, "marker": "o", "linestyle": "", "markersize": 4}
        entries.append(Key("milestone", False, look))
    return entries


FLAGS: Final = {"purchase": "v", "sweep": "X"}


def _curves(results: Results) -> pd.DataFrame:
    followers = band(results, "followers")
    engaged = band(results, "engaged")[["life", "day", "mean"]]
    engaged = engaged.rename(columns={"mean": "engaged"})
    table = followers.merge(engaged, on=["life", "day"], how="left")
    return table.sort_values(["life", "day"], kind="stable").fillna({"engaged": 0.0})


def _peaks(curves: pd.DataFrame, lives: dict[str, str] | list[str]) -> dict[str, float]:
    """Height that each life needs: a band that is far wider than its mean may leave the panel."""
    tops = curves.groupby("life")[["mean", "high"]].max()
    heights = tops["high"].fillna(0.0).clip(lower=tops["mean"], upper=1.25 * tops["mean"])
    return {key: float(max(1.0, heights[key])) for key in lives if key in heights.index}


def _ends(curves: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(life): rows.iloc[-1] for life, rows in curves.groupby("life")}


def _counts(end: pd.Series) -> str:
    followers, engaged = float(end["mean"]), float(end["engaged"])
    return f"{number(followers)} followers, {number(engaged)} engaged"


# --- Layout ----------------------------------------------------------------------------------


class _Layout:
    """Where the panels stand: two beside each other, or a single one in the whole width."""

    def __init__(self, names: dict[str, str]) -> None:
        self.columns = 1 if len(names) == 1 else 2
        self.panel = 2.4 if len(names) == 1 else 1.3  # inches, like all that follows
        self.width = (WIDTH - 2 * EDGE - LEFT - RIGHT - (self.columns - 1) * GAP) / self.columns
        self.names = {
            key: style.shortened(capital(name), LABEL, self.width, 2, "bold")
            for key, name in names.items()
        }
        self.head = 0.26 + LINE * max(len(lines) for lines in self.names.values())

    @property
    def row(self) -> float:
        return self.head + self.panel + TICKS

    def rows(self, group: list[str]) -> int:
        return -(-len(group) // self.columns)

    def height(self, groups: list[list[str]]) -> float:
        return sum(self.rows(group) * self.row for group in groups) + NOTE * (len(groups) - 1)

    def place(self, index: int) -> tuple[float, float]:
        row, column = divmod(index, self.columns)
        return EDGE + LEFT + column * (self.width + GAP), row * self.row


def _group(
    page: Page,
    results: Results,
    curves: pd.DataFrame,
    group: list[str],
    layout: _Layout,
    top: float,
    scale: tuple[float, float],
) -> None:
    """Draw the lives that share a scale: its top, and that of the panels above (0 if none)."""
    if scale[1]:
        _scale_note(page, top - NOTE, scale[0] / scale[1])
    for i, life in enumerate(group):
        x, y = layout.place(i)
        axes = page.axes(x, top + y + layout.head, layout.width, layout.panel)
        _frame(axes, scale, first=i % layout.columns == 0, days=float(curves["day"].max()))
        _panel(axes, results, curves, life)
        for k, line in enumerate(reversed(layout.names[life])):
            page.text(x, top + y + layout.head - 0.28 - k * LINE, line, weight="bold")
        counts = _counts(_ends(curves)[life])
        page.text(x, top + y + layout.head - 0.11, counts, size=FOOT, color=GREY)


def _scale_note(page: Page, top: float, factor: float) -> None:
    text = f"Another scale, {number(factor, 2)} times as tall."
    page.text(EDGE, top + 0.12, text, weight="bold", color=INK)
    text = "The grey bar beside a panel is as tall as a whole panel above."
    page.text(EDGE, top + 0.3, text, color=GREY, size=FOOT)


def _frame(axes: Axes, scale: tuple[float, float], *, first: bool, days: float) -> None:
    axes.set_xlim(0, days)
    axes.set_ylim(0, scale[0])
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 3, 5, 10], integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.xaxis.set_major_formatter(FuncFormatter(_day))
    axes.tick_params(labelleft=first, length=3)
    axes.grid(axis="y", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    if first:
        axes.set_ylabel("followers")
    if scale[1]:
        axes.plot(
            [1.02, 1.02], [0, scale[1]], color="#999999", linewidth=4.5, solid_capstyle="butt",
            transform=axes.get_yaxis_transform(), clip_on=False,
        )  # fmt: skip


def _day(value: float, place: int) -> str:
    return number(value) if value else "day 0"


# --- What stands in a panel ------------------------------------------------------------------


def _panel(axes: Axes, results: Results, curves: pd.DataFrame, life: str) -> None:
    colour = style.life_colours(results)[life]
    rows = curves[curves["life"] == life]
    day, mean, engaged = (rows[key].to_numpy() for key in ("day", "mean", "engaged"))
    filled = engaged.clip(max=mean)
    axes.fill_between(
        day, filled, mean, facecolor=(1, 1, 1, 0.0), edgecolor=to_rgba(colour, 0.55),
        hatch="/////", linewidth=0, zorder=2,
    )  # fmt: skip
    axes.fill_between(day, 0, filled, color=colour, linewidth=0, zorder=2.2)
    low, high = rows["low"].clip(lower=0), rows["high"]
    axes.fill_between(day, low, high, color=colour, alpha=0.22, linewidth=0, zorder=2.3)
    if life != reference_life(results):
        other = curves[curves["life"] == reference_life(results)]
        axes.plot(other["day"], other["mean"], color=GREY, linewidth=1, zorder=2.5)
    axes.plot(day, mean, color=colour, linewidth=2, zorder=3, solid_capstyle="butt")
    _marks(axes, [mark for mark in marks(results) if mark.life == life], rows)


def _marks(axes: Axes, found: list[Mark], rows: pd.DataFrame) -> None:
    flags = [mark for mark in found if mark.kind != "milestone"]
    reached = [mark for mark in found if mark.kind == "milestone"]
    for mark in flags:
        axes.axvline(mark.day, color=INK, linewidth=0.8, linestyle=(0, (1, 2)), zorder=4)
        _flag(axes, mark)
    for mark in reached:
        axes.plot([mark.day], [_at(rows, mark.day)], "o", color=INK, markersize=3.6, zorder=5)
    if reached and _at(rows, reached[-1].day) < 0.65 * axes.get_ylim()[1]:  # clear of the flags
        last = reached[-1]
        axes.annotate(
            last.text, (last.day, _at(rows, last.day)), (0, 6), textcoords="offset points",
            size=FOOT, ha="right", color=INK, zorder=6,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
        )  # fmt: skip


def _flag(axes: Axes, mark: Mark) -> None:
    """A marker at the top of the panel, at the day of a purchase or sweep."""
    up: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "zorder": 6}
    axes.plot([mark.day], [0.93], FLAGS[mark.kind], color=INK, markersize=6, clip_on=False, **up)
    if mark.text:
        x = mark.day + 0.03 * axes.get_xlim()[1]
        axes.text(x, 0.92, mark.text, size=FOOT, color=INK, va="center", **up)


def _at(rows: pd.DataFrame, day: float) -> float:
    nearest = (rows["day"] - day).abs().to_numpy().argmin()
    return float(rows["mean"].iloc[int(nearest)])
