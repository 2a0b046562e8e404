"""A replay of saved runs: one HTML file that needs no server, no network and no installation."""

from sim.replay.page import NAME, page, write

__all__ = ["NAME", "page", "write"]
