"""The command that opens the classroom page."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["open_classroom"]

_NEEDED: Final = ("nicegui", "fastapi", "uvicorn")


def open_classroom(host: str, port: int, folder: Path, worlds: int | None, *, browser: bool) -> int:
    """Compile what is not compiled yet, then serve the page until Ctrl-C.

    Raises:
        OSError: the address cannot be listened on.
    """
    if any(find_spec(name) is None for name in _NEEDED):
        print("The classroom needs its extra: pip install 'followlab[classroom]'", file=sys.stderr)
        return 2
    prepare()
    from sim.page.app import serve

    return serve(host=host, port=port, folder=folder, worlds=worlds, browser=browser)


def prepare() -> None:
    """Compile the kernels, or load them, so that the first world does not wait for it."""
    from sim.warm_up import is_compiled, warm_up

    if not is_compiled():
        print("Compiling kernels (first time only) ...", flush=True)
    warm_up(lambda kernel: None)
