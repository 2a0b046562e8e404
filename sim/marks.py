"""Parts of a Markdown text that a command makes, and tables in them.

A part lies between ``<!-- name -->`` and ``<!-- /name -->``.
"""

from collections.abc import Iterable
from pathlib import Path

from sim import files

__all__ = ["NoMarks", "between", "fill", "table"]


class NoMarks(ValueError):
    """A text has no place for a part."""


def between(text: str, name: str, part: str) -> str:
    """Return the text with this part between the marks of that name.

    Raises:
        NoMarks: it has no such marks.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    head, begun, rest = text.partition(begin)
    _, ended, tail = rest.partition(end)
    if not (begun and ended):
        raise NoMarks(f"there is no {begin} … {end} to fill")
    return f"{head}{begin}\n{part}\n{end}{tail}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table as Markdown; a bar within a cell becomes a stroke."""
    columns = list(head)
    lines = [_line(columns), "|" + "---|" * len(columns)]
    return "\n".join([*lines, *(_line(cell.replace("|", "/") for cell in row) for row in rows)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def fill(path: Path, name: str, part: str) -> bool:
    """Put a part between the marks of that name in a file; return whether it has such marks."""
    try:
        files.new_text(path, between(path.read_text(encoding="utf-8"), name, part))
    except (FileNotFoundError, NoMarks):
        return False
    return True
