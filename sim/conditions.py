"""Conditions on measures, such as ``followers >= 1000 and day >= 60``.

    condition  = all { "or" all }
    all        = comparison { "and" comparison }
    comparison = NAME ( ">=" | "<=" | ">" | "<" | "==" | "!=" ) NUMBER

A name is a measure of the protagonists, or ``day``, the days of the experiment that have passed.
"""

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from sim.metrics import MEASURES, QUOTIENTS

__all__ = ["NAMES", "Condition", "ConditionError", "condition"]

NAMES: Final = (
    "day",
    *(name for name, one in MEASURES.items() if not one.of_platform and name not in QUOTIENTS),
)
"""What a condition can be about."""
_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_PARTS: Final = re.compile(r"\s*(\w+)\s*(>=|<=|==|!=|>|<)\s*([-+]?[\d_.]+(?:[eE][-+]?\d+)?)\s*")
_JOINED: Final = re.compile(r"\s(and|or)\s")


class ConditionError(ValueError):
    """A condition that is none; ``name`` is the name in it that means nothing, if that is it."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class _Comparison(NamedTuple):
    name: str
    sign: str
    number: float

    def holds(self, values: Mapping[str, float]) -> bool:
        return _OPERATORS[self.sign](values[self.name], self.number)


class Condition(NamedTuple):
    """A condition; of ``any_of`` one must hold, and of that all comparisons."""

    any_of: tuple[tuple[_Comparison, ...], ...]

    def holds(self, values: Mapping[str, float]) -> bool:
        """Whether it holds where the measures have these values."""
        return any(all(one.holds(values) for one in each) for each in self.any_of)


@lru_cache(64)
def condition(text: str) -> Condition:
    """Return the condition that a text states.

    Raises:
        ConditionError: if it states none.
    """
    pieces = _JOINED.split(f" {text} ")
    groups: list[list[_Comparison]] = [[_comparison(pieces[0])]]
    for word, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if word == "or":
            groups.append([])
        groups[-1].append(_comparison(piece))
    return Condition(tuple(map(tuple, groups)))


def _comparison(text: str) -> _Comparison:
    found = _PARTS.fullmatch(text)
    if found is None:
        raise ConditionError(f'"{text.strip()}" compares no measure with a number')
    name, sign, number = found.groups()
    if name not in NAMES:
        raise ConditionError(f'there is no measure "{name}" of a protagonist', name)
    try:
        return _Comparison(name, sign, float(number))
    except ValueError:
        raise ConditionError(f'"{number}" is no number') from None
