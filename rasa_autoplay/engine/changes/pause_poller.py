"""Reads the pauses from the database, several times in a second; so they need neither Redis nor a route."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.changes.base import ChangeLog, Version
from rasa_autoplay.engine.changes.change import Change
from rasa_autoplay.engine.changes.pauses import Pauses, pauses_after

__all__ = ["PausePoller"]

logger = logging.getLogger(__name__)

#: A pause is in force on every engine after this time and two short transactions.
_POLL_S = 0.25
#: The engine's start waits this long for a hanging database, as it does for the open offers.
_START_WAIT_S = 10.0
#: An engine that has started without the database offers nothing for this long; then help matters more.
_CLOSED_S = 30.0

PauseObserver = Callable[[Change], None]


class PausePoller:
    """Keeps the pauses in force up to date.

    While the database is not available, the pauses that were read last stay in force. If none were read since
    the engine started, all triggers are stopped for 30 s, and then none.

    Args:
        log: the log of changes.
        product_id: the product's id.
        pauses: is kept up to date.
        clock: epoch seconds.
        observe: called with each change that begins or ends a pause, and with those in force at the start.
        stop_waiting_offers: withdraws the offers that wait although their trigger is paused; called after
            each read while a pause is in force, because other offers can come from a restart, or from another
            engine.
    """

    def __init__(
        self,
        log: ChangeLog,
        product_id: str,
        pauses: Pauses,
        clock: Callable[[], float],
        observe: PauseObserver,
        stop_waiting_offers: Callable[[], Awaitable[None]],
    ) -> None:
        self._log = log
        self._product_id = product_id
        self._pauses = pauses
        self._clock = clock
        self._observe = observe
        self._stop_waiting_offers = stop_waiting_offers
        self._version: Version | None = None
        self._polling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read the pauses once, and then regularly in the background."""
        await self._read(_START_WAIT_S)
        if not self._pauses.is_known:
            self._pauses.assume_all(self._clock())
        loop = asyncio.get_running_loop()
        self._polling = loop.create_task(self._poll(loop.time() + _CLOSED_S), name="autoplay, pauses")

    async def stop(self) -> None:
        """Stop reading."""
        await end_tasks([self._polling])

    async def _poll(self, closed_until: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_POLL_S)
            try:
                await self._read()
                if self._pauses.is_known and self._pauses.in_force:
                    await self._stop_waiting_offers()
            except Exception:
                logger.exception("Applying the pauses failed; the engine will retry.")
            if not self._pauses.is_known and self._pauses.in_force and loop.time() >= closed_until:
                logger.warning("The pauses are still unknown. Triggers make offers again.")
                self._pauses.assume_none()

    async def _read(self, wait_s: float | None = None) -> None:
        found = await self._log.pauses(self._product_id, self._version, wait_s)
        if found is None:
            return
        self._version = found.version
        if found.changes is not None:
            self._apply(found.changes)

    def _apply(self, changes: Sequence[Change]) -> None:
        before = {pause.trigger_id for pause in self._pauses.in_force} if self._pauses.is_known else set()
        pauses = pauses_after(changes)
        self._pauses.know(pauses)
        newest = {change.trigger_id: change for change in changes}
        for trigger_id in sorted(before ^ pauses.keys()):
            logger.warning("%s", newest[trigger_id].describe())
            self._observe(newest[trigger_id])
