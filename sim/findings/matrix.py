"""Figure: every claim under every premise, and which way each finding points there."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from sim.findings.premises import DEFAULT, IN_LARGER, LARGER, PREMISES
from sim.findings.running import Finding
from sim.findings.testing import ALPHA
from sim.findings.words import verdicts
from sim.plots import style, tiles
from sim.plots.style import EDGE, FOOT, GREY, INK, WIDTH, Key, Page, key_height

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "COLUMNS", "matrix", "pointing"]

COLOURS: Final = {"for": style.BLUE, "against": style.VERMILLION, "open": "#7a7a7a"}
COLUMNS: Final = (
    (DEFAULT.key, DEFAULT.label),
    (IN_LARGER, f"{LARGER} times the accounts"),
    *((condition.key, condition.label) for condition in PREMISES),
)
_SIGNS: Final = {"for": "+", "against": "−"}
_ROW: Final = 0.31  # inches
_LINE: Final = 0.135  # inches of a line of a name
_NAMES: Final = 2.35  # inches for the names of claims


def pointing(finding: Finding, key: str, verdict: str) -> tuple[str, bool] | None:
    """Return which way a finding points under a condition and whether clearly; None if unknown.

    As declared it is clear by its corrected ``verdict``, elsewhere by its own interval.
    """
    if key not in finding.outcomes:
        return None
    outcome = finding.outcomes[key][1]
    clear = verdict != "open" if key == DEFAULT.key else outcome.p < ALPHA
    return outcome.leans, clear


@style.context()
def matrix(findings: Sequence[Finding], foot: str) -> "Figure":
    """Draw a row a claim, a column a condition."""
    said, keys = verdicts(findings), _keys()
    known = [one for one in findings if one.name in said]
    head = max(style.text_width(label, FOOT) for _, label in COLUMNS) + 0.16
    top, height = key_height(keys) + 0.14 + head, _ROW * len(known)
    lead = (
        "Whether each finding holds: as declared, in a larger world, and with one premise changed "
        "at a time. Clearly: by its 95 % interval alone; as declared, after Holm's correction. "
        "No mark: the premise is part of the claim, or was not run."
    )
    page = Page(foot, "The claims across the premises", lead, top + height + 0.02)
    page.key(0.0, keys)
    width = WIDTH - 2 * EDGE - _NAMES
    axes = tiles.field(page, (EDGE + _NAMES, top, width, height), len(COLUMNS), len(known))
    axes.invert_yaxis()
    for n, (_, label) in enumerate(COLUMNS):
        x = EDGE + _NAMES + (n + 0.5) * width / len(COLUMNS)
        page.text(x, top - 0.08, label, size=FOOT, color=INK, rotation=90, ha="center", va="bottom")
    for row, one in enumerate(known):
        _name(page, top + (row + 0.5) * _ROW, one)
        for n, (key, _) in enumerate(COLUMNS):
            _tile(axes, n, row, pointing(one, key, said[one.name][0]))
    return page.figure


def _name(page: Page, y: float, finding: Finding) -> None:
    title = finding.scenario.scenario.title or finding.name
    lines = style.balanced(title, FOOT, _NAMES - 0.1)
    for n, line in enumerate(lines):
        middle = y + (n - (len(lines) - 1) / 2) * _LINE
        page.text(EDGE + _NAMES - 0.1, middle, line, size=FOOT, ha="right")


def _tile(axes: "Axes", x: int, y: int, found: tuple[str, bool] | None) -> None:
    if found is None:
        axes.text(x, y, "·", ha="center", va="center", color=GREY, size=FOOT)
    else:
        leans, clear = found
        tiles.tile(axes, x, y, _SIGNS[leans], COLOURS[leans], clear=clear)


def _keys() -> list[Key]:
    return [_key(f"{_SIGNS[leans]}  {words}", leans, clear) for leans, words, clear in _entries()]


def _entries() -> Iterator[tuple[str, str, bool]]:
    for leans, words in (("for", "in line with the claim"), ("against", "against it")):
        yield leans, words, True
        yield leans, "not clearly so", False


def _key(text: str, leans: str, clear: bool) -> Key:
    alpha = 1.0 if clear else tiles.UNCLEAR
    return Key(text, style={"facecolor": COLOURS[leans], "linewidth": 0, "alpha": alpha})
