"""What results say about the lives in them: values, paired differences, the table of lives.

Intervals are those of ``sim.experiments.intervals``: over replicates, and paired by replicate.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sim.experiments.intervals import (
    Interval,
    half_width,
    interval,
    paired_interval,
    ratio_interval,
    variance_gained,
)
from sim.metrics import MEASURES

if TYPE_CHECKING:
    from sim.results import Results

__all__ = [
    "PER_ENGAGED",
    "PLATFORM",
    "SUMMARY",
    "band",
    "by_day",
    "final",
    "good_runs",
    "labels",
    "life_table",
    "lives",
    "lives_are_accounts",
    "mean_over_days",
    "paired",
    "paired_ratio",
    "per_engaged",
    "reference_life",
    "summary_table",
]

PLATFORM: Final = frozenset(name for name, about in MEASURES.items() if about.of_platform)
"""Measures of the platform as a whole; they have no account."""

PER_ENGAGED: Final = {"minutes_per_engaged": "minutes", "dollars_per_engaged": "dollars"}
"""Costs per engaged follower, and the cumulative measure that is divided by ``engaged``."""

SUMMARY: Final = (
    "followers",
    "reachable",
    "engaged",
    "engagement_rate",
    "warm",
    "value",
    "sales",
    "unfollows",
    "mutes",
    *PER_ENGAGED,
)
"""Measures of the table of lives, in order."""


# --- Which lives there are -------------------------------------------------------------------


def lives_are_accounts(results: Results) -> bool:
    """Whether the lives are rivals in one world (one arm, several protagonists)."""
    return len(results.arms) == 1 and len(results.accounts) > 1


def labels(results: Results) -> dict[str, str]:
    """Key and label of each life, in the order of the scenario."""
    if lives_are_accounts(results):
        return {name: name.replace("_", " ") for name in results.accounts}
    return dict(results.arms)


def reference_life(results: Results) -> str:
    """The life that the others are compared with: the reference arm, or the first rival."""
    keys = labels(results)
    return results.reference if results.reference in keys else next(iter(keys))


def good_runs(results: Results) -> pd.DataFrame:
    """The runs that did not fail."""
    return results.runs[results.runs["status"] == "ok"]


def lives(results: Results) -> pd.DataFrame:
    """The lives in each run: columns run_id, replicate, account, life, label.

    A life is an arm, and then all protagonists of the run live it; or, where one world holds
    several rivals, it is a protagonist.
    """
    runs = good_runs(results)[["run_id", "arm", "replicate"]]
    accounts = pd.DataFrame({"account": list(results.accounts)})
    table = runs.merge(accounts, how="cross")
    key = "account" if lives_are_accounts(results) else "arm"
    table["life"] = table[key].astype(str)
    table["label"] = table["life"].map(labels(results))
    return table[["run_id", "replicate", "account", "life", "label"]]


def life_table(results: Results, rows: pd.DataFrame, *, platform: bool = False) -> pd.DataFrame:
    """Join ``rows`` (with run_id and, unless ``platform``, account) to the lives they belong to."""
    table = lives(results)
    if platform:
        table = table.drop(columns="account").drop_duplicates()
        return table.merge(rows.drop(columns="account", errors="ignore"), on="run_id")
    return table.merge(rows, on=["run_id", "account"])


# --- Values of a measure ---------------------------------------------------------------------


def final(results: Results, measure: str) -> pd.DataFrame:
    """The last recorded value of a measure: one row a replicate, one column a life.

    With several protagonists in an arm it is their mean. Costs per engaged follower are
    infinite where something was spent and nobody is engaged, and NaN where nothing was spent.
    """
    if measure in PER_ENGAGED:
        return per_engaged(final(results, PER_ENGAGED[measure]), final(results, "engaged"))
    rows = _series(results, measure)
    last = rows.loc[rows.groupby(["run_id", "account"])["tick"].idxmax()]
    return _wide(results, measure, last)


def mean_over_days(results: Results, measure: str) -> pd.DataFrame:
    """The mean of a measure over the recorded days of the experiment, shaped as in ``final``."""
    rows = _series(results, measure)
    means = rows.groupby(["run_id", "account"], as_index=False)["value"].mean()
    return _wide(results, measure, means)


def by_day(results: Results, measure: str) -> pd.DataFrame:
    """A measure over time: columns life, replicate, day, value (mean over protagonists)."""
    rows = _series(results, measure)
    table = life_table(results, rows, platform=measure in PLATFORM)
    keys = ["life", "replicate", "day"]
    return table.groupby(keys, as_index=False, sort=True)["value"].mean()


def band(results: Results, measure: str) -> pd.DataFrame:
    """Mean and interval over replicates for each day: columns life, day, mean, low, high."""
    groups = by_day(results, measure).groupby(["life", "day"])["value"]
    table = groups.agg(["mean", "std", "count"]).reset_index()
    half = half_width(table["std"].to_numpy(float), table["count"].to_numpy(float))
    table["low"], table["high"] = table["mean"] - half, table["mean"] + half
    return table[["life", "day", "mean", "low", "high"]]


def _series(results: Results, measure: str) -> pd.DataFrame:
    series = results.series
    chosen = (series["measure"] == measure) & (series["origin"] == "") & (series["day"] >= 0)
    return series[chosen]


def _wide(results: Results, measure: str, rows: pd.DataFrame) -> pd.DataFrame:
    table = life_table(results, rows, platform=measure in PLATFORM)
    wide = table.pivot_table(
        index="replicate", columns="life", values="value", aggfunc="mean", observed=True
    )
    every = sorted(good_runs(results)["replicate"].unique())
    return wide.reindex(index=every, columns=list(labels(results))).astype(float)


def per_engaged(cost: pd.DataFrame, engaged: pd.DataFrame) -> pd.DataFrame:
    """Return a cost per engaged follower: infinite where it bought nobody, NaN where it was 0."""
    ratio = cost / engaged.where(engaged > 0)
    return ratio.mask((engaged <= 0) & (cost > 0), np.inf)


# --- Differences to the reference ------------------------------------------------------------


def paired(results: Results, measure: str, life: str, reference: str | None = None) -> Interval:
    """Final difference of a life to the reference, paired by replicate."""
    table = final(results, measure)
    return paired_interval(table[life], table[reference or reference_life(results)])


def paired_ratio(
    results: Results, measure: str, life: str, reference: str | None = None
) -> Interval:
    """Final ratio of a life to the reference, as in ``ratio_interval``."""
    table = final(results, measure)
    return ratio_interval(table[life], table[reference or reference_life(results)])


# --- The table of lives ----------------------------------------------------------------------


def summary_table(results: Results, measures: Iterable[str] = SUMMARY) -> pd.DataFrame:
    """One row a life and measure, in order.

    Columns: life, label, measure, mean, low, high, replicates, difference, difference_low,
    difference_high (to the reference, paired by replicate) and variance_gained. The four last
    are NaN for the reference itself.
    """
    names, reference = labels(results), reference_life(results)
    tables = {measure: final(results, measure) for measure in measures}
    rows = [
        _summary_row(table, measure, life, reference) | {"label": label}
        for life, label in names.items()
        for measure, table in tables.items()
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


_COLUMNS: Final = (
    "life",
    "label",
    "measure",
    "mean",
    "low",
    "high",
    "replicates",
    "difference",
    "difference_low",
    "difference_high",
    "variance_gained",
)


def _summary_row(
    table: pd.DataFrame, measure: str, life: str, reference: str
) -> dict[str, str | float | int]:
    own = interval(table[life])
    to_other = life != reference
    gap = paired_interval(table[life], table[reference]) if to_other else interval([])
    gained = variance_gained(table[life], table[reference]) if to_other else float("nan")
    return {
        "life": life,
        "measure": measure,
        "mean": own.mean,
        "low": own.low,
        "high": own.high,
        "replicates": own.n,
        "difference": gap.mean,
        "difference_low": gap.low,
        "difference_high": gap.high,
        "variance_gained": gained,
    }
