"""The identity of a scenario: a hash of everything that can change a result."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

__all__ = ["CLAIM", "canonical", "scenario_hash", "world_hash"]

TITLES: Final = {"name", "title", "question"}  # of the header: they change no result
CLAIM: Final = {
    "claim", "hypothesis", "primary", "secondary", "tested", "expected", "refuted_by",
}  # fmt: skip
PLANS: Final = {"strategy", "params"}  # of a protagonist: the burn-in does not know them
BLOCK: Final = 1 << 20  # bytes read at a time


def canonical(settings: Any) -> str:
    """Settings as JSON, with sorted keys and no blanks."""
    return json.dumps(settings, sort_keys=True, separators=(",", ":"))


def scenario_hash(settings: dict[str, Any], network: Path | None) -> str:
    """SHA-256 of the settings without titles, claims and labels, and of the network file."""
    parts = dict(settings)
    parts["scenario"] = _without(parts["scenario"], TITLES | CLAIM)
    parts["events"] = _unlabelled(parts["events"])
    parts["arms"] = [
        {**arm, "events": _unlabelled(arm["events"])} for arm in _unlabelled(parts["arms"])
    ]
    return _digest(parts, network)


def world_hash(settings: dict[str, Any], network: Path | None) -> str:
    """SHA-256 of what the burnt-in world depends on, besides the seed."""
    parts = {name: settings[name] for name in ("world", "population", "platform", "behaviour")}
    parts["protagonists"] = [_without(one, PLANS) for one in settings["protagonists"]]
    return _digest(parts, network)


def _digest(parts: dict[str, Any], network: Path | None) -> str:
    contents = None if network is None else _file_digest(network)
    world = _without(parts["world"], {"file"})
    return _sha(canonical({**parts, "world": world, "network": contents}).encode())


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _unlabelled(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_without(item, {"label"}) for item in items]


def _without(section: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in section.items() if name not in names}
