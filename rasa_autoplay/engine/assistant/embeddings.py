"""Compares meanings by embeddings from the configured endpoint, cached on disk."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import logging
import sqlite3
import time
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.http.rate_limit import RateLimit
from rasa_autoplay.common.runtime.backoff import Backoff, Retry
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.engine.assistant.circuit_breaker import CircuitBreaker
from rasa_autoplay.engine.assistant.size_limited_http import bounded_client
from rasa_autoplay.settings.llm import LlmSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["Embeddings", "matrix_of", "similarities_of"]

logger = logging.getLogger(__name__)

_BATCH = 64
_MAX_QUERIES = 512
#: 64 vectors of 4,096 numbers take about 6 MB as JSON.
_MAX_ANSWER_BYTES = 16 * 1024 * 1024
#: The user waits for the question's vector, and a search by words is available at once.
_QUERY_TIMEOUT_S = 2.0
_BATCH_TIMEOUT_S = 60.0
_BACKOFF = Backoff(60.0, 60.0)


class Embeddings:
    """Compares the meaning of a question with that of each document, once the vectors are available.

    Documents are embedded once, in the background: each vector is stored under the hash of its text and
    model. While vectors are missing or the endpoint fails, nobody waits, and the search uses words only. Each
    user has a quota of the same size as for the language model.

    Args:
        settings: ``llm`` of ``autoplay.yml``, with an ``embedding_model``.
        documents: the texts to search, by id.
        cache: path of an SQLite file; ``:memory:`` caches nothing.
        clock: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        settings: LlmSettings,
        documents: Mapping[str, str],
        cache: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = settings.embedding_model or ""
        self._base_url = settings.base_url
        self._documents = dict(documents)
        self._cache_path = cache
        self._breaker = CircuitBreaker(clock)
        self._quotas = RateLimit(settings.user_per_minute, clock, burst=settings.user_per_minute)
        self._client: AsyncOpenAI | None = None
        self._matrix: Any = None
        self._queries: BoundedDict[str, array[float]] = BoundedDict(_MAX_QUERIES)
        self._preparing: asyncio.Task[None] | None = None
        #: ``embedded``, ``from_cache``, ``queries``, ``failed``, ``over_quota``; ``tokens`` as the endpoint
        #: counts them.
        self.counts: Counter[str] = Counter()

    def start(self) -> None:
        """Start fetching the documents' vectors in the background."""
        self._preparing = asyncio.get_running_loop().create_task(self._prepare())

    async def stop(self) -> None:
        """Close the connections."""
        await end_tasks([self._preparing])
        if self._client is not None:
            await self._client.close()

    async def ready(self) -> None:
        """Wait until the documents' vectors are available."""
        if self._preparing is not None:
            await asyncio.shield(self._preparing)

    async def similarity(self, query: str, user_id: str | None = None) -> dict[str, float] | None:
        """Compare a question with all documents.

        Args:
            query: the question.
            user_id: the user who asks; unknown users (an empty id) share one quota. None for the team's own
                servers, which have no quota.

        Returns:
            The similarity in meaning by document id, from 0 to 1. None while vectors are not available, or if
            the user has no quota left.
        """
        if self._matrix is None:
            return None
        vector = self._queries.get(query)
        if vector is None and self._is_within_quota(user_id):
            vector = await self._vector_of(query)
        if vector is None:
            return None
        similarities = similarities_of(self._matrix, vector)
        return None if similarities is None else dict(zip(self._documents, similarities, strict=True))

    def _is_within_quota(self, user_id: str | None) -> bool:
        if user_id is None or not self._quotas.wait_s(user_id):
            return True
        self.counts["over_quota"] += 1
        return False

    async def _vector_of(self, query: str) -> array[float] | None:
        if not self._breaker.enter():
            return None
        try:
            (vector,) = await asyncio.wait_for(self._embed([query]), _QUERY_TIMEOUT_S)
        except Exception as problem:  # openai raises many types, and the user must get an answer anyway
            self._failed(problem)
            return None
        self._breaker.succeeded()
        self.counts["queries"] += 1
        self._queries[query] = vector
        return vector

    async def _prepare(self) -> None:
        retry = Retry(_BACKOFF)
        while self._documents:
            try:
                await self._prepare_once()
            except Exception as problem:
                self._failed(problem)
                await retry.wait()
            else:
                self._breaker.succeeded()
                return

    async def _prepare_once(self) -> None:
        keys = {self._key(text): text for text in self._documents.values()}
        known = await asyncio.to_thread(self._read, list(keys))
        self.counts["from_cache"] = len(known)
        missing = [key for key in keys if key not in known]
        for at in range(0, len(missing), _BATCH):
            batch = missing[at : at + _BATCH]
            vectors = await asyncio.wait_for(self._embed([keys[key] for key in batch]), _BATCH_TIMEOUT_S)
            fresh = dict(zip(batch, vectors, strict=True))
            known.update(fresh)
            self.counts["embedded"] += len(fresh)
            await asyncio.to_thread(self._write, fresh)
        rows = [known[self._key(text)] for text in self._documents.values()]
        self._matrix = await asyncio.to_thread(matrix_of, rows)

    async def _embed(self, texts: Sequence[str]) -> list[array[float]]:
        if self._client is None:
            await asyncio.to_thread(importlib.import_module, "openai")
            self._client = bounded_client(self._base_url, _MAX_ANSWER_BYTES)
        answer = await self._client.embeddings.create(
            model=self._model, input=list(texts), encoding_format="float"
        )
        self.counts["tokens"] += answer.usage.total_tokens if answer.usage else 0
        vectors = [array("f", entry.embedding) for entry in sorted(answer.data, key=lambda one: one.index)]
        if len(vectors) != len(texts):
            raise ValueError("the endpoint returned the wrong number of vectors")
        return vectors

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        return self._breaker.health("connected" if self._matrix is not None else "connecting", self.counts)

    def _failed(self, problem: Exception) -> None:
        self.counts["failed"] += 1
        self._breaker.failed(problem)
        logger.warning("Embeddings failed (%s): the search uses words only.", type(problem).__name__)

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._model}\n{text}".encode()).hexdigest()

    def _read(self, keys: Sequence[str]) -> dict[str, array[float]]:
        with closing(self._opened()) as cache:
            rows = cache.execute("SELECT key, vector FROM vectors").fetchall()
        wanted = set(keys)
        return {key: array("f", vector) for key, vector in rows if key in wanted}

    def _write(self, vectors: Mapping[str, array[float]]) -> None:
        rows = [(key, vector.tobytes()) for key, vector in vectors.items()]
        with closing(self._opened()) as cache, cache:
            cache.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def _opened(self) -> sqlite3.Connection:
        cache = sqlite3.connect(self._cache_path, timeout=5.0)
        cache.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL)")
        return cache


def matrix_of(rows: Sequence[array[float]]) -> Any:
    """Normalise rows to length 1 in a numpy array; numpy is imported here, off the event loop."""
    import numpy

    matrix = numpy.asarray(rows, dtype=numpy.float32)
    lengths = numpy.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / numpy.where(lengths > 0, lengths, 1)


def similarities_of(matrix: Any, vector: array[float]) -> list[float] | None:
    """Return the cosine of a vector with each row, 0 if negative; None if the vector has another length."""
    import numpy

    query = numpy.asarray(vector, dtype=numpy.float32)
    length = float(numpy.linalg.norm(query))
    if query.shape[0] != matrix.shape[1] or not length:
        return None
    similarities: list[float] = numpy.clip(matrix @ (query / length), 0.0, 1.0).tolist()
    return similarities
