"""Charts as ECharts options: followers over time, with the engaged part filled."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

__all__ = ["COLOURS", "at_end", "in_words", "lines", "points"]

# Okabe and Ito (2008); each is readable on white and on near black, and each line has its dash.
COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8A8A8A")
DASHES: Final = ("solid", [8, 4], [2, 3], [12, 3, 2, 3], [5, 5], "solid", [1, 4])
MOST_POINTS: Final = 130  # of a line that are sent; more cannot be told apart

Curves = Mapping[str, Mapping[str, Sequence[float]]]


def lines(curves: Curves, days: int, marks: Sequence[tuple[int, str]], highest: float) -> Any:
    """Return the options of a chart of one life, with all protagonists in it.

    ``marks`` are days and what was done then; ``highest`` is the top of the scale, which charts
    side by side have in common.
    """
    series = [one for k, (name, own) in enumerate(curves.items()) for one in _pair(k, name, own)]
    if series:
        series[0]["markLine"] = _marks(marks)
    return {
        "animation": False,
        "grid": {"left": 56, "right": 18, "top": 40, "bottom": 44},
        "legend": {"top": 4, "data": list(curves), "textStyle": {"color": "#888", "fontSize": 13}},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {**_axis("day"), "max": days, "nameGap": 26},
        "yAxis": {**_axis("accounts"), "max": top(highest), "nameGap": 40},
        "series": series,
    }


def _axis(name: str) -> dict[str, Any]:
    return {
        "type": "value",
        "min": 0,
        "name": name,
        "nameLocation": "middle",
        "nameTextStyle": {"color": "#888", "fontSize": 13},
        "axisLabel": {"color": "#888", "fontSize": 13, "hideOverlap": True},
        "axisLine": {"show": True, "lineStyle": {"color": "#888"}},
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


def _marks(marks: Sequence[tuple[int, str]]) -> dict[str, Any]:
    return {
        "symbol": "none",
        "silent": True,
        "lineStyle": {"color": "#888", "type": "dashed"},
        "label": {"color": "#888", "fontSize": 12, "formatter": "{b}"},
        "data": [{"xAxis": day, "name": text} for day, text in marks],
    }


def top(value: float) -> float:
    """Return a round number that is at least this, and at least 10: 1, 2 or 5 times a power."""
    power = 10.0
    while True:
        for factor in (1, 2, 5):
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
        "legend": {"top": 4, "textStyle": {"color": "#888", "fontSize": 13}},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "confine": True},
        "xAxis": {**_axis("accounts"), "nameGap": 26},
        "yAxis": {
            "type": "category", "data": names, "inverse": True,
            "axisLabel": {"color": "#888", "fontSize": 14, "width": 150, "overflow": "break"},
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
    return {"show": True, "position": "right", "color": "#888", "fontSize": 13}


def in_words(curves: Curves, day: int) -> str:
    """Return what a chart shows, for those who cannot see it."""
    parts = [
        f"{name} has {own['followers'][-1]:,.0f} followers, of whom {own['engaged'][-1]:,.0f} are "
        f"engaged; it began with {own['followers'][0]:,.0f}"
        for name, own in curves.items()
        if own["followers"]
    ]
    return f"Followers over time. On day {day}: " + "; ".join(parts) + "." if parts else ""
