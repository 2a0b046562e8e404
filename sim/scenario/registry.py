"""Where the loader looks strategies up."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Protocol, cast

__all__ = ["Registry", "installed"]


class Registry(Protocol):
    """What the loader needs of `sim.strategies`; the module itself is one."""

    def names(self) -> Iterable[str]:
        """Names of all strategies."""

    def find(self, name: str) -> Any:
        """The strategy of this name: a class with a docstring and a pydantic model ``Params``."""


def installed() -> Registry:
    """`sim.strategies`, imported only when a scenario is checked."""
    return cast(Registry, import_module("sim.strategies"))
