"""The C version of the browse kernel: compiled when it is needed, called with the same arrays."""

import ctypes
import shutil
import subprocess
from enum import IntEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.feed_call import FeedCall, Feeds
from sim.kernels import layout
from sim.kernels.layout import Kind, Purpose, Route
from sim.kernels.tables import DECAY_HOURS

SOURCE = Path(__file__).with_name("browse.c")
# Contraction to fused multiply-add rounds otherwise than the kernels do.
FLAGS = ("-O3", "-march=native", "-std=gnu11", "-ffp-contract=off", "-Wall", "-shared", "-fPIC")
_TYPES = {"u8": "uint64_t", "u4": "uint32_t", "u2": "uint16_t", "u1": "uint8_t"}
_TYPES |= {"f8": "double", "f4": "float"}
_RECORDS = {
    "account_t": layout.ACCOUNT,
    "tie_t": layout.TIE,
    "wall_t": layout.WALL,
    "impression_t": layout.IMPRESSION,
    "params_t": layout.PARAMS,
    "viral_t": layout.VIRAL,
}
_CONSTANTS = ("TOPICS", "NO_ROW", "MAX_ATTENTION", "WARMTH")


def compiler() -> str | None:
    """Return a C compiler, if there is one."""
    return next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)


def header() -> str:
    """Return the C declarations of the record types, codes and constants of `sim.kernels`."""
    lines = ["#include <stddef.h>", "#include <stdint.h>"]
    lines += [f"#define {name} {getattr(layout, name)!r}" for name in _CONSTANTS]
    lines.append(f"#define DECAY_HOURS {DECAY_HOURS}")
    for codes in (Purpose, Route, Kind):
        lines += [_code(code) for code in codes]
    for name, kind in _RECORDS.items():
        lines += _record(name, kind)
    return "\n".join(lines) + "\n"


def _code(code: IntEnum) -> str:
    return f"#define {type(code).__name__.upper()}_{code.name} {int(code)}"


def _record(name: str, kind: np.dtype[np.void]) -> list[str]:
    """Return a struct, and assertions that it lies in memory as the record does."""
    fields: Any = kind.fields
    body = [_field(field, fields[field][0]) for field in kind.names or ()]
    checks = [
        f'_Static_assert(offsetof({name}, {field}) == {fields[field][1]}, "{field}");'
        for field in kind.names or ()
    ]
    size = f'_Static_assert(sizeof({name}) == {kind.itemsize}, "{name}");'
    return ["typedef struct {", *body, f"}} {name};", *checks, size]


def _field(name: str, kind: np.dtype[Any]) -> str:
    width = "".join(f"[{n}]" for n in kind.shape)
    return f"    {_TYPES[kind.base.str[1:]]} {name}{width};"


@cache
def library() -> ctypes.CDLL:
    """Compile and load the C version.

    Raises:
        RuntimeError: no compiler, or it does not compile.
    """
    with TemporaryDirectory(prefix="followlab-c-") as folder:
        built = Path(folder) / "browse.so"
        compile_to(built)
        return ctypes.CDLL(str(built))


def compile_to(built: Path, *more: str) -> None:
    """Compile the C version to a shared library, with more flags if given.

    Raises:
        RuntimeError: no compiler, or it does not compile.
    """
    command = compiler()
    if command is None:
        raise RuntimeError("no C compiler (cc, gcc or clang) was found")
    (built.parent / "layout.h").write_text(header(), encoding="ascii")
    call = [command, *FLAGS, *more, f"-I{built.parent}", str(SOURCE), "-o", str(built), "-lm"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(call)}\n{done.stderr}")


# In order, 64 bits each: pointers and whole numbers.
_INPUTS = (
    *("accounts", "follow_ids", "ties", "directory", "directory_mask", "warmth"),
    *("start", "posts", "spots", "spots_mask", "params", "hits", "hit_count", "seed", "hour"),
    *("viewers", "reads", "sessions", "offsets", "viewer_count"),
)


class _Input(ctypes.Structure):
    """``input_t`` of browse.c; all words of it are 64 bits wide."""

    _fields_ = [(name, ctypes.c_uint64) for name in _INPUTS]


def _address(array: NDArray[Any]) -> int:
    assert array.flags.c_contiguous
    return int(array.ctypes.data)


def inputs(call: FeedCall) -> dict[str, Any]:
    """Return what the C version reads, arrays and whole numbers, in the order of ``input_t``."""
    state, wall = call.state, call.wall
    given = {
        "accounts": state.accounts,
        "follow_ids": state.follow_ids,
        "ties": state.ties,
        "directory": state.directory,
        "directory_mask": len(state.directory) - 1,
        "warmth": call.tables.warmth,
        "start": wall.start,
        "posts": wall.posts,
        "spots": wall.spots,
        "spots_mask": wall.spots.shape[1] - 1,
        "params": call.params,
        "hits": call.hits,
        "hit_count": len(call.hits),
        "seed": int(call.seed),
        "hour": call.hour,
        "viewers": call.viewers,
        "reads": call.reads,
        "sessions": call.sessions,
        "offsets": call.offsets,
        "viewer_count": len(call.viewers),
    }
    return {name: given[name] for name in _INPUTS}


def _input(call: FeedCall) -> _Input:
    """Return the same as a struct."""
    given = inputs(call)
    is_array = {name: isinstance(value, np.ndarray) for name, value in given.items()}
    return _Input(*(_address(given[name]) if is_array[name] else given[name] for name in given))


def browse(call: FeedCall, feeds: Feeds, first: int, last: int) -> None:
    """Fill the feeds of viewers ``first`` to ``last - 1``; the GIL is released meanwhile."""
    outputs = (feeds.shown, feeds.displaced, feeds.crowding, feeds.impressions)
    library().browse(
        ctypes.byref(_input(call)),
        ctypes.c_int64(first),
        ctypes.c_int64(last),
        *(ctypes.c_void_p(_address(array)) for array in outputs),
    )
