"""The findings that travel with the project: figures, a table, and words in results/README.md."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sim import files
from sim._version import model_version
from sim.findings import figures
from sim.findings.matrix import matrix
from sim.findings.premises import DEFAULT
from sim.findings.running import Finding
from sim.findings.words import markdown, repeated, summary, verdicts
from sim.marks import fill
from sim.plots import save
from sim.shipping import NOTE, fingerprint, rounded

__all__ = ["TABLE", "note", "record", "table", "write", "write_words"]

TABLE: Final = "claims.csv"
FOLDER: Final = "findings"
MARK: Final = "claims"
PREMISES: Final = "premises"


def table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return one row a claim and condition, with what was found and the verdict."""
    said = verdicts(findings)
    rows = [
        {"claim": one.name, "condition": condition.key, "label": condition.label}
        | outcome.plain()
        | {"p": outcome.p, "p_holm": said[one.name][1] if condition.premise == "" else None}
        | {"verdict": said[one.name][0] if condition.premise == "" else None}
        for one in findings
        if one.name in said
        for condition, outcome in one.outcomes.values()
    ]
    return pd.DataFrame(rows)


def write(findings: Sequence[Finding], folder: Path, *, together: bool = True) -> list[Path]:
    """Draw a figure of each claim and, ``together``, one of all and the table; return the paths."""
    known = [one for one in findings if one.default is not None]
    drawn = {one.name: figures.of_claim(one, f"{one.name}: {_foot([one])}") for one in known}
    together = together and bool(known)
    if together:
        drawn["overview"] = figures.overview(known, _foot(known))
    if together and _is_repeated(known):
        drawn[PREMISES] = matrix(known, _foot(known))
    paths = [save(figure, folder / f"{name}.png") for name, figure in drawn.items()]
    if together:
        with files.replacing(folder / TABLE) as temporary:
            rounded(table(known)).to_csv(temporary, index=False)
        paths.append(folder / TABLE)
    return paths


def _is_repeated(findings: Sequence[Finding]) -> bool:
    return any(len(one.outcomes) > 1 for one in findings)


def _foot(findings: Sequence[Finding]) -> str:
    every = [pair for one in findings for pair in one.outcomes.values()]
    declared = _range({outcome.worlds for condition, outcome in every if condition == DEFAULT})
    others = {outcome.worlds for condition, outcome in every if condition != DEFAULT}
    elsewhere = f", {_range(others)} worlds elsewhere" if others else ""
    model = f"followlab findings; model {model_version()}"
    return f"{declared} worlds as declared{elsewhere}; {model}"


def _range(counts: set[int]) -> str:
    return str(min(counts)) if len(counts) == 1 else f"{min(counts)} to {max(counts)}"


def record(findings: Sequence[Finding], out: Path) -> None:
    """Fill in the READMEs, and note beside the figures what model and scenarios they are of."""
    write_words(findings, out)
    files.new_text(out / FOLDER / NOTE, json.dumps(note(findings), indent=2) + "\n")


def note(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return how shipped findings came about, and what makes them stale."""
    known = [one for one in findings if one.default is not None]
    return {
        "command": "followlab findings",
        "model_version": model_version(),
        "model_fingerprint": fingerprint(),
        "scenario_hashes": {one.name: one.scenario.hash for one in known},
    }


def write_words(findings: Sequence[Finding], out: Path) -> bool:
    """Put the findings between the marks of the README in ``out``, and their sum in the one above.

    Returns whether the former has such marks.
    """
    said = summary(findings)
    fill(out.resolve().parent / "README.md", MARK, f"{said} {repeated(findings)}")
    parts = [f"{said} {repeated(findings)}", f"![The claims, tested]({FOLDER}/overview.png)"]
    if _is_repeated(findings):
        parts.append(f"![The claims across the premises]({FOLDER}/{PREMISES}.png)")
    return fill(out / "README.md", MARK, "\n\n".join([*parts, markdown(findings, FOLDER)]))
