"""The command ``followlab``."""

from sim.cli.app import main

__all__ = ["main"]
