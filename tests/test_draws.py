"""The draws: published vectors, uniform, independent of one another, keyed by identities.

The arithmetic is written here once more, with Python's own whole numbers.
"""

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

import worlds
from sim.kernels import draws, posts
from sim.kernels.layout import AccountKind, Kind, Purpose

README = Path(__file__).parents[1] / "sim" / "kernels" / "README.md"
MASK = 2**64 - 1
STEP = 0x9E3779B97F4A7C15
ALPHA = 1e-3  # of each test; all seeds are fixed

# The first outputs of splitmix64 from the state 1234567, as published with the generator's
# reference code and on Rosetta Code.
SPLITMIX64 = (
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
)


def mix(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def fold(key: int, word: int) -> int:
    return mix(key + (word + 1) * STEP & MASK)


def expected_draw(seed: int, purpose: int, a: int, b: int, time: int) -> int:
    return fold(fold(fold(fold(mix(seed), time), a), b), purpose)


def drawn(seed: int, purpose: int, a: int, b: int, time: int) -> int:
    return int(draws.draw(*(np.uint64(word) for word in (seed, purpose, a, b, time))))


def post_uid(author: int, day: int, kind: Kind, slot: int) -> int:
    made: Callable[..., int] = posts.post_uid
    return int(made(np.uint64(author), day, int(kind), slot))


def units(seed: int, purpose: int, count: int, time: int = 24) -> NDArray[np.float64]:
    """The draws of accounts 0, 1, ... about one post, as the kernels make them."""
    out = np.empty(count)
    a, b = np.arange(count, dtype=np.uint64), np.full(count, 7, np.uint64)
    draws.units(np.uint64(seed), purpose, a, b, time, out)
    return out


# ---- vectors ------------------------------------------------------------------------------


def test_the_mixer_is_splitmix64() -> None:
    """Published: the k-th output from state s is mix(s + (k + 1)·STEP) = fold(s, k)."""
    assert tuple(fold(1234567, k) for k in range(5)) == SPLITMIX64


def published() -> list[tuple[int, ...]]:
    """The table of vectors in the README of the kernels: seed, purpose, a, b, time, draw."""
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| `0x(\w+)` \|$",
                      README.read_text(encoding="utf-8"), re.MULTILINE)  # fmt: skip
    return [(*map(int, row[:5]), int(row[5], 16)) for row in rows]


def test_vectors_are_published() -> None:
    assert len(published()) >= 6


@pytest.mark.parametrize("vector", published())
def test_draws_are_as_published(vector: tuple[int, ...]) -> None:
    *keys, word = vector
    assert expected_draw(*keys) == word
    assert drawn(*keys) == word


word64 = st.integers(0, MASK)


@settings(max_examples=200, deadline=None)
@given(word64, st.integers(1, 255), word64, word64, st.integers(0, 65_535))
def test_any_draw_is_the_same_in_python(seed: int, purpose: int, a: int, b: int, time: int) -> None:
    assert drawn(seed, purpose, a, b, time) == expected_draw(seed, purpose, a, b, time)


def test_the_shortcuts_draw_the_same() -> None:
    """`units` and `words` are the same draws for many keys at once."""
    many = units(3, Purpose.LIKE, 50)
    assert many.tolist() == [
        (expected_draw(3, Purpose.LIKE, k, 7, 24) >> 11) / 2**53 for k in range(50)
    ]
    out = np.empty(50, np.uint64)
    draws.words(np.uint64(3), int(Purpose.TARGET), 9, 5, 24, out)
    assert out.tolist() == [expected_draw(3, Purpose.TARGET, 9, 5 + k, 24) for k in range(50)]


# ---- statistics ---------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", [Purpose.SESSION, Purpose.RANK, Purpose.LIKE, Purpose.SWEEP])
def test_draws_are_uniform(purpose: Purpose) -> None:
    """χ² = Σ (nᵢ − n/256)² / (n/256) over 256 equal parts of [0, 1) has 255 degrees of freedom."""
    counts = np.bincount((units(1, purpose, 200_000) * 256).astype(int), minlength=256)
    assert stats.chisquare(counts).pvalue > ALPHA


@pytest.mark.parametrize("bit", [0, 8, 31, 32, 56, 63])
def test_every_part_of_a_word_is_uniform(bit: int) -> None:
    """A bit is set with probability 1/2: |k − n/2| ≤ z·√n/2 (topics, spots and hours use parts)."""
    out = np.empty(100_000, np.uint64)
    draws.words(np.uint64(2), int(Purpose.SPOT), 77, 0, 6, out)
    ones = int(((out >> np.uint64(bit)) & np.uint64(1)).sum())
    assert stats.binomtest(ones, len(out), 0.5).pvalue > ALPHA


def independent(one: NDArray[np.float64], two: NDArray[np.float64]) -> float:
    """The p-value of χ² over a table of 16 × 16, with 255 degrees of freedom."""
    table = np.histogram2d(one, two, bins=16, range=[[0, 1], [0, 1]])[0]
    return float(stats.chisquare(table.ravel()).pvalue)


PAIRS = list(combinations((Purpose.LIKE, Purpose.REPLY, Purpose.FOLLOW, Purpose.LEAVE), 2))


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_purposes_are_independent(one: Purpose, two: Purpose) -> None:
    """A like says nothing about a reply to the same post."""
    assert independent(units(5, one, 100_000), units(5, two, 100_000)) > ALPHA


def test_neighbours_are_independent() -> None:
    """Draws of seed and seed + 1, of hour and hour + 6, of account and account + 1."""
    plain = units(5, Purpose.LIKE, 100_000)
    assert independent(plain, units(6, Purpose.LIKE, 100_000)) > ALPHA
    assert independent(plain, units(5, Purpose.LIKE, 100_000, time=30)) > ALPHA
    assert independent(plain[:-1], plain[1:]) > ALPHA


def test_a_key_decides_by_its_place() -> None:
    """The same words in other places are other draws."""
    keys = (1, 2, 3, 4, 5)
    orders = ("01234", "10234", "01324", "01243", "41230")
    swapped = {expected_draw(*(keys[int(k)] for k in order)) for order in orders}
    assert len(swapped) == 5


def test_purposes_have_numbers_of_their_own() -> None:
    assert len({int(purpose) for purpose in Purpose}) == len(Purpose.__members__)


# ---- identities ---------------------------------------------------------------------------


def test_spaces_of_account_uids_do_not_meet() -> None:
    """By the two highest bits: people of the start, arrivals, fakes, protagonists."""
    model = worlds.live(worlds.model(worlds.busy()), 15)
    accounts = model.world.accounts
    space = (accounts["uid"] >> np.uint64(62)).astype(int)
    kinds = (AccountKind.ORDINARY, AccountKind.ARRIVAL, AccountKind.FAKE, AccountKind.PROTAGONIST)
    assert [set(accounts["kind"][space == k]) for k in range(4)] == [{kind} for kind in kinds]
    assert len(np.unique(accounts["uid"])) == len(accounts)


def test_uids_of_fakes_are_never_used_twice() -> None:
    """Not even by who orders every day for a year, beside somebody who orders once."""
    rest = worlds.protagonist("eager", "idle", lines="count = 2\nmoney = 1000\nfollowers = 0")
    made = worlds.scenario(
        days=300,
        accounts=20,
        burn_in=0,
        arrivals=0,
        population=worlds.QUIET_POPULATION,
        platform="tick_hours = 24\nlag_hours = 24\n"
        "[[platform.vendors]]\ndelivery_days = 1\ndecay_per_day = 0.5",
        rest=rest,
    )
    model = worlds.model(made)
    eager, other = (agent for agent in model.accounts if agent.kind == "protagonist")
    other.buy(300)
    for _ in range(290):
        eager.buy(1)
        model.step()
    uids = model.world.accounts["uid"]
    assert (uids >> np.uint64(62) == 2).sum() == 300 + 289
    assert len(np.unique(uids)) == len(uids)


def test_uids_of_posts_do_not_collide() -> None:
    """n posts in 64 bits collide with probability n²/2⁶⁵: here 7·10⁻¹⁰."""
    authors = [
        *range(60),
        *((1 << 62 | 5 << 32) + k for k in range(30)),
        *((3 << 62) + k for k in range(10)),
    ]
    uids = {
        post_uid(author, day, kind, slot)
        for author in authors
        for day in range(40)
        for kind in Kind
        for slot in range(8)
    }
    assert len(uids) == len(authors) * 40 * len(Kind) * 8


def test_the_uid_of_a_post_is_as_stated() -> None:
    """fold(fold(fold(mix(author), day), kind), slot)."""
    uid = post_uid((3 << 62) + 1, 130, Kind.BEG, 2)
    assert uid == fold(fold(fold(mix((3 << 62) + 1), 130), int(Kind.BEG)), 2)
