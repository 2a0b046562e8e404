"""Figures of what was measured, in the style of the simulator's own."""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from benchmarks.messages import BYTES
from sim.plots.style import (
    BLUE,
    GREEN,
    GREY,
    LABEL,
    ORANGE,
    PURPLE,
    SKY,
    TITLE,
    VERMILLION,
    WIDTH,
    YELLOW,
    context,
)

COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, YELLOW)
Found = dict[str, Any]


def _size(count: float, _: Any = None) -> str:
    return f"{count / 1e6:g} M" if count >= 1e6 else f"{count / 1e3:g} k"


def _page(title: str, height: float, columns: int) -> tuple[Figure, Any]:
    """Return a figure with a title and a row of axes."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(title, size=TITLE, weight="bold", ha="left", x=0.02)
    return figure, figure.subplots(1, columns, squeeze=False)[0]


@context()
def growth(found: Found) -> Figure | None:
    """Time of an impression and memory by size of the world."""
    if "growth" not in found:
        return None
    worlds = found["growth"]["found"]
    sizes = [world["accounts"] for world in worlds]
    figure, (left, right) = _page("Time and memory as the world grows", 2.9, 2)
    cost = [world["per_impression_ns"] for world in worlds]
    _line(left, sizes, cost, "Whole tick, one thread:\nCPU time of an impression, ns", "{:.0f}")
    left.set_ylim(0, 1.3 * max(cost))
    memory = [world["peak_bytes"] / 1e9 for world in worlds]
    _line(right, sizes, memory, "Peak memory, GB\n", "{:.2g}")
    right.set_yscale("log")
    low, high = right.get_ylim()
    marks = [mark for mark in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if low <= mark <= high]
    right.set_yticks(marks, [f"{mark:g}" for mark in marks])
    right.set_yticks([], minor=True)
    return figure


def _line(axes: Any, sizes: list[int], values: list[float], title: str, form: str) -> None:
    """Draw one curve over the number of accounts, its values written at the dots."""
    axes.plot(sizes, values, "o-", color=BLUE)
    for size, value in zip(sizes, values, strict=True):
        axes.annotate(
            form.format(value), (size, value), (0, 7), textcoords="offset points", ha="center"
        )
    axes.set_xscale("log")
    axes.set_xticks(sizes)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_size))
    axes.set_xlabel("accounts")
    axes.margins(0.15)
    axes.set_title(title, loc="left", size=LABEL, color=GREY)


@context()
def tick(found: Found) -> Figure | None:
    """The parts of a tick on one and on two threads, by the clock."""
    if "tick" not in found:
        return None
    runs = found["tick"]["found"]
    figure, (axes,) = _page("The parts of a tick", 2.6, 1)
    for place, run in enumerate(runs):
        start = 0.0
        for (name, value), colour in zip(run["phases_wall_ns"].items(), COLOURS, strict=True):
            label = name if place == 0 else None
            axes.barh(place, value, left=start, color=colour, label=label, height=0.6)
            start += value
    axes.set_yticks(
        range(len(runs)),
        [f"{run['threads']} threads"[: 8 + place] for place, run in enumerate(runs)],
    )
    axes.invert_yaxis()
    axes.set_xlabel(f"ns by the clock for an impression, {_size(runs[0]['accounts'])} accounts")
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
    return figure


@context()
def messages(found: Found) -> Figure | None:
    """What shards tell one another, by kind and number of shards."""
    if "messages" not in found:
        return None
    shards = found["messages"]["found"]["shards"]
    figure, (axes,) = _page("What account shards tell one another", 2.8, 1)
    for place, one in enumerate(shards.values()):
        start = 0.0
        for kind, colour in zip(BYTES, COLOURS, strict=True):
            value = one["bytes_per_account"][kind]
            label = kind if place == 0 else None
            axes.barh(place, value, left=start, color=colour, label=label, height=0.6)
            start += value
    axes.set_yticks(range(len(shards)), [f"{n} shards" for n in shards])
    axes.invert_yaxis()
    axes.set_xlabel("bytes an account and tick")
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=8.5)
    return figure


ALL: dict[str, Callable[[Found], Figure | None]] = {
    "growth": growth,
    "tick": tick,
    "messages": messages,
}
