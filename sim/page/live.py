"""Live: a world that somebody plays with, driven in a thread of its own.

It knows nothing of the web. Whoever looks on reads `Live.snapshot` and the growing lists, which
never wait for the world; whoever acts gets a future. Every act is an event of the scenario,
scheduled for the first day that has not begun, and stands in the log: scenario, seed and log make
the same world again, to the bit.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, Final, Self, TypeVar

from pydantic import ValidationError

from sim.model import FollowerModel
from sim.page.pool import Pool
from sim.scenario import Event, Scenario, ScenarioError, loads
from sim.scenario.later import with_event
from sim.scenario.writing import written
from sim.views import means

__all__ = ["FASTEST", "Live", "Refused"]

T = TypeVar("T")
Thought = Callable[[dict[str, FollowerModel]], Mapping[str, Any]]

FASTEST: Final = 50.0  # ticks a second that can be asked for
SLOWEST: Final = 0.2
_LATE: Final = 0.5  # seconds behind its time after which a world stops catching up
_CURVES: Final = ("followers", "engaged", "value", "sales", "minutes", "dollars")
_HOURS: Final = 24


class Refused(ValueError):
    """An act that cannot be; the message says why, in plain words."""


class Live:
    """One world in one or several lives (arms), side by side and in step.

    ``status`` is "empty", "building", "ready", "running", "over", "failed" or "closed";
    ``message`` is what there is to say about it.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        arms: Sequence[str] = (),
        seed: int | None = None,
        pool: Pool | None = None,
    ) -> None:
        """Prepare the arms (the first by default) of a scenario; ``setup`` makes the world."""
        self.base = self.scenario = scenario
        self.arms = tuple(arms) or scenario.arm_names[:1]
        for arm in self.arms:
            scenario.arm(arm)
        self.seed = scenario.scenario.seed if seed is None else seed
        self.pool = Pool() if pool is None else pool
        self.log: list[dict[str, Any]] = []
        self.status, self.message = "empty", ""
        self._speed = 4.0
        self._models: dict[str, FollowerModel] = {}
        self._curves: dict[str, dict[str, dict[str, list[float]]]] = {}
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.snapshot: dict[str, Any] = {}
        self._show()
        self._thread = threading.Thread(target=self._live, name="followlab world", daemon=True)
        self._thread.start()

    # ---- what is asked of it --------------------------------------------------------------

    def setup(self) -> "Future[None]":
        """Make the world, or make it anew: then it is ready on day 0, and the log is empty.

        The future fails with `sim.page.pool.Full` if there is no room.
        """
        return self._ask(lambda: self._make([]))

    reset = setup

    def begin(self, log: Sequence[dict[str, Any]], tick: int = 0) -> "Future[None]":
        """Make the world, let happen what a log says, and live to a tick; then it rests."""
        return self._ask(lambda: self._make(list(log), tick))

    def go(self) -> None:
        """Let the world live, ``speed`` ticks a second as far as the machine is able to."""
        self._ask(self._go)

    def stop(self) -> None:
        """Let the world rest."""
        self._ask(self._rest)

    def step(self, ticks: int = 1) -> "Future[None]":
        """Live through so many ticks at once, and rest."""
        return self._ask(lambda: self._step(ticks))

    def end_day(self) -> "Future[None]":
        """Live to the end of the day, and rest."""
        return self._ask(lambda: self._step(self._day_ticks - self.tick % self._day_ticks))

    @property
    def _day_ticks(self) -> int:
        return _HOURS // self.base.platform.tick_hours

    @property
    def speed(self) -> float:
        """Ticks a second that are wanted."""
        return self._speed

    @speed.setter
    def speed(self, ticks: float) -> None:
        self._speed = min(FASTEST, max(SLOWEST, float(ticks)))

    def act(
        self, event: Mapping[str, Any] | Thought, *, arm: str | None = None, who: str = ""
    ) -> "Future[dict[str, Any]]":
        """Schedule an event, given as in a scenario but for its day, in one life or in all.

        Instead of an event, a function of the models by arm may say which it is to be; it is
        called at once before. The future has the entry in the log (tick, day, arm, who, event),
        or fails with `Refused`.
        """
        asked = event if callable(event) else dict(event)
        return self._ask(lambda: self._act(asked, arm, who))

    def look(self, at: Callable[[dict[str, FollowerModel]], T]) -> "Future[T]":
        """Look at the models by arm between two ticks; looking must change nothing."""
        return self._ask(lambda: at(self._models))

    def close(self) -> None:
        """End the thread and give the world back; what was asked before is still done."""
        self._jobs.put(self._end)

    # ---- what can be read at any time -------------------------------------------------------

    def curves(self, arm: str, since: int = 0) -> dict[str, dict[str, list[float]]]:
        """Return, by protagonist and measure, the value at the end of each day from one on."""
        found = self._curves.get(arm, {})
        return {name: {m: v[since:] for m, v in own.items()} for name, own in found.items()}

    def happened(self, arm: str, since: int = 0) -> list[tuple[int, str, str, str, float, str]]:
        """Return rows of the table `events`: tick, account, event, other, amount, cause.

        Their ticks count from the start of the burn-in.
        """
        model = self._models.get(arm)
        return list(model.recorder.events[since:]) if model else []

    def saved(self) -> dict[str, Any]:
        """Return as plain values what it takes to live all of this again."""
        return {
            "scenario": written(self.base),
            "arms": list(self.arms),
            "seed": self.seed,
            "tick": self.snapshot["tick"],
            "speed": self.speed,
            "log": list(self.log),
            "set_up": self.status not in ("empty", "failed"),
        }

    @classmethod
    def restored(cls, saved: Mapping[str, Any], pool: Pool | None = None) -> Self:
        """Return what was saved: it lives again up to the same tick, then rests.

        Raises:
            ScenarioError, KeyError, TypeError: it was not saved by this class.
        """
        live = cls(loads(saved["scenario"]), arms=saved["arms"], seed=saved["seed"], pool=pool)
        live.speed = saved["speed"]
        if saved["set_up"]:
            live.begin(saved["log"], int(saved["tick"]))
        return live

    # ---- the thread of the world ------------------------------------------------------------

    def _ask(self, job: Callable[[], T]) -> "Future[T]":
        """Have something done in the thread of the world, at its turn."""
        future: Future[T] = Future()

        def answer() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                if self.status == "closed":
                    raise Refused(self.message)
                future.set_result(job())
            except BaseException as error:
                future.set_exception(error)

        self._jobs.put(answer)
        if not self._thread.is_alive():
            self._turn_away()
        return future

    def _live(self) -> None:
        due = time.monotonic()
        while self.status != "closed":
            job = self._next(due)
            with self.pool.turnstile.turn():
                try:
                    (job or self._advance)()
                except Exception as error:  # of a tick; jobs hand theirs to who asked
                    self._fail(error)
                self._show()
            if not job:
                due = max(due + 1 / self._speed, time.monotonic() - _LATE)
            elif self.status != "running":
                due = time.monotonic()
        self.pool.leave(self)
        self._turn_away()

    def _turn_away(self) -> None:
        """Tell those who asked too late that nothing comes of it."""
        while not self._jobs.empty():
            self._jobs.get()()

    def _next(self, due: float) -> Callable[[], None] | None:
        """Wait for the next job, or for the next tick (None) if the world is running."""
        if self.status != "running":
            return self._jobs.get()
        wait = due - time.monotonic()
        try:
            return self._jobs.get(timeout=wait) if wait > 0 else self._jobs.get_nowait()
        except Empty:
            return None

    def _fail(self, error: BaseException) -> None:
        self.status = "failed"
        self.message = f"The world has stopped: {type(error).__name__}: {error}. Set it up anew."

    def _end(self) -> None:
        self.status, self.message = "closed", "This world was closed."
        self._models = {}

    def _make(self, log: list[dict[str, Any]], tick: int = 0) -> None:
        """Make the world, with what the log says, and let it live so many ticks."""
        self.status, self.message = "building", "The world is made …"
        try:
            self.pool.admit(self, self.base, len(self.arms))
            self.log, self.scenario = [], self.base
            for entry in log:
                self._enter(entry)
            world = self.pool.burnt_in(self.base, self.seed, self._tell_of_burn_in)
            models = {
                arm: FollowerModel(self.scenario, arm=arm, seed=self.seed, world=world.fork())
                for arm in self.arms
            }
        except BaseException as error:
            self.status, self.message, self._models = "failed", str(error), {}
            self.pool.leave(self)
            raise
        self._models, self._curves = models, {arm: {} for arm in self.arms}
        self._note_day()
        self._catch_up(tick)
        if self.status == "building":  # and not over
            self.status, self.message = "ready", ""

    def _enter(self, entry: dict[str, Any]) -> None:
        """Enter an act into log and scenario."""
        event = Event.model_validate(entry["event"])
        for arm in self._lives(entry["arm"]):
            self.scenario = with_event(self.scenario, arm, event)
        self.log.append(entry)

    def _catch_up(self, ticks: int) -> None:
        """Live through ticks that were lived before, letting others have their turns."""
        for done in range(ticks):
            self.message = f"Living again what was lived before: tick {done} of {ticks} …"
            self._show()
            self._advance()
            self.pool.turnstile.give_way()

    def _tell_of_burn_in(self, day: int) -> None:
        self.message = f"The world lives in: {-day} days to go …"
        self._show()

    def _go(self) -> None:
        if self.status == "ready":
            self.status = "running"

    def _rest(self) -> None:
        if self.status == "running":
            self.status = "ready"

    def _step(self, ticks: int) -> None:
        self._rest()
        for _ in range(ticks):
            if self.status == "ready":
                self._advance()
                self._show()
                self.pool.turnstile.give_way()

    def _advance(self) -> None:
        """Live one tick in every life; the day's end is noted, and the end of the scenario."""
        for model in self._models.values():
            model.step()
        model = next(iter(self._models.values()))
        if model.world.hour % _HOURS == 0:
            self._note_day()
            if model.day >= self.base.scenario.days:
                self.status, self.message = "over", "The experiment is over."

    def _note_day(self) -> None:
        """Take the measures of the day into the curves."""
        for arm, model in self._models.items():
            for name, values in model.recorder.standing().items():
                if name:
                    own = self._curves[arm].setdefault(name, {m: [] for m in _CURVES})
                    for measure in _CURVES:
                        own[measure].append(values[measure])

    def _act(self, asked: dict[str, Any] | Thought, arm: str | None, who: str) -> dict[str, Any]:
        """Schedule an event in all lives concerned or in none, and log it."""
        if not self._models or self.status == "over":
            raise Refused(self.message or "There is no world yet. Set it up first.")
        lives, model = self._lives(arm), next(iter(self._models.values()))
        wanted = asked(self._models) if callable(asked) else asked
        try:
            event = Event.model_validate({**wanted, "day": model.next_day})
            scenario = self.scenario
            for one in lives:
                scenario = with_event(scenario, one, event)
        except ScenarioError as error:
            raise Refused(_reasons(error)) from error
        except ValidationError as error:
            raise Refused(_faults(error)) from error
        for one in lives:
            self._models[one].schedule(event)
        plain = event.model_dump(mode="json", exclude_defaults=True)
        entry = {"tick": self.tick, "day": event.day, "arm": arm, "who": who, "event": plain}
        self.scenario = scenario
        self.log.append(entry)
        return entry

    def _lives(self, arm: str | None) -> tuple[str, ...]:
        """Return the lives that an act concerns."""
        if arm is not None and arm not in self.arms:
            raise Refused(f"There is no life called {arm!r} here.")
        return self.arms if arm is None else (arm,)

    # ---- what is shown ----------------------------------------------------------------------

    @property
    def tick(self) -> int:
        """Ticks lived since day 0."""
        for model in self._models.values():
            return self._ticks(model)
        return 0

    @property
    def ticks_in_all(self) -> int:
        """Ticks from day 0 to the end of the scenario."""
        return self.base.scenario.days * _HOURS // self.base.platform.tick_hours

    def _ticks(self, model: FollowerModel) -> int:
        hours = model.world.hour - _HOURS * model.world.start_day
        return int(hours // model.arm.platform.tick_hours)

    def _show(self) -> None:
        """Put a new snapshot in the place of the old one, whole."""
        model = next(iter(self._models.values()), None)
        self.snapshot = {
            "status": self.status,
            "message": self.message,
            "arms": list(self.arms),
            "seed": self.seed,
            "day": model.day if model else 0,
            "days": self.base.scenario.days,
            "tick": self.tick,
            "next_day": model.next_day if model else 0,
            "speed": self._speed,
            "log": len(self.log),
            "lives": {arm: _lives_of(one) for arm, one in self._models.items()},
            "platform": {arm: one.recorder.standing()[""] for arm, one in self._models.items()},
        }


def _lives_of(model: FollowerModel) -> dict[str, dict[str, Any]]:
    """Return how each protagonist stands: its count now, measures of the last day, and means."""
    standing = model.recorder.standing()
    return {
        life.name: {
            "count": len(life.current),
            "measures": standing[life.name],
            "means": means(model, life.name),
        }
        for life in model.recorder.lives.values()
    }


def _reasons(error: ScenarioError) -> str:
    """Return what is wrong with an act in one line."""
    found = [f"{p.key.rpartition('.')[2]}: {p.message}" + _got(p.got) for p in error.problems]
    return "; ".join(dict.fromkeys(found))[:300]


def _got(got: str | None) -> str:
    return f" (got {got})" if got else ""


def _faults(error: ValidationError) -> str:
    """Return what is wrong with the values of an act in one line."""
    parts = [f"{'.'.join(str(p) for p in one['loc'])}: {one['msg']}" for one in error.errors()]
    return "; ".join(parts)[:300]
