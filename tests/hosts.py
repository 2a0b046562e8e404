"""Hosts on this machine: network namespaces that are joined by a bridge, as by a switch.

Only root may make them, on Linux, with the command `ip`. Each host has an address and a loopback
of its own and reaches the others through the bridge alone; they share the disk.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

NET = "10.231.0"


@dataclass
class Host:
    """A network namespace with its address; what was started in it is ended with it."""

    namespace: str
    address: str
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, command: Sequence[str], **more: Any) -> subprocess.Popen[str]:
        """Start a command on this host."""
        whole = ["ip", "netns", "exec", self.namespace, *command]
        process = subprocess.Popen(whole, text=True, start_new_session=True, **more)
        self.started.append(process)
        return process

    def processes(self) -> list[int]:
        """The processes that run on this host."""
        command = ["ip", "netns", "pids", self.namespace]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [int(word) for word in said.split()]

    def kill(self) -> None:
        """End all that runs here, at once, as when the power fails."""
        for process in self.processes():
            try:
                os.kill(process, 9)
            except ProcessLookupError:
                continue
        for started in self.started:
            started.wait(10)
        self.started.clear()


def can_be_made() -> bool:
    """Whether this user may make network namespaces here."""
    if shutil.which("ip") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    name = f"followlab-{os.getpid()}-trial"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return made.returncode == 0


@contextmanager
def network(count: int) -> Iterator[list[Host]]:
    """Yield ``count`` hosts on one switch; the first one holds the switch."""
    hosts = [Host(f"followlab-{os.getpid()}-{i}", f"{NET}.{i + 1}") for i in range(count)]
    with ExitStack() as stack:
        for host in hosts:
            _ip("netns", "add", host.namespace)
            stack.callback(_ip, "netns", "del", host.namespace)
            stack.callback(host.kill)
            _ip("-n", host.namespace, "link", "set", "lo", "up")
        first = hosts[0].namespace
        _ip("-n", first, "link", "add", "switch", "type", "bridge")
        _ip("-n", first, "addr", "add", f"{hosts[0].address}/24", "dev", "switch")
        _ip("-n", first, "link", "set", "switch", "up")
        for i, host in enumerate(hosts[1:]):
            _plug_in(first, f"port{i}", host)
        yield hosts


def _plug_in(switch: str, port: str, host: Host) -> None:
    """Lay a cable from the switch to a host."""
    cable = ["link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", host.namespace]
    _ip("-n", switch, *cable)
    _ip("-n", switch, "link", "set", port, "master", "switch", "up")
    _ip("-n", host.namespace, "addr", "add", f"{host.address}/24", "dev", "eth0")
    _ip("-n", host.namespace, "link", "set", "eth0", "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
