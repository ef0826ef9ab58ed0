"""Keeps an agent's context up to date: raw actions first, later a summary that replaces them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.sdk.summarizer import AsyncSessionSummarizer

__all__ = ["AsyncAgentContextWriter"]

logger = logging.getLogger(__name__)

_Write = Callable[[str, str], Awaitable[None]]


class AsyncAgentContextWriter:
    """Writes each batch to a destination, and replaces the batches by a summary when there is one.

    The names and behaviour are the vendor SDK's. If a callback fails, the error is logged and the next batch
    is still written.

    Args:
        summarizer: creates the summaries; this writer replaces its ``on_summary``.
        overwrite_with_summary: called with the session id and its summary. It must write the summary before
            it removes what the summary replaces, so that the agent never has an empty context.
        write_actions: called with the session id and the text of each batch; None for summaries only.
        debounce_ms: merge batches of a session that follow each other within this many milliseconds.

    Raises:
        ConfigError: ``debounce_ms`` is negative.
    """

    def __init__(
        self,
        summarizer: AsyncSessionSummarizer,
        overwrite_with_summary: _Write,
        write_actions: _Write | None = None,
        debounce_ms: int = 0,
    ) -> None:
        if debounce_ms < 0:
            raise ConfigError(f"debounce_ms must be >= 0, got {debounce_ms!r}.")
        if summarizer.on_summary is not None:
            logger.warning("The summarizer's on_summary callback is replaced by the agent context writer's.")
        self._summarizer = summarizer
        self._overwrite = overwrite_with_summary
        self._write_actions = write_actions
        self._debounce_s = debounce_ms / 1000.0
        self._pending: dict[str, list[ActionsPayload]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._writing: set[asyncio.Task[None]] = set()
        summarizer.on_summary = self._on_summary

    async def add(self, payload: ActionsPayload) -> None:
        """Add a batch; pass this method to ``on_actions``."""
        if not self._debounce_s:
            await self._write(payload)
            return
        session_id = payload.session_id or "unknown"
        self._pending.setdefault(session_id, []).append(payload)
        if timer := self._timers.pop(session_id, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[session_id] = loop.call_later(self._debounce_s, self._write_pending, session_id)

    def _write_pending(self, session_id: str) -> None:
        del self._timers[session_id]
        merged = ActionsPayload.merge(self._pending.pop(session_id))
        task = asyncio.get_running_loop().create_task(self._write(merged))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, payload: ActionsPayload) -> None:
        if self._write_actions is not None:
            try:
                await self._write_actions(payload.session_id or "unknown", payload.to_text())
            except Exception:
                logger.exception("write_actions failed; the summary will still contain these actions.")
        await self._summarizer.add(payload)

    async def _on_summary(self, session_id: str, summary_text: str) -> None:
        try:
            await self._overwrite(session_id, summary_text)
        except Exception:
            logger.exception("overwrite_with_summary failed.")
