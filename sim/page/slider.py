"""A slider of the page, which acts when it is released."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui

from sim.page.parts import marked

__all__ = ["Slider"]

HOLD: Final = 2.0  # seconds for which a slider stays where somebody has moved it

Change = Callable[[float], Awaitable[None]]


class Slider:
    """A slider with its name and value, which acts when it is released."""

    def __init__(
        self, name: str, low: float, high: float, step: float, unit: str, mark: str, act: Change
    ) -> None:
        """Build it; ``act`` is told the value at which it was released."""
        self._unit, self._high, self._low = unit, high, low
        self._showing, self._held = False, 0.0  # whether the world moves it, or somebody's hand
        with ui.element("div").classes("knob"):
            with ui.element("div").classes("named"):
                ui.label(name)
                self._text = ui.label("")
            self._slider = marked(ui.slider(min=low, max=high, step=step, value=low), mark)
        self._slider.props["aria-label"] = f"{name}, {unit}" if unit else name
        self._slider.on_value_change(self._moved)

        async def released(event: Any) -> None:
            await act(float(event.args))

        self._slider.on("change", released)

    def _moved(self, event: Any) -> None:
        if not self._showing:
            self._held = time.monotonic() + HOLD
        self._tell(event.value)

    def _tell(self, value: float) -> None:
        self._text.text = f"{value:g} {self._unit}".rstrip()

    def show(self, value: float) -> None:
        """Show a value without acting, unless somebody is about to change it.

        One beyond the slider's end is told as it is.
        """
        if time.monotonic() < self._held:
            return
        self._showing = True
        self._slider.value = min(max(value, self._low), self._high)
        self._showing = False
        self._tell(value)

    def let_go(self) -> None:
        """Forget that somebody has just moved it: it is to show something else."""
        self._held = 0.0
