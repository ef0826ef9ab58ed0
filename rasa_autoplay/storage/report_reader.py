"""Reads reports of one product from the database; they may take minutes, and closing cuts them off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_autoplay.storage.database import Database

__all__ = ["ReportReader"]


class ReportReader(Database):
    """A database for reports, on a thread of its own, so that toasts never wait for one.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product.
        holds: describes the content, for the log.
        without: describes how the engine continues without the database, for the log.
        prepare: creates the tables.
        most_s: a report that takes longer is cut off, in seconds.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(
        self,
        url: str,
        product_id: str,
        holds: str,
        without: str,
        prepare: Callable[[Any], None],
        most_s: float,
    ) -> None:
        super().__init__(url, holds, without, prepare, wait_s=most_s, abort_s=most_s)
        self._product_id = product_id

    async def close(self) -> None:
        """Cut off what is being read, and disconnect."""
        self._abort()
        await super().close()
