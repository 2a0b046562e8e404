"""Commands of `followlab` in processes of their own, to be killed at any moment.

Starting Python and loading the kernels takes seconds in which there is nothing to interrupt. So
one process does that once, and forks for each command; a command leads a process group.
"""

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[1]


class Forks:
    """The process that forks; ``log`` takes what the commands say on stderr."""

    def __init__(self, log: Path) -> None:
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        self._process = subprocess.Popen(
            [sys.executable, "-c", "import killing; killing.serve()", str(log)],
            env=os.environ | {"PYTHONPATH": paths},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        assert self._answer() == "ready"

    def __enter__(self) -> "Forks":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def run(self, arguments: list[str], seconds: float | None = None) -> int | None:
        """Carry out a command; return its exit code, or None if it was killed after ``seconds``.

        It is killed with all that it has started, and has no chance to tidy up.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(arguments).encode() + b"\n")
        group = int(self._answer())
        ended, _, _ = select.select([self._process.stdout], [], [], seconds)
        if not ended:
            os.killpg(group, signal.SIGKILL)
        code = int(self._answer())
        return None if code == -signal.SIGKILL else code

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().decode().strip()


def serve() -> None:
    """Fork for each command that comes in, until none will."""
    from sim.warm_up import warm_up

    warm_up(lambda kernel: None)
    print("ready", flush=True)
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _carry_out(json.loads(line))
        with suppress(OSError):  # whoever comes first
            os.setpgid(child, child)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _carry_out(arguments: list[str]) -> None:
    """Be a command, with nothing to say but on stderr."""
    from sim.cli import main

    with suppress(OSError):
        os.setpgid(0, 0)
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(log, 2)
    os._exit(main(arguments))
