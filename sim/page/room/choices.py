"""What a student chooses: one of the strategies that the page offers, and a budget."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sim.page.live import Refused
from sim.page.offers import OFFERED, knob

__all__ = ["Choice", "choice"]


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
    return int(number) if knob(name, key)["step"] == 1 else number


def _number(what: str, value: object, low: float, high: float) -> float:
    """Return a number within bounds. Raises Refused if it is anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return float(value)
    raise Refused(f"{what}: a number from {low:g} to {high:g}, please.")
