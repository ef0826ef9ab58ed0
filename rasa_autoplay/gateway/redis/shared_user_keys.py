"""Deletes the keys in Redis whose value is a user: of sessions, chats and offers."""

from __future__ import annotations

from rasa_autoplay.link.redis.publish_events import unreachable
from rasa_autoplay.storage.redis import REDIS_FAILURES, RedisConnection
from rasa_autoplay.storage.redis_keys import RedisNames

__all__ = ["SharedUserKeys"]

_KEYS_AT_ONCE = 500


class SharedUserKeys:
    """The keys by which gateways and engines find the user of something.

    Args:
        connection: to Redis.
        names: the names of the keys.
    """

    def __init__(self, connection: RedisConnection, names: RedisNames) -> None:
        self._connection = connection
        self._names = names

    async def forget(self, user_id: str) -> int:
        """Delete the keys of a user; return how many.

        It reads all keys of these kinds. That takes about a second for a million keys, but it is rare.

        Raises:
            EngineUnreachable: Redis is away.
        """
        try:
            return sum([await self._forget(pattern, user_id.encode()) for pattern in self._names.with_a_user])
        except REDIS_FAILURES as failure:
            raise unreachable(self._connection, failure) from None

    async def _forget(self, pattern: str, user: bytes) -> int:
        client, cursor, count = self._connection.client, 0, 0
        while True:
            cursor, keys = await client.scan(cursor, match=_escaped(pattern), count=_KEYS_AT_ONCE)
            if keys:
                values = await client.mget(keys)
                theirs = [key for key, value in zip(keys, values, strict=True) if value == user]
                if theirs:
                    count += int(await client.delete(*theirs))
            if not cursor:
                return count


def _escaped(pattern: str) -> str:
    """Escape what Redis would match in a product's name, but not the last character."""
    return "".join(f"\\{each}" if each in "[]?\\" else each for each in pattern[:-1]) + pattern[-1]
