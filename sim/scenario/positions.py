"""Where each key of a TOML text stands.

The standard parser drops positions, so a small scanner walks the text again when there is a
mistake to point at. It is only ever given text that the parser has accepted: it need not
check anything, and skips to the next line where it does not understand.
"""

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

__all__ = ["Place", "dotted", "locate"]

_GAP: Final = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_BLANK: Final = re.compile(r"[ \t]*")
_LINE: Final = re.compile(r"[^\n]*")
_KEY: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_STRING: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")|\'\'\'.*?\'{3,5}(?!\')|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a line; line and column count from 1."""

    line: int
    column: int
    width: int


def dotted(path: tuple[str | int, ...]) -> str:
    """The path with dots between its parts: ("arms", 2, "name") is "arms.2.name"."""
    return ".".join(str(part) for part in path)


def locate(text: str) -> tuple[dict[str, Place], dict[str, Place]]:
    """The places of all keys and of all values, by dotted path with list indices from 0.

    Lines end in a line feed. Tables, and every element of a list, have a key place too.
    """
    scanner = _Scanner(text)
    with suppress(RecursionError):  # at absurdly nested lists; what was found still serves
        scanner.scan()
    return scanner.keys, scanner.values


class _Scanner:
    """Walks over the text once and notes where keys and values stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.table: str | None = None  # the section that is read; None at the top
        self.keys: dict[str, Place] = {}
        self.values: dict[str, Place] = {}
        self.sizes: dict[str, int] = {}  # of the arrays of tables
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def scan(self) -> None:
        """Read statements until the text ends."""
        self.skip(_GAP)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                self.header()
            else:
                self.pair(self.table)
            self.skip(_LINE)
            self.skip(_GAP)

    def header(self) -> None:
        """Read ``[table]`` or ``[[table]]``."""
        array = self.text.startswith("[[", self.at)
        self.at += 1 + array
        path: str | None = None
        parts = self.dotted_key()
        for number, (part, place) in enumerate(parts, 1):
            path = _join(path, part)
            self.keys.setdefault(path, place)
            if array and number == len(parts):
                self.sizes[path] = self.sizes.get(path, 0) + 1
            if path in self.sizes:
                path = _join(path, str(self.sizes[path] - 1))
                self.keys.setdefault(path, place)
        self.table = path

    def pair(self, table: str | None) -> None:
        """Read ``key = value`` of a table, or nothing if there is no key."""
        path = table
        for part, place in self.dotted_key():
            path = _join(path, part)
            self.keys.setdefault(path, place)
        self.skip(_BLANK)
        if path is not None and self.text.startswith("=", self.at):
            self.at += 1
            self.skip(_BLANK)
            self.value(path)

    def dotted_key(self) -> list[tuple[str, Place]]:
        """Read the parts of a key, each with its place."""
        parts: list[tuple[str, Place]] = []
        while True:
            self.skip(_BLANK)
            match = _KEY.match(self.text, self.at)
            if match is None:
                return parts
            parts.append((_unquoted(match[0]), self.place(self.at, match.end())))
            self.at = match.end()
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def value(self, path: str) -> None:
        """Read a value and note its place."""
        begin = self.at
        if self.text.startswith("[", self.at):
            self.items(path, "]")
        elif self.text.startswith("{", self.at):
            self.items(path, "}")
        else:
            self.skip(_STRING) or self.skip(_SCALAR)
        self.values[path] = self.place(begin, self.at)

    def items(self, path: str, end: str) -> None:
        """Read a list or an inline table up to its closing bracket."""
        self.at += 1
        number = 0
        while True:
            self.skip(_GAP)
            if self.at >= len(self.text) or self.text[self.at] == end:
                self.at += 1
                return
            before = self.at
            if end == "}":
                self.pair(path)
            else:
                self.element(_join(path, str(number)))
            number += 1
            self.skip(_GAP)
            if self.text.startswith(",", self.at) or self.at == before:
                self.at += 1

    def element(self, path: str) -> None:
        """Read an element of a list."""
        self.value(path)
        self.keys[path] = self.values[path]

    def skip(self, pattern: re.Pattern[str]) -> bool:
        """Step over what matches here; whether that was anything."""
        match = pattern.match(self.text, self.at)
        before = self.at
        self.at = match.end() if match else self.at
        return self.at > before

    def place(self, begin: int, end: int) -> Place:
        """The place of a stretch of the text, cut at the end of its first line."""
        line = bisect_right(self.starts, begin)
        newline = self.text.find("\n", begin, end)
        stop = newline if newline >= 0 else end
        width = len(self.text[begin:stop].rstrip())
        return Place(line, begin - self.starts[line - 1] + 1, max(1, width))


def _join(path: str | None, part: str) -> str:
    return part if path is None else f"{path}.{part}"


def _unquoted(raw: str) -> str:
    """The key that a bare or quoted key stands for."""
    if raw[0] == '"' and "\\" in raw:
        return str(tomllib.loads(f"key = {raw}")["key"])
    return raw[1:-1] if raw[0] in "\"'" else raw
