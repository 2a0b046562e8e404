"""Seats of a class: one protagonist each, with a name of its own."""

from typing import Final

from sim.scenario import Scenario, load, loads
from sim.scenario.event_checks import MOST_STRATEGIES
from sim.scenario.writing import written

__all__ = ["changes", "seated"]

MOST_CHANGES: Final = 8
SENT_OUT: Final = 10  # students who are sent out after the start: their accounts then lie idle


def seated(scenario: str, students: int | None = None) -> Scenario:
    """Return a scenario, or the one of this name, with a protagonist by itself for each seat.

    In a scenario the name of several alike stands for all of them, also in events; here nobody
    may name the account of somebody else. ``students`` is the number of the seats, if not the
    scenario's own. Raises ScenarioError if it cannot be used.
    """
    sets = [] if students is None else [f"protagonists.count={students}"]
    found = load(scenario, sets=sets)
    apart = [
        one if one.count == 1 else one.model_copy(update={"name": f"{one.name}-{k}", "count": 1})
        for one in found.protagonists
        for k in range(1, one.count + 1)
    ]
    return loads(written(found.model_copy(update={"protagonists": tuple(apart)})))


def changes(scenario: Scenario) -> int:
    """Return how often each student may choose anew after the start.

    A world can hold so many strategies: each choice brings one, and the first ones come besides.
    """
    seats = len(scenario.protagonists)
    taken = len(scenario.population.strategies) + 1 + 2 * seats + SENT_OUT
    return max(0, min(MOST_CHANGES, (MOST_STRATEGIES - taken) // seats))
