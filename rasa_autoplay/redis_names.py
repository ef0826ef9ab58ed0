"""What our keys and channels in Redis are called, and which partition a user belongs to."""

from __future__ import annotations

from urllib.parse import quote
from zlib import crc32

__all__ = ["PARTITIONS", "RedisNames", "partition_of"]

#: So many parts are the users divided into. Doors and engines must agree, so it is no setting.
PARTITIONS = 16


def partition_of(name: str) -> int:
    """The partition of a user, or of a session whose user is not known: 0 to ``PARTITIONS`` - 1."""
    return crc32(name.encode("utf-8", "surrogatepass")) % PARTITIONS


class RedisNames:
    """Names within one product; several products, and other programs, can share a server.

    Args:
        product_id: whose app.
    """

    def __init__(self, product_id: str) -> None:
        # Quoted, so that no product's name can run into the next part.
        self.prefix = f"autoplay:{quote(product_id, safe='')}:"

    def lease(self, partition: int) -> str:
        """Holds the id of the engine that owns a partition."""
        return f"{self.prefix}lease:{partition}"

    def session(self, partition: int, session: str) -> str:
        """A session's snapshot, written by the partition's owner only."""
        return f"{self.prefix}session:{partition}:{session}"

    def sessions(self, partition: int) -> str:
        """A partition's sessions, sorted by when they were last active."""
        return f"{self.prefix}sessions:{partition}"

    def user_sessions(self, user_id: str) -> str:
        """A user's sessions, sorted by when they were last active."""
        return f"{self.prefix}user:{user_id}"
