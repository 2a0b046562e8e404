"""Files and folders that are either completely there or not at all.

What is written goes to a temporary name beside its place, is flushed to the disk, and is then
renamed, which the file system does in one step. A program that is killed, or a machine that
loses power, leaves the old content or the new one, never half of it.
"""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname

__all__ = [
    "beside",
    "host",
    "new_exclusive",
    "new_folder",
    "new_text",
    "put_once",
    "replacing",
    "share",
]

_FLUSHES = 8  # files that are flushed at a time


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; it takes the place of ``path`` at the end.

    If the block fails, ``path`` stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = beside(path)
    try:
        yield temporary
        _flush(temporary)
        os.replace(temporary, path)
        _flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder to fill; it takes the place of ``path`` at the end.

    If the block fails, ``path`` stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = beside(path)
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        with ThreadPoolExecutor(_FLUSHES) as crew:  # each mostly waits for the disk
            list(crew.map(_flush, temporary.rglob("*")))
        _flush(temporary)
        shutil.rmtree(path, ignore_errors=True)
        os.replace(temporary, path)
        _flush(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def new_text(path: Path, text: str) -> None:
    """Write a text file, UTF-8 with Unix line ends."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def put_once(temporary: Path, path: Path) -> None:
    """Give a finished folder its place, unless another that is as good was there first."""
    try:
        os.rename(temporary, path)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        if not path.is_dir():
            raise


def share(old: Path, new: Path) -> None:
    """Let a file that never changes be in a second place too; it is copied where it has to be."""
    with replacing(new) as temporary:
        try:
            os.link(old, temporary)
        except OSError:
            shutil.copyfile(old, temporary)


def new_exclusive(path: Path, text: str) -> None:
    """Write a text file that must not be there yet. Raises FileExistsError if it is."""
    temporary = beside(path)
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    finally:
        temporary.unlink(missing_ok=True)


def beside(path: Path) -> Path:
    """Return a temporary name beside a path, which no other process uses."""
    return path.with_name(f".{path.name}.{host()}-{os.getpid()}.tmp")


def host() -> str:
    """Return the name of this machine, without dots."""
    return gethostname().replace(".", "_")


def _flush(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on the disk."""
    if path.is_dir() and os.name == "nt":
        return  # Windows opens no folders, and keeps their entries safe by itself
    flags = os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
