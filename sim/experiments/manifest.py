"""The manifest of a run command: all that is needed to repeat it, and to tell it from others."""

import hashlib
import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sim import files
from sim._version import __version__, model_version
from sim.experiments.designs import Design
from sim.experiments.plan import Plan
from sim.results.parts import Run
from sim.results.store import MANIFEST
from sim.scenario import Scenario

__all__ = ["accounts_of", "describe", "hash_of", "identity", "new", "now", "save"]

LIBRARIES = ("duckdb", "llvmlite", "mesa", "networkx", "numba", "numpy", "pandas", "scipy")


def identity(scenario: Scenario, strategies_file: Path | None) -> str:
    """Return a short hash of all that the results depend on.

    That is the scenario (with seed, replicates and arms), the model's version and, if there is
    one, the file with the user's strategies.
    """
    parts = (scenario.hash, model_version(), hash_of(strategies_file))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]


def new(
    plan: Plan, strategies_file: Path | None, command: str, design: Design | None = None
) -> dict[str, Any]:
    """Return the manifest of runs that are about to start."""
    scenario, header = plan.scenario, plan.scenario.scenario
    return {
        "format": 1,
        "status": "running",
        "command": command,
        "model_version": model_version(),
        **describe(scenario),
        "accounts": scenario.world.accounts,
        "days": header.days,
        "replicates": header.replicates,
        "seed": header.seed,
        "seeds": [header.seed + replicate for replicate in range(header.replicates)],
        "protagonists": accounts_of(scenario),
        **_planned(plan),
        **({} if design is None else {"sweep": design.about}),
        "strategies_file": _about(strategies_file),
        "versions": _versions(),
        "commit": _commit(),
        "platform": platform.platform(),
        "timings": {"started": now(), "burn_in_s": {}},
        "lost_workers": [],
    }


def _planned(plan: Plan) -> dict[str, Any]:
    """Return the runs of a plan, column by column."""
    columns = dict(zip(Run._fields, map(list, zip(*plan.runs, strict=True)), strict=True))
    return {"runs": columns.pop("run_id"), "plan": columns}


def describe(scenario: Scenario) -> dict[str, Any]:
    """Return the part of the manifest that titles and labels may change."""
    header = scenario.scenario
    return {
        "scenario": {
            "name": header.name,
            "title": header.title or header.name,
            "question": header.question,
            "reference": scenario.reference,
            "hash": scenario.hash,
            "settings": scenario.settings(),
            "text": scenario.source_text,
        },
        "arms": {arm.name: arm.label for arm in scenario.arms},
    }


def accounts_of(scenario: Scenario) -> list[str]:
    """Return the names of the protagonists' accounts: name, name-2, name-3 ..."""
    return [
        one.name if k == 0 else f"{one.name}-{k + 1}"
        for one in scenario.protagonists
        for k in range(one.count)
    ]


def save(folder: Path, manifest: dict[str, Any]) -> None:
    """Write the manifest to the folder of its results."""
    files.new_text(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _about(strategies_file: Path | None) -> dict[str, str] | None:
    if strategies_file is None:
        return None
    return {"name": strategies_file.name, "hash": hash_of(strategies_file)}


def hash_of(path: Path | None) -> str:
    """Return the SHA-256 of a file; "" if there is none."""
    return "" if path is None else hashlib.sha256(path.read_bytes()).hexdigest()


def _versions() -> dict[str, str]:
    found = {"followlab": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def _commit() -> str | None:
    """Return the commit of the checkout that the package runs from, if it does."""
    top = Path(sys.modules["sim"].__path__[0]).parent
    if not (top / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"],
            cwd=top,
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
