"""What accounts do: verbs become rows of a plan.

Strategies and agents speak to the world through `Accounts` alone. It shows what its accounts
could see on the platform, and its verbs write rows; nothing happens before `sim.enact` tests
the plan, charges it and carries it out.

Many accounts (`Accounts`) and one (`Account`) have the same verbs and the same sight. What is a
number for one is an array with one entry an account for many; whom one has found are references
(row numbers, which mean nothing by themselves), whom many have found are `Pairs`.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim import settings, sight
from sim.kernels import draws, habits
from sim.kernels.layout import (
    ANY_TOPIC,
    ARRANGED,
    AS_BEG,
    ASKS,
    FOR_FOLLOW,
    INTEREST,
    PLAN,
    Kind,
    Purpose,
    Verb,
)
from sim.sight import Pairs, Targeting
from sim.world.world import World

__all__ = ["Account", "Accounts", "Day", "Pairs", "Plan", "Rows", "Targeting"]

Rows = NDArray[np.uint32]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
MOST_BOUGHT = 1_000_000  # followers in one order
_MOST: Final = 1 << 40  # "as many as there are"
_HOURS: Final = 24


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

    def extend(self, rows: NDArray[np.void]) -> None:
        """Add rows (PLAN) as they are."""
        self._parts.append(rows)

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
    """What one and many accounts have in common: the verbs.

    Numbers can be given as one for all or as one an account. Verbs that everybody does by
    itself take ``where``, a mask of the accounts that act (all by default). They write rows to
    the day's plan; nothing happens before the plan is carried out.
    """

    def __init__(
        self,
        world: World,
        rows: Rows,
        plan: Plan,
        memory: dict[str, Numbers] | None = None,
    ) -> None:
        """Speak for the accounts in these rows; ``memory`` holds declared columns, by row."""
        self._world = world
        self._plan = plan
        self._memory = memory or {}
        self._rows = rows

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

    @property
    def hour(self) -> int:
        """The hour, counted from the start of the burn-in."""
        return self._world.hour

    def _acting(self, where: ArrayLike | None) -> Mask:
        shown = True if where is None else where
        return np.broadcast_to(np.asarray(shown, bool), self._rows.shape)

    def _aimed(self, others: Pairs | Rows) -> tuple[Rows, Rows]:
        """Return actors and targets, one entry a pair."""
        if isinstance(others, Pairs):
            return others.actor, others.other
        if len(self._rows) != 1:
            raise TypeError("many accounts act on pairs, as their looks return them")
        return np.repeat(self._rows, len(others)), others

    def post(
        self,
        effort: ArrayLike = 30.0,
        *,
        kind: Kind = Kind.CONTENT,
        topic: int | None = None,
        count: ArrayLike = 1,
        where: ArrayLike | None = None,
    ) -> None:
        """Plan posts: ``effort`` minutes each, on a topic or on what the account's focus brings."""
        shape, acting = self._rows.shape, self._acting(where)
        counts = np.broadcast_to(np.asarray(count, np.int64), shape)[acting]
        efforts = np.broadcast_to(np.asarray(effort, np.float64), shape)[acting]
        tenths = np.rint(np.clip(efforts, 0, 6_000) * 10).astype(np.uint16)
        self._plan.add(
            np.repeat(self._rows[acting], counts),
            Verb.POST,
            kind=kind,
            effort=np.repeat(tenths, counts),
            topic=ANY_TOPIC if topic is None else topic,
        )

    def beg(self, *, where: ArrayLike | None = None) -> None:
        """Plan a post that asks for followers and for reshares."""
        actors = self._rows[self._acting(where)]
        self._plan.add(actors, Verb.POST, kind=Kind.BEG, flags=ASKS, topic=ANY_TOPIC)

    def boost(self, effort: float = 30.0, *, where: ArrayLike | None = None) -> None:
        """Plan the placebo: plain content that spreads with the coins and odds of a beg."""
        self._plan.add(
            self._rows[self._acting(where)],
            Verb.POST,
            kind=Kind.CONTENT,
            effort=round(effort * 10),
            flags=ASKS | AS_BEG,
            topic=ANY_TOPIC,
        )

    def buy(self, amount: int, vendor: str = "default", *, where: ArrayLike | None = None) -> None:
        """Plan to order fake followers.

        Raises:
            KeyError: there is no such vendor.
            ValueError: fewer than 1 or more than 1,000,000 followers.
        """
        if not 1 <= amount <= MOST_BOUGHT:
            raise ValueError(f"an order is for 1 to {MOST_BOUGHT:,} followers (got {amount})")
        names = [v.name for v in self.vendors]
        if vendor not in names:
            raise KeyError(f"no vendor named {vendor!r}; there are: {', '.join(names)}")
        actors = self._rows[self._acting(where)]
        self._plan.add(actors, Verb.BUY, target=names.index(vendor), amount=amount)

    def join_pod(self, *, where: ArrayLike | None = None) -> None:
        """Plan to join a pod, a circle whose members like one another's posts by arrangement."""
        actors = self._rows[self._acting(where)]
        self._plan.add(actors, Verb.JOIN, target=actors)

    def answer(self, most: ArrayLike | None = None) -> None:
        """Plan answers to those who have replied and wait, the earliest first."""
        waiting = sight.waiting(self._world, self._rows)
        chosen = waiting if most is None else waiting.first(most)
        self._plan.add(chosen.actor, Verb.REPLY, target=chosen.other)

    def follow(self, others: Pairs | Rows, *, for_follow: bool = False) -> None:
        """Plan to follow these accounts; ``for_follow`` only labels where the follow came from."""
        actors, targets = self._aimed(others)
        self._plan.add(actors, Verb.FOLLOW, target=targets, flags=FOR_FOLLOW * for_follow)

    def unfollow(self, others: Pairs | Rows) -> None:
        """Plan to unfollow these accounts."""
        actors, targets = self._aimed(others)
        self._plan.add(actors, Verb.UNFOLLOW, target=targets)

    def like(self, others: Pairs | Rows, *, arranged: bool = False) -> None:
        """Plan to like the fresh post of each of these accounts; ``arranged`` as in a pod."""
        actors, targets = self._aimed(others)
        self._plan.add(actors, Verb.LIKE, target=targets, flags=ARRANGED * arranged)

    def comment(self, others: Pairs | Rows, *, arranged: bool = False) -> None:
        """Plan to comment on the fresh post of each of these; ``arranged`` as in a pod."""
        actors, targets = self._aimed(others)
        self._plan.add(actors, Verb.COMMENT, target=targets, flags=ARRANGED * arranged)

    def help(self, others: Pairs | Rows) -> None:
        """Plan to answer the open needs of these accounts, as `open_needs` finds them."""
        actors, targets = self._aimed(others)
        self._plan.add(
            actors,
            Verb.HELP,
            kind=Kind.HELP,
            target=targets,
            topic=sight.topics_of_needs(self._world, targets),
            effort=round(self.prices.help * 10),
        )


class Accounts(Voice):
    """All accounts of one strategy: every property is an array with one entry an account."""

    def __len__(self) -> int:
        """Return how many accounts these are."""
        return len(self._rows)

    def __iter__(self) -> Iterator["Account"]:
        """Yield them one by one."""
        for k in range(len(self._rows)):
            yield Account(self._world, self._rows[k : k + 1], self._plan, self._memory)

    def __getitem__(self, column: str) -> Numbers:
        """Return a declared column of the strategy's memory."""
        values: Numbers = self._memory[column][self._rows]
        return values

    def __setitem__(self, column: str, values: ArrayLike) -> None:
        """Remember something in a declared column."""
        self._memory[column][self._rows] = values

    def part(self, name: str, where: ArrayLike | None = None) -> "Accounts":
        """Return the accounts under a mask, remembering in the columns "<name>.<column>" only."""
        columns = {c: values for c, values in self._memory.items() if c.startswith(f"{name}.")}
        memory = {column.removeprefix(f"{name}."): values for column, values in columns.items()}
        return Accounts(self._world, self._rows[self._acting(where)], self._plan, memory)

    def _field(self, name: str) -> Numbers:
        return self._world.state.accounts[name][self._rows].astype(np.float64)

    # ---- what an account sees of itself -------------------------------------------------

    @property
    def followers(self) -> Numbers:
        """Followers, as everybody sees them."""
        return self._field("followers")

    @property
    def following(self) -> Numbers:
        """Accounts followed."""
        return self._field("follows")

    @property
    def engagements(self) -> Numbers:
        """Likes, replies and reshares ever received."""
        return self._field("engagements")

    @property
    def minutes(self) -> Numbers:
        """Minutes to spend a day."""
        return self._field("minutes")

    @property
    def dollars(self) -> Numbers:
        """Dollars left."""
        return self._field("dollars")

    @property
    def rate(self) -> Numbers:
        """Posts a day that an ordinary account is used to writing."""
        return self._field("rate")

    @property
    def age(self) -> Numbers:
        """Days since it joined the platform."""
        return (self.hour - self._field("joined")) / _HOURS

    @property
    def focus(self) -> NDArray[np.int64]:
        """The topic that it mostly posts on."""
        topics: NDArray[np.int64] = self._world.state.accounts["focus"][self._rows].astype(np.int64)
        return topics

    @property
    def interests(self) -> Numbers:
        """Its interest in each topic, at most 1; one row an account."""
        topics = self._world.settings.world.topics
        return self._field("interest")[:, :topics] / INTEREST

    @property
    def in_pod(self) -> Mask:
        """Whether it is a member of a pod."""
        return self._field("pod") > 0

    @property
    def waiting(self) -> NDArray[np.int64]:
        """How many people have replied and wait for an answer."""
        return sight.waiting(self._world, self._rows).counts

    def score(self, engagements: ArrayLike | None = None) -> Numbers:
        """Return the vanity score: log2(1 + followers) + weight x log2(1 + engagements).

        The weight is `platform.score_engagement`. The platform counts engagements of 28 days;
        of these an account knows only what it has remembered, so it says how many to count.
        By default all that it ever received.
        """
        counted = self.engagements if engagements is None else engagements
        weight = self._world.settings.platform.score_engagement
        known = sight.octaves(self._world, self._whole(self.followers))
        return known + weight * sight.octaves(self._world, self._whole(counted))

    def _whole(self, numbers: ArrayLike) -> NDArray[np.int64]:
        """Return whole numbers from 0 on, one an account."""
        return np.full(len(self), np.clip(numbers, 0, _MOST), np.int64)

    def coin(self, label: int) -> Numbers:
        """Return today's coin of this label (0 to 2**32) for each account, in [0, 1)."""
        uids = self._world.state.accounts["uid"][self._rows]
        return self._units(Purpose.STRATEGY, uids, np.full(len(uids), label, np.uint64))

    def _units(self, purpose: Purpose, a: NDArray[np.uint64], b: NDArray[np.uint64]) -> Numbers:
        out = np.empty(len(a))
        draws.units(np.uint64(self._world.seed), int(purpose), a, b, self._world.hour, out)
        return out

    # ---- what it sees of others ---------------------------------------------------------

    def following_list(self) -> Pairs:
        """Return whom each follows."""
        return sight.followees(self._world, self._rows)[0]

    def following_days(self) -> Numbers:
        """Return for how many days, one entry for each of `following_list`."""
        starts = sight.followees(self._world, self._rows)[1]
        return (self.hour - starts.astype(np.float64)) / _HOURS

    def follow_me(self, others: Pairs | Rows) -> Mask:
        """Tell which of these follow the account that has found them."""
        return sight.returned(self._world, *self._aimed(others))

    def unreturned(
        self, since_hour: ArrayLike = 0, grace_days: float = 0.0, *, where: ArrayLike | None = None
    ) -> Pairs:
        """Return whom each has followed since an hour, for longer than the grace, without return.

        The longest followed come first.
        """
        since, acting = self._whole(since_hour), self._acting(where)
        return sight.unreturned(self._world, self._rows, acting, since, grace_days)

    def find(self, count: ArrayLike, targeting: Targeting = "topic") -> Pairs:
        """Return up to ``count`` accounts for each that it might follow and does not follow yet.

        It looks at profiles drawn from the directory: on topics that it likes ("topic"), of
        accounts that follow at least as many as follow them ("seekers"; nobody where counts are
        hidden), or any ("anyone"); or at people whom somebody drawn from the directory follows,
        hence in proportion to their followers ("popular").
        """
        return sight.others(self._world, self._rows, self._whole(count), targeting)

    def conversations(self, count: ArrayLike) -> Pairs:
        """Return up to ``count`` accounts for each with a fresh post on a topic that it likes.

        A fresh post is an account's latest that others can see, if they can since a day at most.
        """
        return sight.conversations(self._world, self._rows, self._whole(count))

    def open_needs(self, count: ArrayLike) -> Pairs:
        """Return up to ``count`` accounts for each with an open need on a topic that it knows."""
        return sight.open_needs(self._world, self._rows, self._whole(count))

    def pod_posts(self, count: ArrayLike | None = None) -> Pairs:
        """Return the other members of its pod with a fresh post, or ``count`` of them by lot."""
        wanted = None if count is None else self._whole(count)
        return sight.pod_mates(self._world, self._rows, wanted)

    # ---- a verb of its own --------------------------------------------------------------

    def post_habitually(self) -> None:
        """Plan what ordinary accounts write: content, or talk about themselves."""
        world, population = self._world, self.population
        most = int(np.floor(self.rate).sum()) + len(self)
        plan = np.zeros(most, PLAN)
        count = habits.plan_habits(
            world.state,
            self._rows,
            np.uint64(world.seed),
            world.hour,
            population.self_talk,
            round(population.effort * 10),
            plan,
        )
        self._plan.extend(plan[:count])


class Account(Voice):
    """One account: the same verbs and the same sight, with numbers in place of arrays.

    Other accounts are handed out as references (row numbers) that mean nothing by themselves.
    """

    @property
    def _alone(self) -> Accounts:
        """The account as many of which there is one."""
        return Accounts(self._world, self._rows, self._plan, self._memory)

    def __getitem__(self, column: str) -> float:
        """Return what this account remembers in a declared column."""
        return float(self._memory[column][self._rows[0]])

    def __setitem__(self, column: str, value: float) -> None:
        """Remember a number in a declared column."""
        self._memory[column][self._rows[0]] = value

    @property
    def followers(self) -> int:
        """Followers, as everybody sees them."""
        return int(self._alone.followers[0])

    @property
    def following(self) -> int:
        """Accounts followed."""
        return int(self._alone.following[0])

    @property
    def engagements(self) -> int:
        """Likes, replies and reshares ever received."""
        return int(self._alone.engagements[0])

    @property
    def minutes(self) -> float:
        """Minutes to spend a day."""
        return float(self._alone.minutes[0])

    @property
    def dollars(self) -> float:
        """Dollars left."""
        return float(self._alone.dollars[0])

    @property
    def rate(self) -> float:
        """Posts a day that an ordinary account is used to writing."""
        return float(self._alone.rate[0])

    @property
    def age(self) -> float:
        """Days since it joined the platform."""
        return float(self._alone.age[0])

    @property
    def focus(self) -> int:
        """The topic that it mostly posts on."""
        return int(self._alone.focus[0])

    @property
    def interests(self) -> Numbers:
        """Its interest in each topic, at most 1."""
        interests: Numbers = self._alone.interests[0]
        return interests

    @property
    def in_pod(self) -> bool:
        """Whether it is a member of a pod."""
        return bool(self._alone.in_pod[0])

    @property
    def waiting(self) -> int:
        """How many people have replied and wait for an answer."""
        return int(self._alone.waiting[0])

    def score(self, engagements: float | None = None) -> float:
        """Return the vanity score; see `Accounts.score`."""
        return float(self._alone.score(engagements)[0])

    def coin(self, label: int) -> float:
        """Return today's coin of this label (0 to 2**32), in [0, 1)."""
        return float(self._alone.coin(label)[0])

    def following_list(self) -> Rows:
        """Return references to the accounts that this one follows."""
        return self._alone.following_list().other

    def following_days(self) -> Numbers:
        """Return for how many days each of them has been followed."""
        return self._alone.following_days()

    def follow_me(self, others: Rows) -> Mask:
        """Tell which of these accounts follow this one."""
        return self._alone.follow_me(others)

    def unreturned(self, since_hour: int = 0, grace_days: float = 0.0) -> Rows:
        """Return whom it follows without return; see `Accounts.unreturned`."""
        return self._alone.unreturned(since_hour, grace_days).other

    def find(self, count: int, targeting: Targeting = "topic") -> Rows:
        """Return up to ``count`` accounts that this one might follow; see `Accounts.find`."""
        return self._alone.find(count, targeting).other

    def conversations(self, count: int) -> Rows:
        """Return accounts with a fresh post that it likes; see `Accounts.conversations`."""
        return self._alone.conversations(count).other

    def open_needs(self, count: int) -> Rows:
        """Return accounts with an open need that it could meet; see `Accounts.open_needs`."""
        return self._alone.open_needs(count).other

    def pod_posts(self, count: int | None = None) -> Rows:
        """Return members of its pod with a fresh post; see `Accounts.pod_posts`."""
        return self._alone.pod_posts(count).other
