"""Stores in SQL which user owns a chat session, so that ownership survives a restart of the Rasa server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from rasa_autoplay.link.answers import ChatOwner
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.storage.database import Database
from rasa_autoplay.storage.migrations import Migrations

__all__ = ["SessionOwnerStore", "chat_owners"]

#: A user is waiting in the chat.
_WAIT_S = 1.0

chat_owners = sa.Table(
    "autoplay_chat_owners",
    sa.MetaData(),
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("session_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Text, nullable=False),
    sa.Column("used_at", sa.Float, nullable=False),
    sa.Index("autoplay_chat_owners_of_user", "product_id", "user_id"),
    sa.Index("autoplay_chat_owners_by_use", "used_at"),
)


def _create(connection: Any) -> None:
    chat_owners.create(connection, checkfirst=True)


_migrate = Migrations("autoplay_chat_owner_version", "The owners of chat sessions", [_create]).run


class SessionOwnerStore(Database):
    """Stores the owners of chat sessions.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product's id.
        clock: epoch seconds.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str, clock: Callable[[], float]) -> None:
        self._product_id = product_id
        self._clock = clock
        super().__init__(
            url,
            holds="chat owners",
            without="Chats continue in new sessions, and in sessions whose owner is known.",
            prepare=_migrate,
            wait_s=_WAIT_S,
        )

    async def owner_of_chat(self, session_id: str) -> ChatOwner:
        """Return the owner of a chat session; empty if it has none.

        Raises:
            EngineRefused: the database is not available.
        """
        return _answer(await self.run(lambda connection: self._find(connection, session_id), None))

    async def claim_chat(self, session_id: str, user_id: str) -> ChatOwner:
        """Make a user the owner of a session that has none; return the session's owner.

        Raises:
            EngineRefused: the database is not available.
        """

        def claim(connection: Any) -> str:
            owner, now = self._find(connection, session_id), self._clock()
            if owner:
                used = sa.update(chat_owners).where(*self._is(session_id)).values(used_at=now)
                connection.execute(used)
                return owner
            row = {"session_id": session_id, "user_id": user_id, "used_at": now}
            connection.execute(sa.insert(chat_owners).values(product_id=self._product_id, **row))
            return user_id

        return _answer(await self.run(claim, None))

    async def export(self, user_id: str) -> list[str] | None:
        """Return the ids of a user's chat sessions; None if they cannot be read."""
        statement = sa.select(chat_owners.c.session_id).where(*self._are_of(user_id))

        def read(connection: Any) -> list[str] | None:
            return [str(row[0]) for row in connection.execute(statement)]

        return await self.run(read, None)

    async def forget(self, user_id: str) -> int | None:
        """Delete everything about a user; return the number of sessions, or None if that fails."""
        return await self.delete(sa.delete(chat_owners).where(*self._are_of(user_id)))

    async def forget_before(self, cutoff: float) -> int | None:
        """Delete sessions last used before ``cutoff`` (epoch seconds); return how many, None on failure."""
        return await self.delete(sa.delete(chat_owners).where(chat_owners.c.used_at < cutoff))

    def _find(self, connection: Any, session_id: str) -> str:
        statement = sa.select(chat_owners.c.user_id).where(*self._is(session_id))
        return str(connection.execute(statement).scalar() or "")

    def _is(self, session_id: str) -> tuple[Any, Any]:
        return chat_owners.c.product_id == self._product_id, chat_owners.c.session_id == session_id

    def _are_of(self, user_id: str) -> tuple[Any, Any]:
        return chat_owners.c.product_id == self._product_id, chat_owners.c.user_id == user_id


def _answer(owner: str | None) -> ChatOwner:
    if owner is None:
        raise EngineRefused("unavailable", "the database of chat owners is not available")
    return ChatOwner(owner)
