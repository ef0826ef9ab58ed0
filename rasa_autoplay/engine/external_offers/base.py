"""The contract of the store of keyed requests, with which a retry gets the same answer."""

from __future__ import annotations

from typing import NamedTuple, Protocol

__all__ = ["KeyedRequest", "RequestStore"]


class KeyedRequest(NamedTuple):
    """A request that came with a key.

    Args:
        key: its key.
        fingerprint: identifies its content.
        user_id: the user whom the offer is for.
        offer_id: the id that its offer gets, decided before the offer is made.
        engine_id: the engine that answers it.
        claimed_at: when that engine began, epoch seconds.
        answer: the answer as JSON; empty while there is none.
    """

    key: str
    fingerprint: str
    user_id: str
    offer_id: str
    engine_id: str
    claimed_at: float
    answer: str = ""


class RequestStore(Protocol):
    """Stores requests with a key, for a day."""

    async def claim(self, request: KeyedRequest) -> KeyedRequest | None:
        """Store a request if its key is new; return the stored request of that key, None if that fails."""
        ...

    async def take_over(self, known: KeyedRequest, engine_id: str, now: float) -> bool | None:
        """Claim a request that has no answer, unless another engine has; None if that fails."""
        ...

    async def settle(self, key: str, answer: str) -> bool:
        """Store the answer; False if that fails."""
        ...

    async def release(self, key: str, engine_id: str) -> bool:
        """Forget a request that was not carried out; False if that fails."""
        ...
