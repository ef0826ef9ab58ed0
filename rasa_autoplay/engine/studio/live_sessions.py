"""Lists the live sessions for the studio: a short row for each, and details of those that are in view."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.state import AgentStateV2, SessionState, ToursById
from rasa_autoplay.engine.studio.latest_decisions import LatestDecisions
from rasa_autoplay.engine.studio.nearest_trigger import NearestTrigger
from rasa_autoplay.link.answers import JsonObject, SessionsFound

__all__ = ["LiveSessions"]

#: The sparkline of a session has this many points, over the window's lookback.
_POINTS = 20


class LiveSessions:
    """Describes live sessions. It is asked only while somebody looks, and keeps nothing.

    Args:
        product_id: the product's id.
        sessions: the live sessions of this engine.
        nearest: finds the trigger that is nearest to firing.
        latest: knows the latest decisions.
        tours: the tours, by id.
        lookback_s: how far back the window of a session goes, in seconds.
        clock: epoch seconds.
    """

    def __init__(
        self,
        product_id: str,
        sessions: SessionStore,
        nearest: NearestTrigger,
        latest: LatestDecisions,
        tours: ToursById,
        lookback_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._product_id = product_id
        self._sessions = sessions
        self._nearest = nearest
        self._latest = latest
        self._tours = tours
        self._lookback_s = lookback_s
        self._clock = clock

    async def find(self, limit: int, details: int) -> SessionsFound:
        """Return rows of the sessions that were active last, newest first.

        Args:
            limit: at most this many rows.
            details: how many of the first rows have details.

        Returns:
            A row has ``session_id``, ``user_id`` (null for an anonymous visitor),
            ``page``, ``source``, ``state`` (of the FSM), ``actions`` (of the whole session), ``began_at``
            and ``active_at``.
        """
        now, time_slice = self._clock(), TimeSlice()
        rows: list[dict[str, Any]] = []
        for session in heapq.nlargest(limit, self._sessions, key=attrgetter("active_at")):
            rows.append(_row(session))
            await time_slice.yield_if_due()
        described = await self.describe([str(row["session_id"]) for row in rows[: max(details, 0)]])
        by_id: dict[str, dict[str, Any]] = {each["session_id"]: each for each in described.sessions}
        sessions = [{**row, **by_id.get(row["session_id"], {})} for row in rows]
        return SessionsFound(now, sessions, len(self._sessions))

    async def describe(self, session_ids: Sequence[str]) -> SessionsFound:
        """Return the details of some sessions; those that have ended are left out.

        Returns:
            A session has the fields of its row, ``activity`` (``{bucket_s, counts}``, the
            number of actions in each stretch of the window, oldest first), ``quiet_until`` (the FSM allows no
            offer before that time; null if it does, or if only an event can change that), ``nearest`` (see
            :class:`NearestTrigger`) and ``last`` (the latest decision; see :class:`LatestDecisions`).
        """
        now, time_slice = self._clock(), TimeSlice()
        described: list[dict[str, Any]] = []
        for session_id in session_ids:
            session = await self._sessions.find((self._product_id, session_id))
            if session is not None:
                described.append(self._details(session, now))
            await time_slice.yield_if_due()
        return SessionsFound(now, described)

    def _details(self, session: Session, now: float) -> JsonObject:
        state = session.state_at(self._tours, now)
        return {
            **_row(session),
            "state": (state.current_state if state else AgentStateV2.THINKING).value,
            "quiet_until": None if state is None or state.can_deliver_proactive()[0] else self._next(state),
            "activity": {"bucket_s": self._lookback_s / _POINTS, "counts": self._activity(session, now)},
            "nearest": self._nearest.of(session, now),
            "last": self._latest.of(session.key[1], session.user_id),
        }

    def _next(self, state: SessionState) -> float | None:
        return state.next_change_at(self._tours)

    def _activity(self, session: Session, now: float) -> list[int]:
        counts = [0] * _POINTS
        since = now - self._lookback_s
        for action in session.window.between(since, now):
            place = int((action.timestamp_start - since) / self._lookback_s * _POINTS)
            counts[min(place, _POINTS - 1)] += 1
        return counts


def _row(session: Session) -> JsonObject:
    return {
        "session_id": session.key[1],
        "user_id": session.user_id,
        "page": session.window.page(),
        "source": session.source,
        "state": (session.state.current_state if session.was_spoken_to else AgentStateV2.THINKING).value,
        "actions": session.action_count,
        "began_at": session.began_at,
        "active_at": session.active_at,
    }
