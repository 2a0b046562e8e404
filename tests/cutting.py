"""A network that can be cut: a door before a server, through which all that a page asks goes.

The server never notices more than a visitor whose phone has lost the network.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

__all__ = ["Door", "door"]

_CHUNK: Final = 65_536


class Door:
    """A port that leads to another one, until it is cut, or falls silent, and is mended."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener: socket.socket | None = None
        self._lines: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._flows = threading.Event()
        self.port = 0
        self.mend()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def mend(self) -> None:
        """Let everybody through, at the same port as before."""
        self._flows.set()
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self._listener, self.port = listener, listener.getsockname()[1]
        threading.Thread(target=self._admit, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Close all connections, and refuse new ones."""
        with self._guard:
            shut = [self._listener, *self._lines]
            self._listener, self._lines = None, set()
        for one in shut:
            _close(one)
        self._flows.set()

    def fall_silent(self) -> None:
        """Carry nothing any more, and say nothing of it, as the air does."""
        self._flows.clear()

    def _admit(self, listener: socket.socket) -> None:
        """Connect whoever comes, until the door is cut."""
        with suppress(OSError):
            while True:
                outer, _ = listener.accept()
                inner = socket.create_connection(("127.0.0.1", self._target))
                with self._guard:
                    if self._listener is not listener:  # who slipped in while it was cut
                        outer.close()
                        return
                    self._lines |= {outer, inner}
                for pair in ((outer, inner), (inner, outer)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        """Carry bytes one way, until either side closes."""
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                self._flows.wait()
                target.sendall(data)
        for one in (source, target):
            _close(one)
        with self._guard:
            self._lines -= {source, target}


def _close(one: socket.socket | None) -> None:
    """Close a socket, also one that another thread waits at."""
    if one is not None:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


@contextmanager
def door(target: int) -> Iterator[Door]:
    """Yield a door to a port of this machine; it is cut at the end."""
    made = Door(target)
    try:
        yield made
    finally:
        made.cut()
