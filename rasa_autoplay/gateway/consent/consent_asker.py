"""Asks the engine about the consent of many users at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from rasa_autoplay.common.runtime.backoff import Retry
from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.gateway.consent.known_consents import NEVER
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.consent_requests import FindConsents

__all__ = ["ConsentAsker"]

logger = logging.getLogger(__name__)

#: The next request may ask about this many users; each answer takes one turn of the database.
_USERS_AT_ONCE = 200
#: Users beyond this number are asked about when they act again.
_MAX_WAITING = 10_000
_WAIT_S = 5.0
#: Users who act within this time share a request.
_GATHER_S = 0.02


class ConsentAsker:
    """Collects the users in question, and asks about them in turn.

    Args:
        link: returns the link to the engine.
        learn: called with each user, when they gave consent (epoch seconds; ``NEVER`` if they did not), and
            when the engine was asked (seconds of ``clock``).
        clock: monotonic seconds.
    """

    def __init__(
        self,
        link: Callable[[], Link],
        learn: Callable[[str, float, float], object],
        clock: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._link = link
        self._learn = learn
        self._waiting: dict[str, None] = {}
        self._arrived = asyncio.Event()
        #: Why the engine does not answer; empty if it does.
        self.problem = ""

    def ask_about(self, user_id: str) -> None:
        """Ask about a user soon."""
        if len(self._waiting) < _MAX_WAITING:
            self._waiting[user_id] = None
            self._arrived.set()

    async def find(self, user_id: str) -> None:
        """Ask about one user now.

        Raises:
            EngineRefused, EngineUnreachable: there is no answer.
        """
        await self._ask([user_id])

    async def run(self) -> None:
        """Ask until cancelled; an engine that does not answer is asked again."""
        retry = Retry()
        while True:
            await self._arrived.wait()
            await asyncio.sleep(_GATHER_S)
            await self.ask_waiting()
            if self.problem:
                await retry.wait()
            else:
                retry.succeeded()

    async def ask_waiting(self) -> None:
        """Ask about the users in question, or some of them; ``problem`` says why there is no answer."""
        users = list(self._waiting)[:_USERS_AT_ONCE]
        try:
            if users:
                await self._ask(users)
        except (EngineUnreachable, EngineRefused, asyncio.TimeoutError) as problem:
            self.problem = str(problem) or "The engine does not answer."
            return
        except Exception:
            logger.exception("Asking the engine about the consent of users failed; it is asked again.")
            self.problem = "See the Rasa server's log."
            return
        self.problem = ""
        for user_id in users:
            self._waiting.pop(user_id, None)
        if not self._waiting:
            self._arrived.clear()

    async def _ask(self, users: list[str]) -> None:
        asked_at = self._clock()
        found = await self._link().ask(FindConsents(users), _WAIT_S)
        for user_id in users:
            self._learn(user_id, found.since.get(user_id, NEVER), asked_at)
