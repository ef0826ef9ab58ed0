"""Keeps attempts away from a receiver that is down, so that each outcome's own attempts last."""

from __future__ import annotations

from rasa_autoplay.common.runtime.backoff import Backoff

__all__ = ["ReceiverPause"]

#: A single outcome that a receiver refuses says nothing about the others.
_FAILURES = 3
#: A receiver's own wish to get nothing for a while is followed up to this, in seconds; then it is asked once.
_LONGEST_WISH_S = 3_600.0


class ReceiverPause:
    """Says how many requests a receiver may get now.

    After three failures in a row it gets one request at a time, after 1 s to 60 s of pause. The first success
    ends that.

    Args:
        requests: how many requests may be open while it works.
        backoff: the pauses.
    """

    def __init__(self, requests: int, backoff: Backoff) -> None:
        self._requests = requests
        self._backoff = backoff
        self._failures = 0
        self._until = 0.0

    @property
    def is_down(self) -> bool:
        """Whether the receiver seems to be down."""
        return self._failures >= _FAILURES

    def free(self, open_requests: int, now: float) -> int:
        """Return how many more requests it may get now.

        Args:
            open_requests: how many are open.
            now: monotonic seconds.
        """
        if now < self._until:
            return 0
        return max((1 if self.is_down else self._requests) - open_requests, 0)

    def ends_in_s(self, now: float) -> float:
        """Return the seconds until it may get the next request; 0 for at once."""
        return max(self._until - now, 0.0)

    def succeeded(self) -> None:
        """Record a success."""
        self._failures, self._until = 0, 0.0

    def failed(self, now: float, wish_s: float = 0.0) -> None:
        """Record a failed request.

        Args:
            now: monotonic seconds.
            wish_s: for how long the receiver wants nothing, in seconds.
        """
        self._failures += 1
        wait_s = self._backoff.wait_s(self._failures - _FAILURES + 1) if self.is_down else 0.0
        self._until = max(self._until, now + max(wait_s, min(wish_s, _LONGEST_WISH_S)))
