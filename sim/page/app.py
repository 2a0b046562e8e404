"""The server of the classroom page."""

import asyncio
import io
import logging
import socket
import sys
import webbrowser
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import app as nicegui_app
from nicegui import ui

from sim.page import take
from sim.page.graph import STATIC
from sim.page.limits import Limiter
from sim.page.listening import LOCAL, listening
from sim.page.live import Live
from sim.page.play import Play
from sim.page.pool import SWITCH, Full, Pool
from sim.page.session import Choice, NoSession, Session, Sessions
from sim.page.words import safe

__all__ = ["PORT", "frame", "serve"]

PORT: Final = 8080
TEND_EVERY: Final = 2.0  # seconds between two rounds of saving
_OPENED: Final = (20.0, 90.0)  # pages and downloads from one address: a second, at once
_MOST_ADDRESSES: Final = 2_000
_SILENT: Final = 10.0  # seconds, about, after which a page that is not heard has lost the network
_ABSENT: Final = 30.0  # for which it may be away and then goes on; later it is loaded anew
_TITLE: Final = "followlab: the classroom"
_FIGURE: Final = "lives_over_time"
_KINDS: Final = {
    "png": "image/png", "svg": "image/svg+xml", "zip": "application/zip",
    "toml": "text/plain; charset=utf-8",
}  # fmt: skip


def frame(sessions: Sessions) -> FastAPI:
    """Return the application; it serves these sessions."""
    frame = FastAPI(title="followlab", docs_url=None, redoc_url=None, openapi_url=None)
    opened = Limiter(*_OPENED, most=_MOST_ADDRESSES)
    drawing = asyncio.Lock()

    def admit(request: Request) -> None:
        """Refuse an address that asks for too much at once."""
        address = request.client.host if request.client else ""
        if not opened.allows(address):
            raise HTTPException(429, "Too much at once from this address. Wait a moment.")

    @frame.get("/")
    def begin(request: Request, play: str = "") -> Response:
        admit(request)
        try:
            session = sessions.new()
            if play:
                session.set_up(Choice.of_link(play))
        except Full as error:
            return _told(503, str(error))
        except ValueError as error:
            return _told(400, str(error))
        return RedirectResponse(f"/s/{session.name}", 303)

    @frame.get("/take/{name}/{path:path}")
    async def bring(request: Request, name: str, path: str) -> Response:
        admit(request)
        try:
            session = sessions.find(name)
            async with drawing:  # one at a time: drawing is slow
                data = await asyncio.to_thread(_made, session, path)
        except (NoSession, KeyError) as error:
            raise HTTPException(404, "There is nothing here.") from error
        except ValueError as error:
            return _told(409, str(error))
        kind = path.rpartition(".")[2]
        named = f"followlab-{session.choice.preset}-{path.replace('/', '-')}"
        headers = {"Content-Disposition": f'attachment; filename="{named}"'}
        return Response(data, media_type=_KINDS[kind], headers=headers)

    @ui.page("/s/{name}", title=_TITLE, dark=None, reconnect_timeout=_ABSENT)
    def page(request: Request, name: str) -> Any:
        admit(request)
        try:
            session = sessions.find(name)
        except NoSession as error:
            return _told(410, str(error))
        ui.add_head_html(f"<style>{(STATIC / 'page.css').read_text(encoding='utf-8')}</style>")
        Play(session, f"/take/{name}")
        session.windows += 1

        def left() -> None:
            session.windows -= 1

        ui.context.client.on_delete(left)
        return None

    nicegui_app.on_startup(lambda: _tend(sessions))
    nicegui_app.on_shutdown(sessions.close)
    ui.run_with(
        frame,
        title=_TITLE,
        language="en-GB",
        reconnect_timeout=_SILENT,
        dark=None,
        tailwind=False,
        show_welcome_message=False,
    )
    return frame


async def _tend(sessions: Sessions) -> None:
    while True:
        await asyncio.sleep(TEND_EVERY)
        await asyncio.to_thread(sessions.tend)


def _made(session: Session, path: str) -> bytes:
    """Return what is taken home under a path.

    Raises:
        KeyError: there is no such thing.
        ValueError: there is no world to take it from.
    """
    arms = path.startswith("arms/")
    live = session.compared if arms else session.live
    if live is None or not live.snapshot["lives"]:
        raise ValueError("There is no world yet. Set it up first.")
    return _MAKERS[path.removeprefix("arms/")](live)


def _figures(live: Live) -> bytes:
    """Return all figures, PNG and SVG, in a zip archive."""
    found, out = take.results(live), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in take.figures():
            for kind in ("png", "svg"):
                archive.writestr(f"{name}.{kind}", take.figure(found, name, kind))
    return out.getvalue()


_MAKERS: Final[dict[str, Callable[[Live], bytes]]] = {
    "figure.png": lambda live: take.figure(take.results(live), _FIGURE, "png"),
    "figure.svg": lambda live: take.figure(take.results(live), _FIGURE, "svg"),
    "figures.zip": _figures,
    "tables.zip": lambda live: take.tables(take.results(live)),
    "scenario.toml": lambda live: take.scenario_file(live).encode(),
}


def _told(status: int, text: str) -> HTMLResponse:
    """Return a page that says something, and leads to a new session."""
    return HTMLResponse(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><title>followlab</title>"
        "<style>body{font:1.2rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;"
        "padding:0 1rem;color-scheme:light dark}</style>"
        f"<h1>followlab: the classroom</h1><p>{safe(text)}</p>"
        "<p><a href='/'>Begin a new session</a></p>",
        status,
    )


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = PORT,
    folder: Path | None = None,
    worlds: int | None = None,
    browser: bool = True,
) -> int:
    """Serve the page until Ctrl-C; return the exit code.

    Args:
        host: The address to listen on; by default this machine only.
        port: The port.
        folder: Where sessions are kept; without one they last as long as the server.
        worlds: Most worlds that may be alive.
        browser: Whether to open the page in a browser.

    Raises:
        OSError: the port is taken, or the address is not ours.
    """
    with listening(host, port) as sock:
        sessions = Sessions(Pool() if worlds is None else Pool(worlds=worlds), folder)
        address = f"http://{'localhost' if host in LOCAL else host}:{sock.getsockname()[1]}"
        _say(address, host, folder)
        if browser:
            webbrowser.open(address)
        _run(frame(sessions), sock)
    return 0


def _say(address: str, host: str, folder: Path | None) -> None:
    """Tell where the page is, who can reach it, and what is kept."""
    where = f"Sessions are kept in {folder}." if folder else "Sessions are not kept."
    print(f"The classroom is open at {address} (Ctrl-C closes it). {where}", flush=True)
    if host in LOCAL:
        print("Only this machine can reach it; --host 0.0.0.0 lets others in.", flush=True)


def _run(served: FastAPI, sock: socket.socket) -> None:
    """Answer requests until Ctrl-C, between the ticks of the worlds."""
    config = uvicorn.Config(served, log_level="warning", timeout_graceful_shutdown=2)
    sys.setswitchinterval(SWITCH)
    logging.getLogger("nicegui").setLevel(logging.ERROR)  # it prints every address not found
    with suppress(KeyboardInterrupt):  # Ctrl-C is how a server ends
        uvicorn.Server(config).run(sockets=[sock])
