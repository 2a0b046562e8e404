"""Class mode in a real browser: a teacher, students on phones, reloads, a server that dies."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import browsing
from cutting import door
from hosting import Host, Visitor, hosted
from sim.scenario.writing import written
from worlds import scenario

for name in ("starlette", "uvicorn", "segno"):
    pytest.importorskip(name, reason="needs followlab[classroom]")

pytestmark = browsing.needs_browser

EVIL = "<img src=x onerror=x>"
WAIT = 20.0
SEATS = """
[[protagonists]]
name = "student"
count = 5
strategy = "idle"
followers = 20
money = 10
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    text = written(scenario(days=400, rest=SEATS))
    (tmp_path / "small.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def devices(place: Path) -> Iterator[tuple[Any, Any]]:
    """The teacher's computer and a student's phone, each with a browser of its own."""
    first = browsing.browser(place / "computer")
    second = browsing.browser(place / "phone", 390, 780)
    with first as teacher, second as student:
        yield teacher, student


def until(true: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.1)
    pytest.fail(f"waited in vain: {what}")


def text(device: Any, name: str) -> str:
    said = device.execute_script(
        "return document.getElementById(arguments[0])?.textContent ?? ''", name
    )
    return str(said)


def click(device: Any, selector: str) -> None:
    device.execute_script("document.querySelector(arguments[0]).click()", selector)


def join(device: Any, host: Host, name: str) -> None:
    device.get(f"http://127.0.0.1:{host.port}/#{host.code}")
    box = until(lambda: device.find_elements("css selector", "#join #name"), "the form")[0]
    until(box.is_displayed, "the form is shown")
    box.send_keys(name)
    device.find_element("css selector", "#join button").click()
    until(lambda: name in text(device, "status"), "a seat")


def choose(device: Any, strategy: str) -> None:
    click(device, f"input[value={strategy}]")
    click(device, "#choose button")
    until(lambda: text(device, "answer").startswith("Done"), "an answer")


def day(device: Any) -> int:
    return int(text(device, "today").split()[1])


def count(device: Any) -> int:
    return int(text(device, "followers").replace(",", ""))


def saved_tick(place: Path) -> int:
    return int(json.loads((place / "room" / "room.json").read_text())["live"]["tick"])


def test_a_lesson_in_browsers(devices: tuple[Any, Any], place: Path) -> None:
    """Join, choose, start, reveal, sweep; reload; the server dies and comes again."""
    teacher, bert = devices
    with hosted(place / "small.toml", place / "room") as host:
        teacher.get(f"http://127.0.0.1:{host.port}/teacher#{host.key}")
        until(lambda: text(teacher, "code") == host.code, "the code")
        anna = Visitor(host.port)
        token = anna.ask("join", {"code": host.code, "name": "Anna"})[1]["token"]
        anna.secret = {"X-Token": token}
        assert anna.ask("choose", {"strategy": "organic"})[0] == 200
        join(bert, host, EVIL)
        choose(bert, "buyer")
        until(lambda: "2 have chosen" in text(teacher, "status"), "choices")
        live_some_days(teacher, bert, anna)
        reveal_and_sweep(teacher, bert, anna)
        accessible(teacher, bert)
        before, followers = day(teacher), count(bert)
        until(lambda: saved_tick(place) == 4 * before, "the room on the disk")
        assert [browsing.complaints(device) for device in devices] == [[], []]
    until(lambda: "No connection" in text(bert, "trouble"), "word of the lost connection")
    with hosted(place / "small.toml", place / "room", host.port) as again:
        assert "started again" in again.said
        until(lambda: text(bert, "trouble") == "", "the connection")
        until(lambda: "started again" in text(bert, "notice"), "the notice")
        until(lambda: count(bert) == followers, "the same world")
        key = Visitor(again.port, {"X-Key": again.key})
        until(lambda: key.ask("teacher/state")[1]["day"] == before, "the day")
        assert key.ask("teacher/do", {"what": "remove", "value": "student-2"})[0] == 200
        until(lambda: "no seat here" in text(bert, "notice"), "word that the seat is gone")
        assert anna.ask("state")[0] == 200


def test_a_phone_loses_the_network_and_comes_back(place: Path) -> None:
    """Cut, it says so and goes on by itself, with seat and choice; the world does not wait."""
    phone = browsing.browser(place / "phone", 390, 780)
    with (
        hosted(place / "small.toml", place / "room") as host,
        door(host.port) as way,
        phone as bert,
    ):
        arrives_in_part(bert, f"{way.base}/#{host.code}")
        join(bert, host._replace(port=way.port), "Bert")
        choose(bert, "beg")
        key = Visitor(host.port, {"X-Key": host.key})
        assert key.ask("teacher/do", {"what": "speed", "value": 12})[0] == 200
        until(lambda: key.ask("teacher/do", {"what": "start"})[0] == 200, "the start")
        until(lambda: lived(bert) >= 1, "a day")
        bert.execute_script("window.before = true")
        way.cut()
        until(lambda: "No connection" in text(bert, "trouble"), "word of the lost connection")
        lost, seen = lived(bert), text(bert, "followers")
        click(bert, "#choose button")
        until(lambda: text(bert, "answer").startswith("No connection"), "an answer")
        until(lambda: key.ask("teacher/state")[1]["day"] > lost + 1, "days without the phone")
        assert (lived(bert), text(bert, "followers")) == (lost, seen)
        way.mend()
        comes_back(bert, lost + 1)
        way.fall_silent()  # no error, just nothing any more
        until(lambda: "No connection" in text(bert, "trouble"), "word of the silence")
        way.mend()
        comes_back(bert, lost + 2)
        choose(bert, "organic")
        [student] = key.ask("teacher/state")[1]["students"]
        assert (student["name"], student["choice"]["strategy"]) == ("Bert", "organic")


def arrives_in_part(bert: Any, address: str) -> None:
    """A page to which the network did not bring its strategies says so, and gets them later."""
    bert.execute_cdp_cmd("Network.enable", {})
    bert.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*api/offers*"]})
    bert.get(address)
    until(lambda: "No connection" in text(bert, "trouble"), "word of the lost connection")
    bert.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    until(lambda: text(bert, "trouble") == "", "the connection")


def lived(device: Any) -> int:
    """The day that a student's page shows; -1 before the first."""
    found = re.search(r"Day (\d+) of", text(device, "status"))
    return int(found[1]) if found else -1


def comes_back(bert: Any, later: int) -> None:
    """The same page, not reloaded, shows the days that it has missed; seat and choice are there."""
    until(lambda: text(bert, "trouble") == "", "the connection")
    until(lambda: lived(bert) > later, "the days since")
    assert bert.execute_script("return window.before") is True
    assert "Bert" in text(bert, "status")
    assert bert.execute_script(PICKED) == "beg"


def live_some_days(teacher: Any, bert: Any, anna: Visitor) -> None:
    """A day by the button, some by the keyboard, and a pause."""
    until(lambda: not teacher.find_element("id", "go").get_attribute("disabled"), "a world")
    click(teacher, "#day")
    until(lambda: day(teacher) == 1, "a day")
    teacher.find_element("tag name", "body").send_keys(" ")
    until(lambda: day(teacher) >= 4, "days")
    click(teacher, "#go")
    until(lambda: text(teacher, "go") == "▶ Go on", "a pause")
    until(lambda: count(bert) > 4_000, "bought followers")
    assert anna.ask("state")[1]["me"]["followers"] < 100


def reveal_and_sweep(teacher: Any, bert: Any, anna: Visitor) -> None:
    """What is hidden is shown on demand, names are text, and a log is one's own."""
    named = "return [...document.querySelectorAll('#board td.name')].map((c) => c.textContent)"
    until(lambda: teacher.execute_script(named) == [EVIL, "Anna"], "the order")
    assert teacher.find_elements("css selector", "img[onerror]") == []
    assert "Engaged" not in text(bert, "board")
    click(teacher, "#reveal")
    until(lambda: "Engaged" in text(bert, "board"), "what is behind the number")
    click(teacher, "#sweep")
    for _ in range(2):  # what is left of the day of the pause, and the next, which the sweep begins
        before = day(teacher)
        click(teacher, "#day")
        until(lambda before=before: day(teacher) > before, "a day")
    until(lambda: "the platform sweeps" in text(bert, "log"), "the sweep")
    assert "buys" in text(bert, "log")
    assert "buys" not in str(anna.ask("state")[1]["me"]["log"])


def accessible(teacher: Any, bert: Any) -> None:
    """A reload keeps seat and choice; the phone need not be scrolled sideways; all has names."""
    bert.refresh()
    until(lambda: EVIL in text(bert, "status"), "the seat after a reload")
    until(lambda: bert.execute_script(PICKED) == "buyer", "the choice after a reload")
    assert bert.execute_script("return document.documentElement.scrollWidth") <= 390
    for device in (teacher, bert):
        assert device.execute_script(NAMELESS) == []
        assert "ollowers" in device.execute_script(WORDS)


PICKED = "return document.querySelector('input[name=strategy]:checked')?.value"
WORDS = "return document.querySelector('#chart [role=img]').getAttribute('aria-label')"
NAMELESS = """
return [...document.querySelectorAll('button, select, input')].filter((one) =>
  !one.textContent.trim() && !one.labels?.length && !one.getAttribute('aria-label')
).map((one) => one.id)
"""
