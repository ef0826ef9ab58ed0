"""Answers requests for a user's memory, from servers and operators with the admin key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.memory.base import MemoryStore
from rasa_autoplay.engine.memory.stored_history import HistoryReader
from rasa_autoplay.link.base import EngineRefused

__all__ = ["MemoryQueries"]


class MemoryQueries:
    """Answers requests for a user's memory.

    Args:
        product_id: id of the product.
        paths: all golden paths.
        store: stores the sessions.
    """

    def __init__(self, product_id: str, paths: Sequence[GoldenPath], store: MemoryStore) -> None:
        self._product_id = product_id
        self._reader = HistoryReader(PathTracker(paths))
        self._store = store

    async def user_memory(self, product_id: str, user_id: str) -> dict[str, Any]:
        """Return the user's memory in the vendor's format; an unknown user has touched no workflow.

        Raises:
            EngineRefused: the product is not this engine's, or the database is not available.
        """
        if product_id != self._product_id:
            raise EngineRefused("not_found", f"there is no product {product_id[:64]!r} here")
        found = await self._store.recall([(product_id, user_id)])
        if found is None:
            raise EngineRefused(
                "unavailable", "user memory is not available", "The health of the channel names the reason."
            )
        return self._reader.memory_of([record.analysis for record in found[product_id, user_id]]).as_dict()
