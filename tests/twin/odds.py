"""The odds of a follow, by somebody who saw a post or was helped."""

from sim.kernels.layout import PROFILE

from .records import Account
from .state import State


def follow_odds(
    twin: State, viewer: Account, creator: Account, value: float, chance: float, warmth: float
) -> float:
    """Odds that a viewer follows a creator; a chance decides whether the profile is checked."""
    behaviour = twin.settings.behaviour
    if chance < twin.settings.platform.profile_checks:
        value = _mean_value(twin, viewer, creator)
    else:
        twin.hit("follow: the post decides")
    if warmth > 0:
        twin.hit("follow: of somebody known")
    return float(
        behaviour.follow_odds
        * viewer.curiosity
        * (value / max(viewer.expectation / 65535, 0.02))
        * (1 + twin.kappa * twin.proof(creator.followers))
        * (1 + behaviour.follow_warmth * warmth)
        + twin.reciprocity(viewer, creator)
    )


def _mean_value(twin: State, viewer: Account, creator: Account) -> float:
    profile = creator.profile
    twin.hit("follow: short profile" if len(profile) < PROFILE else "follow: full profile")
    values = (quality * viewer.interest[topic] for quality, topic in profile)
    return sum(values) / (len(profile) * 4096 * 255) if profile else 0.0
