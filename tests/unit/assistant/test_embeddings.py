"""Likeness in meaning, against an endpoint on this machine that knows three meanings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.run import asynchronous

from rasa_autoplay.assistant.embeddings import Embeddings
from rasa_autoplay.assistant.hybrid import HybridSearch
from rasa_autoplay.knowledge.golden_path import load_golden_paths
from rasa_autoplay.knowledge.search import KnowledgeBase, document_of
from rasa_autoplay.settings.engine import LlmSettings

PATHS = load_golden_paths(Path(__file__).parents[1] / "knowledge" / "search" / "paths")
DOCUMENTS = {path.id: document_of(path) for path in PATHS}
#: Words of one meaning each, also of languages that the documents are not written in.
MEANINGS = (("night", "dark", "helligkeit"), ("invoice", "bill", "rechnung"), ("password", "kennwort"))


class Endpoint:
    """Serves ``/v1/embeddings``."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.works = True

    async def embed(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked += body["input"]
        if not self.works:
            return web.json_response({"error": {"message": "out of order"}}, status=500)
        data = [
            {"object": "embedding", "index": at, "embedding": vector_of(text)}
            for at, text in enumerate(body["input"])
        ]
        usage = {"prompt_tokens": 3, "total_tokens": 3}
        return web.json_response({"object": "list", "model": "e", "data": data[::-1], "usage": usage})


def vector_of(text: str) -> list[float]:
    return [float(any(word in text.lower() for word in words)) for words in MEANINGS] + [0.1]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-s3cret")


@asynccontextmanager
async def embeddings(endpoint: Endpoint, cache: Path) -> AsyncIterator[Embeddings]:
    app = web.Application()
    app.router.add_post("/v1/embeddings", endpoint.embed)
    async with TestServer(app) as server:
        options: Any = {"model": "m", "embedding_model": "e", "base_url": str(server.make_url("/v1"))}
        found = Embeddings(LlmSettings.parse_obj(options), DOCUMENTS, str(cache))
        yield found
        await found.stop()


@asynchronous
async def test_meaning_finds_what_words_do_not(tmp_path: Path) -> None:
    async with embeddings(Endpoint(), tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        likeness.start()
        await likeness.ready()
        for query, path in (("zu viel Helligkeit", "dark-mode"), ("neues Kennwort", "reset-password")):
            matches = await search.query_knowledge_base(query=query)
            assert matches[0].path.id == path
        assert likeness.health()["state"] == "connected"


@asynchronous
async def test_documents_are_embedded_once_for_all_runs(tmp_path: Path) -> None:
    endpoint = Endpoint()
    for _ in range(2):
        async with embeddings(endpoint, tmp_path / "e.db") as likeness:
            likeness.start()
            await likeness.ready()
            assert await likeness.similarity("invoice") is not None
    assert sorted(endpoint.asked) == sorted([*DOCUMENTS.values(), "invoice", "invoice"])


@asynchronous
async def test_a_question_is_embedded_once(tmp_path: Path) -> None:
    endpoint = Endpoint()
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        likeness.start()
        await likeness.ready()
        assert await likeness.similarity("invoice") == await likeness.similarity("invoice")
    assert endpoint.asked.count("invoice") == 1


@asynchronous
async def test_until_they_are_at_hand_words_alone_are_searched(tmp_path: Path) -> None:
    async with embeddings(Endpoint(), tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        matches = await search.query_knowledge_base(query="merge duplicate contacts")
        assert matches[0].path.id == "merge-contacts"


@asynchronous
async def test_when_the_endpoint_fails_words_alone_are_searched(tmp_path: Path) -> None:
    endpoint = Endpoint()
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        likeness.start()
        await likeness.ready()
        endpoint.works = False
        for number in range(8):
            matches = await search.query_knowledge_base(query=f"merge duplicate contacts {number}")
            assert matches[0].path.id == "merge-contacts"
        assert len(endpoint.asked) == len(DOCUMENTS) + 5, "after five failures it is left alone"
        assert likeness.health()["state"] == "failed"
