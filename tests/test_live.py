"""Worlds that people play with: acts, log, replay, fair shares, and a machine that is full."""

import json
import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest

from sim.model import FollowerModel
from sim.page.live import Live, Refused
from sim.page.pool import Full, Pool, Turnstile, cost
from sim.scenario import Scenario, loads, shipped
from sim.scenario import load as load_scenario
from sim.scenario.writing import written
from worlds import scenario

REST = """
[[protagonists]]
name = "one"
followers = 10
[[protagonists]]
name = "two"
followers = 10
[[arms]]
name = "a"
[[arms]]
name = "b"
strategy = "beg"
"""
WAIT = 60


def small(days: int = 12) -> Scenario:
    return scenario(days=days, rest=REST)


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool()


def ready(live: Live) -> Live:
    live.setup().result(WAIT)
    return live


def until(live: Live, tick: int) -> None:
    end = time.monotonic() + WAIT
    while live.snapshot["tick"] < tick and time.monotonic() < end:
        time.sleep(0.01)
    assert live.snapshot["tick"] >= tick


def hashes(live: Live) -> dict[str, str]:
    return live.look(lambda models: {arm: m.state_hash() for arm, m in models.items()}).result(WAIT)


def played(pool: Pool) -> Live:
    """Two lives with acts of all kinds, made at odd moments."""
    live = ready(Live(small(), arms=("a", "b"), pool=pool))
    live.step(5).result(WAIT)
    live.act({"kind": "strategy", "strategy": "follow_for_follow", "protagonist": "one"}, arm="a")
    live.act({"kind": "means", "minutes": 200, "money": 5}, who="teacher")
    live.step(6).result(WAIT)
    live.act({"kind": "set", "set": {"behaviour.social_proof_form": "none"}})
    live.act({"kind": "sweep", "recall": 1.0}, arm="b")
    live.step(3).result(WAIT)
    live.act({"kind": "viral", "reach": 0.5}).result(WAIT)
    live.step(14).result(WAIT)
    return live


@pytest.fixture(scope="module")
def game(pool: Pool) -> Live:
    return played(pool)


def test_the_log_says_what_was_done(game: Live) -> None:
    assert [(e["tick"], e["day"], e["arm"], e["who"]) for e in game.log] == [
        (5, 2, "a", ""), (5, 2, None, "teacher"), (11, 3, None, ""), (11, 3, "b", ""),
        (14, 4, None, ""),
    ]  # fmt: skip
    assert game.log[1]["event"] == {"day": 2, "kind": "means", "minutes": 200.0, "money": 5.0,
                                    "label": "means"}  # fmt: skip


def test_scenario_and_log_make_the_same_world(game: Live) -> None:
    for arm, digest in hashes(game).items():
        model = FollowerModel(game.scenario, arm=arm, seed=game.seed)
        for _ in range(28):
            model.step()
        assert model.state_hash() == digest


def test_the_file_to_take_home_makes_the_same_world(game: Live) -> None:
    again = FollowerModel(loads(written(game.scenario)), arm="b", seed=game.seed)
    for _ in range(28):
        again.step()
    assert again.state_hash() == hashes(game)["b"]


def test_what_was_saved_lives_again(game: Live, pool: Pool) -> None:
    kept = json.loads(json.dumps(game.saved()))
    again = Live.restored(kept, pool)
    assert hashes(again) == hashes(game)
    assert (again.log, again.snapshot["tick"]) == (game.log, 28)
    assert again.curves("a") == game.curves("a")
    again.close()


def test_curves_begin_on_day_0_and_grow_by_the_day(game: Live) -> None:
    curves = game.curves("a")
    assert set(curves) == {"one", "two"}
    assert {len(values) for own in curves.values() for values in own.values()} == {8}
    assert curves["one"]["followers"][0] == 10
    assert game.curves("a", since=6)["one"]["followers"] == curves["one"]["followers"][6:]
    model = FollowerModel(game.scenario, arm="a")
    for _ in range(28):
        model.step()
    series = model.tables()["series"]
    own = series[(series.account == "two") & (series.measure == "engaged") & (series.origin == "")]
    assert curves["two"]["engaged"] == own.value.tolist()


def test_a_snapshot_is_plain(game: Live) -> None:
    shot = json.loads(json.dumps(game.snapshot))
    assert (shot["day"], shot["tick"], shot["status"]) == (7, 28, "ready")
    assert shot["lives"]["a"]["one"]["means"]["strategy"] == "follow_for_follow"
    assert shot["lives"]["b"]["one"]["means"]["strategy"] == "beg"
    assert shot["lives"]["a"]["two"]["means"]["minutes"] == 200


@pytest.mark.parametrize(
    ("event", "word"),
    [
        ({"kind": "means", "minutes": 1e300}, "minutes"),
        ({"kind": "means", "minutes": float("nan")}, "minutes"),
        ({"kind": "means", "craft": "<script>"}, "craft"),
        ({"kind": "means", "protagonist": "nobody", "money": 1}, "no such protagonist"),
        ({"kind": "strategy", "strategy": "../../etc/passwd"}, "no such strategy"),
        ({"kind": "strategy", "strategy": "buyer", "params": {"amount": 10**12}}, "amount"),
        ({"kind": "set", "set": {"world.accounts": 10**9}}, "cannot change"),
        ({"kind": "set", "set": {"platform.ranking": "nonsense"}}, "ranking"),
        ({"kind": "explode"}, "kind"),
        ({"kind": "sweep", "label": "x" * 10_000}, "label"),
        ({"other": 1}, "other"),
    ],
)
def test_what_cannot_be_is_refused_in_words(game: Live, event: dict[str, Any], word: str) -> None:
    log, digest = list(game.log), hashes(game)
    with pytest.raises(Refused, match=word) as caught:
        game.act(event).result(WAIT)
    assert len(str(caught.value)) <= 300
    assert (game.log, hashes(game)) == (log, digest)


def test_no_act_without_a_world(pool: Pool) -> None:
    live = Live(small(), pool=pool)
    with pytest.raises(Refused, match="Set it up first"):
        live.act({"kind": "sweep"}).result(WAIT)
    live.close()
    with pytest.raises(Refused, match="closed"):
        live.step().result(WAIT)


def test_an_act_for_a_life_that_is_not_there(game: Live) -> None:
    with pytest.raises(Refused, match="no life called"):
        game.act({"kind": "sweep"}, arm="c").result(WAIT)


def test_go_stop_reset_and_the_end(pool: Pool) -> None:
    live = ready(Live(small(), pool=pool))
    live.speed = 1e9
    live.go()
    until(live, 3)
    live.stop()
    live.act({"kind": "sweep"}).result(WAIT)
    rests = live.snapshot["tick"]
    time.sleep(0.1)
    assert (live.snapshot["tick"], live.snapshot["status"]) == (rests, "ready")
    live.go()
    until(live, 48)
    assert live.snapshot["status"] == "over"
    with pytest.raises(Refused, match="over"):
        live.act({"kind": "sweep"}).result(WAIT)
    ended = hashes(live)["a"]
    live.reset().result(WAIT)
    assert (live.snapshot["tick"], live.log) == (0, [])
    live.step(48).result(WAIT)
    assert hashes(live)["a"] != ended  # the sweep is forgotten
    live.close()


def test_the_speed_is_kept(pool: Pool) -> None:
    """20 ticks at 40 a second take half a second; the machine may be slower, never faster."""
    live = ready(Live(small(), pool=pool))
    live.speed = 40
    begin = time.monotonic()
    live.go()
    until(live, 20)
    assert time.monotonic() - begin >= 0.4
    live.close()


def test_a_failed_tick_is_told(pool: Pool) -> None:
    live = ready(Live(small(), pool=pool))
    live.look(lambda models: setattr(models["a"], "step", lambda: 1 / 0)).result(WAIT)
    live.go()
    end = time.monotonic() + WAIT
    while live.status != "failed" and time.monotonic() < end:
        time.sleep(0.01)
    assert "division by zero" in live.snapshot["message"]
    ready(live).close()


def test_turns_come_in_order() -> None:
    turnstile, order = Turnstile(1), list[int]()
    threads = []

    def wait_for(number: int) -> None:
        with turnstile.turn():
            order.append(number)

    with turnstile.turn():
        for number in range(8):
            threads.append(threading.Thread(target=wait_for, args=(number,)))
            threads[-1].start()
            while len(turnstile._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join(WAIT)
    assert order == list(range(8))


def test_shares_are_fair(pool: Pool) -> None:
    """Six worlds that all want more than there is live about equally many ticks."""
    lives = [ready(Live(scenario(days=365, accounts=600, rest=REST), pool=pool)) for _ in range(6)]
    for live in lives:
        live.speed = 50
        live.go()
    time.sleep(2)
    ticks = [live.snapshot["tick"] for live in lives]
    for live in lives:
        live.close()
    assert min(ticks) > 0
    assert max(ticks) - min(ticks) <= max(3, 0.2 * max(ticks)), ticks


def test_a_full_machine_says_so() -> None:
    pool = Pool(worlds=2)
    lives = [ready(Live(small(), pool=pool)) for _ in range(2)]
    third = Live(small(), pool=pool)
    with pytest.raises(Full, match="2 worlds are alive"):
        third.setup().result(WAIT)
    assert "It is full" in third.snapshot["message"]
    lives[0].close()
    lives[0]._thread.join(WAIT)
    ready(third)
    third.reset().result(WAIT)  # who is in stays in
    assert len(pool) == 2
    for live in (*lives, third):
        live.close()


def test_memory_bounds_the_worlds() -> None:
    one = cost(small())
    pool = Pool(memory=int(2.5 * one))
    two = ready(Live(small(), arms=("a", "b"), pool=pool))
    with pytest.raises(Full, match=r"MB are left\. Wait until"):
        Live(small(), pool=pool).setup().result(WAIT)
    two.close()
    with pytest.raises(Full, match="Choose a world with fewer"):
        Live(scenario(accounts=5_000, rest=REST), pool=Pool(memory=one)).setup().result(WAIT)


def test_worlds_that_are_alike_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.page import pool as module

    made = list[int]()
    real = module.burn_in

    def counted(scenario: Scenario, seed: int, **more: Any) -> Any:
        made.append(seed)
        return real(scenario, seed, **more)

    monkeypatch.setattr(module, "burn_in", counted)
    pool = Pool()
    lives = [Live(small(), seed=seed, pool=pool) for seed in (1, 1, 2, 1)]
    waiting: list[Future[None]] = [live.setup() for live in lives]
    for future in waiting:
        future.result(WAIT)
    assert sorted(made) == [1, 2]
    for live in lives:
        live.step(4).result(WAIT)
    digests = [hashes(live)["a"] for live in lives]
    assert digests[0] == digests[1] == digests[3] != digests[2]
    for live in lives:
        live.close()


@pytest.mark.parametrize("name", sorted(shipped()))
def test_scenarios_can_be_written(name: str) -> None:
    loaded = load_scenario(name)
    again = loads(written(loaded))
    assert again.settings() == loaded.settings()
    assert again.hash == loaded.hash


@pytest.mark.slow
def test_thirty_worlds_share_the_machine() -> None:
    """30 visitors with 2,000 accounts each: fair shares, and who looks on never waits.

    Measured here: ticks of each world, and how late an event loop is that wakes every 20 ms.
    """
    import asyncio

    pool = Pool(worlds=30)
    base = load_scenario("hello", sets={"record.every_days": 1})
    lives = [Live(base, seed=1 + k % 3, pool=pool) for k in range(30)]
    for future in [live.setup() for live in lives]:
        future.result(300)
    for live in lives:
        live.speed = 50
        live.go()

    async def watch(seconds: float) -> list[float]:
        late, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            due = time.monotonic() + 0.02
            await asyncio.sleep(0.02)
            late.append(time.monotonic() - due)
            assert all(live.snapshot["status"] == "running" for live in lives)
        return late

    before = [live.snapshot["tick"] for live in lives]
    late = asyncio.run(watch(8))
    ticks = [live.snapshot["tick"] - b for live, b in zip(lives, before, strict=True)]
    with pytest.raises(Full, match="30 worlds are alive"):
        Live(base, pool=pool).setup().result(WAIT)
    for live in lives:
        live.close()
    print(f"ticks {min(ticks)} to {max(ticks)} each in 8 s; the loop is late by {max(late):.3f} s")
    assert min(ticks) >= 8
    assert max(ticks) - min(ticks) <= max(3, 0.2 * max(ticks)), ticks
    assert max(late) < 0.5
