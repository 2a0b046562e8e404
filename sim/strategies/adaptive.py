"""Learning from one's own count."""

from typing import Any, ClassVar, Final, Literal, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationInfo, field_validator

from sim.settings import Share, param
from sim.strategies.base import Accounts, Day, Numbers, Section, Strategy
from sim.strategies.composite import Composite, check_parts, made

_FIRST, _EXPLORE, _WHICH = 1_004, 1_005, 1_006  # coins
_HOURS: Final = 24
_MONTH: Final = 28  # days of which the vanity score counts the engagements
_UNTRIED: Final = -np.inf


class Adaptive(Composite):
    """Tries several strategies and keeps the one by which its own visible count grew fastest.

    It tries each for ``trial_days``, in turn from one drawn by lot; then it lives period after
    period by the one whose latest period was best, or with probability ``explore`` by another. By
    "score" a period is worth what the vanity score would be after 28 days of its engagement,
    less what the followers at its start were worth. Costs: in each period what its strategy
    costs. Source: first essay (counts steer people); an epsilon-greedy bandit.
    """

    name = "adaptive"

    class Params(Section):
        """What can be set."""

        owner: ClassVar[str] = "adaptive"

        options: tuple[str, ...] = param(
            ("organic", "beg", "follow_for_follow", "buyer"),
            "-", "design", min_length=2, max_length=32,
        )  # fmt: skip
        """Strategies that it tries."""
        params: dict[str, dict[str, Any]] = param({}, "-", "design")
        """Parameters of these strategies, by the strategy's name."""
        trial_days: int = param(28, "days", "design", ge=1, le=365)
        """Length of a period."""
        explore: Share = param(0.1, "probability", "design")
        """Probability that a period goes to another strategy than the best so far."""
        by: Literal["followers", "engagements", "score"] = param("followers", "-", "design")
        """The count whose growth it watches."""

        @field_validator("options")
        @classmethod
        def _are_strategies(cls, options: tuple[str, ...]) -> tuple[str, ...]:
            if len(set(options)) < len(options):
                raise ValueError("each strategy can be tried once only")
            check_parts(cls.owner, options, {})
            return options

        @field_validator("params")
        @classmethod
        def _are_params(
            cls, params: dict[str, dict[str, Any]], info: ValidationInfo
        ) -> dict[str, dict[str, Any]]:
            check_parts(cls.owner, info.data.get("options", tuple(params)), params)
            return params

    def __init__(self, params: Section | None = None) -> None:
        """Make room for what it remembers: of the period, and the last growth of each option."""
        super().__init__(params)
        period = {"option": -1.0, "since": 0.0, "value": 0.0, "engagements": 0.0}
        growth = {self._growth(name): _UNTRIED for name in self.parts}
        self.columns = {**period, **growth, **self.columns}

    def make_parts(self) -> dict[str, Strategy]:
        """Return the options."""
        params = cast(Adaptive.Params, self.params)
        return {name: made(name, params.params.get(name, {})) for name in params.options}

    def decide(self, me: Accounts, day: Day) -> None:
        """Judge a period that is over, choose the next, and let the chosen strategy decide."""
        params = cast(Adaptive.Params, self.params)
        begun = me["option"] >= 0
        over = begun & (me.hour - me["since"] >= _HOURS * params.trial_days)
        self._judge(me, over)
        self._begin(me, over | ~begun)
        for number, name in enumerate(self.parts):
            self.let(name, me, day, me["option"] == number)

    @staticmethod
    def _growth(name: str) -> str:
        """Return the column that remembers how fast the count grew by an option."""
        return f"growth_{name}"

    def _judge(self, me: Accounts, over: NDArray[np.bool_]) -> None:
        """Remember how fast the count grew in the periods that are over."""
        days = np.maximum(me.hour - me["since"], 1) / _HOURS
        growth = (self._value(me, days) - me["value"]) / days
        for number, name in enumerate(self.parts):
            its_own = over & (me["option"] == number)
            column = self._growth(name)
            me[column] = np.where(its_own, growth, me[column])

    def _value(self, me: Accounts, days: Numbers) -> Numbers:
        """Return the count that it watches, after a period of so many days."""
        by = cast(Adaptive.Params, self.params).by
        if by == "score":
            return me.score((me.engagements - me["engagements"]) / days * _MONTH)
        return me.followers if by == "followers" else me.engagements

    def _begin(self, me: Accounts, free: NDArray[np.bool_]) -> None:
        """Choose an option for those who are free, and remember where they stand."""
        by = cast(Adaptive.Params, self.params).by
        value = {"followers": me.followers, "engagements": me.engagements, "score": me.score(0)}[by]
        news = {
            "option": self._choice(me),
            "since": np.full(len(me), me.hour),
            "value": value,
            "engagements": me.engagements,
        }
        for column, values in news.items():
            me[column] = np.where(free, values, me[column])

    def _choice(self, me: Accounts) -> NDArray[np.int64]:
        """Return the next option of each: an untried one, else the best or, at times, another."""
        explore, many = cast(Adaptive.Params, self.params).explore, len(self.parts)
        growth = np.stack([me[self._growth(name)] for name in self.parts])
        best = growth.argmax(axis=0)
        other = (best + 1 + np.floor(me.coin(_WHICH) * (many - 1)).astype(np.int64)) % many
        choice = np.where(me.coin(_EXPLORE) < explore, other, best)
        current = me["option"].astype(np.int64)
        for step in range(many, 0, -1):
            following = (current + step) % many
            untried = np.take_along_axis(growth, following[None], axis=0)[0] == _UNTRIED
            choice = np.where(untried, following, choice)
        first = np.floor(me.coin(_FIRST) * many).astype(np.int64)
        return np.where(current < 0, first, choice)
