"""The assistant of the version of the files that is in force, for callers that keep it."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.link.answers import AssistantText
from rasa_autoplay.link.assistant import Assistant

__all__ = ["CurrentAssistant"]


class CurrentAssistant:
    """Answers each question by the version in force.

    Args:
        current: returns that version's assistant.
    """

    def __init__(self, current: Callable[[], Assistant]) -> None:
        self._current = current

    async def ask(self, user_id: str, query: str) -> AssistantText:
        """Answer a question."""
        return await self._current().ask(user_id, query)

    async def recent_activity(self, user_id: str) -> AssistantText:
        """Describe what the user did last."""
        return await self._current().recent_activity(user_id)

    async def help_current_page(self, user_id: str) -> AssistantText:
        """Name what can be explained on the user's page."""
        return await self._current().help_current_page(user_id)
