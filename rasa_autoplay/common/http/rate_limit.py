"""Rate limits: one token bucket for each key."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.common.bounded_dict import BoundedDict

__all__ = ["RateLimit"]

#: Beyond this number, the key that was idle longest is forgotten. Its next bucket is full again.
_MAX_KEYS = 100_000
#: A page that loads sends several requests at once, so this many seconds' worth may come together.
_BURST_S = 10.0


class RateLimit:
    """A token bucket for each key.

    Args:
        per_minute: tokens added to each bucket per minute.
        clock: monotonic seconds.
        burst: capacity of a bucket in tokens; by default, ten seconds' worth.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float], burst: float | None = None) -> None:
        self._per_second = per_minute / 60.0
        self._burst = max(self._per_second * _BURST_S if burst is None else burst, 1.0)
        self._clock = clock
        #: Tokens left and the time of that count.
        self._buckets: BoundedDict[str, tuple[float, float]] = BoundedDict(_MAX_KEYS)
        self.refused = 0

    @property
    def burst(self) -> int:
        """The capacity of a bucket, in tokens."""
        return int(self._burst)

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, key: str, cost: int = 1) -> float:
        """Take all the tokens that a request costs, or none.

        A request that costs more than the capacity is allowed if the bucket is full, and leaves a debt. The
        average rate still holds, and a retry of a large request can succeed.

        Args:
            key: who sends the request.
            cost: in tokens.

        Returns:
            0 if the tokens were taken, or the seconds to wait for them.
        """
        now = self._clock()
        tokens, at = self._buckets.get(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._per_second)
        needed = min(float(cost), self._burst)
        is_good = tokens >= needed
        self._buckets[key] = (tokens - cost if is_good else tokens, now)
        if is_good:
            return 0.0
        self.refused += 1
        return (needed - tokens) / self._per_second

    def give_back(self, key: str) -> None:
        """Return the token of a request that should not be counted."""
        tokens, at = self._buckets.get(key, (self._burst, self._clock()))
        self._buckets[key] = (min(self._burst, tokens + 1.0), at)
