"""Thirty students in one class world of 5,000 accounts, as a server has them (slow).

`FOLLOWLAB_LOAD_SECONDS` says for how long (60 by default; half an hour is 1800).
"""

import os
import re
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hosting import ROOT, Host, Visitor, hosted

SECONDS = float(os.environ.get("FOLLOWLAB_LOAD_SECONDS", "60"))
STUDENTS = 30
SPEED = 8  # ticks a second: two days, the fastest at which a class can follow
WARM = 20.0  # seconds after which memory is compared: caches are filled
STRATEGIES = ("organic", "beg", "follow_for_follow", "buyer", "community", "broadcaster")


class Student(threading.Thread):
    """Looks twice a second, as the page does, and chooses anew now and then."""

    def __init__(self, port: int, code: str, number: int, until: float) -> None:
        super().__init__(daemon=True)
        self.visitor, self.number, self.until = Visitor(port), number, until
        status, answer = self.visitor.ask("join", {"code": code, "name": f"Student {number}"})
        assert status == 200, answer
        self.visitor.secret = {"X-Token": answer["token"]}
        self.choose(STRATEGIES[number % len(STRATEGIES)], 45)
        self.held = 0  # days of the curves that are here already
        self.answers: list[float] = []  # seconds
        self.visible: list[float] = []  # seconds until a choice was seen

    def choose(self, strategy: str, minutes: float) -> int:
        asked = {"strategy": strategy, "minutes": minutes}
        return self.visitor.ask("choose", asked)[0]

    def run(self) -> None:
        turn = 0
        while time.monotonic() < self.until:
            self.look()
            turn += 1
            if turn % 30 == self.number:  # each at a moment of its own
                self.change(turn)
            time.sleep(0.5)

    def look(self) -> Any:
        begun = time.monotonic()
        status, seen = self.visitor.ask(f"state?since={self.held}")
        assert status == 200, seen
        self.held += len(seen["me"]["curves"]["followers"])
        self.answers.append(time.monotonic() - begun)
        return seen

    def change(self, turn: int) -> None:
        """Choose anew, and see how long it takes until the page shows it."""
        minutes, begun = 20 + turn % 25, time.monotonic()
        if self.choose(STRATEGIES[(self.number + turn) % len(STRATEGIES)], minutes) != 200:
            return  # no change left
        while self.look()["me"]["choice"]["minutes"] != minutes:
            time.sleep(0.05)
        self.visible.append(time.monotonic() - begun)


class Flood(threading.Thread):
    """Somebody who sends about 1,000 requests a second."""

    def __init__(self, port: int, until: float) -> None:
        super().__init__(daemon=True)
        self.visitor, self.until = Visitor(port), until
        self.sent = self.refused = 0

    def run(self) -> None:
        begun = time.monotonic()
        while time.monotonic() < self.until:
            self.refused += self.visitor.ask("choose", {"strategy": "x" * 1_000})[0] == 429
            self.sent += 1
            ahead = self.sent / 1_000 - (time.monotonic() - begun)
            if ahead > 0:
                time.sleep(ahead)


def memory(pid: int) -> float:
    """Resident memory of a process, MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def slope(points: list[tuple[float, float]]) -> float:
    """Least-squares slope of memory over time, MB a minute."""
    times, values = zip(*points, strict=True)
    return statistics.linear_regression(times, values).slope * 60


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """A class in a world of 5,000 accounts that does not end before the test."""
    text = (ROOT / "scenarios" / "classroom.toml").read_text(encoding="utf-8")
    long = tmp_path / "long.toml"
    long.write_text(text.replace("days = 120", "days = 2600"), encoding="utf-8")
    with hosted(long, tmp_path / "room") as found:
        yield found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_class_of_thirty(host: Host) -> None:
    port = host.port
    teacher = Visitor(port, {"X-Key": host.key})
    while teacher.ask("teacher/state")[1]["status"] in ("empty", "building"):
        time.sleep(0.5)
    until = time.monotonic() + SECONDS
    students = [Student(port, host.code, number, until) for number in range(STUDENTS)]
    assert teacher.ask("teacher/do", {"what": "speed", "value": SPEED})[0] == 200
    assert teacher.ask("teacher/do", {"what": "start"})[0] == 200
    begun, first = time.monotonic(), teacher.ask("teacher/state")[1]["tick"]
    for student in students:
        student.start()
    flood = Flood(port, until - SECONDS / 2)  # in the first half
    flood.start()
    points = []
    while time.monotonic() < until:
        time.sleep(1)
        points.append((time.monotonic() - begun, memory(host.process.pid)))
    for student in students:
        student.join(30)
    now = teacher.ask("teacher/state")[1]
    ticks = (now["tick"] - first) / (time.monotonic() - begun)
    answers = [one for student in students for one in student.answers]
    visible = [one for student in students for one in student.visible]
    later = [point for point in points if point[0] > WARM]
    print(
        f"\n{ticks:.1f} ticks a second (day {now['day']}); {len(answers)} looks, median "
        f"{1000 * statistics.median(answers):.0f} ms, 99 % {1000 * quantile(answers):.0f} ms; "
        f"{len(visible)} choices seen within {max(visible):.2f} s, median "
        f"{statistics.median(visible):.2f} s; memory {later[0][1]:.0f} to {later[-1][1]:.0f} MB, "
        f"{slope(later):+.2f} MB a minute; flood: {flood.sent} requests, {flood.refused} refused"
    )
    assert ticks >= 5
    assert max(visible) < 1
    assert quantile(answers) < 1
    assert flood.sent - flood.refused <= 120 + 20 * SECONDS  # the burst and the rate of strangers
    assert not any(student.is_alive() for student in students)


def quantile(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
