"""Class mode: who may do what, what is seen, what is saved, and what hostile input does."""

import json
import math
import random
import stat
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from sim.page.limits import Limiter
from sim.page.live import Live, Refused
from sim.page.offers import offers
from sim.page.pool import Pool
from sim.page.room import address, people, saving
from sim.page.room.choices import choice
from sim.page.room.names import LONGEST, clean, distinct
from sim.page.room.room import Room, Stranger, TooOften
from sim.page.room.seats import MOST_CHANGES, changes, seated
from sim.page.room.seen import Onlooker
from sim.page.room.serve import open_room
from sim.scenario import Event, Scenario, loads
from sim.scenario.writing import written
from sim.strategies import find
from worlds import scenario

for name in ("starlette", "httpx", "segno"):
    pytest.importorskip(name, reason="needs followlab[classroom]")

SEATS = """
[[protagonists]]
name = "student"
count = 4
strategy = "idle"
followers = 10
money = 10
"""
WAIT = 60
EVIL = ["", " ", "\u202e", "a\u0301\u0301\u0301\u0301\u0301", "x" * 10_000, "<script>", None, 7, []]
BUY = {"strategy": "buyer", "params": {"amount": 1000}}


def small(days: int = 12) -> Scenario:
    return seated(written(scenario(days=days, rest=SEATS)))


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool()


@pytest.fixture
def room(pool: Pool) -> Any:
    live = Live(small(), pool=pool)
    live.setup().result(WAIT)
    made = Room(live, key="secret")
    yield made
    live.close()


def view(room: Room, token: str, since: int = 0) -> dict[str, Any]:
    return Onlooker(room).student(token, since)


def settle(acts: list["Future[Any]"]) -> list[Any]:
    return [act.result(WAIT) for act in acts]


def days(room: Room, number: int) -> None:
    """Let days pass, and wait for them."""
    for _ in range(number):
        settle(room.day())
    room.live.look(lambda _: None).result(WAIT)


def calm(room: Room) -> None:
    """Let nobody have asked lately."""
    room._acts = Limiter(1, 1_000)


# ---- who is there -----------------------------------------------------------------------------


def test_joining_gives_a_seat_of_ones_own(room: Room) -> None:
    tokens = [room.join(room.code.lower(), name) for name in ("Anna", "anna", "Bert")]
    students = [room.student(token) for token in tokens]
    assert [student.seat for student in students] == ["student-1", "student-2", "student-3"]
    assert [student.name for student in students] == ["Anna", "anna 2", "Bert"]
    assert len(set(tokens)) == 3


def test_nobody_joins_without_code_name_or_seat(room: Room) -> None:
    for wrong in ("", "AAAAA", None, 5, room.code + "A"):
        with pytest.raises(Stranger):
            room.join(wrong, "Anna")
    with pytest.raises(Refused, match="name"):
        room.join(room.code, "\u200b")
    for name in "abcd":
        room.join(room.code, name)
    with pytest.raises(Refused, match="4 seats"):
        room.join(room.code, "e")
    room.lock(True)
    with pytest.raises(Refused, match="nobody"):
        room.join(room.code, "e")


def test_codes_cannot_be_tried_by_the_thousand(room: Room) -> None:
    """Of 1,000 wrong codes at once from an address at most the burst of 20 is even looked at."""
    looked = 0
    for _ in range(1_000):
        try:
            room.join("WRONG", "x", "10.0.0.9")
        except Stranger:
            looked += 1
        except TooOften:
            pass
    assert 20 <= looked <= 25
    room.join(room.code, "Anna", "10.0.0.9")


def test_tokens_are_kept_only_as_hashes(room: Room) -> None:
    token = room.join(room.code, "Anna")
    saved = json.dumps(room.plain())
    assert token not in saved
    assert people.hashed(token) in saved
    assert "secret" not in saved
    for wrong in ("", token[:-1], people.hashed(token), None, 3, "\ud800"):
        with pytest.raises(Stranger):
            room.student(wrong)


# ---- choosing ---------------------------------------------------------------------------------


def test_a_day_ends_with_the_day(room: Room) -> None:
    """Also after a pause in its midst."""
    room.live.step(3).result(WAIT)
    days(room, 1)
    assert room.live.snapshot["tick"] == 4
    days(room, 1)
    assert room.live.snapshot["tick"] == 8


def test_choices_before_the_start_cost_nothing_and_hold_from_day_0(room: Room) -> None:
    calm(room)
    token = room.join(room.code, "Anna")
    for strategy in ("organic", "beg", "buyer"):
        assert room.choose(token, {"strategy": strategy}) == []
    settle(room.start())
    room.pause()
    mine = [entry for entry in room.live.log if entry["who"] == "Anna"]
    assert [entry["day"] for entry in mine] == [0, 0]
    assert mine[0]["event"]["strategy"] == "buyer"
    assert room.student(token).changes == 0


def test_a_student_steers_only_the_own_account(room: Room) -> None:
    """Whatever is sent along, every event concerns the seat of who holds the token."""
    calm(room)
    tokens = [room.join(room.code, name) for name in ("Anna", "Bert")]
    settle(room.start())
    room.pause()
    asked = {**BUY, "protagonist": "student-2", "seat": "student-2", "who": "Bert", "day": 0}
    settle(room.choose(tokens[0], asked))
    days(room, 3)
    concerned = {entry["event"]["protagonist"] for entry in room.live.log}
    assert concerned == {"student-1"}
    lives = room.live.snapshot["lives"][room.arm]
    assert lives["student-1"]["count"] > 500
    assert lives["student-2"]["count"] < 50


def test_money_is_spent_only_once(room: Room) -> None:
    """$1 buys 1,000; who then asks for $1.50 in all has 50 cents left, besides what it earned."""
    calm(room)
    token = room.join(room.code, "Anna")
    room.choose(token, {**BUY, "money": 1.0})
    days(room, 2)
    settle(room.choose(token, {**BUY, "money": 1.5}))
    days(room, 1)
    own = room.live.snapshot["lives"][room.arm]["student-1"]
    assert own["measures"]["dollars"] == pytest.approx(1.0)
    assert own["means"]["money"] == pytest.approx(0.5 + own["measures"]["income"])


def test_changes_are_counted_and_end(room: Room) -> None:
    calm(room)
    token = room.join(room.code, "Anna")
    settle(room.start())
    room.pause()
    assert room.changes == MOST_CHANGES
    for k in range(MOST_CHANGES):
        settle(room.choose(token, {"strategy": ("organic", "beg")[k % 2]}))
    with pytest.raises(Refused, match="no change left"):
        room.choose(token, {"strategy": "organic"})
    assert view(room, token)["me"]["left"] == 0


def test_nobody_chooses_faster_than_one_thinks(room: Room) -> None:
    token = room.join(room.code, "Anna")
    for minutes in range(5):
        room.choose(token, {"strategy": "organic", "minutes": minutes})
    with pytest.raises(TooOften):
        room.choose(token, {"strategy": "organic", "minutes": 5})


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"strategy": "nonsense"},
        {"strategy": "schedule"},  # in the catalogue, but not offered
        {"strategy": ["organic"]},
        {"strategy": "organic", "params": {"vendor": "x"}},
        {"strategy": "organic", "params": "effort"},
        {"strategy": "organic", "params": {"effort": math.nan}},
        {"strategy": "organic", "params": {"effort": "30"}},
        {"strategy": "organic", "params": {"effort": True}},
        {"strategy": "buyer", "params": {"amount": 10**400}},
        {"strategy": "organic", "minutes": 1e300},
        {"strategy": "organic", "minutes": -1},
        {"strategy": "organic", "money": math.inf},
        {"strategy": "organic", "money": 10.01},
    ],
)
def test_what_is_out_of_range_is_refused_in_words(room: Room, asked: dict[str, Any]) -> None:
    token = room.join(room.code, "Anna")
    with pytest.raises(Refused, match=r"\."):
        room.choose(token, asked)
    assert room.student(token).choice is None


@pytest.mark.parametrize("offer", offers(), ids=lambda offer: str(offer["name"]))
def test_every_offer_can_be_chosen_at_both_ends(offer: dict[str, Any]) -> None:
    for end in ("least", "most", "default"):
        params = {knob["key"]: knob[end] for knob in offer["knobs"]}
        chosen = choice({"strategy": offer["name"], "params": params}, 45, 10)
        find(chosen.strategy).Params.model_validate(dict(chosen.params))
    assert offer["about"]


# ---- what is seen -------------------------------------------------------------------------------


def test_what_is_not_revealed_does_not_leave_the_server(room: Room) -> None:
    token = room.join(room.code, "Anna")
    room.choose(token, {"strategy": "organic"})
    days(room, 2)
    for seen in (view(room, token), Onlooker(room).teacher()):
        text = json.dumps({key: seen[key] for key in ("board", "curves", "me") if key in seen})
        assert "engaged" not in text
        assert "value" not in text
    assert view(room, token)["board"] == [
        {"name": "Anna", "followers": view(room, token)["me"]["followers"], "me": True}
    ]
    room.show(True)
    row = view(room, token)["board"][0]
    assert {"engaged", "value", "sales", "strategy"} <= row.keys()
    assert len(view(room, token)["me"]["curves"]["engaged"]) == 3
    assert len(view(room, token, since=2)["me"]["curves"]["followers"]) == 1


def test_others_choices_and_the_code_are_not_in_a_students_view(room: Room) -> None:
    anna, bert = (room.join(room.code, name) for name in ("Anna", "Bert"))
    room.choose(bert, BUY)
    days(room, 2)
    seen = json.dumps(view(room, anna))
    assert "buyer" not in seen
    assert room.code not in seen
    assert people.hashed(bert) not in seen


def test_the_log_of_a_student_is_the_own_one(room: Room) -> None:
    anna, bert = (room.join(room.code, name) for name in ("Anna", "Bert"))
    room.choose(bert, BUY)
    settle(room.start())
    room.pause()
    settle(room.sweep())
    days(room, 3)
    own = " ".join(words for _, words in view(room, bert)["me"]["log"])
    assert "buys 1,000 followers" in own
    other = " ".join(words for _, words in view(room, anna)["me"]["log"])
    assert "buys" not in other
    assert "sweeps" in other


def test_the_sales_of_a_day_are_one_line(room: Room) -> None:
    token = room.join(room.code, "Anna")
    room.choose(token, {"strategy": "organic"})
    days(room, 6)
    lines = [line for line in view(room, token)["me"]["log"] if "sells" in line[1]]
    assert len({day for day, _ in lines}) == len(lines)
    sold = sum(int(words.split("sells to ")[1].split()[0]) for _, words in lines)
    sales = room.live.snapshot["lives"][room.arm]["student-1"]["measures"]["sales"]
    assert sold == sales > 1


# ---- the teacher --------------------------------------------------------------------------------


def test_the_teacher_sets_rules_and_only_those(room: Room) -> None:
    settle(room.rule("platform.ranking", "chronological"))
    settle(room.rule("platform.counts_visible", False))
    for key, value in [
        ("platform.ranking", "best"), ("platform.counts_visible", 0), ("world.accounts", 9),
        ("platform.vendors", []), (None, True), ("platform.ranking", ["ranked"]),
    ]:  # fmt: skip
        with pytest.raises(Refused):
            room.rule(key, value)
    for speed in (0, -1, math.nan, "4", True, None):
        with pytest.raises(Refused):
            room.speed(speed)


def test_whoever_is_sent_out_is_out(room: Room) -> None:
    token = room.join(room.code, "Anna")
    room.choose(token, BUY)
    days(room, 1)
    settle(room.remove("student-1"))
    with pytest.raises(Stranger):
        view(room, token)
    assert room.student(room.join(room.code, "Bert")).seat == "student-2"
    with pytest.raises(Refused):
        room.remove("student-1")


def test_beginning_again_keeps_class_and_choices(room: Room) -> None:
    token = room.join(room.code, "Anna")
    room.choose(token, BUY)
    days(room, 2)
    eyes = Onlooker(room)
    count, log = (eyes.student(token)["me"][key] for key in ("followers", "log"))
    room.again().result(WAIT)
    assert not view(room, token)["started"]
    assert eyes.student(token)["me"]["log"] == []
    days(room, 2)
    assert view(room, token)["me"]["followers"] == count  # the same world, to the bit
    assert eyes.student(token)["me"]["log"] == log != []


# ---- saving -------------------------------------------------------------------------------------


def state(room: Room) -> str:
    hashes = room.live.look(lambda models: [model.state_hash() for model in models.values()])
    return str(hashes.result(WAIT))


def test_a_server_that_dies_loses_nothing(room: Room, pool: Pool, tmp_path: Path) -> None:
    calm(room)
    anna, bert = (room.join(room.code, name) for name in ("Anna", "Bert"))
    room.choose(anna, BUY)
    days(room, 2)
    settle(room.choose(bert, {"strategy": "follow_for_follow", "minutes": 30}))
    days(room, 2)
    room.show(True)
    saving.save(room, tmp_path)
    again = saving.restored(tmp_path, "new key", pool)
    assert again is not None
    saving.save(again, tmp_path)  # in the midst of living again: nothing may get lost by that
    again.live.look(lambda _: None).result(WAIT)
    assert state(again) == state(room)
    assert view(again, anna)["me"] == view(room, anna)["me"]
    assert view(again, bert)["board"] == view(room, bert)["board"]
    assert "started again" in again.notice
    third = saving.restored(tmp_path, "newer key", pool)
    assert third is not None
    third.live.look(lambda _: None).result(WAIT)
    assert state(third) == state(room)
    again.check_teacher("new key")
    with pytest.raises(Stranger):
        again.check_teacher("secret")
    for one in (again, third):
        one.live.close()


def test_names_on_the_disk_are_for_the_owner_only(room: Room, tmp_path: Path) -> None:
    saving.save(room, tmp_path)
    assert stat.S_IMODE((tmp_path / saving.NAME).stat().st_mode) == 0o600


def test_a_folder_goes_on_with_its_class_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(written(small()).replace('name = "test"', 'name = "mine"'), encoding="utf-8")

    def opened(**asked: Any) -> Room:
        given = {"students": None, "seed": None, "fresh": False, "key": "k", **asked}
        room = open_room(str(file), tmp_path / "room", **given)
        saving.save(room, tmp_path / "room")
        room.live.close()
        return room

    code = opened().code
    assert opened().code == code
    assert opened(seed=opened().live.seed).code == code
    for other in ({"students": 3}, {"seed": 77}):
        with pytest.raises(saving.Unreadable, match="--fresh"):
            opened(**other)
    assert opened(fresh=True).code != code
    assert (tmp_path / "room" / "room.json.old").is_file()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1}'])
def test_a_damaged_file_is_said_and_kept(pool: Pool, tmp_path: Path, text: str) -> None:
    (tmp_path / saving.NAME).write_text(text)
    with pytest.raises(ValueError, match="--fresh"):
        saving.restored(tmp_path, "key", pool)
    assert (tmp_path / saving.NAME).read_text() == text


def test_no_seats_share_a_name(pool: Pool) -> None:
    """The name of several alike stands for all of them, so its events would steer all."""
    with pytest.raises(ValueError, match="share a name"):
        Room(Live(scenario(days=3, rest=SEATS), pool=pool))


def test_everybody_has_the_changes_that_are_promised() -> None:
    """What a class can choose at most is what a scenario's check lets through, and no more."""
    for students in (2, 4, 30, 64):
        made = seated("classroom", students)
        assert len(made.protagonists) == students
        assert all(one.count == 1 for one in made.protagonists)
        number = students * (1 + changes(made))
        event = {"day": 1, "kind": "strategy", "strategy": "organic", "protagonist": "student-1"}
        given = [Event.model_validate(event)] * number
        loads(written(made.model_copy(update={"events": tuple(given)})))


# ---- small parts --------------------------------------------------------------------------------


def test_names_are_clean_short_and_distinct() -> None:
    assert clean("  Anna\n\tMaria ") == "Anna Maria"
    assert clean("\u202eevil\x00") == "evil"
    assert clean("<b>Zoë</b>") == "<b>Zoë</b>"  # text, wherever it is shown
    for one in map(clean, EVIL):
        assert len(one) <= LONGEST
        assert one.isprintable()
    taken: list[str] = []
    for _ in range(40):
        taken.append(distinct(clean("n" * 90), taken))
    assert len(set(taken)) == 40
    assert max(map(len, taken)) <= LONGEST


def test_addresses_and_their_qr_code() -> None:
    assert address.url("10.0.0.5", 80) == "http://10.0.0.5/"
    assert address.url("::1", 8080, "teacher") == "http://[::1]:8080/teacher"
    assert address.shown("127.0.0.1") == "127.0.0.1"
    assert address.shown("0.0.0.0").count(".") == 3
    svg = address.qr("http://10.0.0.5/#ABCDE")
    assert svg.startswith("<svg")
    assert "<script" not in svg


# ---- over the web -------------------------------------------------------------------------------


@pytest.fixture
def web(room: Room) -> Any:
    from starlette.testclient import TestClient

    from sim.page.room.web import application

    return TestClient(application(room, "http://10.0.0.5/"))


def joined(web: Any, room: Room, name: str) -> dict[str, str]:
    answer = web.post("/api/join", json={"code": room.code, "name": name})
    return {"X-Token": answer.json()["token"]}


def test_a_lesson_over_the_web(web: Any, room: Room) -> None:
    anna, key = joined(web, room, "Anna"), {"X-Key": "secret"}
    assert web.post("/api/choose", json=BUY, headers=anna).json() == {"done": True, "since": None}
    assert web.get("/api/teacher/state", headers=key).json()["ready"] == 1
    for _ in range(3):
        assert web.post("/api/teacher/do", json={"what": "day"}, headers=key).json()["done"]
    room.live.look(lambda _: None).result(WAIT)
    seen = web.get("/api/state?since=1", headers=anna).json()
    assert seen["me"]["followers"] > 500
    assert len(seen["me"]["curves"]["followers"]) == 3
    table = web.post("/api/teacher/table.csv", headers=key).text.splitlines()
    assert table[0].startswith("day,student,strategy,followers")
    assert len(table) == 1 + 4


def test_strangers_see_and_do_nothing(web: Any, room: Room) -> None:
    anna = joined(web, room, "Anna")
    for headers in ({}, {"X-Token": "x"}, {"X-Key": "x"}):
        assert web.get("/api/state", headers=headers).status_code == 401
        assert web.post("/api/choose", json=BUY, headers=headers).status_code == 401
    for headers in ({}, anna, {"X-Key": anna["X-Token"]}, {"X-Key": room.key}):
        for path in ("teacher/state", "teacher/info"):
            assert web.get(f"/api/{path}", headers=headers).status_code == 401
        for path in ("teacher/do", "teacher/table.csv"):
            answer = web.post(f"/api/{path}", json={"what": "start"}, headers=headers)
            assert answer.status_code == 401
    assert not room.started


@pytest.mark.parametrize(
    "sent",
    [b"", b"{", b"[]", b"null", b"[" * 5_000, b"\xff\xfe", b'{"a":' + b"9" * 6_000 + b"}",
     b'{"strategy": "organic", "minutes": NaN}', b"x" * 8_193],
)  # fmt: skip
def test_nonsense_is_answered_in_words(web: Any, room: Room, sent: bytes) -> None:
    anna = joined(web, room, "Anna")
    for path in ("join", "choose", "teacher/do"):
        answer = web.post(f"/api/{path}", content=sent, headers={**anna, "X-Key": "secret"})
        assert answer.status_code in (400, 401)
        assert answer.json()["error"]
    assert web.get("/api/state?since=-1e9", headers=anna).status_code == 200
    assert web.get(f"/api/state?since={'9' * 5_000}", headers=anna).status_code == 200


def test_random_requests_harm_nothing(web: Any, room: Room) -> None:
    """Whatever is put where, answers are words, and the world has only what was allowed."""
    room._acts = Limiter(1e6, 1e6)
    draw, anna = random.Random(7), joined(web, room, "Anna")
    values = [
        None,
        True,
        -1,
        1e308,
        10**30,
        "organic",
        "",
        "\ud800",
        [],
        {},
        {"effort": 9},
        "9" * 99,
    ]
    keys = ["strategy", "params", "minutes", "money", "what", "value", "key", "name", "code"]
    for _ in range(300):
        asked = {draw.choice(keys): draw.choice(values) for _ in range(4)}
        path = draw.choice(["join", "choose", "teacher/do"])
        answer = web.post(f"/api/{path}", content=json.dumps(asked), headers=anna)
        assert answer.status_code in (200, 400, 401, 429)
    assert next(iter(room.students.values())).seat == "student-1"
    assert room.live.log == []
    assert not room.started


def test_a_flood_is_turned_away_and_others_are_served(web: Any, room: Room) -> None:
    """Of n requests at once with one token, burst + rate * seconds pass; other tokens are free."""
    anna, bert = joined(web, room, "Anna"), joined(web, room, "Bert")
    begun = time.monotonic()
    codes = [web.get("/api/state", headers=anna).status_code for _ in range(400)]
    passed = 30 + 10 * (time.monotonic() - begun)
    assert codes.count(200) <= passed + 1
    assert set(codes) == {200, 429}
    assert web.get("/api/state", headers=bert).status_code == 200
    begun = time.monotonic()
    strangers = [web.get("/api/state").status_code for _ in range(400)]
    assert strangers.count(401) <= 120 + 20 * (time.monotonic() - begun) + 1
    assert set(strangers) == {401, 429}
    assert web.get("/api/state", headers=bert).status_code == 200


def test_pages_may_run_only_what_the_server_sends(web: Any) -> None:
    for path in ("/", "/teacher"):
        answer = web.get(path)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "http" not in answer.text
    for path in ("/files/room.css", "/files/common.js", "/files/student.js", "/files/teacher.js"):
        assert web.get(path).status_code == 200
    for path in ("/files/../room.py", "/files/room.py", "/docs", "/api/nothing"):
        assert web.get(path).status_code == 404
