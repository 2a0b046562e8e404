"""The version of the package, and that of the model as far as results depend on it."""

import hashlib
from functools import cache
from pathlib import Path

__all__ = ["__version__", "model_version"]

__version__ = "0.1.0"

MODEL_SOURCES = (
    "kernels/**/*.py",
    "world/**/*.py",
    "strategies/**/*.py",
    "scenario/arms.py",
    "scenario/events.py",
    "_version.py",
    "actions.py",
    "enact.py",
    "agents.py",
    "checkpoint.py",
    "conditions.py",
    "keeping.py",
    "lives.py",
    "measuring.py",
    "metrics.py",
    "model.py",
    "phases.py",
    "recorder.py",
    "sight.py",
    "settings.py",
)
"""What the outcome of a run depends on, besides the scenario."""


@cache
def model_version() -> str:
    """Return the version with a hash of the model's sources, such as ``0.1.0+3fa2b1c4``.

    Results carry it, so that runs of two different models are never mistaken for one.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted({path for pattern in MODEL_SOURCES for path in package.glob(pattern)}):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return f"{__version__}+{digest.hexdigest()[:8]}"
