"""The identity of a scenario: a hash of everything that can change a result."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sim.scenario.arms import PROTAGONIST_KEYS, resolve

__all__ = ["CLAIM", "canonical", "run_hash", "scenario_hash", "world_hash"]

TITLES: Final = {"name", "title", "question"}  # of the header: they change no result
CLAIM: Final = {
    "claim", "hypothesis", "primary", "secondary", "tested", "expected", "refuted_by",
}  # fmt: skip
PLANS: Final = set(PROTAGONIST_KEYS)  # of a protagonist: given when an arm begins
OTHERS: Final = {"replicates", "seed", "reference"}  # of the header: they concern other runs
LATER: Final = {"measures", "when"}  # of the record: settings that say nothing unless given
MEANS: Final = ("craft", "minutes", "money")  # of an event; those left out are no part of the hash
BLOCK: Final = 1 << 20  # bytes read at a time


def canonical(settings: Any) -> str:
    """Settings as JSON, with sorted keys and no blanks."""
    return json.dumps(settings, sort_keys=True, separators=(",", ":"))


def scenario_hash(
    settings: dict[str, Any], network: Path | None, points: Path | None = None
) -> str:
    """SHA-256 of the settings without titles, claims and labels, and of the files they name."""
    parts = _given(settings)
    parts["scenario"] = _without(parts["scenario"], TITLES | CLAIM)
    parts["events"] = _events(parts["events"])
    parts["arms"] = [
        {**_without(arm, {"label"}), "events": _events(arm["events"])} for arm in parts["arms"]
    ]
    if points is not None:
        parts["sweep"] = {**_without(parts["sweep"], {"file"}), "points": _file_digest(points)}
    return _digest(parts, network)


def run_hash(settings: dict[str, Any], arm: dict[str, Any], network: Path | None) -> str:
    """SHA-256 of what the run of an arm depends on, besides the seed, and of the arm's name.

    Those are the settings as the arm has them, and what the world depends on that it forks from.
    """
    parts = _given(resolve({**settings, "sweep": {}}, arm))
    parts["scenario"] = _without(parts["scenario"], TITLES | CLAIM | OTHERS)
    parts["events"] = _events(parts["events"])
    parts["arms"] = arm["name"]
    parts["forked_from"] = world_hash(settings, network)
    return _digest(parts, network)


def world_hash(settings: dict[str, Any], network: Path | None) -> str:
    """SHA-256 of what the burnt-in world depends on, besides the seed."""
    parts = {name: settings[name] for name in ("world", "population", "platform", "behaviour")}
    parts["protagonists"] = [_without(one, PLANS) for one in settings["protagonists"]]
    return _digest(parts, network)


def _given(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings without those that a scenario need not have, where it has them not."""
    parts = {**settings, "record": _said(settings["record"], LATER)}
    swept = parts["sweep"].get("parameters") or parts["sweep"].get("file")
    absent = [*([] if swept else ["sweep"]), *([] if parts["stop"]["when"] else ["stop"])]
    return _without(parts, set(absent))


def _said(section: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """A section without those of the settings that say nothing."""
    return {k: value for k, value in section.items() if value or k not in names}


def _digest(parts: dict[str, Any], network: Path | None) -> str:
    contents = None if network is None else _file_digest(network)
    world = _without(parts["world"], {"file"})
    return _sha(canonical({**parts, "world": world, "network": contents}).encode())


def _file_digest(path: Path) -> str:
    about = path.stat()
    return _digest_of(path, about.st_mtime_ns, about.st_size)


@lru_cache(16)
def _digest_of(path: Path, changed: int, size: int) -> str:
    """Digest of a file as it was when it last changed."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _events(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events as they count: older scenarios, which know no means, keep their hash."""
    return [_without(item, {"label", *(m for m in MEANS if item[m] is None)}) for item in items]


def _without(section: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in section.items() if name not in names}
