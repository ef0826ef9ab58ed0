"""Stores the drafts of golden paths in SQL, from one thread beside the event loop."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from rasa_autoplay.engine.path_drafts.sql.schema import migrate, path_drafts
from rasa_autoplay.link.answers import JsonObject
from rasa_autoplay.storage.database import Database

__all__ = ["MOST_DRAFTS", "SqlPathDrafts", "StoredDraft"]

#: The oldest are deleted beyond this number, and when they reach this age.
MOST_DRAFTS, LONGEST_S = 50, 30 * 86_400.0
_WAIT_S = 5.0

_encode = msgspec.json.Encoder().encode


class StoredDraft(msgspec.Struct, frozen=True):
    """A stored draft.

    Args:
        draft_id: random.
        made_at: epoch seconds.
        content: the golden path as in its file.
    """

    draft_id: str
    made_at: float
    content: JsonObject


class SqlPathDrafts(Database):
    """Stores the newest drafts of one product.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str) -> None:
        super().__init__(
            url,
            holds="drafts of golden paths",
            without="Drafts cannot be saved or read.",
            prepare=migrate,
            wait_s=_WAIT_S,
        )
        self._product_id = product_id
        self._own = path_drafts.c.product_id == product_id

    async def add(self, draft: StoredDraft) -> bool:
        """Store a draft and delete those that are too old or too many; True once it is durable."""
        row = {
            "draft_id": draft.draft_id,
            "product_id": self._product_id,
            "made_at": draft.made_at,
            "content": _encode(draft.content).decode(),
        }
        of_draft = path_drafts.c.draft_id == draft.draft_id
        newest = (
            sa.select(path_drafts.c.draft_id)
            .where(self._own)
            .order_by(path_drafts.c.made_at.desc(), path_drafts.c.draft_id)
            .limit(MOST_DRAFTS)
        )

        def write(connection: Any) -> bool:
            if connection.execute(sa.select(path_drafts.c.made_at).where(of_draft)).first() is None:
                connection.execute(sa.insert(path_drafts).values(row))
            kept = [each.draft_id for each in connection.execute(newest)]
            is_old = path_drafts.c.made_at < draft.made_at - LONGEST_S
            is_surplus = path_drafts.c.draft_id.notin_(kept)
            connection.execute(sa.delete(path_drafts).where(self._own, sa.or_(is_old, is_surplus)))
            return True

        return await self.run(write, False)

    async def all(self, now: float) -> list[StoredDraft] | None:
        """Return the drafts, newest first; None if they cannot be read.

        Args:
            now: epoch seconds.
        """
        query = (
            sa.select(path_drafts.c.draft_id, path_drafts.c.made_at, path_drafts.c.content)
            .where(self._own, path_drafts.c.made_at >= now - LONGEST_S)
            .order_by(path_drafts.c.made_at.desc(), path_drafts.c.draft_id)
        )
        return await self.run(lambda connection: [_draft_of(row) for row in connection.execute(query)], None)

    async def delete(self, draft_id: str) -> bool | None:
        """Delete a draft; return whether there was one, or None if the database does not work."""
        query = sa.delete(path_drafts).where(self._own, path_drafts.c.draft_id == draft_id)
        return await self.run(lambda connection: bool(connection.execute(query).rowcount), None)


def _draft_of(row: Any) -> StoredDraft:
    return StoredDraft(row.draft_id, row.made_at, msgspec.json.decode(row.content))
