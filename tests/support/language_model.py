"""A stand-in for an OpenAI-compatible endpoint that answers as it is asked, or misbehaves."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any, Literal

from aiohttp import web

from support.processes import free_port

__all__ = ["FREE_WORDS", "GOOD_WORDS", "LanguageModelServer", "Mood", "completion"]

Mood = Literal[
    "good",
    "slow",  # hangs
    "failing",  # answers 500
    "inventing",
    "empty",
    "without_schema",  # refuses JSON schemas
    "without_formats",  # refuses every response_format
    "deaf",  # accepts every response_format, and answers in lines of text all the same
    "prose",  # answers in free words, however it is asked
    "cut_off",  # stops at max_tokens
    "nonsense",  # streams, although nobody asked for that
]

#: What the good model makes of the example bot's golden path, with the labels filled in.
GOOD_WORDS = (
    "Bulk edit projects:\n"
    "1. Now: Open the small ⋯ menu at the top right of the table, beside the status filter.\n"
    '2. Now: In the menu, choose "Bulk edit". Every row gets a checkbox.\n'
    "3. Now: Tick the projects that you want to change.\n"
    "4. Now: In the toolbar that appears at the bottom, choose the new priority. (“Priority”)\n"
    '5. Now: Press "Apply to N" (N = how many you ticked): they all change together.'
)
#: What it says when it may use its own words.
FREE_WORDS = "The user saved three projects."
_STEP = re.compile(r"^(\S+): (.+)$", re.MULTILINE)
_PATH = re.compile(r"^path (\S+): .*\n((?:(?!path )\S+: .+\n?)+)", re.MULTILINE)


class LanguageModelServer:
    """Serves ``/v1/chat/completions``.

    Args:
        slow_s: the response time in seconds when it is slow.
    """

    def __init__(self, slow_s: float) -> None:
        self.port = free_port()
        self.mood: Mood = "good"
        #: What the model says, whatever it is asked; None to do what it is asked.
        self.words: str | None = None
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
        body = await request.json()
        self.requests.append(body)
        wanted = body.get("response_format", {}).get("type", "")
        if self.mood == "failing":
            return web.json_response({"error": {"message": "out of order"}}, status=500)
        if wanted and (
            self.mood == "without_formats" or (self.mood, wanted) == ("without_schema", "json_schema")
        ):
            return web.json_response({"error": {"message": f"{wanted} is not supported"}}, status=400)
        if self.mood == "slow":
            await asyncio.sleep(self._slow_s)
        if self.mood == "nonsense":
            return web.Response(
                text='data: {"choices": [{"del\n\ndata: [DONE]\n\n', content_type="text/event-stream"
            )
        if self.mood == "cut_off":
            return completion(self._content(body)[:40], finish_reason="length")
        return completion(self._content(body))

    def _content(self, body: dict[str, Any]) -> str:
        system, prompt = (message["content"] for message in body["messages"])
        if self.words is not None:
            return self.words
        if self.mood == "empty":
            return ""
        is_lines = "last line: END" in system or self.mood == "deaf"
        if self.mood == "prose" or not (is_lines or body.get("response_format") or "JSON only" in system):
            return FREE_WORDS
        steps, path_id = _asked(prompt)
        if self.mood == "inventing":
            steps = {step_id: f"{text} Then press Turbo mode." for step_id, text in steps.items()}
        if is_lines:
            return "\n".join([*(f"{step_id}: {text}" for step_id, text in steps.items()), "END"])
        answer: dict[str, Any] = {"steps": [{"id": key, "sentence": text} for key, text in steps.items()]}
        return json.dumps({"path": path_id, "answer": "", **answer} if path_id else answer)


def _asked(prompt: str) -> tuple[dict[str, str], str]:
    """The steps that a prompt asks for, in friendly words, and the path that the good model chooses."""
    found = re.search(r"<steps>\n(.*?)\n</steps>", prompt, re.DOTALL)
    path = _PATH.findall(prompt)[-1:]  # the path that matches best comes last
    lines = found.group(1) if found else path[0][1] if path else ""
    steps = {step_id: f"Now: {text}" for step_id, text in _STEP.findall(lines)}
    return steps, path[0][0] if path and not found else ""


def completion(content: str | None, finish_reason: str = "stop") -> web.Response:
    """A response of the chat completions API."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": finish_reason, "message": message}
    return web.json_response(
        {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    )
