"""Figures of sweeps: one file a figure, found by itself, drawn where it applies.

They are like the figures of runs (see `sim.plots`), and have ``applies(results)`` besides; each
function takes the measure to show, by default the claim's or the engaged followers.
"""
