"""Parts that the page is made of, each with a name for tests (`data-mark`) and for readers."""

from collections.abc import Mapping
from typing import Any, Literal

from nicegui import ui

from sim.page.words import safe

__all__ = ["button", "heading", "html", "marked", "section", "select"]

Look = Literal["act", "plain", "bare"]


def marked(element: Any, mark: str, label: str = "") -> Any:
    """Give an element its mark, and a label for those who cannot see it."""
    element.props["data-mark"] = mark
    if label:
        element.props["aria-label"] = label
    return element


def button(text: str, mark: str, act: Any, look: Look = "plain") -> Any:
    """Make a button: "act" for what matters, "plain", or "bare" for what hardly does."""
    return marked(ui.button(text, on_click=act, color=None), mark).props("no-caps").classes(look)


def html(content: str, mark: str = "", tag: str = "div") -> ui.html:
    """Make an element of HTML, in which all text is escaped already."""
    element = ui.html(content, sanitize=False, tag=tag)
    if mark:
        marked(element, mark)
    return element


def heading(text: str, level: int = 2) -> ui.html:
    """Make a heading."""
    return html(safe(text), tag=f"h{level}")


def section(label: str, classes: str = "", tag: str = "section") -> ui.element:
    """Make a part of the page that has a name."""
    element = ui.element(tag).classes(classes)
    element.props["aria-label"] = label
    return element


def select(label: str, options: Mapping[str, str] | list[str], value: str, mark: str) -> Any:
    """Make a list to choose from."""
    chosen = list(options) if isinstance(options, list) else dict(options)
    return marked(ui.select(chosen, value=value, label=label), mark, label).classes("choice")
