"""What can be taken home from a living world: results as from a run, figures, tables, the file."""

import io
import zipfile
from pathlib import Path

import pandas as pd

from sim import plots
from sim._version import model_version
from sim.experiments import manifest as manifests
from sim.experiments.choice import choose
from sim.experiments.plan import plan
from sim.model import FollowerModel
from sim.page.live import Live
from sim.results import Results
from sim.results.tables import TABLES
from sim.scenario.writing import written

__all__ = ["figure", "figures", "results", "scenario_file", "tables"]

COMMAND = "followlab classroom"


def results(live: Live) -> Results:
    """Return what came of a world so far, as `sim.run` returns it; nothing is saved.

    Raises:
        ValueError: there is no world yet.
    """
    scenario, seed = choose(live.scenario, live.arms, 1, live.seed), live.seed
    found = live.look(lambda models: {a: _tables(m, a, seed) for a, m in models.items()}).result()
    if not found:
        raise ValueError("There is no world yet. Set it up first.")
    frames = {name: pd.concat([own[name] for own in found.values()]) for name in TABLES}
    manifest = manifests.new(plan(scenario), None, COMMAND) | {"status": "complete"}
    return Results(Path(), manifest, **frames)


def _tables(model: FollowerModel, arm: str, seed: int) -> dict[str, pd.DataFrame]:
    """Return the four tables of one life."""
    run = {
        "run_id": f"{arm}-0", "point": "", "arm": arm, "replicate": 0, "seed": seed,
        "status": "ok", "error": "", "state_hash": model.state_hash(),
        "model_version": model_version(), "wall_s": 0.0, "days": model.day,
    }  # fmt: skip
    others = {name: t.assign(run_id=f"{arm}-0") for name, t in model.tables().items()}
    return {"runs": pd.DataFrame([run | model.measures()]), **others}


def figures() -> dict[str, str]:
    """Return the titles of the figures by name."""
    return {plot.NAME: plot.TITLE for plot in plots.plots()}


def figure(found: Results, name: str, kind: str) -> bytes:
    """Return a figure as a file, "png" or "svg".

    Raises:
        KeyError: there is no such figure, or kind of file.
    """
    known = {plot.NAME: plot for plot in plots.plots()}
    return plots.render(known[name].figure(found), kind)


def tables(found: Results) -> bytes:
    """Return the tables as CSV files in a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in TABLES:
            archive.writestr(f"{name}.csv", getattr(found, name).to_csv(index=False))
    return out.getvalue()


def scenario_file(live: Live) -> str:
    """Return the scenario with all that was done on the page, as a file that can be run."""
    arms = " ".join(f"--arm {arm}" for arm in live.arms)
    head = (
        "# Played in the classroom of followlab: the scenario, and all that was done in it.\n#\n"
        f"#     followlab run FILE --seed {live.seed} --replicates 1 {arms}\n#\n"
    )
    return head + written(live.scenario)
