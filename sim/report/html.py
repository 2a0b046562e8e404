"""Pieces of a page of HTML that stands by itself: no scripts, nothing from elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from typing import Final

__all__ = ["bullets", "details", "document", "figure", "section", "table"]


def document(title: str, body: str) -> str:
    """A whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"{POLICY}\n<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


# The browser itself refuses anything that is not inside the page.
POLICY: Final = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
)


def section(title: str, body: str) -> str:
    """A section with its heading; the body is HTML already."""
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>"


def table(head: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
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


def details(title: str, body: str) -> str:
    """A part that is opened by a click; the body is HTML already."""
    return f"<details><summary>{escape(title)}</summary>\n{body}\n</details>"


def bullets(items: Iterable[str]) -> str:
    """A list of items that are HTML already."""
    return "<ul>\n" + "\n".join(f"<li>{item}</li>" for item in items) + "\n</ul>"


def figure(name: str, svg: bytes, alt: str, caption: str) -> str:
    """A figure that lies inside the page, with what it shows in words."""
    image = base64.b64encode(svg).decode("ascii")
    return (
        f'<figure id="{escape(name)}">\n'
        f'<img src="data:image/svg+xml;base64,{image}" alt="{escape(alt)}">\n'
        f"<figcaption>{escape(caption)}</figcaption>\n</figure>\n"
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
main { max-width: 78rem; margin: 0 auto; padding: 1.2rem 1rem 3rem; }
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
