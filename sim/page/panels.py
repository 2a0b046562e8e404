"""Panels of the page as HTML: monitors, feed, log. All text in them is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sim.page.words import KINDS, ROUTES, TOPICS, safe
from sim.plots.text import plural
from sim.views import Feed, Shown, called

__all__ = ["feed_panel", "log_panel", "monitors", "platform_panel"]

MOST_SHOWN: Final = 14  # posts of a feed
MOST_LINES: Final = 80  # of the log
STARS: Final = 5

_COLUMNS: Final = (
    "followers",
    "engaged",
    "engaged share",
    "warm connections",
    "value delivered",
    "sales",
    "unfollows",
    "minutes spent",
    "dollars spent",
    "now lives by",
)


def monitors(lives: Mapping[str, Mapping[str, Any]], caption: str) -> str:
    """Return the table of a life: a row for each protagonist.

    Where there is little room the style sheet shows a row as tiles, each with its ``data-label``;
    the roles keep it a table for those who hear it.
    """
    head = "".join(f"<th role=columnheader scope=col>{label}</th>" for label in _COLUMNS)
    rows = "".join(_row(name, one) for name, one in lives.items())
    return (
        f"<table class=monitors role=table><caption>{safe(caption)}</caption>"
        f"<thead role=rowgroup><tr role=row><td role=cell></td>{head}</tr></thead>"
        f"<tbody role=rowgroup>{rows}</tbody></table>"
    )


def _row(name: str, one: Mapping[str, Any]) -> str:
    values, means = one["measures"], one["means"]
    share = values["engaged"] / values["followers"] if values["followers"] else 0.0
    cells = [
        f"{one['count']:,}",
        f"{values['engaged']:,.0f}",
        f"{100 * share:.0f} %",
        f"{values['warm']:,.0f}",
        f"{values['value']:,.0f}",
        f"{values['sales']:,.0f}",
        f"{values['unfollows']:,.0f}",
        f"{values['minutes']:,.0f}",
        f"${values['dollars']:,.2f}",
        safe(means["strategy"].replace("_", " ")),
    ]
    told = "".join(
        f"<td role=cell data-label='{label}'>{cell}</td>"
        for label, cell in zip(_COLUMNS, cells, strict=True)
    )
    return f"<tr role=row><th role=rowheader scope=row>{safe(name)}</th>{told}</tr>"


def platform_panel(values: Mapping[str, float]) -> str:
    """Return what the platform looks like, in a line."""
    parts = [
        f"<b>{values['accounts']:,.0f}</b> people",
        f"<b>{values['fakes']:,.0f}</b> fakes",
        f"<b>{100 * values.get('pollution', 0):.1f} %</b> of what is read are begs and promotion",
        f"<b>{values['value_lost']:,.0f}</b> value lost to begs",
    ]
    return " · ".join(parts)


def feed_panel(feed: Feed, name: str) -> str:
    """Return what a follower was shown: its posts, and those that begs crowded out."""
    if feed.viewer < 0:
        said = f"No follower of {safe(name)} has looked into the feed just now."
        return f"<p class=soft>{said}</p>"
    shown = [post for post in feed.posts if not post.displaced]
    lost = [post for post in feed.posts if post.displaced]
    who = f"{called(feed.viewer).capitalize()}, who follows {safe(name)}"
    said = f"{who}, was just shown {len(shown)} posts"
    said += f"; begs crowded out {len(lost)}." if lost else "."
    items = "".join(_post(post, name) for post in [*_first(shown, name), *lost[:MOST_SHOWN]])
    return f"<p>{said}</p><ol class=feed>{items}</ol>"


def _first(posts: Sequence[Shown], name: str) -> list[Shown]:
    """Return as many posts as are shown; those of the account come first, and begs."""
    ordered = sorted(posts, key=lambda post: (post.author != name, post.kind != "beg"))
    return ordered[:MOST_SHOWN]


def _post(post: Shown, name: str) -> str:
    stars = round(STARS * post.quality)
    words = KINDS[post.kind].format(topic=TOPICS[post.topic])
    marks = [
        f"<span class=stars aria-label='quality {stars} of {STARS}'>{'★' * stars}"
        f"{'☆' * (STARS - stars)}</span>",
        plural(post.likes, "like"),
        safe(ROUTES[post.route]),
    ]
    kinds = [post.kind, "own" if post.author == name else "", "lost" if post.displaced else ""]
    lost = "<b>crowded out by begs:</b> " if post.displaced else ""
    again = "reshared: " if post.reshared else ""
    return (
        f"<li class='{' '.join(kinds)}'>{lost}<b>{safe(post.author)}</b> {again}{words}"
        f"<br><small>{' · '.join(marks)}</small></li>"
    )


def log_panel(lines: Iterable[tuple[float, str, bool]]) -> str:
    """Return the log, the latest first: day, text, and whether it was done on the page."""
    latest = sorted(lines, key=lambda line: line[0])[-MOST_LINES:][::-1]
    items = "".join(
        f"<li class='{'own' if own else ''}'><b>Day {int(day)}</b> {safe(text)}</li>"
        for day, text, own in latest
    )
    return f"<ul class=log>{items}</ul>" if items else "<p class=soft>Nothing yet.</p>"
