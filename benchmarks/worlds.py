"""Worlds to measure: the reference at any size, settled once and kept on disk."""

import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import sim
from sim import checkpoint
from sim.model import FollowerModel, burn_in
from sim.scenario import Scenario
from sim.world.world import World

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = Path(__file__).with_name("reference.toml")
FULL = 1_000_000
SEED = 1
SETTLED = 4  # days after which the window of posts is full and visits have a past


def scenario(accounts: int, days: int = 365) -> Scenario:
    """Return the reference with another number of accounts."""
    return sim.load(REFERENCE, sets=[f"world.accounts={accounts}", f"scenario.days={days}"])


def new(accounts: int) -> World:
    """Return a world at its first day."""
    return burn_in(scenario(accounts), SEED)


def strangers(accounts: int) -> World:
    """Return a world of people of whom hardly anybody follows anybody."""
    sets = [f"world.accounts={accounts}", "world.follows_per_account=1"]
    return burn_in(sim.load(REFERENCE, sets=[*sets, 'world.network="uniform"']), SEED)


def inhabited(world: World, threads: int = 1) -> FollowerModel:
    """Return a model that lives on in a world."""
    return FollowerModel(scenario(world.initial), seed=SEED, world=world, threads=threads)


def live(model: FollowerModel, days: int) -> None:
    """Let a model live for so many days."""
    last = model.day + days
    while model.day < last:
        model.step()


@cache
def fingerprint() -> str:
    """Return a hash of all that a settled world depends on: the package and the reference."""
    digest = hashlib.sha256(REFERENCE.read_bytes())
    for source in sorted((ROOT / "sim").rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def folder() -> Path:
    """Return where worlds are kept, a folder that only this user can read."""
    owner = os.getuid() if hasattr(os, "getuid") else ""
    path = Path(tempfile.gettempdir()) / f"followlab-benchmarks-{owner}"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def place(accounts: int) -> Path:
    """Return where the settled world of this size is kept."""
    return folder() / f"{fingerprint()}-{accounts}"


def keep(world: World) -> None:
    """Keep a settled world for the parts that come after; those of other sources go."""
    for other in folder().iterdir():
        if not other.name.startswith(fingerprint()):
            shutil.rmtree(other, ignore_errors=True)
    if not place(world.initial).exists():
        checkpoint.save(world, place(world.initial))


def settled(accounts: int) -> World:
    """Return the settled world of this size, made if it is not kept."""
    if place(accounts).exists():
        try:
            return checkpoint.load(place(accounts))
        except checkpoint.CheckpointError:  # the sources changed while it was made
            shutil.rmtree(place(accounts))
    model = inhabited(new(accounts))
    live(model, SETTLED)
    keep(model.world)
    return model.world


def living(accounts: int, threads: int = 1) -> FollowerModel:
    """Return a model in the settled world of this size."""
    return inhabited(settled(accounts), threads)
