"""Applies the gateways' messages, each once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.engine.consent.withdrawn_users import WithdrawnUsers
from rasa_autoplay.engine.dispatch import Dispatch
from rasa_autoplay.engine.tracing.base import Traces
from rasa_autoplay.link.messages import Batch, UpMessage

__all__ = ["MessageApplier"]

_MAX_GATEWAYS = 64


class MessageApplier:
    """Applies messages one after another, and skips those that were applied before.

    Args:
        dispatch: returns what applies a message, by the version of the files in force.
        clock: epoch seconds.
        traces: records what messages lead to.
    """

    def __init__(self, dispatch: Callable[[], Dispatch], clock: Callable[[], float], traces: Traces) -> None:
        self._dispatch = dispatch
        self._clock = clock
        self._traces = traces
        #: The users whose messages are ignored.
        self.withdrawn = WithdrawnUsers()
        #: Held while messages are applied.
        self.applying = asyncio.Lock()
        #: By gateway id: the number of the last message that was applied.
        self._last_applied: BoundedDict[str, int] = BoundedDict(_MAX_GATEWAYS)

    async def apply_new(self, batch: Batch) -> None:
        """Apply the messages of a batch that are new, to its end even if the caller goes away."""
        # A gateway that disconnects sends the batch again.
        await asyncio.shield(asyncio.get_running_loop().create_task(self._apply_new(batch)))

    async def apply(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        """Apply new messages of a gateway, in order."""
        async with self.applying:
            await self._apply(gateway_id, messages)

    async def _apply_new(self, batch: Batch) -> None:
        async with self.applying:
            last = self._last_applied.get(batch.gateway_id, batch.first_number - 1)
            await self._apply(batch.gateway_id, batch.messages[max(last + 1 - batch.first_number, 0) :])
            self._last_applied[batch.gateway_id] = max(last, batch.first_number + len(batch.messages) - 1)

    async def _apply(self, gateway_id: str, messages: Iterable[UpMessage]) -> None:
        time_slice = TimeSlice()
        for message in messages:
            if self.withdrawn.ignores(message):
                continue
            with self._traces.applying(gateway_id, message):
                await self._dispatch().apply(gateway_id, message, self._clock())
            await time_slice.yield_if_due()
