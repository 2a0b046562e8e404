"""What running something takes, in words."""

from sim.experiments.estimate import Estimate, Speed

__all__ = ["duration", "lines"]


def lines(found: Estimate, speed: Speed | None, otherwise: str) -> list[str]:
    """Return the number of runs, and what they take, in lines.

    ``otherwise`` stands for the time where no speed is known.
    """
    return [_runs(found), _costs(found, speed, otherwise)]


def _runs(found: Estimate) -> str:
    points = f"{found.points:,} points x " if found.points > 1 else ""
    counts = f"{points}{found.arms} arms x {found.replicates} worlds = {found.runs:,} runs"
    alike = f"; {found.alike:,} come to the same as others" if found.alike else ""
    computed = found.runs - found.alike
    there = f"; {computed - found.missing:,} are there already" if found.missing < computed else ""
    return f"{counts}{alike}{there}; {found.worlds:,} worlds to burn in."


def _costs(found: Estimate, speed: Speed | None, otherwise: str) -> str:
    at_a_time = f", {found.workers} at a time" if found.workers > 1 else ""
    memory = f"Memory: about {found.memory / 1e9:.1f} GB{at_a_time}."
    if found.seconds is None or speed is None:
        return f"{memory} Time: {otherwise}."
    return f"{memory} Time: about {duration(found.seconds)} ({speed.source})."


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
