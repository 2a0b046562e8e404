"""Visitors without browsers: each speaks to the classroom's server as a page does, unseen.

So the server can be loaded by many, on a machine that could not hold as many browsers.
"""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import aiohttp
import socketio

WAIT = 90.0


class Ghost:
    """A visitor who clicks and reads."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.socket = socketio.AsyncClient(reconnection=False)
        self.socket.on("update", self._take)
        self._elements: dict[int, dict[str, Any]] = {}

    async def open(self, http: aiohttp.ClientSession) -> None:
        """Load the page and connect, as its script does."""
        async with http.get(f"{self.base}/") as answer:
            page = await answer.text()
        found = re.search(r"parseElements\(String\.raw`(.*?)`", page, re.DOTALL)
        client = re.search(r"'client_id': '([^']+)'", page)
        assert found, "the page has its elements"
        assert client, "the page names its client"
        self._elements = {int(k): v for k, v in json.loads(unescape(found[1])).items()}
        self._client = client[1]
        asked = {"client_id": self._client, "next_message_id": 0, "implicit_handshake": "true"}
        asked |= {name: str(uuid.uuid4()) for name in ("document_id", "tab_id")}
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        path = "/_nicegui_ws/socket.io"
        await self.socket.connect(
            f"{self.base}?{query}", socketio_path=path, transports=["websocket"]
        )

    def _take(self, update: dict[str, Any]) -> None:
        for key, change in update.items():
            if key.isdigit() and change is not None:
                self._elements.setdefault(int(key), {}).update(change)

    def _find(self, mark: str) -> int:
        for number, element in self._elements.items():
            if element.get("props", {}).get("data-mark") == mark:
                return number
        raise LookupError(f"nothing is marked {mark}")

    async def press(self, mark: str) -> None:
        """Click on a button."""
        number = self._find(mark)
        [listener] = [e for e in self._elements[number]["events"] if e["type"] == "click"]
        told = {"id": number, "client_id": self._client, "args": ["{}"]}
        await self.socket.emit("event", {**told, "listener_id": listener["listener_id"]})

    def text(self, mark: str) -> str:
        """What stands in an element."""
        element = self._elements[self._find(mark)]
        return str(element.get("text") or element.get("props", {}).get("innerHTML") or "")

    @property
    def tick(self) -> int:
        """The tick that the page shows."""
        found = re.search(r"tick (\d+)", self.text("clock"))
        return int(found[1]) if found else 0

    @property
    def sweeps(self) -> int:
        """The sweeps that the log on the page tells of."""
        return self.text("log").count("will sweep")

    async def until(self, holds: Callable[[], bool], wait: float = WAIT) -> float:
        """Wait, and return for how long."""
        begin = time.monotonic()
        while not holds():
            assert time.monotonic() - begin < wait, "never"
            await asyncio.sleep(0.01)
        return time.monotonic() - begin


async def watch(ghosts: list[Ghost], http: aiohttp.ClientSession, seconds: float) -> dict[str, Any]:
    """Return what running worlds do for some seconds: ticks of each, delays of acts and answers."""
    before, acts, answers = [ghost.tick for ghost in ghosts], [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ghost = ghosts[7 * len(acts) % len(ghosts)]
        told = ghost.text("log").count("will sweep")
        await ghost.press("sweep")
        acts.append(
            await ghost.until(lambda g=ghost, n=told: g.text("log").count("will sweep") > n)
        )
        begin = time.monotonic()
        async with http.get(f"{ghost.base}/nothing") as answer:
            await answer.read()
        answers.append(time.monotonic() - begin)
        await asyncio.sleep(0.3)
    ticks = [ghost.tick - b for ghost, b in zip(ghosts, before, strict=True)]
    return {"ticks": ticks, "acts": sorted(acts), "answers": sorted(answers)}
