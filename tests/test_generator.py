"""The calibrated generator in band: checks 1, 2, 3 and 11 of the stylised facts.

Population: all accounts of a world of 10,000 at hour 0 (checks 1 to 3), or their posts of the
first 30 days (check 11). Default settings; four seeds, each in band by itself.
"""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import zeta

import worlds
from sim.kernels.layout import ACCOUNT, TIE
from sim.scenario import loads
from sim.settings import Behaviour, Platform, Population
from sim.settings import World as WorldSettings
from sim.world import building
from sim.world.rules import Settings
from sim.world.world import World

SEEDS = (1, 2, 3, 4)
LEAST_TAIL = 200  # accounts above xmin


@cache
def made(seed: int) -> World:
    """The default world of 10,000 accounts at hour 0."""
    settings = Settings(WorldSettings(), Population(), Platform(), Behaviour())
    return building.build(settings, ("casual",), seed)


# ---- the measures, written for these tests ------------------------------------------------


def mutual_share(world: World) -> float:
    """Check 1: linked pairs that follow each other, as a share of all linked pairs."""
    ties = worlds.ties(world)
    pairs = np.stack([ties.owner, ties.other])[:, ties.follow]
    keys = pairs.min(axis=0) << 32 | pairs.max(axis=0)
    times = np.unique(keys, return_counts=True)[1]
    return float((times == 2).mean())


def exponent(tail: NDArray[np.int64], xmin: int) -> float:
    """The discrete maximum-likelihood exponent of P(k) = k^−α / ζ(α, xmin), k ≥ xmin."""
    logs = float(np.log(tail).sum())

    def loss(alpha: float) -> float:
        return alpha * logs + len(tail) * float(np.log(zeta(alpha, xmin)))

    return float(minimize_scalar(loss, bounds=(1.05, 6), method="bounded").x)


def distance(tail: NDArray[np.int64], xmin: int, alpha: float) -> float:
    """The Kolmogorov-Smirnov distance between a tail and its power law."""
    values, counts = np.unique(tail, return_counts=True)
    above = 1 - np.cumsum(counts) / len(tail)
    return float(np.abs(above - zeta(alpha, values + 1) / zeta(alpha, xmin)).max())


def tail_exponent(degrees: NDArray[np.int64]) -> float:
    """Check 2; xmin is where the distance is least (Clauset, Shalizi, Newman 2009).

    Of the values that leave at least 200 accounts in the tail.
    """
    best = (np.inf, 0.0)
    for xmin in np.unique(degrees[degrees > 0]).tolist():
        tail = degrees[degrees >= xmin]
        if len(tail) < LEAST_TAIL:
            break
        alpha = exponent(tail, xmin)
        best = min(best, (distance(tail, xmin, alpha), alpha))
    return best[1]


def gini(values: NDArray[np.int64]) -> float:
    """Check 3: mean absolute difference over twice the mean."""
    x = np.sort(values).astype(float)
    n = len(x)
    return float(2 * (np.arange(1, n + 1) * x).sum() / (n * x.sum()) - (n + 1) / n)


def top_share(values: NDArray[np.int64], share: float) -> float:
    """The share of the sum that the highest of so many hold."""
    x = np.sort(values)[::-1]
    return float(x[: round(share * len(x))].sum() / x.sum())


def test_the_exponent_is_found() -> None:
    """A power law of exponent 2.5 (ζ-distributed) gives 2.5 within three standard errors.

    The standard error of the estimate is about (α − 1)/√n.
    """
    values = np.random.default_rng(1).zipf(2.5, 20_000)
    assert exponent(values, 1) == pytest.approx(2.5, abs=3 * 1.5 / np.sqrt(20_000))
    assert tail_exponent(values) == pytest.approx(2.5, abs=0.1)


def test_the_indices_are_right() -> None:
    assert gini(np.array([1, 1, 1, 1])) == pytest.approx(0)
    assert gini(np.array([0, 0, 0, 4])) == pytest.approx(0.75)
    assert top_share(np.array([1, 2, 3, 4]), 0.5) == pytest.approx(0.7)


# ---- the checks ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_mutual_share_in_band(seed: int) -> None:
    assert 0.17 <= mutual_share(made(seed)) <= 0.30


@pytest.mark.parametrize("seed", SEEDS)
def test_tail_exponent_in_band(seed: int) -> None:
    assert 2.1 <= tail_exponent(made(seed).accounts["followers"].astype(np.int64)) <= 2.9


@pytest.mark.parametrize("seed", SEEDS)
def test_concentration_in_band(seed: int) -> None:
    followers = made(seed).accounts["followers"].astype(np.int64)
    assert 0.60 <= gini(followers) <= 0.85
    assert 0.15 <= top_share(followers, 0.01) <= 0.35


@cache
def posts_of_a_month(seed: int) -> NDArray[np.int64]:
    """The posts of 30 days by account. Nobody reads them, which changes no habit of posting."""
    quiet = "[scenario]\ndays = 31\n[world]\nburn_in_days = 0\narrivals_per_day = 0\n"
    quiet += "[population]\nsessions_median = 0\n[platform]\ntick_hours = 24\nlag_hours = 24\n"
    quiet += '[[protagonists]]\nstrategy = "idle"\nfollowers = 0\n'
    model = worlds.live(worlds.model(loads(quiet), seed=seed), 30)
    return model.world.accounts["posts"][: model.world.initial].astype(np.int64)


def posters(seed: int) -> NDArray[np.int64]:
    """The posts of those who posted in these 30 days, rising."""
    posts = np.sort(posts_of_a_month(seed))
    return posts[posts > 0]


def median_of_the_rest(posts: NDArray[np.int64]) -> float:
    """The median of all but the top tenth."""
    return float(np.median(posts[: round(0.9 * len(posts))]))


@pytest.mark.parametrize("seed", SEEDS)
def test_posting_in_band(seed: int) -> None:
    """Check 11: what the top tenth of posters writes, and the median of the rest in a month.

    Posters are the accounts that posted in these 30 days.
    """
    assert 0.70 <= top_share(posters(seed), 0.10) <= 0.90
    assert 1 <= median_of_the_rest(posters(seed)) <= 4


@pytest.mark.parametrize("seed", SEEDS)
def test_as_many_follows_as_asked_for(seed: int) -> None:
    """The mean number of follows is the setting's, within ten per cent (some draws are refused)."""
    assert made(seed).accounts["follows"].mean() == pytest.approx(25, rel=0.1)


def test_most_follows_stay_in_the_community() -> None:
    """More than by chance: with closure on top, over half of the follows."""
    world = made(1)
    ties = worlds.ties(world)
    community = world.accounts["community"]
    same = (community[ties.owner] == community[ties.other]).mean()
    assert same > 0.5


# ---- memory -------------------------------------------------------------------------------


def test_memory_for_each_account_and_follow() -> None:
    """A follow takes 14 bytes (4 for the id, 10 for its record), 18 with the slack of its block."""
    world = made(1)
    entries = int(world.state.cursor[0])
    follows = int(world.accounts["follows"].sum())
    assert ACCOUNT.itemsize <= 256
    assert TIE.itemsize + 4 == 14
    assert entries * (TIE.itemsize + 4) / follows <= 18
    assert len(world.state.follow_ids) <= 1.3 * entries


# ---- the figures of sim/world/README.md ---------------------------------------------------

README = Path(__file__).parents[1] / "sim" / "world" / "README.md"
PART = re.compile("<!-- figures -->.*<!-- /figures -->", re.DOTALL)
HEAD = (
    "| seed | mutual pairs | tail exponent | Gini | held by top 1 % | written by top 10 %"
    " | posts a month of the rest |\n|---|---|---|---|---|---|---|"
)


def figures(seed: int) -> str:
    """A row of the table."""
    followers = made(seed).accounts["followers"].astype(np.int64)
    posts = posters(seed)
    return (
        f"| {seed} | {mutual_share(made(seed)):.3f} | {tail_exponent(followers):.2f}"
        f" | {gini(followers):.2f} | {top_share(followers, 0.01):.3f}"
        f" | {top_share(posts, 0.1):.2f} | {median_of_the_rest(posts):.0f} |"
    )


def renewed() -> str:
    """The README with the figures as they are."""
    table = "\n".join([HEAD, *(figures(seed) for seed in SEEDS)])
    part = f"<!-- figures -->\n{table}\n<!-- /figures -->"
    return PART.sub(lambda _: part, README.read_text(encoding="utf-8"))


def test_the_figures_are_up_to_date() -> None:
    """Run `python tests/test_generator.py` from the project's folder if this fails."""
    assert README.read_text(encoding="utf-8") == renewed()


if __name__ == "__main__":
    README.write_text(renewed(), encoding="utf-8")
