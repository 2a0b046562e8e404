"""People: the traits of ordinary accounts, drawn by uid."""

import numpy as np
from numpy.typing import NDArray

from sim.kernels import generate
from sim.world.rules import Settings
from sim.world.world import World


def communities(settings: Settings) -> int:
    """Return how many interest communities there are."""
    return max(1, round(settings.world.accounts / settings.world.community_size))


def people_settings(settings: Settings) -> NDArray[np.void]:
    """Return the PEOPLE record that the generator reads."""
    merged = {
        **settings.population.model_dump(),
        **settings.world.model_dump(),
        "communities": communities(settings),
    }
    record = np.zeros(1, generate.PEOPLE)
    for name in generate.PEOPLE_SETTINGS:
        record[name] = merged[name]
    return record


def shares(
    settings: Settings, strategies: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return the cumulated shares of the population's strategies by name, and their numbers."""
    weights = settings.population.strategies
    names = [name for name in sorted(weights) if name in strategies]
    numbers = np.array([strategies.index(name) for name in names], np.uint8)
    shares = np.array([weights[name] for name in names])
    return np.cumsum(shares / shares.sum()), numbers


def make(world: World, first: int, last: int) -> None:
    """Give traits to the accounts in rows ``first`` to ``last - 1``, whose uids are set."""
    cumulated, numbers = shares(world.settings, world.strategies)
    generate.make_people(
        world.state.accounts,
        first,
        last,
        np.uint64(world.seed),
        people_settings(world.settings),
        cumulated,
        numbers,
        generate.power_table(),
    )
