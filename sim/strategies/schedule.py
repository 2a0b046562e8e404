"""One strategy after another."""

from itertools import pairwise
from typing import Any, ClassVar, cast

import numpy as np
from pydantic import ValidationInfo, field_validator

from sim.settings import param
from sim.strategies.base import Accounts, Day, Section, Strategy
from sim.strategies.composite import Composite, check_part, made


class Stage(Section):
    """A strategy from some day on."""

    owner: ClassVar[str] = "schedule"

    day: int = param(0, "day", "design", ge=-1_000, le=3_650)
    """First day, counted from the experiment's start; less than 0 lies in the burn-in."""
    strategy: str = param(..., "-", "design")
    """Name of the strategy."""
    params: dict[str, Any] = param({}, "-", "design")
    """Its parameters."""

    @field_validator("strategy")
    @classmethod
    def _is_strategy(cls, strategy: str) -> str:
        check_part(cls.owner, strategy, {})
        return strategy

    @field_validator("params")
    @classmethod
    def _are_params(cls, params: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        if "strategy" in info.data:
            check_part(cls.owner, info.data["strategy"], params)
        return params


def _stage(day: int, strategy: str) -> Stage:
    """Return a stage of the default, which is made before there are strategies to check it by."""
    return Stage.model_construct(day=day, strategy=strategy, params={})


class Schedule(Composite):
    """Lives by one strategy after another, each from its day on, and idles before the first.

    A strategy that comes back begins anew: it remembers nothing of its earlier stage. Costs: in
    each stage what its strategy costs. Source: the design of the experiment (what it takes to
    mend one's ways, or to lose them).
    """

    name = "schedule"

    class Params(Section):
        """What can be set."""

        stages: tuple[Stage, ...] = param(
            (_stage(0, "organic"), _stage(60, "beg")), "-", "design", min_length=1, max_length=32
        )
        """Stages in the order of their days, each a table of day, strategy and params."""

        @field_validator("stages")
        @classmethod
        def _are_in_order(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
            if any(later.day <= one.day for one, later in pairwise(stages)):
                raise ValueError("each stage must begin on a later day than the one before")
            return stages

    def make_parts(self) -> dict[str, Strategy]:
        """Return the strategies of the stages by number and name."""
        stages = cast(Schedule.Params, self.params).stages
        return {
            f"{number}-{stage.strategy}": made(stage.strategy, stage.params)
            for number, stage in enumerate(stages, 1)
        }

    def decide(self, me: Accounts, day: Day) -> None:
        """Let the strategy of the stage decide."""
        stages = cast(Schedule.Params, self.params).stages
        begun = [
            name for stage, name in zip(stages, self.parts, strict=True) if stage.day <= day.number
        ]
        if begun:
            self.let(begun[-1], me, day, np.ones(len(me), bool))
