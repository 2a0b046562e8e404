"""The recorder: it listens to what concerns the protagonists, and keeps their books."""

from collections import defaultdict
from math import nan
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from sim import checkpoint, measuring
from sim.checkpoint import Saved
from sim.kernels import measure
from sim.kernels.layout import ARRANGED, AS_BEG, NEVER, Cause, Kind, Origin, Refusal, Verb
from sim.lives import FOLLOW_COLUMNS, Follow, Life, follow_row
from sim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

    from sim.enact import Outcome
    from sim.phases import Tick

_ENGAGING: Final = (Verb.LIKE, Verb.REPLY, Verb.RESHARE, Verb.COMMENT)
_HOURS: Final = 24
_SERIES: Final = {
    "tick": "i8", "day": "f8", "account": "text", "measure": "text", "origin": "text",
    "value": "f8",
}  # fmt: skip
_EVENTS: Final = {
    "tick": "i8", "account": "text", "event": "text", "other": "text", "amount": "f8",
    "cause": "text",
}  # fmt: skip
_FOLLOWS: Final = {  # as they are saved: rows of protagonist and follower, -1 if it has ended
    "life": "i8", "row": "i8", "follower": "u8", "origin": "i8", "start": "i8", "end": "f8",
    "cause": "text", "engaged": "?", "seen": "i8", "last_engagement": "f8", "warmth": "f8",
}  # fmt: skip
_KEPT: Final = tuple(_FOLLOWS)[2:]  # the fields of a follow besides the account


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
        self._start = world.state.totals.copy()
        self._before = world.state.totals.copy()
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
        if verb == Verb.SEEN:
            self._attend(world, life, actor, verb)
        elif verb in _ENGAGING:
            self._engage(world, life, actor, verb, label)
        elif verb == Verb.FOLLOW:
            self._open(world, life, actor, label)
        elif verb == Verb.UNFOLLOW:
            self._close(world, life, actor, label)
        elif verb == Verb.MUTE:
            life.counts["mutes"] += 1
            life.causes["mutes", Cause(label).name.lower()] += 1
        elif verb == Verb.BEAR:
            life.counts["endured"] += 1
        elif verb == Verb.SALE:
            self._sell(world, life, actor)

    def _engage(self, world: World, life: Life, actor: int, verb: int, label: int) -> None:
        if label == ARRANGED:
            life.counts["arranged"] += 1
            return
        life.counts["organic_engagements"] += 1
        life.counts["organic_comments"] += verb in (Verb.REPLY, Verb.COMMENT)
        life.counts["reshares"] += verb == Verb.RESHARE
        self._attend(world, life, actor, verb)

    def _attend(self, world: World, life: Life, actor: int, verb: int) -> None:
        follow = life.current.get(actor)
        if follow is not None and follow.is_compared(world.hour):
            follow.seen += verb == Verb.SEEN
            follow.engaged |= verb != Verb.SEEN

    def _close(self, world: World, life: Life, actor: int, label: int) -> None:
        follow = life.current.pop(actor, None)
        life.rows = None
        if follow is None:
            return
        follow.end, follow.cause = world.hour, Cause(label).name.lower()
        life.past.append(follow)
        life.causes["unfollows", follow.cause] += 1
        life.counts["unfollows"] += label < Cause.SWEEP
        life.counts["left_unreturned"] += label == Cause.NO_RETURN

    def _sell(self, world: World, life: Life, actor: int) -> None:
        life.counts["sales"] += 1
        life.counts["income"] += world.settings.behaviour.sale_dollars
        uid = str(world.state.accounts["uid"][actor])
        self._event(world, life.name, "sale", other=uid, amount=1)

    def note_happening(self, world: World, kind: str, account: str, label: str) -> None:
        """Mark a scheduled event."""
        self._event(world, account, kind, cause=label)

    def note_income(self, pay: NDArray[np.float64]) -> None:
        """Take in what sponsors have paid, by row."""
        for row, life in self.lives.items():
            life.counts["income"] += float(pay[row])

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
            life.counts["helped"] += int(outcome.helped[k])
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
            follows = events[events["verb"] == Verb.FOLLOW]
            fakes = follows[follows["label"] == Origin.BOUGHT]
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
        if world.day % self.every_days and not last:
            return
        for life in self.lives.values():
            values = measuring.of_life(world, life, int(self.delivered[life.row]))
            for (name, origin), value in values.items():
                self._write(world, life.name, name, origin, value)
        platform = measuring.of_platform(world, self._before, self._start, last=last)
        self._before = world.state.totals.copy()
        for name, value in platform.items():
            self._write(world, "", name, "", value)

    def remember_day(self, world: World) -> None:
        """Note how often the protagonists had been seen and engaged with by the end of a day."""
        for life in self.lives.values():
            account = world.state.accounts[life.row]
            life.history.append((int(account["impressions"]), int(account["engagements"])))
            del life.history[:-29]

    def _write(self, world: World, account: str, name: str, origin: str, value: float) -> None:
        tick = world.hour // world.settings.platform.tick_hours
        day = world.hour / _HOURS - world.start_day
        self.series.append((tick, day, account, name, origin, float(value)))
        if origin == "":
            self._latest[name, account] = float(value)

    # ---- what is handed out -------------------------------------------------------------

    def latest(self, name: str) -> float | None:
        """Return the last value of a measure, averaged over the protagonists."""
        values = [value for (measured, _), value in self._latest.items() if measured == name]
        return sum(values) / len(values) if values else None

    def standing(self) -> dict[str, dict[str, float]]:
        """Return the last measures by account; those of the platform under ""."""
        out: dict[str, dict[str, float]] = defaultdict(dict)
        for (name, account), value in self._latest.items():
            out[account][name] = value
        return dict(out)

    def final(self) -> dict[str, float]:
        """Return the last measures, averaged over the protagonists."""
        sums: dict[str, list[float]] = defaultdict(list)
        for (name, _), value in self._latest.items():
            sums[name].append(value)
        out = {name: sum(values) / len(values) for name, values in sums.items()}
        started = [life.first_followers for life in self.lives.values()]
        return out | (measuring.quotients(out, sum(started) / len(started)) if started else {})

    def now(self, world: World) -> dict[str, float]:
        """Return what the protagonists' measures are at this moment, averaged over them."""
        sums: dict[str, float] = defaultdict(float)
        for life in self.lives.values():
            values = measuring.of_life(world, life, int(self.delivered[life.row]))
            for (name, origin), value in values.items():
                if origin == "":
                    sums[name] += value / len(self.lives)
        return sums

    def tables(self, world: World) -> "dict[str, pd.DataFrame]":
        """Return series, events and follows as data frames."""
        import pandas as pd

        return {
            "series": pd.DataFrame(self.series, columns=list(_SERIES)),
            "events": pd.DataFrame(self.events, columns=list(_EVENTS)),
            "follows": self._follows_table(world),
        }

    def _follows_table(self, world: World) -> "pd.DataFrame":
        """Return one row for each follow that a protagonist ever had."""
        import pandas as pd

        for life in self.lives.values():
            self._complete(world, life)
        follows = [f for life in self.lives.values() for f in (*life.past, *life.current.values())]
        rows = [follow_row(f, world.hour, world.start_day) for f in follows]
        return pd.DataFrame(rows, columns=FOLLOW_COLUMNS)

    def _complete(self, world: World, life: Life) -> None:
        """Note the last engagement and the warmth of the follows that go on."""
        rows = np.fromiter(life.current, np.uint32, len(life.current))
        _, warmth, engaged = measuring.look(world, life.row, rows)
        for k, follow in enumerate(life.current.values()):
            follow.warmth = round(float(warmth[k]), 9)
            follow.last_engagement = float(engaged[k]) if engaged[k] != NEVER else nan

    # ---- what is saved ------------------------------------------------------------------

    def packed(self) -> Saved:
        """Return the books as a checkpoint holds them."""
        header = {
            "every_days": self.every_days,
            "lives": [life.plain() for life in self.lives.values()],
            "latest": [[*key, value] for key, value in self._latest.items()],
        }
        arrays = {
            "recorder.delivered": self.delivered,
            "recorder.start": self._start,
            "recorder.before": self._before,
            **checkpoint.pack("recorder.series", self.series, _SERIES),
            **checkpoint.pack("recorder.events", self.events, _EVENTS),
            **checkpoint.pack("recorder.follows", self._follow_rows(), _FOLLOWS),
        }
        return Saved({"recorder": header}, arrays)

    def _follow_rows(self) -> list[tuple[Any, ...]]:
        """Return every follow, past and current, in the order in which the books have them."""
        return [
            (life.row, row, *(getattr(follow, name) for name in _KEPT))
            for life in self.lives.values()
            for row, follow in (*((-1, past) for past in life.past), *life.current.items())
        ]

    @classmethod
    def unpacked(cls, saved: Saved) -> Self:
        """Return a recorder with the books that a checkpoint holds."""
        header, arrays = saved.header["recorder"], saved.arrays
        self = cls.__new__(cls)
        self.every_days = header["every_days"]
        self.delivered = arrays["recorder.delivered"]
        self.lives = {plain["row"]: Life.of_plain(plain) for plain in header["lives"]}
        self.series = checkpoint.unpack("recorder.series", arrays)
        self.events = checkpoint.unpack("recorder.events", arrays)
        self._latest = {(name, account): value for name, account, value in header["latest"]}
        self._start, self._before = arrays["recorder.start"], arrays["recorder.before"]
        self._put_back(checkpoint.unpack("recorder.follows", arrays))
        return self

    def _put_back(self, rows: list[tuple[Any, ...]]) -> None:
        """Enter saved follows into the books of their protagonists."""
        for row_of_life, row, *values in rows:
            life = self.lives[row_of_life]
            follow = Follow(life.name, **dict(zip(_KEPT, values, strict=True)))
            if row < 0:
                life.past.append(follow)
            else:
                life.current[row] = follow
