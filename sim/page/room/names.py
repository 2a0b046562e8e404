"""Names that people type: made clean, short, and different from one another."""

import unicodedata
from collections.abc import Collection
from typing import Final

__all__ = ["LONGEST", "clean", "distinct"]

LONGEST: Final = 24
"""Characters of a name."""


def clean(text: object) -> str:
    """Return a name without control, format and private characters, in one line, cut to length.

    Empty if nothing readable is left, or it was no text at all.
    """
    if not isinstance(text, str):
        return ""
    normal = unicodedata.normalize("NFKC", text[: 8 * LONGEST])
    kept = "".join(c for c in normal if c.isspace() or unicodedata.category(c)[0] in "LNPSM")
    calm = _without_piles(" ".join(kept.split()))[:LONGEST].strip()
    return calm if any(c.isalnum() for c in calm) else ""


def _without_piles(text: str) -> str:
    """Return a text in which no letter has more than two marks above or below it."""
    out, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= 2:
            out.append(character)
    return "".join(out)


def distinct(name: str, taken: Collection[str]) -> str:
    """Return the name, with a number behind it if somebody has it already (in any case)."""
    lower = {one.casefold() for one in taken}
    if name.casefold() not in lower:
        return name
    numbers = (n for n in range(2, len(taken) + 3))
    variants = (f"{name[: LONGEST - 1 - len(str(n))]} {n}" for n in numbers)
    return next(one for one in variants if one.casefold() not in lower)
