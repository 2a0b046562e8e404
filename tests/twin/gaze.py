"""One viewer before one post."""

from dataclasses import dataclass

from sim.kernels.layout import Cause

from .records import Impression
from .state import State


@dataclass
class Decisions:
    """What a viewer decided on one impression."""

    like: bool = False
    reply: bool = False
    reshare: bool = False
    follow: bool = False
    sale: bool = False
    unfollow: bool = False
    mute: bool = False
    bear: bool = False
    cause: Cause = Cause.LOW_VALUE


class Gaze:
    """One viewer before one post: what the formulas name."""

    def __init__(self, twin: State, impression: Impression) -> None:
        self.twin = twin
        self.viewer = impression.viewer
        self.post = impression.post
        self.author = twin.accounts[impression.post.author]
        self.creator = twin.accounts[impression.post.creator]
        self.match = self.viewer.interest[self.post.topic] / 255
        self.value = self.post.quality / 4096 * self.match
        self.tie = self.viewer.tie(self.post.author)
        self.warmth = twin.warmth(self.tie) if self.tie else 0.0
        self.irritation = twin.irritation(self.tie) if self.tie else 0.0
        self.expectation = self.viewer.expectation / 65535
        self.crowding = twin.crowding[self.viewer.uid]

    def uniform(self, purpose: int) -> float:
        """The draw for a purpose, this viewer and this post."""
        return self.twin.uniform(purpose, self.viewer.uid, self.post.uid, self.twin.hour)
