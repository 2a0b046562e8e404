"""Sharing one machine among many living worlds: turns, room, and worlds that are alike."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sim.model import burn_in
from sim.scenario import Scenario, available_memory, memory_estimate
from sim.scenario.memory import PYTHON
from sim.world.world import World

__all__ = ["SWITCH", "Full", "Pool", "Turnstile"]

SWITCH: Final = 0.0005  # seconds for which a thread keeps Python to itself while others wait
MOST_WORLDS: Final = 40
KEPT_WORLDS: Final = 4  # burnt-in worlds that are kept for whoever wants the like
SHARE: Final = 0.6  # of the memory that is free at the start


class Full(RuntimeError):
    """There is no room for another world; the message says what to do."""


class Turnstile:
    """Lets so many through at a time, strictly in the order in which they came."""

    def __init__(self, places: int) -> None:
        """Begin with all places free."""
        self._free = places
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a place, and hold it for the block."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Give the place that one holds to the next for the block, then queue again."""
        self._leave()
        try:
            yield
        finally:
            self._enter()

    def give_way(self) -> None:
        """Let all who wait have their turns before one's own next."""
        with self.aside():
            pass

    def _enter(self) -> None:
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return
            called = threading.Event()
            self._waiting.append(called)
        called.wait()

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # the place goes from hand to hand
            else:
                self._free += 1


class Pool:
    """What the living worlds of one machine share.

    ``turnstile`` lets one world after the other live a tick; ``admit`` keeps their number and
    memory within bounds; ``burnt_in`` makes a world once for all who want the like.
    """

    def __init__(
        self, *, worlds: int = MOST_WORLDS, memory: int | None = None, places: int = 1
    ) -> None:
        """Share among at most so many worlds, ``memory`` bytes and ``places`` ticks at a time."""
        free = available_memory()
        self.most = worlds
        self.memory = memory if memory is not None else None if free is None else int(SHARE * free)
        self.turnstile = Turnstile(places)
        self._lock = threading.Lock()
        self._taken: dict[int, int] = {}  # bytes by guest
        self._made: OrderedDict[tuple[str, int], World] = OrderedDict()
        self._making: dict[tuple[str, int], threading.Lock] = {}

    def __len__(self) -> int:
        """Return how many guests there are."""
        with self._lock:
            return len(self._taken)

    def admit(self, guest: object, scenario: Scenario, lives: int = 1) -> None:
        """Find room for so many lives of a scenario's world, which a guest holds until it leaves.

        What the guest held before is given back.

        Raises:
            Full: there is none.
        """
        needed = cost(scenario) * lives
        with self._lock:
            others = {key: taken for key, taken in self._taken.items() if key != id(guest)}
            if len(others) >= self.most:
                raise Full(_crowded(self.most))
            left = None if self.memory is None else self.memory - sum(others.values())
            if left is not None and needed > left:
                raise Full(_no_memory(needed, left, bool(others)))
            self._taken = {**others, id(guest): needed}

    def leave(self, guest: object) -> None:
        """Give back what a guest holds."""
        with self._lock:
            self._taken.pop(id(guest), None)

    def burnt_in(self, scenario: Scenario, seed: int, on_day: Callable[[int], None]) -> World:
        """Return a world that has lived through its burn-in, for all who want the like: fork it.

        It is called with a turn held; others have theirs after each day of the burn-in.
        """
        key = scenario.world_hash, seed
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with self.turnstile.aside():
            making.acquire()
        try:
            world = self._kept(key)
            if world is None:
                world = burn_in(scenario, seed, on_day=lambda day: self._day(day, on_day))
                self._keep(key, world)
        finally:
            making.release()
        return world

    def _day(self, day: int, on_day: Callable[[int], None]) -> None:
        on_day(day)
        self.turnstile.give_way()

    def _kept(self, key: tuple[str, int]) -> World | None:
        with self._lock:
            world = self._made.get(key)
            if world is not None:
                self._made.move_to_end(key)
            return world

    def _keep(self, key: tuple[str, int], world: World) -> None:
        with self._lock:
            self._made[key] = world
            while len(self._made) > KEPT_WORLDS:
                old, _ = self._made.popitem(last=False)
                self._making.pop(old, None)


def cost(scenario: Scenario) -> int:
    """Return about how many bytes one more life of a scenario's world needs."""
    return memory_estimate(scenario) - PYTHON


def _crowded(most: int) -> str:
    return (
        f"It is full: {most} worlds are alive on this machine. Wait until somebody leaves, or look "
        "on with a neighbour; the teacher can allow more (--worlds)."
    )


def _no_memory(needed: int, left: int, others: bool) -> str:
    fewer = "Wait until somebody leaves, or choose" if others else "Choose"
    return (
        f"It is full: this world needs about {needed / 1e6:,.0f} MB of memory, and "
        f"{max(0, left) / 1e6:,.0f} MB are left. {fewer} a world with fewer accounts."
    )
