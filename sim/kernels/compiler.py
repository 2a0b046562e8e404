"""How kernels are compiled, and where the compiled code is kept.

Numba's own cache looks only at a function's own file, and not at its flags. So the folder
of the cache carries a hash of all kernel sources, of every NUMBA_ variable and of the
versions, and lies where it can be written, whatever the installation.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["cache_folder", "inlined", "kernel", "part"]

# Division follows IEEE 754, as in C: no branch for a divisor of zero.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def _fingerprint() -> str:
    """Return a hash of everything that the compiled code depends on."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    flags = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("NUMBA_"))
    digest.update(repr((flags, numba.__version__, sys.version_info[:3])).encode())
    return digest.hexdigest()[:16]


def _candidates() -> list[Path]:
    """Return where the cache may lie, best first."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    temporary = (
        Path(tempfile.gettempdir()) / f"followlab-{os.getuid() if hasattr(os, 'getuid') else ''}"
    )
    return [Path(named)] if named else [Path(user) / "followlab", temporary]


def _writable(folder: Path) -> bool:
    """Make the folder and tell whether files can be made in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


@cache
def cache_folder() -> Path | None:
    """Return the folder of the compiled kernels, or None if none can be written."""
    folders = (candidate / f"kernels-{_fingerprint()}" for candidate in _candidates())
    return next((folder for folder in folders if _writable(folder)), None)


def kernel(function: F) -> F:
    """Compile a function that Python calls: without the GIL, cached, and without fast-math.

    The cache folder is set for the moment of decoration only, so that other users of numba
    in the process keep theirs.
    """
    folder = cache_folder()
    previous = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder or "")
    try:
        compiled: F = numba.njit(cache=folder is not None, **_OPTIONS)(function)
    finally:
        numba.config.CACHE_DIR = previous
    return compiled


def part(function: F) -> F:
    """Compile a function for the inside of kernels; its code is kept with theirs."""
    compiled: F = numba.njit(**_OPTIONS)(function)
    return compiled


def inlined(function: F) -> F:
    """Compile a small part of a kernel into its callers.

    A call that is not inlined hands over each array of a `State` as seven arguments, which
    costs more than most of these functions do.
    """
    compiled: F = numba.njit(forceinline=True, **_OPTIONS)(function)
    return compiled
