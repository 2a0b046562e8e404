"""What is seen of a world: curves, monitors, network, feed, log; one life, or two side by side."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from nicegui import ui

from sim.model import FollowerModel
from sim.page import charts, panels
from sim.page.graph import Graph, Sketch, sketch
from sim.page.live import Live
from sim.page.parts import heading, html, marked, select
from sim.page.words import acted, happened
from sim.views import Feed, feed

__all__ = ["Scene"]

LOOK_EVERY: Final = 0.6  # seconds between two looks at network and feed
MOST_MARKS: Final = 12  # acts that a chart shows, the latest
_QUIET: Final = frozenset({"sale", "refused"})  # events that are too many to be told one by one
_HOURS: Final = 24


class Scene:
    """The panels of a world; ``show`` and ``look`` bring them up to date."""

    def __init__(self, live: Live, labels: Mapping[str, str], lives: Any, looks: Any) -> None:
        """Build the panels into two containers; ``labels`` names the arms."""
        self.live, self._labels = live, labels
        self._names = [name for one in live.base.protagonists for name in one.names]
        self._focus, self._colour = self._names[0], "origin"
        self._sketches: dict[str, Sketch] = {}
        self._anew, self._looking, self._looked, self._tick = True, False, 0.0, -1
        self._seen: tuple[int, int] | None = None
        self._size = charts.SMALL
        with lives:
            self._build_curves()
        with looks:
            self._build_looks()
            heading("What has happened")
            self._log = html("", "log").props("role=log tabindex=0")

    def _build_curves(self) -> None:
        self._charts: dict[str, ui.echart] = {}
        self._monitors: dict[str, ui.html] = {}
        self._platforms: dict[str, ui.html] = {}
        with ui.element("div").classes("lives"):
            for arm, label in self._labels.items():
                with marked(ui.element("article"), f"life-{arm}"):
                    heading(label)
                    chart = ui.echart({}).classes("chart").props("role=img tabindex=0")
                    self._charts[arm] = marked(chart, f"chart-{arm}")
                    self._monitors[arm] = html("", f"monitors-{arm}").classes("scroll tiles")
                    self._platforms[arm] = html("", f"platform-{arm}").classes("soft")
        with ui.element("div").classes("row soft"):
            html("Line: all followers. Filled: the engaged, who interacted within 28 days.")
            self._same = ui.switch("Same scale", value=True, on_change=self.forget)
            marked(self._same, "scale").set_visibility(len(self._labels) > 1)

    def _build_looks(self) -> None:
        with ui.element("div").classes("row"):
            heading("Network and feed")
            focus = select("Of account", self._names, self._focus, "focus")
            focus.on_value_change(self._turn_to)
            colours = {"origin": "by origin", "warmth": "by warmth"}
            colour = select("Colours", colours, self._colour, "colours")
            colour.on_value_change(self._recolour)
        self._graphs: dict[str, Graph] = {}
        self._feeds: dict[str, ui.html] = {}
        with ui.element("div").classes("looks"):
            for arm, label in self._labels.items():
                with ui.element("div"):
                    heading(label, 3)
                    self._graphs[arm] = marked(Graph(f"Network, {label}."), f"graph-{arm}")
                    self._graphs[arm].on("ready", self._look_anew)
            for arm, label in self._labels.items():
                with ui.element("div"):
                    heading(f"What a follower sees today: {label}", 3)
                    self._feeds[arm] = html("", f"feed-{arm}")

    # ---- what the visitor changes ---------------------------------------------------------------

    def forget(self) -> None:
        """Let everything be shown again."""
        self._seen = None

    def enlarge(self, large: bool) -> None:
        """Write in charts large or small."""
        self._size = charts.LARGE if large else charts.SMALL
        self.forget()

    def _look_anew(self) -> None:
        self._sketches, self._looked = {}, 0.0

    def _turn_to(self, event: Any) -> None:
        self._focus, self._anew, self._looked = str(event.value), True, 0.0

    def _recolour(self, event: Any) -> None:
        self._colour = event.value
        for graph in self._graphs.values():
            graph.run_method("colour", event.value)

    # ---- curves, monitors, log ------------------------------------------------------------------

    def show(self, shot: Mapping[str, Any]) -> bool:
        """Bring the panels up to a snapshot; return whether a day has passed or an act was done."""
        for arm, monitor in self._monitors.items():
            caption = "Followers now; the rest at the end of the last day"
            monitor.set_content(panels.monitors(shot["lives"][arm], caption))
        if self._seen == (shot["day"], shot["log"]):
            return False
        self._seen = (shot["day"], shot["log"])
        self._draw(shot)
        for arm, platform in self._platforms.items():
            platform.set_content(panels.platform_panel(shot["platform"][arm]))
        self._log.set_content(panels.log_panel(self._lines()))
        return True

    def _draw(self, shot: Mapping[str, Any]) -> None:
        curves = {arm: self.live.curves(arm) for arm in self._labels}
        peaks = {arm: _peak(found) for arm, found in curves.items()}
        for arm, chart in self._charts.items():
            highest = max(peaks.values()) if self._same.value else peaks[arm]
            own = [entry for entry in self.live.log if entry["arm"] in (None, arm)]
            marks = _marks(own[-MOST_MARKS:])
            options = charts.lines(curves[arm], shot["days"], marks, highest, self._size)
            chart.props["options"] = options
            chart.props["aria-label"] = charts.in_words(curves[arm], shot["day"])
            chart.update()

    def _lines(self) -> list[tuple[float, str, bool]]:
        """Return the lines of the log: what was done here, and what happened in the world."""
        named = self._labels if len(self._labels) > 1 else {}
        done = {(one["day"], one["event"].get("kind")) for one in self.live.log}  # told already
        lines = [
            (float(one["day"]), acted(one, named.get(one["arm"] or "", "")), True)
            for one in self.live.log
        ]
        for arm in self._labels:
            tail = f" (“{named[arm]}”)" if arm in named else ""
            rows = [row for row in self.live.happened(arm) if row[2] not in _QUIET]
            found = [(self._day(row[0]), row) for row in rows[-2 * panels.MOST_LINES :]]
            lines += [(d, happened(r) + tail, False) for d, r in found if (d, r[2]) not in done]
        return lines

    def _day(self, tick: int) -> float:
        base = self.live.base
        return tick * base.platform.tick_hours / _HOURS - base.world.burn_in_days

    # ---- network and feed -----------------------------------------------------------------------

    async def look(self, tick: int) -> None:
        """Look at network and feed if there is news, not too often, and never twice at a time."""
        rests = tick == self._tick and self._sketches and not self._anew
        if self._looking or rests or time.monotonic() - self._looked < LOOK_EVERY:
            return
        self._looking, self._tick = True, tick
        try:
            if not self._sketches:
                await self._begin()
            await self._change()
        finally:
            self._looking, self._looked = False, time.monotonic()

    async def _begin(self) -> None:
        """Send the layout, once."""
        self._sketches = await asyncio.wrap_future(self.live.look(sketch))
        for arm, one in self._sketches.items():
            self._graphs[arm].run_method("start", one.base)
            self._graphs[arm].run_method("colour", self._colour)
        self._anew = True

    async def _change(self) -> None:
        """Send what has changed since the last look."""
        name, anew, sketches = self._focus, self._anew, self._sketches
        self._anew = False

        def at(models: Mapping[str, FollowerModel]) -> dict[str, tuple[dict[str, Any], Feed]]:
            return {
                arm: (sketches[arm].changes(model, name, anew=anew), feed(model, name))
                for arm, model in models.items()
                if arm in sketches
            }

        found = await asyncio.wrap_future(self.live.look(at))
        if self._sketches is not sketches:
            return
        for arm, (change, seen) in found.items():
            if change["anew"] or change["set"] or change["gone"]:
                self._graphs[arm].run_method("change", change)
            self._feeds[arm].set_content(panels.feed_panel(seen, name))


def _peak(curves: charts.Curves) -> float:
    return max((max(own["followers"], default=0.0) for own in curves.values()), default=0.0)


def _marks(log: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Return a word or two for what was done on each day, as marks in a chart."""
    found: dict[int, list[str]] = {}
    for entry in log:
        event = entry["event"]
        kind = event.get("kind", "sweep")
        word = str(event.get("strategy", "rules" if kind == "set" else kind)).replace("_", " ")
        found.setdefault(entry["day"], []).append(word)
    return {day: ", ".join(dict.fromkeys(words)) for day, words in found.items()}
