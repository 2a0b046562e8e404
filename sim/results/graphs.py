"""Networks as GraphML and GEXF, written row by row: a graph of any size takes no memory.

An edge leads from the follower to whom it follows. Sources: GraphML (graphml.graphdrawing.org),
GEXF 1.2 (gexf.net).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

import pandas as pd

__all__ = ["write_gexf", "write_graphml"]

NODE: Final = {"kind": "string", "followers": "long"}
"""Attributes of an account, by name, with their types."""
EDGE: Final = {"origin": "string", "start": "double", "warmth": "double"}
"""Attributes of a follow."""
HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
BATCH: Final = 10_000  # rows at a time


def write_graphml(nodes: pd.DataFrame, edges: pd.DataFrame, path: Path) -> None:
    """Write accounts (uid, kind, followers) and follows (follower, followee, ...) as GraphML."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f'{HEAD}<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        for kind, attributes in (("node", NODE), ("edge", EDGE)):
            out.writelines(
                f'<key id="{name}" for="{kind}" attr.name="{name}" attr.type="{form}"/>\n'
                for name, form in attributes.items()
            )
        out.write('<graph id="follows" edgedefault="directed">\n')
        out.writelines(_nodes(nodes, _data))
        out.writelines(_edges(edges, _data))
        out.write("</graph>\n</graphml>\n")


def write_gexf(nodes: pd.DataFrame, edges: pd.DataFrame, path: Path) -> None:
    """Write accounts and follows, as for `write_graphml`, as GEXF."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f'{HEAD}<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2">\n')
        out.write('<graph mode="static" defaultedgetype="directed">\n')
        for kind, attributes in (("node", NODE), ("edge", EDGE)):
            out.write(f'<attributes class="{kind}" mode="static">\n')
            out.writelines(
                f'<attribute id="{name}" title="{name}" type="{form}"/>\n'
                for name, form in attributes.items()
            )
            out.write("</attributes>\n")
        out.write("<nodes>\n")
        out.writelines(_nodes(nodes, _attvalues))
        out.write("</nodes>\n<edges>\n")
        out.writelines(_edges(edges, _attvalues))
        out.write("</edges>\n</graph>\n</gexf>\n")


Inside = Callable[[Iterable[tuple[str, Any]]], str]


def _nodes(nodes: pd.DataFrame, inside: Inside) -> Iterator[str]:
    for batch in _batches(nodes[["uid", *NODE]]):
        for uid, *values in batch.itertuples(index=False, name=None):
            about = inside(zip(NODE, values, strict=True))
            yield f'<node id="{uid}">{about}</node>\n'


def _edges(edges: pd.DataFrame, inside: Inside) -> Iterator[str]:
    number = 0
    for batch in _batches(edges[["follower", "followee", *EDGE]]):
        for source, target, *values in batch.itertuples(index=False, name=None):
            about = inside(zip(EDGE, values, strict=True))
            yield f'<edge id="{number}" source="{source}" target="{target}">{about}</edge>\n'
            number += 1


def _data(values: Iterable[tuple[str, Any]]) -> str:
    return "".join(f'<data key="{name}">{escape(str(value))}</data>' for name, value in values)


def _attvalues(values: Iterable[tuple[str, Any]]) -> str:
    inner = "".join(
        f'<attvalue for="{name}" value="{escape(str(value))}"/>' for name, value in values
    )
    return f"<attvalues>{inner}</attvalues>"


def _batches(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    return (frame.iloc[begin : begin + BATCH] for begin in range(0, len(frame), BATCH))
