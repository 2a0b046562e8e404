"""Choosing what is played: preset, size, seed, and one life or two."""

from typing import Any, Final

from nicegui import ui

from sim.page.parts import button, html, marked, section, select
from sim.page.presets import LEAST_ACCOUNTS, MOST_ACCOUNTS, presets
from sim.page.session import Choice
from sim.page.words import safe

__all__ = ["Chooser"]

MOST_SEED: Final = 2**53  # the largest whole number that every browser can hold
_NONE: Final = "–"


class Chooser:
    """The fields, and the choice that they make."""

    def __init__(self, choice: Choice, set_up: Any) -> None:
        """Show a choice; ``set_up`` is called when the button is pressed."""
        with section("What is played", "card"):
            with ui.element("div").classes("row"):
                titles = {name: preset.title for name, preset in presets().items()}
                self._preset = select("Preset", titles, choice.preset, "preset").classes("grow")
                bounds = LEAST_ACCOUNTS, MOST_ACCOUNTS
                self._accounts = _number("Accounts", choice.accounts, *bounds, "accounts")
                self._seed = _number("Seed", choice.seed, 0, MOST_SEED, "seed")
                self._first = select("Life", {_NONE: ""}, _NONE, "first")
                self._second = select("Beside it", {_NONE: ""}, _NONE, "second")
                button("Set up", "setup", set_up, "act")
            self._watch = html("", "watch").classes("watch")
        self._offer()
        self._first.value = choice.arms[0]
        self._second.value = choice.arms[1] if len(choice.arms) > 1 else _NONE
        self._preset.on_value_change(self._offer)

    def _offer(self) -> None:
        """Offer the lives of the preset, and say what to watch for."""
        preset = presets()[self._preset.value]
        self._watch.set_content(f"<b>Watch</b> {safe(preset.watch)}")
        self._first.set_options(preset.arms, value=next(iter(preset.arms)))
        self._second.set_options({_NONE: "nothing", **preset.arms}, value=_NONE)

    def choice(self) -> Choice:
        """Return what is chosen.

        Raises:
            ValueError: it cannot be, and why.
        """
        lives = [one.value for one in (self._first, self._second) if one.value != _NONE]
        arms = tuple(dict.fromkeys(lives))
        return Choice(self._preset.value, _whole(self._accounts), _whole(self._seed), arms)


def _number(label: str, value: int, low: int, high: int, mark: str) -> Any:
    field = ui.number(label, value=value, min=low, max=high, precision=0)
    return marked(field, mark, label)


def _whole(field: Any) -> int:
    """Return the whole number in a field.

    Raises:
        ValueError: it is empty.
    """
    if field.value is None:
        raise ValueError("A number is missing: accounts and seed are whole numbers.")
    return int(field.value)
