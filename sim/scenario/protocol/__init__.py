"""The generated parts of the model's description in ``sim/README.md`` (an ODD+D protocol).

``python -m sim.scenario.protocol`` writes them anew.
"""
