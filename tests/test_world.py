"""The world: networks from files, growth of its arrays, and its tables."""

import csv
import gzip
import io
import re
from fractions import Fraction
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

import worlds
from sim.kernels import lists, tables
from sim.kernels.layout import NO_ROW, POST, AccountKind, Total
from sim.model import burn_in
from sim.scenario import load
from sim.settings import Behaviour, Platform, Population
from sim.settings import World as WorldSettings
from sim.world import building, edge_list, networks
from sim.world.edge_list import EdgeListError
from sim.world.hashing import state_hash
from sim.world.rules import Settings, coefficients
from sim.world.world import World, blank_state, power_of_two

# ---- edge lists ---------------------------------------------------------------------------


def pairs(path: Path) -> set[tuple[int, int]]:
    """The follows of a file, as (follower, followee) by number."""
    edges, count = edge_list.read(path)
    found = set()
    for u in range(count):
        first = int(edges.offsets[u])
        found |= {(u, int(v)) for v in edges.targets[first : first + int(edges.filled[u])]}
    assert len(found) == int(edges.filled.sum()), "something is there twice"
    return found


def written(folder: Path, name: str, content: str | bytes) -> Path:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return folder / name


@pytest.mark.parametrize(
    "text",
    [
        "a,b\nb,c\na,c\n",
        "src,dst\na,b\nb,c\na,c\n",
        "Source,Target,weight\na,b,1\nb,c,2\na,c,3\n",
        "follower,followee\r\na,b\r\nb,c\r\na,c\r\n",
        "# a comment\n\na , b\nb,c\na,c",
        "\ufefffollower,followee\na,b\nb,c\na,c\n",
        '"a","b"\n"b","c"\n"a","c"\n',
        "a,b\na,b\nb,c\nc,c\na,c\n",  # a repetition and somebody following itself
    ],
)
@pytest.mark.parametrize("name", ["follows.csv", "follows.csv.gz", "follows.txt"])
def test_follows_are_read(tmp_path: Path, name: str, text: str) -> None:
    assert pairs(written(tmp_path, name, text)) == {(0, 1), (1, 2), (0, 2)}


@pytest.mark.parametrize("directed", [True, False])
def test_graphml_is_read(tmp_path: Path, directed: bool) -> None:
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_edges_from([("a", "b"), ("b", "c")])
    nx.write_graphml(graph, tmp_path / "follows.graphml")
    both_ways = set() if directed else {(1, 0), (2, 1)}
    assert pairs(tmp_path / "follows.graphml") == {(0, 1), (1, 2)} | both_ways


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", "a,b\nc\n", r"x\.csv:2: two names are needed, follower,followee \(got \['c'\]\)"),
        ("x.csv", "a,b\nc,\n,d\n", r"x\.csv:2: .*\n.*x\.csv:3: two names"),
        ("x.csv", "a;b\n", r"x\.csv:1: two names"),
        ("x.csv", "a\n" * 9, r"and 4 more"),
        ("x.csv", "", "no follows in it; one row a follow is needed"),
        ("x.csv", "source,target\n", "no follows in it"),
        ("x.csv", b"\xe9,b\n", "cannot be read as a follow network"),
        ("x.csv", "a," + "b" * 200_000, "cannot be read as a follow network"),
        ("x.csv.gz", None, "cannot be read as a follow network"),
        ("x.graphml", "", "not a GraphML file"),
        ("x.graphml", "<graphml", "not a GraphML file"),
        ("x.graphml", "<a></a>", "not a GraphML file"),
    ],
)
def test_bad_files_are_named_with_their_lines(
    tmp_path: Path, name: str, content: str | bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is None:
        path.write_bytes(b"this is no gzip")
    else:
        written(tmp_path, name, content)
    with pytest.raises(EdgeListError, match=message) as caught:
        edge_list.read(path)
    assert name in str(caught.value)


def read_or_refused(path: Path) -> int | str:
    """How many follows are read from a file, or the file's name as the error has it."""
    try:
        return int(edge_list.read(path)[0].filled.sum())
    except EdgeListError as error:
        return path.name if str(path) in str(error) else str(error)


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    """Cut off or altered anywhere: an error that names the file, or the same follows."""
    whole = gzip.compress(b"".join(b"a%d,b%d\n" % (k, 7 * k % 100) for k in range(300)))
    path = tmp_path / "follows.csv.gz"
    for place in range(0, len(whole), max(1, len(whole) // 100)):
        torn, altered = whole[:place], bytearray(whole)
        altered[place] ^= 0x55
        for content in (torn, bytes(altered)):
            path.write_bytes(content)
            assert read_or_refused(path) in (300, "follows.csv.gz")


def slowly(text: str) -> tuple[list[tuple[int, int]], int]:
    """The follows of a file in plain Python: by the csv module, with sets and dictionaries."""
    numbers: dict[str, int] = {}
    found = set()
    for line, row in enumerate(csv.reader(io.StringIO(text, newline="")), 1):
        names = [cell.strip() for cell in row]
        if not any(names) or names[0].startswith("#") or (line == 1 and names[0] == "from"):
            continue
        ends = [numbers.setdefault(name, len(numbers)) for name in names[:2]]
        found.add((ends[0], ends[1]))
    return sorted((a, b) for a, b in found if a != b), len(numbers)


ROWS = [
    *("1,2", "2,1,0.5", "01,1", "7,7", "0,00", "999999999999999999,1", "1000000000000000000,1"),
    *("a,b", "# c", "", " 1 ,2", '"1",2', '"x\ny",1', '"1,1",2', "-3,1", "1,ä", "²,1", "1,2,ä"),
    *("12345678901234567890,1", "+1,1", "1.0,1", '5,6,"\n7,8"', "5,6,7,8"),
]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("seed", range(12))
def test_what_is_read_fast_is_read_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, end: str
) -> None:
    """Any mixture of rows, in blocks of any size, gives what the csv module gives."""
    rng = np.random.default_rng(seed)
    kinds = ROWS if seed % 2 else [row for row in ROWS if '"' not in row]
    rows = [f"{a},{b}" for a, b in rng.integers(0, 60, (80, 2)).tolist()]
    for place in rng.integers(0, 80, 12).tolist():
        rows[place] = kinds[int(rng.integers(len(kinds)))]
    text = "from,to" + end + end.join(rows) + (end if seed % 3 else "")
    monkeypatch.setattr(edge_list, "_BLOCK", int(rng.integers(8, 300)))
    monkeypatch.setattr(edge_list, "_LINES", int(rng.integers(1, 40)))
    monkeypatch.setattr(edge_list, "_ROWS", int(rng.integers(1, 40)))
    monkeypatch.setattr(edge_list, "_SMALLEST", 2)
    for name in ("x.csv", "x.csv.gz"):
        path = written(tmp_path, name, text)
        assert (sorted(pairs(path)), edge_list.read(path)[1]) == slowly(text)


def test_lines_are_counted_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_list, "_BLOCK", 64)
    rows = [f"{k},{k + 1}" for k in range(1_000)]
    rows[776], rows[800] = "alone", '"two\nlines",1'
    rows[900] = "alone too"
    path = written(tmp_path, "x.csv", "\n".join(rows))
    with pytest.raises(EdgeListError) as caught:
        edge_list.read(path)
    lines = re.findall(r"x\.csv:(\d+): two names are needed", str(caught.value))
    assert lines == ["777", "901"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EdgeListError, match="cannot be read"):
        edge_list.read(tmp_path / "none.csv")


def test_a_world_from_a_file_has_its_follows(tmp_path: Path) -> None:
    """And as many accounts as the file names; reciprocation adds none."""
    rows = {(k, (k * k + 1) % 60) for k in range(60)} | {(k, (k + 7) % 60) for k in range(60)}
    rows = {(a, b) for a, b in rows if a != b}
    written(tmp_path, "follows.csv", "".join(f"u{a},u{b}\n" for a, b in sorted(rows)))
    scenario = tmp_path / "mine.toml"
    scenario.write_text(
        '[scenario]\ndays = 3\n[world]\nnetwork = "file"\nfile = "follows.csv"\nburn_in_days = 0\n'
        "[[protagonists]]\nfollowers = 0\n",
        encoding="utf-8",
    )
    world = burn_in(load(scenario), 1)
    assert world.initial == 60
    ties = worlds.ties(world)
    names: dict[str, int] = {}
    for a, b in sorted(rows):
        names.setdefault(f"u{a}", len(names))
        names.setdefault(f"u{b}", len(names))
    expected = {(names[f"u{a}"], names[f"u{b}"]) for a, b in rows}
    assert set(zip(ties.owner.tolist(), ties.other.tolist(), strict=True)) == expected


@pytest.mark.parametrize("network", ["calibrated", "uniform"])
def test_threads_build_the_same_world(monkeypatch: pytest.MonkeyPatch, network: str) -> None:
    monkeypatch.setattr(networks, "_INLINE", 0)
    law = WorldSettings(accounts=3_000, network=network)  # type: ignore[arg-type]
    made = Settings(law, Population(), Platform(), Behaviour())
    one, several = (building.build(made, ("casual",), 3, threads=t) for t in (1, 3))
    assert state_hash(one) == state_hash(several)
    assert (worlds.ties(one).other == worlds.ties(several).other).all()


# ---- growth -------------------------------------------------------------------------------


def blank(rows: int = 4) -> World:
    settings = Settings(WorldSettings(), Population(), Platform(), Behaviour())
    return World(1, rows, settings, blank_state(rows, 64), ("casual",))


def test_rows_grow_and_keep_what_is_there() -> None:
    world = blank()
    assert world.add_rows(4) == 0
    world.accounts["uid"] = [5, 6, 7, 8]
    assert world.add_rows(10) == 4
    assert world.rows == 14
    assert world.accounts["uid"].tolist() == [5, 6, 7, 8] + [0] * 10
    assert (world.accounts["number"] == NO_ROW).all()
    before = world.state.accounts
    world.add_rows(0)
    assert world.state.accounts is before


def test_lists_grow_one_by_one() -> None:
    """Two hundred follows, one at a time: lists move to larger blocks and lose nothing."""
    world = blank()
    world.add_rows(300)
    world.accounts["alive"] = 1
    world.accounts["uid"] = np.arange(300)
    for other in range(1, 201):
        world.reserve_ties(np.array([0], np.uint32))
        assert lists.begin_follow(world.state, 0, other, 1, other)
        assert not lists.begin_follow(world.state, 0, other, 1, other)
    ties = worlds.ties(world)
    assert ties.other.tolist() == list(range(1, 201))
    assert ties.record["start"].tolist() == list(range(1, 201))
    assert world.accounts["followers"][1:201].tolist() == [1] * 200


def test_freed_blocks_are_used_again() -> None:
    """Lists that grow one after the other hand on their smaller blocks: each is made once.

    Pool = blocks of all classes below the last, once, and one of the last for each list.
    """
    world = blank()
    world.add_rows(100)
    world.accounts["alive"] = 1
    for row in range(40):
        for other in range(40, 100):
            world.reserve_ties(np.array([row], np.uint32))
            lists.begin_follow(world.state, row, other, 1, 1)
    sizes = networks.block_sizes()
    last = int(networks.size_classes(np.array([60]))[0])
    assert int(world.state.cursor[0]) == sizes[:last].sum() + 40 * sizes[last]


def test_room_is_reserved_for_many_ties_of_one() -> None:
    world = blank()
    world.add_rows(120)
    world.accounts["alive"] = 1
    world.reserve_ties(np.zeros(100, np.uint32))
    held = len(world.state.follow_ids)
    for other in range(1, 101):
        lists.begin_follow(world.state, 0, other, 1, 1)
    assert int(world.state.cursor[0]) <= held


@pytest.mark.parametrize("oldest", [1, 700, 5_000, 123_456])
def test_the_ring_of_posts_grows_and_keeps_its_window(oldest: int) -> None:
    world = blank()
    totals = world.state.totals
    totals[Total.OLDEST_POST], totals[Total.NEXT_POST] = oldest, oldest + 1_000
    live = np.arange(oldest, oldest + 1_000)
    world.state.posts["uid"][live & 1023] = live
    world.reserve_posts(20)
    assert len(world.state.posts) == 1024
    world.reserve_posts(3_000)
    size = len(world.state.posts)
    assert size == power_of_two(size) >= 4_000
    assert (world.state.posts["uid"][live & (size - 1)] == live).all()


@pytest.mark.parametrize(("least", "power"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 4), (1025, 2048)])
def test_powers_of_two(least: int, power: int) -> None:
    assert power_of_two(least) == power


def test_blocks_have_four_sizes_an_octave() -> None:
    sizes = networks.block_sizes()
    assert sizes[:9].tolist() == [4, 5, 6, 7, 8, 10, 12, 14, 16]
    assert (sizes[4:] == 2 * sizes[:-4]).all()
    assert networks.size_classes(np.array([0, 4, 5, 9, 16, 17])).tolist() == [0, 0, 1, 5, 8, 9]


def test_the_world_grows_by_the_rate_of_arrivals() -> None:
    """A day brings ⌊λ⌋ or ⌊λ⌋ + 1 of them, λ = N·rate: Σ within z·√(days·f(1 − f))."""
    made = worlds.scenario(days=60, arrivals=0.0135, population=worlds.QUIET_POPULATION, burn_in=0)
    model = worlds.live(worlds.model(made), 60)
    arrived = len(worlds.rows_of(model.world, AccountKind.ARRIVAL))
    expected, f = 60 * 2.7, 0.7
    assert abs(arrived - expected) <= 4 * np.sqrt(60 * f * (1 - f))
    assert arrived == model.world.arrived


def test_what_is_rich_is_listed() -> None:
    world = worlds.burnt(worlds.busy(population="money = 0", platform=""))
    rich = worlds.rows_of(world, AccountKind.PROTAGONIST)
    assert world.dollars == {int(uid): 5.0 for uid in world.accounts["uid"][rich]}


def test_protagonists_join_as_described() -> None:
    """With their followers, half of whom they follow, craft, focus and budget."""
    lines = "followers = 40\nfollows_back = 0.5\ncraft = 0.9\nminutes = 33\nmoney = 4\n"
    lines += "offer = 2\nfocus = 3"
    made = worlds.scenario(rest=worlds.protagonist("me", "idle", lines=lines))
    world = worlds.burnt(made)
    row = int(worlds.rows_of(world, AccountKind.PROTAGONIST)[0])
    me, ties = world.accounts[row], worlds.ties(world)
    followers = set(ties.owner[ties.other == row].tolist())
    assert me["followers"] == len(followers) == 40
    assert set(ties.other[ties.owner == row].tolist()) <= followers
    assert abs(int(me["follows"]) - 20) <= 4 * np.sqrt(40 * 0.25)  # binomial, p = 1/2
    assert (me["focus"], me["interest"][3], me["tracked"]) == (3, 255, 1)
    assert (me["minutes"], me["dollars"], me["offer"]) == (33, 4, 2)
    assert me["craft"] == np.float32(0.9)


# ---- tables -------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0.05, 14.0, 30.0])
def test_decay_halves_in_a_half_life(days: float) -> None:
    """2^(−k/h) at k = 0, h and 2h; falling; the nearest float64 of the exact value."""
    table = tables.decay_table(days)
    assert len(table) == tables.DECAY_HOURS
    assert table[0] == 1.0
    assert (np.diff(table) <= 0).all()
    for k in (1, 7, 24, 700):
        exact = 2.0 ** (-k / (24 * days))
        assert table[k] == pytest.approx(exact, rel=1e-12, abs=1e-300)
    if (hours := Fraction(days) * 24).denominator == 1:
        assert table[int(hours)] == 0.5
        assert table[2 * int(hours)] == 0.25


def test_social_proof_is_a_logarithm() -> None:
    table = tables.proof_table()
    assert table[[0, 1, 3, 1023]].tolist() == pytest.approx([0, 0.1, 0.2, 1.0], abs=1e-15)
    height = tables.STEP_HEIGHT
    assert height == pytest.approx(np.log2(10) / 10, rel=1e-15)


def test_counts_that_are_not_shown_prove_nothing() -> None:
    """Social proof is off when counts are hidden or its form is none, for sales too."""

    def proofs(platform: Platform, behaviour: Behaviour) -> tuple[float, float]:
        made = Settings(WorldSettings(), Population(), platform, behaviour)
        record: NDArray[np.void] = coefficients(made)
        return float(record["social_proof"][0]), float(record["sale_proof"][0])

    assert proofs(Platform(), Behaviour()) == (0.2, 0.2)
    assert proofs(Platform(counts_visible=False), Behaviour()) == (0, 0)
    assert proofs(Platform(), Behaviour(social_proof_form="none")) == (0, 0)


def test_a_post_is_as_large_as_stated() -> None:
    """The sizes that `sim/world/README.md` states."""
    text = (Path(__file__).parents[1] / "sim" / "world" / "README.md").read_text(encoding="utf-8")
    assert f"{POST.itemsize} bytes a post" in text
