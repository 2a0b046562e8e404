"""Sessions: what each visitor plays, kept through reloads, lost connections and restarts.

A session has a name that nobody can guess, and a file with scenario, seed, log and tick. From
those its world lives again, to the bit, when the server was restarted meanwhile.
"""

import base64
import json
import re
import secrets
import threading
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sim import files
from sim.page.limits import Limiter
from sim.page.live import Live, Refused
from sim.page.pool import Full, Pool
from sim.page.presets import ACCOUNTS, FIRST, chosen, presets
from sim.scenario import Event

__all__ = ["Choice", "NoSession", "Session", "Sessions"]

MOST_SESSIONS: Final = 400
UNSEEN_REST: Final = 30.0  # seconds without a visitor after which a world rests
UNSEEN_CLOSE: Final = 900.0  # after which it is put away; it lives again when somebody comes
MOST_LINK: Final = 8_000  # characters of a link
MOST_LOG: Final = 200_000  # bytes of what a link unpacks to
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{16}")
_ACTS: Final = (8.0, 30.0)  # acts a second, and at once


class NoSession(LookupError):
    """There is no such session; the message says what was lost."""


class Choice:
    """What is played: a preset, its size, seed and lives, and what is to happen in it."""

    def __init__(
        self,
        preset: str = FIRST,
        accounts: int = ACCOUNTS,
        seed: int = 1,
        arms: tuple[str, ...] = (),
        log: tuple[dict[str, Any], ...] = (),
    ) -> None:
        """Check the choice.

        Raises:
            ValueError (of which ScenarioError is one): it cannot be, and why.
        """
        if not 0 <= seed <= 2**62:
            raise ValueError("A seed is a whole number from 0 on.")
        self.scenario = chosen(preset, accounts)
        known = presets()[preset].arms
        self.arms = arms or (next(iter(known)),)
        if len(self.arms) > 2 or not set(self.arms) <= set(known):
            raise ValueError("There are one or two lives, of those that the preset has.")
        self.preset, self.accounts, self.seed, self.log = preset, accounts, seed, log

    @classmethod
    def of_link(cls, link: str) -> "Choice":
        """Return what a link says.

        Raises:
            ValueError: it says nothing that could be played.
        """
        try:
            if len(link) > MOST_LINK:
                raise ValueError("too long")
            packed = base64.urlsafe_b64decode(link + "=" * (-len(link) % 4))
            found = json.loads(zlib.decompressobj().decompress(packed, MOST_LOG))
            log = tuple(_entry(one) for one in found["log"])
            arms = tuple(str(arm) for arm in found["arms"])
            return cls(str(found["preset"]), int(found["accounts"]), int(found["seed"]), arms, log)
        except (ValueError, KeyError, TypeError, zlib.error, RecursionError) as error:
            raise ValueError("This link is damaged: nothing of it could be read.") from error

    def link(self, log: list[dict[str, Any]]) -> tuple[str, bool]:
        """Return a text that reopens the choice, and whether all that was done is in it."""
        plain: dict[str, Any] = {
            "preset": self.preset,
            "accounts": self.accounts,
            "seed": self.seed,
        }
        plain["arms"] = list(self.arms)
        text = _packed({**plain, "log": log})
        if len(text) <= MOST_LINK:
            return text, True
        return _packed({**plain, "log": []}), False


def _packed(plain: Mapping[str, Any]) -> str:
    """Return plain values as text that can stand in an address."""
    squeezed = zlib.compress(json.dumps(plain).encode(), 9)
    return base64.urlsafe_b64encode(squeezed).decode().rstrip("=")


def _entry(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of a log with what belongs there and nothing else, checked."""
    event = Event.model_validate(found["event"]).model_dump(mode="json", exclude_defaults=True)
    arm = found["arm"] if found["arm"] is None else str(found["arm"])[:40]
    return {"tick": int(found["tick"]), "day": event["day"], "arm": arm, "who": "", "event": event}


class Session:
    """What one visitor plays; several windows may show the same session."""

    def __init__(self, name: str, pool: Pool) -> None:
        """Begin without a world."""
        self.name, self.pool = name, pool
        self.choice = Choice()
        self.live: Live | None = None
        self.compared: Live | None = None
        self.windows = 0
        self.seen = time.monotonic()
        self.note = ""  # what there is to say about a restart
        self._acts = Limiter(*_ACTS)
        self.kept: dict[str, Any] = {}

    def set_up(self, choice: Choice) -> Live:
        """Make the world of a choice; the world before is given up."""
        self.give_up()
        self.choice, self.note = choice, ""
        self.live = Live(choice.scenario, arms=choice.arms, seed=choice.seed, pool=self.pool)
        self.live.begin(choice.log)
        return self.live

    def give_up(self) -> None:
        """Close the worlds."""
        for live in (self.live, self.compared):
            if live is not None:
                live.close()
        self.live = self.compared = None

    def act(self, event: Mapping[str, Any], arm: str | None = None) -> Any:
        """Have something done in the world; returns a future, as `Live.act`.

        Raises:
            Refused: there is no world, or too much is asked at once.
        """
        if self.live is None:
            raise Refused("There is no world yet. Set it up first.")
        if not self._acts.allows(self.name):
            raise Refused("That was too much at once. Wait a second.")
        return self.live.act(event, arm=arm)

    def compare(self) -> Live:
        """Let all arms of the scenario live to the end, as fast as the machine can."""
        if self.compared is not None:
            self.compared.close()
        arms = self.choice.scenario.arm_names
        self.compared = Live(self.choice.scenario, arms=arms, seed=self.choice.seed, pool=self.pool)
        self.compared.setup()
        self.compared.step(self.compared.ticks_in_all)
        return self.compared

    def plain(self) -> dict[str, Any]:
        """Return what it takes to live it again."""
        live = self.live.saved() if self.live else None
        choice = self.choice
        return {
            "choice": [choice.preset, choice.accounts, choice.seed, list(choice.arms)],
            "live": live,
        }

    def take_up(self, plain: Mapping[str, Any]) -> None:
        """Live again what `plain` returned.

        Raises:
            ValueError, KeyError, TypeError: it was not saved by this class.
        """
        preset, accounts, seed, arms = plain["choice"]
        self.choice = Choice(preset, accounts, seed, tuple(arms))
        if plain["live"] is not None:
            self.live = Live.restored(plain["live"], self.pool)
            self.note = (
                "The server was restarted, or put this world away while nobody looked. The same "
                "world lives again up to where you were; press Go."
            )


class Sessions:
    """All sessions of a server, each with a file in a folder, if there is one."""

    def __init__(self, pool: Pool, folder: Path | None) -> None:
        """Find those that a server before has kept, when they are asked for."""
        self.pool, self.folder = pool, folder
        self._known: dict[str, Session] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many sessions are in memory."""
        return len(self._known)

    def new(self) -> Session:
        """Begin a session.

        Raises:
            Full: there are too many.
        """
        with self._lock:
            self._forget_the_idle()
            if len(self._known) >= MOST_SESSIONS:
                raise Full(
                    "It is full: too many have opened this page. Wait until somebody leaves."
                )
            session = Session(secrets.token_urlsafe(12), self.pool)
            self._known[session.name] = session
            return session

    def find(self, name: str) -> Session:
        """Return the session of this name, from its file if it is not in memory.

        Raises:
            NoSession: there is none.
        """
        with self._lock:
            if name in self._known:
                return self._known[name]
            session = Session(name, self.pool)
            plain = self._read(name)
            try:
                session.take_up(plain)
            except (ValueError, KeyError, TypeError) as error:
                raise NoSession("What was kept of this session cannot be read.") from error
            session.kept = plain
            self._known[name] = session
            return session

    def _read(self, name: str) -> dict[str, Any]:
        if self.folder is None or not _NAME.fullmatch(name):
            raise NoSession("There is no such session.")
        try:
            found = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise NoSession(
                "This session is gone: its world and all that was done in it. Begin a new one."
            ) from error
        if not isinstance(found, dict):
            raise NoSession("What was kept of this session cannot be read.")
        return found

    def tend(self) -> None:
        """Save what has changed, let worlds rest that nobody looks at, put old ones away."""
        now = time.monotonic()
        for session in list(self._known.values()):
            self._save(session)
            unseen = 0.0 if session.windows else now - session.seen
            if session.live and unseen > UNSEEN_CLOSE:
                self._put_away(session)
            elif session.live and unseen > UNSEEN_REST:
                session.live.stop()

    def close(self) -> None:
        """Save all, and end all worlds."""
        for session in list(self._known.values()):
            self._save(session)
            session.give_up()

    def _save(self, session: Session) -> None:
        """Save a session that has a world, if it has changed."""
        plain = session.plain()
        if self.folder is None or plain["live"] is None or plain == session.kept:
            return
        text = json.dumps(plain)
        try:
            files.new_text(self.folder / f"{session.name}.json", text)
            session.kept = plain
        except OSError:
            self.folder = None  # nowhere to write: sessions last as long as the server

    def _put_away(self, session: Session) -> None:
        session.give_up()
        self._known.pop(session.name, None)

    def _forget_the_idle(self) -> None:
        """Forget who has no world and shows no window."""
        now = time.monotonic()
        for name, session in list(self._known.items()):
            seen = session.windows or now - session.seen <= UNSEEN_REST
            if session.live is None and not seen:
                self._known.pop(name)
