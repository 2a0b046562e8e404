"""The exact laws that the simple networks and a fixed follow-back must reproduce.

Above each assertion stands its formula; tolerances come from standard errors. All seeds are
fixed, so a passing test stays so until the draws change.
"""

from math import sqrt

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

import worlds
from sim.kernels import generate, lists
from sim.kernels.layout import Origin
from sim.settings import Behaviour, Platform, Population
from sim.settings import World as WorldSettings
from sim.world import building
from sim.world.hashing import state_hash
from sim.world.rules import Settings
from sim.world.uniform import follow_uniformly
from sim.world.world import World

SEEDS = (1, 2, 3)
Z = 4.0  # standard errors that an estimate may be off
ALPHA = 1e-3  # of a chi-square test


def laid(seed: int, **settings: object) -> World:
    """A world at hour 0, with nothing but its first follows."""
    world = WorldSettings.model_validate(settings)
    return building.build(Settings(world, Population(), Platform(), Behaviour()), ("casual",), seed)


def chi_square(values: NDArray[np.integer], expected: NDArray[np.float64]) -> float:
    """The p-value of counts against expected counts; the last bin takes everything beyond.

    Bins are joined until each expects ten or more.
    """
    top = len(expected) - 1
    observed = np.bincount(np.minimum(values, top), minlength=top + 1).astype(float)
    wanted = expected.copy()
    wanted[top] = len(values) - expected[:top].sum()
    groups = np.cumsum(wanted) // 10
    joined = [np.bincount(np.unique(groups, return_inverse=True)[1], w) for w in (observed, wanted)]
    if joined[1][-1] < 10:  # what is left over joins the bin before
        joined = [np.append(x[:-2], x[-2:].sum()) for x in joined]
    return float(stats.chisquare(*joined).pvalue)


# ---- uniform follows ----------------------------------------------------------------------

N, PER_ACCOUNT = 2_000, 20


def uniform(seed: int) -> World:
    return laid(
        seed, network="uniform", accounts=N, follows_per_account=PER_ACCOUNT, reciprocation=0
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_random_follows_are_as_many_as_expected(seed: int) -> None:
    """E attempts fall on N² cells, of which N(N−1) count.

    mean = N(N−1)(1 − q), q = (1 − 1/N²)^E
    var  = K·q(1 − q) + K(K − 1)(q₂ − q²), K = N(N−1), q₂ = (1 − 2/N²)^E
    """
    attempts, cells, eligible = N * PER_ACCOUNT, N * N, N * (N - 1)
    q, q2 = (1 - 1 / cells) ** attempts, (1 - 2 / cells) ** attempts
    mean = eligible * (1 - q)
    variance = eligible * q * (1 - q) + eligible * (eligible - 1) * (q2 - q * q)
    follows = int(uniform(seed).accounts["follows"].sum())
    assert abs(follows - mean) <= Z * sqrt(variance)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("end", ["followers", "follows"])
def test_random_degrees_are_poisson(seed: int, end: str) -> None:
    """P(k) = λᵏ e^{−λ} / k!, λ = (N − 1)(1 − (1 − 1/N²)^E).

    (Exactly it is binomial with N − 1 trials; at λ/N = .01 that shifts no bin by one account.)
    """
    mean = (N - 1) * (1 - (1 - 1 / N**2) ** (N * PER_ACCOUNT))
    degrees = uniform(seed).accounts[end].astype(np.int64)
    assert chi_square(degrees, N * stats.poisson.pmf(np.arange(60), mean)) > ALPHA


def test_the_chi_square_test_can_fail() -> None:
    """Five per cent more followers are told from Poisson."""
    mean = (N - 1) * (1 - (1 - 1 / N**2) ** (N * PER_ACCOUNT))
    degrees = uniform(1).accounts["followers"].astype(np.int64)
    assert chi_square(degrees, N * stats.poisson.pmf(np.arange(60), 1.05 * mean)) < ALPHA


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_a_share_of_random_follows_is_returned(seed: int, share: float) -> None:
    """Of n follows whose target does not follow yet, k are returned: |k − np| ≤ z·√(np(1 − p))."""
    before = uniform(seed).accounts
    world = laid(
        seed, network="uniform", accounts=N, follows_per_account=PER_ACCOUNT, reciprocation=share
    )
    ties = worlds.ties(uniform(seed))
    pairs = set(zip(ties.owner.tolist(), ties.other.tolist(), strict=True))
    eligible = sum((other, owner) not in pairs for owner, other in pairs)
    returned = int(world.accounts["follows"].sum()) - int(before["follows"].sum())
    assert abs(returned - eligible * share) <= Z * sqrt(eligible * share * (1 - share))


# ---- uniform follows in batches -----------------------------------------------------------


def followed_in_batches(seed: int, attempts: int, batch: int | None = None) -> World:
    """A world whose accounts follow nobody, but for so many uniform attempts."""
    settings = WorldSettings.model_validate({"network": "uniform", "accounts": N})
    world = building.build(
        Settings(
            settings.model_copy(update={"follows_per_account": 0.0}),
            Population(),
            Platform(),
            Behaviour(),
        ),
        ("casual",),
        seed,
    )
    assert follow_uniformly(world, attempts, batch=batch) == world.accounts["follows"].sum()
    return world


@pytest.mark.parametrize("seed", SEEDS)
def test_batches_make_as_many_follows_as_expected(seed: int) -> None:
    """mean = N(N−1)(1 − (1 − 1/N²)^E), variance as above; in-degrees are Poisson."""
    attempts, cells, eligible = N * PER_ACCOUNT, N * N, N * (N - 1)
    q, q2 = (1 - 1 / cells) ** attempts, (1 - 2 / cells) ** attempts
    mean = eligible * (1 - q)
    variance = eligible * q * (1 - q) + eligible * (eligible - 1) * (q2 - q * q)
    degrees = followed_in_batches(seed, attempts).accounts["followers"].astype(np.int64)
    assert abs(int(degrees.sum()) - mean) <= Z * sqrt(variance)
    assert chi_square(degrees, N * stats.poisson.pmf(np.arange(60), mean / N)) > ALPHA


@pytest.mark.parametrize("batch", [1_000, 7_777, 100_000])
def test_batches_are_attempts_one_by_one(batch: int) -> None:
    """The same lists, in the same order, as from `begin_follow` for each attempt in turn."""
    attempts = 20_000
    batched = followed_in_batches(5, attempts, batch=batch)
    single = followed_in_batches(5, 0)
    source, target = np.empty(attempts, np.uint32), np.empty(attempts, np.uint32)
    generate.lay_uniform(attempts, N, np.uint64(5), source, target)
    for follower, followee in zip(source.tolist(), target.tolist(), strict=True):
        single.reserve_ties(np.array([follower], np.uint32))
        lists.begin_follow(single.state, follower, followee, int(Origin.INITIAL), single.hour)
    assert state_hash(batched) == state_hash(single)
    one, other = worlds.ties(batched), worlds.ties(single)
    assert (one.owner == other.owner).all()
    assert (one.other == other.other).all()


def test_batches_go_on_where_they_stopped() -> None:
    whole, halves = followed_in_batches(6, 9_000), followed_in_batches(6, 4_000)
    follow_uniformly(halves, 5_000, first=4_000)
    assert state_hash(whole) == state_hash(halves)


def test_the_dead_neither_follow_nor_are_followed() -> None:
    world = followed_in_batches(7, 0)
    world.accounts["alive"][:500] = 0
    follow_uniformly(world, 60_000)
    assert not world.accounts["follows"][:500].any()
    assert not world.accounts["followers"][:500].any()
    assert world.accounts["follows"][500:].all()


# ---- preferential attachment --------------------------------------------------------------

MANY = 100_000


@pytest.fixture(scope="module")
def attached() -> list[NDArray[np.int64]]:
    """In-degrees of three networks in which each newcomer follows one account."""
    settings = {"network": "preferential", "accounts": MANY}
    return [laid(seed, **settings).accounts["followers"].astype(np.int64) for seed in SEEDS]


def test_preferential_attachment(attached: list[NDArray[np.int64]]) -> None:
    """P(k) = 4/((k + 1)(k + 2)(k + 3)).

    The counts of a tree vary less than those of independent draws, so χ² is too kind rather
    than too strict; the next test uses the exact variance.
    """
    pooled = np.concatenate(attached)
    k = np.arange(1_000)
    assert chi_square(pooled, len(pooled) * 4 / ((k + 1) * (k + 2) * (k + 3))) > ALPHA


def test_as_many_are_never_followed_as_expected(attached: list[NDArray[np.int64]]) -> None:
    """The leaves L: L → L + 1 − [a leaf is followed], which has probability L/(2n − 1).

    mean = 2n/3 (to a constant); with p(1 − p) = 2/9 the variance obeys v' = 2/9 − v/n: v = n/9.
    """
    for degrees in attached:
        leaves = int((degrees == 0).sum())
        assert abs(leaves - 2 * MANY / 3) <= Z * sqrt(MANY / 9)


def test_each_newcomer_follows_one(attached: list[NDArray[np.int64]]) -> None:
    """n − 1 follows: all but the first account."""
    assert [int(degrees.sum()) for degrees in attached] == [MANY - 1] * len(SEEDS)


# ---- merit --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_merit_draws_in_proportion_to_craft(seed: int) -> None:
    """Account v expects λᵥ = E·cᵥ/Σc followers, if repetitions are rare.

    Over groups of accounts of like craft: χ² = Σ (nᵍ − λᵍ)²/λᵍ, a degree of freedom less for the
    given sum.
    """
    world = laid(seed, network="merit", accounts=5_000, follows_per_account=5)
    craft = world.accounts["craft"].astype(np.float64)
    followers = world.accounts["followers"].astype(np.float64)
    groups = np.argsort(np.argsort(craft)) * 50 // len(craft)
    observed, weight = np.bincount(groups, followers), np.bincount(groups, craft)
    expected = weight / weight.sum() * observed.sum()
    assert stats.chisquare(observed, expected).pvalue > ALPHA
    assert stats.chisquare(observed).pvalue < ALPHA  # craft does count


# ---- a fixed follow-back ------------------------------------------------------------------

NOBODY_READS = "sessions_median = 0\nposts_median = 0\nfollow_back_sigma = 0\n"
NOBODY_READS += "strategies = { casual = 1.0 }"


def followed_back(seed: int, odds: float) -> tuple[int, int]:
    """How many strangers a protagonist followed in ten days, and how many followed back.

    Nobody opens a feed, so no follow comes from anywhere else. Interests are made flat, so that
    the match is 1 whatever the profile; propensities are equal, proof and reciprocity are off.
    """
    made = worlds.scenario(
        days=20,
        seed=seed,
        accounts=3_000,
        burn_in=0,
        arrivals=0,
        population=NOBODY_READS,
        behaviour=f"follow_back_odds = {odds}\nfollow_back_floor = 0\nreciprocity_odds = 0\n"
        'social_proof_form = "none"',
        platform="tick_hours = 24\nlag_hours = 24\nfollows_per_day = 300",
        rest=worlds.protagonist(
            "churner",
            "follow_for_follow",
            'per_day = 250, keep = true, targeting = "anyone"',
            lines="followers = 0\nminutes = 1440",
        ),
    )
    model = worlds.model(made)
    model.world.accounts["interest"] = 255
    worlds.live(model, 10)
    ties = worlds.ties(model.world)
    row = next(iter(model.recorder.lives))
    started = ties.record["start"] < model.world.hour - 24  # the last notices are still under way
    made_follows = ties.follow & (ties.owner == row) & started
    back = ties.follow & (ties.other == row)
    assert (ties.record["origin"][back] == Origin.FOLLOW_BACK).all()
    assert np.isin(ties.owner[back], ties.other[made_follows]).all()
    return int(made_follows.sum()), int(back.sum())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("odds", [0.25, 1.0])
def test_a_fixed_share_follows_back(seed: int, odds: float) -> None:
    """p = o/(1 + o); k of n follow back: |k/n − p| ≤ z·√(p(1 − p)/n)."""
    p = odds / (1 + odds)
    strangers, back = followed_back(seed, odds)
    assert strangers >= 1_000
    assert abs(back / strangers - p) <= Z * sqrt(p * (1 - p) / strangers)
