"""Figures of findings: all claims at a glance, and each claim across the premises."""

from collections.abc import Sequence
from math import isfinite, isnan, nan
from typing import TYPE_CHECKING, Final

from sim.experiments.claim import SAME
from sim.experiments.intervals import Interval
from sim.findings.matrix import COLOURS
from sim.findings.running import Finding
from sim.findings.testing import Outcome
from sim.findings.words import VERDICTS, found, verdicts
from sim.metrics import MEASURES
from sim.plots import dots, style
from sim.plots.dots import Row
from sim.plots.style import Key, Page, key_height
from sim.plots.text import signed_tick, times

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["of_claim", "overview"]

_RIGHT: Final = 1.75  # inches for the values
_FARTHEST: Final = 64.0  # ratios beyond leave the axis


def _row(label: str, outcome: Outcome, verdict: str) -> Row:
    value = Interval(outcome.mean, outcome.low, outcome.high, outcome.worlds)
    return Row(label, COLOURS[verdict], value, found(outcome), hollow=verdict == "open")


def _alone(outcome: Outcome) -> str:
    """Return what an outcome says by itself, uncorrected."""
    return outcome.leans if outcome.p < 0.05 else "open"


@style.context()
def of_claim(finding: Finding, foot: str) -> "Figure":
    """Draw what was found as declared, in the larger world and under each premise."""
    pairs = list(finding.outcomes.values())
    rows = [_row(condition.label, outcome, _alone(outcome)) for condition, outcome in pairs]
    header = finding.scenario.scenario
    ratio = all(outcome.is_ratio for _, outcome in pairs)
    label = MEASURES[str(header.primary)].label
    what = "Ratio" if ratio else "Difference"
    lead = f"{what} of {label}, with 95 % intervals over worlds. {_expected(finding)}"
    left = dots.label_room(rows, 1.7)
    row, keys = dots.row_height(rows, left), _keys()
    top = key_height(keys) + 0.12
    page = Page(foot, header.title or finding.name, lead, top + dots.rows_height(len(rows), row))
    page.key(0, keys)
    dots.panel(
        page, top, rows, "ratio (tested to reference)" if ratio else f"difference, {label}",
        _limits(rows, ratio), left=left, right=_RIGHT, row=row, zero=1.0 if ratio else 0.0,
        log=ratio, form=times if ratio else signed_tick,
    )  # fmt: skip
    return page.figure


def _expected(finding: Finding) -> str:
    arms = {arm.name: arm.label for arm in finding.scenario.arms}
    names = (finding.scenario.tested, finding.scenario.reference)
    tested, reference = (arms[str(name)] for name in names)
    expected = finding.scenario.scenario.expected
    if expected == "same":
        margin = f"{times(SAME[0])} to {times(SAME[1])}"
        return f"Expected: the same in “{tested}” as in “{reference}” ({margin})."
    return f"Expected: {expected} in “{tested}” than in “{reference}”."


def _keys() -> list[Key]:
    return [
        Key(f"by itself {words}", style={"facecolor": COLOURS[key], "linewidth": 0})
        for key, words in VERDICTS.items()
    ]


def _limits(rows: Sequence[Row], ratio: bool) -> tuple[float, float]:
    """Limits of the axis: all that is known, but ratios not beyond sixty-four."""
    if not ratio:
        return dots.bounds(rows)
    ends = [v for row in rows for v in row.value[:3] if isfinite(v) and v > 0]
    low = max(1 / _FARTHEST, min([0.5, *(0.85 * v for v in ends)]))
    return low, min(_FARTHEST, max([2.0, *(1.2 * v for v in ends)]))


@style.context()
def overview(findings: Sequence[Finding], foot: str) -> "Figure":
    """Draw the effect of every claim as declared, with its corrected verdict."""
    said = verdicts(findings)
    known = [(one, one.default) for one in findings if one.default is not None]
    rows = [
        _scaled_row(one.scenario.scenario.title or one.name, outcome, said[one.name][0])
        for one, outcome in known
        if outcome is not None
    ]
    lead = (
        "Ratio of the declared measure, tested arm to reference, with 95 % intervals; verdicts "
        "after Holm's correction over all claims. Where there is no ratio, the row gives the "
        "difference in words."
    )
    keys = [
        Key(words, style={"facecolor": COLOURS[key], "linewidth": 0})
        for key, words in VERDICTS.items()
    ]
    left = dots.label_room(rows, 2.3)
    row, top = dots.row_height(rows, left), key_height(keys) + 0.12
    page = Page(foot, "The claims, tested", lead, top + dots.rows_height(len(rows), row))
    page.key(0, keys)
    dots.panel(
        page, top, rows, "ratio (tested to reference)", _limits(rows, True), left=left,
        right=_RIGHT, row=row, zero=1.0, log=True, form=times,
    )  # fmt: skip
    return page.figure


def _scaled_row(label: str, outcome: Outcome, verdict: str) -> Row:
    """A row of the overview; differences have a text but no mark, for they have no ratio."""
    row = _row(label, outcome, verdict)
    if outcome.is_ratio and not isnan(outcome.mean):
        return row
    return Row(row.label, row.colour, Interval(nan, nan, nan, outcome.worlds), row.text)
