"""The validation: its measures against brute force and networkx, its checks on made-up evidence."""

import gzip
import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

import worlds
from sim.cli import main
from sim.kernels.layout import Cause, Kind, Origin, Total
from sim.scenario import loads
from sim.validation import Plan, graphs, histories, shapes, validate, words
from sim.validation.checks import CHECKS, Check
from sim.validation.evidence import gather
from sim.validation.graphs import Graph
from sim.validation.histories import History, HistoryError
from sim.validation.laws import LAWS, MOST, LawResult
from sim.validation.running import Found
from sim.validation.trials import ASKED_DAYS
from sim.validation.watch import Series, watch

DATA = Path(__file__).parents[2] / "shared" / "data"
SMALL = {"world.accounts": 400, "world.burn_in_days": 20, "world.follows_per_account": 10}


def made(pairs: list[tuple[int, int]], count: int) -> Graph:
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    return Graph(ends[:, 0], ends[:, 1], np.arange(count))


# ---- graphs -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn() -> tuple[Graph, nx.DiGraph]:
    """A random graph with triangles and returned follows, here and in networkx."""
    rng = np.random.default_rng(3)
    ends = rng.zipf(1.6, (4_000, 2)) % 300
    pairs = sorted({(int(a), int(b)) for a, b in ends if a != b} | {(b, b + 1) for b in range(99)})
    other = nx.DiGraph(pairs)
    other.add_nodes_from(range(300))
    return made(pairs, 300), other


def test_mutual_share_is_that_of_pairs(drawn: tuple[Graph, nx.DiGraph]) -> None:
    """Pairs linked both ways over pairs linked at all."""
    graph, other = drawn
    pairs = {frozenset(edge) for edge in other.edges}
    mutual = sum(other.has_edge(*pair) and other.has_edge(*reversed(tuple(pair))) for pair in pairs)
    assert graphs.mutual_share(graph) == pytest.approx(mutual / len(pairs))


def test_clustering_is_that_of_networkx(drawn: tuple[Graph, nx.DiGraph]) -> None:
    """Estimates within four standard errors: √(.25/100,000) and √(.25/4,000) at most."""
    graph, other = drawn
    overall, local = graphs.clustering(graph)
    undirected = other.to_undirected()
    assert overall == pytest.approx(nx.transitivity(undirected), abs=4 * 0.0016)
    assert local == pytest.approx(nx.average_clustering(undirected), abs=4 * 0.008)


def test_assortativity_is_that_of_networkx(drawn: tuple[Graph, nx.DiGraph]) -> None:
    graph, other = drawn
    wanted = nx.degree_pearson_correlation_coefficient(other.to_undirected())
    assert graphs.assortativity(graph) == pytest.approx(wanted)


def test_common_neighbours_are_those_of_networkx(drawn: tuple[Graph, nx.DiGraph]) -> None:
    graph, other = drawn
    chosen = np.arange(0, len(graph.owner), 7)
    undirected = other.to_undirected()
    wanted = [
        len(list(nx.common_neighbors(undirected, int(a), int(b))))
        for a, b in zip(graph.owner[chosen], graph.other[chosen], strict=True)
    ]
    assert graphs.common_neighbours(graph, chosen).tolist() == wanted


def test_the_exponent_is_found() -> None:
    """A ζ law of exponent 2.5 gives 2.5; the standard error is about 1.5/√n of the tail."""
    values = np.random.default_rng(1).zipf(2.5, 20_000)
    assert graphs.tail_exponent(values) == pytest.approx(2.5, abs=0.1)
    assert np.isnan(graphs.tail_exponent(np.arange(50)))


def test_survival_counts_those_with_at_least_so_many() -> None:
    values, share = graphs.survival(np.array([0, 0, 1, 1, 3]))
    assert values.tolist() == [1, 3]
    assert share.tolist() == pytest.approx([3 / 5, 1 / 5])


def test_a_graph_is_read(tmp_path: Path) -> None:
    path = tmp_path / "graph.csv.gz"
    path.write_bytes(gzip.compress(b"src,dst\n7,9\n9,7\n7,8\n"))
    graph = graphs.read(path)
    assert len(graph.members) == 3
    assert graphs.mutual_share(graph) == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("name", "mutual", "gini", "top", "overall", "local"),
    [
        ("a", 0.187, 0.65, 0.23, 0.023, 0.297),
        ("b", 0.208, 0.69, 0.24, 0.032, 0.321),
    ],
)
def test_the_real_graphs_are_as_published(
    name: str, mutual: float, gini: float, top: float, overall: float, local: float
) -> None:
    """The figures of the project's facts, to their last digit (clustering: to four errors)."""
    path = DATA / f"follow_graph_{name}.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    found = graphs.shape(graphs.read(path))
    assert found["mutual share of linked pairs"] == pytest.approx(mutual, abs=6e-4)
    assert found["Gini of followers"] == pytest.approx(gini, abs=6e-3)
    assert found["held by the top 1 %"] == pytest.approx(top, abs=6e-3)
    assert found["clustering, global"] == pytest.approx(overall, abs=4 * 0.0016)
    assert found["clustering, mean local"] == pytest.approx(local, abs=4 * 0.008)


# ---- the watch ----------------------------------------------------------------------------


def watched_and_not() -> tuple[worlds.FollowerModel, worlds.FollowerModel]:
    scenario = worlds.scenario(days=12, rest=worlds.protagonist("churner", "follow_for_follow"))
    return worlds.model(scenario), worlds.model(scenario)


def test_watching_changes_nothing() -> None:
    seen, unseen = watched_and_not()
    watch(seen, Series(0))
    unseen.run()
    assert seen.state_hash() == unseen.state_hash()
    assert seen.tables()["follows"].equals(unseen.tables()["follows"])
    assert seen.tables()["series"].equals(unseen.tables()["series"])


def test_the_watch_counts_what_the_platform_counts() -> None:
    """Follows begun and ended by choice are those of the platform's counters."""
    model, _ = watched_and_not()
    before = model.world.state.totals.copy()
    period = watch(model, Series(0)).period
    new = model.world.state.totals - before
    assert period.begun.sum() == new[Total.FOLLOWS] > 0
    assert period.ended.sum() == new[Total.UNFOLLOWS] > 0
    assert period.begun[Origin.FOLLOW_FOR_FOLLOW] > 0
    assert period.ended[Cause.STRATEGY] > 0
    assert sum(len(part) for part in period.reshared) == new[Total.RESHARES] > 0
    assert 0 < period.won.sum() < period.begun.sum()


def test_series_follow_those_with_many() -> None:
    """One row a day, one column an account that had 200 followers when the series began."""
    world = worlds.model(worlds.scenario(accounts=300)).world
    world.accounts["followers"][:3] = (199, 200, 500)
    series = Series(world.day)
    series.note(world)
    world.accounts["followers"][1] = 150
    series.note(world)
    assert series.table().tolist() == [[200, 500], [150, 500]]


# ---- real graphs and histories beside it --------------------------------------------------


def test_a_shape_is_kept_as_it_is(drawn: tuple[Graph, nx.DiGraph]) -> None:
    shape = shapes.of_graph("drawn", drawn[0])
    again = shapes.Shape.of_plain(json.loads(json.dumps(shape.plain())))
    assert again.numbers == pytest.approx(shape.numbers, nan_ok=True)
    assert all((a == b).all() for a, b in zip(again.followers, shape.followers, strict=True))
    assert [row[0] for row in shapes.table([shape, again])] == list(shape.numbers)


def history(growth: list[float]) -> History:
    """A count each day, with these daily growths (log)."""
    followers = 1_000 * np.exp(np.cumsum([0.0, *growth]))
    return History(np.arange(len(followers)), followers)


def test_histories_are_told_by_their_movement() -> None:
    """A loss every fourth day; one day in ten with half of all movement; a steady course."""
    losing = history([0.01, 0.01, 0.01, -0.01] * 10)
    burst = history(([0.001] * 9 + [0.009]) * 4)
    found = histories.statistics([losing, burst])
    assert found["losing"] == pytest.approx([0.25, 0.0])
    assert found["daily_bursts"] == pytest.approx([0.1, 0.5])
    slow = history(np.repeat([0.01, -0.01, 0.005, 0.02, -0.02], 20).tolist())
    assert histories.statistics([slow])["daily_memory"][0] > 0.8


def test_short_histories_tell_nothing() -> None:
    assert not any(histories.statistics([history([0.01] * 10)]).values())


def test_months_are_taken_from_daily_counts_and_from_sparse_ones() -> None:
    """The same course, counted each day and each thirtieth, has the same months."""
    daily = history(np.repeat([0.01, 0.02, 0.0, 0.03, 0.01, 0.02, 0.05], 30).tolist())
    sparse = History(daily.days[::30], daily.followers[::30])
    for key in ("monthly_bursts", "monthly_memory"):
        found = histories.statistics([daily, sparse])[key]
        assert found[0] == pytest.approx(found[1])


def test_a_file_of_histories_is_read(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("account,date,followers\na,2015-09-21,20\na,2015-09-19,10\nb,2015-01-01,5\n")
    found = histories.read(path)
    assert found["a"].followers.tolist() == [10, 20]
    assert np.diff(found["a"].days).tolist() == [2]


@pytest.mark.parametrize(
    ("text", "message"),
    [("a,b\n1,2\n", "account,date,followers"), ("account,date,followers\na,today,1\n", ":2:")],
)
def test_bad_histories_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(text)
    with pytest.raises(HistoryError, match=message):
        histories.read(path)


def test_the_archive_can_be_laid_beside() -> None:
    path = DATA / "follower_history_archive.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    found = histories.statistics(histories.read(path).values())
    assert len(found["monthly_bursts"]) >= 10
    assert all(0 <= share <= 0.5 for share in found["losing"])


def test_the_report_has_what_is_laid_beside(kept: Path) -> None:
    (page,) = kept.glob("validation/*/report.html")
    text = page.read_text(encoding="utf-8")
    for name in ("graphs", "histories"):
        assert f'id="{name}"' in text
        assert (page.parent / "figures" / f"{name}.png").is_file()
    assert "graph.csv" in text


# ---- checks and laws ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A validation of a tiny world, with its report, a graph and a history beside it."""
    out = tmp_path_factory.mktemp("validation")
    graph, counts = out / "graph.csv", out / "counts.csv"
    ring = "".join(f"{k},{(k + step) % 50}\n" for k in range(50) for step in (1, 2, 5))
    graph.write_text(f"src,dst\n{ring}")
    days = "".join(f"a,2015-01-{day:02},{100 + day * day}\n" for day in range(1, 32))
    counts.write_text(f"account,date,followers\n{days}")
    sets = [f"--set={key}={value}" for key, value in SMALL.items()]
    arguments = ["validate", "--seeds=2", "--days=32", "--law-accounts=2000", f"--out={out}"]
    beside = [f"--graph={graph}", f"--history={counts}"]
    assert main([*arguments, *beside, *sets, "--quiet"]) in (0, 1)
    return out


def test_a_report_shows_every_check(kept: Path) -> None:
    (page,) = kept.glob("validation/*/report.html")
    text = page.read_text(encoding="utf-8")
    for check in CHECKS:
        assert f'id="check_{check.key}"' in text
        assert (page.parent / "figures" / f"check_{check.key}.png").is_file()
    assert text.count("<figure") == len(CHECKS) + 3


def test_the_readme_is_filled_in(tmp_path: Path, kept: Path) -> None:
    """Between the marks of the world's size, and nowhere else."""
    found = validate(plan=Plan(2, 32, 2_000), settings=SMALL, out=kept)
    readme = tmp_path / "README.md"
    assert not words.write(found, "followlab validate", readme)
    readme.write_text("a\n<!-- checks_400 -->\nstale\n<!-- /checks_400 -->\nb\n", encoding="utf-8")
    real = [shapes.of_file(kept / "graph.csv")]
    archived = list(histories.read(kept / "counts.csv").values())
    assert words.write(found, "followlab validate", readme, real, archived)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("a\n<!-- checks_400 -->\n`followlab validate`: 2 worlds of 400 accounts")
    assert text.endswith("<!-- /checks_400 -->\nb\n")
    assert "stale" not in text
    for key in (*(check.key for check in CHECKS), *(law.key for law in LAWS)):
        assert f"| {key} | " in text
    assert "graph.csv" in text
    assert "how counts move" in text


def test_only_the_defaults_are_recorded(kept: Path) -> None:
    """What was found with other settings is not written into the README of the results."""
    readme = kept / "README.md"
    marks = "<!-- checks_400 -->\n<!-- /checks_400 -->\n"
    readme.write_text(marks, encoding="utf-8")
    sets = [f"--set={key}={value}" for key, value in SMALL.items()]
    arguments = ["validate", "--seeds=2", "--days=32", "--law-accounts=2000", "--no-figures"]
    assert main([*arguments, f"--out={kept}", "--quiet", *sets]) in (0, 1)
    assert readme.read_text(encoding="utf-8") == marks
    readme.unlink()


def test_lines_tell_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there is no terminal, a line now and then; Ctrl-C says how to go on."""
    monkeypatch.setattr("sim.cli.validating.EVERY", 0.0)
    sets = [f"--set={key}={value}" for key, value in SMALL.items()]
    arguments = ["validate", "--seeds=1", "--days=32", "--law-accounts=2000", "--no-figures"]
    assert main([*arguments, "--workers=1", f"--out={tmp_path}", *sets]) in (0, 1)
    said = capsys.readouterr().err
    days = SMALL["world.burn_in_days"] + 32 + ASKED_DAYS
    assert f" of {days} days lived in the worlds under way" in said
    assert "seed 1: " in said

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.cli.validating.validate", stop)
    assert main([*arguments, f"--out={tmp_path}"]) == 130
    assert "The same command goes on." in capsys.readouterr().err


def test_a_seed_lives_the_days_it_is_said_to() -> None:
    counted: list[str] = []
    gather(loads("", sets=SMALL), 1, 32, lambda what, day: counted.append(what))
    assert len(counted) == SMALL["world.burn_in_days"] + 32 + ASKED_DAYS


def test_seeds_are_found_again(kept: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in kept.rglob("seed-*.json")}
    again = validate(plan=Plan(2, 32, 2_000), settings=SMALL, out=kept)
    assert len(before) == len(again.seeds) == 2
    assert before == {path: path.stat().st_mtime_ns for path in kept.rglob("seed-*.json")}
    stored = json.loads(next(iter(before)).read_text(encoding="utf-8"))
    assert set(stored["checks"]) == {check.key for check in CHECKS}


def test_every_law_holds(kept: Path) -> None:
    """|found − expected| ≤ 4 standard errors, in both worlds."""
    found = validate(plan=Plan(2, 32, 2_000), settings=SMALL, out=kept)
    assert [law.key for law, results in found.laws if not all(r.holds for r in results)] == []


def test_a_law_can_be_broken() -> None:
    """Followers of a uniform world are no preferential attachment, by far."""
    assert not LawResult(100, 100 + 10 * MOST, 5).holds
    poisson = next(law for law in LAWS if law.key == "L2").try_out(2_000, 1)
    assert poisson.holds
    shifted = np.random.default_rng(1).poisson(19, 2_000)
    from scipy import stats

    from sim.validation.laws import _as_normal

    expected = 2_000 * stats.poisson.pmf(np.arange(80), 20)
    assert not _as_normal(shifted, expected).holds


def test_verdicts() -> None:
    check = CHECKS[0]
    assert [check.verdict(v) for v in (0.1, 0.17, 0.30, 0.31, np.nan)] == [
        "below", "in band", "in band", "above", "no answer",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((0.2, 0.2, 0.2, 0.2, 0.4), "in band"),
        ((0.2, 0.2, 0.2, 0.4, 0.4), "above"),
        ((0.1, 0.1, 0.2, 0.2, 0.2), "below"),
        ((np.nan, np.nan), "no answer"),
        ((0.2, 0.2, 0.2, 0.2, np.nan), "in band"),
        ((0.2, np.nan, np.nan, np.nan, np.nan), "no answer"),
        ((0.2, 0.2, 0.4, np.nan, np.nan), "no answer"),
        ((0.2, 0.4, np.inf, np.nan, np.nan), "above"),
    ],
)
def test_four_of_five_seeds_decide(values: tuple[float, ...], verdict: str) -> None:
    assert Found(CHECKS[0], values, ()).verdict == verdict


def test_every_check_says_what_it_is() -> None:
    assert len({check.key for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        for text in (check.title, check.unit, check.source, check.population, check.window):
            assert text
        assert check.low < check.high
        assert len(check.definition) > 20


# ---- checks on evidence that is made by hand ----------------------------------------------


@pytest.fixture(scope="module")
def evidence() -> object:
    return gather(loads("", sets=SMALL), 1, 32)


def by_key(key: str) -> Check:
    return next(check for check in CHECKS if check.key == key)


def test_unfollows_are_counted_against_follows(evidence: object) -> None:
    """100 · ended / begun, from the platform's own counters of the same world."""
    period = evidence.watched.period  # type: ignore[attr-defined]
    value = by_key("5").measure(evidence)  # type: ignore[arg-type]
    assert value == pytest.approx(100 * period.ended.sum() / period.begun.sum())


def test_posts_of_a_month(evidence: object) -> None:
    """Posters are those with a post in 30 days; the top tenth and the median of the others."""
    watched = evidence.watched  # type: ignore[attr-defined]
    count = len(watched.first.posts)
    posts: NDArray[np.int64] = (watched.month.posts[:count] - watched.first.posts)[
        watched.month.ordinary[:count]
    ]
    posters = sorted(posts[posts > 0].tolist())
    rest = posters[: round(0.9 * len(posters))]
    assert by_key("11b").measure(evidence) == np.median(rest)  # type: ignore[arg-type]
    top = posters[len(posters) - round(0.1 * len(posters)) :]
    share = by_key("11a").measure(evidence)  # type: ignore[arg-type]
    assert share == pytest.approx(sum(top) / sum(posters))


def test_trials(evidence: object) -> None:
    """A sweep takes recall of the bought and false positives of the others; k of n binomial."""
    sweep = evidence.sweep  # type: ignore[attr-defined]
    error = np.sqrt(0.7 * 0.3 / sweep.bought)
    assert sweep.bought_lost / sweep.bought == pytest.approx(0.7, abs=4 * error)
    asking = evidence.asking  # type: ignore[attr-defined]
    assert len(asking.asked) == len(asking.plain) == 30 * 30
    assert asking.asked.sum() > asking.plain.sum()


def test_content_is_compared_by_post(evidence: object) -> None:
    period = evidence.watched.period  # type: ignore[attr-defined]
    rates = period.won / np.maximum(1, period.posts)
    value = by_key("D1").measure(evidence)  # type: ignore[arg-type]
    assert value == pytest.approx(rates[Kind.CONTENT] / rates[Kind.SELF_TALK])


def test_one_worker_finds_what_two_find(kept: Path, tmp_path: Path) -> None:
    """The fixture had two; seconds differ."""
    validate(plan=Plan(2, 32, 2_000), settings=SMALL, out=tmp_path, workers=1)
    there = sorted(kept.rglob("seed-*.json"))
    for path, other in zip(there, sorted(tmp_path.rglob("seed-*.json")), strict=True):
        pair = [json.loads(one.read_text(encoding="utf-8")) for one in (path, other)]
        assert pair[0] | {"seconds": 0} == pair[1] | {"seconds": 0}
    assert len(there) == 2


def test_validation_needs_a_burn_in(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--set", "world.burn_in_days=0"]) == 2
    assert "burn_in_days" in capsys.readouterr().err
    with pytest.raises(ValueError, match="burn_in"):
        gather(loads("", sets={"world.burn_in_days": 0}), 1, 10)
