"""The room on the web: a few pages, and a few requests that are all checked here and in the room.

Students and teacher look by asking again and again, so a lost connection or a new server needs no
care: the next answer puts the page right. Who holds a valid token or key is counted by it, all
others by their address; whoever asks too often is turned away before anything is read.
"""

import asyncio
import csv
import json
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from importlib.resources import files as package_files
from io import StringIO
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sim.page.limits import Limiter
from sim.page.live import Refused
from sim.page.offers import OFFERED, offers
from sim.page.room import address
from sim.page.room.room import RULES, Room, Stranger, TooOften
from sim.page.room.seen import Onlooker

__all__ = ["application"]

MOST_BYTES: Final = 8_192  # of a request
PATIENCE: Final = 10.0  # seconds to wait for the world
PAGES: Final = {"": "student.html", "teacher": "teacher.html"}
FILES: Final = {
    "room.css": "text/css",
    "common.js": "text/javascript",
    "student.js": "text/javascript",
    "teacher.js": "text/javascript",
}
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
STATUS: Final = {Stranger: 401, TooOften: 429, Refused: 400}

Handler = Callable[[Request], Awaitable[Response]]


def application(room: Room, join: str) -> Starlette:
    """Return the web application of a room; ``join`` is the address that students are told."""
    web = _Web(room, join)
    pages = [Route(f"/{path}", _page(name)) for path, name in PAGES.items()]
    parts = [Route(f"/files/{name}", _page(name, kind)) for name, kind in FILES.items()]
    asked: dict[str, Callable[[Request], Any]] = {
        "state": web.state,
        "offers": web.offers,
        "teacher/state": web.overview,
        "teacher/info": web.info,
    }
    told = {"join": web.join, "choose": web.choose, "teacher/do": web.do}
    gets = [Route(f"/api/{path}", web.guarded(one)) for path, one in asked.items()]
    posts = [
        Route(f"/api/{path}", web.guarded(one), methods=["POST"]) for path, one in told.items()
    ]
    table = Route("/api/teacher/table.csv", web.guarded(web.table), methods=["POST"])
    return Starlette(routes=[*pages, *parts, *gets, *posts, table])


def _page(name: str, kind: str = "text/html") -> Handler:
    content = (package_files("sim.page.room") / name).read_bytes()

    async def answer(_: Request) -> Response:
        return Response(content, media_type=f"{kind}; charset=utf-8", headers=HEADERS)

    return answer


class _Web:
    """What can be asked of a room over the web."""

    def __init__(self, room: Room, join: str) -> None:
        self.room, self.join_url, self.onlooker = room, join, Onlooker(room)
        self._known = Limiter(10, 30)  # by token or key: a page asks twice a second
        self._unknown = Limiter(20, 120)  # by address

    def guarded(self, handler: Callable[[Request], Any]) -> Handler:
        """Return a handler that turns away who asks too often, and tells errors in words."""

        async def answer(request: Request) -> Response:
            try:
                self._admit(request)
                found = await handler(request)
            except tuple(STATUS) as error:
                return _json({"error": str(error)}, STATUS[type(error)])
            except ClientDisconnect:
                return Response(status_code=499)
            return found if isinstance(found, Response) else _json(found)

        return answer

    def _admit(self, request: Request) -> None:
        """Count a request. Raises TooOften."""
        token, key = _token(request), request.headers.get("x-key", "")
        limiter, who = self._unknown, _address(request)
        if self._is_known(token, key):
            limiter, who = self._known, token or key
        if not limiter.allows(who):
            raise TooOften("Not so fast: this page asks too often.")

    def _is_known(self, token: str, key: str) -> bool:
        try:
            self.room.student(token) if token else self.room.check_teacher(key)
        except Stranger:
            return False
        return True

    # ---- students -------------------------------------------------------------------------

    async def join(self, request: Request) -> dict[str, Any]:
        asked = await _body(request)
        token = self.room.join(asked.get("code"), asked.get("name"), _address(request))
        return {"token": token, "name": self.room.student(token).name}

    async def state(self, request: Request) -> dict[str, Any]:
        return self.onlooker.student(_token(request), _since(request))

    async def offers(self, _: Request) -> dict[str, Any]:
        return {"offers": offers(), "title": self.room.live.base.scenario.title}

    async def choose(self, request: Request) -> dict[str, Any]:
        token = _token(request)
        self.room.student(token)
        acts = self.room.choose(token, await _body(request))
        await _done(acts)
        return {"done": True, "since": self.room.student(token).since}

    # ---- the teacher ----------------------------------------------------------------------

    async def overview(self, request: Request) -> dict[str, Any]:
        self._teacher(request)
        return self.onlooker.teacher(_since(request))

    async def info(self, request: Request) -> dict[str, Any]:
        self._teacher(request)
        link = f"{self.join_url}#{self.room.code}"
        labels = {name: label for name, (label, _) in OFFERED.items()}
        rules = {key: list(values) for key, values in RULES.items()}
        return {"join": self.join_url, "qr": address.qr(link), "labels": labels, "rules": rules}

    async def do(self, request: Request) -> dict[str, Any]:
        self._teacher(request)
        asked = await _body(request)
        room, value = self.room, asked.get("value")
        verbs: dict[str, Callable[[], Any]] = {
            "start": room.start,
            "pause": room.pause,
            "day": room.day,
            "sweep": room.sweep,
            "again": lambda: [room.again()],
            "speed": lambda: room.speed(value),
            "reveal": lambda: room.show(value),
            "lock": lambda: room.lock(value),
            "remove": lambda: room.remove(value),
            "rule": lambda: room.rule(asked.get("key"), value),
        }
        verb = verbs.get(asked.get("what", "")) if isinstance(asked.get("what"), str) else None
        if verb is None:
            raise Refused("The teacher cannot do that.")
        acts = verb()
        if asked["what"] != "again":  # making a world takes long; the page shows how far it is
            await _done(acts or [])
        return {"done": True}

    async def table(self, request: Request) -> Response:
        self._teacher(request)
        out = StringIO()
        csv.writer(out, lineterminator="\n").writerows(_rows(self.room))
        return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=HEADERS)

    def _teacher(self, request: Request) -> None:
        self.room.check_teacher(request.headers.get("x-key"))


def _rows(room: Room) -> Iterable[list[Any]]:
    """The class as a table: one row a student and day."""
    yield ["day", "student", "strategy", "followers", "engaged", "value", "sales"]
    for student in list(room.students.values()):
        curves = room.live.curves(room.arm).get(student.seat, {})
        named = _harmless(student.name)
        strategy = student.choice.strategy if student.choice else "idle"
        columns = (curves.get(key, []) for key in ("followers", "engaged", "value", "sales"))
        for day, values in enumerate(zip(*columns, strict=False)):
            yield [day, named, strategy, *values]


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@" else text


async def _done(acts: Iterable["Future[Any]"]) -> None:
    """Wait until the world has taken in what it was told. Raises Refused if it did not."""
    waiting = [asyncio.wrap_future(act) for act in acts]
    if waiting:
        _, late = await asyncio.wait(waiting, timeout=PATIENCE)
        for one in waiting:
            if one not in late:
                one.result()


async def _body(request: Request) -> dict[str, Any]:
    """Return what was sent, an object in JSON. Raises Refused if it is anything else."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise Refused("That was too long.")
        parts.append(part)
    try:
        found = json.loads(b"".join(parts))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused("That was not understood.")
    return found


def _token(request: Request) -> str:
    return request.headers.get("x-token", "")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _since(request: Request) -> int:
    """Return the first day of the curves that a page has not had."""
    text = request.query_params.get("since", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _json(content: Any, status: int = 200) -> Response:
    return JSONResponse(content, status, headers=HEADERS)
