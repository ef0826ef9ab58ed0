"""User memory in this process: for simulations and tests, which need no database."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rasa_autoplay.engine.memory.analysis import SessionAnalysis
from rasa_autoplay.engine.memory.base import SessionRecord, UserKey

__all__ = ["LocalMemoryStore"]


class LocalMemoryStore:
    """Sessions that are forgotten with the process."""

    problem = ""

    def __init__(self) -> None:
        self._records: dict[UserKey, dict[str, SessionRecord]] = {}

    @property
    def users(self) -> list[UserKey]:
        """Everybody of whom there is something, in the order in which they came."""
        return list(self._records)

    async def save(self, records: Sequence[SessionRecord]) -> bool:
        """Keep records in place of those of the same sessions."""
        for record in records:
            found = record.analysis
            self._records.setdefault((found.product_id, found.user_id), {})[found.session_id] = record
        return True

    async def recall(self, users: Sequence[UserKey]) -> dict[UserKey, list[SessionRecord]]:
        """All sessions of each of these users, newest first."""
        return {user: self._of(user) for user in users}

    async def describe(self, analysis: SessionAnalysis, words: str) -> bool:
        """Add words to a session, unless it is gone or has gone on since."""
        records = self._records.get((analysis.product_id, analysis.user_id), {})
        record = records.get(analysis.session_id)
        if record is None or record.analysis.ended_at != analysis.ended_at:
            return False
        described = msgspec.structs.replace(record.analysis, words=words)
        records[analysis.session_id] = SessionRecord(described, record.proofs)
        return True

    async def forget(self, user: UserKey) -> int:
        """Delete all of a user's sessions; how many there were."""
        return len(self._records.pop(user, {}))

    async def forget_before(self, at: float) -> int:
        """Delete what ended before then (epoch seconds); how many there were."""
        old = [
            (user, session_id)
            for user, sessions in self._records.items()
            for session_id, record in sessions.items()
            if record.analysis.ended_at < at
        ]
        for user, session_id in old:
            del self._records[user][session_id]
        return len(old)

    async def close(self) -> None:
        """Nothing is under way, and nothing is kept elsewhere."""

    def _of(self, user: UserKey) -> list[SessionRecord]:
        records = self._records.get(user, {}).values()
        return sorted(records, key=lambda record: record.analysis.ended_at, reverse=True)
