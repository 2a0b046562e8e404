"""The page that a visitor plays on: choose, drive, steer, see, compare, take home."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from nicegui import ui

from sim.page.chooser import Chooser
from sim.page.home import Comparison, Home
from sim.page.live import FASTEST, Live, Refused
from sim.page.parts import button, heading, html, marked, section
from sim.page.pool import Full
from sim.page.presets import presets
from sim.page.scene import Scene
from sim.page.session import Session
from sim.page.steer import Steering
from sim.page.words import acted

__all__ = ["Play"]

EVERY: Final = 0.3  # seconds between two looks at the world
_WORDS: Final = {
    "empty": "Choose what to play, then set it up.",
    "ready": "At rest.",
    "running": "Running.",
}
_LARGER: Final = "document.documentElement.classList.toggle('large', %s)"
_KEYS: Final = "Keys: <kbd>g</kbd> goes and stops, <kbd>s</kbd> steps, <kbd>d</kbd> lives a day."


class Play:
    """One window of a session."""

    def __init__(self, session: Session, address: str) -> None:
        """Build the page; ``address`` is where its files can be had."""
        self._session = session
        self._live: Live | None = None
        self._large = False
        self._scene: Scene | None = None
        self._steering: Steering | None = None
        with ui.element("main").classes("lab"):
            self._build_head()
            self._chooser = Chooser(session.choice, self._set_up)
            self._build_drive()
            with ui.element("div").classes("bench"):
                self._lives = section("Curves", "curves")
                self._controls = section("Controls", "controls")
                self._looks = section("Network, feed and log", "seen")
            self._comparison = Comparison(session, address, self._attempt)
            Home(session, address)
        ui.keyboard(on_key=self._key)
        self._attach()
        ui.timer(EVERY, self._refresh)

    def _build_head(self) -> None:
        dark = ui.dark_mode(None)
        with ui.element("header").classes("row"):
            heading("followlab: the classroom", 1).classes("grow")
            button("Light", "light", dark.disable, "bare")
            button("Dark", "dark", dark.enable, "bare")
            button("Larger text", "large", self._enlarge, "bare")

    def _build_drive(self) -> None:
        with section("Drive", "drive"):
            with ui.element("div").classes("row"):
                self._go_button = button("Go", "go", self._go, "act")
                button("Step", "step", lambda: self._step(1))
                button("A day", "day", lambda: self._step(0))
                button("Reset", "reset", self._reset)
                self._clock = marked(ui.label(""), "clock").classes("clock")
                self._speed = marked(
                    ui.slider(min=1, max=FASTEST, value=4), "speed", "Speed, ticks a second"
                ).classes("speed")
                self._pace = ui.label("4 ticks a second").classes("soft")
                self._speed.on_value_change(self._set_speed)
                html(_KEYS).classes("soft keys")
            with ui.element("div").classes("row"):
                self._status = marked(ui.label(""), "status").classes("soft").props("role=status")
                self._done = marked(ui.label(""), "done").classes("done").props("role=status")
            self._notice = marked(ui.label(""), "notice").classes("notice").props("role=alert")

    # ---- what the buttons do ----------------------------------------------------------------

    def _enlarge(self) -> None:
        """Write larger, for a projector, or as before."""
        self._large = not self._large
        ui.run_javascript(_LARGER % ("true" if self._large else "false"))
        if self._scene is not None:
            self._scene.enlarge(self._large)

    async def _set_up(self) -> None:
        await self._attempt(asyncio.to_thread(lambda: self._session.set_up(self._chooser.choice())))
        self._attach()

    async def _go(self) -> None:
        if self._live is None:
            await self._set_up()
        if self._live is not None and self._live.status == "running":
            self._live.stop()
        elif self._live is not None:
            self._live.go()

    async def _step(self, ticks: int) -> None:
        """Live through so many ticks; 0 for a day."""
        if self._live is not None:
            day = 24 // self._live.base.platform.tick_hours
            await self._attempt(asyncio.wrap_future(self._live.step(ticks or day)))

    async def _reset(self) -> None:
        if self._live is not None:
            await self._attempt(asyncio.wrap_future(self._live.begin(self._session.choice.log)))
            self._show_anew()

    def _set_speed(self, event: Any) -> None:
        self._pace.text = f"{event.value:.0f} ticks a second"
        if self._live is not None:
            self._live.speed = event.value

    async def act(self, event: Mapping[str, Any], arm: str | None = None) -> bool:
        """Have something done in the world, and say from when on it holds, or why not."""
        try:
            entry = await asyncio.wrap_future(self._session.act(event, arm))
        except (Refused, Full) as error:
            self._say(str(error))
            return False
        self._done.text = f"From day {entry['day']} on: {acted(entry)}."
        return True

    async def _key(self, event: Any) -> None:
        acts: dict[str, Callable[[], Awaitable[None]]] = {
            "g": self._go,
            "s": lambda: self._step(1),
            "d": lambda: self._step(0),
        }
        held = event.modifiers.ctrl or event.modifiers.alt or event.modifiers.meta
        act = acts.get(str(event.key.name))
        if act is not None and event.action.keydown and not event.action.repeat and not held:
            await act()

    async def _attempt(self, doing: Awaitable[Any]) -> None:
        """Await something; what went wrong is said."""
        try:
            await doing
        except (Refused, Full, ValueError) as error:
            self._say(str(error).splitlines()[0])

    def _say(self, text: str) -> None:
        """Say what could not be done."""
        close = [{"label": "Close", "color": "white"}]
        ui.notify(text, color="deep-orange-10", multi_line=True, actions=close)

    # ---- what is seen -----------------------------------------------------------------------

    def _attach(self) -> None:
        """Show the session's world, if it is another one than is shown."""
        live = self._session.live
        if live is self._live:
            return
        self._live, self._scene = live, None
        for place in (self._controls, self._lives, self._looks):
            place.clear()
        if live is None:
            return
        live.speed = self._speed.value
        known = presets()[self._session.choice.preset].arms
        labels = {arm: known[arm] for arm in live.arms}
        with self._controls:
            rules = {k: v for one in live.log for k, v in one["event"].get("set", {}).items()}
            self._steering = Steering(self.act, live.base, labels, rules)
        self._scene = Scene(live, labels, self._lives, self._looks)
        self._scene.enlarge(self._large)

    def _show_anew(self) -> None:
        if self._scene is not None:
            self._scene.forget()

    async def _refresh(self) -> None:
        """Bring the page up to date; nothing here waits for a tick but the look at the network."""
        self._session.seen = time.monotonic()
        self._attach()
        self._comparison.show()
        if self._live is None or self._scene is None:
            self._status.text, self._clock.text = _WORDS["empty"], ""
            return
        shot = self._live.snapshot
        self._tell(shot)
        if not shot["lives"]:
            return
        if self._scene.show(shot) and self._steering is not None:
            self._steering.follow(shot["lives"])
        try:
            await self._scene.look(shot["tick"])
        except Refused:
            return  # the world was closed meanwhile; the next one is attached in a moment

    def _tell(self, shot: Mapping[str, Any]) -> None:
        """Show clock, status and notices."""
        running = shot["status"] == "running"
        if running:
            self._session.note = ""
        self._go_button.text = "Stop" if running else "Go"
        self._status.text = shot["message"] or _WORDS.get(shot["status"], "")
        self._notice.text = shot["message"] if shot["status"] == "failed" else self._session.note
        self._clock.text = f"Day {shot['day']} of {shot['days']}, tick {shot['tick']}"
