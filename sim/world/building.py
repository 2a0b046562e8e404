"""Building a world from its settings: people first, then their follows."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.kernels.draws import draw
from sim.kernels.layout import AccountKind, Purpose
from sim.world import edge_list, networks, people
from sim.world.networks import Edges
from sim.world.rules import Settings
from sim.world.world import PROTAGONIST_NUMBERS, World, blank_state, power_of_two


def build(
    settings: Settings,
    strategies: tuple[str, ...],
    seed: int,
    *,
    folder: Path | None = None,
    shuffled: bool = False,
    threads: int = 1,
) -> World:
    """Return a world at hour 0.

    ``folder`` is where a network file is looked for. ``shuffled`` lays the accounts in another
    order of rows, which must change nothing; nor must the number of ``threads``.

    Raises:
        EdgeListError: the network file cannot be used; the message says where and why.
    """
    edges = None
    if settings.world.network == "file":
        edges, count = edge_list.read((folder or Path()) / str(settings.world.file))
        settings = settings._replace(world=settings.world.model_copy(update={"accounts": count}))
    world = _populate(settings, strategies, seed)
    edges = edges or _draw(world, threads)
    row_of = _shuffle(world) if shuffled else _neighbours_together(world)
    networks.lay(world, edges, row_of, _returned(settings), threads)
    del edges  # makes room for the records of the ties
    networks.blank_ties(world)
    _move_people(world, row_of)
    world.accounts["number"][row_of] = np.arange(world.initial)
    world.state.directory[: world.initial] = row_of
    return world


def _populate(settings: Settings, strategies: tuple[str, ...], seed: int) -> World:
    """Return a world of people who do not follow anybody yet."""
    count = settings.world.accounts
    directory = power_of_two(count + PROTAGONIST_NUMBERS)
    world = World(seed, count, settings, blank_state(count, directory), strategies)
    world.add_rows(count)
    world.accounts["uid"] = np.arange(count)
    world.accounts["kind"] = AccountKind.ORDINARY
    people.make(world, 0, count)
    return world


def _draw(world: World, threads: int) -> Edges:
    """Return the first follows that the settings ask for."""
    laws = {
        "calibrated": networks.calibrated,
        "uniform": networks.uniform,
        "preferential": networks.preferential,
        "merit": networks.merit,
    }
    return laws[world.settings.world.network](world, threads)


def _returned(settings: Settings) -> float:
    """Return the share of first follows that are returned; files and laws stay as they are."""
    law = settings.world.network in ("file", "preferential", "merit")
    return 0.0 if law else settings.world.reciprocation


def _neighbours_together(world: World) -> NDArray[np.uint32]:
    """Return in which row each account number lies: communities one behind the other.

    Most of those whom somebody follows are then close by in memory, and what one member of a
    community has read is still at hand for the next. Nothing but time depends on it.
    """
    rows = np.empty(world.initial, np.uint32)
    drawn = world.settings.world.network == "calibrated"
    numbers = np.argsort(world.accounts["community"], kind="stable") if drawn else slice(None)
    rows[numbers] = np.arange(world.initial)
    return rows


def _shuffle(world: World) -> NDArray[np.uint32]:
    """Return in which row each account number lies in another, arbitrary order."""
    numbers = range(world.initial)
    words = [
        draw(
            np.uint64(world.seed), np.uint64(Purpose.ROWS), np.uint64(k), np.uint64(0), np.uint64(0)
        )
        for k in numbers
    ]
    return np.argsort(np.argsort(np.array(words, np.uint64))).astype(np.uint32)


def _move_people(world: World, row_of: NDArray[np.uint32]) -> None:
    """Move people to their rows; their lists are there already."""
    accounts = world.accounts
    lists = ("start", "follows", "ties", "size_class", "followers")
    traits = [name for name in accounts.dtype.names or () if name not in lists]
    for name in traits:
        accounts[name][row_of] = accounts[name].copy()
