"""Serving a class: the room is opened or restored, saved as it changes, and put on the web."""

import contextlib
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from sim.page.listening import LOCAL, listening
from sim.page.live import Live
from sim.page.pool import SWITCH, Pool
from sim.page.room import address
from sim.page.room.people import new_token
from sim.page.room.room import Room
from sim.page.room.saving import NAME, Unreadable, restored, save
from sim.page.room.seats import seated
from sim.scenario import Scenario

__all__ = ["open_room", "serve"]

SAVE_EVERY: Final = 1.0  # seconds


def serve(
    scenario: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8080,
    folder: Path = Path("classroom"),
    students: int | None = None,
    seed: int | None = None,
    fresh: bool = False,
    browser: bool = False,
) -> int:
    """Host a class until Ctrl-C, and return the exit code.

    ``folder`` keeps the class; if one is there, it goes on, unless it is to be ``fresh``.
    ``browser`` opens the teacher's page.

    Raises:
        ScenarioError: the scenario cannot be used.
        Unreadable: what is in the folder cannot be read.
        OSError: the address or port cannot be used.
    """
    console = Console(highlight=False)
    with listening(host, port) as sock, _kept(scenario, folder, students, seed, fresh) as room:
        there = sock.getsockname()[1]
        link = teacher(room, host, there)
        _say(console, room, link, host, there, folder)
        if browser:
            threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()
        _run(room, sock, address.url(address.shown(host), there))
    console.print(f"The class is kept in {folder}; the same command goes on with it.", markup=False)
    return 0


def open_room(
    scenario: str, folder: Path, students: int | None, seed: int | None, fresh: bool, key: str
) -> Room:
    """Return the room that a folder keeps, or a new one, whose world is being made.

    Raises:
        ScenarioError: the scenario cannot be used.
        Unreadable: what the folder keeps is damaged, or another class.
    """
    if fresh and (folder / NAME).is_file():
        (folder / NAME).replace(folder / f"{NAME}.old")
    wanted, room = seated(scenario, students), restored(folder, key, Pool())
    if room is None:
        room = Room(Live(wanted, seed=seed, pool=Pool()), key=key)
        room.live.setup()
    elif _is_another(room, wanted, students, seed):
        room.live.close()
        raise Unreadable(
            f"{folder} keeps a class with another scenario, seed or number of seats. "
            "Go on with that one, begin a new one with --fresh, or choose another --folder."
        )
    return room


def _is_another(room: Room, wanted: Scenario, students: int | None, seed: int | None) -> bool:
    """Whether a room is not what was asked for; what was not asked for does not count."""
    kept = room.live.base
    seats = students is not None and students != len(room.seats)
    return kept.scenario.name != wanted.scenario.name or seats or seed not in (None, room.live.seed)


@contextlib.contextmanager
def _kept(
    scenario: str, folder: Path, students: int | None, seed: int | None, fresh: bool
) -> Iterator[Room]:
    """Open a room, and save it whenever something has changed, and at the end."""
    room = open_room(scenario, folder, students, seed, fresh, new_token())
    save(room, folder)
    done = threading.Event()
    saver = threading.Thread(target=_save_on, args=(room, folder, done), daemon=True)
    saver.start()
    try:
        yield room
    finally:
        done.set()
        room.changed.set()
        saver.join()
        save(room, folder)
        room.live.close()


def _save_on(room: Room, folder: Path, done: threading.Event) -> None:
    """Save a room again and again, as long as it or its world moves on."""
    tick = -1
    while not done.is_set():
        changed, now = room.changed.wait(SAVE_EVERY), room.live.snapshot["tick"]
        if changed or now != tick:
            save(room, folder)
            room.trim()
            tick = now


def teacher(room: Room, host: str, port: int) -> str:
    """Return the address of the teacher's page on this machine, with its key."""
    mine = host if host in LOCAL or address.shown(host) == host else "127.0.0.1"
    return f"{address.url(mine, port, 'teacher')}#{room.fresh_key}"


def _say(console: Console, room: Room, link: str, host: str, port: int, folder: Path) -> None:
    """Tell the teacher where to go."""
    lines = [
        f"Class: {room.live.base.scenario.title} ({len(room.seats)} seats)",
        f"Teacher:  {link}",
        f"Students: {address.url(address.shown(host), port)}   code {room.code}",
        f"Names and choices are kept in {folder}; delete it when the class is over.",
        "Ctrl-C ends it.",
    ]
    if host in LOCAL:
        lines.insert(3, "Only this machine can join; --host 0.0.0.0 lets others in your network.")
    for line in [*lines, room.notice]:
        if line:
            console.print(line, markup=False, soft_wrap=True)


def _run(room: Room, sock: socket.socket, join: str) -> None:
    """Answer requests until Ctrl-C, between the ticks of the world."""
    import uvicorn

    from sim.page.room.web import application

    config: dict[str, Any] = {
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "limit_concurrency": 500,
        "timeout_keep_alive": 20,
        "h11_max_incomplete_event_size": 16_384,
        "timeout_graceful_shutdown": 2,
    }
    sys.setswitchinterval(SWITCH)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(uvicorn.Config(application(room, join), **config)).run(sockets=[sock])
