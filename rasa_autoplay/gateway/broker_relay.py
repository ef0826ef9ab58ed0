"""Publishes outcomes in the event broker of Rasa's ``endpoints.yml``, if there is one.

The broker lives in the Rasa server, and outcomes in the engine's database. So the gateway fetches them,
publishes them as Rasa publishes its own events, and confirms them. What it does not confirm is fetched again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.gateway.chat.event_broker import BrokerFailed, publish_all
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.outcome_answers import WaitingOutcome
from rasa_autoplay.link.outcome_requests import ConfirmOutcomes, FetchOutcomes

__all__ = ["BrokerRelay"]

logger = logging.getLogger(__name__)

#: How long the engine waits for an outcome.
_WAIT_S = 10.0
_CALL_TIMEOUT_S = _WAIT_S + 5.0
#: Pause while there is no broker, or the engine wants nothing published. A model may be loaded later.
_LOOK_AGAIN_S = 30.0
_STOP_S = 0.5


class BrokerRelay:
    """Fetches, publishes and confirms.

    Args:
        find_broker: returns Rasa's event broker; None if there is none.
        link: returns the link to the engine.
    """

    def __init__(self, find_broker: Callable[[], Any | None], link: Callable[[], Link]) -> None:
        self._find_broker = find_broker
        self._link = link
        self._published = 0
        self._problem = ""
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start publishing."""
        self._running = asyncio.get_running_loop().create_task(self._run(), name="autoplay, event broker")

    async def stop(self) -> None:
        """Stop publishing; a batch may end first."""
        if self._running is not None:
            await asyncio.wait([self._running], timeout=_STOP_S)
        await end_tasks([self._running])

    def health(self) -> dict[str, Any]:
        """Return what was published; empty if nothing was, or should be."""
        if not (self._published or self._problem):
            return {}
        state = {"state": "failed", "problem": self._problem} if self._problem else {"state": "ok"}
        return {"event_broker": {**state, "published": self._published}}

    async def _run(self) -> None:
        retry = Retry(Backoff(0.5, 10.0))
        while True:
            broker = self._find_broker()
            if broker is None:
                await asyncio.sleep(_LOOK_AGAIN_S)
                continue
            try:
                fetched = await self._link().ask(FetchOutcomes(_WAIT_S), _CALL_TIMEOUT_S)
                if not fetched.is_wanted:
                    await asyncio.sleep(_LOOK_AGAIN_S)
                    continue
                if fetched.outcomes:
                    await self._publish(broker, fetched.outcomes)
            except (EngineUnreachable, EngineRefused, asyncio.TimeoutError):
                await retry.wait()  # the gateway's health says what is wrong with the link
            except Exception:
                logger.exception("Outcomes could not be published in the event broker.")
                await retry.wait()
            else:
                retry.succeeded()

    async def _publish(self, broker: Any, outcomes: Sequence[WaitingOutcome]) -> None:
        numbers = [each.number for each in outcomes]
        problem = ""
        try:
            await publish_all(broker, [each.outcome for each in outcomes])
        except BrokerFailed as failure:
            problem = failure.message
        if problem and not self._problem:
            logger.warning("Outcomes cannot be published in the event broker: %s.", problem)
        self._problem = problem
        self._published += 0 if problem else len(numbers)
        confirm = ConfirmOutcomes([], numbers, problem) if problem else ConfirmOutcomes(numbers, [])
        await self._link().ask(confirm)
