"""How long a search takes among 1,000 golden paths, by words, and by meaning too."""

from __future__ import annotations

import random
import statistics
import time
from array import array
from collections.abc import Callable

import numpy

from benchmarks.figures import Figure
from rasa_autoplay.engine.assistant.embeddings import similarities_of
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.search import KnowledgeBase

__all__ = ["measure"]

_PATHS = 1000
_QUERIES = 300
_DIMENSIONS = 1536
_VERBS = "export import merge delete archive share invite connect rename schedule publish restore".split()  # noqa: SIM905
_THINGS = "report contact project dashboard invoice calendar webhook alert team template plan key".split()  # noqa: SIM905
_PLACES = "settings billing account sidebar toolbar workspace channel folder archive inbox page list".split()  # noqa: SIM905


async def measure() -> list[Figure]:
    """Medians and 99th percentiles; for search by meaning, without the endpoint's own time."""
    rng = random.Random(7)  # noqa: S311 - no secret
    base = KnowledgeBase([_path(number, rng) for number in range(_PATHS)])
    ids = list(base.paths)
    matrix = numpy.random.default_rng(7).random((_PATHS, _DIMENSIONS), dtype=numpy.float32)
    vector = array("f", matrix[0].tolist())
    queries = [
        f"how do I {rng.choice(_VERBS)} a {rng.choice(_THINGS)} in the {rng.choice(_PLACES)}?"
        for _ in range(_QUERIES)
    ]

    def hybrid(query: str) -> None:
        likeness = similarities_of(matrix, vector) or []
        base.query_knowledge_base(query=query, similarity=dict(zip(ids, likeness, strict=True)))

    return [
        *_timed("by words", queries, lambda query: base.query_knowledge_base(query=query)),
        *_timed("by words and meaning", queries, hybrid),
    ]


def _timed(name: str, queries: list[str], search: Callable[[str], object]) -> list[Figure]:
    took_ms = []
    for query in queries:
        began = time.perf_counter()
        search(query)
        took_ms.append((time.perf_counter() - began) * 1000)
    title = f"search {name} among {_PATHS:,} paths"
    return [
        Figure(f"{title}: median", statistics.median(took_ms), "ms", below=10),
        Figure(f"{title}: p99", statistics.quantiles(took_ms, n=100)[98], "ms"),
    ]


def _path(number: int, rng: random.Random) -> GoldenPath:
    verb, thing, place = rng.choice(_VERBS), rng.choice(_THINGS), rng.choice(_PLACES)
    steps = [
        {"id": f"s{at}", "text": f'Open "{rng.choice(_PLACES)}" and {rng.choice(_VERBS)} the {thing}.'}
        for at in range(5)
    ]
    title = f"{verb.capitalize()} a {thing} in the {place}"
    return GoldenPath.parse_obj({"id": f"path-{number}", "title": title, "page": f"/{place}", "steps": steps})
