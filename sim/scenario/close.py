"""What was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

__all__ = ["closest", "closest_few"]

LONGEST: Final = 80  # characters; nothing that long is a slip of the keyboard


def closest_few(word: str, known: Iterable[str], number: int = 3) -> list[str]:
    """Known words that are much like this one, or contain it, best first; case is ignored."""
    if not 0 < len(word) <= LONGEST:
        return []
    spelled = {name.lower().replace("-", "_"): name for name in known}
    written = word.strip().lower().replace("-", "_").replace(" ", "_")
    close = get_close_matches(written, spelled, number, 0.6)
    longer = [name for name in spelled if written in name.split("_") and name not in close]
    return [spelled[name] for name in [*close, *longer][:number]]


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one, if any is."""
    few = closest_few(word, known, 1)
    return few[0] if few else None
