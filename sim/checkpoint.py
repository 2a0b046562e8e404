"""Saving a world as plain arrays and a header, and loading it without pickle."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim import files, settings
from sim.kernels.layout import ACCOUNT, NEED, NOTICE, POST, SCHEDULE, TIE, VIRAL, State
from sim.world.rules import Settings
from sim.world.world import BOUGHT, ORDER, WAITING, World

FORMAT: Final = 2
_HEADER: Final = "header.json"
_SCALARS: Final = ("seed", "initial", "rows", "hour", "start_day", "arrived")
_RECORDS: Final = {
    "state.accounts": ACCOUNT,
    "state.ties": TIE,
    "state.posts": POST,
    "notices": NOTICE,
    "schedule": SCHEDULE,
    "inbox": WAITING,
    "orders": ORDER,
    "bought": BOUGHT,
    "needs": NEED,
    "viral": VIRAL,
}
_PENDING: Final = ("notices", "schedule", "inbox", "orders", "bought", "needs", "viral")


class CheckpointError(ValueError):
    """A saved world that cannot be used; the message says why."""


def _arrays(world: World) -> dict[str, NDArray[Any]]:
    """Return all arrays of a world by the name of their file."""
    used = int(world.state.cursor[0])
    state = {f"state.{name}": array for name, array in world.state._asdict().items()}
    state["state.follow_ids"] = world.state.follow_ids[:used]
    state["state.ties"] = world.state.ties[:used]
    pending = {name: getattr(world, name) for name in _PENDING}
    columns = {f"column.{name}": column for name, column in world.columns.items()}
    return {**state, **pending, **columns}


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def save(world: World, folder: Path) -> None:
    """Write a world to a folder, which appears whole or not at all."""
    with files.new_folder(Path(folder)) as temporary:
        hashes = {}
        for name, array in _arrays(world).items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
            hashes[name] = _digest(temporary / f"{name}.npy")
        header = {
            "format": FORMAT,
            **{name: getattr(world, name) for name in _SCALARS},
            "strategies": world.strategies,
            "settings": {k: v.model_dump(mode="json") for k, v in world.settings._asdict().items()},
            "sha256": hashes,
        }
        header["digest"] = _digest_of(header)
        (temporary / _HEADER).write_text(json.dumps(header, indent=1), encoding="utf-8")


def _digest_of(header: dict[str, Any]) -> str:
    """Return the hash of a header without its own digest."""
    plain = {name: value for name, value in header.items() if name != "digest"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def load(folder: Path) -> World:
    """Return the world that was saved in a folder.

    Raises:
        CheckpointError: nothing there, of another format, torn or altered.
    """
    folder = Path(folder)
    header = _read_header(folder)
    arrays = {name: _read(folder, name, digest) for name, digest in header["sha256"].items()}
    sections = {name: _section(name, header["settings"][name]) for name in Settings._fields}
    columns = {k.removeprefix("column."): v for k, v in arrays.items() if k.startswith("column.")}
    kept: dict[str, Any] = {name: header[name] for name in _SCALARS}
    kept |= {name: arrays[name] for name in _PENDING}
    return World(
        settings=Settings(**sections),
        state=State(**{name: arrays[f"state.{name}"] for name in State._fields}),
        strategies=tuple(header["strategies"]),
        columns=columns,
        **kept,
    )


def _section(name: str, values: dict[str, Any]) -> Any:
    """Return a section of the settings from its JSON form."""
    return getattr(settings, name.capitalize()).model_validate_json(json.dumps(values))


def _read_header(folder: Path) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads((folder / _HEADER).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder}: no saved world here: {error}") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        kind = header.get("format") if isinstance(header, dict) else "unknown"
        raise CheckpointError(f"{folder}: saved in format {kind}, this version reads {FORMAT}")
    if header.get("digest") != _digest_of(header):
        raise CheckpointError(f"{folder / _HEADER}: damaged (its digest is another)")
    return header


def _read(folder: Path, name: str, digest: str) -> NDArray[Any]:
    file = folder / f"{name}.npy"
    try:
        if _digest(file) != digest:
            raise CheckpointError(f"{file}: damaged (its SHA-256 is not the one in the header)")
        array: NDArray[Any] = np.load(file, allow_pickle=False)
    except OSError as error:
        raise CheckpointError(f"{file}: cannot be read: {error}") from error
    # the file format knows no alignment, and to numba that is another type
    return array.view(_RECORDS[name]) if name in _RECORDS else array
