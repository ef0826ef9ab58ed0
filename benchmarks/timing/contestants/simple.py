"""Three baselines that know nothing about needs: never, page dwell and random."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.timing.contestants.chance import place_of
from benchmarks.timing.messages import AppMessage, EventMessage, Message
from benchmarks.timing.referee import Offer

__all__ = ["Never", "PageDwell", "Random"]


class Never:
    """Makes no offer."""

    def react(self, _message: Message) -> Sequence[Offer]:
        """Return nothing."""
        return ()


class PageDwell:
    """Makes an offer once a user has been on a page for a minute, whatever they do there.

    Args:
        dwell_s: how long.
    """

    def __init__(self, dwell_s: float = 60.0) -> None:
        self._dwell_s = dwell_s
        self._stay = ("", "", 0.0)
        self._has_offered = False

    def react(self, message: Message) -> Sequence[Offer]:
        """Return an offer once for each stay on a page."""
        if isinstance(message, AppMessage):
            return ()
        if isinstance(message, EventMessage) and (message.session, message.page) != self._stay[:2]:
            self._stay = (message.session, message.page, message.at)
            self._has_offered = False
        if self._has_offered or message.at - self._stay[2] < self._dwell_s:
            return ()
        self._has_offered = True
        return (Offer(message.session, message.at),)


class Random:
    """Makes offers at random times.

    Args:
        per_second: how many, on average.
    """

    def __init__(self, per_second: float) -> None:
        self._per_second = per_second
        self._last: tuple[str, float] = ("", 0.0)

    def react(self, message: Message) -> Sequence[Offer]:
        """Return an offer with the probability that the time since the last message gives."""
        if isinstance(message, AppMessage):
            return ()
        session, last_at = self._last
        passed_s = message.at - last_at if session == message.session else 0.0
        self._last = (message.session, message.at)
        is_due = place_of("random", message.session, message.at) < self._per_second * passed_s
        return (Offer(message.session, message.at),) if is_due else ()
