"""Skips what changes no decision, because the recording tells what happens next.

Nearly all actions of a recording matter to no trigger: until the next moment at which one could fire, a
session only collects them. They are added to it together, and no trigger is asked before that moment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import EngineCore
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.replay.moment import NumberedMoment
from rasa_autoplay.engine.replay.possible_fires import PossibleFires
from rasa_autoplay.engine.replay.replay_timers import ReplayTimers
from rasa_autoplay.engine.sessions.base import SessionTimer
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.events.models import ActionsPayload, SlimAction

__all__ = ["Foresight"]


class Foresight:
    """What is known about the next moments of users.

    Args:
        configuration: the triggers.
        core: the parts that replay.
        timers: their timers.
        tracker: knows which actions prove steps of golden paths.
    """

    def __init__(
        self, configuration: Configuration, core: EngineCore, timers: ReplayTimers, tracker: PathTracker
    ) -> None:
        self._possible = PossibleFires(configuration.evaluated_triggers)
        self._core, self._timers, self._tracker = core, timers, tracker
        self._courses: Mapping[SessionKey, Course] = {}
        #: The session that collects actions, and the time before which it matters to no trigger.
        self._collecting: tuple[SessionKey, float] | None = None
        core.driver.postpones = self.postpones

    def begin(self, courses: Mapping[SessionKey, Course]) -> None:
        """Look ahead in other sessions from now on.

        Args:
            courses: the sessions that can be foreseen.
        """
        self._courses = courses
        self.forget()

    def forget(self) -> None:
        """Look ahead anew, because something else has happened than actions that were skipped."""
        self._collecting = None

    async def skip(self, moments: Sequence[NumberedMoment], first: int, now: float, before: float) -> int:
        """Add the next actions of a session, as far as they change no decision.

        Args:
            moments: the moments of some users, in order of time.
            first: the place of the next one.
            now: epoch seconds.
            before: when something else than an action happens next, epoch seconds.

        Returns:
            The place of the first moment that was not added.
        """
        payload = moments[first][2]
        key = payload.product_id, payload.session_id or ""
        if key not in self._courses:
            return first
        session = self._core.sessions.at_hand(key, payload.user_id or "")
        if session is None or session.user_history is None or session.triggers.waiting_since:
            return first
        until = min(self._matters_at(session, now), before)
        past = self._end_of_run(moments, first, session, until)
        if past > first:
            run = [moments[place][2] for place in range(first, past)]
            await self._extend(session, run, moments[past - 1][1])
        return past

    def postpones(self, session: Session, now: float) -> bool:
        """Schedule the next moment at which a trigger could fire; False if one could fire now.

        Args:
            session: a session that has room for an offer.
            now: epoch seconds.
        """
        course = self._courses.get(session.key)
        if course is None:
            return False
        at, by_time = self._possible.next_in(session, course, now)
        if at <= now:
            return False
        self._core.driver.wait_for(session, at if by_time else None)
        self._timers.foresee((SessionTimer.EVALUATE, session.key))
        self._collecting = session.key, at
        return True

    def _matters_at(self, session: Session, now: float) -> float:
        """Return when the session could matter to a trigger next, epoch seconds."""
        if self._collecting is None or self._collecting[0] != session.key:
            if self._core.driver.waits_for_room(session):
                self._collecting = session.key, math.inf
            elif session.deciding or not (session.all_asked and self.postpones(session, now)):
                return now
        return self._collecting[1] if self._collecting else now

    def _end_of_run(
        self, moments: Sequence[NumberedMoment], first: int, session: Session, until: float
    ) -> int:
        """Return the place of the first moment that does more than to add a plain action, or is too late."""
        session_id, is_proof = session.key[1], self._tracker.is_proof
        for place in range(first, len(moments)):
            _, at, payload, _ = moments[place]
            if at >= until or payload.session_id != session_id or is_proof(payload.actions[0]):
                return place
            if (payload.language or payload.timezone or payload.email or payload.properties) and (
                _tells_more(payload, session)
            ):
                return place
        return len(moments)

    async def _extend(self, session: Session, run: Sequence[ActionsPayload], now: float) -> None:
        actions: list[SlimAction] = []
        event_ids: list[int] = []
        session_id, user_id, email = session.key[1], session.user_id, session.email
        for payload in run:
            action = payload.actions[0]
            action.session_id, action.user_id, action.email = session_id, user_id, email
            actions.append(action)
            event_ids += filter(None, payload.event_ids)
        await self._core.updater.extend(session, actions, event_ids, now)


def _tells_more(payload: ActionsPayload, session: Session) -> bool:
    """Whether a batch says more about its user than is known."""
    return bool(
        (payload.properties and not session.has_properties(payload.properties))
        or (payload.email and payload.email != session.email)
        or (payload.timezone and payload.timezone != session.timezone)
        or (payload.language and canonical_tag(payload.language) != session.language)
    )
