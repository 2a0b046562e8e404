"""The twin beside its model, phase by phase."""

from typing import Any, Self

from .answer import come_back
from .browse import browse
from .compare import compare
from .decide import decide
from .ends import compare_ends
from .loading import load
from .police import police
from .publish import publish
from .react import react
from .state import State


class Twin(State):
    """A twin that was loaded from a model and repeats what the model does."""

    @classmethod
    def from_model(cls, model: Any) -> Self:
        """A twin of the model's world as it is now, at the start of a tick."""
        world = model.world
        twin = cls(world.seed, world.hour, world.initial, world.start_day, world.settings)
        load(twin, model)
        return twin

    def repeat_phase(self, model: Any, phase: str) -> None:
        """Do the phase that the model has just done."""
        run = {
            "decide": lambda: decide(self, model),
            "publish": lambda: publish(self),
            "browse": lambda: browse(self),
            "react": lambda: react(self),
            "return": lambda: come_back(self),
            "police": lambda: police(self),
            "record": self.record,
        }
        run[phase]()

    def compare(self, model: Any, phase: str) -> None:
        """Raise an AssertionError that names the first divergence from the model."""
        compare(self, model, phase)

    def compare_ends(self, model: Any, names: list[str]) -> None:
        """Likewise for the ends of follows of the protagonists, who have these names in order."""
        compare_ends(self, model, names)
