"""Made-up results for the tests of figures and report: drawn at random, shaped like real ones.

Nothing here comes from the model. The tables have the columns of real results, and the follows,
the series and the events of a run agree with each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sim.results import Results

BURN_IN = 10
ACCOUNT = "(its own)"
TICKS_A_DAY = 4

ARMS = {
    "organic": "being interesting",
    "beg": "begging at milestones",
    "follow": "follow for follow",
    "bought": "5,000 bought for $5",
    "reformed": "bought, then reformed",
    "boosted": "reach of begs, no asking",
    "nothing": "doing nothing",
}

# Mean follows gained in a run, by origin, for each made-up life.
GAINS: dict[str, dict[str, float]] = {
    "organic": {"content": 150, "reshare": 60, "recommendation": 80},
    "beg": {"content": 140, "reshare": 55, "recommendation": 70, "begging": 90},
    "follow": {"content": 60, "recommendation": 30, "follow_back": 800, "follow_for_follow": 60},
    "bought": {"content": 155, "reshare": 50, "recommendation": 85, "bought": 5000},
    "reformed": {"content": 130, "reshare": 50, "recommendation": 60, "bought": 5000},
    "boosted": {"content": 230, "help": 40, "reshare": 60, "recommendation": 80},
    "nothing": {"recommendation": 4},
}
ENGAGED = {
    "initial": 0.35,
    "content": 0.4,
    "help": 0.5,
    "reshare": 0.33,
    "recommendation": 0.3,
    "begging": 0.15,
    "follow_back": 0.08,
    "follow_for_follow": 0.1,
    "bought": 0.0,
}
CAUSES = ["low_value", "repetition", "self_talk", "promotion", "begging", "strategy"]


def made_up(
    arms: dict[str, str] | None = None,
    accounts: tuple[str, ...] = ("newcomer",),
    *,
    replicates: int = 5,
    days: int = 365,
    sales: bool = True,
    follows: bool = True,
    seed: int = 7,
) -> Results:
    """Results of a scenario that never ran; rivals in one world if it has several accounts."""
    arms = ARMS if arms is None else arms
    rng = np.random.default_rng(seed)
    parts: dict[str, list[pd.DataFrame]] = {"series": [], "events": [], "follows": []}
    runs = []
    for arm in arms:
        for replicate in range(replicates):
            run_id = f"{arm}-{replicate}"
            runs.append(_run_row(run_id, arm, replicate))
            for account in accounts:
                life = account if len(accounts) > 1 else arm
                for key, table in _life(rng, life, days, sales).items():
                    table.insert(0, "run_id", run_id)
                    if "account" not in table:
                        table.insert(1, "account", ACCOUNT)
                    table["account"] = table["account"].replace(ACCOUNT, account)
                    parts[key].append(table)
            platform = _platform(rng, arm, days)
            platform.insert(0, "run_id", run_id)
            parts["series"].append(platform)
    tables = {key: pd.concat(some, ignore_index=True) for key, some in parts.items()}
    if not follows:
        tables["follows"] = tables["follows"].iloc[:0]
    return Results(
        folder=Path("results"),
        manifest=manifest(arms, accounts, replicates, days),
        runs=pd.DataFrame(runs),
        **tables,
    )


def manifest(
    arms: dict[str, str], accounts: tuple[str, ...], replicates: int, days: int
) -> dict[str, Any]:
    """What a run command would have written beside such results."""
    return {
        "format": 1,
        "command": "followlab run five_lives --seed 1",
        "model_version": "0.1.0+3fa2b1c4",
        "scenario": {
            "name": "five_lives",
            "title": "One account, five lives",
            "question": "What becomes of an account that begs, buys, or is interesting?",
            "reference": next(iter(arms)),
            "settings": {"world": {"accounts": 5_000, "topics": 8}, "behaviour": {}},
            "text": 'schema = 1\n\n[world]\naccounts = 5_000  # <small> & "quick"\n',
        },
        "arms": dict(arms),
        "protagonists": list(accounts),
        "runs": [f"{arm}-{replicate}" for arm in arms for replicate in range(replicates)],
        "versions": {"python": "3.11.7", "numpy": "2.4.6"},
        "replicates": replicates,
        "accounts": 5_000,
        "days": days,
        "seed": 1,
    }


def _run_row(run_id: str, arm: str, replicate: int) -> dict[str, Any]:
    return {
        "run_id": run_id, "point": 0, "arm": arm, "replicate": replicate, "seed": 1 + replicate,
        "status": "ok", "error": "", "state_hash": f"{replicate:016x}",
        "model_version": "0.1.0", "wall_s": 1.0,
    }  # fmt: skip


def _life(rng: np.random.Generator, life: str, days: int, sales: bool) -> dict[str, pd.DataFrame]:
    follows = _follows(rng, GAINS.get(life, GAINS["organic"]), days)
    return {
        "follows": follows,
        "series": _series(rng, life, follows, days, sales),
        "events": _events(life, follows, days),
    }


def _follows(rng: np.random.Generator, gains: dict[str, float], days: int) -> pd.DataFrame:
    talent = rng.normal(1, 0.12)
    tables = [_initial(rng, days)]
    for origin, mean in gains.items():
        count = int(rng.poisson(mean * max(0.2, talent) if origin != "bought" else mean))
        tables.append(_follows_of(rng, origin, count, days))
    table = pd.concat(tables, ignore_index=True)
    table["follower"] = np.arange(len(table))
    return table


def _initial(rng: np.random.Generator, days: int) -> pd.DataFrame:
    table = _follows_of(rng, "initial", 30, days)
    return table.assign(start=0.0, end=table["end"].where(rng.random(30) < 0.5))


def _follows_of(rng: np.random.Generator, origin: str, count: int, days: int) -> pd.DataFrame:
    start = rng.uniform(0, days, count)
    causes = np.array(rng.choice(CAUSES, count, p=[0.4, 0.3, 0.1, 0.05, 0.05, 0.1]), dtype=object)
    end = start + rng.exponential(900, count)
    if origin == "bought":
        start = rng.uniform(1, 3, count)
        swept = rng.random(count) < 0.7
        causes = np.where(swept, "sweep", "decay").astype(object)
        end = np.where(swept, min(200.0, days / 2), start + rng.exponential(2000, count))
    alive = end > days
    engaged = (rng.random(count) < ENGAGED[origin]).astype(float)
    engaged[start > days - 56] = np.nan
    last = np.where(engaged == 1, np.minimum(end, days) - rng.uniform(0, 40, count), np.nan)
    return pd.DataFrame(
        {
            "origin": origin,
            "start": start,
            "end": np.where(alive, np.nan, end),
            "end_cause": np.where(alive, "", causes),
            "last_engagement": last,
            "warmth": rng.random(count) * np.nan_to_num(engaged),
            "engaged_28_56": engaged,
            "seen_28_56": np.where(np.isnan(engaged), np.nan, rng.poisson(3, count)),
        }
    )


def _series(
    rng: np.random.Generator, life: str, follows: pd.DataFrame, days: int, sales: bool
) -> pd.DataFrame:
    day = np.arange(days + 1, dtype=float)
    start = np.sort(follows["start"].to_numpy())
    end = np.sort(follows["end"].dropna().to_numpy())
    followers = np.searchsorted(start, day, "right") - np.searchsorted(end, day, "right")
    real = follows[follows["origin"] != "bought"]
    real_count = np.searchsorted(np.sort(real["start"]), day, "right") - np.searchsorted(
        np.sort(real["end"].dropna()), day, "right"
    )
    share = float(np.nan_to_num(real["engaged_28_56"].mean(), nan=0.3)) * 0.7
    engaged = np.round(real_count * share * (1 + 0.05 * rng.normal(size=days + 1)))
    idle = life == "nothing"
    engaged = engaged * (0 if idle else 1)
    lost = np.searchsorted(end, day, "right")
    columns = {
        "followers": followers,
        "following": np.full(days + 1, 50.0),
        "reachable": np.round(real_count * 0.95),
        "engaged": engaged,
        "engagement_rate": engaged / np.maximum(1, followers),
        "reach": real_count * 12.0,
        "warm": np.round(engaged * 0.3),
        "value": np.cumsum(real_count * 0.4),
        "sales": np.cumsum(rng.poisson(engaged * 0.0002)) * (1.0 if sales else 0.0),
        "minutes": day * (0.0 if idle else 45.0),
        "dollars": np.where(day > 2, 5.0 if life in {"bought", "reformed"} else 0.0, 0.0),
        "unfollows": lost,
        "mutes": np.round(0.6 * np.searchsorted(np.sort(real["end"].dropna()), day, "right")),
        "score": np.log2(1 + followers),
    }
    return _long(columns, day)


def _platform(rng: np.random.Generator, arm: str, days: int) -> pd.DataFrame:
    day = np.arange(days + 1, dtype=float)
    extra = {"beg": 8e-5, "boosted": 1e-5}.get(arm, 0.0)
    columns = {
        "pollution": 2e-4 + extra + 1e-5 * rng.random(days + 1),
        "value_lost": np.cumsum(3 + extra * 5e4 * rng.random(days + 1)),
        "value_per_impression": np.full(days + 1, 0.1),
        "reciprocity": np.full(days + 1, 0.2),
        "gini": np.full(days + 1, 0.7),
        "net_zero": np.full(days + 1, 3.0),
    }
    return _long(columns, day).assign(account="")


def _long(columns: dict[str, Any], day: np.ndarray) -> pd.DataFrame:
    tick = ((day + BURN_IN) * TICKS_A_DAY).astype(np.int64)
    tables = [
        pd.DataFrame(
            {"tick": tick, "day": day, "measure": name, "origin": "", "value": np.asarray(v, float)}
        )
        for name, v in columns.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _events(life: str, follows: pd.DataFrame, days: int) -> pd.DataFrame:
    """Milestones of those who mark them, a purchase, and a sweep of the platform (account "")."""
    rows: list[tuple[float, str, str, str, float]] = []
    start = np.sort(follows["start"].to_numpy())
    for mark in (50, 100, 200, 500, 1000) if life in {"beg", "boosted"} else ():
        if len(start) > mark:
            rows.append((start[mark], ACCOUNT, "milestone", "", mark + 1.0))
    if life in {"bought", "reformed"}:
        rows.append((0.0, ACCOUNT, "purchase", "default", 5000.0))
        rows += [(d, ACCOUNT, "delivery", "", 2500.0) for d in (1.0, 2.0)]
    rows.append((min(200.0, days / 2), "", "sweep", "", 3500.0))
    table = pd.DataFrame(rows, columns=["day", "account", "event", "other", "amount"])
    table.insert(0, "tick", ((table.pop("day") + BURN_IN) * TICKS_A_DAY).astype(np.int64))
    return table.assign(cause="")
