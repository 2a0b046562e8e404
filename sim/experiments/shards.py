"""Shards: the parts of a sweep that are run by themselves, as the jobs of an array are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from sim.experiments.jobs import Job
from sim.experiments.locks import ALL

__all__ = ["Shard"]


@dataclass(frozen=True)
class Shard:
    """Part ``number`` (from 1) of ``of_all`` parts."""

    number: int = 1
    of_all: int = 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the shard that is written i/N.

        Raises:
            ValueError: if it is none.
        """
        number, _, of_all = text.partition("/")
        if number.isdecimal() and of_all.isdecimal() and 1 <= int(number) <= int(of_all):
            return cls(int(number), int(of_all))
        raise ValueError(f"a shard is written i/N, with i from 1 to N, as in 3/10; got {text}")

    @property
    def is_all(self) -> bool:
        """Whether it is all there is."""
        return self.of_all == 1

    @property
    def name(self) -> str:
        """Name of its lock."""
        return ALL if self.is_all else f"shard-{self.number}-of-{self.of_all}"

    def of(self, some: Iterable[Job], jobs: Sequence[Job]) -> list[Job]:
        """Return those of some jobs that belong to it.

        ``jobs`` are all there are. They are cut into parts of equal size, those of a world after
        one another, so that few shards need the same world.
        """
        by_world: dict[str, list[Job]] = {}
        for job in jobs:
            by_world.setdefault(job.world, []).append(job)
        ordered = [job for group in by_world.values() for job in group]
        first = len(ordered) * (self.number - 1) // self.of_all
        own = set(ordered[first : len(ordered) * self.number // self.of_all])
        return [job for job in some if job in own]
