"""Listening at an address: the port is opened before anything is computed."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["LOCAL", "listening"]

LOCAL: Final = ("127.0.0.1", "localhost", "::1")
"""Hosts that nobody but this machine can reach."""

_QUEUE: Final = 256  # visitors at the door


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a socket that listens already, so that a taken port is said at once.

    Raises:
        OSError: the port is taken, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen(_QUEUE)  # who comes early waits
        except OSError as error:
            raise OSError(
                f"{host}:{port} cannot be used ({error.strerror}); try --port {port + 1}"
            ) from error
        yield sock
