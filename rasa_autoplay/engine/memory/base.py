"""The contract of user memory's store: what stays of every session."""

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
        analysis: what it says.
        proofs: the actions that prove it, as ``memory.proofs.encode_proofs`` writes them, so that a session
            can be taken up again.
    """

    analysis: SessionAnalysis
    proofs: str = "{}"


class MemoryStore(Protocol):
    """Sessions, kept across restarts: one record for each product, user and session.

    Nothing here may raise because the database is away; ``problem`` says what is wrong.
    """

    @property
    def problem(self) -> str:
        """What is wrong with the database, for operators; empty while all is well."""
        ...

    async def save(self, records: Sequence[SessionRecord]) -> bool:
        """Write records in place of those of the same sessions; True when they are durable."""
        ...

    async def recall(self, users: Sequence[UserKey]) -> dict[UserKey, list[SessionRecord]] | None:
        """The newest sessions of each of these users, newest first and bounded; None when it fails."""
        ...

    async def describe(self, analysis: SessionAnalysis, words: str) -> bool:
        """Add words to a stored session, and nothing else; False when it is gone, has gone on, or fails."""
        ...

    async def forget(self, user: UserKey) -> int | None:
        """Delete all of a user's sessions; how many there were, None when it cannot be done."""
        ...

    async def forget_before(self, at: float) -> int | None:
        """Delete what ended before then (epoch seconds); how many there were, None when it cannot be done."""
        ...

    async def close(self) -> None:
        """Finish what was begun, and let the database go."""
        ...
