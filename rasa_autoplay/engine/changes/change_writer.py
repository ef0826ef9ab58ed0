"""Writes to the log of changes in the background what an engine has loaded or refused."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id

__all__ = ["ChangeWriter"]

#: Overflow policy: while the database does not work, the oldest entries are dropped.
_MAX_WAITING = 100
_BACKOFF = Backoff(1.0, 30.0)


class ChangeWriter:
    """Stores entries in order, and tries again until each is durable.

    Args:
        append: stores an entry, unless it is stored already; True once it is durable.
        product_id: the product's id.
        engine_id: the engine's id.
        clock: epoch seconds.
    """

    def __init__(
        self,
        append: Callable[[Change], Awaitable[bool]],
        product_id: str,
        engine_id: str,
        clock: Callable[[], float],
    ) -> None:
        self._append = append
        self._product_id, self._engine_id = product_id, engine_id
        self._clock = clock
        self._waiting: deque[Change] = deque(maxlen=_MAX_WAITING)
        self._writing: asyncio.Task[None] | None = None

    def record(self, kind: ChangeKind, fingerprint: str, detail: str) -> None:
        """Record what the engine has loaded, refused or suspected.

        Args:
            kind: ``loaded``, ``refused`` or ``suspected``.
            fingerprint: of the version; empty if it could not be read.
            detail: more, for people.
        """
        self._waiting.append(
            Change(
                new_change_id(),
                self._product_id,
                self._clock(),
                kind,
                engine_id=self._engine_id,
                fingerprint=fingerprint,
                detail=detail,
            )
        )
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write(), name="autoplay, changes")

    async def stop(self) -> None:
        """Write what waits if the database works, and stop."""
        await end_tasks([self._writing])
        while self._waiting and await self._append(self._waiting[0]):
            self._waiting.popleft()

    async def _write(self) -> None:
        retry = Retry(_BACKOFF)
        while self._waiting:
            change = self._waiting[0]
            if not await self._append(change):
                await retry.wait()
            elif self._waiting and self._waiting[0] is change:
                self._waiting.popleft()
