"""Halving the tick, at the same lag, changes no conclusion: a paired test of equivalence."""

import math
import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from statistics import fmean, stdev
from typing import Final

import pytest
from scipy.stats import t

from sim.model import FollowerModel
from sim.scenario import loads

WORLDS: Final = 20
MARGIN: Final = 0.05
MAIN: Final = (
    "followers", "reachable", "engaged", "engagement_rate", "reach", "warm", "value", "sales",
    "unfollows", "mutes", "endured", "reshares", "organic_engagements", "score", "net_followers",
    "hollow_pairs", "reciprocity", "net_zero", "gini", "value_per_impression", "borne_share",
)  # fmt: skip


def final(job: tuple[int, int]) -> Mapping[str, float]:
    """The measures after 90 days with ticks of so many hours, in the world of a seed.

    They are means over sixty alike: what one account lives through is mostly luck.
    """
    tick, seed = job
    scenario = loads(f"""
schema = 1
[scenario]
days = 90
seed = {seed}
[world]
accounts = 4000
burn_in_days = 60
[platform]
tick_hours = {tick}
lag_hours = 6
[[protagonists]]
count = 60
followers = 100
craft = 0.6
[record]
every_days = 30
""")
    model = FollowerModel(scenario)
    model.run()
    return model.measures()


@cache
def measured() -> tuple[list[Mapping[str, float]], list[Mapping[str, float]]]:
    """The measures of all worlds with ticks of six hours, and with ticks of three."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        jobs = [(tick, seed) for tick in (6, 3) for seed in range(1, WORLDS + 1)]
        done = list(pool.map(final, jobs))
    return done[:WORLDS], done[WORLDS:]


@pytest.mark.slow
@pytest.mark.parametrize("measure", MAIN)
def test_half_a_tick_moves_nothing_by_five_per_cent(measure: str) -> None:
    """The 90 % interval of the mean log ratio lies within +-log 1.05 (two one-sided tests)."""
    six, three = measured()
    ratios = [math.log(b[measure] / a[measure]) for a, b in zip(six, three, strict=True)]
    # half width = t(.95, n - 1) s / sqrt(n)
    half = float(t.ppf(0.95, WORLDS - 1)) * stdev(ratios) / math.sqrt(WORLDS)
    low, high = fmean(ratios) - half, fmean(ratios) + half
    assert -math.log(1 + MARGIN) < low, f"{low:.4f} to {high:.4f}"
    assert high < math.log(1 + MARGIN), f"{low:.4f} to {high:.4f}"
