"""Measuring: the values of the measures, from a world and the books of its protagonists."""

from math import log2, nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels import measure
from sim.kernels.layout import AccountKind, Origin, Total
from sim.lives import Life
from sim.metrics import COUNTED, MONTH, QUOTIENTS
from sim.world.world import World

__all__ = ["VALUE_UNIT", "look", "of_life", "of_platform", "quotients", "structure"]

VALUE_UNIT: Final = 4096 * 255  # stored quality x interest of value 1
STRUCTURE_DAYS: Final = 30  # interval of the measures that need a look at the whole network
_BITS: Final = {
    "followers": measure.FOLLOWING,
    "reachable": measure.REACHABLE,
    "engaged": measure.ENGAGED,
}
_ORIGINS = [origin.name.lower() for origin in Origin]
Values = dict[tuple[str, str], float]


def look(
    world: World, row: int, followers: NDArray[np.uint32]
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.uint16]]:
    """Return flags, warmth and hour of the last engagement of an account's followers."""
    flags, warmth = np.zeros(len(followers), np.uint8), np.zeros(len(followers))
    engaged = np.zeros(len(followers), np.uint16)
    measure.look_at_followers(
        world.state, world.tables, row, followers, world.hour, MONTH, flags, warmth, engaged
    )
    return flags, warmth, engaged


def of_life(world: World, life: Life, delivered: int) -> Values:
    """Return the measures of a protagonist by (measure, origin or cause)."""
    out = _by_origin(world, life)
    out |= {(name, cause): float(count) for (name, cause), count in life.causes.items()}
    single = {name: life.counts[name] for name in COUNTED}
    single |= _recent(world, life) | _now(world, life)
    single["value"] = delivered / VALUE_UNIT
    single["profit"] = single["income"] - single["dollars"]
    single["net_followers"] = out["followers", ""] - single["following"]
    return out | {(name, ""): value for name, value in single.items()}


def _by_origin(world: World, life: Life) -> Values:
    """Return what is counted of followers, in all and by the origin of their follows."""
    rows, origins = life.followers()
    flags, _, _ = look(world, life.row, rows)
    known = np.bincount(origins, minlength=len(Origin)) > 0
    known[Origin.INITIAL] = True
    shown = np.flatnonzero(known).tolist()
    out: Values = {}
    for name, bit in _BITS.items():
        has = (flags & bit) > 0
        counts = np.bincount(origins[has], minlength=len(Origin)).tolist()
        out[name, ""] = sum(counts)
        out |= {(name, _ORIGINS[origin]): counts[origin] for origin in shown}
    return out


def _recent(world: World, life: Life) -> dict[str, float]:
    """Return what came of a protagonist's posts within 28 days."""
    account = world.state.accounts[life.row]
    seen = life.history[-1][0] - life.history[0][0]
    engaged = life.history[-1][1] - life.history[0][1]
    weight = world.settings.platform.score_engagement
    score = log2(1 + int(account["followers"])) + weight * log2(1 + engaged)
    return {
        "engagement_rate": engaged / seen if seen else 0.0,
        "reach": seen,
        "score": round(score, 9),
    }


def _now(world: World, life: Life) -> dict[str, float]:
    """Return how a protagonist stands at this moment."""
    state, row = world.state, life.row
    account = state.accounts[row]
    warm = world.settings.behaviour.warm
    people = world.accounts["kind"] <= AccountKind.ARRIVAL
    alike = (world.accounts["strategy"] == account["strategy"]) & (world.accounts["alive"] == 1)
    return {
        "following": int(account["follows"]),
        "warm": measure.warm_connections(state, world.tables, row, world.hour, warm),
        "hollow_pairs": measure.hollow_pairs(state, row, max(1, world.hour - MONTH)),
        "imitators": int((people & alike).sum()),
    }


def of_platform(
    world: World, before: NDArray[np.int64], since_start: NDArray[np.int64], *, last: bool = False
) -> dict[str, float]:
    """Return the measures of the platform; those of structure every thirty days only.

    ``before`` are the totals at the last record, ``since_start`` those at the start.
    """
    new, ever = world.state.totals - before, world.state.totals - since_start
    out = {"value_lost": int(ever[Total.VALUE_LOST]) / VALUE_UNIT} | _population(world)
    out |= _shares(new)
    out["imitations"] = int(ever[Total.IMITATIONS])
    if last or world.day % STRUCTURE_DAYS == 0:
        out |= structure(world)
    return out


def _shares(new: NDArray[np.int64]) -> dict[str, float]:
    """Return the shares of what has happened since the last record; none of nothing."""
    polluting = new[Total.BEG_IMPRESSIONS] + new[Total.PROMOTION_IMPRESSIONS]
    engagements = new[Total.LIKES] + new[Total.REPLIES] + new[Total.RESHARES]
    left = new[Total.UNFOLLOWS] + new[Total.MUTES]
    parts = {
        "pollution": (polluting, new[Total.IMPRESSIONS]),
        "value_per_impression": (new[Total.VALUE] / VALUE_UNIT, new[Total.IMPRESSIONS]),
        "arranged_share": (new[Total.ARRANGED], engagements),
        "needs_met": (new[Total.HELPED], new[Total.NEEDS]),
        "borne_share": (new[Total.BORNE], new[Total.BORNE] + left),
    }
    return {name: float(part / whole) for name, (part, whole) in parts.items() if whole}


def _population(world: World) -> dict[str, float]:
    """Return how many accounts there are, real ones and fakes."""
    alive = world.accounts["alive"] == 1
    fake = world.accounts["kind"] == AccountKind.FAKE
    return {"accounts": int((alive & ~fake).sum()), "fakes": int((alive & fake).sum())}


def quotients(out: dict[str, float], first_followers: float) -> dict[str, float]:
    """Return the costs of what was won; nan where nothing was."""
    whole = dict(out) | {"gained": out["followers"] - first_followers}
    return {
        name: whole[part] / whole[by] if whole[by] >= 1 else nan
        for name, (part, by) in QUOTIENTS.items()
    }


def structure(world: World) -> dict[str, float]:
    """Return the measures that need a look at the whole network."""
    counts = np.zeros(3, np.int64)
    quiet = max(1, world.hour - MONTH)
    measure.count_pairs(world.state, world.rows, quiet, counts)
    follows, returned, silent = (int(c) for c in counts)
    pairs = follows - returned // 2
    accounts = world.accounts
    real = accounts["followers"][(accounts["alive"] == 1) & (accounts["kind"] != AccountKind.FAKE)]
    return {
        "reciprocity": returned / 2 / pairs if pairs else 0.0,
        "net_zero": silent / 2,
        "gini": gini(real.astype(np.float64)),
    }


def gini(values: NDArray[np.float64]) -> float:
    """Return the Gini index of non-negative values; 0 if all are 0."""
    ordered = np.sort(values)
    total, count = float(ordered.sum()), len(ordered)
    if total == 0:
        return 0.0
    ranks = 2 * np.arange(1, count + 1) - count - 1
    return float(ranks @ ordered) / (count * total)
