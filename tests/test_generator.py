"""The calibrated generator in band: checks 1, 2, 3 and 11 of the stylised facts.

Population: all accounts of a world of 10,000 at hour 0 (checks 1 to 3), or their posts of the
first 30 days (check 11). Default settings; four seeds, each in band by itself.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import worlds
from sim.kernels.layout import ACCOUNT, TIE
from sim.marks import between
from sim.measuring import gini
from sim.scenario import loads
from sim.settings import Behaviour, Platform, Population
from sim.settings import World as WorldSettings
from sim.validation import graphs
from sim.world import building
from sim.world.rules import Settings
from sim.world.world import World

SEEDS = (1, 2, 3, 4)


@cache
def made(seed: int) -> World:
    """The default world of 10,000 accounts at hour 0."""
    settings = Settings(WorldSettings(), Population(), Platform(), Behaviour())
    return building.build(settings, ("casual",), seed)


@cache
def shape(seed: int) -> dict[str, float]:
    """The structural measures of such a world."""
    return graphs.shape(graphs.follows_of(made(seed)))


# ---- the measures -------------------------------------------------------------------------


def test_the_exponent_is_found() -> None:
    """A power law of exponent 2.5 (ζ-distributed) gives 2.5 within three standard errors.

    The standard error of the estimate is about (α − 1)/√n; that of the tail that is chosen by its
    distance is larger.
    """
    values = np.random.default_rng(1).zipf(2.5, 20_000)
    assert graphs.exponent(values, 1) == pytest.approx(2.5, abs=3 * 1.5 / np.sqrt(20_000))
    assert graphs.tail_exponent(values) == pytest.approx(2.5, abs=0.1)


def test_the_indices_are_right() -> None:
    assert gini(np.array([1.0, 1, 1, 1])) == pytest.approx(0)
    assert gini(np.array([0.0, 0, 0, 4])) == pytest.approx(0.75)
    assert graphs.top_share(np.array([1, 2, 3, 4]), 0.5) == pytest.approx(0.7)


# ---- the checks ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_mutual_share_in_band(seed: int) -> None:
    assert 0.17 <= shape(seed)["mutual share of linked pairs"] <= 0.30


@pytest.mark.parametrize("seed", SEEDS)
def test_tail_exponent_in_band(seed: int) -> None:
    assert 2.1 <= shape(seed)["exponent of the followers' tail"] <= 2.9


@pytest.mark.parametrize("seed", SEEDS)
def test_concentration_in_band(seed: int) -> None:
    assert 0.60 <= shape(seed)["Gini of followers"] <= 0.85
    assert 0.15 <= shape(seed)["held by the top 1 %"] <= 0.35


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
    assert 0.70 <= graphs.top_share(posters(seed), 0.10) <= 0.90
    assert 1 <= median_of_the_rest(posters(seed)) <= 4


def test_as_many_follows_as_asked_for() -> None:
    """Over four worlds the mean is the setting's, less at most a tenth that the bounds refuse.

    Its standard error is the follows' deviation over √(4 · 10,000); three of them are allowed.
    """
    follows = np.concatenate([made(seed).accounts["follows"] for seed in SEEDS]).astype(float)
    error = 3 * follows.std() / np.sqrt(len(follows))
    assert 0.9 * 25 - error <= follows.mean() <= 25 + error


def test_most_follows_stay_in_the_community() -> None:
    """Of those whose community could hold them all, over half; by chance a few in a hundred.

    Who follows thousands soon has everybody of a community of some 400.
    """
    world = made(1)
    ties, community = worlds.ties(world), world.accounts["community"]
    few = world.accounts["follows"][ties.owner] <= 100
    same = community[ties.owner] == community[ties.other]
    assert same[few].mean() > 0.5


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
IN, OUT = "exponent of the followers' tail", "exponent of the follows' tail"
HEAD = (
    "| seed | mutual pairs | exponent of followers | of follows | Gini | held by top 1 %"
    " | mean clustering | assortativity | written by top 10 % | posts a month of the rest |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def figures(seed: int) -> str:
    """A row of the table."""
    s, posts = shape(seed), posters(seed)
    return (
        f"| {seed} | {s['mutual share of linked pairs']:.3f}"
        f" | {s[IN]:.2f}"
        f" | {s[OUT]:.2f}"
        f" | {s['Gini of followers']:.2f} | {s['held by the top 1 %']:.3f}"
        f" | {s['clustering, mean local']:.2f} | {s['degree assortativity']:.2f}"
        f" | {graphs.top_share(posts, 0.1):.2f} | {median_of_the_rest(posts):.0f} |"
    )


def renewed() -> str:
    """The README with the figures as they are."""
    table = "\n".join([HEAD, *(figures(seed) for seed in SEEDS)])
    return between(README.read_text(encoding="utf-8"), "figures", table)


def test_the_figures_are_up_to_date() -> None:
    """Run `python tests/test_generator.py` from the project's folder if this fails."""
    assert README.read_text(encoding="utf-8") == renewed()


if __name__ == "__main__":
    README.write_text(renewed(), encoding="utf-8")
