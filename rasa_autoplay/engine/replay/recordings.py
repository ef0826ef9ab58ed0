"""Answers questions about recorded sessions: which there are, what happened, and why at a moment.

It reads only the database, so any engine can answer. Replays run in a thread of their own, one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

from rasa_autoplay.engine.changes.base import ChangeLog
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.timeline import offer_timelines
from rasa_autoplay.engine.recording.base import RecordingReader
from rasa_autoplay.engine.recording.row import RecordedSession, RecordingRow
from rasa_autoplay.engine.replay.nearness import nearness_of
from rasa_autoplay.engine.replay.past_explanation import explain_moment
from rasa_autoplay.engine.replay.quiet_log import run_quietly
from rasa_autoplay.engine.replay.recorded_replay import ReplayMaterial
from rasa_autoplay.engine.replay.session_timeline import timeline_of
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.settings.remedy_lines import yaml_example

__all__ = ["MAX_COLUMNS", "RecordingParts", "Recordings"]

_ResultT = TypeVar("_ResultT")

MAX_COLUMNS = 400
_MOST_ROWS = 50_000
_OFF_REMEDY = "Add to autoplay.yml, and restart the engine:\n" + yaml_example("recording.keep", "7d")


class RecordingParts(NamedTuple):
    """What recordings are read with; these parts outlive a version of the files.

    Args:
        reader: the recorded rows.
        ledger: all offers, and the receipts.
        changes: the log of changes, which knows the pauses.
        threads: runs replays beside the event loop.
        clock: epoch seconds.
    """

    reader: RecordingReader
    ledger: OfferLedger
    changes: ChangeLog
    threads: ThreadPoolExecutor
    clock: Callable[[], float]


class Recordings:
    """The recorded sessions of a product, by one version of the files.

    Args:
        configuration: the files in force.
        parts: what recordings are read with.
    """

    def __init__(self, configuration: Configuration, parts: RecordingParts) -> None:
        self._configuration = configuration
        self._product_id = configuration.settings.product_id
        self._parts = parts

    async def sessions_of(self, product_id: str, user_id: str) -> dict[str, Any]:
        """Return a user's recorded sessions.

        Returns:
            ``{product_id, user_id, keep_s, sessions}``. ``sessions`` are the newest 200, newest first, each
            ``{session_id, began_at, ended_at, actions, decisions}``.

        Raises:
            EngineRefused: nothing is recorded, the product is another one, or the database does not work.
        """
        keep_s = self._check(product_id)
        found = await self._sessions(user_id)
        return {
            "product_id": product_id,
            "user_id": user_id,
            "keep_s": keep_s,
            "sessions": [session._asdict() for session in found],
        }

    async def timeline(self, product_id: str, user_id: str, session_id: str) -> dict[str, Any]:
        """Return what happened in a session.

        Returns:
            ``{product_id, user_id, session_id}`` with the keys of :func:`timeline_of`, and ``offers``: the
            offers of the session, oldest first, each as :func:`offer_timelines` returns it.

        Raises:
            EngineRefused: as in :meth:`sessions_of`, or the session is not recorded.
        """
        self._check(product_id)
        await self._find(user_id, session_id)
        rows = await self._rows([session_id])
        history = await self._parts.ledger.history(product_id, user_id)
        offers = [offer for offer in reversed(history) if offer.session_id == session_id]
        return {
            "product_id": product_id,
            "user_id": user_id,
            "session_id": session_id,
            **timeline_of([row for row in rows if row.user_id in ("", user_id)]),
            "offers": await offer_timelines(self._parts.ledger, offers),
        }

    async def nearness(self, product_id: str, user_id: str, session_id: str, columns: int) -> dict[str, Any]:
        """Return how near each trigger was to firing over time; see :func:`nearness_of`.

        Args:
            product_id: the product's id.
            user_id: the user.
            session_id: the session.
            columns: into how many parts the session is divided, at most 400.

        Raises:
            EngineRefused: as in :meth:`timeline`.
        """
        self._check(product_id)
        material = await self._material(user_id, session_id)
        wanted = min(max(columns, 1), MAX_COLUMNS)
        found = await self._replayed(lambda: nearness_of(material, self._configuration, session_id, wanted))
        return {"product_id": product_id, "user_id": user_id, "session_id": session_id, **found}

    async def explain(self, user_id: str, session_id: str, at: float) -> dict[str, Any]:
        """Explain every trigger as of a time; see :func:`explain_moment`.

        Args:
            user_id: the user.
            session_id: the session; empty for the one that was active last at that time.
            at: epoch seconds; 0, and a time in the future, count as now.

        Raises:
            EngineRefused: as in :meth:`timeline`, or the session had not begun at that time.
        """
        self._check(self._product_id)
        now = self._parts.clock()
        until = min(at or now, now)
        session_id = session_id or await self._active_at(user_id, until)
        material = await self._material(user_id, session_id, until)
        if all(row.session_id != session_id for row in material.rows):
            raise EngineRefused("not_found", "at that time, the session had not begun")
        return await self._replayed(
            lambda: explain_moment(material, self._configuration, user_id, session_id, until)
        )

    def _check(self, product_id: str) -> float:
        settings = self._configuration.settings.recording
        if product_id != self._product_id:
            raise EngineRefused("not_found", f"there is no product {product_id[:64]!r} here")
        if settings is None:
            raise EngineRefused("not_found", "sessions are not recorded", _OFF_REMEDY)
        return settings.keep

    async def _sessions(self, user_id: str) -> list[RecordedSession]:
        return _read(await self._parts.reader.sessions_of(user_id))

    async def _find(self, user_id: str, session_id: str) -> list[RecordedSession]:
        """Return the user's sessions, among which is that one."""
        found = await self._sessions(user_id)
        if not any(session.session_id == session_id for session in found):
            raise EngineRefused("not_found", f"the user has no recorded session {session_id[:64]!r}")
        return found

    async def _active_at(self, user_id: str, at: float) -> str:
        found = [session for session in await self._sessions(user_id) if session.began_at <= at]
        if not found:
            raise EngineRefused("not_found", "the user has no recorded session at that time")
        return max(found, key=lambda session: min(session.ended_at, at)).session_id

    async def _material(self, user_id: str, session_id: str, until: float | None = None) -> ReplayMaterial:
        """Read a session, with the sessions of the same user that were live at the same time."""
        sessions = await self._find(user_id, session_id)
        idle_s = self._configuration.settings.session.idle_timeout
        ids = _overlapping(sessions, session_id, idle_s)
        rows = await self._rows(ids, until)
        offers = await self._parts.ledger.history(self._product_id, user_id)
        entries = _read(await self._parts.changes.pauses(self._product_id))
        return ReplayMaterial(rows, offers, entries.changes or [])

    async def _rows(self, session_ids: Sequence[str], until: float | None = None) -> list[RecordingRow]:
        rows = _read(await self._parts.reader.rows_of(session_ids, until, _MOST_ROWS + 1))
        if len(rows) > _MOST_ROWS:
            raise EngineRefused("too_many", f"more than {_MOST_ROWS:,} events are recorded of this time")
        return rows

    async def _replayed(self, replay: Callable[[], Coroutine[Any, Any, _ResultT]]) -> _ResultT:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._parts.threads, run_quietly, replay)


def _read(found: _ResultT | None) -> _ResultT:
    if found is None:
        raise EngineRefused(
            "unavailable",
            "the database of recorded sessions is not available",
            "The health of the channel names the reason.",
        )
    return found


def _overlapping(sessions: Sequence[RecordedSession], session_id: str, idle_s: float) -> list[str]:
    """Return that session and all that were live at the same time as one of them."""
    chosen = [one for one in sessions if one.session_id == session_id]
    left = [one for one in sessions if one.session_id != session_id]
    while more := [one for one in left if any(_overlap(one, other, idle_s) for other in chosen)]:
        chosen += more
        left = [one for one in left if one not in more]
    return [one.session_id for one in chosen]


def _overlap(one: RecordedSession, other: RecordedSession, idle_s: float) -> bool:
    return one.began_at <= other.ended_at + idle_s and other.began_at <= one.ended_at + idle_s
