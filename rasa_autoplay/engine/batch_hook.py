"""Calls the team's own function with every batch (``on_actions``), without delaying the engine."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from typing import Any

from rasa_autoplay.engine.triggers.configured.loader import load_object
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["BatchHook", "Hook", "load_hook"]

logger = logging.getLogger(__name__)

#: A team's own function, which is called with every batch.
Hook = Callable[[ActionsPayload], Any]

#: Overflow policy: while this many calls wait, new ones are dropped and counted.
_MAX_WAITING = 1_000
#: When the engine stops, all waiting coroutines together have this long.
_STOP_S = 5.0


class BatchHook:
    """Calls a function with each batch, in order.

    A plain function runs on the event loop, so it must be quick. A coroutine function runs in the background,
    one batch at a time, and is cancelled if it takes too long.

    Args:
        hook: the function, or coroutine function.
        timeout_s: how long one coroutine may take.
    """

    def __init__(self, hook: Hook, timeout_s: float) -> None:
        self._hook, self._timeout_s = hook, timeout_s
        self._name = f"{hook.__module__}:{getattr(hook, '__qualname__', type(hook).__qualname__)}"
        self._waiting: deque[Coroutine[Any, Any, Any]] = deque()
        self._running: asyncio.Task[None] | None = None
        #: ``hook_failed``, ``hook_timed_out``, ``hook_dropped``.
        self.counts: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many coroutines wait for their turn."""
        return len(self._waiting)

    def call(self, payload: ActionsPayload) -> None:
        """Call the hook; a coroutine runs later."""
        try:
            result = self._hook(payload)
        except Exception:
            self._failed()
            return
        if asyncio.iscoroutine(result):
            self._queue(result)

    async def stop(self) -> None:
        """Finish the waiting coroutines if time allows, and cancel the rest."""
        if self._running is not None:
            await asyncio.wait([self._running], timeout=_STOP_S)
            self._running.cancel()
        for coroutine in self._waiting:
            coroutine.close()
        self._waiting.clear()

    def _queue(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        if len(self._waiting) >= _MAX_WAITING:
            coroutine.close()
            if not self.counts["hook_dropped"]:
                logger.error("The on_actions hook %s has fallen behind; batches are skipped.", self._name)
            self.counts["hook_dropped"] += 1
            return
        self._waiting.append(coroutine)
        if self._running is None or self._running.done():
            loop = asyncio.get_running_loop()
            self._running = loop.create_task(self._run_waiting(), name="autoplay, on_actions")

    async def _run_waiting(self) -> None:
        while self._waiting:
            await self._run(self._waiting.popleft())

    async def _run(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        running = asyncio.get_running_loop().create_task(coroutine, name="autoplay, one on_actions")
        try:
            # wait_for would wait for ever for a coroutine that ignores its cancellation.
            done, _ = await asyncio.wait([running], timeout=self._timeout_s)
        finally:
            running.cancel()
        if not done:
            running.add_done_callback(lambda late: late.cancelled() or late.exception())
            self.counts["hook_timed_out"] += 1
            logger.error(
                "The on_actions hook %s took longer than %g s and was cancelled: see on_actions_timeout in "
                "autoplay.yml.",
                self._name,
                self._timeout_s,
            )
            return
        try:
            running.result()
        except (Exception, asyncio.CancelledError):
            self._failed()

    def _failed(self) -> None:
        self.counts["hook_failed"] += 1
        logger.exception("The on_actions hook %s failed.", self._name)


def load_hook(settings: EngineSettings, file: YamlFile) -> BatchHook | None:
    """Load the function that ``on_actions`` names; None if it is not set.

    Raises:
        ConfigError: there is no such function.
    """
    if settings.on_actions is None:
        return None
    return BatchHook(load_object(settings.on_actions, file, ["on_actions"]), settings.on_actions_timeout)
