"""Charts as ECharts options: followers over time, with the engaged part filled."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["COLOURS", "LARGE", "SMALL", "at_end", "in_words", "lines", "points"]

# Okabe and Ito (2008); each is readable on white and on near black, and each line has its dash.
COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8A8A8A")
DASHES: Final = ("solid", [8, 4], [2, 3], [12, 3, 2, 3], [5, 5], "solid", [1, 4])
GREY: Final = "#808080"  # of text and axes: read on white and on near black
SMALL, LARGE = 13, 19  # pixels of text
MOST_POINTS: Final = 130  # of a line that are sent; more cannot be told apart

Curves = Mapping[str, Mapping[str, Sequence[float]]]


def lines(
    curves: Curves,
    days: int,
    marks: Mapping[int, str],
    highest: float,
    size: int = SMALL,
) -> Any:
    """Return the options of a chart of one life, with all protagonists in it.

    ``marks`` are what was done on some days; ``highest`` is the top of the scale, which charts
    side by side may have in common; ``size`` is that of text, in pixels.
    """
    series = [one for k, (name, own) in enumerate(curves.items()) for one in _pair(k, name, own)]
    if series:
        series[0]["markLine"] = _marks(marks, size)
    return {
        "animation": False,
        "grid": {"left": 4.4 * size, "right": 18, "top": 3.3 * size, "bottom": 3.5 * size},
        "legend": {"top": 0, "type": "scroll", "data": list(curves), "textStyle": _text(size)},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {**_axis("day", size), "max": days, "nameGap": 2 * size},
        "yAxis": {**_axis("accounts", size), "max": top(highest), "nameGap": 3.2 * size},
        "series": series,
    }


def _text(size: int) -> dict[str, Any]:
    return {"color": GREY, "fontSize": size}


def _axis(name: str, size: int) -> dict[str, Any]:
    return {
        "type": "value",
        "min": 0,
        "name": name,
        "nameLocation": "middle",
        "nameTextStyle": _text(size),
        "axisLabel": {**_text(size), "hideOverlap": True},
        "axisLine": {"show": True, "lineStyle": {"color": GREY}},
        "splitLine": {"lineStyle": {"color": "rgba(128,128,128,.25)"}},
    }


def _pair(k: int, name: str, own: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    """The line of all followers of a protagonist, and the filled part of the engaged."""
    colour, dash = COLOURS[k % len(COLOURS)], DASHES[k % len(DASHES)]
    plain = {"type": "line", "showSymbol": False, "color": colour}
    width = {"width": 2.5, "type": dash}
    followers, engaged = points(own["followers"]), points(own["engaged"])
    fill = {"color": colour, "opacity": 0.45}
    return [
        {**plain, "name": name, "id": f"{k}f", "lineStyle": width, "data": followers},
        {**plain, "name": f"{name}, engaged", "id": f"{k}e", "lineStyle": {"width": 1},
         "areaStyle": fill, "data": engaged},
    ]  # fmt: skip


def points(values: Sequence[float]) -> list[list[float]]:
    """Return (day, value) for at most so many days, the last one among them."""
    step = max(1, -(-len(values) // MOST_POINTS))
    days = sorted({*range(0, len(values), step), len(values) - 1} - {-1})
    return [[day, values[day]] for day in days]


def _marks(marks: Mapping[int, str], size: int) -> dict[str, Any]:
    return {
        "symbol": "none",
        "silent": True,
        "lineStyle": {"color": GREY, "type": "dashed"},
        "label": {**_text(size - 1), "formatter": "{b}", "position": "insideEndTop"},
        "data": [{"xAxis": day, "name": text} for day, text in marks.items()],
    }


def top(value: float) -> float:
    """Return a round number that is at least this, and at least 10."""
    power = 10.0
    while True:
        for factor in (1, 1.5, 2, 3, 4, 5, 6, 8):
            if factor * power >= value:
                return factor * power
        power *= 10


def at_end(ends: Mapping[str, Mapping[str, float]]) -> Any:
    """Return the options of a chart of all arms: followers, and the engaged within them."""
    names = list(ends)
    plain = {"type": "bar", "barGap": "-100%", "barMaxWidth": 34}
    return {
        "animation": False,
        "grid": {"left": 12, "right": 60, "top": 40, "bottom": 40, "containLabel": True},
        "legend": {"top": 4, "textStyle": _text(SMALL)},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        "xAxis": {**_axis("accounts", SMALL), "nameGap": 26},
        "yAxis": {
            "type": "category", "data": names, "inverse": True,
            "axisLabel": {**_text(SMALL + 1), "width": 150, "overflow": "break"},
        },
        "series": [
            {**plain, "name": "followers", "data": [round(ends[n]["followers"]) for n in names],
             "color": "#B4C7D6", "label": _end_label(),
             "itemStyle": {"borderColor": "#0072B2", "borderWidth": 1.5}},
            {**plain, "name": "engaged", "data": [round(ends[n]["engaged"]) for n in names],
             "color": "#0072B2"},
        ],
    }  # fmt: skip


def _end_label() -> dict[str, Any]:
    return {"show": True, "position": "right", **_text(SMALL)}


def in_words(curves: Curves, day: int) -> str:
    """Return what a chart shows, for those who cannot see it."""
    parts = [
        f"{name} has {own['followers'][-1]:,.0f} followers, of whom {own['engaged'][-1]:,.0f} are "
        f"engaged; it began with {own['followers'][0]:,.0f}"
        for name, own in curves.items()
        if own["followers"]
    ]
    return f"Followers over time. On day {day}: " + "; ".join(parts) + "." if parts else ""
