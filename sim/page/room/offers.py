"""What a student may choose: a strategy of the catalogue, a few numbers, and a budget.

Strategies are chosen by name from a fixed list; nothing that is sent is ever run as code.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final

from sim.page.live import Refused
from sim.strategies import find
from sim.strategies.catalogue import entry, parameters

__all__ = ["OFFERED", "Choice", "choice", "offers"]


@dataclass(frozen=True)
class Choice:
    """How an account is to live: a strategy with parameters, minutes a day, dollars in all."""

    strategy: str
    params: Mapping[str, float]
    minutes: float
    money: float

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "params": dict(self.params)}


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
    knobs = [_knob(name, key) for key in OFFERED[name][1]]
    about = {"name": name, "label": label, "about": said.summary, "costs": said.costs}
    return {**about, "knobs": knobs}


def _knob(name: str, key: str) -> dict[str, Any]:
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


def choice(asked: Mapping[str, Any], minutes: float, money: float) -> Choice:
    """Return what somebody asked for, checked; at most so many minutes and dollars.

    ``asked`` has strategy, params, minutes and money; the three last may be missing.

    Raises:
        Refused: it is not possible.
    """
    name = asked.get("strategy")
    if not isinstance(name, str) or name not in OFFERED:
        raise Refused("Choose one of the strategies in the list.")
    params = asked.get("params", {})
    if not isinstance(params, Mapping) or not params.keys() <= OFFERED[name][1].keys():
        raise Refused(f"“{OFFERED[name][0]}” has no such settings.")
    return Choice(
        name,
        {key: _param(name, key, value) for key, value in params.items()},
        _number("minutes a day", asked.get("minutes", minutes), 0, minutes),
        _number("dollars", asked.get("money", money), 0, money),
    )


def _param(name: str, key: str, value: object) -> float:
    low, high = OFFERED[name][1][key]
    number = _number(key.replace("_", " "), value, low, high)
    return int(number) if _knob(name, key)["step"] == 1 else number


def _number(what: str, value: object, low: float, high: float) -> float:
    """Return a number within bounds. Raises Refused if it is anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    raise Refused(f"{what}: a number from {low:g} to {high:g}, please.")
