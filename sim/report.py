"""The report of results: one page of HTML that stands by itself.

Figures and style are inside the page, so it can be sent by mail, opened without a network and
printed. It has no scripts. Everything that a user wrote (titles, labels, settings) is escaped.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim import files
from sim.experiments import claim as claims
from sim.experiments import others as others_of
from sim.experiments.analysis import SUMMARY, labels, reference_life, summary_table
from sim.metrics import MEASURES as MEANINGS
from sim.plots import plots, render
from sim.plots.text import MEASURES, number, plural, signed, source_line, spread, times
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
    parts = [
        _header(results),
        _claim(results),
        _section("The lives side by side", _lives(results)),
        _section("Figures", "".join(_figures(results, figures))),
        _section("What this does not show", _limits(results)),
        _section("What was run", _run(results)),
        _section("Run it again", _again(results)),
    ]
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{POLICY}\n<title>{escape(results.title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


# The browser itself refuses anything that is not inside the page.
POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
)


def _header(results: Results) -> str:
    question = f'<p class="question">{escape(results.question)}</p>' if results.question else ""
    source = f'<p class="source">{escape(source_line(results))}</p>'
    return f"<header>\n<h1>{escape(results.title)}</h1>\n{question}\n{source}\n</header>"


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table of cells that are HTML already; the first cell of a row is its heading."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = []
    for first, *others in rows:
        cells = "".join(f"<td>{cell}</td>" for cell in others)
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    body = "\n".join(lines)
    return (
        f'<div class="scroll" tabindex="0"><table class="{kind}">\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def _details(title: str, body: str) -> str:
    return f"<details><summary>{escape(title)}</summary>\n{body}\n</details>"


def _list(items: Iterable[str]) -> str:
    return "<ul>\n" + "\n".join(f"<li>{item}</li>" for item in items) + "\n</ul>"


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
    return _table(head, rows)


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
    table = summary_table(results)
    several = len(labels(results)) > 1
    head = ["", *(escape(name) for name in labels(results).values())]
    body = _table(head, _measure_rows(results, table), "lives")
    words = _details("What the words mean", _list(_meaning(name) for name in SUMMARY))
    pairing = _details("How much pairing gained", _pairing(results, table)) if several else ""
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


def _measure_rows(results: Results, table: pd.DataFrame) -> Iterator[list[str]]:
    cells = table.set_index(["measure", "life"])
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


def _pairing(results: Results, table: pd.DataFrame) -> str:
    text = (
        "<p>The arms of a replicate share their draws; rivals share one world. The table says how "
        "many times the replicates one would need for the same interval without that: the "
        "variance of the difference if the lives were independent, divided by that of the paired "
        "one. Below 1, pairing did not help.</p>"
    )
    others = {k: v for k, v in labels(results).items() if k != reference_life(results)}
    gained = table.set_index(["measure", "life"])["variance_gained"]
    rows = (
        [escape(MEASURES[m]), *(number(float(gained.loc[(m, life)]), 2) for life in others)]
        for m in SUMMARY
    )
    return (
        text
        + _table(["", *(escape(name) for name in others.values())], rows, "lives")
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
    return text + _table(["", "other accounts changed"], rows, "lives")


# --- Figures ---------------------------------------------------------------------------------


def _figures(results: Results, drawn: Path | None) -> Iterator[str]:
    for plot in plots():
        file = None if drawn is None else drawn / f"{plot.NAME}.svg"
        svg = file.read_bytes() if file else render(plot.figure(results), "svg")
        image = base64.b64encode(svg).decode("ascii")
        alt, caption = escape(plot.alt(results)), escape(plot.caption(results))
        yield (
            f'<figure id="{escape(plot.NAME)}">\n'
            f'<img src="data:image/svg+xml;base64,{image}" alt="{alt}">\n'
            f"<figcaption>{caption}</figcaption>\n</figure>\n"
        )


# --- What was run, and what it cannot say ----------------------------------------------------


def _limits(results: Results) -> str:
    replicates = int(results.runs["replicate"].nunique())
    few = (
        f"This rests on {plural(replicates, 'replicate')}. Fewer than 20 illustrate; they do not "
        "establish."
        if replicates < 20
        else "Many measures are compared here; one that was chosen beforehand counts for more."
    )
    return _list(
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
    facts = _table(["what", "value"], [[escape(k), escape(v)] for k, v in _facts(results)])
    parts = [facts, _failed(results), _settings(results)]
    scenario = results.manifest.get("scenario", {})
    if isinstance(scenario, Mapping) and scenario.get("text"):
        text = f"<pre><code>{escape(str(scenario['text']))}</code></pre>"
        parts.append(_details("The scenario file", text))
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
    return said + _table(["run", "error"], rows)


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
    return "<p>Settings that differ from their defaults:</p>" + _table(
        ["setting", "here", "default"], rows
    )


def changed_settings(settings: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Settings that differ from their defaults: dotted key to (value, default)."""
    changed = {}
    for section, kind in SECTIONS.items():
        defaults = _flat(kind().model_dump(mode="json"), section)
        for key, value in _flat(settings.get(section, {}), section).items():
            if key in defaults and value != defaults[key]:
                changed[key] = (value, defaults[key])
            elif key not in defaults:
                changed[key] = (value, None)
    return changed


def _flat(table: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
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


STYLE: Final = """
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #5c5c5c; --line: #d8d8d8;
  --page: #ffffff; --card: #f5f5f3; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --soft: #a9a9a9; --line: #3d3d3d; --page: #161616; --card: #232323; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 17px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.2rem 1rem 3rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .6rem 0 .4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.6rem 0 .6rem; padding-top: .8rem;
  border-top: 1px solid var(--line); }
.question { font-size: 1.15rem; margin: 0 0 .4rem; }
.source, figcaption, summary { color: var(--soft); }
.source, figcaption, details { font-size: .92rem; overflow-wrap: anywhere; }
summary { cursor: pointer; padding: .5rem 0; }
.scroll { overflow-x: auto; margin: .8rem 0; border: 1px solid var(--line); border-radius: 6px; }
.claim { background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: .2rem 1rem .8rem; margin: 1.4rem 0; }
.claim h2 { border-top: 0; margin: .6rem 0 .2rem; padding-top: 0; }
dl { margin: 0; max-width: 50rem; overflow-wrap: anywhere; }
dt { color: var(--soft); font-size: .85rem; margin-top: .6rem; }
dd { margin: 0; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .88rem;
  line-height: 1.35; }
th, td { text-align: left; vertical-align: top; padding: .5rem .55rem; }
tbody th, tbody td { border-top: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { position: sticky; left: 0; background: var(--card); min-width: 6.5rem;
  max-width: 11rem; overflow-wrap: break-word; }
thead th:first-child { position: sticky; left: 0; background: var(--card); }
td { overflow-wrap: anywhere; }
table.lives td { white-space: nowrap; font-variant-numeric: tabular-nums; }
small { font-size: .82rem; color: var(--soft); }
small.gap, small.clear { display: inline-block; margin-top: .3rem; }
small.clear { color: var(--ink); font-weight: 700; }
p, ul, pre { max-width: 50rem; }
figure { margin: 1.2rem 0 2.2rem; }
figure img { display: block; width: 100%; max-width: 50rem; height: auto;
  background: #ffffff; border-radius: 6px; border: 1px solid var(--line); }
figcaption { max-width: 50rem; margin: .6rem 0 0; }
pre { background: var(--card); padding: .8rem 1rem; border-radius: 6px; overflow-x: auto;
  font-size: .88rem; }
li { margin: .35rem 0; }
@media (max-width: 640px) {
  main { padding: .6rem .7rem 2rem; }
  figure { margin-left: -.7rem; margin-right: -.7rem; }
  figure img { border-radius: 0; border-left: 0; border-right: 0; }
  figcaption { padding: 0 .7rem; }
}
@media print { details { display: none; } figure { break-inside: avoid; } }
"""
