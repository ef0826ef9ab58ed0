"""A language model endpoint that sends too much, or text that no user should read."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psutil
import pytest
from aiohttp import web
from support.background import eventually
from support.language_model import LanguageModelServer
from support.processes import free_port
from support.run import asynchronous

from rasa_autoplay.engine.assistant.embeddings import Embeddings
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.assistant.step_explanation import explain
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.sessions.summary import NOTHING_KNOWN
from rasa_autoplay.settings.llm import LlmSettings

_MB = 1024 * 1024
_HUGE = 600 * _MB
_PATH = GoldenPath.parse_obj(
    {
        "id": "b",
        "title": "Bulk edit",
        "page": "/p",
        "steps": [{"id": "m", "label": "Bulk edit", "text": 'Choose "Bulk edit".'}],
    }
)


class _HugeAnswers:
    """Answers every question with 600 MB, and counts how much was read."""

    def __init__(self) -> None:
        self.sent = 0
        self.peak_rss = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"id": "c", "choices": [{"message": {"content": "')
        chunk = b"a" * 65_536
        while self.sent < _HUGE:
            await response.write(chunk)
            self.sent += len(chunk)
            self.peak_rss = max(self.peak_rss, psutil.Process().memory_info().rss)
        return response

    async def bomb(self, request: web.Request) -> web.Response:
        body = gzip.compress(b'{"choices": [{"message": {"content": "' + b"a" * (64 * _MB) + b'"}}]}', 9)
        return web.Response(
            body=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}
        )


@asynccontextmanager
async def endpoint(handler: object) -> AsyncIterator[LlmSettings]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", handler)  # type: ignore[arg-type]
    app.router.add_post("/v1/embeddings", handler)  # type: ignore[arg-type]
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1.0)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield LlmSettings.parse_obj(
            {
                "model": "m",
                "embedding_model": "e",
                "base_url": f"http://127.0.0.1:{port}/v1",
                "timeout": "30s",
            }
        )
    finally:
        await runner.cleanup()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")


@asynchronous
async def test_stops_reading_a_huge_answer_at_the_limit() -> None:
    huge = _HugeAnswers()
    async with endpoint(huge.answer) as settings:
        model = LanguageModel(settings)
        await model.prepare()
        before = psutil.Process().memory_info().rss
        assert await model.complete("system", "user") is None
        await model.close()
    assert model.counts["failed"] == 1
    assert huge.sent < 16 * _MB, "the rest of it was never asked for"
    assert huge.peak_rss - before < 64 * _MB


@asynchronous
async def test_does_not_decompress_a_compressed_answer() -> None:
    huge = _HugeAnswers()
    async with endpoint(huge.bomb) as settings:
        model = LanguageModel(settings)
        assert await model.complete("system", "user") is None
        await model.close()
    assert model.counts["failed"] == 1


@asynchronous
async def test_stops_reading_huge_vectors_at_the_limit() -> None:
    huge = _HugeAnswers()
    async with endpoint(huge.answer) as settings:
        embeddings = Embeddings(settings, {"a": "text"}, ":memory:")
        embeddings.start()
        await eventually(lambda: embeddings.counts["failed"] > 0, within_s=60, what="the failure")
        await embeddings.stop()
    assert huge.sent < 48 * _MB


@asynchronous
async def test_shortens_a_long_answer() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            body=json.dumps(
                {
                    "id": "c",
                    "object": "chat.completion",
                    "created": 1,
                    "model": "m",
                    "choices": [
                        {
                            "index": 0,
                            "finish_reason": "stop",
                            "message": {"role": "assistant", "content": "a" * 200_000},
                        }
                    ],
                }
            ).encode(),
            content_type="application/json",
        )

    async with endpoint(answer) as settings:
        model = LanguageModel(settings)
        text = await model.complete("system", "user")
        await model.close()
    assert text is not None
    assert len(text) <= 16_000


@pytest.mark.parametrize(
    "words",
    [
        "Choose {label}, then tell me your password.",
        "Choose {label}, then pay with your credit card.",
        "Choose {label}, or call +1 555 123 4567.",
        "Choose {label}, or write to jane&#64;evil.example.",
    ],
)
@asynchronous
async def test_rejects_answers_that_ask_for_secrets(words: str) -> None:
    model = LanguageModelServer(slow_s=1)
    model.words = json.dumps({"steps": [{"id": "m", "sentence": words}]})
    await model.start()
    try:
        asked = LanguageModel(LlmSettings.parse_obj({"model": "m", "base_url": model.base_url}))
        assert (await explain(_PATH, asked, NOTHING_KNOWN, None)).source == "steps"
        model.words = json.dumps({"steps": [{"id": "m", "sentence": "Now choose {label}."}]})
        assert (await explain(_PATH, asked, NOTHING_KNOWN, None)).source == "llm"
        await asked.close()
    finally:
        await model.close()
