"""Words and numbers as figures, tables and reports print them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from sim.experiments.analysis import good_runs

if TYPE_CHECKING:
    from sim.results import Results

__all__ = [
    "CAUSES",
    "MEASURES",
    "MINUS",
    "NO_RUN",
    "ORIGINS",
    "capital",
    "join",
    "number",
    "plural",
    "signed",
    "signed_tick",
    "source_line",
    "spread",
    "tick",
    "times",
    "what_was_run",
]

ORIGINS: Final = {
    "initial": "there at the start",
    "content": "content",
    "help": "help",
    "reshare": "reshare",
    "recommendation": "recommendation",
    "begging": "begging",
    "follow_back": "follow-back",
    "follow_for_follow": "follow-for-follow",
    "bought": "bought",
}
"""Name of each origin of a follow, in the order in which figures show them."""

CAUSES: Final = {
    "low_value": "low value",
    "repetition": "repetition",
    "self_talk": "self-talk",
    "promotion": "promotion",
    "begging": "begging",
    "overload": "overload",
    "no_return": "not followed back",
    "strategy": "dropped by plan",
    "sweep": "sweep",
    "detection": "fakes detected",
    "decay": "fakes decayed",
    "departure": "gave up",
}
"""Name of each cause of a follow's end, in the order in which figures show them."""

MEASURES: Final = {
    "followers": "followers",
    "reachable": "reachable",
    "engaged": "engaged",
    "engagement_rate": "engagement rate",
    "warm": "warm connections",
    "value": "value delivered",
    "sales": "sales",
    "unfollows": "unfollows",
    "mutes": "mutes",
    "minutes_per_engaged": "minutes per engaged",
    "dollars_per_engaged": "dollars per engaged",
}
"""Short name of each measure in the table of lives."""

MINUS: Final = "\N{MINUS SIGN}"
DASH: Final = "\N{EN DASH}"
NO_RUN: Final = "no finished run"
THIN: Final = "\N{NO-BREAK SPACE}"


def number(value: float, digits: int = 3) -> str:
    """A value with ``digits`` significant ones, never in powers: 1,234, 12.3, 0.0012, ∞, –."""
    if math.isnan(value):
        return DASH
    if math.isinf(value):
        return "∞" if value > 0 else MINUS + "∞"
    places = _places(value, digits)
    body = f"{abs(round(value, places)):,.{places}f}"
    body = body.rstrip("0").rstrip(".") if places else body
    return (MINUS if round(value, places) < 0 else "") + body


def signed(value: float, digits: int = 3) -> str:
    """As ``number``, with a plus sign before what is above 0."""
    text = number(value, digits)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def tick(value: float) -> str:
    """A round number at an axis: 0, 0.05, 0.1, 2,500."""
    return f"{value:,g}".replace("-", MINUS) if abs(value) < 1000 else number(value)


def signed_tick(value: float) -> str:
    """As ``tick``, with a plus sign before what is above 0."""
    return ("+" if value > 0 else "") + tick(value)


def times(value: float) -> str:
    """A ratio: ×1.25, ×16, ×0."""
    if not math.isfinite(value):
        return number(value)
    return "×" + (number(value, 2) if value >= 10 else f"{value:.2f}")


def spread(low: float, high: float, digits: int = 3) -> str:
    """The bounds of an interval, "12 to 15"; empty if they are not known."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{number(low, digits)} to {number(high, digits)}"


def plural(count: float, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 replicate", "5 replicates"."""
    return f"{number(count)}{THIN}{one if count == 1 else many or one + 's'}"


def join(parts: list[str]) -> str:
    """A list in words: "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def what_was_run(results: Results) -> str:
    """Accounts, days, replicates and seed in words."""
    facts = results.manifest
    return ", ".join(
        [
            plural(_count(facts, "accounts"), "account"),
            plural(_count(facts, "days"), "day"),
            plural(good_runs(results)["replicate"].nunique(), "replicate"),
            f"seed{THIN}{facts.get('seed', DASH)}",
        ]
    )


def capital(text: str) -> str:
    """A label as the head of a panel or row: with a capital letter."""
    return text[:1].upper() + text[1:]


def source_line(results: Results) -> str:
    """What every figure says at its foot: what was run, and with which version."""
    version = results.manifest.get("model_version", "")
    many = good_runs(results)["replicate"].nunique() > 1
    unit = "95 % intervals over replicates" if many else "one replicate has no intervals"
    return f"{results.title}: {what_was_run(results)}; {unit}; followlab {version}".rstrip()


def _count(facts: dict[str, Any], key: str) -> float:
    return float(facts.get(key, math.nan))


def _places(value: float, digits: int) -> int:
    """Decimals that leave ``digits`` significant ones; whole numbers keep all of theirs."""
    if value == 0:
        return 0
    return max(0, digits - 1 - math.floor(math.log10(abs(value))))
