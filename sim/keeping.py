"""What is kept of a run: the rows and tables that the record section asks for."""

from typing import TYPE_CHECKING

from sim.conditions import NAMES, condition
from sim.settings import Record

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["kept"]


def kept(tables: "dict[str, pd.DataFrame]", record: Record) -> "dict[str, pd.DataFrame]":
    """Return the tables of a run without what the record does not ask for."""
    series = tables["series"]
    if record.when:
        series = series[series["tick"].isin(_ticks(series, record.when))]
    if record.measures:
        series = series[series["measure"].isin(record.measures)]
    return {
        "series": series,
        "events": tables["events"] if record.events else tables["events"].iloc[:0],
        "follows": tables["follows"] if record.follows else tables["follows"].iloc[:0],
    }


def _ticks(series: "pd.DataFrame", when: str) -> set[int]:
    """Return the recorded ticks at which a condition holds, and the first and the last."""
    chosen = series[(series["origin"] == "") & series["measure"].isin(NAMES)]
    means = chosen.groupby(["tick", "measure"])["value"].mean().unstack()
    days = series.groupby("tick")["day"].first()
    asked = condition(when)
    found = {
        tick
        for tick, row in zip(means.index, means.to_dict("records"), strict=True)
        if asked.holds({"day": days[tick], **row})
    }
    return found | {int(series["tick"].min()), int(series["tick"].max())}
