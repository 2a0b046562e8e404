"""A class on a server in a process of its own, and visitors with a connection each."""

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
SERVE: Final = """
import sys
from pathlib import Path
from sim.page.room.serve import serve
serve(sys.argv[1], port=int(sys.argv[2]), folder=Path(sys.argv[3]))
"""


class Host(NamedTuple):
    """A server that runs, and what it told the teacher."""

    process: "subprocess.Popen[bytes]"
    port: int
    code: str
    key: str
    said: str


class Visitor:
    """A device of its own: one connection, kept open."""

    def __init__(self, port: int, secret: dict[str, str] | None = None) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.secret = secret or {}

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and answer."""
        method = "GET" if body is None else "POST"
        sent = None if body is None else json.dumps(body)
        try:
            self.line.request(method, f"/api/{path}", sent, self.secret)
            answer = self.line.getresponse()
        except http.client.RemoteDisconnected:  # kept open too long; browsers connect again too
            self.line.close()
            return self.ask(path, body)
        return answer.status, json.loads(answer.read())


@contextmanager
def hosted(scenario: Path, folder: Path, port: int = 0) -> Iterator[Host]:
    """Host a class, at a free port by default; it is killed at the end, as by a power cut."""
    said = folder.parent / f"{folder.name}.said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", SERVE, str(scenario), str(port), str(folder)],
            cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield _invitation(process, said)
    finally:
        process.kill()
        process.wait(20)


def _invitation(process: "subprocess.Popen[bytes]", said: Path) -> Host:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r":(\d+)/teacher#(\S+)\n.*code (\w+)\n.*Ctrl-C", said.read_text(), re.S)
        if found:
            time.sleep(0.1)
            return Host(process, int(found[1]), found[3], found[2], said.read_text())
        time.sleep(0.1)
    raise AssertionError(said.read_text())
