"""Making a world from keyed draws: people, and follows by the simple laws.

Only + - x / and square roots are used, no exp and no log. The follows of the calibrated
generator are drawn in `laying.py`.
"""

from decimal import Decimal, localcontext
from functools import lru_cache
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels.borrowing import borrow
from sim.kernels.compiler import inlined, kernel, part
from sim.kernels.draws import at_time, fold, keyed, unit
from sim.kernels.layout import TOPICS, Purpose

_PERSON: Final = np.uint64(Purpose.PERSON)
_LAW: Final = np.uint64(Purpose.LAW)
_ZERO, _LOW16, _S16 = np.uint64(0), np.uint64(0xFFFF), np.uint64(16)
_FRACTIONS: Final = 4_096
_OWN_TOPIC: Final = 0.8  # share of accounts whose main topic is that of their community
_SIDE_TOPIC: Final = 0.3  # share of the other topics that they care about
_DEGREE_WITH_POPULARITY: Final = 0.5  # correlation of the logs (Pew 2019: both high or both low)
_FIRST_EXPECTATION: Final = 0.15
_TAIL_FROM: Final = 0.847  # standard deviations; the upper fifth

# Places of the settings in the array that `make_people` takes.
PEOPLE_SETTINGS: Final = (
    "topics communities sessions_median sessions_sigma sessions_max attention "
    "posts_median posts_sigma posts_max posts_popularity craft_low craft_high "
    "follow_back_sigma reciprocity_seekers diligence curiosity_sigma reshare_sigma "
    "answers popularity_sigma popularity_exponent minutes money sellers effort"
).split()
PEOPLE: Final = np.dtype([(name, "f8") for name in PEOPLE_SETTINGS])


@lru_cache(maxsize=1)
def power_table() -> NDArray[np.float64]:
    """Return 2**(k / 4,096) for k = 0 .. 4,096, rounded once from decimal arithmetic."""
    with localcontext() as context:
        context.prec = 30
        step, power, table = Decimal(2) ** (Decimal(1) / _FRACTIONS), Decimal(1), []
        for _ in range(_FRACTIONS + 1):
            table.append(float(power))
            power *= step
        return np.array(table)


@part
def exp2(table: NDArray[np.float64], y: float) -> float:
    """Return 2**y by table and linear interpolation (relative error below 4e-9)."""
    whole = np.int64(np.floor(y))
    place = (y - whole) * _FRACTIONS
    k = min(np.int64(place), _FRACTIONS - 1)
    power = table[k] + (table[k + 1] - table[k]) * (place - k)
    while whole > 0:
        power, whole = power * 2.0, whole - 1
    while whole < 0:
        power, whole = power * 0.5, whole + 1
    return power


@part
def person_word(seed: np.uint64, uid: int, trait: int) -> int:
    """Return the draw for one trait of a person."""
    return keyed(np.uint64(seed), _PERSON, np.uint64(uid), np.uint64(trait), _ZERO)


@part
def normal(seed: np.uint64, uid: int, trait: int) -> float:
    """Return a nearly standard normal value: the sum of twelve 16-bit uniforms less six."""
    total = 0
    for k in range(3):
        word = person_word(seed, uid, 16 * trait + k)
        for _ in range(4):
            total += np.int64(word & _LOW16)
            word >>= _S16
    return total / 65536.0 - 6.0 + 6.0 / 65536.0


@part
def spread(table: NDArray[np.float64], sigma: float, z: float) -> float:
    """Return exp(sigma z)."""
    return exp2(table, sigma * z * 1.4426950408889634)


@part
def mean_one(table: NDArray[np.float64], sigma: float, z: float) -> float:
    """Return a lognormal value of mean 1."""
    return spread(table, sigma, z) / spread(table, sigma, sigma / 2.0)


@part
def popularity(table: NDArray[np.float64], sigma: float, exponent: float, z: float) -> float:
    """Return a popularity with a lognormal body and, for the upper fifth, a Pareto tail.

    The tail follows -log P(Z > z) of the sum of twelve uniforms, .8754 + .3856 z + .5483 z^2
    (a fit above z = .847), divided by the exponent less one, and meets the body there.
    """
    if z < _TAIL_FROM:
        return spread(table, sigma, z)
    steepness = 1.0 / (exponent - 1.0)
    meets = sigma * _TAIL_FROM - steepness * _TAIL_FROM * (0.3856 + 0.5483 * _TAIL_FROM)
    return spread(table, 1.0, meets + steepness * z * (0.3856 + 0.5483 * z))


@part
def make_interests(account: np.void, seed: np.uint64, community: int, topics: int) -> None:
    """Write the interests of a person: one main topic, a few others."""
    uid = account.uid
    main = community % topics
    if unit(person_word(seed, uid, 1)) >= _OWN_TOPIC:
        main = np.int64(unit(person_word(seed, uid, 2)) * topics)
    for topic in range(TOPICS):
        coin = unit(person_word(seed, uid, 300 + topic))
        level = 60.0 + 140.0 * unit(person_word(seed, uid, 320 + topic))
        if coin >= _SIDE_TOPIC:
            level = 50.0 * unit(person_word(seed, uid, 320 + topic))
        account.interest[topic] = np.uint8(level if topic < topics else 0.0)
    account.interest[main] = np.uint8(255)
    account.focus = np.uint8(main)


@part
def make_habits(account: np.void, seed: np.uint64, s: np.void, table: NDArray[np.float64]) -> None:
    """Write how often a person reads and posts, and how well."""
    uid = account.uid
    z = normal(seed, uid, 1)
    account.popularity = np.float32(popularity(table, s.popularity_sigma, s.popularity_exponent, z))
    rho = s.posts_popularity
    zp = rho * z + sqrt(1.0 - rho * rho) * normal(seed, uid, 2)
    account.rate = np.float32(min(s.posts_max, s.posts_median * spread(table, s.posts_sigma, zp)))
    sessions = s.sessions_median * spread(table, s.sessions_sigma, normal(seed, uid, 3))
    account.sessions = np.float32(min(s.sessions_max, sessions))
    breadth = 0.5 + unit(person_word(seed, uid, 3))
    account.attention = np.uint8(s.attention * breadth + 0.5)
    two = unit(person_word(seed, uid, 4)) + unit(person_word(seed, uid, 5))
    account.craft = np.float32(s.craft_low + (s.craft_high - s.craft_low) * two / 2.0)


@part
def make_manners(account: np.void, seed: np.uint64, s: np.void, table: NDArray[np.float64]) -> None:
    """Write how a person deals with others."""
    uid = account.uid
    account.follow_back = np.float32(mean_one(table, s.follow_back_sigma, normal(seed, uid, 4)))
    account.curiosity = np.float32(mean_one(table, s.curiosity_sigma, normal(seed, uid, 5)))
    account.reshare = np.float32(mean_one(table, s.reshare_sigma, normal(seed, uid, 6)))
    lazy = unit(person_word(seed, uid, 6))
    account.diligence = np.float32(min(1.0, 3.0 * s.diligence * lazy * lazy))
    silent = unit(person_word(seed, uid, 7))
    account.answers = np.float32(min(1.0, 3.0 * s.answers * silent * silent))
    account.seeks = np.uint8(unit(person_word(seed, uid, 8)) < s.reciprocity_seekers)
    account.expectation = np.uint16(65535.0 * _FIRST_EXPECTATION)
    # what it is used to writing fits into its day, and leaves the minutes that are set
    account.minutes = np.float32(s.minutes + s.effort * (1.0 + np.float64(account.rate)))
    account.dollars = s.money
    account.offer = np.float32(unit(person_word(seed, uid, 11)) < s.sellers)


@kernel
def make_people(
    accounts: NDArray[np.void],
    first: int,
    last: int,
    seed: np.uint64,
    settings: NDArray[np.void],
    shares: NDArray[np.float64],
    numbers: NDArray[np.uint8],
    table: NDArray[np.float64],
) -> None:
    """Write the traits of the persons in rows ``first`` to ``last - 1``, whose uids are set.

    ``settings`` is one PEOPLE record, ``shares`` the cumulated shares of the strategies with
    these ``numbers``.
    """
    accounts = borrow(accounts)
    settings = borrow(settings)
    shares = borrow(shares)
    numbers = borrow(numbers)
    table = borrow(table)
    s = settings[0]
    for row in range(first, last):
        account = accounts[row]
        community = np.int64(unit(person_word(seed, account.uid, 0)) * s.communities)
        account.community = np.uint32(community)
        account.alive = np.uint8(1)
        make_interests(account, seed, community, np.int64(s.topics))
        make_habits(account, seed, s, table)
        make_manners(account, seed, s, table)
        coin = unit(person_word(seed, account.uid, 9))
        strategy = 0
        while strategy < shares.shape[0] - 1 and coin >= shares[strategy]:
            strategy += 1
        account.strategy = numbers[strategy]


@kernel
def make_degrees(
    accounts: NDArray[np.void],
    seed: np.uint64,
    mean: float,
    sigma: float,
    most: int,
    table: NDArray[np.float64],
    out: NDArray[np.int64],
) -> None:
    """Write how many accounts each account sets out to follow: lognormal, at least one."""
    accounts = borrow(accounts)
    table = borrow(table)
    out = borrow(out)
    rest = sqrt(1.0 - _DEGREE_WITH_POPULARITY * _DEGREE_WITH_POPULARITY)
    for k in range(out.shape[0]):
        uid = accounts[k].uid
        z = _DEGREE_WITH_POPULARITY * normal(seed, uid, 1) + rest * normal(seed, uid, 7)
        wanted = mean * mean_one(table, sigma, z) + unit(person_word(seed, uid, 10))
        out[k] = max(1, min(most, np.int64(wanted)))


@inlined
def draw_end(prefix: np.uint64, end: int, accounts: int, mask: np.uint64) -> int:
    """Return an account, uniform over all: the first draw of this end that is one."""
    key = fold(prefix, np.uint64(end))
    t = 0
    while True:
        number = np.int64(fold(fold(key, np.uint64(t)), _LAW) & mask)
        if number < accounts:
            return number
        t += 1


@kernel
def lay_uniform(
    attempts: int,
    accounts: int,
    seed: np.uint64,
    source: NDArray[np.uint32],
    target: NDArray[np.uint32],
    first: int = 0,
) -> None:
    """Draw attempts of uniform follows: both ends uniform over all accounts, oneself included.

    The attempts are those number ``first``, ``first + 1``, ...; writes numbers of accounts.
    """
    source = borrow(source)
    target = borrow(target)
    span = 1
    while span < accounts:
        span *= 2
    mask, prefix = np.uint64(span - 1), at_time(np.uint64(seed), _ZERO)
    for k in range(attempts):
        source[k] = draw_end(prefix, 2 * (first + k), accounts, mask)
        target[k] = draw_end(prefix, 2 * (first + k) + 1, accounts, mask)


@kernel
def lay_preferential(accounts: int, seed: np.uint64, target: NDArray[np.uint32]) -> None:
    """Let accounts 1, 2, ... arrive and follow one before them with weight in-degree + 1."""
    for k in range(1, accounts):
        places = 2 * k - 1  # k accounts and the k - 1 follows that they have
        word = keyed(np.uint64(seed), _LAW, np.uint64(k), _ZERO, _ZERO)
        place = np.int64(unit(word) * places)
        target[k] = place if place < k else target[place - k + 1]


@kernel
def lay_merit(
    attempts: int,
    seed: np.uint64,
    craft: NDArray[np.float32],
    source: NDArray[np.uint32],
    target: NDArray[np.uint32],
) -> None:
    """Draw attempts of follows by merit: source uniform, target with probability as its craft."""
    accounts = craft.shape[0]
    for k in range(attempts):
        word = keyed(np.uint64(seed), _LAW, np.uint64(k), _ZERO, _ZERO)
        source[k] = np.uint32(unit(word) * accounts)
        t = 1
        while True:
            word = keyed(np.uint64(seed), _LAW, np.uint64(k), np.uint64(t), _ZERO)
            v = np.int64(unit(word) * accounts)
            if unit(word << _S16) < craft[v] or t == 1_000:
                target[k] = v
                break
            t += 1
