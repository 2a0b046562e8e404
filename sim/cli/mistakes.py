"""Which errors are mistakes of the user, and what they are told."""

__all__ = ["explain"]

_BY_NAME = ("EdgeListError", "HistoryError", "MissingExtra", "NothingSteady")
"""Mistakes whose classes lie beside kernels, which a message should not have to import."""


def explain(error: Exception) -> str | None:
    """Return what to tell the user; None if it is a fault of the program."""
    from sim.experiments.cluster import ClusterError
    from sim.results import ResultsError
    from sim.scenario import ScenarioError, UnknownKey
    from sim.strategies import StrategyFileError, UnknownStrategy

    if isinstance(error, UnknownStrategy):
        return str(error.args[0])
    said = ClusterError | ScenarioError | ResultsError | UnknownKey | StrategyFileError
    if isinstance(error, said):
        return str(error)
    if type(error).__name__ in _BY_NAME:
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this scenario; lower world.accounts."
    return None
