"""The results that travel with the project: made by one command, and known when stale.

``make results NAME=five_lives`` runs a shipped scenario and keeps its figures, the table of lives
and a note on how they came about in ``results/five_lives/``; with ``COMMAND=sweep`` it runs the
scenario's sweep and keeps a table of points. The findings at the top of README come from the
main job and are written by the same command.
"""

import json
import sys
from math import exp
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sim import files
from sim.experiments.analysis import final, good_runs, labels, summary_table
from sim.experiments.effects import measure_name
from sim.experiments.execute import run, sweep
from sim.experiments.intervals import Interval, interval
from sim.experiments.worth import Worth, worths
from sim.marks import between, fill, table
from sim.plots.text import plural
from sim.results import Results
from sim.scenario import Scenario, load, loads

__all__ = ["NOTE", "findings", "fingerprint", "is_stale", "ship"]

FOLDER: Final = Path("results")
NOTE: Final = "provenance.json"
TABLE: Final = "lives.csv"
POINTS: Final = "points.csv"
OF_POINTS: Final = ("followers", "reachable", "engaged", "value", "dollars")  # in that table
MAIN: Final = "five_lives"
MAP: Final = "who_pays"
LEAST_TOLD: Final = 0.15  # weight; 150 points of chance give 0.08
COMPARED: Final = (("bought", "organic"), ("begging", "boosted"), ("follow_for_follow", "organic"))


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


def ship(name: str) -> Results:
    """Run a shipped scenario and keep what came of it in ``results/<name>``."""
    from sim.plots import save_all

    scenario = load(name)
    make = sweep if scenario.sweep else run
    results = make(scenario, command=f"followlab {make.__name__} {name}")
    folder = FOLDER / name
    save_all(results, folder, kinds=("png",))
    tabled, file = (point_table, POINTS) if scenario.sweep else (summary_table, TABLE)
    with files.replacing(folder / file) as temporary:
        rounded(tabled(results)).to_csv(temporary, index=False)
    files.new_text(folder / NOTE, json.dumps(_note(name, scenario, results), indent=2) + "\n")
    if name == MAIN:
        _write_findings(results)
    elif name == MAP:
        fill(FOLDER / "README.md", MAP, map_table(results))
    return results


def map_table(results: Results) -> str:
    """Return as Markdown where each life of a sweep pays, and what decides it."""
    named = labels(results)
    rows = [
        [measure_name(one.measure), named[one.life], f"{one.pays:.0%}", _deciding(one)]
        for one in worths(results)
    ]
    head = ["by", "life", "ahead at", "what decides it (weight in ranks)"]
    worlds = plural(results.runs["replicate"].nunique(), "world")
    return f"{len(results.points)} points, each in {worlds}.\n\n{table(head, rows)}"


def _deciding(one: Worth) -> str:
    """Return the settings with the largest weights, as far as they are more than chance."""
    told = [pair for pair in one.foremost if abs(pair[1]) >= LEAST_TOLD]
    return ", ".join(f"`{key}` {weight:+.2f}" for key, weight in told)


def point_table(results: Results) -> pd.DataFrame:
    """Return the means over worlds of what becomes of each arm at each point of a sweep."""
    means = good_runs(results).groupby(["point", "arm"], sort=False)[list(OF_POINTS)].mean()
    return results.points.merge(means.reset_index(), on="point").drop(columns="point")


def geometric(results: Results, measure: str, life: str, reference: str) -> Interval:
    """Return by what a life multiplies a measure: exp of the mean paired log difference.

    NaN where a replicate ends with 0.
    """
    table = final(results, measure)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(table[life].to_numpy(float)) - np.log(table[reference].to_numpy(float))
    if not np.isfinite(logs).all():
        return Interval(np.nan, np.nan, np.nan, len(logs))
    mean, low, high, n = interval(logs)
    return Interval(exp(mean), exp(low), exp(high), n)


def findings(results: Results) -> str:
    """Return the findings of the main job as a Markdown list, whichever way they go."""
    named = labels(results)
    lines = []
    for life, reference in COMPARED:
        parts = [
            f"{words} {_times(geometric(results, measure, life, reference))}"
            for measure, words in (("followers", "followers"), ("engaged", "engaged followers"))
        ]
        lines.append(f"- **{named[life]}**, against {named[reference]}: {', '.join(parts)}.")
    return "\n".join(lines)


def _times(factor: Interval) -> str:
    """Return a factor with its interval, and a word where it tells nothing."""
    if not np.isfinite(factor.mean):
        return "not comparable (none in some worlds)"
    text = f"× {factor.mean:.3g} ({factor.low:.3g} to {factor.high:.3g})"
    return f"{text}, no difference shown" if factor.low <= 1 <= factor.high else text


def _write_findings(results: Results) -> None:
    """Put the findings between their marks in README."""
    readme = Path("README.md")
    text = readme.read_text(encoding="utf-8")
    files.new_text(readme, between(text, "findings", findings(results)))


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with six significant digits, which is more than it means."""
    numbers = table.select_dtypes("number").columns
    return table.assign(**{c: [float(f"{v:.6g}") for v in table[c]] for c in numbers})


def _note(name: str, scenario: Scenario, results: Results) -> dict[str, Any]:
    command = "sweep" if scenario.sweep else "run"
    return {
        "command": f"followlab {command} {name}",
        "remake": f"make results NAME={name}{' COMMAND=sweep' if scenario.sweep else ''}",
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
    for shipped in sys.argv[1:]:
        ship(shipped)
