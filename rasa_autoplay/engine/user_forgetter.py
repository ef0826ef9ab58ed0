"""Removes a user from the running engine, so that nothing of them is stored after their data was deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.freshness.freshness import Freshness
from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.offers.buffered_ledger import BufferedLedger
from rasa_autoplay.engine.recording.recording import Recording
from rasa_autoplay.engine.studio.latest_decisions import LatestDecisions

__all__ = ["UserForgetter"]

_REASON = "the user's data was deleted"


class UserForgetter:
    """Removes users from the running engine.

    Args:
        product_id: the product's id.
        live: sessions, feeds, offers and tours.
        memory: follows sessions, and stores them.
        ledger: stores offers and receipts.
        recording: records sessions, if the team wants it.
        freshness: observes how users do the steps of golden paths.
        watchers: the live tails.
        latest_decisions: the latest decision of each session.
        applying: held while a gateway's messages are applied.
        finish_pending: waits for pending decisions.
    """

    def __init__(
        self,
        product_id: str,
        live: LiveState,
        memory: MemoryKeeper,
        ledger: BufferedLedger,
        recording: Recording,
        freshness: Freshness,
        watchers: Watchers,
        latest_decisions: LatestDecisions,
        applying: asyncio.Lock,
        finish_pending: Callable[[], Awaitable[None]],
    ) -> None:
        self._product_id = product_id
        self._live = live
        self._memory = memory
        self._ledger = ledger
        self._recording = recording
        self._freshness = freshness
        self._watchers = watchers
        self._latest_decisions = latest_decisions
        self._applying = applying
        self._finish_pending = finish_pending

    async def forget(self, user_id: str) -> int:
        """Withdraw the user's offer, and remove everything that is known about them.

        The user's feed stays open. Whatever they do next belongs to a new session.

        Returns:
            The number of live sessions.
        """
        async with self._applying:
            await self._finish_pending()
            offers = self._live.open_offers
            offer = offers.of_user(user_id)
            if offer is not None:
                await offers.withdraw(offer, self._live.clock(), _REASON)
            for part in (offers, self._live.running_tours, self._live.goals):
                part.release(lambda each: each == user_id)
            self._live.languages.forget(user_id)
            self._memory.forget_user(user_id)
            count = await self._live.sessions.forget_user(self._product_id, user_id)
            self._ledger.forget_user(self._product_id, user_id)
            self._recording.forget_user(user_id)
            self._freshness.forget_user(user_id)
            # The rows are deleted, so this forgets what was read last.
            await self._live.choices_of(user_id)
            self._watchers.forget_user(user_id)
            self._latest_decisions.forget_user(user_id)
            self._live.silent_users.acted(user_id)
            return count
