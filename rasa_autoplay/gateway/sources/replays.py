"""Has this been delivered before? Known by its content, and by when it was sent."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b

__all__ = ["MAX_AGE_S", "Deliveries"]

#: What was sent longer ago tells of a session that has ended.
MAX_AGE_S = 1800.0


class Deliveries:
    """Remembers what a source has delivered, within a bound, so that nothing is taken twice.

    Where the bound makes it forget a delivery before its time, nothing that was sent no later than that one
    is taken any more: rather one too few than one twice.

    Args:
        capacity: how many are remembered.
        max_age_s: how long, in seconds after they were sent.
    """

    def __init__(self, capacity: int = 100_000, max_age_s: float = MAX_AGE_S) -> None:
        self._capacity = capacity
        self._max_age_s = max_age_s
        #: Digest → when it was sent.
        self._known: OrderedDict[bytes, float] = OrderedDict()
        #: What was sent up to then may have been forgotten, epoch seconds.
        self._forgotten_until = 0.0

    def __len__(self) -> int:
        return len(self._known)

    def is_old(self, body: bytes, sent_at: float, now: float) -> bool:
        """Whether it has been delivered before, or may have been.

        Args:
            body: all of it.
            sent_at: epoch seconds; 0 when it does not say, and then its content alone counts.
            now: epoch seconds.
        """
        if _digest(body) in self._known:
            return True
        return bool(sent_at and sent_at <= max(now - self._max_age_s, self._forgotten_until))

    def remember(self, body: bytes, sent_at: float, now: float) -> None:
        """It has been handed on. The arguments are those of :meth:`is_old`."""
        # A sender whose clock runs ahead must not move the bound there.
        self._known[_digest(body)] = min(sent_at, now)
        if len(self._known) > self._capacity:
            self._forgotten_until = max(self._forgotten_until, self._known.popitem(last=False)[1])

    def forget(self, body: bytes) -> None:
        """It was not safe after all: it may come again."""
        self._known.pop(_digest(body), None)


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
