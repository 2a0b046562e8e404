"""What happened when: milestones, purchases and sweeps of each life, over replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from sim.experiments.analysis import good_runs, life_table
from sim.plots.text import number

if TYPE_CHECKING:
    from sim.results import Results

__all__ = ["Mark", "event_days", "marks"]

SHOWN: Final = ("milestone", "purchase", "sweep")
MOST: Final = 12
"""Marks of a kind that a panel can hold."""


class Mark(NamedTuple):
    """An event of a life at its median day (of the experiment), with words where they help."""

    life: str
    kind: str
    day: float
    text: str


def marks(results: Results) -> list[Mark]:
    """The events to show: those that happened in at least half of a life's replicates.

    Events of a kind are told apart by their order within a run: the first purchase of all
    replicates is one mark, at its median day.
    """
    events = _of_lives(results)
    if events.empty:
        return []
    events = events.sort_values(["life", "event", "replicate", "day"], kind="stable")
    events["turn"] = events.groupby(["life", "event", "replicate"]).cumcount()
    groups = events.groupby(["life", "event", "turn"], sort=True)
    table = groups.agg(
        day=("day", "median"), amount=("amount", "median"), runs=("replicate", "nunique")
    ).reset_index()
    half = good_runs(results)["replicate"].nunique() / 2
    return _thinned(table[table["runs"] >= half])


def event_days(results: Results, events: pd.DataFrame) -> pd.Series:
    """Day of the experiment of each event, from the ticks and days of the series."""
    known = results.series[["tick", "day"]].drop_duplicates().sort_values("tick")
    first, last = known.iloc[0], known.iloc[-1]
    ticks = float(last["tick"] - first["tick"])
    pace = (last["day"] - first["day"]) / ticks if ticks else 0.25
    return first["day"] + (events["tick"] - first["tick"]) * pace


def _of_lives(results: Results) -> pd.DataFrame:
    events = results.events[results.events["event"].isin(SHOWN)]
    if events.empty or results.series.empty:
        return events.iloc[:0]
    events = events.assign(day=event_days(results, events).clip(lower=0))
    events = events[["run_id", "account", "event", "day", "amount"]]
    everyone = events["account"] == ""
    own = life_table(results, events[~everyone])
    common = life_table(results, events[everyone], platform=True)
    table = pd.concat([own, common], ignore_index=True)
    return table.drop_duplicates(["life", "replicate", "event", "day"])


def _thinned(table: pd.DataFrame) -> list[Mark]:
    found = []
    for (life, kind), rows in table.groupby(["life", "event"], sort=True):
        step = -(-len(rows) // MOST)
        for i, row in enumerate(rows.itertuples()):
            if i % step == 0:
                text = _text(str(kind), rows, i)
                found.append(Mark(str(life), str(kind), float(str(row.day)), text))
    return found


def _text(kind: str, rows: pd.DataFrame, place: int) -> str:
    """What a mark says: a milestone the count; of other events the first one speaks for all."""
    if kind == "milestone":
        return number(float(f"{rows['amount'].iloc[place]:.2g}"))
    if place > 0:
        return ""
    return f"buys {number(round(float(rows['amount'].sum())))}" if kind == "purchase" else kind
