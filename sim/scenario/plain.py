"""Keeps to what a setting can be: text, truth, 64-bit and finite numbers, lists and tables."""

import math
import numbers
from collections.abc import Iterable
from typing import Any, Final

from sim.scenario import toml
from sim.scenario.findings import Finding

__all__ = ["clean", "plain", "whole"]

DEEPEST: Final = 8  # tables and lists within one another


def clean(settings: dict[str, Any]) -> list[Finding]:
    """Take out (in place) what no setting can be, and say why."""
    findings: list[Finding] = []
    _clean(settings, "", 0, findings)
    return findings


def _clean(container: Any, prefix: str, depth: int, findings: list[Finding]) -> None:
    for part, value in _items(container):
        key = f"{prefix}{part}"
        wrong = _wrong(value, depth)
        if wrong is not None:
            findings.append(Finding((key,), wrong[0], toml.shown(value), fix=wrong[1]))
            container[part] = None
        elif isinstance(value, dict | list):
            _clean(value, f"{key}.", depth + 1, findings)


def _items(container: Any) -> Iterable[tuple[Any, Any]]:
    return list(container.items()) if isinstance(container, dict) else list(enumerate(container))


def _wrong(value: Any, depth: int) -> tuple[str, str] | None:
    """What is wrong with a value by itself, and what to do."""
    match value:
        case dict() | list():
            return _NESTED if depth >= DEEPEST else None
        case str():
            return None if whole(value) else _HALF
        case float() if not math.isfinite(value):
            return "must be a finite number", "Write a number."
        case int() if abs(value) >= 2**63:
            return "is too large a number", "Numbers have at most 64 bits."
        case bool() | int() | float() | None:
            return None
    return _NO_SETTING


_NO_SETTING: Final = (
    "must be text, a number, true, false, a list or a table",
    "Write days as numbers and text in quotes.",
)
_HALF: Final = ("holds half a character (a lone surrogate)", "Remove it.")
_NESTED: Final = ("tables and lists within one another without end", "Settings are at most 8 deep.")


def plain(value: Any) -> Any:
    """A Python value as a TOML parser would have given it (tuples as lists, NumPy's numbers)."""
    match value:
        case bool() | str() | None:
            return value
        case dict():
            return {str(name): plain(part) for name, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case numbers.Integral():
            return int(value)
        case numbers.Real():
            return float(value)
    return value


def whole(text: str) -> bool:
    """Whether a text has no lone surrogates, so that it can be written to a file."""
    return text.encode("utf-8", "replace").decode() == text
