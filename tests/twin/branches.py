"""Branches of the text that the cases together must take."""

from typing import Final

BRANCHES: Final[tuple[str, ...]] = ()
