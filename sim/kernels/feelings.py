"""Feelings: warmth and irritation of a tie, which fade with time and are rounded by coins."""

import numpy as np

from sim.kernels.compiler import inlined, part
from sim.kernels.draws import at_time, fold
from sim.kernels.layout import IRRITATION, WARMTH, State, Tables
from sim.kernels.tables import decayed


@part
def key_of(state: State, seed: np.uint64, hour: int, one: int, other: int) -> int:
    """Return the key of the draws of one account about another at an hour."""
    prefix = at_time(np.uint64(seed), np.uint64(hour))
    return fold(fold(prefix, state.accounts[one].uid), state.accounts[other].uid)


@inlined
def store(value: float, scale: float, most: float, coin: float) -> int:
    """Return a value as stored: scaled, rounded by a keyed coin, at most ``most``."""
    return np.int64(min(most, value * scale + coin))


@inlined
def warmth_of(state: State, tables: Tables, index: int, hour: int) -> float:
    """Return the decayed warmth of a tie by its pool index; 0 for none."""
    if index < 0 or state.ties[index].warmth == 0:
        return 0.0
    tie = state.ties[index]
    return tie.warmth / WARMTH * decayed(tables.warmth, hour - np.int64(tie.touched))


@inlined
def feelings(state: State, tables: Tables, index: int, hour: int) -> tuple[float, float]:
    """Return warmth and irritation of a tie, decayed to now."""
    tie = state.ties[index]
    age = hour - np.int64(tie.touched)
    warmth = tie.warmth / WARMTH * decayed(tables.warmth, age)
    return warmth, tie.irritation / IRRITATION * decayed(tables.irritation, age)


@inlined
def write_feelings(
    tie: np.void, warmth: float, irritation: float, hour: int, coin: float, other_coin: float
) -> None:
    """Store warmth and irritation of a tie as of now."""
    tie.warmth = np.uint8(store(warmth, WARMTH, WARMTH, coin))
    tie.irritation = np.uint8(store(irritation, IRRITATION, 255.0, other_coin))
    tie.touched = np.uint16(hour)


@part
def warm(
    state: State,
    tables: Tables,
    index: int,
    hour: int,
    gain: float,
    coin: float,
    other_coin: float,
) -> None:
    """Let a tie fade to now, and warm by a share of the rest."""
    warmth, irritation = feelings(state, tables, index, hour)
    warmth += gain * (1.0 - warmth)
    write_feelings(state.ties[index], warmth, irritation, hour, coin, other_coin)


@part
def irritate(
    state: State,
    tables: Tables,
    index: int,
    hour: int,
    gain: float,
    coin: float,
    other_coin: float,
) -> None:
    """Let a tie fade to now, and add to its irritation."""
    warmth, irritation = feelings(state, tables, index, hour)
    write_feelings(state.ties[index], warmth, irritation + gain, hour, coin, other_coin)
