"""Running a validation: every seed is kept as soon as it is done, and found again."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from time import perf_counter
from typing import Any, Final, Protocol

import numpy as np

from sim import files
from sim._version import model_version
from sim.experiments.choice import choose
from sim.experiments.executors import count_days
from sim.experiments.together import each, working
from sim.scenario import Scenario
from sim.scenario.overrides import Sets
from sim.validation import histories, shapes
from sim.validation.checks import CHECKS, Check, Curve
from sim.validation.evidence import FULL_DAYS, Evidence, gather, require_burn_in
from sim.validation.laws import LAWS, Law, LawResult
from sim.validation.shapes import Shape
from sim.validation.trials import ASKED_DAYS

__all__ = ["QUICK", "SHARE", "Found", "Listener", "Plan", "Validation", "validate"]

SHARE: Final = 0.8
"""Share of the seeds that must be in band: four of five."""


@dataclass(frozen=True)
class Plan:
    """How thoroughly to look."""

    seeds: int = 5
    days: int = FULL_DAYS
    law_accounts: int = 100_000


QUICK: Final = Plan(seeds=1, days=60, law_accounts=5_000)
"""For a computer that checks every change: a world of `QUICK_ACCOUNTS`, one seed."""
QUICK_ACCOUNTS: Final = 3_000
ACCOUNTS: Final = 20_000
"""Accounts of the default world that is looked at."""


class Listener(Protocol):
    """Hears how a validation goes on."""

    def days(self, done: Sequence[int], each: int) -> None:
        """So many days has each seed under way behind it, of so many of all its lives."""

    def kept(self, seed: int, seconds: float) -> None:
        """A seed is done, in so many seconds; 0 if it was there already."""


@dataclass(frozen=True)
class Found:
    """What was found for a check: a value and perhaps a curve for each seed."""

    check: Check
    values: tuple[float, ...]
    curves: tuple[Curve, ...]

    @property
    def in_band(self) -> int:
        """Seeds in band."""
        return sum(self.check.verdict(value) == "in band" for value in self.values)

    @property
    def answered(self) -> int:
        """Seeds whose world was large enough to tell."""
        return sum(self.check.verdict(value) != "no answer" for value in self.values)

    @property
    def median(self) -> float:
        """Median over the seeds that have an answer."""
        known = [value for value in self.values if not np.isnan(value)]
        return float(np.median(known)) if known else nan

    @property
    def verdict(self) -> str:
        """In band if four of five seeds are; out of it if more than one of five is.

        Otherwise too few worlds could tell. What is out of band lies where the median does, or
        else the first seed outside.
        """
        enough = SHARE * len(self.values)
        if self.in_band >= enough:
            return "in band"
        outside = [v for v in (self.median, *self.values) if self.check.verdict(v) in _OUTSIDE]
        is_out = self.answered - self.in_band > len(self.values) - enough
        return self.check.verdict(outside[0]) if is_out else "no answer"


_OUTSIDE: Final = ("below", "above")


@dataclass(frozen=True)
class Validation:
    """All that was found."""

    scenario: Scenario
    plan: Plan
    seeds: tuple[int, ...]
    found: tuple[Found, ...]
    laws: tuple[tuple[Law, tuple[LawResult, ...]], ...]
    shape: Shape
    """Of the follow graph of the first seed at the end of the burn-in."""
    moves: Mapping[str, list[float]]
    """How the counts of established accounts move: see `histories.STATISTICS`; all seeds."""
    folder: Path
    seconds: float
    """Of the worlds, added up."""

    @property
    def failed(self) -> list[str]:
        """The keys of what is out of band or does not hold."""
        checks = [one.check.key for one in self.found if one.verdict in _OUTSIDE]
        return checks + [law.key for law, all_ in self.laws if not all(r.holds for r in all_)]


def validate(
    scenario: Scenario | str | Path | None = None,
    *,
    plan: Plan | None = None,
    accounts: int | None = None,
    settings: Sets | None = None,
    out: str | Path = "results",
    fresh: bool = False,
    workers: int | None = None,
    listener: Listener | None = None,
) -> Validation:
    """Measure every check and law in several worlds, and say which hold.

    Args:
        scenario: Whose world, population, platform and behaviour to use; by default the
            defaults. Its arms, protagonists and events are left out.
        plan: How thoroughly; by default five seeds and the full watch of 197 days.
        accounts: Size of the world; by default the scenario's, and 20,000 without one.
        settings: Other settings by dotted key.
        out: Folder of all results; seeds are kept in ``out/validation/<name>-<hash>``.
        fresh: Forget seeds that are there.
        workers: Seeds at a time; by default one for each core.
        listener: Hears how it goes.

    Seeds that were kept by an earlier call with the same settings are used again.

    Raises:
        NothingSteady: the scenario has no burn-in.
    """
    chosen, plan = _choose(scenario, accounts, settings), plan or Plan()
    require_burn_in(chosen)
    folder = Path(out) / "validation" / f"{chosen.scenario.name}-{_identity(chosen, plan)}"
    first = chosen.scenario.seed
    seeds = tuple(range(first, first + plan.seeds))
    paths = {seed: folder / f"seed-{seed}.json" for seed in seeds}
    _live(chosen, plan, paths, fresh, workers, listener)
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in paths.values()]
    found = tuple(_found(check, kept) for check in CHECKS)
    laws = tuple((law, tuple(LawResult(*one["laws"][law.key]) for one in kept)) for law in LAWS)
    shape, seconds = Shape.of_plain(kept[0]["shape"]), sum(one["seconds"] for one in kept)
    moves = {
        key: [float(value) for one in kept for value in one["moves"][key]]
        for key in kept[0]["moves"]
    }
    return Validation(chosen, plan, seeds, found, laws, shape, moves, folder, seconds)


def _choose(
    source: Scenario | str | Path | None, accounts: int | None, settings: Sets | None
) -> Scenario:
    """Return the scenario with these settings."""
    plain = source is None
    scenario = choose(_DEFAULTS if source is None else source, settings=settings)
    size = ACCOUNTS if plain and not _names_size(settings) else None
    size = size if accounts is None else accounts
    return scenario if size is None else choose(scenario, settings={"world.accounts": size})


def _names_size(settings: Sets | None) -> bool:
    return any(str(one).startswith("world.accounts") for one in settings or ())


_DEFAULTS: Final = 'schema = 1\n[scenario]\nname = "defaults"\n'


def _identity(scenario: Scenario, plan: Plan) -> str:
    """Return a short hash of all that a seed's values depend on, besides the seed."""
    checks = [
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(__file__).parent.glob("*.py"))
        if path.name in _DECIDING
    ]
    parts = (scenario.world_hash, model_version(), str((plan.days, plan.law_accounts)), *checks)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]


_DECIDING: Final = (
    "checks.py", "evidence.py", "graphs.py", "histories.py", "laws.py", "shapes.py", "trials.py",
    "watch.py",
)  # fmt: skip
"""The files of this package that values depend on."""


def _live(
    scenario: Scenario,
    plan: Plan,
    paths: Mapping[int, Path],
    fresh: bool,
    workers: int | None,
    listener: Listener | None,
) -> None:
    """Live through the worlds of the seeds whose file is not there yet, and write it."""
    missing = [seed for seed, path in paths.items() if fresh or not path.is_file()]
    say = listener.kept if listener else lambda seed, seconds: None
    days = scenario.world.burn_in_days + plan.days + ASKED_DAYS
    for seed in paths:
        if seed not in missing:
            say(seed, 0.0)
    if not missing:
        return
    with working(workers, len(missing)) as pool:
        each(
            pool,
            _of_seed,
            [(scenario, plan, seed, paths[seed]) for seed in missing],
            on_done=lambda place, seconds: say(missing[place], seconds),
            on_days=(lambda done: listener.days(done, days)) if listener else None,
        )


def _of_seed(scenario: Scenario, plan: Plan, seed: int, path: Path) -> float:
    """Live through the world of a seed, keep what it gave, and return the seconds it took."""
    start, count = perf_counter(), count_days()
    evidence = gather(scenario, seed, plan.days, lambda what, day: count(day))
    laws = {law.key: _law(law, plan.law_accounts, seed) for law in LAWS}
    checks, seconds = _measured(evidence), round(perf_counter() - start, 1)
    shape = shapes.of_graph(shapes.SIMULATED, evidence.watched.before).plain()
    moves = histories.statistics(histories.of_table(evidence.watched.large))
    made = {"seed": seed, "checks": checks, "laws": laws, "shape": shape}
    made |= {"moves": _digits(moves), "seconds": seconds}
    files.new_text(path, json.dumps(made) + "\n")
    return seconds


def _digits(moves: Mapping[str, list[float]]) -> dict[str, list[float]]:
    return {key: [float(f"{value:.4g}") for value in values] for key, values in moves.items()}


def _law(law: Law, accounts: int, seed: int) -> list[float]:
    result = law.try_out(accounts, seed)
    return [float(result.expected), float(result.found), float(result.error)]


def _measured(evidence: Evidence) -> dict[str, Any]:
    """Return value and curve of each check as JSON can hold them."""
    return {check.key: _one(check, evidence) for check in CHECKS}


def _one(check: Check, evidence: Evidence) -> dict[str, Any]:
    curve = check.picture.curve(evidence) if check.picture else Curve(np.zeros(0), np.zeros(0))
    value = float(check.measure(evidence))
    return {
        "value": None if np.isnan(value) else value if np.isfinite(value) else str(value),
        "x": _thinned(curve.x),
        "y": _thinned(curve.y),
    }


def _thinned(values: Iterable[float]) -> list[float]:
    """Return at most some hundred values, to five digits: enough for a line."""
    array = np.asarray(values, float)
    if len(array) > _POINTS:
        array = array[np.unique(np.linspace(0, len(array) - 1, _POINTS).round().astype(int))]
    return [float(f"{value:.5g}") for value in array]


_POINTS: Final = 200


def _found(check: Check, kept: Sequence[dict[str, Any]]) -> Found:
    parts = [one["checks"][check.key] for one in kept]
    values = tuple(nan if part["value"] is None else float(part["value"]) for part in parts)
    curves = tuple(Curve(np.array(part["x"]), np.array(part["y"])) for part in parts)
    return Found(check, values, curves)
