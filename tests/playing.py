"""The page to play on, served by a process of its own, and visitors with browsers."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from browsing import browser

__all__ = ["Server", "Visitor", "free_port", "until", "visit"]

ROOT: Final = Path(__file__).parents[1]
WAIT: Final = 40.0


class Server:
    """The command `followlab classroom` in a process of its own."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder, self.port, self._more = folder, free_port(), more
        self.base = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        call = [sys.executable, "-m", "sim", "classroom", "--no-browser", "--port", str(self.port)]
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        env["PYTHONPATH"] = str(ROOT)
        call += ["--folder", str(self.folder), *self._more]
        with (self.folder / "complaints.txt").open("a") as complaints:
            self.process = subprocess.Popen(call, env=env, cwd=self.folder, stderr=complaints)
        until(lambda: self.status("/nothing") == 404, "the server answers")

    def status(self, path: str) -> int:
        return self.fetch(path)[0]

    def fetch(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.base + path, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def knock(self, path: str) -> int:
        """The status of an answer, without going where it leads."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status

    @property
    def complaints(self) -> str:
        """What the server has complained of."""
        return (self.folder / "complaints.txt").read_text()

    def kept(self, session: str) -> dict[str, Any]:
        """What the server has saved of a session, every two seconds."""
        if not (self.folder / f"{session}.json").is_file():
            return {"live": {"log": []}}
        found: dict[str, Any] = json.loads((self.folder / f"{session}.json").read_text())
        return found

    def stop(self, how: int = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], Any], what: str, wait: float = WAIT) -> Any:
    end = time.monotonic() + wait
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.1)
    raise AssertionError(f"never: {what}")


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, driver: Any, server: Server) -> None:
        self.driver, self.server = driver, server

    def open(self, path: str = "/", base: str = "") -> None:
        """``base`` is the address at which the server is reached, if it is another one."""
        self.driver.get((base or self.server.base) + path)
        until(lambda: self.all('[data-mark="setup"]'), "the page is there")

    @property
    def session(self) -> str:
        return str(self.driver.current_url).rsplit("/", 1)[1]

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def at(self, mark: str) -> Any:
        return until(lambda: self.all(f'[data-mark="{mark}"]'), f"{mark} is there")[0]

    def text(self, mark: str) -> str:
        return str(self.at(mark).text)

    @property
    def tick(self) -> int:
        """The last tick that the page shows."""
        found = re.search(r"tick (\d+)$", self.text("clock"))
        return int(found[1]) if found else -1

    def says(self, mark: str, pattern: str, wait: float = WAIT) -> None:
        until(lambda: re.search(pattern, self.text(mark)), f"{mark} says {pattern}", wait)

    def press(self, mark: str) -> None:
        self.driver.execute_script("arguments[0].click()", self.at(mark))

    def keys(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def slide(self, mark: str, *keys: str) -> None:
        """Move a slider by keyboard."""
        self.driver.execute_script(
            "[...arguments[0].querySelectorAll('*')].find((x) => x.tabIndex >= 0).focus()",
            self.at(mark),
        )
        self.keys(*keys)
        self.driver.execute_script("document.activeElement.blur()")

    def choose(self, mark: str, text: str) -> None:
        """Choose from a list, by keyboard and click."""
        show = "arguments[0].scrollIntoView({block: 'center'})"
        self.driver.execute_script(show, self.at(mark))
        until(lambda: not self.all(".q-menu"), "no list is open")
        self.at(mark).click()

        def option() -> Any:
            script = (
                "return [...document.querySelectorAll('.q-menu .q-item')]"
                ".find((one) => one.innerText.trim() === arguments[0])"
            )
            return self.driver.execute_script(script, text)

        until(option, f"{text} can be chosen").click()

    def write(self, mark: str, text: str) -> None:
        self.driver.execute_script("arguments[0].querySelector('input')?.select()", self.at(mark))
        field = self.at(mark)
        field = field if field.tag_name == "input" else field.find_element("tag name", "input")
        self.driver.execute_script("arguments[0].select()", field)
        field.send_keys(text)

    def set_up(self, accounts: int = 300) -> None:
        self.write("accounts", str(accounts))
        self.press("setup")
        self.says("status", "At rest")

    @property
    def log(self) -> list[dict[str, Any]]:
        """What was done, as the server has saved it."""
        live = self.server.kept(self.session)["live"]
        return [one["event"] | {"arm": one["arm"]} for one in live["log"]]

    def did(self, event: dict[str, Any]) -> dict[str, Any]:
        """Wait for an act that has at least these values."""

        def found() -> Any:
            return next((one for one in self.log if event.items() <= one.items()), None)

        entry: dict[str, Any] = until(found, f"{event} is done", 10)
        return entry


@contextmanager
def visit(server: Server, profile: Path, width: int = 1300) -> Iterator[Visitor]:
    with browser(profile, width, 900) as driver:
        yield Visitor(driver, server)
