"""The command that opens the classroom page."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["open_class", "open_classroom"]

_NEEDED: Final = ("nicegui", "fastapi", "uvicorn", "segno")


def open_classroom(host: str, port: int, folder: Path, worlds: int | None, *, browser: bool) -> int:
    """Compile what is not compiled yet, then serve the page until Ctrl-C.

    Raises:
        OSError: the address cannot be listened on.
    """
    if not _is_complete():
        return 2
    prepare()
    from sim.page.app import serve

    return serve(host=host, port=port, folder=folder, worlds=worlds, browser=browser)


def open_class(
    scenario: str,
    host: str,
    port: int,
    folder: Path,
    students: int | None,
    seed: int | None,
    fresh: bool,
    browser: bool,
) -> int:
    """Host a class until Ctrl-C; it is kept in ``class`` in the folder.

    Raises:
        ScenarioError: the scenario cannot be used.
        OSError: the address cannot be listened on.
    """
    if not _is_complete():
        return 2
    from sim.page.room.saving import Unreadable
    from sim.page.room.serve import serve

    prepare()
    kept = folder / "class"
    try:
        return serve(scenario, host=host, port=port, folder=kept, students=students, seed=seed,
                     fresh=fresh, browser=browser)  # fmt: skip
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2


def _is_complete() -> bool:
    """Whether all is installed that the classroom needs; if not, say what to do."""
    missing = any(find_spec(name) is None for name in _NEEDED)
    if missing:
        print("The classroom needs its extra: pip install 'followlab[classroom]'", file=sys.stderr)
    return not missing


def prepare() -> None:
    """Compile the kernels, or load them, so that the first world does not wait for it."""
    from sim.warm_up import is_compiled, warm_up

    if not is_compiled():
        print("Compiling kernels (first time only) ...", flush=True)
    warm_up(lambda kernel: None)
