"""What the loader says when something is wrong: every mistake with its place and its fix."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Problem", "ScenarioError", "UnknownKey", "printable"]

SHOWN = 30  # problems printed; `ScenarioError.problems` has them all
LONGEST = 160  # characters of a place or key that are printed
EXCERPT = 96  # characters of a source line that are printed


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a scenario."""

    file: str
    """File as the user named it, ``<text>``, or ``--set key=value``."""
    line: int | None
    """Line, from 1; None for mistakes that are not in a text."""
    key: str
    """Dotted key, such as ``platform.ranking`` or ``arms.bought.params.amount``; may be empty."""
    message: str
    """What is wrong, as a sentence without a full stop."""
    got: str | None = None
    """The offending value as TOML, shortened."""
    suggestion: str | None = None
    """What was probably meant, ready to be typed."""
    fix: str | None = None
    """What to do, as a sentence, where nothing can be suggested."""
    source: str | None = None
    """The source line."""
    column: int | None = None
    """Column of the mistake in the source line, from 1."""
    width: int = 1
    """Characters that are marked."""

    def __str__(self) -> str:
        """Place, key, mistake and fix in a line, then the source line with a caret line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        got = "" if self.got is None else f" (got {self.got})"
        said = printable(f"{self.message}{got}.{self._remedy()}")
        parts = [_short(place), _short(self.key), said]
        return "\n".join([": ".join(part for part in parts if part), *self._excerpt()])

    def _remedy(self) -> str:
        asked = f" Did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{asked} {self.fix}" if self.fix else asked

    def _excerpt(self) -> list[str]:
        if self.source is None or self.line is None:
            return []
        begin = max(0, (self.column or 1) - EXCERPT // 2)
        shown = self.source[begin : begin + EXCERPT]
        margin = f"{self.line:5d} | "
        lines = [margin + printable(shown).rstrip()]
        if self.column is not None:
            before = shown[: self.column - 1 - begin]
            marked = shown[len(before) : len(before) + self.width]
            blank = " " * (len(margin) - 2) + "| " + " " * _cells(before)
            lines.append(blank + "^" * max(1, _cells(marked)))
        return lines


class ScenarioError(ValueError):
    """A scenario that cannot be used. ``problems`` lists every mistake that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(list(problems))
        self.problems: list[Problem] = list(problems)

    def __str__(self) -> str:
        """All mistakes, one below the other, then their number if there are several."""
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"... and {len(self.problems) - SHOWN} more.")
        if len(self.problems) > 1:
            lines.append(f"{len(self.problems)} mistakes.")
        return "\n".join(lines)


class UnknownKey(KeyError):
    """A key that no scenario has. ``close`` lists what was probably meant, best first."""

    def __init__(self, key: str, close: Sequence[str]) -> None:
        super().__init__(key, list(close))
        self.key = key
        self.close = list(close)

    def __str__(self) -> str:
        """The key and what was probably meant."""
        hint = f" Did you mean {' or '.join(self.close)}?" if self.close else ""
        return f"{self.key}: there is no such key.{hint}"


def printable(text: str) -> str:
    """The text with tabs as blanks and anything that a terminal would obey made visible."""
    return "".join(
        c if c.isprintable() else " " if c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _short(text: str) -> str:
    """A place or key, safe to print and not longer than a line or two."""
    text = printable(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 2 :]}"


def _cells(text: str) -> int:
    """Width of a printed text in terminal cells."""
    return sum(_width(c) for c in printable(text))


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
