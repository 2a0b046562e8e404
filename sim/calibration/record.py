"""The record of a calibration: what was fitted, how well, and how surely."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import files
from sim._version import model_version
from sim.calibration.study import Setup, Trial
from sim.calibration.targets import FREE, Free, default_of, misfits
from sim.plots import save, style
from sim.plots.style import EDGE, FOOT, GREY, INK, PALE, WIDTH, Page
from sim.plots.text import number
from sim.validation.checks import CHECKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LEAST", "Surely", "fit_figure", "surely", "sureness_figure", "write"]

_GOOD: Final = 0.2  # share of the trials that count as good
LEAST: Final = 100
"""Trials from which something can be said about sureness."""
_DEFAULT, _BEST = "#D55E00", "#0072B2"
_ROW: Final = 0.26


@dataclass(frozen=True)
class Surely:
    """How well the trials tell the free settings."""

    good: list[Trial]
    profile: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
    """Of each setting: values, and the least loss among trials near each."""
    spread: dict[str, float]
    """Standard deviation among good trials over that of the whole range: 1 tells nothing."""
    correlation: NDArray[np.float64]
    """Of the settings, among good trials (settings, settings)."""


def surely(every: Sequence[Trial]) -> Surely:
    """Say how well the settings are told apart.

    The good trials are the fifth with the least loss. Positions are on the scale (linear or
    logarithmic) on which a setting is searched, from 0 to 1; a uniform spread has a standard
    deviation of 1/√12.
    """
    ranked = sorted(every, key=lambda trial: trial.loss)
    good = ranked[: max(3, round(_GOOD * len(ranked)))]
    places = np.array([[_place(free, trial.settings[free.key]) for free in FREE] for trial in good])
    spread = places.std(axis=0) * np.sqrt(12)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(np.corrcoef(places.T))
    keys = [free.key for free in FREE]
    return Surely(
        good,
        {free.key: _profile(free, every) for free in FREE},
        dict(zip(keys, spread.tolist(), strict=True)),
        np.asarray(correlation),
    )


def _place(free: Free, value: float) -> float:
    """Return where a value lies in its range, 0 to 1, on the scale of the search."""
    if free.is_log and free.low > 0:
        return log(value / free.low) / log(free.high / free.low)
    return (value - free.low) / (free.high - free.low)


def _profile(
    free: Free, every: Sequence[Trial], parts: int = 10
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle of each tenth of the range, and the least loss in it (nan if none)."""
    place = np.array([_place(free, trial.settings[free.key]) for trial in every])
    loss = np.array([trial.loss for trial in every])
    part = np.clip((place * parts).astype(int), 0, parts - 1)
    least = [loss[part == k].min() if (part == k).any() else np.nan for k in range(parts)]
    return (np.arange(parts) + 0.5) / parts, np.array(least)


# ---- what is written ----------------------------------------------------------------------


def write(setup: Setup, every: Sequence[Trial], out: Path) -> list[Path]:
    """Write record, table and figures; return their paths.

    In ``out/calibration``, or beside the trials if they were in other worlds than by default.
    """
    folder = out / "calibration" if setup.is_of_record else setup.folder(out)
    best = min(every, key=lambda trial: trial.loss)
    told = {
        "model": model_version(),
        "worlds": {"accounts": setup.accounts, "seeds": setup.seeds, "days": setup.days},
        "trials": len(every),
        "free": {f.key: {"low": f.low, "high": f.high, "default": default_of(f.key)} for f in FREE},
        "best": _told(best),
        "defaults": _told(every[0]),
    }
    if len(every) >= LEAST:
        told["spread_among_good"] = {k: round(v, 3) for k, v in surely(every).spread.items()}
    paths = [folder / "record.json", folder / "trials.csv"]
    files.new_text(paths[0], json.dumps(told, indent=2) + "\n")
    with files.replacing(paths[1]) as temporary:
        _table(every).to_csv(temporary, index=False, float_format="%.6g")
    drawn = {"fit": fit_figure(setup, every)}
    if len(every) >= LEAST:
        drawn["sureness"] = sureness_figure(setup, every)
    return [*paths, *(save(figure, folder / f"{name}.png") for name, figure in drawn.items())]


def _told(trial: Trial) -> dict[str, object]:
    rounded = {key: float(f"{value:.4g}") for key, value in trial.settings.items()}
    values = {k: None if np.isnan(v) else float(f"{v:.4g}") for k, v in trial.values.items()}
    costs = {key: round(value, 3) for key, value in misfits(trial.values).items()}
    return {"loss": round(trial.loss, 4), "settings": rounded, "checks": values, "misfit": costs}


def _table(every: Sequence[Trial]) -> pd.DataFrame:
    rows = [
        {"trial": t.number, "loss": t.loss, **t.settings}
        | {f"check_{key}": value for key, value in t.values.items()}
        for t in every
    ]
    return pd.DataFrame(rows)


def _foot(setup: Setup, every: Sequence[Trial]) -> str:
    return (
        f"{len(every)} trials, each in {setup.seeds} worlds of {number(setup.accounts)} accounts "
        f"watched for {setup.days} days; followlab calibrate; model {model_version()}"
    )


@style.context()
def fit_figure(setup: Setup, every: Sequence[Trial]) -> "Figure":
    """Draw each check's misfit with the defaults and with the best trial."""
    best, first = min(every, key=lambda trial: trial.loss), every[0]
    lead = (
        f"How far each check is from the middle half of its band; 1 is the band's end. Hollow: "
        f"the defaults (loss {first.loss:.2f}); filled: the best trial (loss {best.loss:.2f})."
    )
    page = Page(_foot(setup, every), "How well the settings fit", lead, len(CHECKS) * _ROW + 0.5)
    left = 3.2
    axes = page.axes(EDGE + left, 0, WIDTH - 2 * EDGE - left - 0.2, len(CHECKS) * _ROW)
    costs = [misfits(trial.values) for trial in (first, best)]
    for i, check in enumerate(CHECKS):
        pair = [cost[check.key] for cost in costs]
        axes.plot(pair, [i, i], color=PALE, linewidth=2, zorder=1)
        axes.plot(pair[0], i, "o", color=_DEFAULT, markerfacecolor="white", zorder=2)
        axes.plot(pair[1], i, "o", color=_BEST, zorder=3)
        title = style.shortened(f"{check.key} {check.title}", FOOT, left - 0.1, 1)[0]
        page.text(EDGE, (i + 0.5) * _ROW, title, size=FOOT, color=INK)
    axes.axvline(1.0, color=GREY, linewidth=1)
    axes.set_ylim(len(CHECKS) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xlim(-0.15, 5.15)
    axes.set_xlabel("misfit (above 1 is out of band)")
    return page.figure


@style.context()
def sureness_figure(setup: Setup, every: Sequence[Trial]) -> "Figure":
    """Draw the profile of each setting, and how the settings go together among good trials."""
    known = surely(every)
    lead = (
        "Above: the least loss found in each tenth of a setting's range; flat means that the "
        "checks do not tell it. The number is its spread among the best fifth of the trials (1: as "
        "wide as the range). Below: correlations among these trials."
    )
    across, height = 3, 1.0
    down = -(-len(FREE) // across)
    size = len(FREE) * 0.21
    page = Page(_foot(setup, every), "How surely the settings are told", lead,
                down * height + 0.35 + size + 0.1)  # fmt: skip
    width = (WIDTH - 2 * EDGE) / across
    for i, free in enumerate(FREE):
        top, start = (i // across) * height, EDGE + (i % across) * width
        _profile_panel(page, start, top, width, known, free)
    _matrix(page, down * height + 0.35, size, known)
    return page.figure


def _profile_panel(
    page: Page, left: float, top: float, width: float, known: Surely, free: Free
) -> None:
    name = f"{free.key.split('.')[1]} ({known.spread[free.key]:.2f})"
    page.text(left, top + 0.08, name, size=FOOT)
    axes = page.axes(left + 0.3, top + 0.2, width - 0.45, 0.5)
    x, y = known.profile[free.key]
    shown = np.isfinite(y)
    axes.plot(x[shown], y[shown], "-o", color=_BEST, markersize=3, linewidth=1)
    axes.axvline(np.clip(_place(free, default_of(free.key)), 0, 1), color=_DEFAULT, linewidth=1)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 1], [number(free.low, 2), number(free.high, 2)])
    axes.set_ylim(bottom=0)


def _matrix(page: Page, top: float, size: float, known: Surely) -> "Axes":
    """Draw the correlations, names at the left and numbers below."""
    left, count = 1.75, len(FREE)
    axes = page.axes(EDGE + left, top, WIDTH - 2 * EDGE - left - 0.1, size)
    axes.imshow(known.correlation, cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
    for i in range(count):
        for j in range(count):
            value = known.correlation[i, j]
            if i != j and abs(value) >= 0.3:
                colour = "white" if abs(value) > 0.6 else INK
                axes.text(j, i, f"{value:.1f}".replace("0.", "."), ha="center", va="center",
                          size=FOOT - 1.5, color=colour)  # fmt: skip
    names = [free.key.split(".")[1] for free in FREE]
    axes.set_yticks(range(count), [f"{name}  {i + 1}" for i, name in enumerate(names)])
    axes.set_xticks(range(count), [str(i + 1) for i in range(count)])
    axes.tick_params(length=0, labelsize=FOOT)
    return axes
