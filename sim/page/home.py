"""Comparing all arms of a scenario, and taking home what came of it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui

from sim.page import charts
from sim.page.parts import button, heading, html, marked, section
from sim.page.presets import presets
from sim.page.session import Session
from sim.page.words import safe

__all__ = ["Comparison", "Home"]

_FILES: Final = {
    "figure.png": "Figure (PNG)",
    "figure.svg": "Figure (SVG)",
    "figures.zip": "All figures",
    "tables.zip": "Tables (CSV)",
    "scenario.toml": "Scenario file",
}


def _links(address: str, before: str = "") -> None:
    """Offer the files of a world."""
    for file, text in _FILES.items():
        path = before + file
        marked(ui.link(text, f"{address}/{path}"), path).props("download")


class Comparison:
    """All arms in one world, run to the end, and the chart of what came of them."""

    def __init__(self, session: Session, address: str, attempt: Any) -> None:
        """Build it; ``attempt`` awaits something and says what went wrong."""
        self._session, self._address, self._attempt = session, address, attempt
        self._shown: Any = None
        with section("Compare"):
            heading("Compare all lives")
            with ui.element("div").classes("row"):
                button("Run all arms", "compare", self._run, "act")
                self._progress = marked(ui.label(""), "progress").classes("soft")
                self._progress.props("role=status")
            self._place = ui.element("div")

    async def _run(self) -> None:
        await self._attempt(asyncio.to_thread(self._session.compare))

    def show(self) -> None:
        """Show how far the arms are, and at the end what came of them."""
        live = self._session.compared
        if live is not self._shown and self._shown is not None:
            self._place.clear()
            self._shown = None
        if live is None or self._shown is live:
            return
        shot = live.snapshot
        doing = f"Day {shot['day']} of {shot['days']} in {len(live.arms)} lives."
        self._progress.text = shot["message"] or doing
        if shot["status"] == "over":
            self._shown = live
            self._progress.text = f"Done: {shot['days']} days, {len(live.arms)} lives, one world."
            self._draw(shot["lives"])

    def _draw(self, lives: Mapping[str, Any]) -> None:
        labels = presets()[self._session.choice.preset].arms
        ends = {labels[arm]: _mean(own) for arm, own in lives.items()}
        counts = "; ".join(
            f"{name}: {end['followers']:,.0f} followers, {end['engaged']:,.0f} engaged"
            for name, end in ends.items()
        )
        with self._place:
            chart = ui.echart(charts.at_end(ends)).classes("chart").props("role=img tabindex=0")
            marked(chart, "bars", f"Followers and the engaged among them at the end. {counts}.")
            html(f"<p class=soft>One world, so chance plays its part. {safe(counts)}.</p>")
            with ui.element("div").classes("row"):
                _links(self._address, "arms/")


def _mean(lives: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return followers and engaged, averaged over the protagonists."""
    values = [one["measures"] for one in lives.values()]
    return {name: sum(v[name] for v in values) / len(values) for name in ("followers", "engaged")}


class Home:
    """Files of the world that is played, and a link that opens it again."""

    def __init__(self, session: Session, address: str) -> None:
        """Build it."""
        self._session = session
        with section("Take home"):
            heading("Take home")
            with ui.element("div").classes("row"):
                _links(address)
                button("Link to these settings", "share", self._share)
            self._link = html("", "link")

    def _share(self) -> None:
        log = self._session.live.log if self._session.live else []
        text, complete = self._session.choice.link(log)
        acts = "what was done in it happens again on the same days"
        if log and not complete:
            acts = "what was done in it is too much for a link; take the scenario file"
        shown = f"/?play={text}"
        self._link.set_content(
            f"<p>This opens the same world with the same seed{f'; {acts}' if log else ''}: "
            f"<a href='{shown}'>the same world</a>. To share it, copy the address of that link."
            "</p>"
        )
