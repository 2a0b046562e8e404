"""The exact laws that the simple modes must reproduce, with how far off a world is.

Each result is a number of standard errors from what is expected, for any number of accounts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.kernels.layout import AccountKind
from sim.scenario import loads
from sim.settings import Behaviour, Platform, Population
from sim.settings import World as WorldSettings
from sim.validation.graphs import follows_of
from sim.world import building
from sim.world.rules import Settings
from sim.world.world import World

__all__ = ["LAWS", "MOST", "Law", "LawResult"]

MOST: Final = 4.0
"""Standard errors that a law may be off."""
_PER_ACCOUNT: Final = 20
_SHARE: Final = 0.17


@dataclass(frozen=True)
class LawResult:
    """What was expected, what was found, and the standard error of that."""

    expected: float
    found: float
    error: float

    @property
    def deviation(self) -> float:
        """Standard errors between the two."""
        return (self.found - self.expected) / self.error if self.error else 0.0

    @property
    def holds(self) -> bool:
        """Whether the deviation is within `MOST`."""
        return abs(self.deviation) <= MOST


@dataclass(frozen=True)
class Law:
    """A law and how it is tried: from accounts and a seed."""

    key: str
    title: str
    formula: str
    try_out: Callable[[int, int], LawResult]


def laid(accounts: int, seed: int, **settings: object) -> World:
    """Return a world at hour 0, with nothing but its first follows."""
    world = WorldSettings.model_validate({"accounts": accounts, **settings})
    return building.build(Settings(world, Population(), Platform(), Behaviour()), ("casual",), seed)


def _uniform(accounts: int, seed: int, reciprocation: float = 0.0) -> World:
    return laid(
        accounts,
        seed,
        network="uniform",
        follows_per_account=_PER_ACCOUNT,
        reciprocation=reciprocation,
    )


def _attempts(accounts: int) -> int:
    return accounts * _PER_ACCOUNT


def _random_follows(accounts: int, seed: int) -> LawResult:
    """Count them; the variance is that of what is lost, E/N follows of oneself and E²/2N² twice.

    (To the leading order; the exact one, `tests/test_laws.py`, is a difference of terms of E.)
    """
    tries = _attempts(accounts)
    expected = accounts * (accounts - 1) * -np.expm1(tries * np.log1p(-1 / accounts**2))
    found = int(_uniform(accounts, seed).accounts["follows"].astype(np.int64).sum())
    variance = tries / accounts + tries**2 / (2 * accounts**2)
    return LawResult(float(expected), found, sqrt(variance))


def _poisson(accounts: int, seed: int) -> LawResult:
    """χ² of the in-degrees against a Poisson law, as a normal deviate (Wilson, Hilferty)."""
    mean = (accounts - 1) * -np.expm1(_attempts(accounts) * np.log1p(-1 / accounts**2))
    degrees = _uniform(accounts, seed).accounts["followers"].astype(np.int64)
    return _as_normal(degrees, accounts * stats.poisson.pmf(np.arange(80), mean))


def _attachment(accounts: int, seed: int) -> LawResult:
    """χ² of the in-degrees against P(k) = 4/((k + 1)(k + 2)(k + 3)), as a normal deviate."""
    degrees = laid(accounts, seed, network="preferential").accounts["followers"].astype(np.int64)
    k = np.arange(1_000)
    return _as_normal(degrees, accounts * 4 / ((k + 1) * (k + 2) * (k + 3)))


def _leaves(accounts: int, seed: int) -> LawResult:
    """Of a tree grown by preferential attachment: 2n/3 leaves, variance n/9."""
    followers = laid(accounts, seed, network="preferential").accounts["followers"]
    return LawResult(2 * accounts / 3, int((followers == 0).sum()), sqrt(accounts / 9))


def _as_normal(values: NDArray[np.int64], expected: NDArray[np.float64]) -> LawResult:
    """Return χ² over bins that expect ten or more, as a deviate of which 0 ± 1 is expected."""
    top = len(expected) - 1
    observed = np.bincount(np.minimum(values, top), minlength=top + 1).astype(float)
    wanted = np.append(expected[:top], len(values) - expected[:top].sum())
    groups = np.unique(np.minimum(np.cumsum(wanted), len(values) - 10) // 10, return_inverse=True)
    seen, hoped = (np.bincount(groups[1], weights) for weights in (observed, wanted))
    freedom = len(seen) - 1
    square = float(((seen - hoped) ** 2 / hoped).sum())
    spread = 2 / (9 * freedom)
    return LawResult(0.0, ((square / freedom) ** (1 / 3) - (1 - spread)) / sqrt(spread), 1.0)


def _returned(accounts: int, seed: int) -> LawResult:
    """Of n random follows whose target does not follow yet, np are returned, variance np(1−p)."""
    before = follows_of(_uniform(accounts, seed))
    eligible = len(before.owner) - int(before.is_mutual().sum())
    whole = _uniform(accounts, seed, _SHARE).accounts["follows"].astype(np.int64).sum()
    found = int(whole) - len(before.owner)
    return LawResult(eligible * _SHARE, found, sqrt(eligible * _SHARE * (1 - _SHARE)))


_STRANGERS: Final = """
schema = 1
[scenario]
days = 12
[world]
burn_in_days = 0
arrivals_per_day = 0
departures_per_day = 0
[population]
sessions_median = 0
posts_median = 0
follow_back_sigma = 0
strategies = { casual = 1.0 }
[behaviour]
follow_back_floor = 0
reciprocity_odds = 0
social_proof_form = "none"
[platform]
tick_hours = 24
lag_hours = 24
[[protagonists]]
name = "churner"
strategy = "follow_for_follow"
params = { per_day = 150, keep = true, targeting = "anyone" }
followers = 0
minutes = 1440
"""


def _followed_back(accounts: int, seed: int) -> LawResult:
    """Of n strangers followed k follow back: np, variance np(1 − p), p = o/(1 + o).

    Nobody opens a feed, propensities are equal, and interests are made flat, so that the match
    is 1 whatever the profile.
    """
    from sim.model import FollowerModel

    odds = _SHARE / (1 - _SHARE)
    sets = {"world.accounts": accounts, "behaviour.follow_back_odds": odds}
    model = FollowerModel(loads(_STRANGERS, sets=sets), seed=seed)
    model.world.accounts["interest"] = 255
    while model.day < model.arm.scenario.days - 2:
        model.step()
    row = int(np.flatnonzero(model.world.accounts["kind"] == AccountKind.PROTAGONIST)[0])
    strangers, back = _strangers(model.world, row)
    error = sqrt(strangers * _SHARE * (1 - _SHARE))
    return LawResult(strangers * _SHARE, back, error)


def _strangers(world: World, row: int) -> tuple[int, int]:
    """Return how many an account follows whose notice has been answered, and how many follow it."""
    every = follows_of(world, (AccountKind.ORDINARY, AccountKind.PROTAGONIST))
    account = world.accounts[row]
    first, count = int(account["start"]), int(account["follows"])
    begun = world.state.ties["start"][first : first + count].astype(int)
    return int((begun < world.hour - 24).sum()), int((every.other == row).sum())


LAWS: Final = (
    Law("L1", "random follows: how many", "N(N−1)(1−(1−1/N²)^E)", _random_follows),
    Law("L2", "random follows: in-degrees are Poisson", "λᵏe^−λ/k!", _poisson),
    Law("L3", "preferential attachment: in-degrees", "4/((k+1)(k+2)(k+3))", _attachment),
    Law("L4", "preferential attachment: never followed", "2n/3", _leaves),
    Law("L5", "a fixed share of random follows is returned", "np", _returned),
    Law("L6", "a fixed follow-back: strangers who follow back", "np", _followed_back),
)
