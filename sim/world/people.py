"""People: the traits of ordinary accounts, drawn by uid."""

import numpy as np
from numpy.typing import NDArray

from sim.kernels import generate
from sim.world.rules import Settings
from sim.world.world import World

ORDINARY_MINUTES = 240.0  # what people can spend a day; strategies of ordinary accounts rarely bind


def communities(settings: Settings) -> int:
    """Return how many interest communities there are."""
    return max(1, round(settings.world.accounts / settings.world.community_size))


def people_settings(settings: Settings) -> NDArray[np.void]:
    """Return the PEOPLE record that the generator reads."""
    merged = {
        **settings.population.model_dump(),
        **settings.world.model_dump(),
        "communities": communities(settings),
        "minutes": ORDINARY_MINUTES,
    }
    record = np.zeros(1, generate.PEOPLE)
    for name in generate.PEOPLE_SETTINGS:
        record[name] = merged[name]
    return record


def shares(settings: Settings, strategies: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the cumulated shares of the population's strategies, in the order of the names."""
    weights = np.array([settings.population.strategies.get(name, 0.0) for name in strategies])
    return np.cumsum(weights / weights.sum())


def make(world: World, first: int, last: int) -> None:
    """Give traits to the accounts in rows ``first`` to ``last - 1``, whose uids are set."""
    generate.make_people(
        world.state.accounts,
        first,
        last,
        np.uint64(world.seed),
        people_settings(world.settings),
        shares(world.settings, world.strategies),
        generate.power_table(),
    )
