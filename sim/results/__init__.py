"""What a scenario yields: tables of runs, of measures over time, of events and of follows."""

from sim.results.export import export
from sim.results.store import Results, ResultsError, open

__all__ = ["Results", "ResultsError", "export", "open"]
