"""What strategies made of strategies have in common."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from sim.settings import Section
from sim.strategies import UnknownStrategy, find
from sim.strategies.base import Accounts, Day, Strategy

__all__ = ["Composite", "check_part", "check_parts"]


class Composite(Strategy):
    """A strategy that lets other strategies, its parts, decide.

    A subclass declares in ``own`` what it remembers itself, and makes its parts by name in
    ``make_parts``. What a part remembers stands in the columns "<part>.<column>".
    """

    own: ClassVar[dict[str, float]] = {}

    def __init__(self, params: Section | None = None) -> None:
        """Make the parts."""
        super().__init__(params)
        self.parts = self.make_parts()
        theirs = {
            f"{name}.{column}": start
            for name, part in self.parts.items()
            for column, start in part.columns.items()
        }
        self.columns = {**self.own, **theirs}

    def make_parts(self) -> dict[str, Strategy]:
        """Return the parts by the names under which they remember."""
        raise NotImplementedError

    def let(self, name: str, me: Accounts, day: Day, where: NDArray[np.bool_]) -> None:
        """Let a part decide for the accounts under a mask."""
        if np.any(where):
            self.parts[name].decide(me.part(name, where), day)

    def vendors(self) -> set[str]:
        """Return the names of the vendors that its parts may order from."""
        return set().union(*(part.vendors() for part in self.parts.values()))

    def names_within(self) -> set[str]:
        """Return the names of all strategies in it, those in its parts included."""
        deeper = [
            part.names_within() for part in self.parts.values() if isinstance(part, Composite)
        ]
        return {part.name for part in self.parts.values()}.union(*deeper)


def made(name: str, params: Mapping[str, Any]) -> Strategy:
    """Return a strategy with these parameters."""
    kind = find(name)
    return kind(kind.Params.model_validate(params))


def check_parts(owner: str, names: Iterable[str], params: Mapping[str, Mapping[str, Any]]) -> None:
    """Check the parts of a strategy and their parameters, given by the names of the parts.

    Raises:
        ValueError: one is unknown, has a wrong parameter, or holds its owner.
    """
    known = list(names)
    for name in params:
        if name not in known:
            raise ValueError(f"{name!r} is none of its strategies, which are: {', '.join(known)}")
    for name in known:
        check_part(owner, name, params.get(name, {}))


def check_part(owner: str, name: str, params: Mapping[str, Any]) -> None:
    """Check a part of a strategy and its parameters.

    Raises:
        ValueError: as for `check_parts`.
    """
    if name == owner:
        raise ValueError(f"{owner!r} cannot be a part of itself")
    try:
        part = made(name, params)
    except UnknownStrategy as error:
        raise ValueError(error.args[0]) from None
    except ValidationError as error:
        raise ValueError(f"params of {name!r}: {_mistakes(error, name)}") from None
    if isinstance(part, Composite) and owner in part.names_within():
        raise ValueError(f"{owner!r} cannot be a part of itself (it is one of {name!r})")


def _mistakes(error: ValidationError, name: str) -> str:
    """Return in words what is wrong with parameters."""
    known = ", ".join(find(name).Params.model_fields) or "none"
    said = []
    for one in error.errors(include_url=False):
        text = one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            text = f"there is no such parameter; there are: {known}"
        said.append(f"{'.'.join(str(part) for part in one['loc'])}: {text}")
    return "; ".join(said)
