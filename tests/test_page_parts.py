"""What the classroom page is made of, without a browser: presets, links, words, charts, layout."""

import json
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.cli import main
from sim.model import FollowerModel
from sim.page import charts, panels, words
from sim.page.limits import Limiter
from sim.page.listening import LOCAL, listening
from sim.page.live import Live
from sim.page.offers import OFFERED, offers
from sim.page.pool import Full, Pool
from sim.page.presets import chosen, presets
from sim.page.session import Choice, NoSession, Session, Sessions
from sim.page.take import results
from sim.scenario import Event, shipped
from sim.views import Feed, Shown, audience, called, feed, means, network
from worlds import scenario

WAIT = 60


# ---- what may be chosen ---------------------------------------------------------------------


def test_every_shipped_scenario_is_a_preset_with_something_to_watch() -> None:
    assert set(presets()) == set(shipped())
    assert next(iter(presets())) == "hello"
    for preset in presets().values():
        assert preset.watch.endswith(".")
        assert 20 < len(preset.watch) < 250
        assert preset.watch.count(". ") == 0, "one sentence"
        assert preset.arms


@pytest.mark.parametrize("name", sorted(presets()))
def test_presets_load_at_the_size_of_a_classroom(name: str) -> None:
    loaded = chosen(name, 1_000)
    assert (loaded.world.accounts, loaded.record.every_days) == (1_000, 1)
    assert loaded.arm_names == tuple(presets()[name].arms)


@pytest.mark.parametrize(
    "wrong",
    [
        {"preset": "../../etc/passwd"},
        {"preset": "[scenario]\nname='x'\n"},
        {"accounts": 10**9},
        {"accounts": 3},
        {"seed": -1},
        {"seed": 2**80},
        {"arms": ("nobody",)},
        {"arms": ("organic", "begging", "bought")},
    ],
)
def test_choices_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Choice(**wrong)


def test_a_link_says_what_was_chosen_and_done() -> None:
    log = [{"tick": 3, "day": 1, "arm": None, "who": "x", "event": {"day": 1, "recall": 0.5}}]
    link, complete = Choice("hello", 300, 7, ("begging", "bought")).link(log)
    again = Choice.of_link(link)
    assert complete
    assert (again.preset, again.accounts, again.seed) == ("hello", 300, 7)
    assert again.arms == ("begging", "bought")
    assert again.log[0]["event"] == Event(day=1, recall=0.5).model_dump(exclude_defaults=True)
    assert again.log[0]["who"] == ""


def test_a_link_that_would_be_too_long_leaves_the_acts_out() -> None:
    rng = np.random.default_rng(1)
    log = [
        {"tick": k, "day": k, "arm": None, "who": "", "event": {"day": k, "recall": x}}
        for k, x in enumerate(rng.random(600).tolist())
    ]
    link, complete = Choice().link(log)
    assert not complete
    assert Choice.of_link(link).log == ()


@pytest.mark.parametrize("event", [{"day": -1}, {"day": 1, "kind": "x"}, {"day": 1, "junk": 1}, 7])
def test_a_link_with_something_else_in_it(event: Any) -> None:
    from sim.page.session import _packed

    entry = {"tick": 1, "day": 1, "arm": None, "who": "", "event": event}
    plain = {"preset": "hello", "accounts": 300, "seed": 1, "arms": ["organic"], "log": [entry]}
    with pytest.raises(ValueError, match="damaged"):
        Choice.of_link(_packed(plain))


def test_strategies_on_offer_can_be_scheduled() -> None:
    """With each number at its default and at both ends of its slider."""
    live = Live(chosen("hello", 300), pool=Pool())
    live.setup().result(WAIT)
    for offer in offers():
        for end in ("least", "most", "default"):
            params = {knob["key"]: knob[end] for knob in offer["knobs"]}
            live.act({"kind": "strategy", "strategy": offer["name"], "params": params}).result(WAIT)
    assert len(live.log) == 3 * len(OFFERED)
    live.step(1).result(WAIT)
    assert live.snapshot["status"] == "ready", live.snapshot["message"]
    live.close()


# ---- sessions -------------------------------------------------------------------------------


def test_sessions_outlive_the_server(tmp_path: Any) -> None:
    sessions = Sessions(Pool(), tmp_path)
    session = sessions.new()
    live = session.set_up(Choice("hello", 300, 3, ("begging",)))
    live.step(5).result(WAIT)
    session.act({"kind": "means", "minutes": 7}).result(WAIT)
    live.step(4).result(WAIT)
    digest = live.look(lambda models: models["begging"].state_hash()).result(WAIT)
    sessions.close()

    again = Sessions(Pool(), tmp_path).find(session.name)
    assert again.live is not None
    assert again.live.look(lambda m: m["begging"].state_hash()).result(WAIT) == digest
    assert "lives again" in again.note
    assert (again.choice.seed, again.choice.accounts) == (3, 300)
    again.give_up()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"choice": [1]}', "\0", '{"choice": 3}'])
def test_a_damaged_file_is_said_to_be(tmp_path: Any, content: str) -> None:
    (tmp_path / f"{'x' * 16}.json").write_text(content)
    with pytest.raises(NoSession, match=r"gone|cannot be read"):
        Sessions(Pool(), tmp_path).find("x" * 16)


@pytest.mark.parametrize("name", ["", "..", "../x", "a" * 17, "x" * 15 + "/", "é" * 16, "\0" * 16])
def test_names_lead_nowhere_else(tmp_path: Any, name: str) -> None:
    with pytest.raises(NoSession):
        Sessions(Pool(), tmp_path / "inside").find(name)


def test_sessions_nobody_uses_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.page import session as module

    monkeypatch.setattr(module, "MOST_SESSIONS", 3)
    sessions = Sessions(Pool(), None)
    first = [sessions.new() for _ in range(3)]
    with pytest.raises(Full, match="too many have opened this page"):
        sessions.new()
    first[0].seen -= module.UNSEEN_REST + 1
    sessions.new()
    assert len(sessions) == 3


def test_worlds_nobody_looks_at_rest_and_are_put_away(tmp_path: Any) -> None:
    from sim.page.session import UNSEEN_CLOSE, UNSEEN_REST

    sessions = Sessions(Pool(), tmp_path)
    session = sessions.new()
    live = session.set_up(Choice("hello", 300))
    live.go()
    live.step(0).result(WAIT)
    live.go()
    session.windows = 1
    session.seen -= UNSEEN_CLOSE + 1
    sessions.tend()
    assert live.look(lambda m: live.status).result(WAIT) == "running"  # somebody looks
    session.windows = 0
    session.seen += UNSEEN_CLOSE - UNSEEN_REST
    sessions.tend()
    assert live.look(lambda m: live.status).result(WAIT) == "ready"
    session.seen -= UNSEEN_CLOSE
    sessions.tend()
    live._thread.join(WAIT)
    assert live.status == "closed"
    found = sessions.find(session.name)
    assert found is not session
    found.give_up()


def test_a_limiter_lets_through_its_rate_and_remembers_few() -> None:
    """Over t seconds at most burst + rate * t requests pass, however many come."""
    now = [0.0]
    limiter = Limiter(2, 5, most=3, clock=lambda: now[0])
    passed = 0
    for k in range(10_000):
        now[0] = k / 1_000
        passed += limiter.allows("a")
    assert passed in (24, 25)  # 5 + 2 * 10, the last one not yet whole
    for key in "bcdefg":
        assert limiter.allows(key)
    assert len(limiter._held) == 3
    for k in range(100):  # whoever floods goes on being refused, however many others are made up
        assert limiter.allows(f"made up {k}")
        assert limiter.allows("g") == (k < 4)


def test_a_thousand_acts_at_once_harm_nobody() -> None:
    from sim.page.live import Refused

    session = Session("x", Pool())
    live = session.set_up(Choice("hello", 300))
    refused = []
    for _ in range(1_000):
        try:
            session.act({"kind": "sweep"})
        except Refused as error:
            refused.append(str(error))
    live.step(1).result(WAIT)
    assert len(refused) > 900
    assert set(refused) == {"That was too much at once. Wait a second."}
    assert len(live.log) == 1_000 - len(refused)
    session.give_up()


# ---- views ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> FollowerModel:
    model = FollowerModel(scenario(days=12, rest="[[protagonists]]\nstrategy = 'beg'\n"))
    for _ in range(30):
        model.step()
    return model


def test_looking_changes_nothing(model: FollowerModel) -> None:
    digest = model.state_hash()
    audience(model, "newcomer"), feed(model, "newcomer"), network(model, 100, 50)
    means(model, "newcomer")
    assert model.state_hash() == digest


def test_the_audience_is_the_followers(model: FollowerModel) -> None:
    found = audience(model, "newcomer")
    [agent] = model.accounts.select(lambda one: one.kind == "protagonist")
    fans = [a.uid for a in model.accounts if any(f.uid == agent.uid for f in a.following)]
    assert sorted(found.uid.tolist()) == sorted(fans)
    assert int(found.engaged.sum()) == _engaged_today(model)
    assert ((found.warmth >= 0) & (found.warmth <= 1)).all()
    with pytest.raises(KeyError):
        audience(model, "nobody")


def _engaged_today(model: FollowerModel) -> int:
    """Engaged followers counted over again from the table of follows."""
    follows = model.tables()["follows"]
    now = model.world.hour / 24 - model.world.start_day
    alive = follows[follows["end"].isna()]
    return int((now - alive["last_engagement"] <= 28).sum())


def test_a_network_has_follows_among_its_accounts(model: FollowerModel) -> None:
    found = network(model, 80, 60)
    assert len(found.uid) <= 80
    assert len(found.follows) <= 60
    uids = {agent.uid: agent for agent in model.accounts}
    for follower, followee in found.follows[:20]:
        followed = [one.uid for one in uids[int(found.uid[follower])].following]
        assert int(found.uid[followee]) in followed


def test_a_feed_is_of_a_follower(model: FollowerModel) -> None:
    found = feed(model, "newcomer")
    assert found.viewer in audience(model, "newcomer").uid.tolist()
    assert found.posts
    assert all(0 <= post.quality <= 1 for post in found.posts)


def test_uids_are_called_by_something_short() -> None:
    assert called(17) == "account 17"
    assert called((1 << 62) + (12 << 32) + 3) == "account 12-3"


# ---- what is shown --------------------------------------------------------------------------


def test_begs_crowd_out_posts_in_a_feed() -> None:
    beg = Shown("newcomer", "beg", 0, 0.1, 0, "followee", False, False)
    lost = Shown("account 3", "content", 1, 0.9, 2, "followee", False, True)
    shown = panels.feed_panel(Feed(9, [beg, lost]), "newcomer")
    assert "was just shown 1 posts; begs crowded out 1." in shown
    assert shown.index("please follow") < shown.index("crowded out by begs:")
    assert "class='content lost'" in shown.replace("content  lost", "content lost")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "' onload='x", '"><img src=x>'])
def test_text_is_escaped(text: str) -> None:
    shown = panels.log_panel([(1.0, text, True)])
    shown += panels.feed_panel(Feed(-1, []), text)
    names = ["followers", "engaged", "warm", "value", "sales", "unfollows", "minutes", "dollars"]
    values = dict.fromkeys(names, 1.0)
    one = {"count": 1, "measures": values, "means": {"strategy": text}}
    shown += panels.monitors({text: one}, text)
    assert text not in shown
    assert "<script" not in shown
    assert "<img" not in shown


def test_curves_are_thinned_but_keep_both_ends() -> None:
    found = charts.points([float(k) for k in range(1_000)])
    assert found[0] == [0, 0.0]
    assert found[-1] == [999, 999.0]
    assert len(found) <= charts.MOST_POINTS + 2
    assert charts.points([]) == []
    assert charts.points([5.0]) == [[0, 5.0]]


@pytest.mark.parametrize(
    ("value", "top"), [(0, 10), (10, 10), (11, 15), (1012, 1500), (5031, 6000), (81_000, 100_000)]
)
def test_scales_end_on_round_numbers(value: float, top: float) -> None:
    assert charts.top(value) == top


def test_charts_are_plain_and_have_words() -> None:
    curves = {"a": {"followers": [30.0, 40.0], "engaged": [0.0, 5.0]}}
    options = charts.lines(curves, 90, {1: "sweep"}, 40)
    json.dumps(options)
    line, filled = options["series"]
    assert (line["data"], filled["data"]) == ([[0, 30.0], [1, 40.0]], [[0, 0.0], [1, 5.0]])
    assert "areaStyle" in filled
    assert "areaStyle" not in line
    said = charts.in_words(curves, 1)
    assert "a has 40 followers, of whom 5 are engaged; it began with 30" in said


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"day": 1}, "the platform will sweep for fakes"),
        ({"day": 1, "kind": "viral", "protagonist": "a"}, "the latest post of a goes viral"),
        ({"day": 1, "kind": "means", "minutes": 60.0, "protagonist": "a"},
         "a now has 60 minutes a day"),
        ({"day": 1, "kind": "strategy", "strategy": "beg", "params": {"close": 0.5}},
         "everybody turns to beg (close 0.5)"),
        ({"day": 1, "kind": "set", "set": {"platform.ranking": "mixed"}},
         'new rules: the order of the feed: "mixed"'),
    ],
)  # fmt: skip
def test_acts_in_plain_words(event: dict[str, Any], said: str) -> None:
    assert words.acted({"who": "", "event": event}) == said


def test_every_code_has_words() -> None:
    from sim.kernels.layout import TOPICS, Kind, Route

    assert set(words.KINDS) == {kind.name.lower() for kind in Kind}
    assert set(words.ROUTES) == {route.name.lower() for route in Route}
    assert len(words.TOPICS) == TOPICS


def test_results_of_a_living_world_are_those_of_a_run() -> None:
    live = Live(chosen("hello", 300), arms=("organic", "bought"), pool=Pool())
    live.setup().result(WAIT)
    live.step(8).result(WAIT)
    found = results(live)
    model = FollowerModel(live.scenario, arm="bought")
    for _ in range(8):
        model.step()
    runs = found.runs.set_index("arm")
    assert runs.loc["bought", "state_hash"] == model.state_hash()
    assert runs.loc["bought", "followers"] == model.measures()["followers"]
    assert set(found.series["run_id"]) == {"organic-0", "bought-0"}
    live.close()


# ---- the network ----------------------------------------------------------------------------


def test_the_layout_is_a_disc_without_heaps(model: FollowerModel) -> None:
    graph = pytest.importorskip("sim.page.graph")
    found = network(model, 150, 50)
    spots = graph.places(found)
    assert spots.shape == (len(found.uid), 2)
    assert (np.hypot(*spots.T.astype(float)) <= 1_001).all()
    assert len(np.unique(spots, axis=0)) > 0.95 * len(spots)
    assert (graph.places(found) == spots).all()


def test_only_changes_are_sent(model: FollowerModel) -> None:
    graph = pytest.importorskip("sim.page.graph")
    sketch = graph.Sketch(model)
    first = sketch.changes(model, "newcomer")
    assert len(first["set"]) == 2 * len(audience(model, "newcomer").uid)
    assert sketch.changes(model, "newcomer") == {
        "name": "newcomer", "anew": False, "set": [], "gone": []
    }  # fmt: skip
    again = sketch.changes(model, "newcomer", anew=True)
    assert again["set"] == first["set"]
    json.dumps(again)


# ---- the server -----------------------------------------------------------------------------


def test_what_a_page_tells_is_text() -> None:
    app = pytest.importorskip("sim.page.app", reason="needs followlab[classroom]")
    shown = app._told(400, "no such arm: <img src=x onerror='alert(1)'> & \"others\"").body.decode()
    assert "no such arm: &lt;img src=x" in shown
    assert " &amp; " in shown
    assert "<img" not in shown


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_listens_at_once_and_a_taken_one_is_said(host: str) -> None:
    assert host in LOCAL
    with listening(host, 0) as sock:
        port = sock.getsockname()[1]
        socket.create_connection((host, port), timeout=5).close()  # who comes early waits
        with pytest.raises(OSError, match=f"{host}:{port} cannot be used.*--port {port + 1}"):
            listening(host, port).__enter__()
    with listening(host, port):
        pass


@pytest.mark.parametrize("more", [[], ["--class", "classroom"]])
def test_both_pages_refuse_a_taken_port(
    more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("nicegui", "segno"):
        pytest.importorskip(name, reason="needs followlab[classroom]")
    with listening("127.0.0.1", 0) as sock:
        port = str(sock.getsockname()[1])
        call = ["classroom", "--no-browser", "--port", port, "--folder", str(tmp_path), *more]
        assert main(call) == 2
    assert f"127.0.0.1:{port} cannot be used" in capsys.readouterr().err
