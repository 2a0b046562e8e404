"""Living through every case without the twin: python -m twin.lives prints where each ends."""

import json
from pathlib import Path

from sim import strategies
from sim.model import FollowerModel
from sim.scenario import loads
from twin.cases import CASES, Case

__all__ = ["UNRULY", "lived"]

UNRULY = Path(__file__).with_name("unruly.py")


def lived() -> dict[str, str]:
    """Return the hash of the state at the end of every case."""
    strategies.load_file(UNRULY)
    return {name: _end(case) for name, case in CASES.items()}


def _end(case: Case) -> str:
    model = FollowerModel(loads(case.text), threads=case.threads)
    last = model.world.hour + 24 * case.days
    while model.world.hour < last:
        model.step()
    return model.state_hash()


if __name__ == "__main__":
    print(json.dumps(lived()))
