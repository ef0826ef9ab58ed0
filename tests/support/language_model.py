"""A stand-in for an OpenAI-compatible endpoint that can be good, slow, failing, inventing or empty."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from aiohttp import web

from support.processes import free_port

__all__ = ["GOOD_WORDS", "LanguageModelServer"]

Mood = Literal["good", "slow", "failing", "inventing", "empty"]

#: Repeats the steps, and names nothing else.
GOOD_WORDS = (
    "You have just saved three projects, so here is the quick way:\n"
    '1. Open the small ⋯ menu at the top right of the table.\n2. Choose "Bulk edit".\n'
    '3. Tick your projects.\n4. Choose the new priority at the bottom.\n5. Press "Apply to 3". Done!'
)
_WORDS: dict[Mood, str] = {
    "inventing": 'Just click the "Turbo mode" button in the Admin menu.',
    "empty": "",
}


class LanguageModelServer:
    """Serves ``/v1/chat/completions``.

    Args:
        slow_s: the response time in seconds when it is slow.
    """

    def __init__(self, slow_s: float) -> None:
        self.port = free_port()
        self.mood: Mood = "good"
        #: The answer in good mode, instead of :data:`GOOD_WORDS`.
        self.words = GOOD_WORDS
        #: The parsed bodies of all requests so far.
        self.requests: list[dict[str, Any]] = []
        self._slow_s = slow_s
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """The value of ``llm.base_url`` in ``autoplay.yml``."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def close(self) -> None:
        """Stop."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.Response:
        self.requests.append(await request.json())
        if self.mood == "failing":
            return web.json_response({"error": {"message": "out of order"}}, status=500)
        if self.mood == "slow":
            await asyncio.sleep(self._slow_s)
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": _WORDS.get(self.mood, self.words)},
        }
        return web.json_response(
            {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        )
