"""Event or time → session → decision → offer.

The driver knows contracts only. Triggers and courtesy return decisions; the driver alone acts on them.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.courtesy.gates import evidence_used, judge
from rasa_autoplay.courtesy.verdict import Consumed, Held, Verdict
from rasa_autoplay.decisions import Decision, Observer, Outcome, nobody
from rasa_autoplay.delivery.base import OfferLedger
from rasa_autoplay.delivery.offers import Offer, new_offer_id
from rasa_autoplay.delivery.outbox import Outbox
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.sessions.admission import Admission
from rasa_autoplay.sessions.base import SessionStore
from rasa_autoplay.sessions.session import Session
from rasa_autoplay.sessions.state import ToursById
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.timers import Timers
from rasa_autoplay.tours.catalogue import TourCatalogue
from rasa_autoplay.triggers.loader import ConfiguredTrigger
from rasa_autoplay.triggers.types import ProactiveTriggerContext, ProactiveTriggerResult

__all__ = ["Driver"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Fired:
    """A trigger that fired, and the newest action that it saw."""

    trigger: ConfiguredTrigger
    result: ProactiveTriggerResult
    evidence_until: float


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
    """

    def __init__(
        self,
        settings: EngineSettings,
        triggers: Sequence[ConfiguredTrigger],
        sessions: SessionStore,
        ledger: OfferLedger,
        outbox: Outbox,
        tours: TourCatalogue,
        timers: Timers,
        clock: Callable[[], float],
        observe: Observer = nobody,
    ) -> None:
        self._observe = observe
        self._settings = settings
        self._triggers = triggers
        self._sessions = sessions
        self._ledger = ledger
        self._outbox = outbox
        self._tours = tours
        self._timed_tours: ToursById = tours.registry(settings.product_id, settings.session)
        self._timers = timers
        self._admission = Admission(sessions, settings.session)
        self._clock = clock
        self._matchers = [
            (name, functools.partial(self._guarded, trigger, matches))
            for trigger in triggers
            for name, matches in trigger.remembers.items()
        ]
        self._decisions: set[asyncio.Task[None]] = set()
        self._broken: set[str] = set()
        self.counts: Counter[str] = Counter()

    async def take_actions(self, payload: ActionsPayload, source: str, now: float) -> None:
        """Put a batch into its session and see whether help is welcome.

        Args:
            payload: checked by the door: it has a product, a session and times.
            source: who delivered it.
            now: epoch seconds.
        """
        refusal = await self._admission.refusal(payload, source, now)
        if refusal:
            self.counts[refusal] += len(payload.actions)
            return
        session = await self._sessions.load((payload.product_id, payload.session_id or ""), now)
        session.source = source
        was_known = session.user_id
        session.identify(payload.user_id, payload.email)
        for action in payload.actions:
            action.session_id, action.user_id = session.key[1], session.user_id
            action.email = session.email
        added = session.add(payload.actions, self._matchers, payload.event_ids)
        self.counts["actions"] += added
        self.counts["duplicate_actions"] += len(payload.actions) - added
        # Who sends again what is known has seen nobody: the session is no younger for it.
        await self._sessions.save(session, now if added or not payload.actions else session.active_at)
        if added or session.user_id != was_known:
            await self.evaluate(session, now)

    async def wake(self, key: tuple[str, str]) -> None:
        """The session's scheduled time has come."""
        session = await self._sessions.find(key)
        if session is not None:
            await self.evaluate(session, self._clock())

    async def evaluate(self, session: Session, now: float) -> None:
        """Ask the triggers in order; the first that fires is taken up, else the next look is scheduled."""
        if session.deciding or not session.user_id:
            return
        session.tick(self._timed_tours, now)
        if not session.may_be_offered() or self._outbox.is_waiting(session.user_id):
            self._timers.set(("session", session.key), session.next_change_at(self._timed_tours))
            return
        self.counts["evaluations"] += 1
        fired, wake_at = self._ask_triggers(session, now)
        if fired is None:
            self._timers.set(("session", session.key), wake_at)
            return
        session.deciding = True
        decision = asyncio.get_running_loop().create_task(self._decide(session, fired, now))
        self._decisions.add(decision)
        decision.add_done_callback(self._decisions.discard)

    def _ask_triggers(self, session: Session, now: float) -> tuple[_Fired | None, float | None]:
        """The first trigger that fires, or when to look again (None: only an event can change anything)."""
        held = session.holds(now)
        wake_at = min((until for until in held.values() if until < math.inf), default=math.inf)
        contexts: dict[float, ProactiveTriggerContext] = {}
        for trigger in self._triggers:
            if trigger.id in held:
                continue
            after = session.evidence_after(trigger.id)
            ctx = contexts.get(after) or contexts.setdefault(after, self._context(session, after, now))
            if not ctx.recent_actions:
                continue  # without evidence there is nothing to fire on
            result = self._guarded(trigger, trigger.evaluate, ctx)
            if result is not None:
                return _Fired(trigger, result, ctx.recent_actions[-1].timestamp_start), None
            wake_at = min(wake_at, self._next_look(trigger, ctx, now))
        return None, wake_at if wake_at < math.inf else None

    def _next_look(self, trigger: ConfiguredTrigger, ctx: ProactiveTriggerContext, now: float) -> float:
        if trigger.wakes_at is None:
            return now + self._settings.poll_seconds
        due = self._guarded(trigger, trigger.wakes_at, ctx)
        return due if due is not None and due > now else math.inf

    def _guarded(self, trigger: ConfiguredTrigger, ask: Callable[[Any], Any], ctx: Any) -> Any:
        """A trigger is somebody's code: what it raises is told once, and the others go on."""
        try:
            return ask(ctx)
        except Exception:
            self.counts["trigger_errors"] += 1
            if trigger.id not in self._broken:
                self._broken.add(trigger.id)
                logger.exception("The trigger %r failed; it counts as not fired.", trigger.id)
            return None

    def _context(self, session: Session, after: float, now: float) -> ProactiveTriggerContext:
        actions: tuple[SlimAction, ...] = tuple(session.window.between(after, now))
        return ProactiveTriggerContext(
            canonical_urls=tuple(action.canonical_url or None for action in actions),
            session_id=session.key[1],
            product_id=session.key[0],
            action_count=len(actions),
            recent_actions=actions,
            context_extra={
                "eval_now": now,
                "user_id": session.user_id,
                "email": session.email,
                "remembered": session.remembered,
                "session_action_count": session.action_count,
            },
        )

    async def _decide(self, session: Session, fired: _Fired, now: float) -> None:
        """Take up what fired, then look at what has happened in the meantime."""
        try:
            await self._take_up(session, fired, now)
        except Exception:
            logger.exception("Deciding on an offer failed; the session goes on without it.")
            session.consume(fired.trigger.id, fired.evidence_until)
        finally:
            session.deciding = False
        await self._sessions.save(session, session.active_at)
        await self.evaluate(session, self._clock())

    async def _take_up(self, session: Session, fired: _Fired, now: float) -> None:
        """Ask courtesy, which reads the ledger; then make the offer, or remember what forbids it."""
        offer = self._propose(session, fired, now)
        self._tell("fired", offer, now)
        history = await self._ledger.history(offer.product_id, offer.user_id)
        if session.user_id != offer.user_id:
            return  # what courtesy says of the former user does not concern the one who is here now
        verdict = self._judge(session, offer, history, now)
        if isinstance(verdict, Held):
            session.hold(offer.trigger_id, verdict.until)
            self.counts[f"held_by_{verdict.gate}"] += 1
            self._tell("stopped", offer, now, gate=verdict.gate, until=verdict.until)
        elif isinstance(verdict, Consumed):
            session.consume(offer.trigger_id, verdict.until)
        elif session.may_be_offered() and not self._outbox.is_waiting(offer.user_id):
            await self._make(session, offer, now)

    def _judge(self, session: Session, offer: Offer, history: Sequence[Offer], now: float) -> Verdict:
        used = evidence_used(offer, history)
        if used > session.evidence_after(offer.trigger_id):
            # The ledger remembers more than the session, as after a restart: the trigger was shown too much.
            return Consumed(used)
        return judge(offer, history, self._settings.limits, now)

    def _propose(self, session: Session, fired: _Fired, now: float) -> Offer:
        trigger = fired.trigger
        page = session.window.page()
        return Offer(
            offer_id=new_offer_id(),
            trigger_id=trigger.id,
            body=trigger.body or fired.result.body,
            product_id=session.key[0],
            session_id=session.key[1],
            user_id=session.user_id or "",
            created_at=now,
            expires_at=now + trigger.expires_after_s,
            evidence_until=fired.evidence_until,
            golden_path=trigger.golden_path,
            page=page,
            interaction_timeout_s=trigger.interaction_timeout_s,
            cooldown_s=trigger.cooldown_s,
            tours=self._tours.for_page(trigger.golden_path, page),
        )

    async def _make(self, session: Session, offer: Offer, now: float) -> None:
        logger.info(
            "trigger fired: session=%s user=%s trigger=%s", offer.session_id, offer.user_id, offer.trigger_id
        )
        self.counts["offers"] += 1
        session.consume(offer.trigger_id, offer.evidence_until)
        self._tell("offered", offer, now, offer_id=offer.offer_id)
        await self._outbox.post(offer, now)

    def _tell(self, outcome: Outcome, offer: Offer, now: float, **more: Any) -> None:
        self._observe(Decision(now, outcome, offer.trigger_id, offer.user_id, offer.session_id, **more))

    async def settle(self) -> None:
        """Wait for the decisions that are under way."""
        while self._decisions:
            await asyncio.gather(*self._decisions, return_exceptions=True)
