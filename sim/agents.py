"""Mesa agents: an account as an object with verbs."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim.actions import Account, Rows
from sim.kernels.layout import AccountKind, Kind

if TYPE_CHECKING:
    from sim.model import FollowerModel

__all__ = ["AccountAgent", "AccountView"]


class AccountAgent(mesa.Agent):
    """One account of the world.

    What it does is planned, and carried out at the start of the next day together with what
    the strategies plan; budgets and limits bind it like everybody.
    """

    model: "FollowerModel"

    def __init__(self, model: "FollowerModel", row: int) -> None:
        """Stand for the account in this row."""
        super().__init__(model)
        self.row = row

    def __repr__(self) -> str:
        """Name the account."""
        return f"<account {self.uid} with {self.followers} followers>"

    @property
    def _record(self) -> np.void:
        record: np.void = self.model.world.state.accounts[self.row]
        return record

    @property
    def _account(self) -> Account:
        rows = np.array([self.row], np.uint32)
        return Account(self.model.world, rows, self.model.spoken)

    @property
    def uid(self) -> int:
        """The identity of the account, independent of its row."""
        return int(self._record["uid"])

    @property
    def kind(self) -> str:
        """What sort of account it is: ordinary, arrival, protagonist or fake."""
        return AccountKind(self._record["kind"]).name.lower()

    @property
    def alive(self) -> bool:
        """Whether the account exists still."""
        return bool(self._record["alive"])

    @property
    def followers(self) -> int:
        """How many accounts follow it."""
        return int(self._record["followers"])

    @property
    def following(self) -> "list[AccountAgent]":
        """The accounts that it follows."""
        return [self.model.agent_of(int(row)) for row in self._account.following_list()]

    @property
    def strategy(self) -> str:
        """The name of its strategy; a fake has none."""
        if self.kind == "fake":
            return "none"
        return self.model.world.strategies[int(self._record["strategy"])].split("@")[0]

    def post(self, effort: float = 30.0, *, kind: Kind = Kind.CONTENT) -> None:
        """Plan a post with so many minutes of effort."""
        self._account.post(effort, kind=kind)

    def beg(self) -> None:
        """Plan a post that asks for followers."""
        self._account.beg()

    def answer(self) -> None:
        """Plan to answer those who have replied."""
        self._account.answer()

    def follow(self, other: "AccountAgent") -> None:
        """Plan to follow another account."""
        self._account.follow(_reference(other))

    def unfollow(self, other: "AccountAgent") -> None:
        """Plan to unfollow another account."""
        self._account.unfollow(_reference(other))

    def like(self, other: "AccountAgent", *, arranged: bool = False) -> None:
        """Plan to like the fresh post of another account; ``arranged`` as in a pod."""
        self._account.like(_reference(other), arranged=arranged)

    def comment(self, other: "AccountAgent", *, arranged: bool = False) -> None:
        """Plan to comment on the fresh post of another account; ``arranged`` as in a pod."""
        self._account.comment(_reference(other), arranged=arranged)

    def help(self, other: "AccountAgent") -> None:
        """Plan to answer the open need of another account."""
        self._account.help(_reference(other))

    def join_pod(self) -> None:
        """Plan to join a pod, whose members like one another's posts by arrangement."""
        self._account.join_pod()

    def buy(self, amount: int, vendor: str = "default") -> None:
        """Plan to buy fake followers."""
        self._account.buy(amount, vendor)


def _reference(agent: AccountAgent) -> Rows:
    """Return an account as the verbs take it."""
    return np.array([agent.row], np.uint32)


class AccountView:
    """All living accounts of a model, as agents that are made when they are asked for.

    It is shaped like Mesa's agent set where that costs nothing: len, iteration, index,
    ``select``, ``get`` and ``do``.
    """

    def __init__(self, model: "FollowerModel") -> None:
        """Look at this model."""
        self._model = model

    def _rows(self) -> "np.typing.NDArray[np.int64]":
        return np.flatnonzero(self._model.world.accounts["alive"])

    def __len__(self) -> int:
        """Return how many accounts there are."""
        return len(self._rows())

    def __iter__(self) -> Iterator[AccountAgent]:
        """Yield the accounts in row order."""
        return (self._model.agent_of(int(row)) for row in self._rows())

    def __getitem__(self, index: int) -> AccountAgent:
        """Return the account at this place among the living."""
        return self._model.agent_of(int(self._rows()[index]))

    def select(self, fits: Callable[[AccountAgent], bool]) -> list[AccountAgent]:
        """Return the accounts that fit."""
        return [agent for agent in self if fits(agent)]

    def get(self, name: str) -> list[Any]:
        """Return an attribute of every account."""
        return [getattr(agent, name) for agent in self]

    def do(self, verb: str, *args: Any, **kwargs: Any) -> "AccountView":
        """Let every account do something."""
        for agent in self:
            getattr(agent, verb)(*args, **kwargs)
        return self
