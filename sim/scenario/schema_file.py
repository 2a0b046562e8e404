"""Writes scenarios/schema.json: ``python -m sim.scenario.schema_file``."""

import json
from pathlib import Path

from sim.scenario.documents import json_schema
from sim.scenario.source import shipped_folder

__all__ = ["main", "schema_path", "schema_text"]


def schema_path() -> Path:
    """Where the schema for editors is shipped."""
    return shipped_folder() / "schema.json"


def schema_text() -> str:
    """What the file must hold."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file anew."""
    schema_path().write_text(schema_text(), encoding="utf-8")
    print(f"wrote {schema_path().name}")


if __name__ == "__main__":
    main()
