"""Results for other programs: tables as CSV, final networks as GraphML or GEXF."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

from sim import files
from sim.results import tables
from sim.results.store import Results, ResultsError

__all__ = ["FORMATS", "Format", "export", "network_files"]

Format = Literal["csv", "graphml", "gexf"]
FORMATS: Final[tuple[Format, ...]] = ("csv", "graphml", "gexf")


def export(results: Results, form: Format, out: Path | None = None) -> list[Path]:
    """Write the results in another format to ``out`` (default: ``export`` in their folder).

    ``csv`` writes each table, ``graphml`` and ``gexf`` the final network of each run that
    saved one. Returns the files. Raises ResultsError if no network was saved.
    """
    folder = out or results.folder / "export"
    return _tables(results, folder) if form == "csv" else _networks(results, form, folder)


def network_files(folder: Path, run_id: str) -> tuple[Path, Path]:
    """Return where the follows and the accounts of a run's final network are saved."""
    return folder / f"network-{run_id}.parquet", folder / f"accounts-{run_id}.parquet"


def _tables(results: Results, folder: Path) -> list[Path]:
    written = []
    for name in tables.TABLES:
        path = folder / f"{name}.csv"
        with files.replacing(path) as temporary:
            getattr(results, name).to_csv(temporary, index=False, lineterminator="\n")
        written.append(path)
    return written


def _networks(results: Results, form: Format, folder: Path) -> list[Path]:
    written = []
    for run_id in results.runs["run_id"]:
        follows, accounts = network_files(results.folder, run_id)
        if follows.is_file() and accounts.is_file():
            path = folder / f"network-{run_id}.{form}"
            with files.replacing(path) as temporary:
                _writer(form)(_graph(follows, accounts), temporary)
            written.append(path)
    if not written:
        raise ResultsError(
            f"{results.folder}: no final network was saved; "
            "run again with --save-network (and --fresh)"
        )
    return written


def _writer(form: Format) -> Callable[[Any, Path], None]:
    import networkx

    writers: dict[str, Callable[[Any, Path], None]] = {
        "graphml": networkx.write_graphml_xml,  # the same bytes with and without lxml
        "gexf": networkx.write_gexf,
    }
    return writers[form]


def _graph(follows: Path, accounts: Path) -> Any:
    """Return a directed graph; an edge leads from the follower to whom it follows."""
    import networkx

    nodes, edges = tables.read([accounts]), tables.read([follows])
    graph = networkx.DiGraph()
    about = zip(nodes["kind"], nodes["followers"], strict=True)
    details = ({"kind": kind, "followers": int(followers)} for kind, followers in about)
    graph.add_nodes_from(zip(map(str, nodes["uid"]), details, strict=True))
    ends = zip(map(str, edges["follower"]), map(str, edges["followee"]), strict=True)
    qualities = edges[["origin", "start", "warmth"]].to_dict("records")
    graph.add_edges_from((u, v, data) for (u, v), data in zip(ends, qualities, strict=True))
    return graph
