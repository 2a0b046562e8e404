"""The report of results: one page of HTML that stands by itself.

Figures and style are inside the page, so it can be sent by mail, opened without a network and
printed. It has no scripts. Everything that a user wrote (titles, labels, settings) is escaped.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim import files
from sim.experiments import claim as claims
from sim.experiments import others as others_of
from sim.experiments.analysis import SUMMARY, labels, reference_life, summary_table
from sim.experiments.points import is_sweep
from sim.metrics import MEASURES as MEANINGS
from sim.plots import drawn, render
from sim.plots.text import MEASURES, number, plural, signed, source_line, spread, times
from sim.report import sweeps
from sim.report.html import bullets, details, document, figure, section, table
from sim.settings import Behaviour, Platform, Population, Record, Section, World

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import Results

__all__ = ["NAME", "changed_settings", "page", "write"]

NAME: Final = "report.html"
SECTIONS: Final[dict[str, type[Section]]] = {
    "world": World,
    "population": Population,
    "platform": Platform,
    "behaviour": Behaviour,
    "record": Record,
}


def write(results: Results, folder: str | Path, figures: Path | None = None) -> Path:
    """Write ``report.html`` into ``folder`` and return its path; the file is written whole.

    ``figures`` is a folder with these results' figures as SVG; without it they are drawn.
    """
    path = Path(folder) / NAME
    files.new_text(path, page(results, figures))
    return path


def page(results: Results, figures: Path | None = None) -> str:
    """The report as text; ``figures`` as in `write`."""
    shown = _of_sweep if is_sweep(results) else _of_runs
    parts = [
        _header(results),
        *shown(results, "".join(_figures(results, figures))),
        section("What this does not show", _limits(results)),
        section("What was run", _run(results)),
        section("Run it again", _again(results)),
    ]
    body = "\n".join(part for part in parts if part)
    return document(results.title, body)


def _of_runs(results: Results, figures: str) -> list[str]:
    return [
        _claim(results),
        section("The lives side by side", _lives(results)),
        section("Figures", figures),
    ]


def _of_sweep(results: Results, figures: str) -> list[str]:
    return [
        section("What was swept", sweeps.swept(results)),
        section("What each life gains", sweeps.gained(results)),
        section("Figures", figures),
        sweeps.depends(results),
        section("What pairing gains, and how many worlds are needed", sweeps.worlds(results)),
    ]


def _header(results: Results) -> str:
    question = f'<p class="question">{escape(results.question)}</p>' if results.question else ""
    source = f'<p class="source">{escape(source_line(results))}</p>'
    return f"<header>\n<h1>{escape(results.title)}</h1>\n{question}\n{source}\n</header>"


# --- The claim -------------------------------------------------------------------------------


def _claim(results: Results) -> str:
    """The box near the top: what was claimed, and what was found; nothing without a claim."""
    claim = claims.declared(results)
    if claim is None:
        return ""
    found = claims.estimate(results, claim)
    rows = [
        ("Claim", escape(claim.claim)),
        ("Hypothesis", escape(claim.hypothesis)),
        ("Primary measure, declared beforehand", _primary(claim.primary)),
        ("Expected", _expected(results, claim)),
        ("Found", _found(found)),
        ("Verdict", _verdict(found, claim.expected)),
        ("What would refute it", escape(claim.refuted_by)),
    ]
    if claim.secondary:
        rows.append(("Beside it; this decides nothing", _beside(results, claim)))
    terms = "\n".join(f"<dt>{term}</dt>\n<dd>{told}</dd>" for term, told in rows)
    return f'<section class="claim">\n<h2>The claim</h2>\n<dl>\n{terms}\n</dl>\n</section>'


def _primary(measure: str) -> str:
    about = MEANINGS[measure]
    return f"{escape(about.label)} ({escape(about.unit)}): {escape(about.definition)}"


def _expected(results: Results, claim: claims.Claim) -> str:
    tested, reference = (escape(results.arms[arm]) for arm in (claim.tested, claim.reference))
    if claim.expected == "same":
        return f"the same in “{tested}” as in “{reference}” (a ratio of 0.8 to 1.25)"
    return f"{escape(claim.expected)} in “{tested}” than in “{reference}”"


def _beside(results: Results, claim: claims.Claim) -> str:
    """A table of the secondary measures in both arms."""
    head = ["", *(escape(results.arms[arm]) for arm in (claim.reference, claim.tested)), ""]
    rows = []
    for measure in claim.secondary:
        found = claims.estimate(results, claim, measure)
        means = (number(found.reference_mean), number(found.tested_mean))
        rows.append([escape(MEANINGS[measure].label), *means, _compared(found)])
    return table(head, rows)


def _compared(found: claims.Estimate) -> str:
    """The ratio or the difference, with its interval."""
    show = times if found.is_ratio else signed
    mean, low, high = (show(value) for value in found.interval[:3])
    bounds = f" ({low} to {high}, 95&nbsp;%)" if math.isfinite(found.interval.low) else ""
    return f"<b>{mean}</b>{bounds}"


def _found(found: claims.Estimate) -> str:
    n = found.interval.n
    if not n:
        return "Nothing: no world in which both arms have a value."
    what = "Geometric mean of the ratio" if found.is_ratio else "Mean difference"
    why = "" if found.is_ratio else " There is no ratio: some value is 0, negative or infinite."
    short = f" of {number(found.worlds)}" if n < found.worlds else ""
    return (
        f"{what}: {_compared(found)}, paired within {number(n)}{short} "
        f"world{'' if n == 1 else 's'}.{why}"
    )


def _verdict(found: claims.Estimate, expected: str) -> str:
    said = claims.verdict(found, expected)
    text = f"<b>{said[:1].upper()}{said[1:]}.</b>"
    if found.interval.n < claims.ENOUGH:
        text += f" Fewer than {claims.ENOUGH} worlds illustrate; they do not establish."
    return text


# --- The table of lives ----------------------------------------------------------------------


def _lives(results: Results) -> str:
    summary = summary_table(results)
    several = len(labels(results)) > 1
    head = ["", *(escape(name) for name in labels(results).values())]
    body = table(head, _measure_rows(results, summary), "lives")
    words = details("What the words mean", bullets(_meaning(name) for name in SUMMARY))
    pairing = details("How much pairing gained", _pairing(results, summary)) if several else ""
    return f"<p>{_how_to_read(results)}</p>\n{body}\n{words}\n{pairing}"


def _meaning(measure: str) -> str:
    name, about = MEASURES[measure], MEANINGS[measure]
    return f"<b>{escape(name)}</b> ({escape(about.unit)}): {escape(about.definition)}"


def _how_to_read(results: Results) -> str:
    text = "Means over replicates at the end, with 95&nbsp;% intervals."
    if len(labels(results)) > 1:
        name = escape(labels(results)[reference_life(results)])
        text += (
            f" Numbers with a sign are the difference to “{name}”, paired by replicate; they are "
            "bold where the interval leaves out zero. Intervals are not corrected for the number "
            "of comparisons."
        )
    return text


def _measure_rows(results: Results, summary: pd.DataFrame) -> Iterator[list[str]]:
    cells = summary.set_index(["measure", "life"])
    for measure in SUMMARY:
        own = [_cell(measure, cells.loc[(measure, life)]) for life in labels(results)]
        yield [escape(MEASURES[measure]), *own]


def _cell(measure: str, row: pd.Series) -> str:
    scale, unit = (100.0, "&nbsp;%") if measure == "engagement_rate" else (1.0, "")
    mean, low, high = (scale * float(row[key]) for key in ("mean", "low", "high"))
    parts = [f"<b>{number(mean)}{unit}</b>"]
    if low < high:
        parts.append(f"<small>{spread(low, high)}</small>")
    gap = [scale * float(row[key]) for key in ("difference", "difference_low", "difference_high")]
    if not math.isnan(gap[0]):
        parts.append(_difference(*gap))
    return "<br>".join(parts)


def _difference(mean: float, low: float, high: float) -> str:
    clear = low > 0 or high < 0
    bounds = f"<br>{signed(low)} to {signed(high)}" if low < high else ""
    return f'<small class="{"clear" if clear else "gap"}">{signed(mean)}{bounds}</small>'


def _pairing(results: Results, summary: pd.DataFrame) -> str:
    text = (
        "<p>The arms of a replicate share their draws; rivals share one world. The table says how "
        "many times the replicates one would need for the same interval without that: the "
        "variance of the difference if the lives were independent, divided by that of the paired "
        "one. Below 1, pairing did not help.</p>"
    )
    others = {k: v for k, v in labels(results).items() if k != reference_life(results)}
    gained = summary.set_index(["measure", "life"])["variance_gained"]
    rows = (
        [escape(MEASURES[m]), *(number(float(gained.loc[(m, life)]), 2) for life in others)]
        for m in SUMMARY
    )
    return (
        text
        + table(["", *(escape(name) for name in others.values())], rows, "lives")
        + (_others_changed(results))
    )


def _others_changed(results: Results) -> str:
    """Say how far each arm changes the lives of the other accounts."""
    shares = others_of.changed(results)
    if not shares:
        return ""
    names = labels(results)
    rows = ([escape(names.get(arm, arm)), f"{100 * share:.1f} %"] for arm, share in shares.items())
    text = (
        "<p>How far a strategy carries: the share of the other accounts that end otherwise than in "
        "the reference arm (whom they follow, how they feel about whom, what they expect). All "
        "the others live the same year to the bit.</p>"
    )
    return text + table(["", "other accounts changed"], rows, "lives")


# --- Figures ---------------------------------------------------------------------------------


def _figures(results: Results, folder: Path | None) -> Iterator[str]:
    for plot in drawn(results):
        file = None if folder is None else folder / f"{plot.NAME}.svg"
        svg = file.read_bytes() if file else render(plot.figure(results), "svg")
        yield figure(plot.NAME, svg, plot.alt(results), plot.caption(results))


# --- What was run, and what it cannot say ----------------------------------------------------


def _limits(results: Results) -> str:
    replicates = int(results.runs["replicate"].nunique())
    few = (
        f"This rests on {plural(replicates, 'replicate')}. Fewer than 20 illustrate; they do not "
        "establish."
        if replicates < 20
        else "Many measures are compared here; one that was chosen beforehand counts for more."
    )
    return bullets(
        [
            "This is a model, not a measurement. It shows what follows from its premises, and "
            "says nothing about any real account or platform.",
            "The intervals are over replicates: other worlds with the same settings. They do not "
            "hold the uncertainty of the settings themselves, many of which are premises "
            "(what an action costs, how an offer sells, how much a count impresses).",
            escape(few),
            f"The world has {number(float(results.manifest.get('accounts', math.nan)))} accounts. "
            "In a small world, an order of fakes or one busy account weighs more than in a large "
            "one.",
            "“Engaged” and “warm” are what the model counts as such. Motives, moods, harm and "
            "what is said between people are not in it.",
        ]
    )


def _run(results: Results) -> str:
    facts = table(["what", "value"], [[escape(k), escape(v)] for k, v in _facts(results)])
    parts = [facts, _failed(results), _settings(results)]
    scenario = results.manifest.get("scenario", {})
    if isinstance(scenario, Mapping) and scenario.get("text"):
        text = f"<pre><code>{escape(str(scenario['text']))}</code></pre>"
        parts.append(details("The scenario file", text))
    return "\n".join(part for part in parts if part)


def _facts(results: Results) -> Iterator[tuple[str, str]]:
    manifest = results.manifest
    runs = results.runs
    yield "accounts in the world", number(float(manifest.get("accounts", math.nan)))
    yield "protagonists", ", ".join(results.accounts)
    yield "days", number(float(manifest.get("days", math.nan)))
    yield "runs", f"{len(runs)} ({len(labels(results))} lives)"
    yield "seeds of the replicates", ", ".join(str(s) for s in sorted(set(runs["seed"])))
    yield "model", str(manifest.get("model_version", ""))
    versions = manifest.get("versions") or {}
    if versions:
        yield "software", ", ".join(f"{name} {text}" for name, text in versions.items() if text)
    for key, name in (("commit", "commit"), ("platform", "machine")):
        if manifest.get(key):
            yield name, str(manifest[key])


def _failed(results: Results) -> str:
    failed = results.runs[results.runs["status"] != "ok"]
    if failed.empty:
        return ""
    pairs = zip(failed["run_id"], failed["error"], strict=True)
    rows = [[escape(str(run)), escape(str(error))] for run, error in pairs]
    said = f"<p><b>{plural(len(rows), 'run')} failed</b>; the numbers leave out what failed:</p>"
    return said + table(["run", "error"], rows)


def _settings(results: Results) -> str:
    scenario = results.manifest.get("scenario", {})
    settings = scenario.get("settings") if isinstance(scenario, Mapping) else None
    if not isinstance(settings, Mapping):
        return ""
    changed = changed_settings(settings)
    if not changed:
        return "<p>All settings of world, people and platform are the defaults.</p>"
    rows = [
        [f"<code>{escape(key)}</code>", escape(_plain(value)), escape(_plain(default))]
        for key, (value, default) in changed.items()
    ]
    return "<p>Settings that differ from their defaults:</p>" + table(
        ["setting", "here", "default"], rows
    )


def changed_settings(settings: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Settings that differ from their defaults: dotted key to (value, default)."""
    changed = {}
    for name, kind in SECTIONS.items():
        defaults = _flat(kind().model_dump(mode="json"), name)
        for key, value in _flat(settings.get(name, {}), name).items():
            if key in defaults and value != defaults[key]:
                changed[key] = (value, defaults[key])
            elif key not in defaults:
                changed[key] = (value, None)
    return changed


def _flat(nested: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        name = f"{prefix}.{key}"
        flat.update(_flat(value, name) if isinstance(value, Mapping) else {name: value})
    return flat


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _again(results: Results) -> str:
    command = str(results.manifest.get("command", ""))
    return (
        f"<pre><code>{escape(command)}</code></pre>\n"
        "<p>The same model version, scenario and seed give the same numbers, bit for bit, on any "
        "machine and with any number of threads; every run has a hash of its final state to "
        "compare with.</p>"
    )
