"""Reads the figures of golden paths from the stored sessions, from a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.memory.sql.schema import migrate, sessions
from rasa_autoplay.engine.memory.stored_evidence import decode_evidence
from rasa_autoplay.engine.studio.path_figures import PathFigures, SessionKey, count_users
from rasa_autoplay.storage.report_reader import ReportReader

__all__ = ["MOST_SESSIONS", "PathReader", "PathReport"]

#: Of more stored sessions, only the newest are counted.
MOST_SESSIONS = 200_000
_MOST_S = 120.0
#: Rows that are held in memory at a time. After each batch, the other threads get their turn.
_BATCH = 500
_REST_S = 0.001


class PathReport(msgspec.Struct, frozen=True):
    """The figures of all golden paths.

    Args:
        at: when they were read, epoch seconds.
        users: users with stored sessions.
        sessions: the sessions that were counted.
        is_partial: whether there are older sessions, which were not counted.
        paths: by path id.
    """

    at: float
    users: int
    sessions: int
    is_partial: bool
    paths: dict[str, PathFigures]


class PathReader(ReportReader):
    """Reads the figures of golden paths.

    Args:
        url: an SQLAlchemy URL, ``database.url`` in ``autoplay.yml``.
        product_id: the product.

    Raises:
        ConfigError: the URL names no usable database.
    """

    def __init__(self, url: str, product_id: str) -> None:
        super().__init__(
            url,
            product_id,
            holds="user memory",
            without="There are no figures of golden paths without it.",
            prepare=migrate,
            most_s=_MOST_S,
        )

    async def read(self, paths: Sequence[GoldenPath]) -> PathReport | None:
        """Return the figures; None if they cannot be read, and ``problem`` says why."""
        return await self.run(lambda connection: self._read(connection, paths), None)

    def _read(self, connection: Any, paths: Sequence[GoldenPath]) -> PathReport:
        tracker = PathTracker(paths)
        users, number, counts = count_users(paths, self._newest(connection))
        wanted = dict.fromkeys(key for each in counts for key in each.sessions_to_read)
        evidence = dict(self._evidence(connection, wanted, tracker))
        return PathReport(
            at=time.time(),
            users=users,
            sessions=number,
            is_partial=number >= MOST_SESSIONS,
            paths={each.path.id: each.figures(users, evidence, tracker) for each in counts},
        )

    def _newest(self, connection: Any) -> Iterator[Any]:
        columns = sessions.c
        query = (
            sa.select(columns.user_id, columns.session_id, columns.findings)
            .where(columns.product_id == self._product_id)
            .order_by(columns.ended_at.desc())
            .limit(MOST_SESSIONS)
        )
        streaming = connection.execution_options(stream_results=True, max_row_buffer=_BATCH)
        for batch in streaming.execute(query).partitions(_BATCH):
            yield from map(tuple, batch)
            time.sleep(_REST_S)

    def _evidence(
        self, connection: Any, keys: Iterable[SessionKey], tracker: PathTracker
    ) -> Iterator[tuple[SessionKey, EvidenceByPath]]:
        of_session = sa.select(sessions.c.proofs).where(
            sessions.c.product_id == self._product_id,
            sessions.c.user_id == sa.bindparam("user"),
            sessions.c.session_id == sa.bindparam("session"),
        )
        for key in keys:
            stored = connection.execute(of_session, {"user": key.user_id, "session": key.session_id}).scalar()
            if stored:
                yield key, decode_evidence(stored, tracker)
