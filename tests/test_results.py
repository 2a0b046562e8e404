import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from fakes import EVENTS, FOLLOWS
from sim import files
from sim.experiments import manifest
from sim.experiments.plan import plan
from sim.results import ResultsError, export, parts, tables
from sim.results.export import network_files
from sim.results.graphs import write_gexf, write_graphml
from sim.scenario import loads

SERIES = pd.DataFrame(
    {
        "tick": [4, 8],
        "day": [1.0, 2.0],
        "account": "newcomer",
        "measure": "followers",
        "origin": "",
        "value": [30.0, 31.5],
    }
)
SCENARIO = loads('[scenario]\nname = "x"\nreplicates = 2\n[[arms]]\nname = "a"\nlabel = "Life A"')
PLAN = plan(SCENARIO)
KEYS = {run.run_id: run.key for run in PLAN.runs}


def row(run_id: str, **more: Any) -> dict[str, Any]:
    arm, _, replicate = run_id.rpartition("-")
    return {
        "run_id": run_id,
        "point": "",
        "arm": arm,
        "replicate": int(replicate),
        "seed": 1,
        "status": "ok",
        "error": "",
        "state_hash": "abc",
        "model_version": "0",
        "days": 4,
        "wall_s": 1.0,
        **more,
    }


def saved(folder: Path, run_ids: list[str], status: str = "complete") -> Path:
    """Results of these runs, as parts; consolidated if complete."""
    book = manifest.new(PLAN, None, "followlab run x")
    manifest.save(folder, book | {"status": status})
    for number, run_id in enumerate(run_ids):
        made = {"series": SERIES, "events": EVENTS, "follows": FOLLOWS}
        parts.save(folder, KEYS[run_id], row(run_id, followers=100.0 + number), made)
    if status == "complete":
        parts.consolidate(folder, PLAN.runs)
    return folder


def test_a_table_comes_back_as_it_was(tmp_path: Path) -> None:
    frame = FOLLOWS.assign(run_id="a-0", note=[1])
    tables.write(frame, tmp_path / "it's.parquet", tables.TABLES["follows"])
    back = tables.read([tmp_path / "it's.parquet"])
    assert list(back.columns) == [*tables.TABLES["follows"], "note"]
    assert back["follower"].iloc[0] == 3 << 62
    assert np.isnan(back["end"].iloc[0])
    assert back["end_cause"].iloc[0] == ""


def test_an_empty_table_keeps_its_types(tmp_path: Path) -> None:
    for name, columns in tables.TABLES.items():
        tables.write(tables.empty(name), tmp_path / f"{name}.parquet", columns)
        assert list(tables.read([tmp_path / f"{name}.parquet"]).columns) == list(columns)
    assert tables.read([tmp_path / "follows.parquet"])["follower"].dtype == np.uint64


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="warmth"):
        tables.write(
            FOLLOWS.assign(run_id="a-0").drop(columns="warmth"),
            tmp_path / "f.parquet",
            tables.TABLES["follows"],
        )
    assert list(tmp_path.iterdir()) == []


def test_results_hold_all_runs_in_order(tmp_path: Path) -> None:
    results = sim.open(saved(tmp_path, ["a-1", "a-0"]))
    assert list(results.runs["run_id"]) == ["a-0", "a-1"]
    assert list(results.runs["followers"]) == [101.0, 100.0]
    assert list(results.series["run_id"]) == ["a-0", "a-0", "a-1", "a-1"]
    assert len(results.events) == len(results.follows) == 2
    assert (results.scenario, results.reference) == ("x", "a")
    assert results.arms == {"a": "Life A"}
    assert results.accounts == ("newcomer",)
    assert results.complete
    assert results.failed == {}


def test_results_that_are_complete_need_no_parts(tmp_path: Path) -> None:
    before = sim.open(saved(tmp_path, ["a-0", "a-1"]))
    parts.discard(tmp_path)
    pd.testing.assert_frame_equal(sim.open(tmp_path).series, before.series)


def test_interrupted_results_hold_what_had_finished(tmp_path: Path) -> None:
    results = sim.open(saved(tmp_path, ["a-1"], status="running"))
    assert list(results.runs["run_id"]) == ["a-1"]
    assert len(results.series) == 2
    assert not results.complete


def test_a_failed_run_has_a_row_and_its_error(tmp_path: Path) -> None:
    saved(tmp_path, ["a-0"], status="running")
    parts.save(tmp_path, KEYS["a-1"], row("a-1", status="failed", error="no luck"), {})
    results = sim.open(tmp_path)
    assert results.failed == {"a-1": "no luck"}
    assert np.isnan(results.runs.set_index("run_id").loc["a-1", "followers"])
    assert set(results.series["run_id"]) == {"a-0"}


def test_a_part_that_is_half_written_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path, ["a-0"], status="running")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        parts.save(tmp_path, KEYS["a-1"], row("a-1"), {"series": SERIES, "events": EVENTS})
    assert parts.statuses(tmp_path, PLAN.runs) == {"a-0": "ok"}
    assert [path.stem for path in (tmp_path / "parts").iterdir()] == [KEYS["a-0"]]


def test_of_a_scenarios_folder_the_newest_results_are_opened(tmp_path: Path) -> None:
    saved(tmp_path / "run-old", ["a-0"])
    os.utime(tmp_path / "run-old" / "manifest.json", (1, 1))
    saved(tmp_path / "run-new", ["a-0", "a-1"])
    assert sim.open(tmp_path).folder == tmp_path / "run-new"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no results here"),
        ("{", "cannot be read"),
        ("[]", "not a manifest"),
        ('{"format": 99}', "not a manifest of format 1"),
        ('{"format": 1, "runs": []}', "no run has finished"),
    ],
)
def test_what_is_no_result_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(ResultsError, match=message):
        sim.open(tmp_path)


def test_export_to_csv(tmp_path: Path) -> None:
    results = sim.open(saved(tmp_path, ["a-0", "a-1"]))
    written = export(results, "csv")
    assert [path.name for path in written] == [
        "runs.csv", "series.csv", "events.csv", "follows.csv",
    ]  # fmt: skip
    series = pd.read_csv(tmp_path / "export" / "series.csv", keep_default_na=False)
    assert list(series["value"]) == [30.0, 31.5, 30.0, 31.5]
    assert (tmp_path / "export" / "follows.csv").read_text().splitlines()[1].split(",")[2] == str(
        3 << 62
    )


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_export_of_a_network(tmp_path: Path, form: Any) -> None:
    import networkx

    results = sim.open(saved(tmp_path, ["a-0", "a-1"]))
    follows, accounts = network_files(tmp_path, "a-1")
    about = pd.DataFrame({"uid": [0, 3 << 62], "kind": ["ordinary", "protagonist"]})
    tables.write(about.assign(followers=[0, 1]), accounts, tables.ACCOUNTS)
    edge = {"follower": 0, "followee": 3 << 62, "origin": "begging", "start": 2.0, "warmth": 0.5}
    tables.write(pd.DataFrame([edge]), follows, tables.NETWORK)
    [path] = export(results, form, tmp_path / "elsewhere")
    assert path == tmp_path / "elsewhere" / f"network-a-1.{form}"
    read = networkx.read_graphml if form == "graphml" else networkx.read_gexf
    graph = read(path)
    assert graph.is_directed()
    [(follower, followee, data)] = graph.edges(data=True)
    assert (follower, followee) == ("0", str(3 << 62))
    assert data["origin"] == "begging"
    assert data["warmth"] == 0.5
    assert graph.nodes[followee]["kind"] == "protagonist"


@pytest.mark.parametrize("form", ["graphml", "gexf", "igraph"])
def test_a_network_comes_back_as_it_was(tmp_path: Path, form: str) -> None:
    """Round trip of a random network, through networkx and igraph."""
    rng = np.random.default_rng(2)
    uids = rng.choice(1 << 40, 60, replace=False)
    nodes = pd.DataFrame({"uid": uids, "kind": rng.choice(["ordinary", "fake"], 60)})
    nodes["followers"] = rng.integers(0, 1000, 60)
    ends = pd.DataFrame(rng.choice(uids, (400, 2)), columns=["follower", "followee"])
    edges = ends.drop_duplicates().assign(origin="content").reset_index(drop=True)
    edges["start"], edges["warmth"] = rng.normal(size=(2, len(edges)))
    path = tmp_path / "network.xml"
    (write_gexf if form == "gexf" else write_graphml)(nodes, edges, path)
    found_nodes, found_edges = read_back(path, form)
    assert found_nodes == {
        str(uid): (kind, followers) for uid, kind, followers in nodes.to_numpy().tolist()
    }
    assert found_edges == {
        (str(u), str(v)): tuple(rest) for u, v, *rest in edges.to_numpy().tolist()
    }


def read_back(path: Path, form: str) -> tuple[dict[str, Any], dict[Any, Any]]:
    """Accounts and follows of a file, by another program."""
    if form == "igraph":
        igraph = pytest.importorskip("igraph")
        graph = igraph.Graph.Read_GraphML(str(path))
        names = graph.vs["id"]
        nodes = {v["id"]: (v["kind"], int(v["followers"])) for v in graph.vs}
        return nodes, {
            (names[e.source], names[e.target]): (e["origin"], e["start"], e["warmth"])
            for e in graph.es
        }
    import networkx

    graph = (networkx.read_graphml if form == "graphml" else networkx.read_gexf)(path)
    nodes = {name: (data["kind"], data["followers"]) for name, data in graph.nodes(data=True)}
    edges = graph.edges(data=True)
    return nodes, {(u, v): (d["origin"], d["start"], d["warmth"]) for u, v, d in edges}


def test_networks_are_exported_as_tables_too(tmp_path: Path) -> None:
    results = sim.open(saved(tmp_path, ["a-0"]))
    follows, accounts = network_files(tmp_path, "a-0")
    about = pd.DataFrame({"uid": [0], "kind": ["ordinary"], "followers": [0]})
    tables.write(about, accounts, tables.ACCOUNTS)
    edge = {"follower": 0, "followee": 0, "origin": "begging", "start": 2.0, "warmth": 0.5}
    tables.write(pd.DataFrame([edge]), follows, tables.NETWORK)
    names = [path.name for path in export(results, "csv", tmp_path / "csv")]
    assert names[-2:] == ["network-a-0.csv", "accounts-a-0.csv"]
    text = (tmp_path / "csv" / "network-a-0.csv").read_text()
    assert text == "follower,followee,origin,start,warmth\n0,0,begging,2.0,0.5\n"


def test_without_a_saved_network_export_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="--save-network"):
        export(sim.open(saved(tmp_path, ["a-0"])), "graphml")


def test_replacing_keeps_the_old_file_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    files.new_text(path, "old")

    def fail() -> None:
        with files.replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["file.txt"]


def test_a_new_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    for content in ("old", "new"):
        with files.new_folder(tmp_path / "folder") as folder:
            (folder / content).touch()
    assert [one.name for one in (tmp_path / "folder").iterdir()] == ["new"]
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]
