"""Recognises payloads that were delivered before, by their content and by when they were sent."""

from __future__ import annotations

from hashlib import blake2b

from rasa_autoplay.common.bounded_dict import BoundedDict

__all__ = ["MAX_AGE_S", "Deliveries"]

#: A payload that was sent longer ago belongs to a session that has ended.
MAX_AGE_S = 1800.0


class Deliveries:
    """Remembers a bounded number of deliveries, so that no payload is accepted twice.

    If the bound removes a delivery before it is too old, then payloads that were sent at that time or earlier
    count as old: losing one is better than accepting one twice.

    Args:
        capacity: how many deliveries are remembered.
        max_age_s: how long they are remembered, in seconds after they were sent.
    """

    def __init__(self, capacity: int = 100_000, max_age_s: float = MAX_AGE_S) -> None:
        self._max_age_s = max_age_s
        #: Digest → when it was sent.
        self._known: BoundedDict[bytes, float] = BoundedDict(capacity, self._evicted)
        #: Deliveries that were sent up to then may have been forgotten, epoch seconds.
        self._forgotten_until = 0.0

    def __len__(self) -> int:
        return len(self._known)

    def is_old(self, body: bytes, sent_at: float, now: float) -> bool:
        """Whether a payload was, or may have been, delivered before.

        Args:
            body: the whole payload.
            sent_at: epoch seconds; 0 if unknown, then only the content counts.
            now: epoch seconds.
        """
        if _digest(body) in self._known:
            return True
        return bool(sent_at and sent_at <= max(now - self._max_age_s, self._forgotten_until))

    def remember(self, body: bytes, sent_at: float, now: float) -> None:
        """Remember an accepted payload. The arguments are those of :meth:`is_old`."""
        # A sender whose clock runs ahead must not make later payloads look old.
        self._known[_digest(body)] = min(sent_at, now)

    def _evicted(self, _digest: bytes, sent_at: float) -> None:
        self._forgotten_until = max(self._forgotten_until, sent_at)


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=16).digest()
