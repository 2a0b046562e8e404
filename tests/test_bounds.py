"""Bounds-checked kernels: no case of the twin leaves an array, and a planted error is found."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from twin import lives

ROOT = Path(__file__).parents[1]

PLANTED = """
import numpy as np
from sim.kernels.compiler import inlined, kernel, part

@inlined
def inner(values, place):
    return values[place]

@part
def middle(values, place):
    return inner(values, place)

@kernel
def planted(values: np.ndarray, place: int) -> float:
    '''Read past the end of an array.'''
    return middle(values, place)

try:
    planted(np.zeros(10), 10)
except IndexError as error:
    print("IndexError:", error)
else:
    print("nothing")
"""

FOLDER = "from sim.kernels.compiler import cache_folder; print(cache_folder())"


def said(code: str, tmp_path: Path, **flags: str) -> str:
    """What a fresh interpreter prints; kernels are cached in a folder of this test."""
    script = tmp_path / "planted.py"  # numba keeps code of files only
    script.write_text(code, encoding="utf-8")
    plain = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    env = {**plain, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path / "cache"), **flags}
    done = subprocess.run(
        [sys.executable, str(script)], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_no_case_of_the_twin_reads_or_writes_outside_an_array() -> None:
    """Every access is checked, in every branch that there is; and not a bit moves."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-m", "twin.lives"]
    with subprocess.Popen(
        command, env=env | {"NUMBA_BOUNDSCHECK": "1"}, stdout=subprocess.PIPE, text=True
    ) as checked:
        plain = lives.lived()
        out, _ = checked.communicate()
    assert checked.returncode == 0
    assert json.loads(out) == plain


def test_a_read_out_of_bounds_is_found_with_the_flag_and_only_with_it(tmp_path: Path) -> None:
    """The unchecked build comes first, so the checked run would find it if it looked there."""
    assert said(PLANTED, tmp_path) == "nothing"
    checked = said(PLANTED, tmp_path, NUMBA_BOUNDSCHECK="1")
    assert checked.startswith("IndexError:")
    assert said(PLANTED, tmp_path) == "nothing"
    folders = list((tmp_path / "cache").iterdir())
    assert len(folders) == 2
    assert all(list(folder.rglob("*.nbi")) for folder in folders), "nothing was cached"


@pytest.mark.parametrize("flag", ["NUMBA_BOUNDSCHECK", "NUMBA_OPT", "NUMBA_CPU_NAME"])
def test_every_flag_of_numba_has_a_cache_of_its_own(tmp_path: Path, flag: str) -> None:
    plain = said(FOLDER, tmp_path)
    assert said(FOLDER, tmp_path) == plain
    assert said(FOLDER, tmp_path, **{flag: "1"}) != plain


def test_without_a_place_for_it_there_is_no_cache(tmp_path: Path) -> None:
    """Kernels are compiled all the same."""
    blocked = tmp_path / "a_file"
    blocked.write_text("", encoding="utf-8")
    flags = {"NUMBA_CACHE_DIR": str(blocked)}
    assert said(FOLDER, tmp_path, **flags) == "None"
    assert said(PLANTED, tmp_path, NUMBA_BOUNDSCHECK="1", **flags).startswith("IndexError:")
