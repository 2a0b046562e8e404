"""Plain words for what people do on the page, and for what happens in a world."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final

from sim.replay.words import told
from sim.scenario import toml

__all__ = ["KINDS", "ROUTES", "SETTINGS", "TOPICS", "acted", "alike", "happened", "safe"]

TOPICS: Final = (
    "music", "cooking", "football", "science", "films", "travel", "gardens", "games",
)  # fmt: skip
"""The model's topics are numbers; these names are for reading only."""

KINDS: Final = {
    "content": "a post about {topic}",
    "self_talk": "“look what I did today”",
    "promotion": "“buy my product!”",
    "beg": "“almost there: please follow and reshare me!”",
    "help": "an answer to somebody’s question about {topic}",
}
"""What a post of each kind says, so to speak."""

ROUTES: Final = {
    "followee": "it follows the author",
    "reshare": "reshared by somebody it follows",
    "friend": "recommended: a friend follows the author",
    "topic": "recommended: its topic",
    "popular": "recommended: popular",
    "viral": "went viral",
}
"""How a post came into a feed."""

SETTINGS: Final = {
    "platform.ranking": "the order of the feed",
    "behaviour.social_proof_form": "belief in shown counts",
    "behaviour.social_proof": "the strength of social proof",
    "platform.counts_visible": "counts are shown",
}
"""Names of the settings that the page can change."""


def acted(entry: Mapping[str, Any], label: str = "") -> str:
    """Return an entry of the log in plain words; ``label`` names the life, if there are two."""
    who = f"{entry['who']}: " if entry["who"] else ""
    where = f" (in “{label}”)" if label else ""
    return f"{who}{_act(entry['event'])}{where}"


def _act(event: Mapping[str, Any]) -> str:
    name = event.get("protagonist") or "everybody"
    match event.get("kind", "sweep"):
        case "sweep":
            return "the platform will sweep for fakes"
        case "viral":
            return f"the latest post of {name} goes viral"
        case "strategy":
            given = ", ".join(f"{k} {toml.value(v)}" for k, v in event.get("params", {}).items())
            return f"{name} turns to {event['strategy']}" + (f" ({given})" if given else "")
        case "means":
            return f"{name} now has {_means(event)}"
    changes = (f"{SETTINGS.get(k, k)}: {toml.value(v)}" for k, v in event["set"].items())
    return "new rules: " + "; ".join(changes)


def _means(event: Mapping[str, Any]) -> str:
    parts = {"craft": "craft {:g}", "minutes": "{:g} minutes a day", "money": "${:g} to spend"}
    return " and ".join(parts[k].format(event[k]) for k in parts if event.get(k) is not None)


def alike(first: str, count: int, name: str) -> str:
    """Return whom the controls of several alike steer, when this name of theirs is chosen."""
    if name != first:
        return f"Steers {name} alone."
    return (
        f"Steers all {count} alike, because the name {first} stands for all of them; shown is "
        f"what the first of them has. Each of the others can be steered alone."
    )


def happened(row: tuple[int, str, str, str, float, str]) -> str:
    """Return a row of the table `events` in plain words."""
    _, account, event, other, amount, cause = row
    said = told(event, other, amount, cause)
    return f"{account} {said}" if account else said


def safe(text: str) -> str:
    """Return text as HTML that shows it and does nothing."""
    return escape(text, quote=True)
