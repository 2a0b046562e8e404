"""Strategies: one class a file, found by themselves.

To add one, put a file into this folder, or keep it anywhere and name it with
``--strategies FILE.py``.
"""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from sim.strategies.base import (
    Account,
    Accounts,
    Day,
    Pairs,
    Section,
    Strategy,
    affordable,
)

__all__ = [
    "Account",
    "Accounts",
    "Day",
    "Pairs",
    "Section",
    "Strategy",
    "StrategyFileError",
    "UnknownStrategy",
    "affordable",
    "find",
    "load_file",
    "names",
]

_added: dict[str, type[Strategy]] = {}


class UnknownStrategy(KeyError):
    """No strategy has this name; ``known`` lists those that exist."""

    def __init__(self, name: str, known: list[str]) -> None:
        """Remember what was asked for and what there is."""
        super().__init__(f"no strategy named {name!r}; there are: {', '.join(known)}")
        self.known = known


class StrategyFileError(ValueError):
    """A file of strategies that cannot be used; the message says why."""


def _classes(module: ModuleType) -> dict[str, type[Strategy]]:
    """Return the strategies that a module itself defines, by name."""
    return {
        value.name: value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Strategy)
        and value.__module__ == module.__name__
        and "name" in vars(value)
    }


@cache
def _shipped() -> dict[str, type[Strategy]]:
    """Return the strategies of this folder."""
    found: dict[str, type[Strategy]] = {}
    for info in pkgutil.iter_modules(__path__):
        if info.name != "base":
            found |= _classes(importlib.import_module(f"{__name__}.{info.name}"))
    return found


def names() -> list[str]:
    """Return the names of all strategies, in alphabetical order."""
    return sorted({**_shipped(), **_added})


def find(name: str) -> type[Strategy]:
    """Return the strategy of this name.

    Raises:
        UnknownStrategy: there is none.
    """
    known = {**_shipped(), **_added}
    if name not in known:
        raise UnknownStrategy(name, sorted(known))
    return known[name]


def load_file(path: str | Path) -> list[str]:
    """Load strategies from a Python file and return their names. The file is run.

    Raises:
        StrategyFileError: the file cannot be read or run, defines no strategy, or takes the
            name of a shipped one.
    """
    file = Path(path).resolve()
    found = _classes(_run(file))
    if not found:
        raise StrategyFileError(f"{path}: defines no strategy (a subclass of Strategy with a name)")
    if taken := sorted(set(found) & set(_shipped())):
        raise StrategyFileError(f"{path}: {', '.join(taken)}: the name of a shipped strategy")
    _added.update(found)
    return sorted(found)


def _run(file: Path) -> ModuleType:
    """Run a file as a module of its own."""
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    except OSError as error:
        raise StrategyFileError(f"{file}: cannot be read: {error.strerror}") from error
    name = f"followlab_strategies_{digest}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise StrategyFileError(f"{file}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise StrategyFileError(f"{file}: {type(error).__name__}: {error}") from error
    return module
