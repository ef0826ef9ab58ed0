"""The contract of the store of consents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

__all__ = ["Consent", "ConsentStore"]


class Consent(NamedTuple):
    """A user's consent.

    Args:
        user_id: the user.
        given_at: when it was given, epoch seconds.
        version: which text the user agreed to, in the team's own words; may be empty.
    """

    user_id: str
    given_at: float
    version: str


class ConsentStore(Protocol):
    """Stores who has given consent. A withdrawal removes the row, so that nothing names the user."""

    problem: str

    async def find(self, user_ids: Sequence[str]) -> dict[str, float] | None:
        """Return when these users gave consent, for those who did; None if that cannot be read."""
        ...

    async def give(self, consent: Consent) -> float | None:
        """Store a consent; return when the user first gave it, None if that fails."""
        ...

    async def export(self, user_id: str) -> list[Any] | None:
        """Return a user's consent for JSON; None if it cannot be read."""
        ...

    async def forget(self, user_id: str) -> int | None:
        """Delete a user's consent; return the number of rows, None on failure."""
        ...
