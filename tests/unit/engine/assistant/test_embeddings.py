"""Search by meaning, against an endpoint on this machine that knows a few synonyms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from support.embeddings import EmbeddingsEndpoint
from support.run import asynchronous

from rasa_autoplay.engine.assistant.embeddings import Embeddings
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths
from rasa_autoplay.engine.knowledge.search import KnowledgeBase, document_of
from rasa_autoplay.settings.llm import LlmSettings

PATHS = load_golden_paths(Path(__file__).parents[1] / "knowledge" / "search" / "paths")
DOCUMENTS = {path.id: document_of(path) for path in PATHS}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-s3cret")


@asynccontextmanager
async def embeddings(endpoint: EmbeddingsEndpoint, cache: Path) -> AsyncIterator[Embeddings]:
    async with TestServer(endpoint.app()) as server:
        options: Any = {"model": "m", "embedding_model": "e", "base_url": str(server.make_url("/v1"))}
        found = Embeddings(LlmSettings.parse_obj(options), DOCUMENTS, str(cache))
        try:
            yield found
        finally:
            await found.stop()


@asynchronous
async def test_finds_by_meaning_what_words_miss(tmp_path: Path) -> None:
    async with embeddings(EmbeddingsEndpoint(), tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        likeness.start()
        await likeness.ready()
        for query, path in (("zu viel Helligkeit", "dark-mode"), ("neues Kennwort", "reset-password")):
            matches = await search.query_knowledge_base(query=query)
            assert matches[0].path.id == path
        assert likeness.health()["state"] == "connected"


@asynchronous
async def test_embeds_documents_once_across_runs(tmp_path: Path) -> None:
    endpoint = EmbeddingsEndpoint()
    for _ in range(2):
        async with embeddings(endpoint, tmp_path / "e.db") as likeness:
            likeness.start()
            await likeness.ready()
            assert await likeness.similarity("invoice") is not None
    assert sorted(endpoint.asked) == sorted([*DOCUMENTS.values(), "invoice", "invoice"])


@asynchronous
async def test_embeds_a_question_once(tmp_path: Path) -> None:
    endpoint = EmbeddingsEndpoint()
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        likeness.start()
        await likeness.ready()
        assert await likeness.similarity("invoice") == await likeness.similarity("invoice")
    assert endpoint.asked.count("invoice") == 1


@asynchronous
async def test_searches_by_words_until_embeddings_are_ready(tmp_path: Path) -> None:
    async with embeddings(EmbeddingsEndpoint(), tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        matches = await search.query_knowledge_base(query="merge duplicate contacts")
        assert matches[0].path.id == "merge-contacts"


@asynchronous
async def test_searches_by_words_when_the_endpoint_fails(tmp_path: Path) -> None:
    endpoint = EmbeddingsEndpoint()
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        likeness.start()
        await likeness.ready()
        endpoint.mood = "failing"
        for number in range(8):
            matches = await search.query_knowledge_base(query=f"merge duplicate contacts {number}")
            assert matches[0].path.id == "merge-contacts"
        assert len(endpoint.asked) == len(DOCUMENTS) + 5, "after five failures it is left alone"
        assert likeness.health()["state"] == "failed"


@pytest.mark.parametrize("mood", ["too few", "other length", "no numbers"])
@asynchronous
async def test_ignores_invalid_vectors(tmp_path: Path, mood: Any) -> None:
    endpoint = EmbeddingsEndpoint()
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        likeness.start()
        await likeness.ready()
        endpoint.mood = mood
        matches = await search.query_knowledge_base(query="merge duplicate contacts")
        assert matches == KnowledgeBase(PATHS).query_knowledge_base(query="merge duplicate contacts")


@asynchronous
async def test_does_not_wait_for_a_slow_endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasa_autoplay.engine.assistant.embeddings._QUERY_TIMEOUT_S", 0.05)
    endpoint = EmbeddingsEndpoint(slow_s=1.0)
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        likeness.start()
        await likeness.ready()
        endpoint.mood = "slow"
        assert await likeness.similarity("merge duplicate contacts") is None
        assert likeness.counts["failed"] == 1


@asynchronous
async def test_limits_embeddings_per_user(tmp_path: Path) -> None:
    endpoint = EmbeddingsEndpoint()
    async with embeddings(endpoint, tmp_path / "cache.db") as found:
        found.start()
        await found.ready()
        endpoint.asked.clear()
        search = HybridSearch(KnowledgeBase(PATHS), found)
        for number in range(60):
            matches = await search.query_knowledge_base(query=f"invite {number}", user_id="mallory")
            assert matches, "words alone find something"
        assert len(endpoint.asked) == LlmSettings(model="m").user_per_minute
        assert found.counts["over_quota"] == 60 - len(endpoint.asked)
        endpoint.asked.clear()
        assert await found.similarity("invite 0", "mallory"), "what is known already costs nothing"
        assert await found.similarity("what ben asks", "ben")
        assert await found.similarity("what a server of the team's asks")
        assert endpoint.asked == ["what ben asks", "what a server of the team's asks"]
