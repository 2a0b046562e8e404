"""The room: a class in one world, and who may do what in it. `seen.py` has what is seen.

It knows nothing of the web. The teacher holds a key, each student a token; whoever has neither
can only join, with the code. A student steers the account of his or her own seat and no other,
because there is no way to name one.
"""

import hmac
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

from sim.model import FollowerModel
from sim.page.limits import Limiter
from sim.page.live import Live, Refused
from sim.page.room.choices import Choice, choice
from sim.page.room.names import clean, distinct
from sim.page.room.people import Student, free_seat, hashed, new_code, new_token
from sim.page.room.seats import changes

__all__ = ["Room", "Stranger", "TooOften"]

TEACHERS_ACTS: Final = 100
WRONG_CODES: Final = 1.0  # a second from one address, after 20 at once
ACTS: Final = 1.0  # of one student, a second, after 5 at once
RULES: Final[dict[str, tuple[Any, ...]]] = {
    "platform.ranking": ("ranked", "chronological", "mixed"),
    "platform.counts_visible": (True, False),
}
"""What the teacher can set while the world lives, with the values that it can have."""

_SAVED: Final = ("code", "retired", "started", "revealed", "locked")

Acts = list["Future[dict[str, Any]]"]


class Stranger(PermissionError):
    """Somebody without a valid token, key or code."""


class TooOften(RuntimeError):
    """Somebody who asks too often, and has to wait."""


class Room:
    """A class: a living world, its teacher, and students with a seat (a protagonist) each.

    Before the start choices are only noted; the world hears of them when the teacher starts, and
    from then on at once. All of it may be called from any thread.
    """

    def __init__(self, live: Live, *, code: str = "", key: str = "") -> None:
        """Open a room for a world in which each protagonist is a seat.

        ``code`` and ``key`` are made up if not given; ``key`` can be read off the room only here
        and then, as ``fresh_key``.
        """
        self.live, self.code = live, code or new_code()
        self.fresh_key = key or new_token()
        self.key = hashed(self.fresh_key)
        alone = {one.name: one for one in live.base.protagonists if one.count == 1}
        if len(alone) < len(live.base.protagonists):
            raise ValueError("several seats share a name, which would steer them all: see seats.py")
        self.seats = tuple(alone)
        self.most = {seat: (one.minutes, one.money) for seat, one in alone.items()}
        self.changes = changes(live.base)
        self.students: dict[str, Student] = {}  # by hash of the token
        self.retired: list[str] = []  # seats whose accounts somebody gave up after the start
        self.started = self.revealed = self.locked = False
        self.notice = ""
        self.changed = threading.Event()  # set by whatever is to be saved
        self._begun: dict[str, Any] | None = None  # what is saved of a world that lives again
        self.worlds = 0  # how often the class began again
        self._teacher_acts = 0
        self.guard = threading.RLock()  # over students and flags
        self._codes, self._acts = Limiter(WRONG_CODES, 20), Limiter(ACTS, 5)

    @property
    def arm(self) -> str:
        """The one life that this world lives."""
        return self.live.arms[0]

    # ---- who is there -----------------------------------------------------------------------

    def join(self, code: object, name: object, address: str = "") -> str:
        """Give somebody who knows the code a free seat, and return the token for it.

        Raises:
            TooOften: too many wrong codes came from this address.
            Stranger: the code is wrong.
            Refused: no name, no free seat, or nobody may join any more.
        """
        right = isinstance(code, str) and hmac.compare_digest(
            code.strip().upper().encode("utf-8", "replace"), self.code.encode()
        )
        if not right:
            if not self._codes.allows(address):
                raise TooOften("Too many wrong codes. Wait a minute.")
            raise Stranger("That is not the code of this class.")
        called = clean(name)
        if not called:
            raise Refused("Type a name with at least one letter.")
        with self.guard:
            return self._seat(called)

    def _seat(self, name: str) -> str:
        if self.locked:
            raise Refused("The teacher lets nobody join any more.")
        taken = [student.seat for student in self.students.values()]
        seat = free_seat(self.seats, [*taken, *self.retired])
        if seat is None:
            raise Refused(f"All {len(self.seats)} seats are taken. Share one with a neighbour.")
        token = new_token()
        distinct_name = distinct(name, [student.name for student in self.students.values()])
        self.students[hashed(token)] = Student(seat, distinct_name, hashed(token))
        self.changed.set()
        return token

    def student(self, token: object) -> Student:
        """Return who holds this token. Raises Stranger if nobody does."""
        found = self.students.get(hashed(token)) if isinstance(token, str) else None
        if found is None:
            raise Stranger("Nobody here has this ticket; join again.")
        return found

    def check_teacher(self, key: object) -> None:
        """Raise Stranger unless this is the teacher's key."""
        if not isinstance(key, str) or not hmac.compare_digest(hashed(key), self.key):
            raise Stranger("This page is the teacher's; open it with the address of the console.")

    # ---- what students do ---------------------------------------------------------------------

    def choose(self, token: object, asked: Mapping[str, Any]) -> Acts:
        """Let a student's account live as asked (see `choices.choice`), from the next day on.

        Returns the acts that the world has yet to confirm; none before the start.

        Raises:
            Stranger: no such student.
            TooOften: too many choices at a time.
            Refused: the choice is not possible, or nothing new, or no change is left.
        """
        student = self.student(token)
        if not self._acts.allows(student.seat):
            raise TooOften("Not so fast: think for a moment.")
        minutes, money = self.most[student.seat]
        wanted = choice(asked, minutes, money)
        with self.guard:
            if wanted == student.choice:
                raise Refused("That is what you do already.")
            if self.started and student.changes >= self.changes:
                raise Refused("You have no change left: now see what comes of it.")
            self.changed.set()
            if not self.started:
                student.choice = wanted
                return []
            student.changes += 1
            return self._tell(student, wanted)

    def _tell(self, student: Student, wanted: Choice) -> Acts:
        """Tell the world what a student has chosen."""
        before, student.choice = student.choice, wanted
        student.since = self.live.snapshot["next_day"]
        acts = []
        if before is None or not self.started or _plan(before) != _plan(wanted):
            acts.append(self._act(student, {"kind": "strategy", **_plan(wanted)}))
        if before is None or not self.started or _budget(before) != _budget(wanted):
            budget = partial(self._means, seat=student.seat, wanted=wanted)
            acts.append(self._act(student, budget))
        return acts

    def _act(self, student: Student, event: Any) -> "Future[dict[str, Any]]":
        given = event if callable(event) else {**event, "protagonist": student.seat}
        act = self.live.act(given, who=student.name)
        act.add_done_callback(lambda _: self.changed.set())
        return act

    def _means(
        self, models: Mapping[str, FollowerModel], seat: str, wanted: Choice
    ) -> dict[str, Any]:
        """Return the event that gives a seat its budget, less what it spent, and what it earned."""
        lives = models[self.arm].recorder.lives.values()
        counts = next(life.counts for life in lives if life.name == seat)
        left = max(0.0, wanted.money - counts["dollars"]) + counts["income"]
        return {"kind": "means", "protagonist": seat, "minutes": wanted.minutes, "money": left}

    # ---- what the teacher does ----------------------------------------------------------------

    def start(self) -> Acts:
        """Let the world live; the first time, with what everybody has chosen.

        Raises Refused if the world is not there yet, or over.
        """
        acts = self._begin()
        self.live.go()
        return acts

    def _begin(self) -> Acts:
        """Tell the world, the first time, what everybody has chosen."""
        with self.guard:
            if self.live.status not in ("ready", "running"):
                raise Refused(self.live.message or "The world is not ready.")
            acts: Acts = []
            if not self.started:
                for student in self.students.values():
                    acts += self._tell(student, student.choice) if student.choice else []
                self.started = True
                self.changed.set()
            return acts

    def pause(self) -> None:
        """Let the world rest."""
        self.live.stop()

    def day(self) -> Acts:
        """Live to the end of the day, and rest."""
        acts = self._begin()
        self.live.stop()
        self.live.end_day()
        return acts

    def speed(self, ticks: object) -> None:
        """Set the ticks a second. Raises Refused if it is no number."""
        if not isinstance(ticks, int | float) or isinstance(ticks, bool) or not ticks > 0:
            raise Refused("Speed: a number above 0, please.")
        self.live.speed = float(min(ticks, 1_000.0))
        self.changed.set()

    def show(self, all_of_it: object) -> None:
        """Show everybody the engaged followers, value and sales, or hide them again."""
        self.revealed = bool(all_of_it)
        self.changed.set()

    def lock(self, closed: object) -> None:
        """Let nobody join any more, or let them again."""
        self.locked = bool(closed)
        self.changed.set()

    def sweep(self) -> Acts:
        """Let the platform delete fakes when the next day starts."""
        return self._rule({"kind": "sweep", "label": "the platform sweeps"})

    def rule(self, key: object, value: object) -> Acts:
        """Set one of `RULES`. Raises Refused if it is none, or has no such value."""
        allowed = RULES.get(key, ()) if isinstance(key, str) else ()
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise Refused("That rule cannot be set so.")
        label = f"{key} = {str(value).lower()}"
        return self._rule({"kind": "set", "set": {key: value}, "label": label})

    def _rule(self, event: dict[str, Any]) -> Acts:
        with self.guard:
            if self._teacher_acts >= TEACHERS_ACTS:
                raise Refused(f"A class can have {TEACHERS_ACTS} such events, and has had them.")
            self._teacher_acts += 1
            self.changed.set()
        return [self.live.act(event, who="the teacher")]

    def remove(self, seat: object) -> Acts:
        """Send a student out; after the start, the account lies idle from then on.

        Raises Refused if nobody sits there.
        """
        with self.guard:
            found = next((s for s in self.students.values() if s.seat == seat), None)
            if found is None:
                raise Refused("Nobody sits there.")
            del self.students[found.token]
            self.changed.set()
            if not self.started:
                return []
            self.retired.append(found.seat)
            return [self._act(found, {"kind": "strategy", "strategy": "idle"})]

    def again(self) -> "Future[None]":
        """Begin anew with the same class and choices, in the same world as on day 0."""
        with self.guard:
            self.started = self.revealed = False
            self.retired.clear()
            self._teacher_acts = 0
            for student in self.students.values():
                student.since, student.changes = None, 0
            self.notice, self._begun = "", None
            self.changed.set()
        begun = self.live.reset()
        begun.add_done_callback(self._begin_anew)
        return begun

    def _begin_anew(self, _: "Future[None]") -> None:
        self.worlds += 1

    # ---- what is saved ------------------------------------------------------------------------

    def plain(self) -> dict[str, Any]:
        """Return the room as it is saved: tokens as hashes, the world as what makes it again."""
        with self.guard:
            self.changed.clear()
            return {
                **{name: getattr(self, name) for name in _SAVED},
                "acts": self._teacher_acts,
                "students": [student.plain() for student in self.students.values()],
                "live": self._world(),
            }

    def _world(self) -> dict[str, Any]:
        """Return what makes the world again; while it is being made again, what was saved of it."""
        if self.live.status not in ("empty", "building", "failed"):
            self._begun = None
        return self._begun or self.live.saved()

    def resume(self, plain: Mapping[str, Any], students: list[Student], notice: str) -> None:
        """Go on as saved, with something to say about it. Raises KeyError if a part is missing."""
        for name in _SAVED:
            setattr(self, name, plain[name])
        self._teacher_acts, self._begun = int(plain["acts"]), plain["live"]
        self.students = {student.token: student for student in students}
        self.notice = notice

    def trim(self) -> None:
        """Forget what is recorded day by day; the curves have what the pages show."""
        self.live.look(_forget)


def _forget(models: Mapping[str, FollowerModel]) -> None:
    """Empty the books of what is past and no page shows; the models live on as before."""
    for model in models.values():
        model.recorder.series.clear()
        for life in model.recorder.lives.values():
            life.past.clear()
        for values in model.datacollector.model_vars.values():
            values.clear()


def _budget(chosen: Choice) -> tuple[float, float]:
    return chosen.minutes, chosen.money


def _plan(chosen: Choice) -> dict[str, Any]:
    return {"strategy": chosen.strategy, "params": dict(chosen.params)}
