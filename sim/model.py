"""The model: a world of accounts that ticks. Start reading here.

A tick goes through the phases of `PHASES`, in this order; `sim/README.md` says exactly what
each does, `sim/phases.py` calls the kernels that do it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import mesa
import numpy as np
from numpy.typing import NDArray

from sim import checkpoint, enact, phases
from sim.actions import Accounts, Day, Plan
from sim.agents import AccountAgent, AccountView
from sim.checkpoint import CheckpointError, Saved
from sim.conditions import condition
from sim.keeping import kept
from sim.kernels.layout import PLAN, VIRAL, AccountKind
from sim.metrics import MEASURES
from sim.phases import Crew, Tick
from sim.recorder import Recorder
from sim.scenario import Scenario
from sim.scenario.events import changed, concerned, means
from sim.scenario.later import with_event
from sim.scenario.schema import Event
from sim.strategies import Strategy, find
from sim.world import building, protagonists
from sim.world.hashing import account_digests, state_hash
from sim.world.protagonists import Newcomer
from sim.world.rules import Settings
from sim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PHASES", "FollowerModel", "burn_in"]

PHASES: Final = ("decide", "publish", "browse", "react", "return", "police", "record")
AGENTS_UP_TO: Final = 50_000  # accounts up to which every account is a Mesa agent
_HOURS: Final = 24
_BEFORE: Final = "idle"  # strategy of a protagonist before its arm begins
_WAITING: Final = f"{_BEFORE}@waiting"  # its name, which no strategy of the population has


class FollowerModel(mesa.Model):
    """A scenario's world, living through one arm.

    ``agents`` holds every account as an `AccountAgent` (in worlds of more than 50,000
    accounts the protagonists only), ``accounts`` all of them, made on demand. ``step()`` is
    one tick; ``datacollector`` has the measures at the end of each recorded day; ``arm`` is
    the scenario with the overrides of the arm that is lived.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        arm: str | None = None,
        seed: int | None = None,
        world: World | None = None,
        threads: int = 1,
    ) -> None:
        """Begin an arm (the first by default) in a burnt-in world, which is taken over.

        Without a world, one is made and burnt in for this seed (the scenario's by default).
        """
        seed = scenario.scenario.seed if seed is None else seed
        super().__init__(rng=seed)
        self._enter(scenario, arm, world or burn_in(scenario, seed, threads=threads), threads)
        names = _rows_by_name(self.arm, self.world)
        self._engage(_cast(self.arm, joined=bool(names)))
        _assign(self.arm, self.world)
        self._rows = {name: row for row, name in names.items()}
        self.recorder = Recorder(self.world, names, self.arm.record.every_days)

    def _enter(self, scenario: Scenario, arm: str | None, world: World, threads: int) -> None:
        """Take a world over, and be one arm of a scenario in it."""
        self.world, self._whole = world, scenario
        burning = world.day < 0  # no arm yet, and no protagonists
        self.arm = scenario if burning else scenario.for_arm(arm or scenario.arm_names[0])
        self.spoken = Plan()
        self._crew = Crew(threads)
        self._tick = Tick()
        self._agents_by_row: dict[int, AccountAgent] = {}
        self.plan: NDArray[np.void] = np.zeros(0, PLAN)
        self.plan_status: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.accounts = AccountView(self)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: _reporter(name) for name in MEASURES}
        )

    def _engage(self, cast: list[tuple[str, Strategy]]) -> None:
        """Number the strategies of the arm, and know which of them its events bring."""
        self.world.strategies = tuple(key for key, _ in cast)
        self._strategies = [strategy for _, strategy in cast]
        brought = [n for n, event in enumerate(self.arm.events) if event.kind == "strategy"]
        self._changes = dict(zip(brought, range(len(cast) - len(brought), len(cast)), strict=True))

    # ---- saving -------------------------------------------------------------------------

    def save(self, folder: str | Path, *, strategies: str = "") -> None:
        """Save the model, as it is between two ticks, to a folder: whole or not at all.

        ``strategies`` says which file of one's own strategies is in use, such as its hash; it
        is asked for again by ``load``. What others have added to the model is not saved.
        """
        header, arrays = checkpoint.of_world(self.world)
        books = self.recorder.packed()
        series = [self.datacollector.model_vars.get(name, []) for name in MEASURES]
        arm = "" if self.day < 0 else self.arm.arm_names[0]
        header |= {"scenario": self._whole.hash, "arm": arm, "strategies_file": strategies}
        header |= books.header
        arrays |= {"plan": self.plan, "plan_status": self.plan_status, **books.arrays}
        arrays |= {"spoken": self.spoken.rows(), "collected": np.array(series, np.float64)}
        arrays["lacking"] = np.array([[v is None for v in values] for values in series], np.bool_)
        checkpoint.write(Path(folder), Saved(header, arrays))

    @classmethod
    def load(
        cls,
        folder: str | Path,
        scenario: Scenario,
        *,
        arm: str | None = None,
        seed: int | None = None,
        strategies: str = "",
        threads: int = 1,
    ) -> Self:
        """Return the model that was saved in a folder; it lives on as if never interrupted.

        ``arm`` and ``seed`` are those that were saved, if not given. Mesa's own clock
        (``steps``) starts anew.

        Raises:
            CheckpointError: nothing there, torn, altered, or saved by another version of the
                model, or from another scenario, arm, seed or file of strategies.
        """
        saved = checkpoint.read(Path(folder))
        if "recorder" not in saved.header:
            raise CheckpointError(f"{folder}: holds a world, not a model; sim.checkpoint reads it.")
        expected = {"scenario": scenario.hash, "strategies_file": strategies}
        checkpoint.refuse_foreign(Path(folder), saved.header, expected)
        given = {"arm": arm, "seed": seed}
        chosen = {name: value for name, value in given.items() if value is not None}
        checkpoint.refuse_foreign(Path(folder), saved.header, chosen)
        model = cls.__new__(cls)
        super(FollowerModel, model).__init__(rng=saved.header["seed"])
        model._enter(scenario, saved.header["arm"], checkpoint.to_world(saved), threads)
        model._take_up(saved)
        return model

    def _take_up(self, saved: Saved) -> None:
        """Go on with the books and plans that a checkpoint holds."""
        self.recorder = Recorder.unpacked(saved)
        self._rows = {life.name: row for row, life in self.recorder.lives.items()}
        self._engage(_cast(self.arm, joined=bool(self._rows)))
        self.plan, self.plan_status = saved.arrays["plan"], saved.arrays["plan_status"]
        self.spoken.extend(saved.arrays["spoken"])
        collected = saved.arrays["collected"].astype(object)
        collected[saved.arrays["lacking"]] = None
        for name, values in zip(MEASURES, collected.tolist(), strict=True):
            self.datacollector.model_vars[name].extend(values)

    # ---- time ---------------------------------------------------------------------------

    def phases(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the phases of a tick by name, in order."""
        return [(name, getattr(self, f"_{name}")) for name in PHASES]

    def step(self) -> None:
        """Live through one tick."""
        for _, phase in self.phases():
            phase()

    def schedule(self, event: Event) -> None:
        """Let an event happen when its day starts, as if it had stood last in the arm's events.

        A model made from `whole`, which has the event from then on, ends in the same bits.

        Raises:
            ValueError: its day has begun already; ``next_day`` is the first that has not.
            ScenarioError: the event cannot be, with every mistake.
        """
        if event.day < self.next_day:
            raise ValueError(f"day {event.day} has begun; the next is day {self.next_day}")
        name = self.arm.arm_names[0]
        self._whole = with_event(self._whole, name, event)
        self.arm = self._whole.for_arm(name)
        self._engage(_cast(self.arm, joined=bool(self._rows)))

    @property
    def whole(self) -> Scenario:
        """The scenario with all arms, and with the events that were scheduled since."""
        return self._whole

    @property
    def next_day(self) -> int:
        """The first day of the experiment that has not begun."""
        return -(-self.world.hour // _HOURS) - self.world.start_day

    def run(self, on_day: Callable[[int], None] | None = None) -> None:
        """Live to the end of the scenario; ``on_day`` hears of each day that has passed."""
        while not self.is_over:
            self.step()
            if on_day and self.world.hour % _HOURS == 0:
                on_day(self.day)

    @property
    def day(self) -> int:
        """The day of the experiment."""
        return self.world.day

    @property
    def is_over(self) -> bool:
        """Whether the scenario has come to its end: its last day, or its condition to stop."""
        if self.day >= self.arm.scenario.days:
            return True
        when = self.arm.stop.when
        if not when or self.day < 1 or self.world.hour % _HOURS:
            return False
        return condition(when).holds({"day": self.day, **self.recorder.now(self.world)})

    # ---- the phases ---------------------------------------------------------------------

    def _decide(self) -> None:
        self._tick = Tick()
        if self.world.hour % _HOURS:
            return
        self._happen()
        phases.age_totals(self.world)
        self.recorder.note_income(phases.pay_sponsored(self.world))
        phases.arrive(self.world, self._tick)
        phases.deliver(self.world, self._tick)
        self.recorder.note_delivery(self.world, self._tick)
        phases.imitate(self.world)
        phases.voice_needs(self.world)
        outcome = enact.carry_out(self.world, self._planned())
        self.plan, self.plan_status = outcome.plan, outcome.status
        self.recorder.note_plan(self.world, outcome)
        self._tick.events.append(outcome.events)
        self.world.sweeps_due = self._sweeps_today()

    def _publish(self) -> None:
        phases.publish(self.world, self._tick)

    def _browse(self) -> None:
        phases.browse(self.world, self._tick, self._crew)

    def _react(self) -> None:
        self.recorder.make_room(self.world)
        phases.react(self.world, self._tick, self._crew, self.recorder.delivered)

    def _return(self) -> None:
        phases.return_(self.world, self._tick)

    def _police(self) -> None:
        if self.world.hour % _HOURS == 0:
            phases.police(self.world, self._tick)
            self.world.sweeps_due = []

    def _record(self) -> None:
        self.recorder.note(self.world, self._tick)
        self.world.hour += self.world.settings.platform.tick_hours
        if self.world.hour % _HOURS == 0:
            if self.day > 0:
                self.recorder.remember_day(self.world)
            last = self.is_over
            self.recorder.record(self.world, last=last)
            if self.day % self.recorder.every_days == 0 or last:
                self.datacollector.collect(self)

    def _happen(self) -> None:
        """Let the events of the scenario happen that are due today."""
        for number, event in enumerate(self.arm.events):
            if event.day != self.day or event.kind == "sweep":
                continue
            if event.kind == "set":
                self._change(event)
                self.recorder.note_happening(self.world, event.kind, "", event.label)
                continue
            for name in concerned(self.arm, event):
                row = self._rows[name]
                if event.kind == "viral":
                    self._go_viral(row, event)
                elif event.kind == "means":
                    _give(self.world.state.accounts[row], event)
                else:
                    self.world.state.accounts[row]["strategy"] = self._changes[number]
                self.recorder.note_happening(self.world, event.kind, name, event.label)

    def _change(self, event: Event) -> None:
        """Put the world under new settings."""
        settings = self.world.settings
        platform, behaviour = changed(settings.platform, settings.behaviour, event.set)
        self.world.govern(settings._replace(platform=platform, behaviour=behaviour))

    def _go_viral(self, row: int, event: Event) -> None:
        """Offer the posts of an account to many for some hours."""
        hit = np.array([(row, self.world.hour + (event.hours or 0), event.reach)], VIRAL)
        self.world.viral = np.concatenate([self.world.viral, hit])

    def _planned(self) -> NDArray[np.void]:
        """Return what the strategies plan for today, and what the agents were told to do."""
        plan, self.spoken = self.spoken, Plan()
        day = Day(self.day, self.world.hour // _HOURS)
        accounts = self.world.accounts
        able = (accounts["alive"] == 1) & (accounts["kind"] != AccountKind.FAKE)
        numbers = np.where(able, accounts["strategy"].astype(np.int16), -1)
        for number, strategy in enumerate(self._strategies):
            rows = np.flatnonzero(numbers == number).astype(np.uint32)
            if len(rows):
                memory = _memory(self.world, self.world.strategies[number], strategy)
                strategy.decide(Accounts(self.world, rows, plan, memory), day)
        return plan.rows()

    def _sweeps_today(self) -> list[tuple[float, float]]:
        """Return recall and false positives of each sweep that happens today."""
        platform = self.world.settings.platform
        due = [
            (
                platform.sweep_recall if event.recall is None else event.recall,
                platform.sweep_false_positives
                if event.false_positives is None
                else event.false_positives,
            )
            for event in self.arm.events
            if event.kind == "sweep" and event.day == self.day
        ]
        every = platform.sweep_every_days
        if every and self.day > 0 and self.day % every == 0:
            due.append((platform.sweep_recall, platform.sweep_false_positives))
        return due

    # ---- agents -------------------------------------------------------------------------

    def agent_of(self, row: int) -> AccountAgent:
        """Return the agent that stands for the account in a row."""
        if row not in self._agents_by_row:
            self._agents_by_row[row] = AccountAgent(self, row)
        return self._agents_by_row[row]

    @property
    def agents(self) -> Any:
        """The accounts as Mesa agents, brought up to date when they are asked for."""
        if hasattr(self, "_agents_by_row"):
            self._meet_agents()
        return super().agents

    def _meet_agents(self) -> None:
        """Make agents of new accounts and take out those that were deleted."""
        accounts = self.world.accounts
        shown = accounts["alive"] == 1
        if len(accounts) > AGENTS_UP_TO:
            shown &= accounts["tracked"] == 1
        rows = set(np.flatnonzero(shown).tolist())
        for row in self._agents_by_row.keys() - rows:
            if not accounts["alive"][row]:
                self._agents_by_row.pop(row).remove()
        for row in sorted(rows - self._agents_by_row.keys()):
            self.agent_of(row)

    # ---- results ------------------------------------------------------------------------

    @property
    def impressions(self) -> NDArray[np.void]:
        """The impressions of the last tick, shown and displaced, as IMPRESSION records."""
        return phases.listed(self._tick)

    def measures(self) -> dict[str, float]:
        """Return the last measures, averaged over the protagonists."""
        return self.recorder.final()

    def tables(self) -> "dict[str, pd.DataFrame]":
        """Return the tables series, events and follows, as far as the scenario keeps them."""
        return kept(self.recorder.tables(self.world), self.arm.record)

    def account_digests(self) -> NDArray[np.void]:
        """Return a digest of each ordinary account's own state, by uid; see `world.hashing`."""
        return account_digests(self.world)

    def state_hash(self) -> str:
        """Return a hash of the accounts, ties and counters as they are now."""
        return state_hash(self.world)


def burn_in(
    scenario: Scenario,
    seed: int,
    *,
    threads: int = 1,
    on_day: Callable[[int], None] | None = None,
    on_world: Callable[[World], None] | None = None,
    begun: World | None = None,
    shuffled: bool = False,
) -> World:
    """Return the world from which all arms of a replicate fork.

    It has lived through its burn-in, and the protagonists have joined it with their first
    followers. ``on_day`` hears of each day, ``on_world`` sees the world at the end of each;
    ``begun`` is such a world, from which the burn-in goes on. ``shuffled`` lays accounts in
    another order of rows, which changes nothing.
    """
    world = begun or _build(scenario, seed, shuffled=shuffled, threads=threads)

    def after(day: int) -> None:
        if on_day:
            on_day(day)
        if on_world:
            on_world(world)

    _live_through(scenario, world, threads, after)
    protagonists.join(world, _newcomers(scenario), len(scenario.population.strategies))
    return world


def _build(base: Scenario, seed: int, *, shuffled: bool, threads: int) -> World:
    """Return a world at the beginning of its burn-in."""
    settings = Settings(base.world, base.population, base.platform, base.behaviour)
    strategies = (*sorted(base.population.strategies), _WAITING)
    folder = Path(base.path).parent if base.path else None
    world = building.build(
        settings, strategies, seed, folder=folder, shuffled=shuffled, threads=threads
    )
    world.start_day = base.world.burn_in_days
    return world


def _live_through(
    scenario: Scenario, world: World, threads: int, on_day: Callable[[int], None]
) -> None:
    """Let a world without protagonists live to the first day of the experiment."""
    if world.day == 0:
        return
    model = FollowerModel(scenario, world=world, seed=world.seed, threads=threads)
    while world.day < 0:
        model.step()
        if world.hour % _HOURS == 0:
            on_day(world.day)


def _newcomers(scenario: Scenario) -> tuple[Newcomer, ...]:
    """Return the protagonists one by one, as the world takes them."""
    return tuple(
        Newcomer(name, p.followers, p.follows_back, p.craft, p.minutes, p.money, p.offer, p.focus)
        for p in scenario.protagonists
        for name in _names(p.name, p.count)
    )


def _names(name: str, count: int) -> list[str]:
    """Return the names of so many matched protagonists."""
    return [name if k == 0 else f"{name}-{k + 1}" for k in range(count)]


def _rows_by_name(scenario: Scenario, world: World) -> dict[int, str]:
    """Return the protagonists' names by row."""
    rows = np.flatnonzero(world.accounts["kind"] == AccountKind.PROTAGONIST)
    rows = rows[np.argsort(world.accounts["uid"][rows])]
    names = [newcomer.name for newcomer in _newcomers(scenario)]
    return dict(zip(rows.tolist(), names, strict=len(rows) > 0))


def _cast(arm: Scenario, *, joined: bool) -> list[tuple[str, Strategy]]:
    """Return the strategies of an arm by number, with their keys.

    Those of the population come first, then those of protagonists, if they have joined, then
    those that events bring.
    """
    ordinary, given = sorted(arm.population.strategies), arm.population.params
    cast = [(name, _strategy(name, given.get(name, {}))) for name in ordinary]
    cast.append((_WAITING, _strategy(_BEFORE, {})))
    for p in arm.protagonists if joined else ():
        cast.append((f"{p.strategy}@{p.name}", _strategy(p.strategy, p.params)))
    for number, event in enumerate(arm.events):
        if event.kind == "strategy" and event.strategy is not None:
            key = f"{event.strategy}@event{number}"
            cast.append((key, _strategy(event.strategy, event.params)))
    return cast


def _assign(arm: Scenario, world: World) -> None:
    """Put a world under an arm: its settings, and the protagonists' strategies and budgets."""
    now = world.settings
    world.govern(Settings(now.world, now.population, arm.platform, arm.behaviour))
    rows = {name: row for row, name in _rows_by_name(arm, world).items()}
    first = len(arm.population.strategies) + 1
    for number, p in enumerate(arm.protagonists if rows else (), first):
        for name in _names(p.name, p.count):
            account = world.state.accounts[rows[name]]
            account["strategy"] = number
            account["craft"], account["minutes"] = p.craft, p.minutes
            account["dollars"], account["offer"] = p.money, p.offer


def _give(account: np.void, event: Event) -> None:
    """Give an account the means that an event names; what it does not name stays."""
    for column, value in zip(("craft", "minutes", "dollars"), means(event), strict=True):
        if value is not None:
            account[column] = value


def _strategy(name: str, params: dict[str, Any]) -> Strategy:
    """Return a strategy with these parameters, which the loader has checked."""
    kind = find(name)
    return kind(kind.Params.model_validate(params))


def _memory(world: World, key: str, strategy: Strategy) -> dict[str, NDArray[np.float64]]:
    """Return what the accounts of a strategy remember, by declared column, one entry a row."""
    out = {}
    for column, start in strategy.columns.items():
        name = f"{key}.{column}"
        held = world.columns.get(name, np.zeros(0))
        missing = len(world.state.accounts) - len(held)
        if missing > 0:
            held = np.concatenate([held, np.full(missing, start)])
            world.columns[name] = held
        out[column] = held
    return out


def _reporter(name: str) -> Callable[[FollowerModel], float | None]:
    """Return a function that reports a measure to Mesa's data collector."""
    return lambda model: model.recorder.latest(name)
