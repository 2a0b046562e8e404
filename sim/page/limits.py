"""How often somebody may ask: a bucket of tokens that fills at a steady rate."""

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Limiter"]


class Limiter:
    """Allows each key ``burst`` requests at once, and ``rate`` a second from then on.

    It remembers at most ``most`` keys, those that asked last, so that nobody can fill the memory
    with keys that are made up.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        *,
        most: int = 2_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with full buckets; ``clock`` gives seconds."""
        self.rate, self.burst, self.most, self._clock = rate, burst, most, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()  # left, when

    def allows(self, key: str) -> bool:
        """Take a token for this key, if there is one."""
        now = self._clock()
        left, when = self._held.pop(key, (self.burst, now))
        left = min(self.burst, left + (now - when) * self.rate)
        self._held[key] = (left - 1 if left >= 1 else left, now)
        if len(self._held) > self.most:
            self._held.popitem(last=False)
        return left >= 1
