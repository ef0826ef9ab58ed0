"""The assistant as the bot's actions reach it from this process: directly, or over the gateway's link."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.answers import AssistantText
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.link.requests import AskAssistant, DescribeActivity, DescribePage
from rasa_autoplay.settings.secret import Secret

__all__ = ["Assistant", "LinkedAssistant", "ReachableAssistant", "reachable", "reachable_assistant"]

logger = logging.getLogger(__name__)

#: A language model may need this long.
_TIMEOUT_S = 60.0
_NOTHING = AssistantText("", "none")


class Assistant(Protocol):
    """Answers the questions of the chat; the user id is empty for an unknown user."""

    async def ask(self, user_id: str, query: str) -> AssistantText:
        """Answer a question."""
        ...

    async def recent_activity(self, user_id: str) -> AssistantText:
        """Describe what the user did last."""
        ...

    async def help_current_page(self, user_id: str) -> AssistantText:
        """Name what can be explained on the user's page."""
        ...


class LinkedAssistant:
    """Asks the engine over a link. If the engine does not answer, the bot says nothing, and the log says why.

    Args:
        link: to the engine.
    """

    def __init__(self, link: Link) -> None:
        self._link = link

    async def ask(self, user_id: str, query: str) -> AssistantText:
        """Answer a question."""
        return await self._answer(AskAssistant(user_id, query))

    async def recent_activity(self, user_id: str) -> AssistantText:
        """Describe what the user did last."""
        return await self._answer(DescribeActivity(user_id))

    async def help_current_page(self, user_id: str) -> AssistantText:
        """Name what can be explained on the user's page."""
        return await self._answer(DescribePage(user_id))

    async def _answer(self, request: EngineRequest[AssistantText]) -> AssistantText:
        try:
            return await self._link.ask(request, _TIMEOUT_S)
        except (EngineUnreachable, EngineRefused) as problem:
            logger.warning("A question in the chat stays unanswered: %s", problem)
            return _NOTHING


@dataclass(frozen=True, eq=False)
class ReachableAssistant:
    """What the actions of this process use.

    Args:
        assistant: answers users' questions.
        secret: signs the messages and texts that the Rasa server vouches for.
    """

    assistant: Assistant
    secret: Secret = field(repr=False)


#: Action objects cannot hold the assistant, because some versions of rasa_sdk pickle them.
_reachable: list[ReachableAssistant] = []


def reachable_assistant() -> ReachableAssistant | None:
    """Return the assistant that this process reaches; None if no engine or gateway runs here."""
    return _reachable[-1] if _reachable else None


@contextmanager
def reachable(assistant: Assistant, secret: Secret) -> Iterator[None]:
    """Let the actions of this process use an assistant until the context ends."""
    entry = ReachableAssistant(assistant, secret)
    _reachable.append(entry)
    try:
        yield
    finally:
        _reachable.remove(entry)
