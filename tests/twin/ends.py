"""Comparison of what a run writes down about the followers of its protagonists."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sim.kernels.layout import Origin

from .compare import Comparison, Row
from .state import State

COLUMNS = ("account", "follower", "origin", "start", "end", "end_cause")
PROTAGONISTS = 3 << 62


def compare_ends(twin: State, model: Any, names: list[str]) -> None:
    """Compare the follows of protagonists at the end of a day; names are theirs in order."""
    tables = model.tables()
    comparison = Comparison(twin, model, "end")
    by_uid = {PROTAGONISTS | m: name for m, name in enumerate(names)}
    series = tables["series"]
    last = series[series["day"] == series["day"].max()]
    for measure, is_counted in (("followers", _any), ("reachable", _reachable)):
        found = Counter(_follows(twin, by_uid, is_counted))
        comparison.same_rows(measure, _counts(found), _values(last, measure))
    follows = tables["follows"]
    ended = follows[follows["end_cause"] != ""]
    theirs = zip(*(ended[column].tolist() for column in COLUMNS), strict=True)
    comparison.same_rows("follows", _ended(twin, by_uid), theirs)


def _any(*_: Any) -> bool:
    return True


def _reachable(follower: Any, tie: Any) -> bool:
    return not (follower.is_fake or tie.muted)


def _follows(twin: State, names: dict[int, str], is_counted: Any) -> Iterator[tuple[str, str]]:
    """Name and origin of each follow of a protagonist that counts, also under all origins."""
    for follower in twin.living():
        for tie in follower.ties[: follower.follows]:
            if tie.other in names and is_counted(follower, tie):
                yield names[tie.other], ""
                yield names[tie.other], Origin(tie.origin).name.lower()


def _counts(found: Counter[tuple[str, str]]) -> Iterator[Row]:
    return ((*key, float(count)) for key, count in found.items())


def _values(series: Any, measure: str) -> Iterator[Row]:
    rows = series[(series["measure"] == measure) & (series["value"] > 0)]
    return zip(*(rows[column].tolist() for column in ("account", "origin", "value")), strict=True)


def _ended(twin: State, names: dict[int, str]) -> Iterator[Row]:
    for other, uid, origin, start, end, cause in twin.ended:
        if other in names:
            days = (_day(twin, start), _day(twin, end))
            yield names[other], str(uid), origin.name.lower(), *days, cause.name.lower()


def _day(twin: State, hour: int) -> float:
    return (hour - 24 * twin.start_day) / 24
