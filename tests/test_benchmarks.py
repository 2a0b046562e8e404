"""The benchmarks run, C shows what the model shows, and their tables are those of latest.json."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import c_version, compare, feed_call, figures, render, tables, worlds  # noqa: E402
from benchmarks.messages import BYTES, WHAT, live_and_note  # noqa: E402
from benchmarks.shards import Mail, audiences, delivered, shards_of  # noqa: E402
from sim.kernels.layout import Total, Verb  # noqa: E402

ACCOUNTS = 500


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No world of an earlier run is read, and none is left behind."""
    monkeypatch.setattr(worlds, "folder", lambda: tmp_path)


def test_one_part_by_the_command(tmp_path: Path) -> None:
    out = tmp_path / "found.json"
    call = [sys.executable, "-m", "benchmarks", "small", "--quick", "--accounts", "300"]
    call += ["--out", str(out)]
    subprocess.run(call, cwd=ROOT, check=True, capture_output=True)
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["small"]["found"]["ticks_per_s"] > 0
    assert found["small"]["machine"]["cores"] >= 1


@pytest.mark.skipif(c_version.compiler() is None, reason="no C compiler")
def test_c_shows_what_the_kernel_shows() -> None:
    call = feed_call.catch(worlds.living(ACCOUNTS))
    ours, theirs = feed_call.blank(call), feed_call.blank(call)
    feed_call.browse(call, ours, 0, len(call.viewers))
    middle = len(call.viewers) // 2
    c_version.browse(call, theirs, 0, middle)
    c_version.browse(call, theirs, middle, len(call.viewers))
    assert ours.total() > 0
    assert feed_call.same(call, ours, theirs)


def test_tables_and_figures_are_those_of_the_last_measurement() -> None:
    text = render.README.read_text(encoding="utf-8")
    found = render.load()
    assert render.rendered(text, found) == text, "run: python -m benchmarks --render"
    assert set(render.names(text)) == set(tables.ALL)
    assert {path.stem for path in render.FIGURES.glob("*.png")} <= set(figures.ALL)


def test_shards_deliver_everything_in_the_order_of_sources() -> None:
    world = worlds.settled(ACCOUNTS)
    shards = 16
    shard = shards_of(world.accounts["uid"], shards)
    audience = audiences(world.state, shard, shards)[:, 0]
    account = world.accounts[3]
    followees = world.state.follow_ids[int(account["start"]) :][: int(account["follows"])]
    assert np.all(audience[followees] >> np.uint64(shard[3]) & np.uint64(1))
    half = len(shard) // 2
    mail = Mail(shard[:half], shard[half : 2 * half], np.arange(half, dtype=np.uint32))
    items, pairs = delivered(mail, shards)
    order = np.lexsort((mail.item, mail.source, mail.target))
    assert np.array_equal(items, mail.item[order])
    assert pairs.sum() == len(items)


def test_what_is_noted_of_a_tick_is_what_the_platform_counts() -> None:
    model = worlds.living(ACCOUNTS)
    model.step()  # the first of the day, in which plans are carried out too
    before = model.world.state.totals.copy()
    deeds = live_and_note(model)
    counted = model.world.state.totals - before
    assert len(deeds.shown) == counted[Total.IMPRESSIONS]
    assert len(deeds.posted) == counted[Total.NEXT_POST]
    likes = sum(np.count_nonzero(made["verb"] == Verb.LIKE) for made in deeds.decided)
    assert likes == counted[Total.LIKES]
    assert deeds.sessions == counted[Total.SESSIONS]
    assert set(BYTES) == set(WHAT)


def test_interval_of_a_ratio() -> None:
    # exp(mean(log r) ± t(.975, n - 1) · s / √n)
    found = compare.interval(np.array([1.0, 2.0, 4.0]))
    assert found["mean"] == pytest.approx(2.0)
    assert found["high"] / found["mean"] == pytest.approx(found["mean"] / found["low"])
    same = compare.interval(np.array([0.5, 0.5]))
    assert same == {
        "mean": pytest.approx(0.5),
        "low": pytest.approx(0.5),
        "high": pytest.approx(0.5),
    }
