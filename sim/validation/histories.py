"""Growth histories: how follower counts move, in the simulation and in archives.

A history is one account's follower counts by day, with gaps. What is compared is free of its
size and of its mean growth, because the archives hold famous accounts.
"""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["STATISTICS", "History", "HistoryError", "Statistic", "of_table", "read", "statistics"]

_DAILY: Final = (1, 1)  # days between two counts
_MONTHLY: Final = (20, 45)
_MONTH: Final = 30
_LEAST: Final = {_DAILY: 20, _MONTHLY: 5}  # steps that a history must have


class HistoryError(ValueError):
    """A file of histories that cannot be used; the message says where and what to do."""


@dataclass(frozen=True)
class History:
    """Follower counts of one account; days rise."""

    days: NDArray[np.int64]
    followers: NDArray[np.float64]


@dataclass(frozen=True)
class Statistic:
    """A number by which histories are compared."""

    key: str
    label: str
    measure: Callable[[History], float]


def read(path: Path) -> dict[str, History]:
    """Return the histories of a file ``account,date,followers`` (date as 2015-09-19), by account.

    Raises:
        HistoryError: another header, or a row that cannot be read.
    """
    counts: dict[str, dict[int, float]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if not {"account", "date", "followers"} <= set(rows.fieldnames or ()):
            raise HistoryError(f"{path}: the first row must be account,date,followers")
        for row in rows:
            try:
                day = date.fromisoformat(row["date"]).toordinal()
                counts[row["account"]][day] = float(row["followers"])
            except (TypeError, ValueError) as error:
                raise HistoryError(f"{path}:{rows.line_num}: {error}") from error
    return {name: _history(sorted(known.items())) for name, known in counts.items()}


def _history(known: list[tuple[int, float]]) -> History:
    days, followers = zip(*known, strict=True)
    return History(np.array(days, np.int64), np.array(followers, float))


def of_table(followers: NDArray[np.int64]) -> list[History]:
    """Return the histories of (days, accounts), one a column that never falls to 0."""
    days = np.arange(len(followers))
    return [History(days, column.astype(float)) for column in followers.T if (column > 0).all()]


def _steps(history: History, gap: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the growth (log, by the day) of each step, and whether the next one follows on it.

    Of a history with a count each day, monthly steps are taken every thirty days.
    """
    if gap == _MONTHLY and len(history.days) > 1 and (np.diff(history.days) == 1).mean() > 0.9:
        history = History(history.days[::_MONTH], history.followers[::_MONTH])
    length = np.diff(history.days)
    fits = (length >= gap[0]) & (length <= gap[1]) & (history.followers[:-1] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.diff(np.log(history.followers)) / length
    fits &= np.isfinite(growth)
    follows_on = np.append(fits[1:], False)[fits]
    return growth[fits], follows_on


def _losing(history: History) -> float:
    """Share of daily steps with a loss."""
    growth, _ = _steps(history, _DAILY)
    return float((growth < 0).mean()) if len(growth) >= _LEAST[_DAILY] else float("nan")


def _bursts(gap: tuple[int, int]) -> Callable[[History], float]:
    def measure(history: History) -> float:
        """Share of all movement that falls into the tenth of the steps that move most."""
        growth = np.sort(np.abs(_steps(history, gap)[0]))[::-1]
        if len(growth) < _LEAST[gap] or growth.sum() == 0:
            return float("nan")
        return float(growth[: max(1, round(len(growth) / 10))].sum() / growth.sum())

    return measure


def _memory(gap: tuple[int, int]) -> Callable[[History], float]:
    def measure(history: History) -> float:
        """Correlation of the growth of a step with that of the next."""
        growth, follows_on = _steps(history, gap)
        first = np.flatnonzero(follows_on)
        if len(first) < _LEAST[gap] - 1:
            return float("nan")
        one, two = growth[first], growth[first + 1]
        return float(np.corrcoef(one, two)[0, 1]) if one.std() > 0 and two.std() > 0 else np.nan

    return measure


STATISTICS: Final = (
    Statistic("losing", "days with a loss", _losing),
    Statistic("daily_bursts", "bursts: movement in the top tenth of days", _bursts(_DAILY)),
    Statistic("daily_memory", "correlation of a day's growth with the next", _memory(_DAILY)),
    Statistic("monthly_bursts", "bursts: movement in the top tenth of months", _bursts(_MONTHLY)),
    Statistic("monthly_memory", "correlation of a month's growth with the next",
              _memory(_MONTHLY)),
)  # fmt: skip


def statistics(histories: Iterable[History]) -> Mapping[str, list[float]]:
    """Return every statistic of every history that is long enough for it, by key."""
    every = list(histories)
    found = {s.key: [s.measure(history) for history in every] for s in STATISTICS}
    return {key: [v for v in values if np.isfinite(v)] for key, values in found.items()}
