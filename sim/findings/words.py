"""Findings in plain words: what was claimed, what was found, and where it turns."""

from collections.abc import Iterable, Iterator, Sequence
from math import exp, isfinite, log
from typing import Final

from sim.experiments.claim import ENOUGH, SAME
from sim.findings.premises import DEFAULT, IN_LARGER, LARGER, Condition, conditions
from sim.findings.running import Finding
from sim.findings.testing import ALPHA, Outcome, holm
from sim.metrics import MEASURES
from sim.plots.text import join, number, plural, signed, times

__all__ = ["found", "markdown", "repeated", "summary", "turns", "verdicts"]

VERDICTS: Final = {
    "for": "in line with the claim",
    "against": "against the claim",
    "open": "undecided",
}


def verdicts(findings: Sequence[Finding]) -> dict[str, tuple[str, float]]:
    """Return verdict and adjusted p-value of each claim that was run as declared.

    Holm's correction is over all of them: with fewer claims run, the correction is smaller.
    """
    known = {one.name: one.default for one in findings if one.default is not None}
    outcomes = [outcome for outcome in known.values() if outcome is not None]
    adjusted = holm([outcome.p for outcome in outcomes])
    return {
        name: (outcome.leans if p < ALPHA else "open", p)
        for name, outcome, p in zip(known, outcomes, adjusted, strict=True)
    }


def found(outcome: Outcome) -> str:
    """Return the effect with its interval: "×1.25 (×1.1 to ×1.42)"."""
    show = times if outcome.is_ratio else signed
    if not isfinite(outcome.low):
        return f"{show(outcome.mean)} in every world" if outcome.worlds > 1 else show(outcome.mean)
    return f"{show(outcome.mean)} ({show(outcome.low)} to {show(outcome.high)})"


def markdown(findings: Sequence[Finding], folder: str) -> str:
    """Return all findings as Markdown, figures in ``folder``."""
    said = verdicts(findings)
    return "\n\n".join(_one(one, *said[one.name], folder) for one in findings if one.name in said)


def _one(finding: Finding, verdict: str, p: float, folder: str) -> str:
    outcome, header = finding.default, finding.scenario.scenario
    assert outcome is not None
    few = "" if outcome.worlds >= ENOUGH else " Fewer than 20 worlds illustrate only."
    lines = [
        f"### {header.title or finding.name}",
        f"{header.claim} *{header.hypothesis}*",
        f"**{VERDICTS[verdict].capitalize()}** (p {_p(p)} after Holm's correction, "
        f"{plural(outcome.worlds, 'world')}).{few} {_measured(finding, outcome)}",
        *_elsewhere(finding),
        f"![{header.title or finding.name}]({folder}/{finding.name}.png)",
        f"`followlab findings --only {finding.name}`",
    ]
    return "\n\n".join(lines)


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


def _measured(finding: Finding, outcome: Outcome) -> str:
    header = finding.scenario.scenario
    label = MEASURES[str(header.primary)].label
    arms = {arm.name: arm.label for arm in finding.scenario.arms}
    tested, reference = (
        arms[str(name)] for name in (finding.scenario.tested, finding.scenario.reference)
    )
    what = "Ratio" if outcome.is_ratio else "Difference"
    same = f"the same, between {times(SAME[0])} and {times(SAME[1])}"
    expected = same if header.expected == "same" else str(header.expected)
    return (
        f"{what} of {label}, “{tested}” to “{reference}”: {found(outcome)}; expected was "
        f"{expected}. Means: {number(outcome.tested_mean)} and {number(outcome.reference_mean)}."
    )


def _elsewhere(finding: Finding) -> Iterator[str]:
    """Say how it is in the larger world and across the premises."""
    larger = finding.outcomes.get(IN_LARGER)
    if larger:
        yield f"With {larger[0].label}: {found(larger[1])}, {_points(larger[1])}."
    said = [turn for condition, turn in _turns(finding) if condition.key != IN_LARGER]
    if said:
        yield f"It turns: {'; '.join(said)}."
    yield from _alike(finding)


def _alike(finding: Finding) -> Iterator[str]:
    """Say under how many premises a finding points the same way, and where it may not."""
    base = finding.default
    known = finding.outcomes
    premises = [pair for key, pair in known.items() if key not in (DEFAULT.key, IN_LARGER)]
    if base is None or not premises:
        return
    clear = {condition.key for condition, _ in _turns(finding)}
    others = [condition for condition, outcome in premises if outcome.leans != base.leans]
    unclear = [condition.label for condition in others if condition.key not in clear]
    count, tried = len(premises) - len(others), plural(len(premises), "other premise")
    many = f"all {tried}" if count == len(premises) > 1 else f"{count} of {tried}"
    rest = f", and not clearly the other way under: {', '.join(unclear)}" if unclear else ""
    yield f"It points the same way under {many} tried{rest}."


def _points(outcome: Outcome) -> str:
    """Return where an outcome by itself points."""
    return f"{'' if outcome.p < ALPHA else 'not clearly '}{outcome.leans} the claim"


def turns(finding: Finding) -> Iterator[str]:
    """Yield each condition under which the finding points clearly the other way, and about where.

    Clearly: the interval under that condition lies on the other side by itself.
    """
    return (said for _, said in _turns(finding))


def _turns(finding: Finding) -> Iterator[tuple[Condition, str]]:
    """Yield the conditions under which a finding turns, in words too."""
    base = finding.default
    if base is None:
        return
    for condition, outcome in finding.outcomes.values():
        if condition.key != DEFAULT.key and outcome.leans != base.leans and outcome.p < ALPHA:
            where = _where(base, condition, outcome)
            yield condition, f"{condition.label} ({found(outcome)}){where}"


def _where(base: Outcome, condition: Condition, outcome: Outcome) -> str:
    """Return about where between the default and a level the effect crosses, if it has a level."""
    if condition.level is None or not (base.is_ratio and outcome.is_ratio):
        return ""
    for end in _ends(base):
        one, two = base.effect - end, outcome.effect - end
        if one * two < 0:
            return f", about × {exp(log(condition.level) * one / (one - two)):.2g} of the default"
    return ""


def _ends(outcome: Outcome) -> tuple[float, ...]:
    return (log(SAME[0]), log(SAME[1])) if outcome.expected == "same" else (0.0,)


def summary(findings: Iterable[Finding]) -> str:
    """Return one sentence: how many claims are borne out, refuted and open."""
    every = list(findings)
    said = [verdict for verdict, _ in verdicts(every).values()]
    counts = {key: said.count(key) for key in VERDICTS}
    parts = [f"{counts[key]} {words}" for key, words in VERDICTS.items() if counts[key]]
    if not said:
        return "No claim has been run yet."
    return f"Of {plural(len(said), 'claim')}: {join(parts)}."


def repeated(findings: Iterable[Finding]) -> str:
    """Return in words how findings fared in larger worlds and across the premises."""
    every = list(findings)
    wanted = sum(len(list(conditions(one.scenario))) - 1 for one in every)
    done = sum(len(one.outcomes.keys() - {DEFAULT.key}) for one in every)
    if done == 0:
        return "They are run as declared, and not yet in larger worlds or across the premises."
    turned = [condition for one in every for condition, _ in _turns(one)]
    larger = sum(condition.key == IN_LARGER for condition in turned)
    missing = f" (of {number(wanted)} that are to be made)" if done < wanted else ""
    return (
        f"Of {plural(done, 'repetition')}{missing}, in worlds {LARGER} times as large and across "
        f"the premises, {number(len(turned))} turned clearly, {number(larger)} of these in larger "
        "worlds."
    )
