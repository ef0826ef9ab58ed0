"""Likeness in meaning, against an endpoint on this machine that knows a few meanings."""

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
from rasa_autoplay.settings.engine import LlmSettings

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
async def test_meaning_finds_what_words_do_not(tmp_path: Path) -> None:
    async with embeddings(EmbeddingsEndpoint(), tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        likeness.start()
        await likeness.ready()
        for query, path in (("zu viel Helligkeit", "dark-mode"), ("neues Kennwort", "reset-password")):
            matches = await search.query_knowledge_base(query=query)
            assert matches[0].path.id == path
        assert likeness.health()["state"] == "connected"


@asynchronous
async def test_documents_are_embedded_once_for_all_runs(tmp_path: Path) -> None:
    endpoint = EmbeddingsEndpoint()
    for _ in range(2):
        async with embeddings(endpoint, tmp_path / "e.db") as likeness:
            likeness.start()
            await likeness.ready()
            assert await likeness.similarity("invoice") is not None
    assert sorted(endpoint.asked) == sorted([*DOCUMENTS.values(), "invoice", "invoice"])


@asynchronous
async def test_a_question_is_embedded_once(tmp_path: Path) -> None:
    endpoint = EmbeddingsEndpoint()
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        likeness.start()
        await likeness.ready()
        assert await likeness.similarity("invoice") == await likeness.similarity("invoice")
    assert endpoint.asked.count("invoice") == 1


@asynchronous
async def test_until_they_are_at_hand_words_alone_are_searched(tmp_path: Path) -> None:
    async with embeddings(EmbeddingsEndpoint(), tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        matches = await search.query_knowledge_base(query="merge duplicate contacts")
        assert matches[0].path.id == "merge-contacts"


@asynchronous
async def test_when_the_endpoint_fails_words_alone_are_searched(tmp_path: Path) -> None:
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
async def test_vectors_that_make_no_sense_count_for_nothing(tmp_path: Path, mood: Any) -> None:
    endpoint = EmbeddingsEndpoint()
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        search = HybridSearch(KnowledgeBase(PATHS), likeness)
        likeness.start()
        await likeness.ready()
        endpoint.mood = mood
        matches = await search.query_knowledge_base(query="merge duplicate contacts")
        assert matches == KnowledgeBase(PATHS).query_knowledge_base(query="merge duplicate contacts")


@asynchronous
async def test_a_slow_endpoint_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rasa_autoplay.engine.assistant.embeddings._QUERY_TIMEOUT_S", 0.05)
    endpoint = EmbeddingsEndpoint(slow_s=1.0)
    async with embeddings(endpoint, tmp_path / "e.db") as likeness:
        likeness.start()
        await likeness.ready()
        endpoint.mood = "slow"
        assert await likeness.similarity("merge duplicate contacts") is None
        assert likeness.counts["failed"] == 1


@asynchronous
async def test_a_flood_of_questions_by_one_user_costs_no_more_than_a_quota(tmp_path: Path) -> None:
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
