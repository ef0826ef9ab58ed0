"""Withdraws the offers that wait although their trigger is paused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rasa_autoplay.engine.courtesy.pause import PauseOf
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.offers.open_offers import OpenOffers

__all__ = ["PausedOffers"]


class PausedOffers:
    """Ends the offers of paused triggers that no browser has yet. A toast that was sent is not taken back.

    Args:
        lifecycle: withdraws offers.
        open_offers: the offers that wait.
        pause_of: knows which triggers are paused.
        clock: epoch seconds.
    """

    def __init__(
        self,
        lifecycle: OfferLifecycle,
        open_offers: OpenOffers,
        pause_of: PauseOf,
        clock: Callable[[], float],
    ) -> None:
        self._lifecycle = lifecycle
        self._open_offers = open_offers
        self._pause_of = pause_of
        self._clock = clock

    async def withdraw(self) -> None:
        """Withdraw the waiting offers of all paused triggers."""
        now = self._clock()
        waiting = [(offer, self._pause_of(offer.trigger_id)) for offer in self._open_offers.queued()]
        # All at once, because each is stored, and the last one must be withdrawn within a second, too.
        await asyncio.gather(
            *(self._lifecycle.withdraw(offer, pause.describe(), now) for offer, pause in waiting if pause)
        )
