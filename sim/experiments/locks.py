"""Locks: two programs that work on one folder of results at a time know of one another.

A lock is a file that only one program can make; a thread of its owner touches it every now and
then. It is stale, and taken away, when its owner is no longer running on this machine, or when
it has not been touched for a minute (owners on other machines cannot be asked). Shards of one
sweep share a folder: each has a lock of its own, and none goes together with the lock of all.
"""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any, Final

from sim import files
from sim.results import ResultsError

__all__ = ["ALL", "CLOSING", "FOLDER", "STALE", "held", "is_alone", "is_running", "waited_for"]

ALL: Final = "all"
CLOSING: Final = "closing"  # held while tables are put together, besides one of the others
FOLDER: Final = "locks"
BEAT: Final = 10.0  # seconds between two touches
STALE: Final = 60.0  # seconds after which a lock that is not touched counts for nothing
PATIENCE: Final = 300.0  # seconds that one waits for a lock
_SUFFIX: Final = ".lock"


@contextmanager
def held(folder: Path, name: str = ALL) -> Iterator[None]:
    """Hold a lock of a folder of results; ``name`` is that of a shard, or ALL.

    Raises ResultsError if another program holds the same, or if either of them is for all.
    """
    mine = _take(folder, name)
    try:
        for other in _live(folder):
            if other != mine and (ALL in (name, other.stem)):
                raise ResultsError(_refusal(folder, other))
        with _beating(mine):
            yield
    finally:
        _drop(mine)


@contextmanager
def waited_for(folder: Path, name: str) -> Iterator[None]:
    """Hold a lock that is held for moments only; wait while another program has it."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            mine = _take(folder, name)
            break
        except ResultsError:
            if monotonic() > deadline:
                raise
            sleep(0.05)
    try:
        yield
    finally:
        _drop(mine)


def is_alone(folder: Path, name: str) -> bool:
    """Whether nobody but the holder of a lock works on a folder."""
    return {path.stem for path in _live(folder)} <= {name, CLOSING}


def is_running(process: int) -> bool:
    """Whether a process of this machine runs; where nobody can tell, it may."""
    return bool(_born(process)) or not _born(os.getpid())


def _take(folder: Path, name: str) -> Path:
    """Make a lock. Raises ResultsError if another program has it."""
    path = folder / FOLDER / f"{name}{_SUFFIX}"
    me = os.getpid()
    text = json.dumps({"host": files.host(), "process": me, "born": _born(me)})
    for _ in range(3):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            files.new_exclusive(path, text)
            return path
        except FileExistsError:
            if not _is_stale(path):
                break
            _take_away(path)
        except FileNotFoundError:  # whoever had a lock has just removed the folder
            continue
    raise ResultsError(_refusal(folder, path))


def _take_away(path: Path) -> None:
    """Remove a stale lock; of several programs at it, only one can rename it."""
    doomed = files.beside(path)
    with suppress(FileNotFoundError):
        os.rename(path, doomed)
        if not _is_stale(doomed):  # another was quicker, and this is its own
            with suppress(OSError):
                os.link(doomed, path)
        doomed.unlink()


def _drop(path: Path) -> None:
    path.unlink(missing_ok=True)
    with suppress(OSError):  # there are others, or it is gone
        path.parent.rmdir()


def _live(folder: Path) -> list[Path]:
    return [path for path in (folder / FOLDER).glob(f"*{_SUFFIX}") if not _is_stale(path)]


def _is_stale(path: Path) -> bool:
    owner = _owner(path)
    if owner.get("host") == files.host() and owner["born"]:
        return bool(owner["born"] != _born(owner["process"]))
    try:
        return time() - path.stat().st_mtime > STALE
    except FileNotFoundError:
        return True


def _owner(path: Path) -> dict[str, Any]:
    """Return who holds a lock; nothing while it is being written."""
    try:
        owner: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return owner


def _born(process: int) -> str:
    """Return what tells a process from others of its number; "" if it is gone or nobody knows."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]  # the dead may stay as zombies


def _refusal(folder: Path, path: Path) -> str:
    owner = _owner(path)
    who = f"process {owner['process']} on {owner['host']}" if owner else "another program"
    return (
        f"{folder}: {who} is working on these results; wait for it, or stop it. "
        "Several programs can share a sweep: give each its --shard i/N."
    )


@contextmanager
def _beating(path: Path) -> Iterator[None]:
    """Touch a lock every now and then."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT):
            with suppress(OSError):
                os.utime(path)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
