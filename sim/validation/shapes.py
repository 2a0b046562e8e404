"""Shapes: the numbers and distributions by which follow graphs are laid side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.plots.text import number
from sim.validation import graphs
from sim.validation.graphs import Graph

__all__ = ["SIMULATED", "Shape", "of_file", "of_graph", "table"]

SIMULATED: Final = "simulated"
_POINTS: Final = 200


@dataclass(frozen=True)
class Shape:
    """The shape of one graph."""

    name: str
    numbers: Mapping[str, float]
    followers: tuple[NDArray[np.float64], NDArray[np.float64]]
    """Degrees, and the share of accounts with at least so many."""
    follows: tuple[NDArray[np.float64], NDArray[np.float64]]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        curves = {name: [list(map(float, part)) for part in getattr(self, name)]
                  for name in ("followers", "follows")}  # fmt: skip
        return {"name": self.name, "numbers": dict(self.numbers), **curves}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Shape":
        """Return a shape from what `plain` returned."""
        followers, follows = (tuple(np.array(part) for part in plain[name])
                              for name in ("followers", "follows"))  # fmt: skip
        return cls(plain["name"], plain["numbers"], followers, follows)  # type: ignore[arg-type]


def of_graph(name: str, graph: Graph) -> Shape:
    """Return the shape of a graph."""
    curves = (_thinned(graphs.survival(values)) for values in (graph.followers(), graph.follows()))
    return Shape(name, graphs.shape(graph), next(curves), next(curves))


def of_file(path: Path) -> Shape:
    """Return the shape of an edge list; errors as in `sim.world.edge_list.read`."""
    return of_graph(path.name, graphs.read(path))


def _thinned(
    curve: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return some of the points of a curve, evenly by the logarithm of the degree."""
    values, share = curve
    if len(values) > _POINTS:
        wanted = np.geomspace(values[0], values[-1], _POINTS)
        chosen = np.unique(np.searchsorted(values, wanted))
        values, share = values[chosen], share[chosen]
    return values.astype(float), share


def table(shapes: Sequence[Shape]) -> list[list[str]]:
    """Return the numbers as rows: a measure, and its value in each graph."""
    measures = list(shapes[0].numbers)
    return [[name, *(number(one.numbers[name]) for one in shapes)] for name in measures]
