"""What is seen of a room: by a student, and by the teacher.

What is not revealed is not in it, so it does not leave the server.
"""

from collections import defaultdict
from typing import Any, Final

from sim.page.room.people import Student
from sim.page.room.room import Room
from sim.replay.words import told

__all__ = ["Onlooker"]

LINES: Final = 40  # of a log
BEHIND: Final = ("engaged", "value", "sales")  # what is behind the number

Row = tuple[int, str, str, float, str]  # day, event, other, amount, cause


class Onlooker:
    """Looks at a room, and keeps the log of each seat in plain words."""

    def __init__(self, room: Room) -> None:
        """Begin to look; what happened before is in the logs too."""
        self.room = room
        self._heard, self._world = 0, room.worlds
        self._logs: dict[str, list[Row]] = defaultdict(list)
        self._refused: set[tuple[str, int | None, str]] = set()

    def student(self, token: object, since: int = 0) -> dict[str, Any]:
        """Return what a student sees; of the curves the days from ``since`` on.

        Raises Stranger if nobody holds this token.
        """
        me = self.room.student(token)
        with self.room.guard:
            self._listen()
            log = self._lines(me.seat)[::-1]
            return {**self._common(), "board": self._board(me),
                    "me": {**self._account(me, since), "log": log}}  # fmt: skip

    def teacher(self, since: int = 0) -> dict[str, Any]:
        """Return what the teacher sees; of the curves the days from ``since`` on."""
        with self.room.guard:
            self._listen()
            students = list(self.room.students.values())
            curves = self._curves(since)
            return {
                **self._common(),
                "code": self.room.code,
                "locked": self.room.locked,
                "board": self._board(None),
                "students": [_listed(student) for student in students],
                "curves": {s.seat: curves.get(s.seat, {}) for s in students},
                "log": self._all_logs(students),
            }

    # ---- the parts ----------------------------------------------------------------------------

    def _common(self) -> dict[str, Any]:
        room, now = self.room, self.room.live.snapshot
        keys = ("status", "message", "day", "days", "tick", "speed")
        return {
            **{key: now[key] for key in keys},
            "title": room.live.base.scenario.title,
            "notice": room.notice,
            "started": room.started,
            "revealed": room.revealed,
            "seats": len(room.seats),
            "taken": len(room.students),
            "ready": sum(s.choice is not None for s in room.students.values()),
        }

    def _standing(self, seat: str) -> dict[str, float]:
        """Return the count of a seat's account now, and its measures; empty without a world."""
        found = self.room.live.snapshot["lives"].get(self.room.arm, {}).get(seat)
        return {**found["measures"], "count": found["count"]} if found else {}

    def _board(self, me: Student | None) -> list[dict[str, Any]]:
        """Return the students by followers, with the rest of it if it is revealed."""
        rows = [self._row(student, me) for student in self.room.students.values()]
        return sorted(rows, key=lambda row: -row["followers"])

    def _row(self, student: Student, me: Student | None) -> dict[str, Any]:
        now = self._standing(student.seat)
        row = {"name": student.name, "followers": round(now.get("count", 0)), "me": student is me}
        if not self.room.revealed:
            return row
        more = {key: round(now.get(key, 0.0), 1) for key in BEHIND}
        return {**row, **more, "strategy": student.choice.strategy if student.choice else "idle"}

    def _account(self, student: Student, since: int) -> dict[str, Any]:
        now, (minutes, money) = self._standing(student.seat), self.room.most[student.seat]
        return {
            "name": student.name,
            "followers": round(now.get("count", 0)),
            "minutes": round(now.get("minutes", 0.0)),
            "dollars": round(now.get("dollars", 0.0), 2),
            "most": {"minutes": minutes, "money": money},
            "choice": student.choice.plain() if student.choice else None,
            "since": student.since,
            "left": self.room.changes - student.changes,
            "curves": self._curves(since).get(student.seat, {}),
        }

    def _curves(self, since: int) -> dict[str, dict[str, list[float]]]:
        """Return followers by seat and day; the engaged too if they are revealed."""
        shown = ("followers", "engaged") if self.room.revealed else ("followers",)
        found = self.room.live.curves(self.room.arm, max(0, since))
        return {seat: {measure: own[measure] for measure in shown} for seat, own in found.items()}

    # ---- the logs -----------------------------------------------------------------------------

    def _all_logs(self, students: list[Student]) -> list[tuple[int, str]]:
        lines = [(day, f"{s.name} {text}") for s in students for day, text in self._lines(s.seat)]
        return sorted(lines, reverse=True)[:LINES]

    def _listen(self) -> None:
        """Take in what has happened in the world since the last time."""
        if self._world != self.room.worlds:
            self._heard, self._world = 0, self.room.worlds
            self._logs.clear()
            self._refused.clear()
        news = self.room.live.happened(self.room.arm, self._heard)
        self._heard += len(news)
        since = {student.seat: student.since for student in self.room.students.values()}
        for tick, account, event, other, amount, cause in news:
            for seat in self.room.seats if account == "" else (account,):
                if self._is_worth_telling(seat, since.get(seat), event, cause):
                    self._enter(seat, (self._day(tick), event, other, amount, cause))

    def _enter(self, seat: str, row: Row) -> None:
        """Enter a row into a log; the sales of a day are one row."""
        log, (day, event, _, amount, _) = self._logs[seat], row
        for place in range(len(log) - 1, -1, -1):
            if log[place][0] != day:
                break
            if event == "sale" == log[place][1]:
                log[place] = (day, event, "", log[place][3] + amount, "")
                return
        log.append(row)
        del log[:-LINES]

    def _lines(self, seat: str) -> list[tuple[int, str]]:
        """Return a log in words: day and text, the oldest first."""
        rows = self._logs[seat]
        return [(day, told(event, other, amount, why)) for day, event, other, amount, why in rows]

    def _is_worth_telling(self, seat: str, since: int | None, event: str, cause: str) -> bool:
        """Whether a log should have it: of refusals, each reason once after each choice."""
        if event != "refused":
            return event not in ("strategy", "means")
        new = cause != "pointless" and (seat, since, cause) not in self._refused
        self._refused.add((seat, since, cause))
        return new

    def _day(self, tick: int) -> int:
        base = self.room.live.base
        return int(tick * base.platform.tick_hours // 24) - base.world.burn_in_days


def _listed(student: Student) -> dict[str, Any]:
    chosen = student.choice
    return {
        "seat": student.seat,
        "name": student.name,
        "choice": chosen.plain() if chosen else None,
        "changes": student.changes,
    }
