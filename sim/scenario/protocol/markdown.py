"""Tables in Markdown."""

from collections.abc import Iterable

from sim import marks

__all__ = ["code", "table"]


def table(header: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table; ``header`` names the columns, parted by ``|``."""
    return marks.table((column.strip() for column in header.split("|")), rows)


def code(text: object) -> str:
    """Return a text as code, or nothing for nothing."""
    return f"`{text}`" if str(text) else ""
