"""Figure: where the followers of each life came from, and why they went.

One bar a life, means over replicates: gained to the right, by origin, with those who were there at
the start; lost to the left, by cause. Hatched on the far left are the mutes: those followers
still count, but no longer see anything. Lives with far longer bars have a scale of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from sim.experiments.analysis import final, labels, life_table, lives
from sim.plots import style
from sim.plots.scales import scale_groups
from sim.plots.style import CAUSE_COLOURS, EDGE, FOOT, GREY, INK, LABEL, WIDTH, Key, Page
from sim.plots.text import CAUSES, ORIGINS, capital, number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.results import Results

__all__ = ["NAME", "ORDER", "TITLE", "alt", "caption", "figure"]

ORDER = 3
NAME = "gained_and_lost"
TITLE = "Where followers came from, and why they went"

LEAD: Final = "Followers of an account over the whole run, means over replicates."
# Inches: a bar with its two lines of text, the bar alone, an axis, a change of scale.
ROW: Final = 0.74
BAR: Final = 0.24
AXIS: Final = 0.5
NOTE: Final = 0.26
HEAD: Final = 0.2
LOST: Final = "Lost, to the left (muted followers still count)"

MUTED: Final[dict[str, Any]] = {
    "facecolor": "white", "edgecolor": INK, "hatch": "////", "linewidth": 0.6,
}  # fmt: skip


class Bar(NamedTuple):
    """What an account gained by origin, lost by cause, and had muted, in a mean run."""

    gained: dict[str, float]
    lost: dict[str, float]
    muted: float

    @property
    def right(self) -> float:
        """Length of the bar to the right, followers."""
        return sum(self.gained.values())

    @property
    def left(self) -> float:
        """Length of the bar to the left, followers."""
        return sum(self.lost.values()) + self.muted


def caption(results: Results) -> str:
    """What the figure shows and how to read it."""
    return (
        "To the right the followers gained, by how they came, with those who were there at the "
        "start; to the left those lost, by cause. Hatched: followers who muted the account. They "
        "still count as followers, but see nothing of it any more. Bars are means over "
        "replicates; a note says where the scale changes."
    )


def alt(results: Results) -> str:
    """The figure in words."""
    said = [f"{labels(results)[life]}: {_balance(bar)}" for life, bar in _bars(results).items()]
    return f"{TITLE}. {'; '.join(said) or 'No follows were recorded'}."


@style.context()
def figure(results: Results) -> Figure:
    """Draw the figure."""
    bars = _bars(results)
    if not bars:
        return style.empty_page(results, TITLE, "No follows were recorded.")
    groups = scale_groups({life: max(1.0, bar.left, bar.right) for life, bar in bars.items()})
    came, went = _keys(list(bars.values()))
    middle = HEAD + style.key_height(came) + 0.05
    top = middle + HEAD + style.key_height(went) + 0.12
    body = len(bars) * ROW + len(groups) * AXIS + (len(groups) - 1) * NOTE
    page = Page(results, TITLE, LEAD, top + body)
    for start, head, keys in ((0.0, "Gained, to the right", came), (middle, LOST, went)):
        page.text(EDGE, start + HEAD / 2, head, size=FOOT, color=GREY)
        page.key(start + HEAD, keys)
    for i, group in enumerate(groups):
        if i:
            page.text(EDGE, top + 0.1, "Another scale:", weight="bold")
            top += NOTE
        _group(page, labels(results), {life: bars[life] for life in group}, top)
        top += len(group) * ROW + AXIS
    return page.figure


# --- The numbers -----------------------------------------------------------------------------


def _bars(results: Results) -> dict[str, Bar]:
    """The bar of each life; empty if no follows were recorded."""
    if results.follows.empty:
        return {}
    follows = life_table(results, results.follows)
    lived = lives(results)["life"].value_counts()
    mutes = final(results, "mutes").mean().fillna(0.0)
    return {
        life: _bar(follows[follows["life"] == life], 1 / lived[life], float(mutes[life]))
        for life in labels(results)
        if life in lived.index
    }


def _bar(follows: pd.DataFrame, share: float, muted: float) -> Bar:
    gone = follows[follows["end"].notna()]
    gained = _counts(follows["origin"], ORIGINS, share)
    return Bar(gained, _counts(gone["end_cause"], CAUSES, share), muted)


def _counts(values: pd.Series, names: Mapping[str, str], share: float) -> dict[str, float]:
    counts = values.value_counts()
    return {key: float(counts[key]) * share for key in names if key in counts.index}


def _balance(bar: Bar) -> str:
    start, lost = bar.gained.get("initial", 0.0), sum(bar.lost.values())
    gained, end = bar.right - start, bar.right - lost
    sum_of = f"{number(start)} + {number(gained)} gained \N{MINUS SIGN} {number(lost)} lost"
    return f"{sum_of} = {number(end)}; {number(bar.muted)} muted"


# --- The drawing -----------------------------------------------------------------------------


def _keys(bars: Sequence[Bar]) -> tuple[list[Key], list[Key]]:
    origins = [key for key in ORIGINS if any(key in bar.gained for bar in bars)]
    causes = [key for key in CAUSES if any(key in bar.lost for bar in bars)]
    came = [_key(ORIGINS[key], style.ORIGIN_COLOURS[key]) for key in origins]
    went = [_key(CAUSES[key], CAUSE_COLOURS[key]) for key in causes]
    muted = [Key("muted", True, MUTED)] if any(bar.muted for bar in bars) else []
    return came, went + muted


def _key(text: str, colour: str) -> Key:
    return Key(text, True, {"facecolor": colour, "edgecolor": "none"})


def _group(page: Page, names: dict[str, str], bars: dict[str, Bar], top: float) -> None:
    """Draw the bars that share a scale."""
    width, height = WIDTH - 2 * EDGE, len(bars) * ROW
    axes = page.axes(EDGE, top, width, height)
    left = max(bar.left for bar in bars.values())
    right = max(1.0, *(bar.right for bar in bars.values()))
    axes.set_xlim(-1.1 * left - 0.03 * right, 1.02 * right)
    axes.set_ylim(height, 0)
    _frame(axes)
    for i, (life, bar) in enumerate(bars.items()):
        name = style.shortened(capital(names[life]), LABEL, width, 1, "bold")[0]
        page.text(EDGE, top + i * ROW + 0.14, name, weight="bold")
        page.text(EDGE, top + i * ROW + 0.32, _balance(bar), size=FOOT, color=GREY)
        middle = i * ROW + 0.44 + BAR / 2
        _draw(axes, middle, bar, width)
        axes.plot([0, 0], [middle - 0.14, middle + 0.14], color=INK, linewidth=1.2, zorder=5)


def _frame(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(abs(value))))
    axes.yaxis.set_major_locator(NullLocator())
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("\N{LEFTWARDS ARROW} lost    followers    gained \N{RIGHTWARDS ARROW}")
    axes.set_facecolor("none")


def _draw(axes: Axes, y: float, bar: Bar, width: float) -> None:
    low, high = axes.get_xlim()
    inch = width / (high - low)
    x = 0.0
    for key, count in bar.gained.items():
        _piece(axes, (x, y), count, style.ORIGIN_COLOURS[key], ORIGINS[key], inch)
        x += count
    x = 0.0
    for key, count in bar.lost.items():
        _piece(axes, (x, y), -count, CAUSE_COLOURS[key], CAUSES[key], inch)
        x -= count
    if bar.muted:
        axes.barh(y, -bar.muted, BAR, left=x, zorder=3, **MUTED)


def _piece(
    axes: Axes, place: tuple[float, float], size: float, colour: str, name: str, inch: float
) -> None:
    """A piece of a bar, with its name where that fits and else its number."""
    x, y = place
    axes.barh(y, size, BAR, left=x, color=colour, edgecolor="white", linewidth=0.6, zorder=3)
    for text in (name, number(round(abs(size)))):
        if style.text_width(text, FOOT) + 0.08 < abs(size) * inch:
            axes.text(
                x + size / 2, y, text, size=FOOT, ha="center", va="center_baseline",
                color=style.ink_on(colour), zorder=4,
            )  # fmt: skip
            return
