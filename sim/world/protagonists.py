"""Protagonists: matched newcomers that join the burnt-in world."""

from typing import NamedTuple

import numpy as np

from sim.kernels import draws, lists
from sim.kernels.layout import INTEREST, NO_ROW, AccountKind, Origin, Purpose
from sim.world import people
from sim.world.world import World

_SESSIONS = 2.0  # a day: somebody who wants to grow looks in twice
_LOOKS = 200  # accounts looked at for each follower wanted, before interests are ignored


class Newcomer(NamedTuple):
    """What is the same about a protagonist in all arms."""

    name: str
    followers: int
    follows_back: float
    craft: float
    minutes: float
    dollars: float
    offer: float
    focus: int | None


def join(world: World, newcomers: tuple[Newcomer, ...], strategy: int) -> dict[str, int]:
    """Let newcomers join with their first followers; return their rows by name.

    All have the strategy of this number until an arm gives them another.
    """
    rows = {}
    for m, newcomer in enumerate(newcomers):
        row = world.add_rows(1)
        rows[newcomer.name] = row
        _make(world, row, m, newcomer, strategy)
        _find_followers(world, row, newcomer)
    return rows


def _make(world: World, row: int, m: int, newcomer: Newcomer, strategy: int) -> None:
    """Give a newcomer its traits."""
    account = world.state.accounts[row]
    account["uid"] = np.uint64((3 << 62) + m)
    people.make(world, row, row + 1)
    if newcomer.focus is not None:
        account["interest"][newcomer.focus] = int(INTEREST)
        account["focus"] = newcomer.focus
    account["kind"] = AccountKind.PROTAGONIST
    account["tracked"] = 1
    account["strategy"] = strategy
    account["joined"] = account["last_browse"] = world.hour
    account["sessions"], account["rate"] = _SESSIONS, 0.0
    account["craft"], account["minutes"] = newcomer.craft, newcomer.minutes
    account["dollars"], account["offer"] = newcomer.dollars, newcomer.offer
    world.enlist(row, world.initial + m)


def _find_followers(world: World, row: int, newcomer: Newcomer) -> None:
    """Let people with a liking for the newcomer's topic follow it, and some be followed."""
    state, uid = world.state, world.state.accounts[row]["uid"]
    words = np.empty(_LOOKS * newcomer.followers, np.uint64)
    draws.words(np.uint64(world.seed), int(Purpose.JOIN), uid, 0, 0, words)
    found = state.directory[(words & np.uint64(len(state.directory) - 1)).astype(np.int64)]
    coins = ((words >> np.uint64(40)) & np.uint64(0xFF)).astype(np.int64)
    backs = (words >> np.uint64(50)).astype(np.float64) / (1 << 14)
    listed = np.flatnonzero(found != NO_ROW)
    liked = state.accounts["interest"][found[listed], state.accounts[row]["focus"]]
    willing = listed[coins[listed] < liked]
    for k in [*willing, *np.setdiff1d(listed, willing)]:
        if state.accounts[row]["followers"] == newcomer.followers:
            break
        follower = int(found[k])
        if state.accounts[follower]["kind"] == AccountKind.PROTAGONIST:
            continue
        world.reserve_ties(np.array([follower, row], np.uint32))
        state = world.state
        new = lists.begin_follow(state, follower, row, int(Origin.INITIAL), world.hour)
        if new and backs[k] < newcomer.follows_back:
            lists.begin_follow(state, row, follower, int(Origin.INITIAL), world.hour)
