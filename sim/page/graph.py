"""The network on the page: a layout made once and sent once, and then only what changes."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from nicegui import ui
from numpy.typing import NDArray

from sim.model import FollowerModel
from sim.plots.style import ORIGIN_COLOURS
from sim.plots.text import ORIGINS as ORIGIN_NAMES
from sim.views import FAKE, ORIGINS, Network, audience, network

__all__ = ["Graph", "Sketch", "places", "sketch"]

MOST_ACCOUNTS: Final = 3_000
MOST_FOLLOWS: Final = 2_500
WARMTHS: Final = 10
_GOLDEN: Final = np.pi * (3 - np.sqrt(5))
_STEP: Final = 1_000  # positions are whole thousandths of the radius


class Graph(ui.element, component="static/graph.js"):
    """The canvas; what it draws comes through its methods."""

    def __init__(self, label: str) -> None:
        """Make an empty canvas with a label for those who cannot see it."""
        super().__init__()
        self._props["label"] = label
        self._props["origins"] = [[ORIGIN_NAMES[name], ORIGIN_COLOURS[name]] for name in ORIGINS]


def places(found: Network) -> NDArray[np.int64]:
    """Return where accounts lie on a disc (n, 2), thousandths of its radius.

    Communities are discs on a sunflower, the large ones in the middle; in each, accounts lie on
    a sunflower too, those with most followers in the middle.
    """
    _, group, sizes = np.unique(found.community, return_inverse=True, return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    before = np.cumsum(sizes[order]) - sizes[order] / 2
    centre = _spiral(before / max(1, len(group)), np.arange(len(order)))
    inside = _rank_within(group, found.followers)
    radius = np.sqrt(sizes / len(group))
    own = _spiral((inside + 0.5) / sizes[group], inside) * (0.85 * radius[group])[:, None]
    places = centre[rank[group]] + own
    reach = np.sqrt((places**2).sum(axis=1)).max(initial=1e-9)
    return np.asarray(np.rint(_STEP / reach * places), np.int64)


def _spiral(area: NDArray[np.float64], number: NDArray[np.int64]) -> NDArray[np.float64]:
    """Points on a sunflower: the share of the area within, and the number of the point."""
    radius, angle = np.sqrt(area), _GOLDEN * number
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _rank_within(group: NDArray[np.int64], value: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The place of each by value within its group, the highest first."""
    order = np.lexsort((-value.astype(np.int64), group))
    sizes = np.bincount(group)
    rank = np.empty(len(group), np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank


class Sketch:
    """What one window has been sent of a network, so that only changes follow."""

    def __init__(self, model: FollowerModel) -> None:
        """Lay the network out."""
        found = network(model, MOST_ACCOUNTS, MOST_FOLLOWS)
        self._number = {int(uid): k for k, uid in enumerate(found.uid)}
        self._shown: dict[int, int] = {}
        self.base = {
            "places": places(found).ravel().tolist(),
            "sizes": np.minimum(9, np.sqrt(found.followers)).astype(int).tolist(),
            "follows": found.follows.ravel().tolist(),
        }

    def changes(self, model: FollowerModel, name: str, *, anew: bool = False) -> dict[str, Any]:
        """Return whom a protagonist has won and lost since the last call, and who warmed or cooled.

        A follower is its number and a code: origin + 16 × warmth (0 to 9) + 256 if it is a fake.
        """
        found = audience(model, name)
        warmth = np.minimum(WARMTHS - 1, (found.warmth * WARMTHS).astype(np.int64))
        codes = found.origin.astype(np.int64) + 16 * warmth + 256 * (found.kind == FAKE)
        numbers = (self._number.setdefault(u, len(self._number)) for u in found.uid.tolist())
        now = dict(zip(numbers, codes.tolist(), strict=True))
        before, self._shown = ({} if anew else self._shown), now
        return {
            "name": name,
            "anew": anew,
            "set": [part for k, v in now.items() if before.get(k) != v for part in (k, v)],
            "gone": [k for k in before if k not in now],
        }


def sketch(models: dict[str, FollowerModel]) -> dict[str, Sketch]:
    """Return a new sketch of each life."""
    return {arm: Sketch(model) for arm, model in models.items()}


STATIC: Final = Path(__file__).parent / "static"
"""Files of the page that are served as they are."""
