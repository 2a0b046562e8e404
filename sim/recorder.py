"""The recorder: what is written down of the protagonists and of the platform."""

from collections import defaultdict
from dataclasses import dataclass, field
from math import log2, nan
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels import measure
from sim.kernels.layout import (
    AS_BEG,
    NEVER,
    AccountKind,
    Cause,
    Kind,
    Origin,
    Refusal,
    Total,
    Verb,
)
from sim.metrics import DAY, MONTH
from sim.world.world import BOUGHT, World

if TYPE_CHECKING:
    import pandas as pd

    from sim.actions import Outcome
    from sim.phases import Tick

VALUE_UNIT: Final = 4096 * 255  # stored quality x interest of value 1
STRUCTURE_DAYS: Final = 30  # interval of the measures that need a look at the whole network
_ENGAGING = (Verb.LIKE, Verb.REPLY, Verb.RESHARE)
_YOUNG, _OLD = 28 * DAY, 56 * DAY  # the age at which origins are compared


@dataclass
class Follow:
    """One follow of a protagonist, from its beginning on; hours."""

    account: str
    follower: int
    origin: int
    start: int
    end: float = nan
    cause: str = ""
    engaged: bool = False
    seen: int = 0
    last_engagement: float = nan
    warmth: float = 0.0

    def age(self, hour: int) -> int:
        """Return for how many hours it has lasted."""
        return hour - self.start


@dataclass
class Life:
    """What has been counted of one protagonist since the experiment began."""

    name: str
    row: int
    first_followers: int
    current: dict[int, Follow] = field(default_factory=dict)
    past: list[Follow] = field(default_factory=list)
    rows: NDArray[np.uint32] | None = None  # of `current`, until it changes
    origins: NDArray[np.int64] | None = None
    counts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    history: list[tuple[int, int]] = field(default_factory=list)  # impressions, engagements


class Recorder:
    """Listens to what concerns the protagonists, and takes the measures at the end of a day."""

    def __init__(self, world: World, names: dict[int, str], every_days: int) -> None:
        """Begin with the followers that the protagonists (row -> name) have now."""
        self.every_days = every_days
        self.delivered = np.zeros(len(world.state.accounts), np.int64)
        self.lives = {row: self._begin(world, row, name) for row, name in names.items()}
        self.series: list[tuple[int, float, str, str, str, float]] = []
        self.events: list[tuple[int, str, str, str, float, str]] = []
        self._latest: dict[tuple[str, str], float] = {}  # by (measure, account)
        self._before = world.state.totals.copy()
        self._lost_before = int(world.state.totals[Total.VALUE_LOST])
        self.record(world)

    def _begin(self, world: World, row: int, name: str) -> Life:
        """Open the books of a protagonist."""
        rows = np.empty(world.rows, np.uint32)
        count = measure.followers_of(world.state, world.rows, row, rows)
        account = world.state.accounts[row]
        life = Life(name, row, count)
        life.history.append((int(account["impressions"]), int(account["engagements"])))
        for follower in rows[:count].tolist():
            self._open(world, life, follower, int(Origin.INITIAL))
        return life

    def _open(self, world: World, life: Life, follower: int, origin: int) -> None:
        uid = int(world.state.accounts[follower]["uid"])
        life.current[follower] = Follow(life.name, uid, origin, world.hour)
        life.rows = None

    def make_room(self, world: World) -> None:
        """Let the count of value delivered cover all rows."""
        missing = len(world.state.accounts) - len(self.delivered)
        if missing > 0:
            self.delivered = np.concatenate([self.delivered, np.zeros(missing, np.int64)])

    # ---- what happens -------------------------------------------------------------------

    def note(self, world: World, tick: "Tick") -> None:
        """Take in the events of a tick."""
        for events in tick.events:
            columns = (events[name].tolist() for name in ("actor", "target", "verb", "label"))
            for actor, target, verb, label in zip(*columns, strict=True):
                if target in self.lives:
                    self._note_one(world, self.lives[target], actor, verb, label)
        for deleted in tick.sweeps:
            self._event(world, "", "sweep", amount=deleted)

    def _note_one(self, world: World, life: Life, actor: int, verb: int, label: int) -> None:
        """Take in one event that befalls a protagonist."""
        if verb == Verb.SEEN or verb in _ENGAGING:
            self._attend(world, life, actor, verb)
        elif verb == Verb.FOLLOW:
            self._open(world, life, actor, label)
        elif verb == Verb.UNFOLLOW:
            self._close(world, life, actor, label)
        elif verb == Verb.MUTE:
            life.counts["mutes"] += 1
        elif verb == Verb.SALE:
            self._sell(world, life, actor)

    def _attend(self, world: World, life: Life, actor: int, verb: int) -> None:
        follow = life.current.get(actor)
        if follow is not None and _YOUNG <= follow.age(world.hour) < _OLD:
            follow.seen += verb == Verb.SEEN
            follow.engaged |= verb != Verb.SEEN

    def _close(self, world: World, life: Life, actor: int, label: int) -> None:
        follow = life.current.pop(actor, None)
        life.rows = None
        if follow is None:
            return
        follow.end, follow.cause = world.hour, Cause(label).name.lower()
        life.past.append(follow)
        if label < Cause.SWEEP:
            life.counts["unfollows"] += 1

    def _sell(self, world: World, life: Life, actor: int) -> None:
        """Count a sale unless this buyer bought here within the pause."""
        uid = world.state.accounts["uid"]
        same = world.bought[world.bought["author"] == uid[life.row]]
        same = same[same["viewer"] == uid[actor]]
        pause = world.settings.behaviour.sale_pause_days * DAY
        if len(same) and world.hour - int(same["hour"].max()) < pause:
            return
        sale = np.array([(uid[life.row], uid[actor], world.hour)], BOUGHT)
        world.bought = np.concatenate([world.bought, sale])
        life.counts["sales"] += 1
        self._event(world, life.name, "sale", other=str(uid[actor]), amount=1)

    def note_plan(self, world: World, outcome: "Outcome") -> None:
        """Take in what became of the protagonists' plans."""
        tracked = np.flatnonzero(np.isin(outcome.plan["actor"], list(self.lives)))
        for k in tracked:
            life = self.lives[int(outcome.plan["actor"][k])]
            row, status = outcome.plan[k], int(outcome.status[k])
            if status != Refusal.ACCEPTED:
                reason = Refusal(status).name.lower()
                self._event(world, life.name, "refused", amount=1, cause=reason)
                continue
            life.counts["minutes"] += float(outcome.minutes[k])
            life.counts["dollars"] += float(outcome.dollars[k])
            self._note_row(world, life, row)

    def _note_row(self, world: World, life: Life, row: np.void) -> None:
        """Take in an accepted row that is worth a mark in a figure."""
        if row["verb"] == Verb.BUY:
            vendor = world.settings.platform.vendors[row["target"]].name
            self._event(world, life.name, "purchase", other=vendor, amount=int(row["amount"]))
        elif row["verb"] == Verb.POST and (row["kind"] == Kind.BEG or row["flags"] & AS_BEG):
            count = int(world.state.accounts[life.row]["followers"])
            self._event(world, life.name, "milestone", amount=count)

    def note_delivery(self, world: World, tick: "Tick") -> None:
        """Mark what the vendors delivered this morning."""
        for events in tick.events:
            fakes = events[events["label"] == Origin.BOUGHT]
            life = self.lives.get(int(fakes["target"][0])) if len(fakes) else None
            if life is not None:
                self._event(world, life.name, "delivery", amount=len(fakes))

    def _event(
        self,
        world: World,
        account: str,
        event: str,
        other: str = "",
        amount: float = 0.0,
        cause: str = "",
    ) -> None:
        tick = world.hour // world.settings.platform.tick_hours
        self.events.append((tick, account, event, other, float(amount), cause))

    # ---- what is measured ---------------------------------------------------------------

    def record(self, world: World, *, last: bool = False) -> None:
        """Take the measures at the end of a day, if it is one to be recorded."""
        day = world.day
        if day > 0:
            self._remember_day(world)
        if day % self.every_days and not last:
            return
        for life in self.lives.values():
            for (name, origin), value in self.measure_life(world, life).items():
                self._write(world, life.name, name, origin, value)
        for name, value in self.measure_platform(world, last=last).items():
            self._write(world, "", name, "", value)

    def _remember_day(self, world: World) -> None:
        for life in self.lives.values():
            account = world.state.accounts[life.row]
            life.history.append((int(account["impressions"]), int(account["engagements"])))
            del life.history[:-29]

    def _write(self, world: World, account: str, name: str, origin: str, value: float) -> None:
        tick = world.hour // world.settings.platform.tick_hours
        day = world.hour / DAY - world.start_day
        self.series.append((tick, day, account, name, origin, float(value)))
        if origin == "":
            self._latest[name, account] = float(value)

    def measure_life(self, world: World, life: Life) -> dict[tuple[str, str], float]:
        """Return the measures of a protagonist by (measure, origin)."""
        flags, origins = self._look(world, life)
        out: dict[tuple[str, str], float] = {}
        kinds = {
            "followers": measure.FOLLOWING,
            "reachable": measure.REACHABLE,
            "engaged": measure.ENGAGED,
        }
        for name, bit in kinds.items():
            has = (flags & bit) > 0
            out[name, ""] = int(has.sum())
            counts = np.bincount(origins[has], minlength=len(Origin))
            for origin in Origin:
                if np.any(origins == origin) or origin == Origin.INITIAL:
                    out[name, origin.name.lower()] = int(counts[origin])
        return out | {(name, ""): value for name, value in self._totals(world, life).items()}

    def _look(self, world: World, life: Life) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return how each follower stands to a protagonist, and the origins of these follows."""
        if life.rows is None or life.origins is None:
            life.rows = np.array(list(life.current), np.uint32)
            life.origins = np.array([f.origin for f in life.current.values()], np.int64)
        rows, origins = life.rows, life.origins
        flags, warmth = np.zeros(len(rows), np.uint8), np.zeros(len(rows))
        engaged = np.zeros(len(rows), np.uint16)
        measure.look_at_followers(
            world.state, world.tables, life.row, rows, world.hour, MONTH, flags, warmth, engaged
        )
        return flags, origins

    def _totals(self, world: World, life: Life) -> dict[str, float]:
        """Return the measures that have no origin."""
        account = world.state.accounts[life.row]
        seen, engaged = life.history[-1][0], life.history[-1][1]
        seen, engaged = seen - life.history[0][0], engaged - life.history[0][1]
        warm = measure.warm_connections(
            world.state, world.tables, life.row, world.hour, world.settings.behaviour.warm
        )
        counted = {
            name: life.counts[name]
            for name in ("sales", "minutes", "dollars", "unfollows", "mutes")
        }
        return counted | {
            "following": int(account["follows"]),
            "engagement_rate": engaged / seen if seen else 0.0,
            "reach": seen,
            "warm": warm,
            "value": int(self.delivered[life.row]) / VALUE_UNIT,
            "score": round(log2(1 + int(account["followers"])) + log2(1 + engaged), 9),
        }

    def measure_platform(self, world: World, *, last: bool = False) -> dict[str, float]:
        """Return the measures of the platform; those of structure every thirty days only."""
        totals = world.state.totals
        since = totals - self._before
        self._before = totals.copy()
        shown = int(since[Total.IMPRESSIONS])
        polluting = int(since[Total.BEG_IMPRESSIONS] + since[Total.PROMOTION_IMPRESSIONS])
        out = {"value_lost": (int(totals[Total.VALUE_LOST]) - self._lost_before) / VALUE_UNIT}
        if shown:
            out["pollution"] = polluting / shown
            out["value_per_impression"] = int(since[Total.VALUE]) / shown / VALUE_UNIT
        if last or world.day % STRUCTURE_DAYS == 0:
            out |= structure(world)
        return out

    # ---- what is handed out -------------------------------------------------------------

    def latest(self, name: str) -> float | None:
        """Return the last value of a measure, averaged over the protagonists."""
        values = [value for (measured, _), value in self._latest.items() if measured == name]
        return sum(values) / len(values) if values else None

    def final(self) -> dict[str, float]:
        """Return the last measures, averaged over the protagonists."""
        sums: dict[str, list[float]] = defaultdict(list)
        for (name, _), value in self._latest.items():
            sums[name].append(value)
        out = {name: sum(values) / len(values) for name, values in sums.items()}
        started = [life.first_followers for life in self.lives.values()]
        gained = out["followers"] - sum(started) / len(started) if started else 0.0
        if started:
            out["minutes_per_follower"] = out["minutes"] / gained if gained >= 1 else nan
            engaged = out["engaged"]
            out["minutes_per_engaged"] = out["minutes"] / engaged if engaged else nan
            out["dollars_per_engaged"] = out["dollars"] / engaged if engaged else nan
        return out

    def tables(self, world: World) -> "dict[str, pd.DataFrame]":
        """Return series, events and follows as data frames."""
        import pandas as pd

        series = ["tick", "day", "account", "measure", "origin", "value"]
        events = ["tick", "account", "event", "other", "amount", "cause"]
        return {
            "series": pd.DataFrame(self.series, columns=series),
            "events": pd.DataFrame(self.events, columns=events),
            "follows": self._follows_table(world),
        }

    def _follows_table(self, world: World) -> "pd.DataFrame":
        """Return one row for each follow that a protagonist ever had."""
        import pandas as pd

        for life in self.lives.values():
            self._complete(world, life)
        follows = [f for life in self.lives.values() for f in (*life.past, *life.current.values())]
        return pd.DataFrame([_follow_row(f, world) for f in follows], columns=FOLLOW_COLUMNS)

    def _complete(self, world: World, life: Life) -> None:
        """Note the last engagement and the warmth of the follows that go on."""
        rows = np.fromiter(life.current, np.uint32, len(life.current))
        flags, warmth = np.zeros(len(rows), np.uint8), np.zeros(len(rows))
        engaged = np.zeros(len(rows), np.uint16)
        measure.look_at_followers(
            world.state, world.tables, life.row, rows, world.hour, MONTH, flags, warmth, engaged
        )
        for k, follow in enumerate(life.current.values()):
            follow.warmth = round(float(warmth[k]), 9)
            follow.last_engagement = float(engaged[k]) if engaged[k] != NEVER else nan


FOLLOW_COLUMNS: Final = [
    "account", "follower", "origin", "start", "end", "end_cause", "last_engagement", "warmth",
    "engaged_28_56", "seen_28_56",
]  # fmt: skip


def _follow_row(follow: Follow, world: World) -> tuple[object, ...]:
    """Return a follow as a row of the table; hours become days of the experiment."""
    old_enough = world.hour - follow.start >= _OLD

    def day(hour: float) -> float:
        return hour / DAY - world.start_day

    return (
        follow.account,
        str(follow.follower),
        Origin(follow.origin).name.lower(),
        day(follow.start),
        day(follow.end),
        follow.cause,
        day(follow.last_engagement),
        follow.warmth,
        float(follow.engaged) if old_enough else nan,
        float(follow.seen) if old_enough else nan,
    )


def structure(world: World) -> dict[str, float]:
    """Return the measures that need a look at the whole network."""
    counts = np.zeros(3, np.int64)
    quiet = max(1, world.hour - MONTH)
    measure.count_pairs(world.state, world.rows, quiet, counts)
    follows, returned, silent = (int(c) for c in counts)
    pairs = follows - returned // 2
    accounts = world.accounts
    real = accounts["followers"][(accounts["alive"] == 1) & (accounts["kind"] != AccountKind.FAKE)]
    return {
        "reciprocity": returned / 2 / pairs if pairs else 0.0,
        "net_zero": silent / 2,
        "gini": gini(real.astype(np.float64)),
    }


def gini(values: NDArray[np.float64]) -> float:
    """Return the Gini index of non-negative values; 0 if all are 0."""
    ordered = np.sort(values)
    total, count = float(ordered.sum()), len(ordered)
    if total == 0:
        return 0.0
    ranks = 2 * np.arange(1, count + 1) - count - 1
    return float(ranks @ ordered) / (count * total)
