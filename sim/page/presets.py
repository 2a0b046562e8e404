"""Presets: the shipped scenarios, small enough for a classroom, each with what to watch for."""

import re
from functools import cache
from typing import Final, NamedTuple

from sim.scenario import Scenario, load, shipped
from sim.scenario.source import CLAIMS

__all__ = ["ACCOUNTS", "FIRST", "MOST_ACCOUNTS", "Preset", "chosen", "presets"]

FIRST: Final = "hello"
ACCOUNTS: Final = 2_000  # of a preset, unless its own world is smaller
LEAST_ACCOUNTS: Final = 200
MOST_ACCOUNTS: Final = 20_000
BURN_IN: Final = 30  # days, likewise
_WATCH: Final = re.compile(r"^# Watch: (.*?)^#\s*$", re.MULTILINE | re.DOTALL)


class Preset(NamedTuple):
    """A shipped scenario as the page offers it."""

    name: str
    title: str
    watch: str
    arms: dict[str, str]  # labels by name
    claim: bool


@cache
def presets() -> dict[str, Preset]:
    """The presets by name: the one to begin with, the others, then those that test a claim."""
    found = {name: _preset(load(p), p.parent.name == CLAIMS) for name, p in shipped().items()}
    return {FIRST: found[FIRST], **found}


def _preset(scenario: Scenario, claim: bool) -> Preset:
    header = scenario.scenario
    arms = {arm.name: arm.label for arm in scenario.arms}
    return Preset(header.name, header.title, _watch(scenario.source_text), arms, claim)


def _watch(text: str) -> str:
    """The first sentence of what the comment at a file's head says to watch for."""
    found = _WATCH.search(text)
    words = re.sub(r"\s*\n#\s*", " ", found[1]).strip() if found else ""
    sentence = re.split(r"(?<=\.)\s", words)[0].rstrip(".")
    return f"{sentence}." if sentence else ""


def chosen(name: str, accounts: int = ACCOUNTS) -> Scenario:
    """A preset as a scenario with so many accounts, measured every day.

    Raises:
        ScenarioError: there is no such preset.
        ValueError: too few or too many accounts.
    """
    if not LEAST_ACCOUNTS <= accounts <= MOST_ACCOUNTS:
        raise ValueError(
            f"A world has {LEAST_ACCOUNTS:,} to {MOST_ACCOUNTS:,} accounts (got {accounts:,})."
        )
    if name not in presets():
        raise ValueError("There is no such preset.")
    burn_in = min(BURN_IN, load(shipped()[name]).world.burn_in_days)
    sets = {
        "world.accounts": accounts,
        "world.burn_in_days": burn_in,
        "record.every_days": 1,
    }
    return load(shipped()[name], sets=sets)
