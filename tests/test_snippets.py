"""What stands in a README runs: Python blocks are executed, TOML blocks loaded.

A block after a line `<!-- no-test -->` is left out. Blocks of one README run one after the
other in a process of their own, in a folder of their own.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.scenario import loads

ROOT = Path(__file__).parents[1]
SKIPPED = {".venv", ".git", "node_modules", "build", "dist"}
FENCE = re.compile(r"( *)```(\w*)\s*$")
UNTRIED = "<!-- no-test -->"


class Block(NamedTuple):
    """A block of code in a README."""

    language: str
    line: int
    text: str


def readmes() -> list[Path]:
    """All READMEs of the project."""
    found = sorted(ROOT.rglob("README.md"))
    return [path for path in found if SKIPPED.isdisjoint(path.relative_to(ROOT).parts)]


def blocks_in(text: str, language: str) -> list[Block]:
    """The blocks of a language that are to be tried."""
    out: list[Block] = []
    begin, indent, before = 0, "", ""
    lines = ["", *text.splitlines()]
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if fence and not begin:
            begin, indent, before = number + 1, fence[1], lines[number - 1].strip()
            wanted = fence[2] == language and before != UNTRIED
        elif fence and fence[1] == indent:
            if wanted:
                body = [one.removeprefix(indent) for one in lines[begin:number]]
                out.append(Block(language, begin, "\n".join(body)))
            begin = 0
    return out


def named(language: str) -> list[object]:
    """Every README that has blocks of a language, with its blocks."""
    return [
        pytest.param(path, blocks, id=str(path.relative_to(ROOT)))
        for path in readmes()
        if (blocks := blocks_in(path.read_text(encoding="utf-8"), language))
    ]


@pytest.mark.parametrize(("path", "blocks"), named("python"))
def test_python_runs(path: Path, blocks: list[Block], tmp_path: Path) -> None:
    """In one process, as a reader would who types them in turn; lines are those of the README."""
    lines = [""] * max(block.line + block.text.count("\n") + 1 for block in blocks)
    for block in blocks:
        text = block.text.splitlines()
        lines[block.line - 1 : block.line - 1 + len(text)] = text
    script = tmp_path / path.name.replace(".md", ".py")
    script.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{path}:\n{done.stderr}"


@pytest.mark.parametrize(("path", "blocks"), named("toml"))
def test_toml_loads(path: Path, blocks: list[Block]) -> None:
    for block in blocks:
        loads(block.text)


def test_blocks_are_found() -> None:
    text = (
        "# A\n\n```python\na = 1\n```\n\n<!-- no-test -->\n```python\n1 / 0\n```\n\n"
        "- b\n\n  ```toml\n  schema = 1\n  ```\n```sh\nls\n```\n"
    )
    assert blocks_in(text, "python") == [Block("python", 4, "a = 1")]
    assert blocks_in(text, "toml") == [Block("toml", 15, "schema = 1")]


def test_there_is_something_to_try() -> None:
    assert len(named("python")) >= 3
    assert len(named("toml")) >= 1
