"""The contract of the store of user memory: one record for every session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rasa_autoplay.engine.memory.analysis import SessionAnalysis

__all__ = ["MemoryStore", "SessionRecord", "UserKey"]

#: Product id and user id.
UserKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as it is stored.

    Args:
        analysis: the analysis of the session.
        evidence: the step evidence as JSON, so that a restarted engine can continue the session.
    """

    analysis: SessionAnalysis
    evidence: str = "{}"


class MemoryStore(Protocol):
    """Stores sessions across restarts: one record for each product, user and session.

    No method raises if the database is not available; ``problem`` says what is wrong.
    """

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty if it works."""
        ...

    async def save(self, records: Sequence[SessionRecord]) -> bool:
        """Write records, replacing those of the same sessions; True once they are durable."""
        ...

    async def recall(self, users: Sequence[UserKey]) -> dict[UserKey, list[SessionRecord]] | None:
        """Return the latest sessions of each user, newest first, up to a limit; None if that fails."""
        ...

    async def describe(self, analysis: SessionAnalysis, words: str) -> bool:
        """Add a description to a stored session; False if it is gone, has continued, or on failure."""
        ...

    async def forget(self, user: UserKey) -> int | None:
        """Delete all sessions of a user; return their number, or None if that fails."""
        ...

    async def forget_before(self, cutoff: float) -> int | None:
        """Delete sessions that ended before ``cutoff`` (epoch seconds); return how many, None on failure."""
        ...

    async def close(self) -> None:
        """Finish pending operations, and close the database."""
        ...
