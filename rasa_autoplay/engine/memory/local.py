"""Stores user memory in this process, for simulations and tests."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rasa_autoplay.engine.memory.analysis import SessionAnalysis
from rasa_autoplay.engine.memory.base import SessionRecord, UserKey

__all__ = ["LocalMemoryStore"]


class LocalMemoryStore:
    """Stores sessions until the process ends."""

    problem = ""

    def __init__(self) -> None:
        self._records: dict[UserKey, dict[str, SessionRecord]] = {}

    @property
    def users(self) -> list[UserKey]:
        """All users with sessions, in order of appearance."""
        return list(self._records)

    async def save(self, records: Sequence[SessionRecord]) -> bool:
        """Store records, replacing those of the same sessions."""
        for record in records:
            found = record.analysis
            self._records.setdefault((found.product_id, found.user_id), {})[found.session_id] = record
        return True

    async def recall(self, users: Sequence[UserKey]) -> dict[UserKey, list[SessionRecord]]:
        """Return all sessions of each user, newest first."""
        return {user: self._of(user) for user in users}

    async def describe(self, analysis: SessionAnalysis, words: str) -> bool:
        """Add a description to a session, unless it is gone or has continued."""
        records = self._records.get((analysis.product_id, analysis.user_id), {})
        record = records.get(analysis.session_id)
        if record is None or record.analysis.ended_at != analysis.ended_at:
            return False
        described = msgspec.structs.replace(record.analysis, words=words)
        records[analysis.session_id] = SessionRecord(described, record.evidence)
        return True

    async def forget(self, user: UserKey) -> int:
        """Delete all sessions of a user; return their number."""
        return len(self._records.pop(user, {}))

    async def forget_before(self, cutoff: float) -> int:
        """Delete sessions that ended before ``cutoff`` (epoch seconds); return their number."""
        old = [
            (user, session_id)
            for user, sessions in self._records.items()
            for session_id, record in sessions.items()
            if record.analysis.ended_at < cutoff
        ]
        for user, session_id in old:
            del self._records[user][session_id]
        return len(old)

    async def close(self) -> None:
        """Do nothing: there are no pending operations."""

    def _of(self, user: UserKey) -> list[SessionRecord]:
        records = self._records.get(user, {}).values()
        return sorted(records, key=lambda record: record.analysis.ended_at, reverse=True)
