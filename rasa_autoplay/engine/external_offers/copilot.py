"""What the team's ``on_actions`` function gets as its second argument."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa_autoplay.common.records import Record, Records
from rasa_autoplay.engine.external_offers.version_in_force import VersionInForce
from rasa_autoplay.engine.knowledge.user_progress import NextStep
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.offer_answers import OfferAnswer
from rasa_autoplay.link.offer_requests import MakeOffer
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.link.requests import FindUserMemory, SearchKnowledge
from rasa_autoplay.settings.durations import parse_wait_s

__all__ = ["Copilot"]


class Copilot:
    """Makes offers, and reads what is known about users and about the app.

    Args:
        product_id: the product's id.
        ask: asks the engine.
        version: returns the version of the files that is in force.
    """

    def __init__(
        self,
        product_id: str,
        ask: Callable[[EngineRequest[Any]], Awaitable[Any]],
        version: Callable[[], VersionInForce],
    ) -> None:
        self._product_id = product_id
        self._ask = ask
        self._version = version

    async def offer(
        self,
        *,
        user_id: str,
        trigger: str,
        session_id: str | None = None,
        body: str | None = None,
        golden_path: str | None = None,
        expires_after: float | str | None = None,
        idempotency_key: str | None = None,
    ) -> OfferAnswer:
        """Make an offer to a user, unless a gate stops it.

        Args:
            user_id: the user, who has a live session.
            trigger: id of a trigger with ``external: true`` in ``autoplay.yml``.
            session_id: the user's session; by default, the most recently active one.
            body: the text of the toast; by default, the trigger's. Longer texts than 150 characters are
                shortened.
            golden_path: id of the golden path that the chat explains and whose tour is offered; by default,
                the trigger's.
            expires_after: how long the offer waits for the user: seconds, or a text such as ``"2m"``; by
                default, the trigger's ``offer_ttl``.
            idempotency_key: a text that stays the same when your code repeats this offer, for example after a
                restart. Within a day, the repeated offer gets the answer of the first one.

        Returns:
            The offer's id, or the gate that stopped it and until when.

        Raises:
            AutoplayError: the trigger or the golden path does not exist, an argument is wrong, or the user
                has no live session.
        """
        request = MakeOffer(
            _text("user_id", user_id),
            _text("trigger", trigger),
            _text("session_id", session_id),
            _text("body", body),
            _text("golden_path", golden_path),
            _seconds(expires_after),
            _text("idempotency_key", idempotency_key),
        )
        answer: OfferAnswer = await self._ask(request)
        return answer

    async def memory(self, user_id: str) -> Record:
        """Return what a user knows and where they struggle, from all their earlier sessions.

        The answer is the same as that of ``AsyncConnectorClient.get_user_memory``.

        Raises:
            AutoplayError: the database is not available.
        """
        return Record((await self._ask(FindUserMemory(user_id, self._product_id))).memory)

    async def next_step(self, user_id: str, session_id: str | None = None) -> NextStep | None:
        """Return the most relevant step of a golden path that the user lacks; None if there is no clear gap.

        Args:
            user_id: the user.
            session_id: the user's session; by default, the most recently active one.
        """
        return await self._version().next_step_of(user_id, session_id or "")

    async def search(self, query: str, top_k: int = 3) -> Records:
        """Find the golden paths that fit a question, best first.

        The answer is the same as that of ``AsyncConnectorClient.query_knowledge_base``.
        """
        return Records.from_answer((await self._ask(SearchKnowledge(self._product_id, query, top_k))).results)


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise EngineRefused("unprocessable", f"{name} must be a text, not {type(value).__name__}")
    return value


def _seconds(value: float | str | None) -> float:
    if value is None:
        return 0.0
    try:
        return parse_wait_s(value)
    except ValueError as problem:
        raise EngineRefused("unprocessable", f"expires_after: {problem}") from None
