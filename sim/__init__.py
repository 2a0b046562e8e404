"""followlab, a laboratory for follower growth.

>>> import sim
>>> results = sim.run("scenarios/hello.toml")  # doctest: +SKIP
>>> results.runs[["arm", "followers", "engaged"]]  # doctest: +SKIP

``load``
    reads and checks a scenario;
``run``
    runs it, all arms and replicates, and returns the results;
``sweep``
    runs it at every point of its sweep;
``analyse``
    compares its arms at every point, and says on what the outcome depends;
``open``
    opens results that were saved;
``validate``
    lists what is wrong with a scenario file;
``FollowerModel``
    is one run as a Mesa model, to step through and look into; ``save`` and ``load`` interrupt it;
``CheckpointError``
    says why what was saved cannot be loaded.

The names are imported when first used, so that ``import sim`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim._version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from sim.checkpoint import CheckpointError
    from sim.experiments.analyse import analyse
    from sim.experiments.execute import run, sweep
    from sim.model import FollowerModel
    from sim.results import Results, open
    from sim.scenario import Problem, Scenario, load

__all__ = [
    "CheckpointError",
    "FollowerModel",
    "Results",
    "Scenario",
    "__version__",
    "analyse",
    "load",
    "open",
    "run",
    "sweep",
    "validate",
]

_HOME = {
    "CheckpointError": "sim.checkpoint",
    "FollowerModel": "sim.model",
    "Results": "sim.results",
    "Scenario": "sim.scenario",
    "analyse": "sim.experiments.analyse",
    "load": "sim.scenario",
    "open": "sim.results",
    "run": "sim.experiments.execute",
    "sweep": "sim.experiments.execute",
}


def validate(source: "str | Path") -> "list[Problem]":
    """Return every mistake in a scenario, given as a file, a shipped name or TOML text.

    Each mistake has its place and, where one is known, its remedy; ``str`` prints it.
    """
    from sim.scenario import ScenarioError, load

    try:
        load(source)
    except ScenarioError as error:
        return error.problems
    return []


def __getattr__(name: str) -> Any:
    """Import a public name on its first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
