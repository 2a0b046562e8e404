"""Small worlds for the tests, made from a few lines of TOML, burnt in once and forked."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels.layout import AccountKind
from sim.model import FollowerModel, burn_in
from sim.scenario import Scenario, loads
from sim.world.world import World

LIVELY_POPULATION = """
sessions_median = 0.8
posts_median = 0.3
posts_max = 3
reciprocity_seekers = 0.3
diligence = 0.5
answers = 0.5
"""
LIVELY_BEHAVIOUR = """
like_odds = 0.5
reply_factor = 0.5
reshare_factor = 1.0
follow_odds = 0.2
reciprocity_odds = 0.3
follow_back_odds = 1.0
leave_hazard = 0.8
irritation_gain = 0.6
drop_noticed = 0.6
sale_odds = 0.2
sale_pause_days = 10
distaste_beg = 0.4
"""
QUIET_POPULATION = "sessions_median = 0\nposts_median = 0\n"


def scenario(
    *,
    days: int = 20,
    seed: int = 1,
    accounts: int = 200,
    burn_in: int = 5,
    arrivals: float = 0.01,
    world: str = "",
    population: str = LIVELY_POPULATION,
    behaviour: str = LIVELY_BEHAVIOUR,
    platform: str = "",
    rest: str = "",
) -> Scenario:
    """A small world in which much happens; texts are lines of a section, rest is whole TOML."""
    return loads(f"""
schema = 1
[scenario]
days = {days}
seed = {seed}
[world]
accounts = {accounts}
follows_per_account = 8
community_size = 50
burn_in_days = {burn_in}
arrivals_per_day = {arrivals}
{world}
[population]
{population}
[behaviour]
{behaviour}
[platform]
{platform}
{rest}
""")


def protagonist(name: str, strategy: str, params: str = "", *, lines: str = "") -> str:
    """The TOML of a protagonist; lines come before the params and may override nothing."""
    return (
        f'[[protagonists]]\nname = "{name}"\nstrategy = "{strategy}"\n{lines}\n'
        f"params = {{ {params} }}\n"
    )


MILESTONES = "milestones = [21, 23, 25, 27, 30, 33, 36, 40, 45, 50, 60, 70, 80, 100, 120, 150]"
RIVALS = "".join(
    protagonist(
        name, strategy, params, lines=f"followers = 20\ncraft = 0.9\nminutes = {minutes}\nmoney = 5"
    )
    for name, strategy, params, minutes in (
        ("plain", "organic", "", 60),
        ("beggar", "beg", MILESTONES, 60),
        ("boosted", "boosted", MILESTONES, 60),
        ("churner", "follow_for_follow", "per_day = 12", 60),
        ("hasty", "follow_for_follow", "per_day = 30", 4),  # wants more than it has time for
        ("buyer", "buyer", "amount = 120, again_below = 0.8", 60),
        ("reformed", "reformed", "amount = 60, until = 6", 60),
        ("lazy", "idle", "", 60),
    )
)
SWEEPS = """
[[events]]
day = 7
kind = "sweep"
recall = 0.5
false_positives = 0.03
[[events]]
day = 13
kind = "sweep"
"""
VENDOR = """
sweep_false_positives = 0.01
[[platform.vendors]]
delivery_days = 3
decay_per_day = 0.02
"""


def busy(**changes: Any) -> Scenario:
    """All strategies as rivals in one lively world, with fakes, decay, sweeps and arrivals."""
    return scenario(**{"platform": VENDOR, "rest": RIVALS + SWEEPS, **changes})


@cache
def _burnt(text: str, seed: int) -> World:
    return burn_in(loads(text), seed)


def burnt(made: Scenario, seed: int | None = None) -> World:
    """A copy of the burnt-in world of a scenario, which is made once a session."""
    seed = made.scenario.seed if seed is None else seed
    return _burnt(made.source_text, seed).fork()


def model(
    made: Scenario, arm: str | None = None, *, seed: int | None = None, threads: int = 1
) -> FollowerModel:
    """A model at the start of an arm, in a copy of the burnt-in world."""
    return FollowerModel(made, arm=arm, seed=seed, world=burnt(made, seed), threads=threads)


def live(one: FollowerModel, days: int) -> FollowerModel:
    """Let a model live for so many days."""
    last = one.day + days
    while one.day < last:
        one.step()
    return one


class Ties(NamedTuple):
    """All ties of a world, one entry each, in the order of rows and lists."""

    owner: NDArray[np.int64]  # rows
    other: NDArray[np.int64]
    follow: NDArray[np.bool_]
    record: NDArray[np.void]  # TIE


def ties(world: World) -> Ties:
    """The ties of all accounts, read from the pool without any kernel."""
    accounts, state = world.accounts, world.state
    counts = accounts["ties"].astype(np.int64)
    owner = np.repeat(np.arange(len(accounts)), counts)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    index = accounts["start"].astype(np.int64)[owner] + place
    follow = place < accounts["follows"][owner]
    return Ties(owner, state.follow_ids[index].astype(np.int64), follow, state.ties[index])


Dump = dict[int, tuple[Any, ...]]


def dump(world: World, ignoring: Sequence[str] = ()) -> Dump:
    """Every account with its ties by uid, as plain values that no row number enters."""
    places = {"start", "size_class", "latest", *ignoring}
    names = [name for name in world.accounts.dtype.names or () if name not in places]
    uids = world.accounts["uid"].tolist()
    out: Dump = {uid: (_values(a, names), []) for uid, a in zip(uids, world.accounts, strict=True)}
    every = ties(world)
    traits = [name for name in every.record.dtype.names or () if name not in ignoring]
    rows = zip(every.owner.tolist(), every.other.tolist(), every.follow.tolist(), strict=True)
    for (owner, other, follow), tie in zip(rows, every.record, strict=True):
        out[uids[owner]][1].append((uids[other], follow, _values(tie, traits)))
    return out


def _values(record: np.void, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(tuple(v) if np.ndim(v := record[name].tolist()) else v for name in names)


def rows_of(world: World, kind: AccountKind) -> NDArray[np.intp]:
    """The rows of accounts of a kind."""
    return np.flatnonzero(world.accounts["kind"] == kind)
