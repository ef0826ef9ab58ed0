"""The language model: any OpenAI-compatible endpoint, asked rarely and never waited for too long."""

from __future__ import annotations

import asyncio
import importlib
import logging
from typing import TYPE_CHECKING

from rasa_autoplay.settings.engine import LlmSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["LanguageModel"]

logger = logging.getLogger(__name__)


class LanguageModel:
    """Completes a prompt, or says nothing.

    The client is made at the first use: action objects are pickled where the server spawns its workers. What
    it is made of takes seconds to import, which a bot without a model does not pay and ``prepare()`` does.

    Args:
        settings: ``llm`` of ``autoplay.yml``; the key comes from ``OPENAI_API_KEY``.
    """

    def __init__(self, settings: LlmSettings) -> None:
        self._settings = settings
        self._client: AsyncOpenAI | None = None

    async def prepare(self) -> None:
        """Import openai beside the event loop, which otherwise would stand still at the first question."""
        try:
            await asyncio.to_thread(importlib.import_module, "openai.resources.chat.completions")
        except Exception as problem:
            logger.error(
                "openai cannot be imported (%s): without it the steps are explained as they are. Install "
                "rasa-autoplay with the constraints of your Rasa version.",
                type(problem).__name__,
            )

    async def complete(self, system: str, user: str) -> str | None:
        """Ask for a completion.

        Returns:
            The text; None when the endpoint fails, is slow or answers with nothing. The log says why.
        """
        try:
            text = await asyncio.wait_for(self._ask(system, user), self._settings.timeout)
        except asyncio.TimeoutError:
            logger.warning("The language model took longer than %g s.", self._settings.timeout)
            return None
        except Exception as problem:  # openai raises many kinds; none of them may cost the user their answer
            logger.warning("The language model failed: %s.", type(problem).__name__)
            return None
        return text.strip() or None

    async def _ask(self, system: str, user: str) -> str:
        client = self._client or self._connect()
        completion = await client.chat.completions.create(
            model=self._settings.model,
            temperature=self._settings.temperature,
            max_tokens=self._settings.max_tokens,
            messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
        )
        return (completion.choices[0].message.content or "") if completion.choices else ""

    def _connect(self) -> AsyncOpenAI:
        from openai import AsyncOpenAI

        self._client = AsyncOpenAI(base_url=self._settings.base_url, max_retries=0)
        return self._client

    async def close(self) -> None:
        """Let the connections go."""
        if self._client is not None:
            await self._client.close()
