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
    """A token bucket for each key.

    Args:
        per_minute: tokens that a bucket gains each minute.
        clock: seconds that never run backwards.
        burst: tokens that a full bucket holds; ten seconds' worth when left out.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float], burst: float | None = None) -> None:
        self._per_second = per_minute / 60.0
        self._burst = max(self._per_second * _BURST_S if burst is None else burst, 1.0)
        self._clock = clock
        #: Tokens left, and when that was so; the most recent last.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self.refused = 0

    @property
    def burst(self) -> int:
        """How many tokens a full bucket holds."""
        return int(self._burst)

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, key: str, cost: int = 1) -> float:
        """Take tokens, all or none.

        A cost above what the bucket holds is let in when the bucket is full, and leaves a debt. So the rate
        holds, and a large request can come again with success.

        Args:
            key: who asks.
            cost: tokens that the request takes.

        Returns:
            0 when the tokens were taken; else the seconds until they can be.
        """
        now = self._clock()
        tokens, at = self._buckets.pop(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._per_second)
        needed = min(float(cost), self._burst)
        is_good = tokens >= needed
        self._buckets[key] = (tokens - cost if is_good else tokens, now)
        if len(self._buckets) > _MAX_KEYS:
            self._buckets.popitem(last=False)
        if is_good:
            return 0.0
        self.refused += 1
        return (needed - tokens) / self._per_second

    def give_back(self, key: str) -> None:
        """Return a token that was taken for a request that need not be counted."""
        tokens, at = self._buckets.get(key, (self._burst, self._clock()))
        self._buckets[key] = (min(self._burst, tokens + 1.0), at)
