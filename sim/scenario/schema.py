"""What a scenario is: the sections of a scenario file, and the scenario that the loader makes.

World, population, platform, behaviour and record are in `sim.settings`.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator

from sim.scenario import arms as overrides
from sim.scenario.close import closest
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.hashing import CLAIM, run_hash, scenario_hash, world_hash
from sim.settings import Behaviour, Platform, Population, Record, Section, Share, World, param

__all__ = [
    "NO_CLAIM",
    "Arm",
    "Event",
    "Header",
    "Parameter",
    "Protagonist",
    "Scenario",
    "Stop",
    "Sweep",
]

MAX_PROTAGONISTS: Final = 64
MAX_ARMS: Final = 64
MAX_HOURS: Final = 0xFFFF  # hours are stored in two bytes
VIRAL_REACH: Final = 0.2
VIRAL_HOURS: Final = 48

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
"""Names that can be part of a file's name and of a run's id."""


class Header(Section):
    """What the scenario asks, how long it runs and how often."""

    name: Name = param("scenario", "-", "design")
    """Name of the scenario and of its folder of results; by default the file's name."""
    title: str = param("", "-", "design", max_length=200)
    """Title of the report."""
    question: str = param("", "-", "design", max_length=2_000)
    """What the scenario asks, in a sentence or two."""
    days: int = param(365, "days", "design", ge=1, le=2_730)
    """Length of the experiment, after the burn-in."""
    replicates: int = param(5, "worlds", "design", ge=1, le=10_000)
    """Worlds in which every arm is run; replicate r (from 0) has the seed `seed` + r."""
    seed: int = param(1, "-", "design", ge=0, le=2**62)
    """Seed of the first replicate."""
    reference: str | None = param(None, "arm", "design")
    """Arm with which the others are compared; by default the first."""
    claim: str = param("", "-", "design", max_length=1_000)
    """The claim that the scenario tests, in plain words, and where it is made."""
    hypothesis: str = param("", "-", "design", max_length=1_000)
    """What the claim says about the tested arm, compared with the reference."""
    primary: str | None = param(None, "measure", "design", min_length=1, max_length=80)
    """The one measure that decides, declared beforehand; `sim.metrics` defines them."""
    secondary: tuple[str, ...] = param((), "measures", "design", max_length=16)
    """Other measures that the report shows beside it; they decide nothing."""
    tested: str | None = param(None, "arm", "design")
    """Arm that is tested against the reference; by default the first that is not it."""
    expected: Literal["higher", "lower", "same"] | None = param(None, "-", "design")
    """What the claim expects of that measure in the tested arm."""
    refuted_by: str = param("", "-", "design", max_length=1_000)
    """What would refute the claim."""


NO_CLAIM: Final[dict[str, Any]] = {
    f"scenario.{name}": value
    for name, value in Header().model_dump(mode="json").items()
    if name in CLAIM
}
"""By dotted key: what a header has that declares no claim."""


class Protagonist(Section):
    """A newcomer (or several alike) whose growth is followed."""

    name: Name = param("newcomer", "-", "design")
    """Name in the results; with a count of n the others are called name-2 to name-n."""
    count: int = param(1, "accounts", "design", ge=1, le=MAX_PROTAGONISTS)
    """How many accounts of this sort join."""
    strategy: str = param("organic", "-", "design", min_length=1, max_length=80)
    """What it does; `followlab strategies` lists the strategies."""
    params: dict[str, Any] = param({}, "-", "design")
    """Parameters of the strategy; `followlab describe strategies.NAME` lists them."""
    followers: int = param(30, "followers", "design", ge=0, le=20_000_000)
    """Followers that it has when it joins, drawn from all accounts."""
    follows_back: Share = param(0.5, "share", "design")
    """Share of these followers that it follows itself."""
    craft: Share = param(0.7, "craft", "design")
    """How good its posts are at full effort."""
    minutes: float = param(45.0, "minutes a day", "design", ge=0, le=1_440)
    """Time that it has for the platform."""
    money: float = param(10.0, "dollars in all", "design", ge=0, le=1e9)
    """Money that it can spend."""
    offer: float = param(1.0, "factor", "design", ge=0, le=100)
    """Attractiveness of what it sells; 0 if it sells nothing."""
    focus: int | None = param(None, "topic", "design", ge=0, le=7)
    """Topic that it mostly posts about, from 0; by default drawn like everybody's."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its accounts: name, name-2, name-3 ..."""
        return (self.name, *(f"{self.name}-{number}" for number in range(2, self.count + 1)))


class Event(Section):
    """Something that happens on a certain day, when that day starts."""

    day: int = Field(ge=0, le=2_729, json_schema_extra={"unit": "day", "source": "design"})
    """Day of the experiment; 0 is its first."""
    kind: Literal["sweep", "set", "viral", "strategy", "means"] = param("sweep", "-", "design")
    """A sweep for fakes, other settings, a viral hit, a change of strategy, or of means."""
    label: str = param("", "-", "design", max_length=200, validate_default=True)
    """Text in figures; by default the kind."""
    recall: Share | None = param(None, "share of fakes", "design")
    """Of a sweep: share of the fakes that are found; by default platform.sweep_recall."""
    false_positives: Share | None = param(None, "share of accounts", "design")
    """Of a sweep: share deleted by mistake; by default platform.sweep_false_positives."""
    protagonist: str | None = param(None, "-", "design", min_length=1, max_length=80)
    """Whose post goes viral, or who changes strategy or means; by default all protagonists."""
    reach: Share | None = param(None, "share of sessions", "design", validate_default=True)
    """Of a viral hit: share of sessions to which the latest post is offered; by default 0.2."""
    hours: int | None = param(None, "hours", "design", ge=1, le=1_000, validate_default=True)
    """Of a viral hit: how long it lasts; by default 48."""
    strategy: str | None = param(None, "-", "design", min_length=1, max_length=80)
    """Of a change of strategy: the new one."""
    params: dict[str, Any] = param({}, "-", "design")
    """Parameters of the new strategy."""
    craft: Share | None = param(None, "craft", "design")
    """Of a change of means: how good its posts are at full effort."""
    minutes: float | None = param(None, "minutes a day", "design", ge=0, le=1_440)
    """Of a change of means: the time that it has from then on."""
    money: float | None = param(None, "dollars", "design", ge=0, le=1e9)
    """Of a change of means: what is left for it to spend."""
    set: dict[str, Any] = param({}, "-", "design")
    """New platform.* and behaviour.* settings from that day on, as in an arm."""

    @field_validator("label")
    @classmethod
    def _default_label(cls, label: str, info: ValidationInfo) -> str:
        return label or str(info.data.get("kind", ""))

    @field_validator("reach")
    @classmethod
    def _default_reach(cls, reach: float | None, info: ValidationInfo) -> float | None:
        return VIRAL_REACH if reach is None and info.data.get("kind") == "viral" else reach

    @field_validator("hours")
    @classmethod
    def _default_hours(cls, hours: int | None, info: ValidationInfo) -> int | None:
        return VIRAL_HOURS if hours is None and info.data.get("kind") == "viral" else hours

    @field_validator("set")
    @classmethod
    def _flatten(cls, settings: dict[str, Any]) -> dict[str, Any]:
        return overrides.flat(settings)


class Arm(Section):
    """One variant of the same world."""

    name: Name = Field(json_schema_extra={"unit": "-", "source": "design"})
    """Name in the results."""
    label: str = param("", "-", "design", max_length=200, validate_default=True)
    """Text in figures and tables; by default the name."""
    strategy: str | None = param(None, "-", "design", min_length=1, max_length=80)
    """Strategy of every protagonist in this arm; by default the protagonist's own."""
    params: dict[str, Any] = param({}, "-", "design")
    """Parameters of that strategy; the protagonist's own stay only with its own strategy."""
    set: dict[str, Any] = param({}, "-", "design")
    """Other settings of this arm, by dotted key, such as behaviour.social_proof_form = "step"."""
    events: tuple[Event, ...] = param((), "-", "design")
    """Events of this arm, besides the common ones."""

    @field_validator("label")
    @classmethod
    def _default_label(cls, label: str, info: ValidationInfo) -> str:
        return label or str(info.data.get("name", ""))

    @field_validator("set")
    @classmethod
    def _flatten(cls, settings: dict[str, Any]) -> dict[str, Any]:
        return overrides.flat(settings)


class Parameter(Section):
    """A setting that a sweep varies."""

    key: str = Field(
        min_length=1, max_length=200, json_schema_extra={"unit": "-", "source": "design"}
    )
    """Dotted key of the setting, such as behaviour.like_odds or arms.bought.params.amount."""
    values: tuple[bool | int | float | str, ...] = param((), "-", "design", max_length=10_000)
    """The values that it takes; or give low and high."""
    low: float | None = param(None, "-", "design")
    """Least value of a range."""
    high: float | None = param(None, "-", "design")
    """Greatest value of a range."""
    count: int | None = param(None, "values", "design", ge=2, le=10_000)
    """Number of values into which a range is divided, ends included (grid, one_at_a_time)."""
    step: float | None = param(None, "-", "design", gt=0)
    """Distance between them instead, from low on."""
    scale: Literal["linear", "log"] = param("linear", "-", "design")
    """Whether a range is divided evenly, or so that neighbours have the same ratio."""
    integer: bool = param(False, "-", "design")
    """Whether values of a range are whole; those of settings that are whole numbers always are."""


class Sweep(Section):
    """Points at which the scenario is run, each with all arms and replicates."""

    design: Literal[
        "grid", "one_at_a_time", "latin_hypercube", "sobol", "saltelli", "morris", "file"
    ] = param("grid", "-", "design")
    """How points are chosen; saltelli is for Sobol' indices, morris for Morris' method."""
    samples: int = param(64, "points", "design", ge=1, le=1_000_000)
    """Points of a Latin hypercube or Sobol' sequence; base samples of saltelli; trajectories."""
    levels: int = param(4, "levels", "design", ge=2, le=64)
    """Levels of Morris' method, an even number; steps are levels / (2 (levels - 1)) of a range."""
    seed: int = param(1, "-", "design", ge=0, le=2**62)
    """Seed of the design; that of the worlds is scenario.seed."""
    file: str | None = param(None, "path", "design")
    """Points of design = "file": CSV with a column a dotted key, relative to the scenario file."""
    parameters: tuple[Parameter, ...] = param((), "-", "design", max_length=64)
    """What is varied."""

    def __bool__(self) -> bool:
        """Whether there is anything to sweep."""
        return bool(self.parameters) or self.file is not None or self.design == "file"


class Stop(Section):
    """When a run ends before its last day."""

    when: str = param("", "condition", "design", max_length=500)
    """If given, a run ends on the first day on which this holds, such as "followers >= 1000"."""


class Scenario(Section):
    """A checked scenario. `sim.scenario.load` makes one from a file."""

    model_config = ConfigDict(ignored_types=(cached_property,))

    schema_: Literal[1] = Field(
        1, alias="schema", json_schema_extra={"unit": "-", "source": "design"}
    )
    """Version of the format of scenario files."""
    scenario: Header = Header()
    """What the scenario asks, how long it runs and how often."""
    world: World = World()
    """The follow network at the start, and how long it lives before the experiment."""
    population: Population = Population()
    """What ordinary people are like; each spread is that of a lognormal."""
    platform: Platform = Platform()
    """What the platform shows, allows and deletes."""
    behaviour: Behaviour = Behaviour()
    """How people react: the coefficients of the reaction and follow functions."""
    protagonists: tuple[Protagonist, ...] = Field(
        (Protagonist(),), min_length=1, max_length=MAX_PROTAGONISTS
    )
    """The newcomers whose growth is followed."""
    arms: tuple[Arm, ...] = Field((Arm(name="only"),), min_length=1, max_length=MAX_ARMS)
    """Variants of the same world, which differ only in what each overrides."""
    events: tuple[Event, ...] = ()
    """What happens on certain days in every arm."""
    record: Record = Record()
    """What is written down."""
    stop: Stop = Stop()
    """When a run ends before its last day."""
    sweep: Sweep = Sweep()
    """Points at which the scenario is run, each with all arms and replicates."""

    _source_text: str = PrivateAttr("")
    _path: Path | None = PrivateAttr(None)
    _base: "Scenario | None" = PrivateAttr(None)

    @property
    def source_text(self) -> str:
        """The text that the scenario was read from; no part of the hash."""
        return self._source_text

    @property
    def path(self) -> Path | None:
        """The file that the scenario was read from, if any; no part of the hash."""
        return self._path

    @property
    def base(self) -> Self:
        """The scenario with all arms, of which `for_arm` made this one; else itself."""
        return self if self._base is None else self._base  # type: ignore[return-value]

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms in the order of the file."""
        return tuple(arm.name for arm in self.arms)

    @property
    def reference(self) -> str:
        """Name of the arm with which the others are compared."""
        return self.scenario.reference or self.arms[0].name

    @property
    def tested(self) -> str | None:
        """Name of the arm that a claim is about; None if there is no arm but the reference."""
        others = (name for name in self.arm_names if name != self.reference)
        return self.scenario.tested or next(others, None)

    @property
    def network_path(self) -> Path | None:
        """The file of follows that the world starts from, if it does."""
        if self.world.network != "file" or self.world.file is None:
            return None
        folder = Path() if self.path is None else self.path.parent
        return folder / self.world.file

    @property
    def points_path(self) -> Path | None:
        """The file of points of the sweep, if there is one."""
        if self.sweep.file is None:
            return None
        folder = Path() if self.path is None else self.path.parent
        return folder / self.sweep.file

    @cached_property
    def hash(self) -> str:
        """SHA-256 of all that influences a result: settings and files that they name, no titles."""
        points = self.points_path
        return scenario_hash(self.settings(), self.network_path, points)

    @cached_property
    def world_hash(self) -> str:
        """SHA-256 of what the burnt-in world depends on, besides the seed; common to all arms."""
        return world_hash(self.base.settings(), self.network_path)

    def run_hash(self, name: str) -> str:
        """SHA-256 of what the run of an arm depends on, besides the seed.

        Raises:
            ScenarioError: if there is no such arm.
        """
        arm = self.arm(name).model_dump(mode="json")
        return run_hash(self.settings(), arm, self.network_path)

    def settings(self) -> dict[str, Any]:
        """All settings as plain tables and lists, keyed as in a scenario file."""
        return self.model_dump(mode="json", by_alias=True)

    def arm(self, name: str) -> Arm:
        """The arm of this name.

        Raises:
            ScenarioError: if there is none.
        """
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise ScenarioError([_no_arm(self, name)])

    def for_arm(self, name: str) -> "Scenario":
        """The scenario as one arm has it: all settings final, and that arm as its only one.

        Raises:
            ScenarioError: if there is no such arm.
        """
        arm = self.arm(name).model_dump(mode="json")
        settings = overrides.resolve(self.settings(), arm)
        scenario = Scenario.model_validate_json(json.dumps(settings))
        return scenario.traced(self._source_text, self._path, self.base)

    def traced(self, text: str, path: Path | None, base: "Scenario | None" = None) -> Self:
        """This scenario with where it came from; for the loader."""
        self._source_text, self._path, self._base = text, path, base
        return self


def _no_arm(scenario: Scenario, name: str) -> Problem:
    file = "<text>" if scenario.path is None else str(scenario.path)
    return Problem(
        file,
        None,
        "arms",
        f'there is no arm "{name}"',
        suggestion=closest(name, scenario.arm_names),
        fix=f"The arms are {', '.join(scenario.arm_names)}.",
    )
