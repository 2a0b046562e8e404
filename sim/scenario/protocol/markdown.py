"""Tables in Markdown."""

from collections.abc import Iterable

__all__ = ["code", "table"]


def table(header: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table; ``header`` names the columns, parted by ``|``."""
    columns = [column.strip() for column in header.split("|")]
    lines = [_line(columns), "|" + "---|" * len(columns)]
    return "\n".join([*lines, *(_line(cell.replace("|", "/") for cell in row) for row in rows)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def code(text: object) -> str:
    """Return a text as code, or nothing for nothing."""
    return f"`{text}`" if str(text) else ""
