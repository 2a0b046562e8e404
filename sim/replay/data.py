"""What a replay shows, as plain lists and dicts: curves, followers as dots, and a log in words."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pandas as pd

from sim.experiments.analysis import good_runs
from sim.metrics import MEASURES
from sim.plots import style
from sim.plots.marks import event_days
from sim.plots.text import ORIGINS, capital, source_line
from sim.replay import words
from sim.results import Results, ResultsError

__all__ = ["MOST_DOTS", "MOST_WORLDS", "recording"]

MOST_WORLDS: Final = 5
"""Worlds (replicates) in a file: the first ones, so that it stays small enough to be mailed."""
MOST_DOTS: Final = 800
"""Dots of a life; if it has more followers, each dot stands for several."""

OF_LIFE: Final = (
    "followers", "engaged", "reachable", "engagement_rate", "warm", "value", "sales", "minutes",
    "dollars", "unfollows", "mutes",
)  # fmt: skip
OF_PLATFORM: Final = ("fakes", "pollution", "accounts")
MARKS: Final = ("milestone", "purchase")
FEW: Final = 5  # followers lost in a day below which the log is silent
SHARE: Final = 0.02  # of all the followers, likewise

Table = dict[str, Any]


def recording(results: Results) -> Table:
    """Return what the page shows, ready for JSON.

    ``days`` (n,) are the recorded days; each world has its lives, each life ``curves`` (measure ->
    n values), ``dots``, ``log`` and ``marks``. Raises ResultsError if no run has a series.
    """
    runs = good_runs(results)
    series = results.series[(results.series["origin"] == "") & (results.series["day"] >= 0)]
    if runs.empty or series.empty:
        raise ResultsError(f"{results.folder}: no finished run with a series to replay")
    days = np.sort(series["day"].unique())
    worlds = sorted(runs["replicate"].unique())
    return {
        "title": results.title,
        "question": results.question,
        "source": source_line(results),
        "command": str(results.manifest.get("command", "")),
        "days": _plain(days),
        "measures": _measures(OF_LIFE),
        "platform": _measures(OF_PLATFORM),
        "origins": [[name, style.ORIGIN_COLOURS[key]] for key, name in ORIGINS.items()],
        "worlds": [_world(results, series, days, int(r)) for r in worlds[:MOST_WORLDS]],
        "left_out": max(0, len(worlds) - MOST_WORLDS),
    }


def _measures(names: tuple[str, ...]) -> list[Table]:
    about = ((name, MEASURES[name]) for name in names)
    return [
        {"key": key, "label": m.label, "unit": m.unit, "definition": m.definition}
        for key, m in about
    ]


def _world(results: Results, series: pd.DataFrame, days: Any, replicate: int) -> Table:
    """Return one replicate: the runs of its arms, side by side."""
    runs = good_runs(results)
    runs = runs[runs["replicate"] == replicate].set_index("arm")
    arms = [arm for arm in results.arms if arm in runs.index]
    lives: list[Table] = []
    for arm in arms:
        run = _Run(results, series, str(runs.loc[arm, "run_id"]), days)
        lives += [run.life(arm, account, len(arms)) for account in results.accounts]
    for number, life in enumerate(lives):
        life["colour"] = style.LIVES[number % len(style.LIVES)]
    return {"seed": int(runs["seed"].iloc[0]), "lives": lives}


class _Run:
    """The tables of one run."""

    def __init__(self, results: Results, series: pd.DataFrame, run_id: str, days: Any) -> None:
        self.results, self.days = results, days
        self.series = series[series["run_id"] == run_id]
        self.follows = results.follows[results.follows["run_id"] == run_id]
        events = results.events[results.events["run_id"] == run_id]
        when = event_days(results, events).clip(lower=0) if len(events) else []
        self.events = events.assign(day=when)

    def life(self, arm: str, account: str, arms: int) -> Table:
        """Return what a protagonist lived through in this run."""
        own = self.events[self.events["account"] == account]
        return {
            "name": self._name(arm, account, arms),
            "curves": self._curves(account, OF_LIFE),
            "platform": self._curves("", OF_PLATFORM),
            "dots": _dots(self.follows[self.follows["account"] == account]),
            "log": sorted([*self._told(own), *self._losses(account), *self._common()]),
            "marks": [
                [float(e.day), e.event] for e in own.itertuples() if e.event in MARKS
            ] + [[day, "sweep"] for day in self._sweeps()["day"].tolist()],
        }  # fmt: skip

    def _name(self, arm: str, account: str, arms: int) -> str:
        named = capital(self.results.arms[arm])
        if len(self.results.accounts) == 1:
            return named
        own = capital(account.replace("_", " "))
        return own if arms == 1 else f"{named}: {own}"

    def _curves(self, account: str, names: tuple[str, ...]) -> dict[str, list[Any]]:
        rows = self.series[self.series["account"] == account]
        wide = rows.pivot_table(index="day", columns="measure", values="value", aggfunc="last")
        wide = wide.reindex(index=self.days, columns=list(names)).ffill().fillna(0)
        return {name: _plain(wide[name].to_numpy()) for name in names}

    def _sweeps(self) -> pd.DataFrame:
        return self.events[self.events["event"] == "sweep"]

    def _common(self) -> Iterator[tuple[float, str]]:
        """What happened to all: sweeps and new rules."""
        for event in self.events[self.events["account"] == ""].itertuples():
            yield float(event.day), words.told(event.event, amount=event.amount, cause=event.cause)

    def _told(self, own: pd.DataFrame) -> Iterator[tuple[float, str]]:
        """What a protagonist did, a line for each kind and day; refusals are told only once."""
        refused = own[own["event"] == "refused"].drop_duplicates("cause")
        rest = own[own["event"] != "refused"].assign(day=own["day"] // 1)
        keys = ["day", "event", "other", "cause"]
        rest.loc[rest["event"] == "sale", "other"] = ""
        summed = rest.groupby(keys, as_index=False)["amount"].sum()
        for row in [*summed.itertuples(), *refused.itertuples()]:
            said = words.told(row.event, row.other, row.amount, row.cause)
            again = " (told only this first time)" if row.event == "refused" else ""
            yield float(row.day), said + again

    def _losses(self, account: str) -> Iterator[tuple[float, str]]:
        """Days on which many followers were lost at once."""
        follows = self.follows[self.follows["account"] == account]
        ended = follows[follows["end"].notna()]
        ended = ended.assign(day=ended["end"] // 1)
        least = max(FEW, SHARE * len(follows))
        for (day, cause), rows in ended.groupby(["day", "end_cause"]):
            if len(rows) >= least:
                yield float(day), words.lost(cause, len(rows))


def _dots(follows: pd.DataFrame) -> Table:
    """Return a life's followers, or every k-th of them, in the order in which they came."""
    follows = follows.sort_values(["start", "follower"], kind="stable")
    each = max(1, -(-len(follows) // MOST_DOTS))
    shown = follows.iloc[each // 2 :: each]
    numbers = {origin: number for number, origin in enumerate(ORIGINS)}
    return {
        "each": each,
        "start": _plain(shown["start"].to_numpy()),
        "end": [None if np.isnan(day) else round(day, 2) for day in shown["end"]],
        "origin": [numbers[origin] for origin in shown["origin"]],
        "reacts": shown["last_engagement"].notna().astype(int).tolist(),
    }


def _plain(values: Any) -> list[Any]:
    """Numbers as short as JSON can have them."""
    rounded = np.round(np.asarray(values, float), 4).tolist()
    return [int(value) if value == int(value) else value for value in rounded]
