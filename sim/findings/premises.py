"""The premises across which each finding is repeated.

A condition changes one premise of a claim's scenario. Where the scenario itself sets that premise,
or tests it, it is part of the claim and is left alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.scenario import Scenario
from sim.settings import Behaviour, Platform, Prices

__all__ = ["DEFAULT", "IN_LARGER", "LARGER", "PREMISES", "Condition", "conditions", "is_part_of"]

LARGER: Final = 4
"""How many times as many accounts the larger world has."""
IN_LARGER: Final = "larger"
"""Key of the condition in which the world is larger."""


@dataclass(frozen=True)
class Condition:
    """A way in which a claim's scenario is run."""

    key: str
    label: str
    premise: str
    """The premise that is changed; "" for the scenario as it stands."""
    sets: Mapping[str, Any]
    level: float | None = None
    """Place on the scale of the premise, where it has one; the default is at 1."""


DEFAULT: Final = Condition("default", "as declared", "", {})


def _prices(factor: float) -> dict[str, float]:
    """Return all prices of acts, times a factor."""
    return {
        f"behaviour.prices.{name}": round(price * factor, 4)
        for name, price in Prices().model_dump().items()
    }


def _scaled(key: str, default: float, name: str) -> Iterator[Condition]:
    """Yield a third and three times the default of a key."""
    for factor, said in ((1 / 3, "÷ 3"), (3.0, "× 3")):
        slug = f"{name.replace(' ', '_')}_{'third' if factor < 1 else 'thrice'}"
        value = float(f"{default * factor:.4g}")
        yield Condition(slug, f"{name} {said}", name, {key: value}, factor)


_B, _P = Behaviour(), Platform()

PREMISES: Final = (
    Condition("prices_third", "prices ÷ 3", "prices", _prices(1 / 3), 1 / 3),
    Condition("prices_thrice", "prices × 3", "prices", _prices(3.0), 3.0),
    *_scaled("behaviour.social_proof", _B.social_proof, "social proof"),
    Condition("no_proof", "no social proof", "social proof form",
              {"behaviour.social_proof_form": "none"}),
    Condition("step_proof", "round numbers convince", "social proof form",
              {"behaviour.social_proof_form": "step"}),
    Condition("chronological", "chronological feeds", "ranking",
              {"platform.ranking": "chronological"}),
    Condition("per_follower", "reach judged by follower", "reach", {"platform.reach": "follower"}),
    *_scaled("behaviour.sale_odds", _B.sale_odds, "sales"),
    Condition("paid_by_count", "sponsors pay by count", "sponsors",
              {"platform.sponsors.per_1000_followers": 1.0}),
    Condition("paid_by_engagement", "sponsors pay by engagement", "sponsors",
              {"platform.sponsors.per_engagement": 0.1}),
)  # fmt: skip


def conditions(scenario: Scenario) -> Iterator[Condition]:
    """Yield how a claim's scenario is run: as declared, in a larger world, across the premises."""
    yield DEFAULT
    size = scenario.world.accounts * LARGER
    yield Condition(IN_LARGER, f"{size:,} accounts", "size", {"world.accounts": size})
    for condition in PREMISES:
        if not is_part_of(scenario, condition):
            yield condition


def is_part_of(scenario: Scenario, condition: Condition) -> bool:
    """Tell whether a scenario sets, or tests, the premise that a condition changes."""
    tested = {key for arm in scenario.arms for key in arm.set}
    tested |= {key for arm in scenario.arms for event in arm.events for key in event.set}
    return any(key in tested or _is_set(scenario, key) for key in condition.sets)


def _is_set(scenario: Scenario, key: str) -> bool:
    """Tell whether a scenario has a value of its own for a key, or for one beside it."""
    section, *parts = key.split(".")
    own = getattr(scenario, section)
    plain = {"behaviour": _B, "platform": _P}[section]
    for part in parts:
        if part.startswith("per_"):  # one premise: what sponsors pay for
            break
        own, plain = getattr(own, part), getattr(plain, part)
    return bool(own != plain)
