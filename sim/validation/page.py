"""The report of a validation: one page of HTML that stands by itself, with its figures."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sim import files
from sim._version import model_version
from sim.plots import save
from sim.plots.text import number, plural
from sim.report import html
from sim.validation import beside, figures, histories, movement, shapes
from sim.validation.histories import History
from sim.validation.laws import MOST
from sim.validation.running import Found, Validation
from sim.validation.shapes import Shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FIGURES", "REPORT", "laws", "outcome", "table", "write"]

REPORT: Final = "report.html"
FIGURES: Final = "figures"


def table(validation: Validation) -> list[list[str]]:
    """Every check as a row: key, what, value, values, band, verdict, source, of whom, when."""
    return [
        [
            found.check.key,
            found.check.title,
            f"{number(found.median)}",
            ", ".join(number(value) for value in found.values),
            figures.band(found.check),
            verdict(found),
            found.check.source,
            found.check.population,
            found.check.window,
        ]
        for found in validation.found
    ]


HEAD: Final = (
    "check", "what", "median", "by seed", "band", "verdict", "after", "of whom", "when",
)  # fmt: skip


def verdict(found: Found) -> str:
    """Return "in band (5 of 5 seeds)", or where the values lie."""
    seeds = plural(len(found.values), "seed")
    if found.verdict == "no answer":
        return f"no answer: too few accounts or days ({found.answered} of {seeds} could tell)"
    return f"{found.verdict} ({found.in_band} of {seeds})"


def laws(validation: Validation) -> list[list[str]]:
    """Every law as a row: key, what, its formula, standard errors off by seed, verdict."""
    return [
        [
            law.key,
            law.title,
            law.formula,
            ", ".join(f"{one.deviation:+.1f}" for one in results),
            "holds" if all(one.holds for one in results) else "broken",
        ]
        for law, results in validation.laws
    ]


def outcome(validation: Validation) -> str:
    """Return in a sentence what is out of band."""
    failed = validation.failed
    return f"Out of band: {', '.join(failed)}." if failed else "Nothing is out of band."


def write(
    validation: Validation,
    command: str,
    real: Sequence[Shape] = (),
    archived: Iterable[History] = (),
) -> Path:
    """Draw all figures and write the page into the folder of the validation; return its path.

    ``real`` are follow graphs, ``archived`` growth histories, to be laid beside the simulated.
    """
    folder = validation.folder
    shown = "".join(_figures(validation, folder / FIGURES))
    parts = [
        _head(validation),
        html.section("All checks", _checks(validation)),
        html.section("The exact laws", _laws(validation)),
        html.section("Real graphs", _beside(validation, real)) if real else "",
        _histories(validation, list(archived)),
        html.section("One by one", shown),
        html.section("Run it again", f"<pre><code>{escape(command)}</code></pre>"),
    ]
    body = "\n".join(part for part in parts if part)
    page = html.document("The model against what is known", body)
    files.new_text(folder / REPORT, page)
    return folder / REPORT


def _head(validation: Validation) -> str:
    foot = f"{figures.source(validation)}; model {model_version()}"
    return (
        f"<header>\n<h1>The model against what is known</h1>\n<p class='question'>"
        f"{escape(outcome(validation))}</p>\n<p class='source'>{escape(foot)}</p>\n</header>"
    )


def _checks(validation: Validation) -> str:
    rows = ([escape(cell) for cell in row] for row in table(validation))
    told = (
        "<p>Each is measured in every world by itself; it counts as in band if it is so in four "
        "of five. Checks 13 and 17 follow in part from range restriction and from the factor of "
        "asking: they are calibration, not evidence. D1 to D3 are directions.</p>"
    )
    return told + html.table(HEAD, rows)


def _laws(validation: Validation) -> str:
    head = ("law", "what", "expected", "standard errors off, by seed", "verdict")
    rows = ([escape(cell) for cell in row] for row in laws(validation))
    accounts = number(float(validation.plan.law_accounts))
    told = f"<p>In worlds of {accounts} accounts; a law holds within {MOST:g} standard errors.</p>"
    return told + html.table(head, rows)


def _beside(validation: Validation, real: Sequence[Shape]) -> str:
    every = [validation.shape, *real]
    rows = ([escape(cell) for cell in row] for row in shapes.table(every))
    head = ["", *(escape(one.name) for one in every)]
    drawn = beside.figure(every, _foot(validation))
    words = "Distributions of followers and follows in each graph"
    return html.table(head, rows) + _saved(
        validation.folder / FIGURES, "graphs", drawn, words, "Compare shapes, not sizes."
    )


def _histories(validation: Validation, archived: list[History]) -> str:
    """Return the part on growth histories; nothing without any."""
    if not archived:
        return ""
    real = histories.statistics(archived)
    rows = ([escape(cell) for cell in row] for row in movement.table(validation.moves, real))
    head = ("", "simulated: median (middle nine tenths)", "archived")
    drawn = movement.figure(validation.moves, real, _foot(validation))
    words = "How the counts of established accounts move, simulated and archived"
    shown = _saved(validation.folder / FIGURES, "histories", drawn, words, words)
    return html.section("Growth histories", html.table(head, rows) + shown)


def _foot(validation: Validation) -> str:
    return f"{figures.source(validation)}; followlab {model_version()}"


def _figures(validation: Validation, folder: Path) -> Iterator[str]:
    every = figures.overview(validation)
    yield _saved(folder, "overview", every, "All checks at a glance", "")
    for one in validation.found:
        drawn = figures.of_check(one, _foot(validation))
        yield _saved(folder, f"check_{one.check.key}", drawn, figures.alt(one), verdict(one))


def _saved(folder: Path, name: str, drawn: "Figure", words: str, caption: str) -> str:
    """Save a figure as SVG and PNG; return it as a part of the page."""
    save(drawn, folder / f"{name}.png")
    svg = save(drawn, folder / f"{name}.svg").read_bytes()
    return html.figure(name, svg, words, caption)
