"""Settings as the kernels read them: one record of coefficients, one array of rules."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import settings
from sim.kernels.layout import PARAMS, RULES


class Settings(NamedTuple):
    """The sections of a scenario that govern a world."""

    world: settings.World
    population: settings.Population
    platform: settings.Platform
    behaviour: settings.Behaviour


_HOURS = 24
_CHRONOLOGICAL = {"ranked": 0.0, "chronological": 1.0}


def coefficients(s: Settings) -> NDArray[np.void]:
    """Return the PARAMS record: what the kernels need to know of the settings."""
    merged = {**s.platform.model_dump(), **s.behaviour.model_dump()}
    proof = s.behaviour.social_proof_form != "none" and s.platform.counts_visible
    prices = s.behaviour.prices
    merged |= {
        "social_proof": s.behaviour.social_proof * proof,
        "sale_proof": s.behaviour.sale_proof * proof,
        "reciprocity_odds": s.behaviour.reciprocity_odds * s.platform.counts_visible,
        "proof_step": s.behaviour.social_proof_form == "step",
        "chronological_share": _CHRONOLOGICAL.get(
            s.platform.ranking, s.platform.chronological_share
        ),
        "reach_per_follower": s.platform.reach == "follower",
        "focus": s.population.focus,
        "effort_self_talk": prices.self_talk,
        "effort_beg": prices.beg,
        "effort_promotion": prices.promotion,
        "hope_hours": _HOURS * s.behaviour.hope_days,
    }
    record = np.zeros(1, PARAMS)
    for name in PARAMS.names or ():
        record[name] = merged[name]
    return record


def rules(s: Settings) -> NDArray[np.void]:
    """Return the RULES record: what acts cost in minutes and what the platform allows."""
    merged = {**s.platform.model_dump(), **s.behaviour.prices.model_dump()}
    merged["churn_block_hours"] = _HOURS * s.platform.churn_block_days
    record = np.zeros(1, RULES)
    for name in RULES.names or ():
        record[name] = merged[name]
    return record
