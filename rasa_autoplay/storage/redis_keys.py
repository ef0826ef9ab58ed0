"""What our keys and channels in Redis are called, and which partition a user belongs to."""

from __future__ import annotations

from urllib.parse import quote
from zlib import crc32

__all__ = ["GROUP", "PARTITIONS", "RedisNames", "partition_of"]

#: So many parts are the users divided into. Gateways and engines must agree, so it is no setting.
PARTITIONS = 16
#: Of consumers, on each partition's stream.
GROUP = "engines"


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

    @property
    def engines(self) -> str:
        """The engines that live, sorted by when they were last heard of."""
        return f"{self.prefix}engines"

    @property
    def run(self) -> str:
        """Tells one life of Redis's data from the next: its id, and how far back the engines look."""
        return f"{self.prefix}run"

    @property
    def gateways(self) -> str:
        """The channel on which all gateways listen."""
        return f"{self.prefix}gateways"

    def gateway(self, gateway_id: str) -> str:
        """The channel on which one gateway listens."""
        return f"{self.prefix}gateway:{gateway_id}"

    def health(self, engine_id: str) -> str:
        """What an engine says of itself."""
        return f"{self.prefix}health:{engine_id}"

    def once(self, what: str) -> str:
        """Held by the gateway that does what only one may do."""
        return f"{self.prefix}once:{what}"

    def up(self, partition: int) -> str:
        """The stream of what the gateways report of a partition's users."""
        return f"{self.prefix}up:{partition}"

    def next_number(self, gateway_id: str) -> str:
        """The number of the next message that a gateway has to send."""
        return f"{self.prefix}next:{gateway_id}"

    def user_of_session(self, session_id: str) -> str:
        """Whose session it is, for a gateway that meets it without its user."""
        return f"{self.prefix}whose:{session_id}"

    def owner_of_chat(self, session_id: str) -> str:
        """Who opened a chat session."""
        return f"{self.prefix}chat:{session_id}"

    def user_of_offer(self, offer_id: str) -> str:
        """Whose offer it is, for receipts that name no user."""
        return f"{self.prefix}offer:{offer_id}"

    def session(self, partition: int, session: str) -> str:
        """A session's snapshot, written by the partition's owner only."""
        return f"{self.prefix}session:{partition}:{session}"

    def sessions(self, partition: int) -> str:
        """A partition's sessions, sorted by when they were last active."""
        return f"{self.prefix}sessions:{partition}"

    def user_sessions(self, user_id: str) -> str:
        """A user's sessions, sorted by when they were last active."""
        return f"{self.prefix}user:{user_id}"
