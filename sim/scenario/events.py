"""What events do: whom they concern, and the settings that they leave.

The model asks here on the day of an event. The loader has checked all of it before.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sim.scenario.arms import put
from sim.settings import Behaviour, Platform, Section

if TYPE_CHECKING:
    from sim.scenario.schema import Event, Scenario

__all__ = ["FIXED", "MEANS", "Changeable", "changed", "concerned", "may_change", "means"]

FIXED: Final = ("tick_hours", "lag_hours", "window_hours", "vendors")
"""Keys of the platform that cannot change while the world lives."""

MEANS: Final = ("craft", "minutes", "money")
"""What a change of means can give an account."""


class Changeable(Section):
    """The sections that an event can change."""

    platform: Platform = Platform()
    behaviour: Behaviour = Behaviour()


def may_change(key: str) -> bool:
    """Whether an event may set this dotted key."""
    section, _, rest = key.partition(".")
    if section == "platform" and rest.partition(".")[0] in FIXED:
        return False
    return section in Changeable.model_fields and rest != ""


def changed(
    platform: Platform, behaviour: Behaviour, new: Mapping[str, Any]
) -> tuple[Platform, Behaviour]:
    """The two sections with new values of some dotted keys, checked key by key.

    Raises:
        ValidationError: if a value is out of range, which the loader has ruled out.
    """
    settings = Changeable(platform=platform, behaviour=behaviour).model_dump(mode="json")
    for key, value in new.items():
        put(settings, key, value)
    after = Changeable.model_validate_json(json.dumps(settings), strict=True)
    return after.platform, after.behaviour


def concerned(scenario: "Scenario", event: "Event") -> tuple[str, ...]:
    """Names of the accounts that an event concerns: all protagonists, those of a name, or one.

    The name of several protagonists alike (with a count) stands for all of them.
    """
    if event.protagonist is None:
        return tuple(name for one in scenario.protagonists for name in one.names)
    for one in scenario.protagonists:
        if event.protagonist == one.name:
            return one.names
    return (event.protagonist,)


def means(event: "Event") -> tuple[float | None, ...]:
    """Craft, minutes and money that an event gives; None for what it leaves as it is."""
    return tuple(getattr(event, name) for name in MEANS)
