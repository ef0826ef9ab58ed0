"""Event or time → session → decision → offer.

The driver knows contracts only. Triggers and courtesy return decisions; the driver alone acts on them.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rasa_autoplay.common.runtime.timers import Timers
from rasa_autoplay.engine.courtesy.gate_contexts import GateContextBuilder
from rasa_autoplay.engine.courtesy.gate_result import GateResult
from rasa_autoplay.engine.courtesy.judge import Judge
from rasa_autoplay.engine.decisions.decision_log import Observer, nobody
from rasa_autoplay.engine.decisions.late_offers import LateOfferCheck
from rasa_autoplay.engine.decisions.offer_decider import OfferDecider
from rasa_autoplay.engine.decisions.trigger_asker import FiredTrigger, Pending, Round, TriggerAsker
from rasa_autoplay.engine.offers.base import OfferLedger
from rasa_autoplay.engine.offers.offer import Offer, OfferedTour
from rasa_autoplay.engine.offers.open_offers import OpenOffers
from rasa_autoplay.engine.sessions.base import SessionStore
from rasa_autoplay.engine.sessions.fact_source import NO_FACTS, FactSource
from rasa_autoplay.engine.sessions.session import Added, Session, SessionKey
from rasa_autoplay.engine.sessions.source_arbiter import SourceArbiter, told_at
from rasa_autoplay.engine.sessions.state import ToursById
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.index import TriggerIndex
from rasa_autoplay.engine.triggers.configured.loader import ConfiguredTrigger
from rasa_autoplay.events.derived_signals import JUDGED_AT_THE_SOURCE, derive_signals
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.settings.engine import EngineSettings

__all__ = ["Driver"]

logger = logging.getLogger(__name__)


class _SessionSnapshot(NamedTuple):
    """What a session was before a batch came."""

    user_id: str | None
    email: str | None
    page: str
    newest_at: float
    remembered: frozenset[str]

    @classmethod
    def of(cls, session: Session) -> _SessionSnapshot:
        """Now."""
        newest = session.window.newest
        newest_at = newest.timestamp_start if newest else 0.0
        return cls(session.user_id, session.email, session.window.page(), newest_at, session.remembered)


class Driver:
    """Decides when to speak.

    Args:
        settings: ``autoplay.yml``.
        triggers: in order of priority.
        sessions: what is remembered of live sessions.
        ledger: the user's earlier offers.
        outbox: takes the offers made.
        tours: what an offer can start.
        timers: wakes ``("session", key)``.
        clock: epoch seconds.
        observe: is told of every decision.
        judge: may veto or shorten what was decided; None where none is configured.
        facts: follows sessions, and knows more than their windows say.
    """

    def __init__(
        self,
        settings: EngineSettings,
        triggers: Sequence[ConfiguredTrigger],
        sessions: SessionStore,
        ledger: OfferLedger,
        outbox: OpenOffers,
        tours: TourCatalogue,
        timers: Timers,
        clock: Callable[[], float],
        observe: Observer = nobody,
        judge: Judge | None = None,
        facts: FactSource = NO_FACTS,
    ) -> None:
        self._settings = settings
        self._triggers = triggers
        self._sessions = sessions
        self._outbox = outbox
        self._timed_tours: ToursById = tours.registry(settings.product_id, settings.session)
        #: Gathers what courtesy looks at; explanations look there too.
        self.situations = GateContextBuilder(settings, sessions, self._timed_tours, facts)
        self._offering = OfferDecider(self.situations, ledger, outbox, tours, judge, clock, observe)
        #: Explanations ask through it, too.
        self.asker = TriggerAsker(settings.evaluate_timeout, settings.poll_interval, tours.path)
        self._late_looks = LateOfferCheck(self.situations, ledger, self.asker, facts)
        self._timers = timers
        self._admission = SourceArbiter(sessions, settings.session)
        self._clock = clock
        self._facts = facts
        self._index = TriggerIndex(triggers)
        self._matchers = [
            (name, functools.partial(self.asker.guarded, trigger, matches))
            for trigger, name, matches in self._index.opaque_matchers
        ]
        #: The sources that have delivered actions.
        self.sources: set[str] = set()
        self._decisions: set[asyncio.Task[None]] = set()
        #: Sessions in which something happened while an offer was being decided on.
        self._missed: set[SessionKey] = set()
        #: One count for all parts of deciding.
        self.counts: Counter[str] = self._offering.counts
        self.asker.counts = self.counts

    async def take_actions(
        self, payload: ActionsPayload, source: str, now: float, sender: str = ""
    ) -> Sequence[SlimAction]:
        """Put a batch into its session and see whether help is welcome.

        Args:
            payload: checked by the gateway: it has a product, a session and times. It gets the id of the
            session
                that it is put into.
            source: who delivered it.
            now: epoch seconds.
            sender: who is answerable for it; empty where nobody is.

        Returns:
            Those of its actions that count and were not known.
        """
        refusal = await self._admission.admit(payload, source, now)
        if refusal:
            self.counts[refusal] += len(payload.actions)
            return []
        session = await self._sessions.load((payload.product_id, payload.session_id or ""), now, sender)
        session.source = source
        self.sources.add(source)
        before = _SessionSnapshot.of(session)
        if session.is_of_another(payload.user_id):
            self._facts.over(session)
        session.identify(
            payload.user_id, payload.email, told_at(payload, now), is_verified=payload.is_verified
        )
        is_described = session.describe(payload.properties)
        session.timezone = payload.timezone or session.timezone
        for action in payload.actions:
            action.session_id, action.user_id = session.key[1], session.user_id
            action.email = session.email
        if source not in JUDGED_AT_THE_SOURCE:
            derive_signals(session.window.news_of(payload.actions), session.window.actions)
        session.remember(self._index.remembered_of(payload.actions))
        added = session.add(payload.actions, self._matchers, payload.event_ids)
        self._facts.note(session, added.new)
        self.counts["actions"] += len(added.new)
        self.counts["duplicate_actions"] += len(payload.actions) - len(added.new)
        # Whoever waits for a pause has a say in every event.
        is_all_asked = session.waiting_since or is_described
        touched = None if is_all_asked else self._touched(session, before, added)
        if session.waiting_since:
            session.reconsider()
        # Who sends again what is known has seen nobody: the session is no younger for it.
        await self._sessions.save(session, now if added.new or not payload.actions else session.active_at)
        if added.new or is_described or session.user_id != before.user_id:
            await self.evaluate(session, now, touched)
        return added.new

    def _touched(
        self, session: Session, before: _SessionSnapshot, added: Added
    ) -> Sequence[ConfiguredTrigger] | None:
        """The triggers that what came can make change their mind; None for all."""
        if (session.user_id, session.email) != (before.user_id, before.email):
            return None
        here = (before.page, "")
        moved = len(added.left) > len(added.new) or any(
            action.canonical_url not in here or action.timestamp_start < before.newest_at
            for action in added.new
        )
        return self._index.affected_by(
            added.new,
            added.left,
            session.consumed_until or (),
            session.remembered - before.remembered,
            moved=moved,
            in_workflow=session.proofs is not None,
        )

    async def wake(self, key: tuple[str, str]) -> None:
        """The session's scheduled time has come."""
        session = await self._sessions.find(key)
        if session is not None:
            await self.evaluate(session, self._clock())

    async def evaluate(
        self, session: Session, now: float, touched: Sequence[ConfiguredTrigger] | None = None
    ) -> None:
        """Ask the triggers in order; the first that fires is taken up, else the next look is scheduled.

        Args:
            session: whose.
            now: epoch seconds.
            touched: those that can have changed their mind since all were asked; None for all of them.
        """
        if session.deciding:
            self._missed.add(session.key)
            return
        if not session.user_id:
            return
        session.tick(self._timed_tours, now)
        if not session.may_be_offered() or self._outbox.is_waiting(session.user_id):
            for trigger_id in list(session.waiting_since or ()):
                self._offering.dropped(session, trigger_id, now)
            self._timers.set(("session", session.key), self._room_at(session))
            session.all_asked = False
            return
        asked = self._triggers if touched is None or not session.all_asked else touched
        if not asked:
            return
        self.counts["evaluations"] += 1
        dropped = functools.partial(self._dropped, session, now)
        look = Round(self.asker, session, asked, now, self._facts, dropped)
        found = look.go_on()
        if found is None:
            self._rest(session, look, asked)
            return
        session.all_asked, session.deciding = False, True
        decision = asyncio.get_running_loop().create_task(self._decide(session, look, asked, found))
        self._decisions.add(decision)
        decision.add_done_callback(self._decisions.discard)

    def _rest(self, session: Session, look: Round, asked: Sequence[ConfiguredTrigger]) -> None:
        """No trigger fires: schedule the next look."""
        session.all_asked = True
        # What the triggers wait for that were not asked stands.
        schedule = self._timers.set if asked is self._triggers else self._timers.set_sooner
        schedule(("session", session.key), look.wake_at)

    def _dropped(self, session: Session, now: float, trigger_id: str) -> None:
        self._offering.dropped(session, trigger_id, now)

    def _room_at(self, session: Session) -> float | None:
        """When there is room for an offer again by time alone; None when only an event can make it."""
        waiting = self._outbox.of_user(session.user_id or "")
        ends = [waiting.expires_at] if waiting is not None and waiting.awaits_rendering else []
        change_at = session.next_change_at(self._timed_tours)
        return min([*ends, *([] if change_at is None else [change_at])], default=None)

    async def _decide(
        self, session: Session, look: Round, asked: Sequence[ConfiguredTrigger], found: FiredTrigger | Pending
    ) -> None:
        """Take up what fires, then look at what has happened in the meantime."""
        self._missed.discard(session.key)
        fired: FiredTrigger | None = None
        try:
            fired = await self._first_to_fire(session, look, found)
            if fired is not None:
                await self._offering.take_up(session, fired, self._clock())
        except Exception:
            logger.exception("Deciding on an offer failed; the session goes on without it.")
            if fired is not None:
                session.consume(fired.trigger.id, fired.evidence_until)
        finally:
            session.deciding = False
        await self._sessions.save(session, session.active_at)
        if fired is None and session.key not in self._missed:
            self._rest(session, look, asked)
            return
        self._missed.discard(session.key)
        await self.evaluate(session, self._clock())

    async def _first_to_fire(
        self, session: Session, look: Round, found: FiredTrigger | Pending | None
    ) -> FiredTrigger | None:
        """Await the triggers that wait, in their order; other sessions go on meanwhile.

        What was answered about a session that has changed since is not used: all are asked again.
        """
        while isinstance(found, Pending):
            answer = await self.asker.answer_of(found)
            if session.key in self._missed:
                self.counts["late_answers"] += 1
                return None
            found = look.resume(found, answer.result)
        return found

    async def late_stop(self, offer: Offer, session: Session | None, now: float) -> GateResult | None:
        """What stands against delivering now an offer that has waited for somebody to listen.

        Args:
            offer: what waits.
            session: the user's latest; None when they have none.
            now: epoch seconds.

        Returns:
            None for nothing; a verdict of the gate ``MOVED_ON`` when its trigger does not fire any more.
        """
        trigger = self._trigger(offer.trigger_id)
        own = await self._sessions.find((offer.product_id, offer.session_id))
        return await self._late_looks.stop(offer, trigger, own, session, now)

    def tours_for(self, offer: Offer, session: Session | None) -> list[OfferedTour]:
        """The tours to offer where the user is now; see :meth:`OfferDecider.tours_for`."""
        return self._offering.tours_for(self._trigger(offer.trigger_id), offer.golden_path, session)

    def _trigger(self, trigger_id: str) -> ConfiguredTrigger | None:
        return next((each for each in self._triggers if each.id == trigger_id), None)

    async def settle(self) -> None:
        """Wait for the decisions that are under way."""
        while self._decisions:
            await asyncio.gather(*self._decisions, return_exceptions=True)
