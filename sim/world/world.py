"""A world: the arrays of the kernels, what is pending between ticks, and how both grow."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.kernels import lists, tables
from sim.kernels.layout import (
    ACCOUNT,
    NEED,
    NO_BLOCK,
    NO_ROW,
    NOTICE,
    POST,
    SCHEDULE,
    SIZE_CLASSES,
    TIE,
    VIRAL,
    State,
    Tables,
    Total,
)
from sim.world.rules import Settings, coefficients, rules

PROTAGONIST_NUMBERS: Final = 64  # numbers kept free behind the initial accounts
WAITING: Final = np.dtype([("target", "u4"), ("actor", "u4")])
ORDER: Final = np.dtype(
    [("vendor", "u1"), ("buyer", "u4"), ("amount", "u4"), ("day", "u4"), ("first", "u4")]
)
BOUGHT: Final = np.dtype([("author", "u8"), ("viewer", "u8"), ("hour", "u4")])
SPARE: Final = 16  # part of accounts and of ties by which their arrays grow when they are full


def power_of_two(least: int) -> int:
    """Return the least power of two that is at least this."""
    return 1 << max(0, int(least) - 1).bit_length()


def empty(kind: np.dtype[np.void]) -> NDArray[np.void]:
    """Return an empty array of records."""
    return np.zeros(0, kind)


def unlist(accounts: NDArray[np.void]) -> NDArray[np.void]:
    """Say of blank rows that they have no list and no place in the directory; return them."""
    accounts["size_class"] = NO_BLOCK
    accounts["number"] = NO_ROW
    return accounts


def blank_state(accounts: int, directory: int) -> State:
    """Return the arrays of a world with room for so many accounts, and nothing in it."""
    totals = np.zeros(int(Total.SIZE), np.int64)
    totals[[int(Total.OLDEST_POST), int(Total.NEXT_POST)]] = 1
    return State(
        accounts=unlist(np.zeros(accounts + max(PROTAGONIST_NUMBERS, accounts // SPARE), ACCOUNT)),
        follow_ids=np.zeros(0, np.uint32),
        ties=np.zeros(0, TIE),
        free=np.full(SIZE_CLASSES, NO_ROW, np.uint32),
        cursor=np.zeros(1, np.int64),
        posts=np.zeros(1024, POST),
        directory=np.full(power_of_two(directory), NO_ROW, np.uint32),
        totals=totals,
    )


@dataclass
class World:
    """Everything that a run needs to go on: copy it to fork, save it to resume.

    ``rows`` counts the rows in use, ``initial`` the accounts at the start, ``hour`` the start
    of the next tick since the burn-in began, ``start_day`` the day on which the experiment
    begins. ``strategies`` names the strategies by the number in the accounts.
    """

    seed: int
    initial: int
    settings: Settings
    state: State
    strategies: tuple[str, ...]
    rows: int = 0
    hour: int = 0
    start_day: int = 0
    arrived: int = 0
    notices: NDArray[np.void] = field(default_factory=lambda: empty(NOTICE))
    schedule: NDArray[np.void] = field(default_factory=lambda: empty(SCHEDULE))
    inbox: NDArray[np.void] = field(default_factory=lambda: empty(WAITING))
    orders: NDArray[np.void] = field(default_factory=lambda: empty(ORDER))
    bought: NDArray[np.void] = field(default_factory=lambda: empty(BOUGHT))
    needs: NDArray[np.void] = field(default_factory=lambda: empty(NEED))
    viral: NDArray[np.void] = field(default_factory=lambda: empty(VIRAL))
    columns: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    sweeps_due: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare what the kernels read of the settings."""
        self.govern(self.settings)

    def govern(self, settings: Settings) -> None:
        """Put the world under these settings from now on."""
        self.settings = settings
        self.params: NDArray[np.void] = coefficients(settings)
        self.rules: NDArray[np.void] = rules(settings)
        behaviour = settings.behaviour
        self.tables: Tables = tables.build(
            behaviour.warmth_half_life, behaviour.irritation_half_life
        )

    @property
    def day(self) -> int:
        """The day of the experiment; negative during the burn-in."""
        return self.hour // 24 - self.start_day

    @property
    def accounts(self) -> NDArray[np.void]:
        """The ACCOUNT records in use, by row."""
        return self.state.accounts[: self.rows]

    @property
    def dollars(self) -> dict[int, float]:
        """What is left to spend, by uid, of those who have something."""
        rich = self.accounts[self.accounts["dollars"] > 0]
        return {int(a["uid"]): float(a["dollars"]) for a in rich}

    def fork(self) -> "World":
        """Return an independent copy."""
        return replace(
            self,
            state=State._make(array.copy() for array in self.state),
            columns={name: column.copy() for name, column in self.columns.items()},
            sweeps_due=list(self.sweeps_due),
        )

    def add_rows(self, count: int) -> int:
        """Take new rows into use and return the first."""
        first, self.rows = self.rows, self.rows + count
        held = len(self.state.accounts)
        if self.rows > held:
            self._lengthen("accounts", max(self.rows, held + held // SPARE))
            unlist(self.state.accounts[held:])
        return first

    def notify(self, notices: NDArray[np.void]) -> None:
        """Keep notices for the hour at which they are due."""
        if len(notices):  # joining records costs more than all that a small world does in a phase
            self.notices = np.concatenate([self.notices, notices])

    def reserve_ties(self, owners: NDArray[np.uint32]) -> None:
        """Make sure that each account can take one more tie for each time it stands here."""
        self.reserve_entries(lists.room_needed(self.state, np.sort(owners)))

    def reserve_entries(self, needed: int) -> None:
        """Make sure that the pool has this many untouched entries."""
        used, held = int(self.state.cursor[0]), len(self.state.follow_ids)
        if used + needed > held:
            size = max(used + needed, held + held // SPARE)
            self._lengthen("ties", size)
            self._lengthen("follow_ids", size)  # last, as it tells how long the pool is

    def _lengthen(self, name: str, size: int) -> None:
        """Let an array of the state have so many entries, the new ones blank.

        Unless somebody else looks at it, it grows in place: the system moves its pages without
        copying them, so that old and new need not lie in memory side by side.
        """
        try:
            getattr(self.state, name).resize(size)
        except ValueError:  # it is referred to elsewhere, or belongs to another array
            old = getattr(self.state, name)
            longer = np.zeros(size, old.dtype)
            longer[: len(old)] = old
            self.state = self.state._replace(**{name: longer})

    def reserve_posts(self, count: int) -> None:
        """Make sure that the ring can take so many posts besides those of the window."""
        oldest = int(self.state.totals[Total.OLDEST_POST])
        following = int(self.state.totals[Total.NEXT_POST])
        posts = self.state.posts
        size = power_of_two(following - oldest + count)
        if size <= len(posts):
            return
        live = np.arange(oldest, following)
        ring = np.zeros(size, POST)
        ring[live & (len(ring) - 1)] = posts[live & (len(posts) - 1)]
        self.state = self.state._replace(posts=ring)

    def enlist(self, row: int, number: int) -> None:
        """Enter an account into the directory, which doubles when it is full."""
        while number >= len(self.state.directory):
            blank = np.full_like(self.state.directory, NO_ROW)
            grown = np.concatenate([self.state.directory, blank])
            self.state = self.state._replace(directory=grown)
        self.state.directory[number] = row
        self.state.accounts[row]["number"] = number
