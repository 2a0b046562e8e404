"""Who is in the room: students with a seat each, known by secret tokens that nobody else has."""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

from sim.page.room.choices import Choice

__all__ = ["Student", "free_seat", "hashed", "new_code", "new_token"]

LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that can be taken for another
CODE: Final = 5
_SAVED: Final = ("seat", "name", "token", "since", "changes")


@dataclass
class Student:
    """One who joined: seat (name of a protagonist), name, hash of the token, what was chosen.

    ``since`` is the first day on which the choice holds; None until the class has started.
    ``changes`` counts the changes of strategy that the world has been told of.
    """

    seat: str
    name: str
    token: str
    choice: Choice | None = None
    since: int | None = None
    changes: int = 0

    def plain(self) -> dict[str, Any]:
        """Return what is saved."""
        kept = {name: getattr(self, name) for name in _SAVED}
        return {**kept, "choice": self.choice.plain() if self.choice else None}

    @classmethod
    def of_plain(cls, plain: dict[str, Any]) -> Self:
        """Return a student as saved."""
        made = Choice(**plain["choice"]) if plain["choice"] else None
        return cls(**{**plain, "choice": made})


def new_token() -> str:
    """Return a secret that cannot be guessed."""
    return secrets.token_urlsafe(18)


def hashed(token: str) -> str:
    """Return what is kept of a token, from which it cannot be had back."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_code() -> str:
    """Return a code to join with, easy to read from a wall and to type."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE))


def free_seat(seats: Iterable[str], taken: Collection[str]) -> str | None:
    """Return the first seat that is not taken."""
    return next((seat for seat in seats if seat not in taken), None)
