"""The findings that travel with the project: figures, a table, and words in results/README.md."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from sim import files
from sim._version import model_version
from sim.findings import figures
from sim.findings.running import Finding
from sim.findings.words import markdown, summary, verdicts
from sim.marks import fill
from sim.plots import save
from sim.shipping import rounded

__all__ = ["TABLE", "table", "write", "write_words"]

TABLE: Final = "claims.csv"
FOLDER: Final = "findings"


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


def write(findings: Sequence[Finding], out: Path) -> list[Path]:
    """Draw every figure and write the table into ``out/findings``; return their paths."""
    known = [one for one in findings if one.default is not None]
    if not known:
        return []
    folder, foot = out / FOLDER, _foot(known)
    drawn = {"overview": figures.overview(known, foot)}
    drawn |= {one.name: figures.of_claim(one, f"{one.name}: {_foot([one])}") for one in known}
    paths = [save(figure, folder / f"{name}.png") for name, figure in drawn.items()]
    with files.replacing(folder / TABLE) as temporary:
        rounded(table(known)).to_csv(temporary, index=False)
    return [*paths, folder / TABLE]


def _foot(findings: Sequence[Finding]) -> str:
    worlds = {one.default.worlds for one in findings if one.default is not None}
    count = str(min(worlds)) if len(worlds) == 1 else f"{min(worlds)} to {max(worlds)}"
    return f"{count} worlds as declared; followlab findings; model {model_version()}"


def write_words(findings: Sequence[Finding], readme: Path) -> bool:
    """Put the findings between their marks in a README; return whether it has such marks."""
    overview = f"![The claims, tested]({FOLDER}/overview.png)"
    told = "\n\n".join([summary(findings), overview, markdown(findings, FOLDER)])
    return fill(readme, "claims", told)
