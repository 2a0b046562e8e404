"""Which errors are mistakes of the user, and what they are told.

They are known by name: most of their classes lie beside kernels or other large modules, which a
message should not have to import, and of an error in another process only the name is known.
"""

import os
from typing import Final

__all__ = ["explain"]

_EXPLAINED: Final = frozenset((
    "ClusterError", "EdgeListError", "HistoryError", "MissingExtra", "NothingSteady",
    "ResultsError", "ScenarioError", "StrategyFileError", "UnknownKey", "UnknownStrategy",
))  # fmt: skip
"""Errors that say themselves what is wrong and what to do."""
_MEMORY: Final = (
    "There is not enough memory for this scenario; lower world.accounts, or do less at a time "
    "(--workers 1)."
)
_DIED: Final = (
    "A worker process died, mostly for want of memory. What was done is kept: the same command "
    "goes on; with --workers 1 it needs less memory."
)


def explain(error: Exception) -> str | None:
    """Return what to tell the user; None if it is a fault of the program."""
    from sim.experiments.executors import TaskError

    if isinstance(error, TaskError):
        return _told({error.kind}, error.told, error.errno, error.filename)
    if isinstance(error, OSError):
        return _of_system(error.strerror or str(error), error.filename)
    quotes = type(error).__str__ is KeyError.__str__  # its argument, as in a traceback
    text = str(error.args[0] if quotes else error)
    return _told({base.__name__ for base in type(error).__mro__}, text)


def _told(kinds: set[str], text: str, errno: int = 0, filename: str = "") -> str | None:
    """Return what to tell of an error of these kinds."""
    if "WorkerDied" in kinds:
        return _DIED
    if "MemoryError" in kinds:
        return _MEMORY
    if errno:
        return _of_system(os.strerror(errno), filename)
    return text if kinds & _EXPLAINED else None


def _of_system(text: str, filename: object) -> str:
    return f"{filename}: {text}" if filename else text
