"""What must be true of a world after any number of ticks, whatever the settings.

Each check reads the arrays without the kernels that keep them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import worlds
from sim.kernels.layout import (
    ACQUAINTANCES,
    ARRANGED,
    AS_BEG,
    NO_BLOCK,
    NO_ROW,
    AccountKind,
    Kind,
    Origin,
    Refusal,
    Total,
    Verb,
)
from sim.model import FollowerModel
from sim.settings import Prices
from sim.world.world import World

# ---- lists --------------------------------------------------------------------------------


def check_lists(world: World) -> None:
    """Counts equal lists; lists are sound; every follow has one origin."""
    accounts, ties = world.accounts, worlds.ties(world)
    assert (accounts["follows"] <= accounts["ties"]).all()
    assert (accounts["ties"] <= accounts["follows"] + ACQUAINTANCES).all()
    counted = np.bincount(ties.other[ties.follow], minlength=len(accounts))
    assert (accounts["followers"] == counted).all()
    pairs = ties.owner << 32 | ties.other
    assert len(np.unique(pairs)) == len(pairs), "somebody has two ties to the same account"
    assert (ties.owner != ties.other).all(), "somebody has a tie to itself"
    alive = accounts["alive"] == 1
    assert alive[ties.owner].all(), "a deleted account has a list"
    assert alive[ties.other].all(), "there is a tie to a deleted account"


def check_records(world: World) -> None:
    """Every tie has an origin that exists, hours that have been, and is muted only as a follow."""
    ties = worlds.ties(world)
    assert np.isin(ties.record["origin"], list(Origin)).all()
    for hour in ("start", "engaged", "touched"):
        assert (ties.record[hour] <= world.hour).all()
    assert np.isin(ties.record["muted"], (0, 1)).all()
    assert not ties.record["muted"][~ties.follow].any()
    fakes = world.accounts["kind"] == AccountKind.FAKE
    bought = ties.record["origin"] == Origin.BOUGHT
    assert (fakes[ties.owner[ties.follow]] == bought[ties.follow]).all()


def check_directory(world: World) -> None:
    """Whoever can be found is found once, under its own number, and lives."""
    accounts, directory = world.accounts, world.state.directory
    numbers = np.flatnonzero(directory != NO_ROW)
    rows = directory[numbers]
    assert (accounts["alive"][rows] == 1).all()
    assert (accounts["number"][rows] == numbers).all()
    listed = (accounts["alive"] == 1) & (accounts["kind"] != AccountKind.FAKE)
    assert sorted(rows.tolist()) == np.flatnonzero(listed).tolist()
    assert len(np.unique(accounts["uid"])) == len(accounts)


# ---- the pool -----------------------------------------------------------------------------


def block_size(size_class: int) -> int:
    """Four sizes an octave: 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, ..."""
    return (4 + size_class % 4) << (size_class // 4)


def blocks(world: World) -> list[tuple[int, int]]:
    """Every block of the pool, in use or free, as (first entry, size)."""
    found = []
    for account in world.accounts:
        if account["size_class"] != NO_BLOCK:
            size = block_size(int(account["size_class"]))
            assert account["ties"] <= size
            found.append((int(account["start"]), size))
    for size_class, head in enumerate(world.state.free.tolist()):
        while head != NO_ROW:
            found.append((head, block_size(size_class)))
            head = int(world.state.follow_ids[head])
    return found


def check_pool(world: World) -> None:
    """The blocks, in use and free, lie side by side and fill the used part of the pool."""
    cursor = int(world.state.cursor[0])
    assert cursor <= len(world.state.follow_ids) == len(world.state.ties)
    end = 0
    for first, size in sorted(blocks(world)):
        assert first == end, f"blocks overlap or leave a gap at {end}"
        end = first + size
    assert end == cursor
    assert not world.accounts["ties"][world.accounts["size_class"] == NO_BLOCK].any()


# ---- posts --------------------------------------------------------------------------------


def window(world: World) -> tuple[range, Callable[[int], Any]]:
    """The sequence numbers of the window, and a look at a post by its number."""
    totals, posts = world.state.totals, world.state.posts
    numbers = range(int(totals[Total.OLDEST_POST]), int(totals[Total.NEXT_POST]))
    assert len(numbers) <= len(posts)
    assert len(posts) & (len(posts) - 1) == 0
    return numbers, lambda number: posts[number & (len(posts) - 1)]


def check_chains(world: World) -> None:
    """Each post of the window lies on its author's chain, once, and hours fall along it."""
    numbers, post = window(world)
    tick = world.settings.platform.tick_hours
    reached: Counter[int] = Counter()
    for row, account in enumerate(world.accounts):
        number, hour = int(account["latest"]), world.hour
        while number in numbers:
            assert post(number)["author"] == row
            assert post(number)["hour"] < hour + tick
            assert post(number)["previous"] < number
            reached[number] += 1
            number, hour = int(post(number)["previous"]), int(post(number)["hour"])
    assert reached == Counter(dict.fromkeys(numbers, 1))


def check_posts(world: World) -> None:
    """Posts are whole: counters fit one another, reshares lead to what they share."""
    numbers, post = window(world)
    uids = [int(post(number)["uid"]) for number in numbers]
    assert len(set(uids)) == len(uids)
    for number in numbers:
        one = post(number)
        assert one["likes"] <= one["engaged"]
        assert (one["root"] == one["uid"]) == (one["reshare"] == 0)
        assert one["reshare"] or one["creator"] == one["author"]
        assert one["topic"] < world.settings.world.topics
        assert one["gone"] == (world.accounts["alive"][one["creator"]] == 0)


# ---- counters -----------------------------------------------------------------------------


def check_totals(world: World) -> None:
    """Platform counters are the sums of what the accounts have counted."""
    totals, accounts = world.state.totals, world.accounts
    assert totals[Total.IMPRESSIONS] == accounts["impressions"].sum(dtype=np.int64)
    engaged = totals[Total.LIKES] + totals[Total.REPLIES] + totals[Total.RESHARES]
    assert engaged == accounts["engagements"].sum(dtype=np.int64)
    assert (totals >= 0).all()
    assert (accounts["dollars"] >= 0).all()


def check(world: World) -> None:
    """All of the above."""
    for one in (
        check_lists, check_records, check_directory, check_pool, check_chains, check_posts,
        check_totals,
    ):  # fmt: skip
        one(world)


def follows(world: World) -> int:
    return int(world.accounts["follows"].sum(dtype=np.int64))


def mutes(world: World) -> int:
    return int(worlds.ties(world).record["muted"].sum(dtype=np.int64))


def step_and_count(model: FollowerModel) -> None:
    """One tick, in which follows and mutes change by what is counted, phase by phase."""
    for name, phase in model.phases():
        before = model.world.state.totals.copy()
        held, muted = follows(model.world), mutes(model.world)
        phase()
        change = model.world.state.totals - before
        gained = change[Total.FOLLOWS] - change[Total.UNFOLLOWS]
        if name == "police":  # deletions are nobody's unfollows
            assert gained == 0
            assert follows(model.world) <= held
        else:
            assert follows(model.world) - held == gained, name
        if name == "decide":
            check_gestures(model, change)
        if name == "react":
            gained = change[Total.MUTES]  # of which some unfollow in the same session
            assert gained - change[Total.UNFOLLOWS] <= mutes(model.world) - muted <= gained
            check_impressions(model, change)


def check_gestures(model: FollowerModel, change: Any) -> None:
    """Engagements of the morning are the accepted likes and comments, those in pods among them."""
    first = model.world.hour % 24 == 0
    rows = model.plan[(model.plan_status == Refusal.ACCEPTED) & first]
    likes, comments = rows[rows["verb"] == Verb.LIKE], rows[rows["verb"] == Verb.COMMENT]
    assert change[Total.LIKES] == len(likes)
    assert change[Total.REPLIES] == len(comments)
    arranged = (likes["flags"] & ARRANGED > 0).sum() + (comments["flags"] & ARRANGED > 0).sum()
    assert change[Total.ARRANGED] == arranged


def check_impressions(model: FollowerModel, change: Any) -> None:
    """What the counters gained in a tick is the sum over its impressions."""
    seen, state = model.impressions, model.world.state
    posts = state.posts[seen["post"] & (len(state.posts) - 1)]
    interest = state.accounts["interest"][seen["viewer"], posts["topic"]].astype(np.int64)
    value = posts["quality"] * interest
    shown = seen["displaced"] == 0
    assert change[Total.IMPRESSIONS] == shown.sum()
    assert change[Total.VALUE] == value[shown].sum()
    assert change[Total.VALUE_LOST] == value[~shown].sum()
    assert change[Total.BEG_IMPRESSIONS] == (posts["kind"][shown] == Kind.BEG).sum()
    assert change[Total.PROMOTION_IMPRESSIONS] == (posts["kind"][shown] == Kind.PROMOTION).sum()


# ---- budgets ------------------------------------------------------------------------------


def price(row: Any, prices: Prices) -> float:
    """What a row of a plan costs in minutes, as the README says."""
    if row["verb"] != Verb.POST:
        acts = {
            Verb.REPLY: prices.reply,
            Verb.COMMENT: prices.reply,
            Verb.BUY: prices.purchase,
            Verb.HELP: prices.help,
            Verb.LIKE: prices.like,
            Verb.JOIN: 0.0,
        }
        return acts.get(row["verb"], prices.follow)
    if row["kind"] == Kind.BEG or row["flags"] & AS_BEG:
        return prices.beg
    named = {Kind.SELF_TALK: prices.self_talk, Kind.PROMOTION: prices.promotion}
    return named.get(row["kind"], float(row["effort"]) / 10)


def check_budgets(model: FollowerModel, dollars: Any) -> None:
    """Nobody spent more minutes than its day has, nor other dollars than it had this morning.

    ``dollars`` are those after the sponsors have paid.
    """
    settings_ = model.world.settings
    minutes: defaultdict[int, float] = defaultdict(float)
    spent: defaultdict[int, float] = defaultdict(float)
    follows_made: Counter[int] = Counter()
    for row in model.plan[model.plan_status == Refusal.ACCEPTED]:
        actor = int(row["actor"])
        minutes[actor] += price(row, settings_.behaviour.prices)
        follows_made[actor] += row["verb"] == Verb.FOLLOW
        if row["verb"] == Verb.BUY:
            vendor = settings_.platform.vendors[row["target"]]
            spent[actor] += row["amount"] / 1000 * vendor.price_per_1000
    accounts = model.world.accounts
    for actor, total in minutes.items():
        assert total <= float(accounts["minutes"][actor]) + 2**-20  # rounding
    earned = sold_today(model)
    for actor, total in spent.items():
        left = dollars[actor] - total + earned.get(actor, 0.0)
        assert float(accounts["dollars"][actor]) == pytest.approx(left, abs=1e-9)
    assert max(follows_made.values(), default=0) <= settings_.platform.follows_per_day


def sold_today(model: FollowerModel) -> dict[int, float]:
    """What sales have brought in the tick that has passed, by row."""
    world = model.world
    rows = {int(uid): row for row, uid in enumerate(world.accounts["uid"])}
    before = world.hour - world.settings.platform.tick_hours
    sold = world.bought[world.bought["hour"] == before]
    sellers = Counter(rows[int(uid)] for uid in sold["author"])
    return {row: n * world.settings.behaviour.sale_dollars for row, n in sellers.items()}


def sponsored(world: World) -> Any:
    """What sponsors pay each account in the morning, as the README says."""
    sponsors, accounts = world.settings.platform.sponsors, world.accounts
    heard = accounts["engagements"].astype(float) - accounts["paid"]
    pay = sponsors.per_1000_followers * accounts["followers"] / 1000
    pay += sponsors.per_engagement * heard
    real = (accounts["alive"] == 1) & (accounts["kind"] != AccountKind.FAKE)
    return pay * (real & (accounts["followers"] >= sponsors.least_followers))


def live_with_checks(model: FollowerModel, days: int) -> None:
    """Live for some days and check budgets each morning, counters in each phase."""
    last = model.day + days
    while model.day < last:
        dollars = model.world.accounts["dollars"] + sponsored(model.world)
        morning = model.world.hour % 24 == 0
        step_and_count(model)
        if morning:
            check_budgets(model, dollars)


# ---- the recorder -------------------------------------------------------------------------


def check_recorder(model: FollowerModel) -> None:
    """What is recorded of a protagonist is what its account says, and splits by origin."""
    tables = model.tables()
    series = tables["series"]
    last = series[series["day"] == series["day"].max()]
    for row, life in model.recorder.lives.items():
        account = model.world.accounts[row]
        own = last[last["account"] == life.name]
        whole = own[own["origin"] == ""].set_index("measure")["value"]
        assert whole["followers"] == account["followers"]
        assert whole["following"] == account["follows"]
        for measure in ("followers", "reachable", "engaged"):
            parts = own[(own["measure"] == measure) & (own["origin"] != "")]
            assert parts["value"].sum() == whole[measure]
            assert not parts["origin"].duplicated().any()
        assert whole["followers"] >= whole["reachable"] >= 0
        assert whole["followers"] >= whole["engaged"] >= 0


def check_follows_table(model: FollowerModel) -> None:
    """Every follow of a protagonist stands there once, from its start to its end."""
    table = model.tables()["follows"]
    ties, uids = worlds.ties(model.world), model.world.accounts["uid"]
    assert not table.duplicated(["account", "follower", "start"]).any()
    assert not (table["end"] < table["start"]).any()
    assert (table["end"].isna() == (table["end_cause"] == "")).all()
    for row, life in model.recorder.lives.items():
        now = table[(table["account"] == life.name) & table["end"].isna()]
        mine = ties.follow & (ties.other == row)
        held = dict(zip(uids[ties.owner[mine]].tolist(), ties.record["origin"][mine], strict=True))
        origins = {
            int(f): Origin[o.upper()] for f, o in zip(now["follower"], now["origin"], strict=True)
        }
        assert origins == held
    for _, lives in table.groupby(["account", "follower"]):
        spans = sorted(zip(lives["start"], lives["end"], strict=True))
        assert all(not isnan(end) and end <= start for (_, end), (start, _) in pairwise(spans))


# ---- the tests ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lived() -> FollowerModel:
    """A busy world, 20 days on, checked as it went."""
    model = worlds.model(worlds.busy())
    live_with_checks(model, 20)
    return model


@pytest.mark.parametrize(
    "check_one",
    [
        check_lists, check_records, check_directory, check_pool, check_chains, check_posts,
        check_totals,
    ],
)  # fmt: skip
def test_a_busy_world_is_sound(lived: FollowerModel, check_one: Callable[[World], None]) -> None:
    check_one(lived.world)


def test_what_is_recorded_is_what_is(lived: FollowerModel) -> None:
    check_recorder(lived)
    check_follows_table(lived)


def test_the_busy_world_is_busy(lived: FollowerModel) -> None:
    """The checks above see every sort of event; else they would prove little."""
    totals, table = lived.world.state.totals, lived.tables()
    for total in Total:
        assert total == Total.SIZE or totals[total] > 0, total.name
    ends = set(table["follows"]["end_cause"]) - {""}
    assert ends >= {"low_value", "repetition", "begging", "strategy", "sweep", "decay"}
    assert {Origin[name.upper()] for name in table["follows"]["origin"]} == set(Origin)
    assert set(table["events"]["event"]) >= {"milestone", "purchase", "delivery", "sweep", "sale"}
    refused = table["events"][table["events"]["event"] == "refused"]
    assert set(refused["cause"]) >= {"limit", "pointless"}
    assert (lived.world.accounts["kind"] == AccountKind.ARRIVAL).any()
    assert (worlds.ties(lived.world).record["muted"] == 1).any()


@pytest.mark.parametrize("network", ["calibrated", "uniform", "preferential", "merit"])
def test_every_network_is_sound(network: str) -> None:
    check(worlds.burnt(worlds.scenario(world=f'network = "{network}"', accounts=150)))


STRATEGIES = (
    "organic",
    "beg",
    "boosted",
    "buyer",
    "follow_for_follow",
    "idle",
    "reformed",
    "casual",
)


@st.composite
def texts(draw: st.DrawFn) -> dict[str, Any]:
    """Settings of a small world, within the admissible ranges."""
    tick = draw(st.sampled_from((1, 2, 3, 4, 6, 8, 12, 24)))
    lag = draw(st.integers(tick, 48))
    window = draw(st.integers(max(6, lag + tick), 96))
    chosen = draw(st.lists(st.sampled_from(STRATEGIES), min_size=1, max_size=4, unique=True))
    people = "".join(
        worlds.protagonist(
            name,
            name,
            lines=f"followers = {draw(st.integers(0, 15))}\nminutes = {draw(st.integers(0, 90))}",
        )
        for name in chosen
    )
    return {
        "days": 4,
        "seed": draw(st.integers(0, 2**62)),
        "accounts": draw(st.integers(20, 90)),
        "burn_in": draw(st.integers(0, 2)),
        "arrivals": draw(st.sampled_from((0.0, 0.01, 0.05))),
        "world": f"topics = {draw(st.integers(2, 8))}\n"
        f"arrival_follows = {draw(st.integers(0, 20))}\n"
        f'network = "{draw(st.sampled_from(("calibrated", "uniform", "preferential", "merit")))}"',
        "population": worlds.LIVELY_POPULATION
        + f"attention = {draw(st.sampled_from((0, 3, 15, 60)))}",
        "behaviour": worlds.LIVELY_BEHAVIOUR + draw(
            st.sampled_from(("", "warmth_half_life = 0.05", "expectation_memory = 1", "mute = 1"))
        ),
        "platform": f"tick_hours = {tick}\nlag_hours = {lag}\n"
        f"window_hours = {window}\nreturn_hours = {draw(st.integers(1, 60))}\n"
        f"follows_per_day = {draw(st.integers(0, 20))}\nfollow_cap = {draw(st.integers(0, 40))}\n"
        f"recommendations = {draw(st.integers(0, 20))}\n"
        "sweep_every_days = 2\nsweep_false_positives = 0.05\n",
        "rest": people,
    }  # fmt: skip


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(texts())
def test_any_small_world_is_sound(text: dict[str, Any]) -> None:
    model = FollowerModel(worlds.scenario(**text))
    check(model.world)
    live_with_checks(model, 4)
    check(model.world)
    check_recorder(model)
    check_follows_table(model)


def test_a_wrong_count_is_found(lived: FollowerModel) -> None:
    """The checks can fail: a follower too many, a doubled tie, a lost block."""
    world = lived.world.fork()
    world.accounts["followers"][3] += 1
    with pytest.raises(AssertionError):
        check_lists(world)
    world = lived.world.fork()
    row = int(np.flatnonzero(world.accounts["ties"] > 1)[0])
    first = int(world.accounts["start"][row])
    world.state.follow_ids[first + 1] = world.state.follow_ids[first]
    with pytest.raises(AssertionError):
        check_lists(world)
    world = lived.world.fork()
    world.accounts["size_class"][row] += 1
    with pytest.raises(AssertionError):
        check_pool(world)
