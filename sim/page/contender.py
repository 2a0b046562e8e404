"""The controls of a contender: what it does, and with what means."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from nicegui import ui

from sim.page.charts import COLOURS
from sim.page.offers import offers
from sim.page.parts import html, marked, select
from sim.page.slider import Slider
from sim.page.words import alike, safe
from sim.scenario import Protagonist

__all__ = ["Act", "Contender"]

_MEANS: Final = {
    "craft": ("Craft", 0.0, 1.0, 0.05, ""),
    "minutes": ("Time", 0.0, 240.0, 5.0, "minutes a day"),
    "money": ("Money left", 0.0, 100.0, 1.0, "dollars"),
}
"""Of each of a contender's means: name, least, most, step and unit of its slider."""


class Act(Protocol):
    """Has an event done, in one life or in all."""

    def __call__(self, event: Mapping[str, Any], arm: str | None = None) -> Awaitable[bool]:
        """Have it done; whether it can be."""


@dataclass
class _Plan:
    """A strategy with the numbers that were set."""

    strategy: str
    params: dict[str, Any] = field(default_factory=dict)
    waits: bool = False  # for the day on which it begins


class Contender:
    """The controls of a protagonist in one life, or of several alike: of all, or of one of them.

    The name of several alike stands for all of them in an event. So the first, whose name that is,
    cannot be steered alone; each of the others can.
    """

    def __init__(self, act: Act, arm: str, own: Protagonist, label: str, before: int) -> None:
        """Build them.

        ``label`` names the life, if there are two; ``before`` says how many contenders of it
        have their colours already.
        """
        self._act, self.arm, self._own, self._before = act, arm, own, before
        self._name = own.name
        self._plans = {name: _Plan(own.strategy, dict(own.params)) for name in own.names}
        self._lives: Mapping[str, Mapping[str, Any]] = {}
        self.card = marked(ui.element("details"), self._mark("contender"))
        self.card.classes("card contender")
        with self.card:
            self._build(f"{own.name}, “{label}”" if label else own.name)
        self._colour()

    def _build(self, title: str) -> None:
        html(f"<h3>{safe(title)}</h3>", tag="summary")
        if self._own.count > 1:
            self._build_which()
        self._choice = self._build_choice(title)
        self._knobs = ui.element("div")
        self._offer_knobs()
        self._sliders = {key: self._build_means(key) for key in _MEANS}

    def _build_which(self) -> None:
        """Offer all of them together, and each that has a name for itself."""
        first, *others = self._own.names
        options = {first: f"all {self._own.count} together", **{name: name for name in others}}
        which = select("Who is steered", options, first, self._mark("which"))
        which.classes("full-width").on_value_change(self._turn_to)
        self._note = marked(ui.label(""), self._mark("alike")).classes("soft")
        self._note.text = alike(first, self._own.count, first)

    def _build_choice(self, title: str) -> Any:
        name = f"Strategy of {title}"
        mark = self._mark("strategy")
        choice = select(name, _known(self._plan.strategy), self._plan.strategy, mark)
        choice.classes("full-width").on_value_change(self._choose)
        return choice

    def _build_means(self, key: str) -> Slider:
        async def give(value: float) -> None:
            await self._do({"kind": "means", key: value})

        return Slider(*_MEANS[key], self._mark(key), give)

    def _mark(self, key: str) -> str:
        return f"{key}-{self.arm}-{self._own.name}"

    def _offer_knobs(self) -> None:
        """Offer the numbers that the strategy takes."""
        self._knobs.clear()
        with self._knobs:
            for one in offers():
                for knob in one["knobs"] if one["name"] == self._plan.strategy else ():
                    self._build_knob(knob)

    def _build_knob(self, knob: Mapping[str, Any]) -> None:
        key, whole = knob["key"], isinstance(knob["default"], int)

        async def change(value: float) -> None:
            params = {**self._plan.params, key: int(value) if whole else value}
            await self._begin(_Plan(self._plan.strategy, params))

        name = key.replace("_", " ").capitalize()
        bounds = knob["least"], knob["most"], knob["step"]
        slider = Slider(name, *bounds, knob["unit"].removeprefix("-"), self._mark(key), change)
        slider.show(self._plan.params.get(key, knob["default"]))

    # ---- who is steered ---------------------------------------------------------------------

    @property
    def _plan(self) -> _Plan:
        """What the steered one does, or is about to do; of all, what the first does."""
        return self._plans[self._name]

    def _steered(self) -> tuple[str, ...]:
        """Return the names of those whom an act concerns."""
        return self._own.names if self._name == self._own.name else (self._name,)

    def _turn_to(self, event: Any) -> None:
        """Steer somebody else of those who are alike from now on."""
        self._name = str(event.value)
        self._note.text = alike(self._own.name, self._own.count, self._name)
        self._colour()
        for slider in self._sliders.values():
            slider.let_go()
        self._show_plan()
        self._show_means()

    def _colour(self) -> None:
        """Wear the colour that the steered one has in the curves."""
        place = self._before + self._own.names.index(self._name)
        self.card.style(f"--own: {COLOURS[place % len(COLOURS)]}")

    # ---- what is done -----------------------------------------------------------------------

    async def _choose(self, event: Any) -> None:
        if event.value == self._plan.strategy:
            return
        await self._begin(_Plan(event.value))
        self._show_plan()  # what was refused is taken back

    async def _begin(self, plan: _Plan) -> None:
        """Begin a strategy, with the numbers that were set; it remembers nothing of before."""
        concerned = self._steered()  # somebody else may be steered when the answer comes
        event = {"kind": "strategy", "strategy": plan.strategy, "params": dict(plan.params)}
        if await self._do(event):
            self._plans.update({name: replace(plan, waits=True) for name in concerned})

    async def _do(self, event: dict[str, Any]) -> bool:
        return await self._act({**event, "protagonist": self._name}, self.arm)

    # ---- what is shown ----------------------------------------------------------------------

    def follow(self, lives: Mapping[str, Mapping[str, Any]]) -> None:
        """Show what the contender has and does; ``lives`` are all of its life, by name."""
        self._lives = lives
        for name, plan in self._plans.items():
            strategy = lives[name]["means"]["strategy"]
            plan.waits = plan.waits and strategy != plan.strategy
            if not plan.waits and strategy != plan.strategy:
                self._plans[name] = _Plan(strategy)
        if self._choice.value != self._plan.strategy:
            self._show_plan()
        self._show_means()

    def _show_plan(self) -> None:
        self._choice.set_options(_known(self._plan.strategy), value=self._plan.strategy)
        self._offer_knobs()

    def _show_means(self) -> None:
        means = self._lives[self._name]["means"] if self._lives else {}
        for key in means.keys() & self._sliders.keys():
            self._sliders[key].show(means[key])


def _known(strategy: str) -> dict[str, str]:
    """Return the strategies that can be chosen by name, a contender's own among them."""
    return {strategy: strategy.replace("_", " "), **{o["name"]: o["label"] for o in offers()}}
