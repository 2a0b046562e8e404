"""The controls of the page: each becomes an event of the scenario, from the next day on."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from nicegui import ui

from sim.page.charts import COLOURS
from sim.page.offers import offers
from sim.page.parts import button, heading, html, marked, select
from sim.page.words import safe
from sim.scenario import Protagonist, Scenario

__all__ = ["Steering"]

_MEANS: Final = {
    "craft": ("Craft", 0.0, 1.0, 0.05, ""),
    "minutes": ("Time", 0.0, 240.0, 5.0, "minutes a day"),
    "money": ("Money left", 0.0, 100.0, 1.0, "dollars"),
}
"""Of each of a contender's means: name, least, most, step and unit of its slider."""
_RANKINGS: Final = {"ranked": "ranked", "chronological": "chronological", "mixed": "mixed"}
_PROOFS: Final = {
    "log": "the more, the more convincing",
    "step": "round numbers convince",
    "none": "counts convince nobody",
}
_OPENED: Final = 2  # contenders whose controls are unfolded at first

HOLD: Final = 2.0  # seconds for which a slider stays where somebody has moved it

Change = Callable[[float], Awaitable[None]]


class Act(Protocol):
    """Has an event done, in one life or in all."""

    def __call__(self, event: Mapping[str, Any], arm: str | None = None) -> Awaitable[bool]:
        """Have it done; whether it can be."""


class Steering:
    """The controls of the platform, and of each contender in each life."""

    def __init__(
        self,
        act: Act,
        scenario: Scenario,
        labels: Mapping[str, str],
        rules: Mapping[str, Any],
    ) -> None:
        """Build them.

        ``labels`` names the arms that are lived; ``rules`` are the settings that were changed
        since the scenario began.
        """
        self._act = act
        with ui.element("div").classes("card"):
            self._build_platform(scenario, rules)
        self._contenders: dict[tuple[str, str], _Contender] = {}
        for arm, label in labels.items():
            people = [(n, p) for p in scenario.for_arm(arm).protagonists for n in p.names]
            for k, (name, own) in enumerate(people):
                title = f"{name}, “{label}”" if len(labels) > 1 else name
                contender = _Contender(act, arm, name, title, own, COLOURS[k % len(COLOURS)])
                if len(self._contenders) < _OPENED:
                    contender.card.props("open")
                self._contenders[arm, name] = contender

    def _build_platform(self, scenario: Scenario, rules: Mapping[str, Any]) -> None:
        heading("The platform")
        with ui.element("div").classes("row"):
            sweep = button("Sweep now!", "sweep", lambda: self._act({"kind": "sweep"}), "act")
            sweep.classes("danger")
            button("Go viral", "viral", lambda: self._act({"kind": "viral"}))
        now = {
            "platform.ranking": scenario.platform.ranking,
            "behaviour.social_proof_form": scenario.behaviour.social_proof_form,
            "platform.counts_visible": scenario.platform.counts_visible,
            **rules,
        }
        order = select("Order of the feed", _RANKINGS, now["platform.ranking"], "ranking")
        proof = select("Social proof", _PROOFS, now["behaviour.social_proof_form"], "proof")
        shown = ui.switch("Counts are shown", value=now["platform.counts_visible"])
        self._bind(order, "platform.ranking")
        self._bind(proof, "behaviour.social_proof_form")
        self._bind(marked(shown, "counts"), "platform.counts_visible")

    def _bind(self, control: Any, key: str) -> None:
        """Let a control set a key; what is refused is taken back."""
        held = control.value

        async def change(event: Any) -> None:
            nonlocal held
            if event.value == held:
                return
            before, held = held, event.value
            if not await self._act({"kind": "set", "set": {key: event.value}}):
                held = control.value = before

        control.on_value_change(change)

    def follow(self, lives: Mapping[str, Mapping[str, Any]]) -> None:
        """Bring the controls to where the contenders are."""
        for (arm, name), contender in self._contenders.items():
            contender.follow(lives[arm][name]["means"])


class _Contender:
    """The controls of one protagonist in one life."""

    def __init__(
        self, act: Act, arm: str, name: str, title: str, own: Protagonist, colour: str
    ) -> None:
        self._act, self._arm, self._name = act, arm, name
        self._strategy, self._params = own.strategy, dict(own.params)
        self._waits = False  # for the day on which its new strategy begins
        self.card = marked(ui.element("details"), f"contender-{arm}-{name}")
        self.card.classes("card contender").style(f"--own: {colour}")
        with self.card:
            html(f"<h3>{safe(title)}</h3>", tag="summary")
            self._choice = self._build_choice(title)
            self._knobs = ui.element("div")
            self._offer_knobs()
            self._sliders = {key: self._build_means(key) for key in _MEANS}

    def _build_choice(self, title: str) -> Any:
        known = {one["name"]: one["label"] for one in offers()}
        options = {self._strategy: self._strategy.replace("_", " "), **known}
        mark = f"strategy-{self._arm}-{self._name}"
        choice = select(f"Strategy of {title}", options, self._strategy, mark)
        choice.classes("full-width").on_value_change(self._choose)
        return choice

    def _build_means(self, key: str) -> "_Slider":
        async def give(value: float) -> None:
            await self._do({"kind": "means", key: value})

        return _Slider(*_MEANS[key], self._mark(key), give)

    def _mark(self, key: str) -> str:
        return f"{key}-{self._arm}-{self._name}"

    def _offer_knobs(self) -> None:
        """Offer the numbers that the strategy takes."""
        self._knobs.clear()
        with self._knobs:
            for one in offers():
                for knob in one["knobs"] if one["name"] == self._strategy else ():
                    self._build_knob(knob)

    def _build_knob(self, knob: Mapping[str, Any]) -> None:
        key, whole = knob["key"], isinstance(knob["default"], int)

        async def change(value: float) -> None:
            self._params[key] = int(value) if whole else value
            await self._turn()

        name = key.replace("_", " ").capitalize()
        bounds = knob["least"], knob["most"], knob["step"]
        slider = _Slider(name, *bounds, knob["unit"].removeprefix("-"), self._mark(key), change)
        slider.show(self._params.get(key, knob["default"]))

    async def _choose(self, event: Any) -> None:
        if event.value == self._strategy:
            return
        before = self._strategy, self._params
        self._strategy, self._params = event.value, {}
        if await self._turn():
            self._offer_knobs()
        else:
            self._strategy, self._params = before
            self._choice.value = self._strategy

    async def _turn(self) -> bool:
        """Begin the strategy, with the numbers that were set; it remembers nothing of before."""
        params = dict(self._params)
        self._waits = await self._do(
            {"kind": "strategy", "strategy": self._strategy, "params": params}
        )
        return self._waits

    async def _do(self, event: dict[str, Any]) -> bool:
        return await self._act({**event, "protagonist": self._name}, self._arm)

    def follow(self, means: Mapping[str, Any]) -> None:
        """Show what the contender has and does."""
        for key, slider in self._sliders.items():
            slider.show(means[key])
        self._waits = self._waits and means["strategy"] != self._strategy
        if not self._waits and means["strategy"] != self._strategy:
            self._strategy, self._params = means["strategy"], {}
            self._choice.set_options({self._strategy: self._strategy, **self._choice.options})
            self._choice.value = self._strategy
            self._offer_knobs()


class _Slider:
    """A slider with its name and value, which acts when it is released."""

    def __init__(
        self, name: str, low: float, high: float, step: float, unit: str, mark: str, act: Change
    ) -> None:
        self._unit, self._high, self._low = unit, high, low
        self._showing, self._held = False, 0.0  # whether the world moves it, or somebody's hand
        with ui.element("div").classes("knob"):
            with ui.element("div").classes("named"):
                ui.label(name)
                self._text = ui.label("")
            self._slider = marked(ui.slider(min=low, max=high, step=step, value=low), mark)
        self._slider.props["aria-label"] = f"{name}, {unit}" if unit else name
        self._slider.on_value_change(self._moved)

        async def released(event: Any) -> None:
            await act(float(event.args))

        self._slider.on("change", released)

    def _moved(self, event: Any) -> None:
        if not self._showing:
            self._held = time.monotonic() + HOLD
        self._tell(event.value)

    def _tell(self, value: float) -> None:
        self._text.text = f"{value:g} {self._unit}".rstrip()

    def show(self, value: float) -> None:
        """Show a value without acting, unless somebody is about to change it.

        One beyond the slider's end is told as it is.
        """
        if time.monotonic() < self._held:
            return
        self._showing = True
        self._slider.value = min(max(value, self._low), self._high)
        self._showing = False
        self._tell(value)
