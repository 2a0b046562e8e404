"""A mixture of strategies."""

from typing import Annotated, Any, ClassVar, Final, cast

import numpy as np
from pydantic import Field, ValidationInfo, field_validator

from sim.settings import param
from sim.strategies.base import Accounts, Day, Section, Strategy
from sim.strategies.composite import Composite, check_parts, made

_COIN: Final = 1_003


class Mixture(Composite):
    """Lives each day by one of several strategies, drawn by lot in given shares.

    Costs: on each day what the strategy of the day costs. Source: the design of the experiment
    (most people are neither always interesting nor always begging).
    """

    name = "mixture"

    class Params(Section):
        """What can be set."""

        owner: ClassVar[str] = "mixture"

        shares: dict[str, Annotated[float, Field(ge=0)]] = param(
            {"organic": 0.8, "beg": 0.2}, "shares of days", "design", min_length=1, max_length=32
        )
        """Strategies and their shares (weights, normalised)."""
        params: dict[str, dict[str, Any]] = param({}, "-", "design")
        """Parameters of these strategies, by the strategy's name."""

        @field_validator("shares")
        @classmethod
        def _are_strategies(cls, shares: dict[str, float]) -> dict[str, float]:
            check_parts(cls.owner, shares, {})
            if sum(shares.values()) <= 0:
                raise ValueError("at least one share must be above 0")
            return shares

        @field_validator("params")
        @classmethod
        def _are_params(
            cls, params: dict[str, dict[str, Any]], info: ValidationInfo
        ) -> dict[str, dict[str, Any]]:
            check_parts(cls.owner, info.data.get("shares", {*params}), params)
            return params

    def make_parts(self) -> dict[str, Strategy]:
        """Return the strategies of the mixture."""
        params = cast(Mixture.Params, self.params)
        return {name: made(name, params.params.get(name, {})) for name in params.shares}

    def decide(self, me: Accounts, day: Day) -> None:
        """Draw today's strategy and let it decide."""
        params = cast(Mixture.Params, self.params)
        bounds = np.cumsum(list(params.shares.values()))
        drawn = np.searchsorted(bounds, me.coin(_COIN) * bounds[-1], side="right")
        for number, name in enumerate(self.parts):
            self.let(name, me, day, drawn == number)
