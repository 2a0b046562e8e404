"""``python -m sim.scenario.protocol``."""

from sim.scenario.protocol.parts import main

main()
