"""Checkpoints: a world, or a whole model, as plain arrays and a header that vouches for them.

A checkpoint is a folder of `.npy` files and `header.json`; nothing in it is pickled. The header
says in which format and by which version of the model it was saved, holds the SHA-256 of every
array, and a digest of itself. A folder that is torn, altered or of another version is refused.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import files, settings
from sim._version import model_version
from sim.kernels.layout import ACCOUNT, NEED, NOTICE, PLAN, POST, SCHEDULE, TIE, VIRAL, State
from sim.world.rules import Settings
from sim.world.world import BOUGHT, ORDER, WAITING, World

__all__ = [
    "CheckpointError",
    "Saved",
    "load",
    "of_world",
    "pack",
    "read",
    "refuse_foreign",
    "save",
    "to_world",
    "unpack",
    "write",
]

FORMAT: Final = 3
Arrays = dict[str, NDArray[Any]]
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
    "plan": PLAN,
    "spoken": PLAN,
}
_PENDING: Final = ("notices", "schedule", "inbox", "orders", "bought", "needs", "viral")
_TEXT: Final = "text"
_ANEW: Final = "Start the run from its world again"


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message says why, and what to do."""


class Saved(NamedTuple):
    """What a checkpoint holds: a header of plain values, and arrays by name."""

    header: dict[str, Any]
    arrays: Arrays


# ---- folders ------------------------------------------------------------------------------


def write(folder: Path, saved: Saved) -> None:
    """Write a checkpoint to a folder, which appears whole or not at all."""
    with files.new_folder(Path(folder)) as temporary:
        hashes = {}
        for name, array in saved.arrays.items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
            hashes[name] = _digest(temporary / f"{name}.npy")
        header = {"format": FORMAT, "model_version": model_version(), **saved.header}
        header["sha256"] = hashes
        header["digest"] = _digest_of(header)
        (temporary / _HEADER).write_text(json.dumps(header, indent=1), encoding="utf-8")


def read(folder: Path) -> Saved:
    """Return what was saved in a folder.

    Raises:
        CheckpointError: nothing there, torn, altered, of another format or model version.
    """
    folder = Path(folder)
    header = _read_header(folder)
    refuse_foreign(folder, header, {"model_version": model_version()})
    return Saved(header, {name: _read(folder, name, d) for name, d in header["sha256"].items()})


def refuse_foreign(folder: Path, header: Mapping[str, Any], expected: Mapping[str, object]) -> None:
    """Raise CheckpointError, which names it, if a value of the header is not the one expected."""
    for name, value in expected.items():
        if (found := header.get(name)) != value:
            what = name.replace("_", " ")
            message = f"its {what} is {found!r}, that of this run is {value!r}"
            raise CheckpointError(f"{folder}: a checkpoint of another run: {message}. {_ANEW}.")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _digest_of(header: dict[str, Any]) -> str:
    """Return the hash of a header without its own digest."""
    plain = {name: value for name, value in header.items() if name != "digest"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _read_header(folder: Path) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads((folder / _HEADER).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder}: no saved world here: {error}. {_ANEW}.") from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        kind = header.get("format") if isinstance(header, dict) else "unknown"
        message = f"saved in format {kind}, this version reads {FORMAT}"
        raise CheckpointError(f"{folder}: {message}. {_ANEW}.")
    if header.get("digest") != _digest_of(header):
        raise CheckpointError(f"{folder / _HEADER}: damaged (its digest is another). {_ANEW}.")
    return header


def _read(folder: Path, name: str, digest: str) -> NDArray[Any]:
    file = folder / f"{name}.npy"
    try:
        if _digest(file) != digest:
            reason = "its SHA-256 is not the one in the header"
            raise CheckpointError(f"{file}: damaged ({reason}). {_ANEW}.")
        array: NDArray[Any] = np.load(file, allow_pickle=False)
    except OSError as error:
        raise CheckpointError(f"{file}: cannot be read: {error}. {_ANEW}.") from error
    # the file format knows no alignment, and to numba that is another type
    return array.view(_RECORDS[name]) if name in _RECORDS else array


# ---- worlds -------------------------------------------------------------------------------


def save(world: World, folder: Path, identity: Mapping[str, object] | None = None) -> None:
    """Write a world, as it is between two ticks, to a folder: whole or not at all.

    ``identity`` says whose world it is, such as the hash of its scenario, for `load` to test.
    """
    header, arrays = of_world(world)
    write(folder, Saved({**header, **(identity or {})}, arrays))


def load(folder: Path, identity: Mapping[str, object] | None = None) -> World:
    """Return the world that was saved in a folder.

    Raises:
        CheckpointError: nothing there, torn, altered, of another format or model version, or
            saved with another identity.
    """
    saved = read(folder)
    refuse_foreign(Path(folder), saved.header, identity or {})
    return to_world(saved)


def of_world(world: World) -> Saved:
    """Return a world as a checkpoint holds it; the arrays are its own."""
    used = int(world.state.cursor[0])
    state = {f"state.{name}": array for name, array in world.state._asdict().items()}
    state["state.follow_ids"] = world.state.follow_ids[:used]
    state["state.ties"] = world.state.ties[:used]
    pending = {name: getattr(world, name) for name in _PENDING}
    columns = {f"column.{name}": column for name, column in world.columns.items()}
    header = {
        **{name: getattr(world, name) for name in _SCALARS},
        "strategies": world.strategies,
        "settings": {k: v.model_dump(mode="json") for k, v in world.settings._asdict().items()},
    }
    return Saved(header, {**state, **pending, **columns})


def to_world(saved: Saved) -> World:
    """Return the world that a checkpoint holds; it takes the arrays over."""
    header, arrays = saved
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


# ---- lists of rows ------------------------------------------------------------------------


def pack(name: str, rows: Sequence[Sequence[Any]], kinds: Mapping[str, str]) -> Arrays:
    """Return a list of rows as an array of records; ``kinds`` are the dtypes of its columns.

    A column of kind "text" becomes numbers, and a second array says for which texts they stand.
    """
    records = np.empty(len(rows), [(c, "u4" if k == _TEXT else k) for c, k in kinds.items()])
    texts: dict[str, list[str]] = {}
    for place, (column, kind) in enumerate(kinds.items()):
        values = [row[place] for row in rows]
        if kind == _TEXT:
            numbers = {text: number for number, text in enumerate(dict.fromkeys(values))}
            texts[column], values = list(numbers), [numbers[text] for text in values]
        records[column] = values
    words = np.frombuffer(json.dumps(texts).encode(), np.uint8)
    return {name: records, f"{name}.texts": words}


def unpack(name: str, arrays: Arrays) -> list[tuple[Any, ...]]:
    """Return the rows that `pack` was given, as tuples."""
    records, texts = arrays[name], json.loads(arrays[f"{name}.texts"].tobytes())
    columns = []
    for column in records.dtype.names or ():
        values = records[column].tolist()
        words = texts.get(column)
        columns.append(values if words is None else [words[number] for number in values])
    return list(zip(*columns, strict=True))
