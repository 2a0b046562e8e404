"""Writes the generated parts of the READMEs anew: ``python -m sim.scenario.docs``.

How a generated part is marked, `sim.marks` says.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from sim.marks import between
from sim.scenario.documents import claim_table, example, parameter_tables
from sim.scenario.source import shipped_folder

__all__ = ["GENERATED", "main", "renewed"]


def _fenced_example() -> str:
    return f"```toml\n{example()}```"


GENERATED: Final[dict[str, tuple[Callable[[], Path], Callable[[], str]]]] = {
    "parameters": (lambda: Path(__file__).parent / "README.md", parameter_tables),
    "claims": (lambda: shipped_folder() / "README.md", claim_table),
    "example": (lambda: shipped_folder() / "README.md", _fenced_example),
}
"""By name: the file in which a part stands, and what makes it."""


def renewed(name: str) -> tuple[Path, str]:
    """The file of a generated part, and the text that it should have."""
    place, make = GENERATED[name]
    path = place()
    return path, between(path.read_text(encoding="utf-8"), name, make())


def main() -> None:
    """Write all generated parts anew."""
    for name in GENERATED:
        path, text = renewed(name)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {name} in {path.parent.name}/{path.name}")


if __name__ == "__main__":
    main()
