"""Small worlds for the tests, made from a few lines of TOML, burnt in once and forked."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.kernels import draws
from sim.kernels.layout import AccountKind, Purpose, Route, Total
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
        ("helper", "community", "", 60),
        ("podder", "pod", "", 60),
        ("keeper", "ratio_keeper", "ratio = 0.2, grace_days = 2", 60),
        ("learner", "adaptive", "trial_days = 2", 60),
        ("changing", "mixture", "shares = { organic = 1.0, broadcaster = 1.0, beg = 1.0 }", 60),
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
HAPPENINGS = """
[[events]]
day = 4
kind = "viral"
protagonist = "plain"
reach = 0.3
[[events]]
day = 8
kind = "set"
set = { "platform.ranking" = "mixed", "behaviour.like_odds" = 0.4 }
[[events]]
day = 9
kind = "strategy"
strategy = "self_promoter"
protagonist = "lazy"
"""
BUSY_WORLD = "departures_per_day = 0.003\n"
BUSY_POPULATION = f"""{LIVELY_POPULATION}
strategies = {{ casual = 0.7, pod = 0.1, community = 0.1, follow_for_follow = 0.1 }}
params = {{ follow_for_follow = {{ per_day = 1 }} }}
sellers = 0.2
needs_per_day = 0.1
"""
BUSY_BEHAVIOUR = f"""{LIVELY_BEHAVIOUR}
imitation = 0.2
imitation_factor = 1.0
arranged_warmth = 0.5
word_of_mouth = 2.0
hope_days = 2
"""
BUSY_PLATFORM = """
profile_checks = 0.7
popularity_share = 0.3
churn_limit = 4
churn_block_days = 2
detection_per_day = 0.01
pods = 3
sponsors = { per_1000_followers = 5.0, per_engagement = 0.01, least_followers = 15 }
"""
VENDOR = """
sweep_false_positives = 0.01
[[platform.vendors]]
delivery_days = 3
decay_per_day = 0.02
clients = 0.2
"""


def busy(**changes: Any) -> Scenario:
    """All strategies as rivals in one lively world, with every mechanism on."""
    everything = {
        "world": BUSY_WORLD,
        "population": BUSY_POPULATION,
        "behaviour": BUSY_BEHAVIOUR,
        "platform": BUSY_PLATFORM + VENDOR,
        "rest": RIVALS + SWEEPS + HAPPENINGS,
    }
    return scenario(**{**everything, **changes})


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


# ---- two worlds side by side --------------------------------------------------------------

Settings = Mapping[str, Any]  # by dotted key, see `govern`
Script = Callable[[FollowerModel], None]  # what is told to accounts before a day
Picture = dict[str, dict[Any, Any]]  # "table.column" -> key -> value
Changes = dict[str, set[Any]]  # "table.column", or "table" for what only one has -> keys
_PLACES = {"recent", "uid", "start", "size_class", "latest"}
_WORLD = ("notices", "schedule", "inbox", "orders", "bought", "needs", "viral")


def govern(model: FollowerModel, changes: Settings) -> None:
    """Put a model under other settings from now on, by dotted key.

    Besides the sections there are "vendor.x" (of all vendors), and "account.x" and "tie.x": a
    column of the world, given as a value for all or as a function of accounts or of ties.
    """
    for key, value in changes.items():
        section, _, name = key.partition(".")
        if section in ("account", "tie"):
            records = model.world.accounts if section == "account" else model.world.state.ties
            records[name] = value(records) if callable(value) else value
        else:
            _set(model.world, section, name, value)


def _set(world: World, section: str, name: str, value: Any) -> None:
    """Change one setting of a world."""
    now = world.settings
    if section == "vendor":
        sold = tuple(v.model_copy(update={name: value}) for v in now.platform.vendors)
        section, name, value = "platform", "vendors", sold
    if section == "sponsors":
        pay = now.platform.sponsors.model_copy(update={name: value})
        section, name, value = "platform", "sponsors", pay
    if section == "prices":
        prices = now.behaviour.prices.model_copy(update={name: value})
        section, name, value = "behaviour", "prices", prices
    new = getattr(now, section).model_copy(update={name: value})
    assert name in type(new).model_fields, f"there is no {section}.{name}"
    world.govern(now._replace(**{section: new}))


def alike(one: FollowerModel, two: FollowerModel) -> bool:
    """Whether two models agree in every array, without a look at what the arrays mean."""
    pairs = [
        (one.world.accounts, two.world.accounts),
        (one.world.state.totals, two.world.state.totals),
        (one.world.state.posts, two.world.state.posts),
        (one.impressions, two.impressions),
        (one._tick.crowding, two._tick.crowding),
        (one.plan, two.plan),
        (one.plan_status, two.plan_status),
        *((getattr(one.world, name), getattr(two.world, name)) for name in _WORLD),
        *zip(ties(one.world), ties(two.world), strict=True),
    ]
    columns = one.world.columns, two.world.columns
    return (
        all(np.array_equal(a, b) for a, b in pairs)
        and columns[0].keys() == columns[1].keys()
        and all(np.array_equal(columns[0][name], columns[1][name]) for name in columns[0])
    )


def changes(one: Picture, two: Picture) -> Changes:
    """What differs between two pictures: keys by column, and keys that only one of them has."""
    out: Changes = {}
    for column in one.keys() | two.keys():
        first, second = one.get(column, {}), two.get(column, {})
        if alone := first.keys() ^ second.keys():
            out.setdefault(column.partition(".")[0], set()).update(alone)
        if other := {k for k in first.keys() & second.keys() if first[k] != second[k]}:
            out[column] = other
    return out


def picture(model: FollowerModel) -> Picture:
    """All that belongs to a model, by column and by uid: no row or place in a list enters."""
    world = model.world
    uids = world.accounts["uid"].tolist()
    return {
        **_of_accounts(world, uids),
        **_of_ties(world, uids),
        **_of_posts(world, uids),
        **_of_books(world, uids),
        **_of_plan(model, uids),
        **_of_feeds(model, uids),
        **{f"total.{total.name}": {0: int(world.state.totals[total])} for total in _COUNTED},
    }


_COUNTED = [t for t in Total if t not in (Total.OLDEST_POST, Total.NEXT_POST, Total.SIZE)]


def _by_column(table: str, keys: list[Any], records: NDArray[np.void], names: Any) -> Picture:
    return {
        f"{table}.{name}": dict(zip(keys, records[name].tolist(), strict=True)) for name in names
    }


def _of_accounts(world: World, uids: list[int]) -> Picture:
    names = [name for name in world.accounts.dtype.names or () if name not in _PLACES]
    known = {sequence: int(post["uid"]) for sequence, post in window(world).items()}
    latest = [known.get(sequence, 0) for sequence in world.accounts["latest"].tolist()]
    out = _by_column("account", uids, world.accounts, names)
    return {**out, "account.latest": dict(zip(uids, latest, strict=True))}


def _of_ties(world: World, uids: list[int]) -> Picture:
    every = ties(world)
    owners, others = ([uids[row] for row in rows.tolist()] for rows in (every.owner, every.other))
    keys = list(zip(owners, others, strict=True))
    lists: dict[int, list[int]] = {uid: [] for uid in uids}
    for owner, other in keys:
        lists[owner].append(other)
    out = _by_column("tie", keys, every.record, every.record.dtype.names)
    follow = dict(zip(keys, every.follow.tolist(), strict=True))
    return {**out, "tie.follow": follow, "list.order": lists}


def window(world: World) -> dict[int, np.void]:
    """The posts that are remembered, by sequence number."""
    state = world.state
    first, last = (int(state.totals[t]) for t in (Total.OLDEST_POST, Total.NEXT_POST))
    return {k: state.posts[k & (len(state.posts) - 1)] for k in range(first, last)}


def _of_posts(world: World, uids: list[int]) -> Picture:
    posts = window(world)
    records = np.array(list(posts.values()), world.state.posts.dtype)
    # what follows from the creator is left out: whether it sells, and is tracked
    left_out = ("author", "creator", "previous", "sells", "tracked")
    names = [n for n in records.dtype.names or () if n not in left_out]
    keys = records["uid"].tolist()
    out = _by_column("post", keys, records, names)
    for name in ("author", "creator"):
        out[f"post.{name}"] = {k: uids[r] for k, r in zip(keys, records[name], strict=True)}
    return out


def _of_books(world: World, uids: list[int]) -> Picture:
    """What is pending, sold, needed and remembered, with uids in place of rows, in any order."""
    rows = {"target", "actor", "author", "buyer", "asker", "row"}
    out: Picture = {}
    for table in _WORLD:
        records = getattr(world, table)
        columns = [
            [uids[r] for r in records[n].tolist()]
            if n in rows and records[n].dtype == np.uint32
            else records[n].tolist()
            for n in records.dtype.names
        ]
        out[f"{table}.times"] = dict(Counter(zip(*columns, strict=True)))
    for name, column in world.columns.items():
        out[f"memory.{name}"] = dict(zip(uids, column.tolist(), strict=False))
    return out


def _of_plan(model: FollowerModel, uids: list[int]) -> Picture:
    plan = model.plan
    keys = [(uids[row["actor"]], int(row["seq"])) for row in plan]
    names = [name for name in plan.dtype.names or () if name not in ("actor", "seq", "target")]
    aimed = [uids[t] if t < len(uids) else int(t) for t in plan["target"]]
    return {
        **_by_column("plan", keys, plan, names),
        "plan.target": dict(zip(keys, aimed, strict=True)),
        "plan.status": dict(zip(keys, model.plan_status.tolist(), strict=True)),
    }


Feed = list[tuple[int, Route]]  # uids of posts, in order, and by which route they came


def feeds(model: FollowerModel, *, displaced: bool = False) -> dict[int, Feed]:
    """What each account was shown in the last tick, or what begs kept from it."""
    uids, posts = model.world.accounts["uid"].tolist(), window(model.world)
    out: dict[int, Feed] = {uid: [] for uid in uids}
    for one in model.impressions:
        if one["displaced"] == displaced:
            post = int(posts[int(one["post"])]["uid"])
            out[uids[one["viewer"]]].append((post, Route(one["route"])))
    return out


def crowding(model: FollowerModel) -> dict[int, float]:
    """How crowded the feed of each account was in the last tick."""
    uids, tick = model.world.accounts["uid"], model._tick
    seen = dict(zip(uids[tick.viewers].tolist(), tick.crowding.tolist(), strict=True))
    return dict.fromkeys(uids.tolist(), 0.0) | seen


def _of_feeds(model: FollowerModel, uids: list[int]) -> Picture:
    return {
        "feed.shown": feeds(model),
        "feed.displaced": feeds(model, displaced=True),
        "feed.crowding": crowding(model),
    }


class Moment(NamedTuple):
    """The first phase that ended differently: the world before it, and both models after it."""

    phase: str
    before: World
    on: FollowerModel
    off: FollowerModel
    changes: Changes

    @property
    def hour(self) -> int:
        """The hour of the tick."""
        return self.before.hour


def pair(
    made: Scenario, given: Settings, off: Settings, *, seed: int | None = None
) -> tuple[FollowerModel, FollowerModel]:
    """A model with a mechanism and one without, in copies of the same burnt-in world."""
    on, without = model(made, seed=seed), model(made, seed=seed)
    govern(on, given)
    govern(without, {**given, **off})
    return on, without


def altered(off: Settings) -> set[str]:
    """The columns of the world that were changed by hand to switch a mechanism off."""
    return {key for key in off if key.startswith(("account.", "tie."))}


def first_difference(
    on: FollowerModel,
    off: FollowerModel,
    *,
    days: int = 10,
    ignoring: Iterable[str] = (),
    script: Script | None = None,
) -> Moment | None:
    """Let both live phase by phase until something differs; None if nothing does."""
    last = on.day + days
    while on.day < last:
        if script and on.world.hour % 24 == 0:
            script(on)
            script(off)
        for (phase, one), (_, two) in zip(on.phases(), off.phases(), strict=True):
            before = on.world.fork()
            one()
            two()
            if found := differences(on, off, ignoring):
                return Moment(phase, before, on, off, found)
    return None


def differences(on: FollowerModel, off: FollowerModel, ignoring: Iterable[str] = ()) -> Changes:
    """What differs between two models, but for these columns."""
    if alike(on, off):
        return {}
    found = changes(picture(on), picture(off))
    return {column: keys for column, keys in found.items() if column not in set(ignoring)}


def tie_of(world: World) -> dict[tuple[int, int], tuple[bool, np.void]]:
    """Whether it is a follow, and the record, of each tie by the uids of owner and other."""
    uids, every = world.accounts["uid"].tolist(), ties(world)
    return {
        (uids[a], uids[b]): (bool(follow), record)
        for a, b, follow, record in zip(
            every.owner.tolist(), every.other.tolist(), every.follow, every.record, strict=True
        )
    }


def account_of(world: World) -> dict[int, np.void]:
    """The accounts by uid."""
    return {int(a["uid"]): a for a in world.accounts}


def post_of(world: World) -> dict[int, np.void]:
    """The posts by uid."""
    return {int(post["uid"]): post for post in window(world).values()}


def drawn(moment: Moment, purpose: Purpose, probability: float, kinds: set[int]) -> set[int]:
    """The uids of the living of some kinds for whom U(purpose, uid, 0, h) < probability."""
    accounts = moment.before.accounts
    uids, out = accounts["uid"].copy(), np.empty(len(accounts))
    nil = np.zeros(len(uids), np.uint64)
    draws.units(np.uint64(moment.before.seed), int(purpose), uids, nil, moment.hour, out)
    chosen = (out < probability) & (accounts["alive"] == 1)
    return set(uids[chosen & np.isin(accounts["kind"], list(kinds))].tolist())


# ---- a world in which every number is named -----------------------------------------------

NAMED_POPULATION = f"""{LIVELY_POPULATION}
strategies = {{ casual = 1 }}
params = {{}}
sessions_sigma = 1
sessions_max = 4
attention = 15
posts_sigma = 2.4
effort = 10
self_talk = 0.4
focus = 0.75
minutes = 240
money = 10
sellers = 0
needs_per_day = 0.05
"""
NAMED_BEHAVIOUR = f"""{LIVELY_BEHAVIOUR}
like_warmth = 4
follow_warmth = 4
leave_warmth = 3
sale_warmth = 4
sale_proof = 0.2
social_proof = 0.2
expectation_memory = 20
repetition = 0.1
overload = 0.1
hope = 0.1
hope_days = 7
mute = 0.07
warmth_like = 0.05
warmth_reply = 0.2
warmth_answer = 0.3
warmth_help = 0.4
help_irritation = 0.3
arranged_warmth = 0
drop_irritation = 1
word_of_mouth = 0.5
imitation = 0
imitation_factor = 2
"""
NAMED_PLATFORM = """
tick_hours = 6
lag_hours = 6
window_hours = 48
return_hours = 24
ranking = "ranked"
reach = "impression"
rank_warmth = 3
freshness_hours = 12
prior_impressions = 20
recommendations = 3
recommendation_weight = 1
friend_share = 0.5
popularity_share = 0.1
profile_checks = 1
need_hours = 72
pods = 20
sweep_recall = 0.7
"""


def named(**changes: Any) -> Scenario:
    """A lively world of casual people without arrivals, which no default can change."""
    given = {
        "arrivals": 0.0,
        "population": NAMED_POPULATION,
        "behaviour": NAMED_BEHAVIOUR,
        "platform": NAMED_PLATFORM + VENDOR,
        "world": "departures_per_day = 0.0002",
    }
    return scenario(**{**given, **changes})
