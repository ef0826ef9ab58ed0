"""Owners of chat sessions in Redis, for several Rasa servers."""

from __future__ import annotations

from rasa_autoplay.errors import IdentityRefused
from rasa_autoplay.gateway.chat.session_owners import LocalSessionOwners
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames

__all__ = ["RedisSessionOwners"]

_REMEMBERED_S = 7 * 86_400


class RedisSessionOwners:
    """Asks Redis, and caches the owners that it knows.

    Args:
        connection: to Redis.
        names: the names of the keys.
    """

    def __init__(self, connection: RedisConnection, names: RedisNames) -> None:
        self._connection = connection
        self._names = names
        self._known = LocalSessionOwners()

    async def owner_of(self, session_id: str) -> str:
        """The user who owns a session; empty if it has no owner.

        Raises:
            IdentityRefused: Redis does not answer, so the owner is unknown.
        """
        known = await self._known.owner_of(session_id)
        if known:
            return known
        try:
            stored = await self._connection.client.get(self._names.owner_of_chat(session_id))
        except REDIS_FAILURES as failure:
            raise self._unknown(failure) from None
        return await self._known.claim(session_id, stored.decode()) if stored else ""

    async def claim(self, session_id: str, user_id: str) -> str:
        """Make a user the session's owner, unless it has one; returns the owner.

        Raises:
            IdentityRefused: Redis does not answer, so the owner is unknown.
        """
        known = await self._known.owner_of(session_id)
        if known:
            return known
        key = self._names.owner_of_chat(session_id)
        pipeline = self._connection.client.pipeline(transaction=True)
        pipeline.set(key, user_id, nx=True, ex=_REMEMBERED_S)
        pipeline.get(key)
        try:
            _, stored = await pipeline.execute()
        except REDIS_FAILURES as failure:
            raise self._unknown(failure) from None
        return await self._known.claim(session_id, stored.decode())

    async def claim_new(self, session_id: str, user_id: str) -> None:
        """Make a user the owner of a session that was just created, even if Redis does not answer."""
        try:
            await self.claim(session_id, user_id)
        except IdentityRefused:
            await self._known.claim(session_id, user_id)

    def _unknown(self, failure: BaseException) -> IdentityRefused:
        self._connection.report(failure)
        return IdentityRefused(
            "owner_unknown",
            "the owner of this chat session cannot be checked now",
            "Try again later: Redis does not answer.",
            kind="unavailable",
        )
