"""Settings as the kernels read them: one record of coefficients, one array of rules."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import settings
from sim.kernels.layout import PARAMS


class Settings(NamedTuple):
    """The sections of a scenario that govern a world."""

    world: settings.World
    population: settings.Population
    platform: settings.Platform
    behaviour: settings.Behaviour


_CHRONOLOGICAL = {"ranked": 0.0, "chronological": 1.0}


def coefficients(s: Settings) -> NDArray[np.void]:
    """Return the PARAMS record: what the kernels need to know of the settings."""
    merged = {**s.platform.model_dump(), **s.behaviour.model_dump()}
    proof = s.behaviour.social_proof_form != "none" and s.platform.counts_visible
    prices = s.behaviour.prices
    merged |= {
        "social_proof": s.behaviour.social_proof * proof,
        "sale_proof": s.behaviour.sale_proof * proof,
        "proof_step": s.behaviour.social_proof_form == "step",
        "chronological_share": _CHRONOLOGICAL.get(
            s.platform.ranking, s.platform.chronological_share
        ),
        "reach_per_follower": s.platform.reach == "follower",
        "focus": s.population.focus,
        "effort_self_talk": prices.self_talk,
        "effort_beg": prices.beg,
        "effort_promotion": prices.promotion,
    }
    record = np.zeros(1, PARAMS)
    for name in PARAMS.names or ():
        record[name] = merged[name]
    return record


def rules(s: Settings) -> NDArray[np.float64]:
    """Return what acts cost in minutes and what the platform allows, as `kernels.plan` reads it."""
    prices, platform = s.behaviour.prices, s.platform
    costs = (prices.self_talk, prices.promotion, prices.beg, prices.reply, prices.follow)
    limits = (platform.follows_per_day, platform.follow_cap, platform.follow_ratio)
    return np.array([*costs, prices.purchase, *limits], np.float64)
