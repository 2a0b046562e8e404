"""Calibration: settings fitted to the checks, resumable, with a record of it."""
