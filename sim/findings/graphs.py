"""Real graphs as worlds: the same lives on a follow graph from a file, and in a generated world.

The generated world has as many accounts, and as many follows an account, as the file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Final

from sim.experiments import analysis
from sim.experiments.execute import run as run_scenario
from sim.experiments.intervals import Interval
from sim.experiments.progress import Progress
from sim.marks import fill, table
from sim.plots.text import number, spread, times
from sim.results import Results
from sim.shipping import geometric
from sim.world import edge_list

__all__ = ["Pair", "compare", "markdown", "write"]

SCENARIO: Final = "five_lives"
MEASURES: Final = ("followers", "engaged")
_COLUMNS: Final = (
    "life", "followers, real graph", "generated", "engaged, real graph", "generated",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """The lives on a graph from a file, and in the generated world beside it."""

    name: str
    accounts: int
    follows: int
    real: Results
    generated: Results


def compare(
    path: Path,
    out: Path,
    *,
    worlds: int,
    settings: Sequence[str] = (),
    workers: int | None = None,
    progress: Progress | None = None,
) -> Pair:
    """Run the main scenario on a follow graph and in a generated world of the same size.

    Finished runs are kept, so the same call goes on where it was interrupted.

    Raises:
        EdgeListError: the file is no follow graph.
    """
    edges, accounts = edge_list.read(path)
    follows = int(edges.filled.sum())

    def lived(*typed: str) -> Results:
        return run_scenario(
            SCENARIO, out=out, replicates=worlds, settings=[*settings, *typed], workers=workers,
            resume=True, progress=progress, command=f"followlab findings --graph {path.name}",
        )  # fmt: skip

    real = lived("world.network=file", f'world.file="{path.resolve().as_posix()}"',
                 f"world.accounts={accounts}")  # fmt: skip
    generated = lived(
        f"world.accounts={accounts}", f"world.follows_per_account={max(1.0, follows / accounts)}"
    )
    return Pair(path.name, accounts, follows, real, generated)


def markdown(pairs: Sequence[Pair]) -> str:
    """Return a table for each graph: what each life multiplies, on the graph and beside it."""
    return "\n\n".join(f"{_head(pair)}\n\n{table(_COLUMNS, _rows(pair))}" for pair in pairs)


def _head(pair: Pair) -> str:
    worlds = int(pair.real.runs["replicate"].nunique())
    return (
        f"**{pair.name}** ({number(pair.accounts)} accounts, {number(pair.follows)} follows; "
        f"{worlds} worlds each): ratios to being interesting, geometric means with 95 % intervals."
    )


def _rows(pair: Pair) -> Iterator[list[str]]:
    reference = analysis.reference_life(pair.real)
    for life, label in analysis.labels(pair.real).items():
        if life != reference:
            yield [
                label,
                *(
                    _said(geometric(results, measure, life, reference))
                    for measure in MEASURES
                    for results in (pair.real, pair.generated)
                ),
            ]


def _said(ratio: Interval) -> str:
    if isnan(ratio.mean):
        return "none in some worlds"
    bounds = spread(ratio.low, ratio.high)
    return f"{times(ratio.mean)} ({bounds})" if bounds else times(ratio.mean)


def write(pairs: Sequence[Pair], readme: Path) -> bool:
    """Put the tables between their marks in a README; return whether it has such marks."""
    return fill(readme, "graphs", markdown(pairs))
