"""Hands outcomes to the gateway, which publishes them in Rasa's event broker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from rasa_autoplay.engine.outcomes.base import Claimed, Settlement
from rasa_autoplay.engine.outcomes.delivery.targets import EVENT_BROKER
from rasa_autoplay.engine.outcomes.sql.outbox import SqlOutbox
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.outcome_answers import OutcomesConfirmed, OutcomesFetched, WaitingOutcome

__all__ = ["BrokerQueue"]

_BATCH = 100
_LONGEST_WAIT_S = 20.0
#: Pause between two looks at the database: another engine may have recorded something.
_POLL_S = 2.0
#: New outcomes are collected for this long.
_GATHER_S = 0.05
_LONGEST_PROBLEM = 200
_MOST_CONFIRMED = 1_000
_MAX_NUMBER = 2**53


class BrokerQueue:
    """The outcomes for the event broker.

    Args:
        outbox: has the outcomes.
        is_wanted: whether autoplay.yml wants them in the event broker.
    """

    def __init__(self, outbox: SqlOutbox, *, is_wanted: bool) -> None:
        self._outbox = outbox
        self._is_wanted = is_wanted
        self._wake = asyncio.Event()
        self._is_stopping = False

    def wake(self) -> None:
        """Look at the database now."""
        self._wake.set()

    def stop(self) -> None:
        """Let waiting gateways return."""
        self._is_stopping = True
        self._wake.set()

    async def fetch(self, wait_s: float) -> OutcomesFetched:
        """Claim outcomes; wait for one, up to ``wait_s`` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(max(wait_s, 0.0), _LONGEST_WAIT_S)
        while self._is_wanted and not self._is_stopping:
            self._wake.clear()
            claimed = await self._outbox.exchange(EVENT_BROKER, _BATCH)
            left_s = until - loop.time()
            if claimed or left_s <= 0:
                return OutcomesFetched(is_wanted=True, outcomes=_waiting(claimed or ()))
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), min(left_s, _POLL_S))
                await asyncio.sleep(_GATHER_S)
        return OutcomesFetched(self._is_wanted, [])

    async def confirm(
        self, published: Sequence[int], failed: Sequence[int], problem: str
    ) -> OutcomesConfirmed:
        """Store which outcomes were published.

        Raises:
            EngineRefused: autoplay.yml wants none in the event broker, or these are no numbers of outcomes.
        """
        if not self._is_wanted:
            raise EngineRefused("not_found", "autoplay.yml wants no outcomes in the event broker")
        numbers = [*published, *failed]
        if len(numbers) > _MOST_CONFIRMED or not all(0 <= each < _MAX_NUMBER for each in numbers):
            raise EngineRefused("invalid", "these are no numbers of outcomes")
        why = problem[:_LONGEST_PROBLEM] or "the event broker failed"
        settled = [*(Settlement(each, why) for each in failed), *(Settlement(each) for each in published)]
        if not settled:
            return OutcomesConfirmed(is_stored=True)
        return OutcomesConfirmed(await self._outbox.exchange(EVENT_BROKER, 0, settled) is not None)


def _waiting(claimed: Sequence[Claimed]) -> list[WaitingOutcome]:
    return [WaitingOutcome(each.number, msgspec.json.decode(each.body)) for each in claimed]
