"""Searches the knowledge base by words, and also by meaning if there are embeddings."""

from __future__ import annotations

from rasa_autoplay.engine.assistant.embeddings import Embeddings
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.search import KnowledgeBase, Matches

__all__ = ["HybridSearch"]

#: The share of a question's words that a path must contain to be what the question is about.
_CLEARLY = 0.5


class HybridSearch:
    """Searches golden paths.

    Args:
        base: searches by words.
        embeddings: compare meanings; None if not configured.
    """

    def __init__(self, base: KnowledgeBase, embeddings: Embeddings | None = None) -> None:
        self._base = base
        self._embeddings = embeddings

    @property
    def paths(self) -> list[GoldenPath]:
        """All golden paths."""
        return list(self._base.paths.values())

    def path_about(self, query: str) -> GoldenPath | None:
        """The path that a question is clearly about: it contains at least half of the question's words."""
        matches = self._base.query_knowledge_base(query=query, top_k=1)
        about = [m.path for m in matches if self._base.share_of_words(query, m.path.id) >= _CLEARLY]
        return about[0] if about else None

    async def query_knowledge_base(
        self, *, query: str, top_k: int = 3, user_id: str | None = None
    ) -> Matches:
        """Return the paths that match a question, best first; by words only if the embeddings fail.

        Args:
            query: the question.
            top_k: maximum number of paths.
            user_id: the user whose quota of embeddings is used; None for the team's own servers.
        """
        similarity = await self._embeddings.similarity(query, user_id) if self._embeddings else None
        return self._base.query_knowledge_base(query=query, top_k=top_k, similarity=similarity)
