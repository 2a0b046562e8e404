"""What may be chosen on the page: strategies of the catalogue, and the numbers of each.

Strategies are chosen by name from a fixed list; nothing that is sent is ever run as code.
"""

from functools import cache
from typing import Any, Final

from sim.strategies import find
from sim.strategies.catalogue import entry, parameters

__all__ = ["OFFERED", "knob", "offers"]

OFFERED: Final[dict[str, tuple[str, dict[str, tuple[float, float]]]]] = {
    "organic": ("be interesting", {"effort": (5, 120)}),
    "community": ("help and answer", {"effort": (5, 120), "help": (0, 0.5)}),
    "beg": ("beg at milestones", {"effort": (5, 120)}),
    "follow_for_follow": ("follow for follow", {"per_day": (1, 100)}),
    "buyer": ("buy followers", {"amount": (100, 10_000)}),
    "self_promoter": ("promote yourself", {"per_day": (1, 10)}),
    "broadcaster": ("post a lot", {"per_day": (1, 20)}),
    "pod": ("like for like", {"most_per_day": (5, 100)}),
    "idle": ("do nothing", {}),
}
"""Name in plain words, and the parameters that can be set with their least and greatest values."""


@cache
def offers() -> tuple[dict[str, Any], ...]:
    """Return the strategies as a page shows them: name, label, about, costs, knobs."""
    return tuple(_offer(name, label) for name, (label, _) in OFFERED.items())


def _offer(name: str, label: str) -> dict[str, Any]:
    said = entry(find(name))
    knobs = [knob(name, key) for key in OFFERED[name][1]]
    about = {"name": name, "label": label, "about": said.summary, "costs": said.costs}
    return {**about, "knobs": knobs}


def knob(name: str, key: str) -> dict[str, Any]:
    """Return a number that a strategy takes: key, about, unit, least, most, step, default."""
    node = parameters(find(name).Params)[key]
    low, high = OFFERED[name][1][key]
    whole = node["type"] == "integer"
    return {
        "key": key,
        "about": " ".join(node["description"].split()),
        "unit": node["unit"],
        "least": low,
        "most": high,
        "step": 1 if whole or high > 1 else 0.05,
        "default": node["default"],
    }
