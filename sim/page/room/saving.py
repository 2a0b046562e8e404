"""The room on the disk: who is in it, what was chosen, and what makes the world again."""

import json
import os
import time
from pathlib import Path
from typing import Any, Final

from sim import files
from sim._version import model_version
from sim.page.live import Live
from sim.page.pool import Pool
from sim.page.room.people import Student
from sim.page.room.room import Room

__all__ = ["NAME", "Unreadable", "restored", "save"]

NAME: Final = "room.json"
_FORMAT: Final = 1


class Unreadable(ValueError):
    """A saved class that is damaged or of another format; the message says what to do."""


def save(room: Room, folder: Path) -> None:
    """Save a room to a folder, whole or not at all; only its owner may look into that."""
    plain = {
        "format": _FORMAT,
        "model_version": model_version(),
        "saved": time.time(),
        **room.plain(),
    }
    path = folder / NAME
    folder.mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    files.new_text(path, json.dumps(plain, ensure_ascii=False, indent=1))
    os.chmod(path, 0o600)


def restored(folder: Path, key: str, pool: Pool | None = None) -> Room | None:
    """Return the room that was saved in a folder, with a new key for the teacher; None if none.

    Its world lives again up to the tick of the last saving, and rests. ``notice`` says so, and
    says what was lost.

    Raises:
        Unreadable: the file is damaged, or of another format; it stays as it is.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain["format"] != _FORMAT:
            raise ValueError(f"format {plain['format']}")
        return _room(plain, key, pool)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            f"{path}: the class that was saved here cannot be read ({error}). "
            "Begin a new one with --fresh; the old file stays beside it."
        ) from error


def _room(plain: dict[str, Any], key: str, pool: Pool | None) -> Room:
    room = Room(Live.restored(plain["live"], pool), code=plain["code"], key=key)
    students = [Student.of_plain(one) for one in plain["students"]]
    room.resume(plain, students, _notice(plain))
    return room


def _notice(plain: dict[str, Any]) -> str:
    said = (
        "The server was started again. Everybody who was here keeps the seat and what was chosen."
    )
    if plain["started"]:
        said += " The world lives its days again, as they were, and waits for the teacher."
    if plain["model_version"] != model_version():
        said += " The program is another version now, so the days before may come out otherwise."
    return said
