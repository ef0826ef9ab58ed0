"""Evaluates the triggers of a session, and decides on an offer when one fires.

Triggers and gates only return results; the driver acts on them.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from rasa_autoplay.common.runtime.tasks import until_finished
from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.decisions.offer_decider import OfferDecider
from rasa_autoplay.engine.decisions.trigger_asker import FiredTrigger, Pending, Round, TriggerAsker
from rasa_autoplay.engine.offers.cause import Cause, current_cause, resume_cause
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.engine.sessions.base import SessionStore, SessionTimer
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.sessions.state import ToursById
from rasa_autoplay.engine.tracing.traces import deciding
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger

__all__ = ["Driver"]

logger = logging.getLogger(__name__)

_ResultT = TypeVar("_ResultT")


def _never_postponed(_session: Session, _now: float) -> bool:
    """Return False: nobody knows what a user does next."""
    return False


class Driver:
    """Evaluates sessions, one decision per session at a time.

    Args:
        triggers: in order of priority.
        sessions: the live sessions.
        follower: knows the user's history and the progress in workflows.
        asker: asks one trigger at a time.
        decider: turns a fired trigger into an offer.
        open_offers: knows whether an offer to the user is still open.
        timed_tours: the tours with their own timeout or cooldown.
        timers: the driver sets ``SessionTimer.EVALUATE``.
        clock: epoch seconds.
        counts: the driver adds ``evaluations`` and ``late_answers``.
    """

    def __init__(
        self,
        triggers: Sequence[ConfiguredTrigger],
        sessions: SessionStore,
        follower: SessionFollower,
        asker: TriggerAsker,
        decider: OfferDecider,
        open_offers: OpenOffers,
        timed_tours: ToursById,
        timers: Timers,
        clock: Callable[[], float],
        counts: Counter[str],
    ) -> None:
        self._triggers = triggers
        self._sessions = sessions
        self._follower = follower
        self._asker = asker
        self._decider = decider
        self._open_offers = open_offers
        self._timed_tours = timed_tours
        self._timers = timers
        self._clock = clock
        self._counts = counts
        #: Whether it is known that no trigger of a session can fire yet, so that none is asked. It has then
        #: scheduled the next evaluation. Only a replay knows that, because it knows what follows.
        self.postpones: Callable[[Session, float], bool] = _never_postponed
        self._is_retired = False
        self._decisions: set[asyncio.Task[Any]] = set()
        #: Sessions that changed while a decision about them was pending, each with what caused it first.
        self._changed_meanwhile: dict[SessionKey, Cause | None] = {}

    async def evaluate_scheduled(self, key: SessionKey) -> None:
        """Evaluate a session whose timer has fired."""
        session = await self._sessions.find(key)
        if session is not None:
            await self.evaluate(session, self._clock())

    async def evaluate(
        self, session: Session, now: float, affected: Sequence[ConfiguredTrigger] | None = None
    ) -> None:
        """Ask the triggers in order. If one fires, decide on it; otherwise schedule the next evaluation.

        Args:
            session: the session to evaluate.
            now: epoch seconds.
            affected: the triggers whose result may have changed since all were asked; None for all triggers.
        """
        if self._is_retired:
            self._timers.set_sooner((SessionTimer.EVALUATE, session.key), now)
            return
        if session.deciding:
            self._changed_meanwhile.setdefault(session.key, current_cause())
            return
        if not session.user_id:
            return
        session.tick(self._timed_tours, now)
        if not session.may_be_offered() or self._open_offers.is_waiting(session.user_id):
            self._wait_for_room(session, now)
            return
        if self.postpones(session, now):
            return
        asked = self._triggers if affected is None or not session.all_asked else affected
        if not asked:
            return
        self._counts["evaluations"] += 1
        drop = functools.partial(self._decider.drop, session, now)
        round_ = Round(self._asker, session, asked, now, self._follower, drop)
        found = round_.proceed()
        if found is None:
            self._schedule(session, round_, asked)
            return
        session.all_asked, session.deciding = False, True
        # Here and not in the task: events of the same batch come before the task begins.
        self._changed_meanwhile.pop(session.key, None)
        self._begin(self._decide(session, round_, asked, found))

    def is_settled(self, session: Session, affected: Sequence[ConfiguredTrigger] | None) -> bool:
        """Whether :meth:`evaluate` would find nothing to do, because an event affects no trigger.

        Args:
            session: a session with a user.
            affected: as in :meth:`evaluate`.
        """
        return (
            affected is not None
            and not affected
            and session.all_asked
            and not (session.deciding or session.was_spoken_to or self._is_retired)
            and self._open_offers.of_user(session.user_id or "") is None
        )

    def waits_for_room(self, session: Session) -> bool:
        """Whether nothing can be offered before the session's scheduled evaluation.

        Args:
            session: a session with a user.
        """
        is_full = not session.may_be_offered() or self._open_offers.is_waiting(session.user_id or "")
        scheduled_at = self._timers.due_of((SessionTimer.EVALUATE, session.key))
        return is_full and not self._is_retired and scheduled_at == self._next_slot_at(session)

    def wait_for(self, session: Session, at: float | None) -> None:
        """Evaluate all triggers of a session at the next event or time that is known to matter.

        Args:
            session: a session whose triggers were all asked, and do not fire.
            at: when time alone could make one fire, epoch seconds; None for never.
        """
        session.all_asked = False
        self._timers.set((SessionTimer.EVALUATE, session.key), at)

    async def has_turn(self, session: Session) -> bool:
        """Whether a decision on the session can begin now; if not, wait for the pending one first.

        It stays false if a new version of the files is in force: then another driver decides.
        """
        if self._is_retired:
            return False
        if session.deciding:
            await asyncio.wait(self._decisions, return_when=asyncio.FIRST_COMPLETED)
            return False
        return True

    async def in_turn(self, session: Session, decide: Callable[[], Awaitable[_ResultT]]) -> _ResultT:
        """Make a decision that no trigger of this driver has asked for.

        It goes on if the caller is cancelled. The caller has awaited nothing since :meth:`has_turn` was true.

        Args:
            session: other decisions on it wait.
            decide: makes the decision.
        """
        session.deciding = True
        return await asyncio.shield(self._begin(self._decide_by(session, decide)))

    def _begin(self, deciding: Coroutine[Any, Any, _ResultT]) -> asyncio.Task[_ResultT]:
        decision = asyncio.get_running_loop().create_task(deciding)
        self._decisions.add(decision)
        decision.add_done_callback(self._decisions.discard)
        return decision

    async def _decide_by(self, session: Session, decide: Callable[[], Awaitable[_ResultT]]) -> _ResultT:
        try:
            with deciding(session):
                return await decide()
        finally:
            session.deciding = False
            await self._sessions.save(session, session.active_at)
            resume_cause(self._changed_meanwhile.pop(session.key, None))
            await self.evaluate(session, self._clock())

    @property
    def is_deciding(self) -> bool:
        """Whether a decision is pending."""
        return bool(self._decisions)

    def retire(self) -> None:
        """Leave all evaluations to the driver of a new version of the files."""
        self._is_retired = True

    async def finish_pending(self) -> None:
        """Wait for pending decisions."""
        await until_finished(self._decisions)

    def _wait_for_room(self, session: Session, now: float) -> None:
        for trigger_id in list(session.triggers.waiting_since or ()):
            self._decider.drop(session, now, trigger_id)
        self._timers.set((SessionTimer.EVALUATE, session.key), self._next_slot_at(session))
        session.all_asked = False

    def _next_slot_at(self, session: Session) -> float | None:
        """When an offer becomes possible by itself, epoch seconds; None if that takes an event."""
        waiting = self._open_offers.of_user(session.user_id or "")
        ends = [waiting.expires_at] if waiting is not None and waiting.awaits_rendering else []
        change_at = session.next_change_at(self._timed_tours)
        return min([*ends, *([] if change_at is None else [change_at])], default=None)

    def _schedule(self, session: Session, round_: Round, asked: Sequence[ConfiguredTrigger]) -> None:
        """Schedule the next evaluation, because no trigger fires."""
        session.all_asked = True
        # Triggers that were not asked keep their scheduled time.
        schedule = self._timers.set if asked is self._triggers else self._timers.set_sooner
        schedule((SessionTimer.EVALUATE, session.key), round_.evaluate_again_at)

    async def _decide(
        self,
        session: Session,
        round_: Round,
        asked: Sequence[ConfiguredTrigger],
        found: FiredTrigger | Pending,
    ) -> None:
        """Decide on the first trigger that fires, then evaluate changes that came in the meantime."""
        fired: FiredTrigger | None = None
        try:
            with deciding(session):
                fired = await self._first_to_fire(session, round_, found)
                if fired is not None:
                    await self._decider.decide(session, fired, self._clock())
        except Exception:
            logger.exception("Deciding on an offer failed; the session continues without it.")
            if fired is not None:
                session.triggers.consume(fired.trigger.id, fired.evidence_until)
        finally:
            session.deciding = False
        await self._sessions.save(session, session.active_at)
        if fired is None and session.key not in self._changed_meanwhile:
            self._schedule(session, round_, asked)
            return
        resume_cause(self._changed_meanwhile.pop(session.key, None))
        await self.evaluate(session, self._clock())

    async def _first_to_fire(
        self, session: Session, round_: Round, found: FiredTrigger | Pending | None
    ) -> FiredTrigger | None:
        """Await the async triggers in their order, while other sessions proceed.

        If the session has changed since, the answer is discarded and all triggers are asked again.
        """
        while isinstance(found, Pending):
            answer = await self._asker.answer_of(found)
            if session.key in self._changed_meanwhile:
                self._counts["late_answers"] += 1
                return None
            found = round_.resume(found, answer.result)
        return found
