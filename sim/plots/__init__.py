"""Figures of results: one file a figure, found by itself.

A figure is a module of this package with ``ORDER`` (its place), ``NAME`` (its file name),
``TITLE``, ``figure(results)``, ``caption(results)`` (how to read it) and ``alt(results)`` (what it
shows, in words). Put a new file here and it is drawn, saved and reported with the others. The
figures of sweeps stand in `sim.plots.sweeps`, with ``applies(results)`` besides.
"""

from __future__ import annotations

import importlib
import io
import pkgutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from sim import files
from sim.experiments.points import is_sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.results import Results

__all__ = ["Plot", "SweepPlot", "drawn", "plots", "render", "save", "save_all", "sweep_plots"]

DPI = 150


class Plot(Protocol):
    """A module that draws one figure."""

    ORDER: int
    NAME: str
    TITLE: str

    def figure(self, results: Results) -> Figure:
        """Draw the figure."""

    def caption(self, results: Results) -> str:
        """Say what the figure shows and how to read it."""

    def alt(self, results: Results) -> str:
        """Say in words what can be seen, for those who cannot see it."""


class SweepPlot(Plot, Protocol):
    """A module that draws one figure of a sweep, of any measure."""

    def applies(self, results: Results) -> bool:
        """Whether the sweep's design has what the figure shows."""

    def figure(self, results: Results, measure: str | None = None) -> Figure:
        """Draw the figure."""


def plots() -> list[Plot]:
    """All figures of runs, in order."""
    return _found(__name__, __path__)


def sweep_plots() -> list[SweepPlot]:
    """All figures of sweeps, in order."""
    from sim.plots import sweeps

    return [cast(SweepPlot, plot) for plot in _found(sweeps.__name__, sweeps.__path__)]


def drawn(results: Results) -> Sequence[Plot]:
    """The figures that results have: those of a sweep that apply, or those of runs."""
    if not is_sweep(results):
        return plots()
    return [plot for plot in sweep_plots() if plot.applies(results)]


def _found(package: str, path: Iterable[str]) -> list[Plot]:
    names = sorted(module.name for module in pkgutil.iter_modules(path))
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    found = [cast(Plot, module) for module in modules if hasattr(module, "ORDER")]
    return sorted(found, key=lambda plot: plot.ORDER)


def render(figure: Figure, kind: str) -> bytes:
    """The file of a figure, ``kind`` "png" (150 dpi) or "svg"; the same bytes each time."""
    from sim.plots import style

    # Dates and versions of libraries would make two files of the same figure differ.
    metadata = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}[kind]
    buffer = io.BytesIO()
    with style.context():
        figure.savefig(buffer, format=kind, dpi=DPI, metadata=metadata)
    return buffer.getvalue()


def save(figure: Figure, path: Path) -> Path:
    """Save a figure, whole or not at all, as what the path ends in: ".png" or ".svg"."""
    with files.replacing(path) as temporary:
        temporary.write_bytes(render(figure, path.suffix.removeprefix(".")))
    return path


def save_all(
    results: Results, folder: str | Path, kinds: Sequence[str] = ("png", "svg")
) -> list[Path]:
    """Draw the figures of results into ``folder`` and return their paths; files are whole."""
    saved: list[Path] = []
    for plot in drawn(results):
        figure = plot.figure(results)
        saved += [save(figure, Path(folder) / f"{plot.NAME}.{kind}") for kind in kinds]
    return saved
