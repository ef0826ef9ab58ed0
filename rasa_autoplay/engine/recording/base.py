"""The contracts of the store of recorded sessions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from rasa_autoplay.engine.recording.row import NumberedRow, RecordedSession, RecordingRow

__all__ = ["RecordingReader", "RecordingStore"]


class RecordingStore(Protocol):
    """Stores the rows of one product.

    No method raises if the database is not available; ``problem`` says what is wrong.
    """

    problem: str

    async def append(self, run_id: str, rows: Callable[[], Sequence[NumberedRow]]) -> bool:
        """Add rows, except for those that are stored already; True once they are durable.

        Args:
            run_id: the engine's run.
            rows: returns them in the order of their numbers; called beside the event loop, because encoding
                takes time.
        """

    async def count_entries(self) -> int | None:
        """Return how many actions, decisions and events are recorded; None if that fails."""

    async def forget_before(self, cutoff: float) -> int | None:
        """Delete the rows before ``cutoff`` (epoch seconds); return how many, None if that fails."""

    async def drop_oldest(self, max_entries: int) -> int | None:
        """Delete the oldest rows beyond a number of entries; return how many entries, None if that fails."""


class RecordingReader(Protocol):
    """Reads the rows of one product. Every method returns None if they cannot be read."""

    async def sessions_of(self, user_id: str) -> list[RecordedSession] | None:
        """Return a user's recorded sessions, newest first, up to a limit."""

    async def rows_of(
        self, session_ids: Sequence[str], until: float | None = None, limit: int = ...
    ) -> list[RecordingRow] | None:
        """Return the rows of sessions, in order.

        Args:
            session_ids: the sessions.
            until: no rows after this time, epoch seconds; None for all.
            limit: at most this many rows.
        """
