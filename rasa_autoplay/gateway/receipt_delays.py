"""Measures how long after a toast was written to a feed its browser reports it: a proxy may hold it back."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.gateway.sightings import Sightings

__all__ = ["LATE_S", "ReceiptDelays"]

#: A toast needs a round trip and the loading of ``toast.mjs``; a proxy that buffers needs tens of seconds.
LATE_S = 5.0
_MAX_OFFERS = 10_000


class ReceiptDelays:
    """Remembers when offers were written.

    Args:
        sightings: counts receipts, and those that came late.
        clock: monotonic seconds.
    """

    def __init__(self, sightings: Sightings, clock: Callable[[], float]) -> None:
        self._sightings = sightings
        self._clock = clock
        self._written: BoundedDict[str, float] = BoundedDict(_MAX_OFFERS)

    def written(self, offer_id: str) -> None:
        """Record that an offer was written to a feed."""
        self._written[offer_id] = self._clock()

    def received(self, offer_id: str, event: str) -> None:
        """Record a receipt of an offer; ``event`` is one of ``RECEIPT_EVENTS``."""
        self._sightings.saw("receipt")
        written_at = self._written.pop(offer_id, None)
        if event == "rendered" and written_at is not None and self._clock() - written_at > LATE_S:
            self._sightings.saw("late_receipt")
