"""The final network of a run, saved for export."""

from enum import IntEnum
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.kernels.layout import WARMTH, AccountKind, Origin
from sim.results import tables
from sim.results.export import network_files
from sim.world.world import World

__all__ = ["accounts_of", "follows_of", "save"]


def save(world: World, folder: Path, run_id: str) -> None:
    """Save who follows whom, and the accounts."""
    to_follows, to_accounts = network_files(folder, run_id)
    tables.write(accounts_of(world), to_accounts, tables.ACCOUNTS)
    tables.write(follows_of(world), to_follows, tables.NETWORK)


def accounts_of(world: World) -> pd.DataFrame:
    """Return the accounts that are alive: uid, kind, followers."""
    alive = world.accounts[world.accounts["alive"] == 1]
    return pd.DataFrame(
        {
            "uid": alive["uid"],
            "kind": _words(AccountKind, alive["kind"]),
            "followers": alive["followers"].astype(np.int64),
        }
    )


def follows_of(world: World) -> pd.DataFrame:
    """Return the follows: uids of follower and followee, origin, start (day), warmth now."""
    accounts = world.accounts
    count = np.where(accounts["alive"] == 1, accounts["follows"], 0).astype(np.int64)
    owner = np.repeat(np.arange(len(accounts)), count)
    first = np.repeat(accounts["start"].astype(np.int64), count)
    place = first + np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    ties = world.state.ties[place]
    decay = world.tables.warmth
    age = np.minimum(world.hour - ties["touched"].astype(np.int64), len(decay) - 1)
    return pd.DataFrame(
        {
            "follower": accounts["uid"][owner],
            "followee": accounts["uid"][world.state.follow_ids[place]],
            "origin": _words(Origin, ties["origin"]),
            "start": ties["start"] / 24 - world.start_day,
            "warmth": ties["warmth"] / WARMTH * decay[age],
        }
    )


def _words(codes: type[IntEnum], values: NDArray[np.uint8]) -> NDArray[np.object_]:
    """Return the names of codes in lower case."""
    names = np.full(max(codes) + 1, "", dtype=object)
    for code in codes:
        names[code] = code.name.lower()
    return np.asarray(names[values], dtype=object)
