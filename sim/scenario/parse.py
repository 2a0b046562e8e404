"""Reads TOML, and says what to do where that fails."""

import re
import tomllib
from typing import Any, Final, NoReturn

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.source import Source

__all__ = ["parse"]

MOST_PARTS: Final = 32  # of a dotted key; the standard parser is quadratic in them
_CHAIN: Final = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_DIGITS: Final = re.compile(r"\d{4000}")

# What the standard parser says, what that means and what to do.
_MEANINGS: Final = (
    ("Expected '=' after", "a key without a value", "Write key = value, one a line."),
    ("Invalid value", "a value that cannot be read",
     'Write text in quotes, decimals with a digit before the point, and true or false.'),
    ("Expected newline or end", "something after the value",
     "Put one setting on a line, text in quotes, and comments behind a #."),
    ("Invalid statement", "neither a key nor a table", "Write key = value or [section]."),
    ("Cannot declare", "this table is there already",
     "Put its keys together, or write [[arms]] with two brackets for several arms."),
    ("Cannot overwrite a value", "this key is there already", "Remove one of the two."),
    ("Duplicate inline table key", "this key is there already", "Remove one of the two."),
    ("Cannot mutate immutable", "adds to a table or list that is complete",
     "Write it in one piece."),
    ("Unclosed array", "a list without its end", "Close it with ]."),
    ("Unclosed inline table", "a table without its end", "Close it with } on the same line."),
    ("Unterminated string", "a text without its end", 'Close it with ".'),
    ("Illegal character '\\n'", "a text without its end", 'Close it with ".'),
    ("Expected \"'\"", "a text without its end", "Close it with '."),
    ("Unescaped '\\' in a string", "a backslash that means nothing",
     "Double it, or write the text in single quotes."),
    ("Expected ']' at the end of a table", "a section without its end", "Close it with ]."),
    ("Expected ']]' at the end", "a section without its end", "Close it with ]]."),
    ("invalid character", "a character that does not belong here", "Remove it."),
    ("Illegal character", "a character that does not belong here", "Remove it."),
)  # fmt: skip


def parse(source: Source) -> dict[str, Any]:
    """The settings in a text.

    Raises:
        ScenarioError: if it is not TOML.
    """
    _refuse_long_keys(source)
    try:
        return tomllib.loads(source.text)
    except RecursionError:
        _refuse(source, 1, None, "lists within lists without end", "Settings are at most 8 deep.")
    except ValueError as error:  # TOMLDecodeError, or a number of too many digits
        _explain(source, str(error))


def _refuse_long_keys(source: Source) -> None:
    for number, line in enumerate(source.text.split("\n"), 1):
        if line.count(".") >= MOST_PARTS and (found := _CHAIN.search(line)):
            _refuse(
                source, number, found.start() + 1, "a key of too many parts", "Write section.key."
            )


def _explain(source: Source, said: str) -> NoReturn:
    place = _PLACE.search(said)
    said = _PLACE.sub("", said)
    meaning, fix = next(((m, f) for sign, m, f in _MEANINGS if sign in said), (said, None))
    line, column = _position(source.text, place)
    _refuse(source, line, column, meaning, fix or "Correct the line; see https://toml.io.")


def _position(text: str, place: re.Match[str] | None) -> tuple[int, int | None]:
    """Line and column; the last line that is not blank where the text ended too early."""
    if place is None:
        digits = _DIGITS.search(text)
        return (text.count("\n", 0, digits.start()) + 1 if digits else 1, None)
    if place[1] is not None:
        return int(place[1]), int(place[2])
    return text.rstrip().count("\n") + 1, None


def _refuse(source: Source, line: int, column: int | None, message: str, fix: str) -> NoReturn:
    shown = source.text.split("\n")[line - 1]
    problem = Problem(source.name, line, "", message, fix=fix, source=shown, column=column)
    raise ScenarioError([problem])
