"""How often somebody may ask: a bucket of tokens for each, which fills again as time passes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

__all__ = ["RateLimit"]

#: Whoever has not asked for longest is forgotten, which can only be to their advantage.
_MAX_KEYS = 100_000
#: A page that loads asks for several things at once: so many seconds' worth may come together.
_BURST_S = 10.0


class RateLimit:
    """One bound, held for each key of its own.

    Args:
        per_minute: so many requests are good for ever; ten seconds' worth of them may come at once.
        clock: seconds that never run backwards.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float]) -> None:
        self._per_second = per_minute / 60.0
        self._burst = max(self._per_second * _BURST_S, 1.0)
        self._clock = clock
        #: Tokens left, and when that was so; the most recent last.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self.refused = 0

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, key: str) -> float:
        """Take a token.

        Args:
            key: who asks.

        Returns:
            0 when there was one; else after how many seconds there will be.
        """
        now = self._clock()
        tokens, at = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._per_second)
        is_good = tokens >= 1.0
        self._buckets[key] = (tokens - is_good, now)
        if len(self._buckets) > _MAX_KEYS:
            self._buckets.popitem(last=False)
        if is_good:
            return 0.0
        self.refused += 1
        return (1.0 - tokens) / self._per_second
