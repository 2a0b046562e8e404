"""The results that travel with the project: made by one command, and known when stale.

``python -m sim.experiments.shipping five_lives`` runs a shipped scenario and keeps its figures,
the table of lives and a note on how they came about in ``results/five_lives/``.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sim import files
from sim.experiments.analysis import summary_table
from sim.experiments.execute import run
from sim.experiments.progress import Progress
from sim.results import Results
from sim.scenario import Scenario, load, loads

__all__ = ["fingerprint", "is_stale", "ship"]

FOLDER: Final = Path("results")
NOTE: Final = "provenance.json"
TABLE: Final = "lives.csv"

# A small world in which everything happens: its final state stands for the model's behaviour.
_STANDARD: Final = """
schema = 1
[scenario]
name = "standard"
days = 20
[world]
accounts = 300
community_size = 60
follows_per_account = 12
burn_in_days = 10
[[protagonists]]
name = "beggar"
strategy = "beg"
[[protagonists]]
name = "follower"
strategy = "follow_for_follow"
[[protagonists]]
name = "buyer"
strategy = "buyer"
params = { amount = 100 }
[[protagonists]]
name = "placebo"
strategy = "boosted"
[[protagonists]]
name = "penitent"
strategy = "reformed"
params = { amount = 100, until = 10 }
[[events]]
day = 15
kind = "sweep"
false_positives = 0.01
"""


def fingerprint() -> str:
    """Return the state hash of the standard world: it changes when the model behaves otherwise."""
    from sim.model import FollowerModel

    model = FollowerModel(loads(_STANDARD))
    model.run()
    return model.state_hash()


def ship(name: str, progress: Progress | None = None) -> Results:
    """Run a shipped scenario and keep what came of it in ``results/<name>``."""
    from sim.plots import save_all

    scenario = load(name)
    results = run(scenario, progress=progress, command=f"followlab run {name}")
    folder = FOLDER / name
    save_all(results, folder, kinds=("png",))
    with files.replacing(folder / TABLE) as temporary:
        rounded(summary_table(results)).to_csv(temporary, index=False)
    files.new_text(folder / NOTE, json.dumps(_note(name, scenario, results), indent=2) + "\n")
    return results


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with six significant digits, which is more than it means."""
    numbers = table.select_dtypes("number").columns
    return table.assign(**{c: [float(f"{v:.6g}") for v in table[c]] for c in numbers})


def _note(name: str, scenario: Scenario, results: Results) -> dict[str, Any]:
    return {
        "command": f"followlab run {name}",
        "remake": f"make results NAME={name}",
        "scenario_hash": scenario.hash,
        "model_fingerprint": fingerprint(),
        "state_hashes": dict(
            zip(results.runs["run_id"], [h[:16] for h in results.runs["state_hash"]], strict=True)
        ),
    }


def is_stale(name: str, current: str) -> str:
    """Return why the shipped results of a scenario are stale, or nothing.

    ``current`` is the fingerprint of the model as it is.
    """
    try:
        note = json.loads((FOLDER / name / NOTE).read_text(encoding="utf-8"))
    except OSError:
        return f"{FOLDER / name}: not there; make it with: make results NAME={name}"
    if note["scenario_hash"] != load(name).hash:
        return f"{FOLDER / name}: the scenario has changed; remake it with: {note['remake']}"
    if note["model_fingerprint"] != current:
        return f"{FOLDER / name}: the model has changed; remake it with: {note['remake']}"
    return ""


if __name__ == "__main__":
    from sim.cli.display import display

    for shipped in sys.argv[1:]:
        ship(shipped, display(quiet=False))
