"""What accounts do: verbs become rows of a plan, which is tested, charged and carried out.

Strategies and agents speak to the world through `Accounts` alone. It shows what its accounts
could see on the platform, and its verbs write rows; nothing happens before `carry_out`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim import settings
from sim.kernels import draws, measure
from sim.kernels import plan as plan_kernels
from sim.kernels.layout import (
    ANY_TOPIC,
    AS_BEG,
    ASKS,
    DECISION,
    NO_ROW,
    NOTICE,
    PLAN,
    SCHEDULE,
    Kind,
    Purpose,
    Refusal,
    Verb,
)
from sim.world.world import ORDER, WAITING, World

__all__ = ["Account", "Accounts", "Day", "Outcome", "Plan", "Rows", "carry_out"]

Rows = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Targeting = Literal["topic", "anyone", "seekers"]
MOST_BOUGHT = 1_000_000  # followers in one order
_LOOKS_A_CANDIDATE = 40  # profiles that somebody looks at, at most, for each one wanted


class Day(NamedTuple):
    """The day that strategies plan for: its number in the experiment, and since the burn-in."""

    number: int
    absolute: int


def arranged(records: NDArray[np.void], order: NDArray[np.int64]) -> NDArray[np.void]:
    """Return records in another order; several times faster than indexing them as they are."""
    words = records.view(np.uint32).reshape(-1, records.dtype.itemsize // 4)
    return words[order].view(records.dtype).reshape(len(order))


class Plan:
    """The rows of a day's plan, in the order in which they were spoken."""

    def __init__(self) -> None:
        """Begin an empty plan."""
        self._parts: list[NDArray[np.void]] = []

    def add(self, actors: Rows, verb: Verb, **columns: ArrayLike) -> None:
        """Add a row for each actor; the columns are those of PLAN."""
        part = np.zeros(len(actors), PLAN)
        part["actor"], part["verb"] = actors, verb
        for name, values in columns.items():
            part[name] = values
        self._parts.append(part)

    def rows(self) -> NDArray[np.void]:
        """Return all rows with `seq` counting each actor's, sorted by (actor, seq)."""
        if not self._parts:
            return np.zeros(0, PLAN)
        rows = np.concatenate(self._parts) if len(self._parts) > 1 else self._parts[0]
        if np.any(rows["actor"][1:] < rows["actor"][:-1]):
            rows = arranged(rows, np.argsort(rows["actor"], kind="stable"))
        begins = np.flatnonzero(np.diff(rows["actor"], prepend=-1))
        counts = np.diff(np.append(begins, len(rows)))
        rows["seq"] = np.arange(len(rows)) - np.repeat(begins, counts)
        return rows


class Voice:
    """What one or many accounts of a strategy have in common: the verbs.

    Every verb takes ``where``, a mask of the accounts that act (all by default), and writes
    rows to the day's plan; nothing happens before the plan is carried out.
    """

    def __init__(
        self,
        world: World,
        rows: Rows,
        plan: Plan,
        memory: dict[str, NDArray[np.float64]] | None = None,
    ) -> None:
        """Speak for the accounts in these rows; ``memory`` holds declared columns, by row."""
        self._world = world
        self._plan = plan
        self._memory = memory or {}
        self._rows = rows

    def _field(self, name: str) -> NDArray[np.float64]:
        return self._world.state.accounts[name][self._rows].astype(np.float64)

    def _coins(self, label: int) -> NDArray[np.float64]:
        uids = self._world.state.accounts["uid"][self._rows]
        return self._units(Purpose.STRATEGY, uids, np.full(len(uids), label, np.uint64))

    def _units(
        self, purpose: Purpose, a: NDArray[np.uint64], b: NDArray[np.uint64]
    ) -> NDArray[np.float64]:
        out = np.empty(len(a))
        draws.units(np.uint64(self._world.seed), int(purpose), a, b, self._world.hour, out)
        return out

    @property
    def population(self) -> settings.Population:
        """The habits of ordinary people."""
        return self._world.settings.population

    @property
    def prices(self) -> settings.Prices:
        """What acts cost in minutes."""
        return self._world.settings.behaviour.prices

    @property
    def vendors(self) -> tuple[settings.Vendor, ...]:
        """Who sells followers."""
        return self._world.settings.platform.vendors

    def _acting(self, where: Mask | None) -> Rows:
        return self._rows if where is None else self._rows[where]

    def post(
        self,
        effort: ArrayLike = 30.0,
        *,
        kind: Kind = Kind.CONTENT,
        topic: int | None = None,
        count: ArrayLike = 1,
        where: Mask | None = None,
    ) -> None:
        """Plan posts: ``effort`` minutes each, on a topic or on what the account's focus brings."""
        actors = self._acting(where)
        counts = np.broadcast_to(np.asarray(count, np.int64), actors.shape)
        efforts = np.broadcast_to(np.asarray(effort, np.float64), actors.shape)
        tenths = np.rint(np.clip(efforts, 0, 6_000) * 10).astype(np.uint16)
        self._plan.add(
            np.repeat(actors, counts),
            Verb.POST,
            kind=kind,
            effort=np.repeat(tenths, counts),
            topic=ANY_TOPIC if topic is None else topic,
        )

    def beg(self, *, where: Mask | None = None) -> None:
        """Plan a post that asks for followers and for reshares."""
        self._plan.add(self._acting(where), Verb.POST, kind=Kind.BEG, flags=ASKS, topic=ANY_TOPIC)

    def boost(self, effort: float = 30.0, *, where: Mask | None = None) -> None:
        """Plan the placebo: plain content that spreads with the coins and odds of a beg."""
        self._plan.add(
            self._acting(where),
            Verb.POST,
            kind=Kind.CONTENT,
            effort=round(effort * 10),
            flags=ASKS | AS_BEG,
            topic=ANY_TOPIC,
        )

    def buy(self, amount: int, vendor: str = "default", *, where: Mask | None = None) -> None:
        """Plan to order fake followers.

        Raises:
            KeyError: there is no such vendor.
            ValueError: fewer than 1 or more than 1,000,000 followers.
        """
        if not 1 <= amount <= MOST_BOUGHT:
            raise ValueError(f"an order is for 1 to {MOST_BOUGHT:,} followers (got {amount})")
        index = [v.name for v in self.vendors].index(vendor) if self._sells(vendor) else -1
        if index < 0:
            names = ", ".join(v.name for v in self.vendors)
            raise KeyError(f"no vendor named {vendor!r}; there are: {names}")
        self._plan.add(self._acting(where), Verb.BUY, target=index, amount=amount)

    def _sells(self, vendor: str) -> bool:
        return any(v.name == vendor for v in self.vendors)

    def answer(self, most: int | None = None) -> None:
        """Plan answers to those who have replied and wait, the earliest first."""
        waiting = self._world.inbox
        for row in self._rows:
            others = waiting["actor"][waiting["target"] == row][:most]
            self._plan.add(np.full(len(others), row), Verb.REPLY, target=others)


class Accounts(Voice):
    """All accounts of one strategy: every property is an array with one entry an account."""

    def __len__(self) -> int:
        """Return how many accounts these are."""
        return len(self._rows)

    def __iter__(self) -> Iterator["Account"]:
        """Yield them one by one."""
        for k in range(len(self._rows)):
            yield Account(self._world, self._rows[k : k + 1], self._plan, self._memory)

    def __getitem__(self, column: str) -> NDArray[np.float64]:
        """Return a declared column of the strategy's memory."""
        values: NDArray[np.float64] = self._memory[column][self._rows]
        return values

    def __setitem__(self, column: str, values: ArrayLike) -> None:
        """Remember something in a declared column."""
        self._memory[column][self._rows] = values

    @property
    def followers(self) -> NDArray[np.float64]:
        """Followers, as everybody sees them."""
        return self._field("followers")

    @property
    def following(self) -> NDArray[np.float64]:
        """Accounts followed."""
        return self._field("follows")

    @property
    def minutes(self) -> NDArray[np.float64]:
        """Minutes to spend a day."""
        return self._field("minutes")

    @property
    def dollars(self) -> NDArray[np.float64]:
        """Dollars left."""
        return self._field("dollars")

    @property
    def rate(self) -> NDArray[np.float64]:
        """Posts a day that an ordinary account is used to writing."""
        return self._field("rate")

    @property
    def engagements(self) -> NDArray[np.float64]:
        """Likes, replies and reshares ever received."""
        return self._field("engagements")

    def coin(self, label: int) -> NDArray[np.float64]:
        """Return today's coin of this label (0 to 2**32) for each account, in [0, 1)."""
        return self._coins(label)

    def post_habitually(self) -> None:
        """Plan what ordinary accounts write: content, or talk about themselves."""
        accounts, population = self._world.state.accounts, self.population
        rate = self.rate
        uids = accounts["uid"][self._rows]
        zeros = np.zeros(len(uids), np.uint64)
        whole = np.floor(rate)
        counts = (whole + (self._units(Purpose.POST_COUNT, uids, zeros) < rate - whole)).astype(int)
        actors = np.repeat(self._rows, counts)
        begins = np.repeat(np.cumsum(counts) - counts, counts)
        slots = (np.arange(len(actors)) - begins).astype(np.uint64)
        coins = self._units(Purpose.POST_KIND, np.repeat(uids, counts), slots)
        kinds = np.where(coins < population.self_talk, Kind.SELF_TALK, Kind.CONTENT)
        effort = round(population.effort * 10)
        self._plan.add(actors, Verb.POST, kind=kinds, effort=effort, topic=ANY_TOPIC)


class Account(Voice):
    """One account: the same verbs, numbers in place of arrays, and a look at single others.

    Other accounts are handed out as references (row numbers) that mean nothing by themselves.
    """

    @property
    def _row(self) -> int:
        return int(self._rows[0])

    @property
    def _record(self) -> np.void:
        record: np.void = self._world.state.accounts[self._row]
        return record

    def __getitem__(self, column: str) -> float:
        """Return what this account remembers in a declared column."""
        return float(self._memory[column][self._row])

    def __setitem__(self, column: str, value: float) -> None:
        """Remember a number in a declared column."""
        self._memory[column][self._row] = value

    @property
    def followers(self) -> int:
        """Followers, as everybody sees them."""
        return int(self._record["followers"])

    @property
    def following(self) -> int:
        """Accounts followed."""
        return int(self._record["follows"])

    @property
    def minutes(self) -> float:
        """Minutes to spend a day."""
        return float(self._record["minutes"])

    @property
    def dollars(self) -> float:
        """Dollars left."""
        return float(self._record["dollars"])

    @property
    def engagements(self) -> int:
        """Likes, replies and reshares ever received."""
        return int(self._record["engagements"])

    @property
    def waiting(self) -> int:
        """How many people have replied and wait for an answer."""
        return int(np.count_nonzero(self._world.inbox["target"] == self._row))

    def coin(self, label: int) -> float:
        """Return today's coin of this label (0 to 2**32), in [0, 1)."""
        return float(self._coins(label)[0])

    def following_list(self) -> Rows:
        """Return references to the accounts that this one follows."""
        first = int(self._record["start"])
        follows: Rows = self._world.state.follow_ids[first : first + int(self._record["follows"])]
        return follows.copy()

    def following_days(self) -> NDArray[np.float64]:
        """Return for how many days each of them has been followed."""
        first = int(self._record["start"])
        ties = self._world.state.ties[first : first + int(self._record["follows"])]
        days: NDArray[np.float64] = (self._world.hour - ties["start"].astype(np.float64)) / 24.0
        return days

    def follow_me(self, others: Rows) -> Mask:
        """Tell which of these accounts follow this one."""
        flags, warmth = np.zeros(len(others), np.uint8), np.zeros(len(others))
        engaged = np.zeros(len(others), np.uint16)
        measure.look_at_followers(
            self._world.state,
            self._world.tables,
            self._row,
            others,
            self._world.hour,
            0,
            flags,
            warmth,
            engaged,
        )
        return flags > 0

    def find(self, count: int, targeting: Targeting = "topic") -> Rows:
        """Return up to ``count`` accounts that this one might follow.

        It looks at profiles drawn from the directory: on topics that it likes ("topic"), of
        accounts that follow at least as many as follow them ("seekers"), or any ("anyone").
        """
        state = self._world.state
        words = np.empty(count * _LOOKS_A_CANDIDATE, np.uint64)
        uid = self._record["uid"]
        draws.words(np.uint64(self._world.seed), Purpose.TARGET, uid, 0, self._world.hour, words)
        rows = state.directory[(words & np.uint64(len(state.directory) - 1)).astype(np.int64)]
        fine = rows != NO_ROW
        found = state.accounts[np.where(fine, rows, 0)]
        fine &= (found["alive"] == 1) & (rows != self._row)
        # nothing is to be seen of an account that neither posts nor follows nor is followed
        fine &= (found["posts"] > 0) | (found["follows"] > 0) | (found["followers"] > 0)
        fine &= ~np.isin(rows, self.following_list())
        fine &= self._suits(found, (words >> np.uint64(40)) & np.uint64(0xFF), targeting)
        first = np.unique(rows[fine], return_index=True)[1]
        chosen: Rows = rows[fine][np.sort(first)][:count]
        return chosen

    def _suits(
        self, found: NDArray[np.void], coins: NDArray[np.uint64], targeting: Targeting
    ) -> Mask:
        if targeting == "topic":
            liked = self._record["interest"][found["focus"]]
            return np.asarray(coins < liked)
        if targeting == "seekers":
            return np.asarray(found["follows"] >= np.maximum(found["followers"], 1))
        return np.ones(len(found), bool)

    def follow(self, others: Rows, *, for_follow: bool = False) -> None:
        """Plan to follow these accounts; ``for_follow`` only labels where the follow came from."""
        actors = np.full(len(others), self._row, np.uint32)
        self._plan.add(actors, Verb.FOLLOW, target=others, flags=int(for_follow))

    def unfollow(self, others: Rows) -> None:
        """Plan to unfollow these accounts."""
        actors = np.full(len(others), self._row, np.uint32)
        self._plan.add(actors, Verb.UNFOLLOW, target=others)


@dataclass
class Outcome:
    """What became of a plan: its rows in order, why each was refused, what each cost."""

    plan: NDArray[np.void]
    status: NDArray[np.uint8]
    minutes: NDArray[np.float64]
    dollars: NDArray[np.float64]
    events: NDArray[np.void]


def carry_out(world: World, plan: NDArray[np.void]) -> Outcome:
    """Test a day's plan, charge it, and do what is done at once; posts go to the schedule."""
    uids = world.state.accounts["uid"][plan["actor"]]
    if np.any(uids[1:] < uids[:-1]):  # rows of an actor stand in the order of seq already
        plan = arranged(plan, np.argsort(uids, kind="stable"))
    welcome, dollars = _welcome(world, plan), _dollars(world, plan)
    status, minutes = np.zeros(len(plan), np.uint8), np.zeros(len(plan))
    notices, events = np.zeros(len(plan), NOTICE), np.zeros(len(plan), DECISION)
    _reserve(world, plan)
    written, logged = plan_kernels.carry_out_plan(
        world.state,
        world.tables,
        world.params,
        world.rules,
        np.uint64(world.seed),
        world.hour,
        plan,
        welcome,
        dollars,
        status,
        minutes,
        notices,
        events,
    )
    world.notices = np.concatenate([world.notices, notices[:written]])
    outcome = Outcome(plan, status, minutes, dollars, events[:logged])
    accepted = plan[status == Refusal.ACCEPTED]
    _clear_inbox(world, accepted)
    _order(world, accepted)
    _schedule(world, plan, status)
    return outcome


def _pairs(first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.uint64]:
    return first.astype(np.uint64) << np.uint64(32) | second.astype(np.uint64)


def _welcome(world: World, plan: NDArray[np.void]) -> NDArray[np.uint8]:
    """Mark the answers to somebody who waited for one this morning."""
    welcome = np.zeros(len(plan), np.uint8)
    replies = np.flatnonzero(plan["verb"] == Verb.REPLY)
    waiting = _pairs(world.inbox["target"], world.inbox["actor"])
    said = _pairs(plan["actor"][replies], plan["target"][replies])
    welcome[replies] = np.isin(said, waiting)
    return welcome


def _dollars(world: World, plan: NDArray[np.void]) -> NDArray[np.float64]:
    """Return what each row costs in dollars."""
    prices = np.array([v.price_per_1000 for v in world.settings.platform.vendors] or [0.0])
    dollars = np.zeros(len(plan))
    buys = np.flatnonzero(plan["verb"] == Verb.BUY)
    dollars[buys] = plan["amount"][buys] / 1000.0 * prices[plan["target"][buys]]
    return dollars


def _reserve(world: World, plan: NDArray[np.void]) -> None:
    """Make room for the ties that a plan can bring about."""
    follows = plan["verb"] == Verb.FOLLOW
    replies = plan["verb"] == Verb.REPLY
    owners = (plan["actor"][follows], plan["actor"][replies], plan["target"][replies])
    world.reserve_ties(np.concatenate(owners))


def _clear_inbox(world: World, accepted: NDArray[np.void]) -> None:
    """Take the answered replies out of the inbox."""
    replies = accepted[accepted["verb"] == Verb.REPLY]
    if len(replies):
        waiting = _pairs(world.inbox["target"], world.inbox["actor"])
        answered = np.isin(waiting, _pairs(replies["actor"], replies["target"]))
        world.inbox = world.inbox[~answered]


def receive_replies(world: World, replies: NDArray[np.void]) -> None:
    """Put replies that wait for an answer into the inbox, each pair once."""
    known = set(_pairs(world.inbox["target"], world.inbox["actor"]).tolist())
    fresh = []
    for pair in _pairs(replies["target"], replies["actor"]).tolist():
        if pair not in known:
            known.add(pair)
            fresh.append((pair >> 32, pair & 0xFFFFFFFF))
    world.inbox = np.concatenate([world.inbox, np.array(fresh, WAITING)])


def _order(world: World, accepted: NDArray[np.void]) -> None:
    """Place orders with the vendors."""
    buys = accepted[accepted["verb"] == Verb.BUY]
    for row in buys:
        same = world.orders[world.orders["buyer"] == row["actor"]]
        first = int(same["amount"].sum())
        order = (row["target"], row["actor"], row["amount"], world.hour // 24, first)
        world.orders = np.append(world.orders, np.array([order], ORDER))


def _schedule(world: World, plan: NDArray[np.void], status: NDArray[np.uint8]) -> None:
    """Schedule the day's posts by the hour at which they are due."""
    due = np.zeros(len(plan), SCHEDULE)
    count = plan_kernels.schedule_posts(
        world.state, np.uint64(world.seed), world.hour // 24, plan, status, due
    )
    merged = np.concatenate([world.schedule, due[:count]])
    world.schedule = arranged(merged, np.argsort(merged["due"], kind="stable"))
