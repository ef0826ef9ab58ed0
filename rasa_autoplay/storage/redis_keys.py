"""Names of the keys and channels in Redis, and the partition of a user."""

from __future__ import annotations

from urllib.parse import quote
from zlib import crc32

__all__ = ["GROUP", "PARTITIONS", "RedisNames", "partition_of"]

#: The number of partitions of users. It is not a setting, because gateways and engines must agree.
PARTITIONS = 16
#: The consumer group on each partition's stream.
GROUP = "engines"


def partition_of(name: str) -> int:
    """Return the partition of a user, or of a session without a known user: 0 to ``PARTITIONS`` - 1."""
    return crc32(name.encode("utf-8", "surrogatepass")) % PARTITIONS


class RedisNames:
    """Names for one product. Several products and other programs can share a server.

    Args:
        product_id: the product.
    """

    def __init__(self, product_id: str) -> None:
        # Quoted, so that a product's name cannot contain the separator.
        self.prefix = f"autoplay:{quote(product_id, safe='')}:"

    def lease(self, partition: int) -> str:
        """Holds the id of the engine that owns a partition."""
        return f"{self.prefix}lease:{partition}"

    @property
    def engines(self) -> str:
        """The live engines, sorted by their last heartbeat."""
        return f"{self.prefix}engines"

    @property
    def run(self) -> str:
        """Identifies this lifetime of Redis's data: its id, and the engines' lookback."""
        return f"{self.prefix}run"

    @property
    def gateways(self) -> str:
        """The channel that all gateways subscribe to."""
        return f"{self.prefix}gateways"

    def gateway(self, gateway_id: str) -> str:
        """The channel that one gateway subscribes to."""
        return f"{self.prefix}gateway:{gateway_id}"

    def health(self, engine_id: str) -> str:
        """An engine's health."""
        return f"{self.prefix}health:{engine_id}"

    def once(self, what: str) -> str:
        """The lock of the gateway that runs a job which only one may run."""
        return f"{self.prefix}once:{what}"

    def up(self, partition: int) -> str:
        """The stream of messages from gateways to the owner of a partition."""
        return f"{self.prefix}up:{partition}"

    def next_number(self, gateway_id: str) -> str:
        """The number of the next message that a gateway sends."""
        return f"{self.prefix}next:{gateway_id}"

    def user_of_session(self, session_id: str) -> str:
        """The user of a session, for a gateway that sees the session without its user."""
        return f"{self.prefix}whose:{session_id}"

    def owner_of_chat(self, session_id: str) -> str:
        """Who opened a chat session."""
        return f"{self.prefix}chat:{session_id}"

    def user_of_offer(self, offer_id: str) -> str:
        """The user of an offer, for receipts without a user."""
        return f"{self.prefix}offer:{offer_id}"

    def session(self, partition: int, session: str) -> str:
        """A session's snapshot. Only the partition's owner writes it."""
        return f"{self.prefix}session:{partition}:{session}"

    def sessions(self, partition: int) -> str:
        """A partition's sessions, sorted by last activity."""
        return f"{self.prefix}sessions:{partition}"

    @property
    def with_a_user(self) -> tuple[str, ...]:
        """Patterns of the keys whose value is a user's id."""
        return (self.user_of_session("*"), self.owner_of_chat("*"), self.user_of_offer("*"))

    def user_sessions(self, user_id: str) -> str:
        """A user's sessions, sorted by last activity."""
        return f"{self.prefix}user:{user_id}"
