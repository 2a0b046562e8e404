"""What an impression costs in instructions, whatever else the machine is doing.

Valgrind counts them in the C version of the browse kernel, with the branches that a simple
predictor gets wrong and the reads that caches of usual sizes miss. It runs the program in an
interpreter that knows no AVX-512, so the vectors are half as wide as on this machine.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks import c_version, feed_call, worlds
from benchmarks.feed import looked_at
from benchmarks.feed_call import FeedCall

COUNTED = {
    "Ir": "instructions",
    "Bcm": "mispredicted",
    "D1mr": "first_level_misses",
    "DLmr": "last_level_misses",
}
_FLAGS = ("-march=x86-64-v3",)
_SIMULATED = ("--cache-sim=yes", "--branch-sim=yes", "--D1=32768,8,64", "--LL=33554432,16,64")
_CHILD = """
import ctypes, sys
import numpy as np
library, arrays = ctypes.CDLL(sys.argv[1]), dict(np.load(sys.argv[2]))
given = [arrays[name] for name in arrays["order"]]
outputs = [np.zeros(arrays["room"], np.uint64) for _ in range(4)]
call = (ctypes.c_uint64 * len(given))(*(a.ctypes.data if a.ndim else int(a) for a in given))
places = [ctypes.c_void_p(out.ctypes.data) for out in outputs]
for _ in range(int(sys.argv[3])):
    library.browse(call, ctypes.c_int64(0), ctypes.c_int64(len(arrays["viewers"])), *places)
"""


def measure(accounts: int) -> dict[str, Any]:
    """Count what the C version does for each impression of a tick."""
    missing = next((name for name in ("valgrind", "cc") if not shutil.which(name)), "")
    if missing:
        return {"accounts": accounts, "missing": missing}
    call = feed_call.catch(worlds.living(accounts))
    feeds = feed_call.blank(call)
    feed_call.browse(call, feeds, 0, len(call.viewers))
    shown = feeds.total()
    with TemporaryDirectory(prefix="followlab-counts-") as folder:
        found = _count(call, feeds.impressions.nbytes, Path(folder))
    per = {name: found[event] / shown for event, name in COUNTED.items()}
    return {"accounts": accounts, **per, **looked_at(call, shown / len(call.viewers))}


def _count(call: FeedCall, room: int, folder: Path) -> dict[str, int]:
    """Return the events of one call by their names in Valgrind: what a second call adds."""
    c_version.compile_to(folder / "browse.so", *_FLAGS)
    given = c_version.inputs(call)
    np.savez(folder / "call.npz", order=list(given), room=room // 8 + 1, **given)
    once, twice = (_events(folder, calls) for calls in (1, 2))
    return {event: twice[event] - once[event] for event in COUNTED}


def _events(folder: Path, calls: int) -> dict[str, int]:
    """Return the events of a process that makes so many calls."""
    out = folder / f"{calls}.out"
    command = ["valgrind", "--tool=cachegrind", *_SIMULATED]
    command += [f"--cachegrind-out-file={out}", sys.executable, "-c", _CHILD]
    command += [str(folder / "browse.so"), str(folder / "call.npz"), str(calls)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    lines = dict(line.split(": ", 1) for line in out.read_text().splitlines() if ": " in line)
    return dict(zip(lines["events"].split(), map(int, lines["summary"].split()), strict=True))
