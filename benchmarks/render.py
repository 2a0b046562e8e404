"""The tables of README.md and the figures, made from latest.json."""

import json
import re
from pathlib import Path
from typing import Any

from benchmarks import figures, tables

FOLDER = Path(__file__).parent
README = FOLDER / "README.md"
LATEST = FOLDER / "latest.json"
FIGURES = FOLDER / "figures"
_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def load(path: Path = LATEST) -> dict[str, Any]:
    """Return what was measured last."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def rendered(text: str, found: dict[str, Any]) -> str:
    """Return a text with its tables made anew; each stands between two comments."""

    def made(block: re.Match[str]) -> str:
        return f"{block[1]}{tables.make(block[2], found)}\n{block[3]}"

    return _BLOCK.sub(made, text)


def names(text: str) -> list[str]:
    """Return the names of the tables of a text."""
    return [block[1] for block in _BLOCK.findall(text)]


def everything() -> None:
    """Make the tables of the README and all figures."""
    found = load()
    README.write_text(rendered(README.read_text(encoding="utf-8"), found), encoding="utf-8")
    FIGURES.mkdir(exist_ok=True)
    for name, draw in figures.ALL.items():
        figure = draw(found)
        if figure is not None:
            figure.savefig(FIGURES / f"{name}.png", dpi=150)
