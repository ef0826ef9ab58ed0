"""Replays recorded moments through the real engine core on a simulated clock.

Triggers, courtesy and the state machine are the engine's. Only the outside is replaced: offers are in memory,
no feed is open, and a simulated user replaces the browser.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from rasa_autoplay.common.runtime.timers import TimerKey, Timers
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import build_core, evaluation_requests
from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.offers.offer import Offer, OfferStatus
from rasa_autoplay.engine.sessions.base import SessionTimer
from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.link.messages import FeedFrame
from rasa_autoplay.tools.simulation.assumptions import Assumptions
from rasa_autoplay.tools.simulation.near_misses import NearMisses
from rasa_autoplay.tools.simulation.recordings import Moment
from rasa_autoplay.tools.simulation.results import Fire, Outcome, SessionStory, Suppression
from rasa_autoplay.tools.simulation.users import remembered_users

__all__ = ["replay"]

#: The kind of timer for a user's answer to an offer.
_ANSWER = "answer"
_STEP = 1000


def replay(
    moments: Sequence[Moment],
    configuration: Configuration,
    assumptions: Assumptions,
    replayed: Callable[[int], object] = int,
) -> Outcome:
    """Replay recordings.

    Args:
        moments: the recorded moments, in order of time.
        configuration: the triggers, golden paths and settings.
        assumptions: how users behave.
        replayed: called with the number of additional moments replayed.
    """
    return asyncio.run(_Replay(moments, configuration, assumptions).run(moments, replayed))


def _stories(moments: Sequence[Moment]) -> dict[SessionKey, SessionStory]:
    stories: dict[SessionKey, SessionStory] = {}
    for at, payload, _ in moments:
        key = (payload.product_id, payload.session_id or "")
        story = stories.get(key)
        if story is None:
            story = stories[key] = SessionStory(key[1])
        story.user_id = payload.user_id or story.user_id
        if payload.actions:
            story.actions.append(payload.actions[0])
            story.times.append(at)
    return {key: story for key, story in stories.items() if story.times}


class _Clock:
    """A clock that only the replay moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _NoGateways:
    """A frame sink without any connected gateway."""

    def push(self, _gateway_id: str, _frame: FeedFrame) -> bool:
        """Report that the gateway is not connected."""
        return False


class _Replay:
    """One run of a simulation.

    Args:
        moments: the recorded moments, in order of time.
        configuration: the triggers, golden paths and settings.
        assumptions: how users behave.
    """

    def __init__(
        self, moments: Sequence[Moment], configuration: Configuration, assumptions: Assumptions
    ) -> None:
        settings = configuration.settings
        self._settings = settings
        self._assumptions = assumptions
        self._clock = _Clock()
        self._timers = Timers(self._clock)
        self._memory_store = LocalMemoryStore()
        self._memory = MemoryKeeper(
            configuration.paths, self._memory_store, evaluation_requests(self._timers, self._clock)
        )
        self._sessions = LocalSessionStore(settings.session, self._memory.on_session_ended)
        live = LiveState(
            self._clock,
            self._timers,
            self._sessions,
            self._memory,
            LocalOfferLedger(),
            _NoGateways(),
            observe_decision=self._record,
        )
        self._core = build_core(configuration, live)
        self._outcome = Outcome(
            configuration.name,
            settings.product_id,
            [trigger.id for trigger in configuration.triggers],
            assumptions,
            _stories(moments),
        )
        self._made: list[str] = []
        #: The receipts of the answers that are due, by offer id.
        self._answers: dict[str, str] = {}
        self._near_misses = NearMisses(self._outcome.sessions, configuration.evaluated_triggers, self._memory)

    async def run(self, moments: Sequence[Moment], replayed: Callable[[int], object]) -> Outcome:
        """Replay all moments, then let time pass until the last user has left."""
        self._clock.now = moments[0][0]
        self._core.schedule_expiry()
        for number, (at, payload, source) in enumerate(moments, 1):
            due = self._timers.next_due()
            if due is not None and due <= at:
                await self._pass_time(at)
            self._clock.now = at
            await self._core.updater.apply(payload, source, at)
            await self._finish_pending()
            key = payload.product_id, payload.session_id or ""
            if self._near_misses.examines(key):
                await self._examine(key, at)
            if number % _STEP == 0:
                replayed(_STEP)
        await self._pass_time(moments[-1][0] + self._assumptions.stays_s)
        replayed(len(moments) % _STEP)
        self._outcome.counts.update(self._core.counts)
        self._near_misses.report_to(self._outcome)
        await self._sessions.clear()
        await self._memory.finish_pending()
        self._outcome.users = await remembered_users(self._memory_store, self._memory)
        return self._outcome

    async def _examine(self, key: SessionKey, now: float) -> None:
        session = await self._sessions.find(key)
        if session is not None and session.user_id:
            self._near_misses.examine(session, now)

    async def _pass_time(self, until: float) -> None:
        """Handle every timer that is due until then, each at its own time."""
        while (due := self._timers.next_due()) is not None and due <= until:
            self._clock.now = due
            for key in self._timers.pop_due(due):
                await self._handle_timer(key, due)
                await self._finish_pending()

    async def _handle_timer(self, key: TimerKey, now: float) -> None:
        kind, argument = key
        if kind == _ANSWER:
            await self._core.lifecycle.receipt(argument, self._answers.pop(argument), now)
        elif kind is SessionTimer.EVALUATE:
            if self._is_present(argument, now):
                await self._core.handle_timer(key)
                await self._finish_pending()
                if self._near_misses.examines(argument):
                    await self._examine(argument, now)
        else:
            await self._core.handle_timer(key)

    def _is_present(self, key: SessionKey, now: float) -> bool:
        story = self._outcome.sessions.get(key)
        gap_s = self._settings.session.idle_timeout
        return story is not None and story.is_present(now, self._assumptions.stays_s, gap_s)

    async def _finish_pending(self) -> None:
        """Wait for pending decisions, and show the user what was offered."""
        if self._memory.is_loading:
            await self._memory.finish_pending()
        await self._core.finish_pending()
        while self._made:
            offer = self._core.open_offers.get(self._made.pop(0))
            if offer is not None:
                await self._show(offer)
                await self._core.finish_pending()

    async def _show(self, offer: Offer) -> None:
        now = self._clock.now
        if offer.is_withheld:
            self._outcome.withheld.append(self._fire(offer, now))
            await self._core.lifecycle.advance(offer, OfferStatus.RENDERED, now)
            return
        self._outcome.fires.append(self._fire(offer, now))
        await self._core.lifecycle.receipt(offer.offer_id, "rendered", now)
        if answer := self._assumptions.answer_to(offer):
            self._answers[offer.offer_id] = answer
            self._timers.set((_ANSWER, offer.offer_id), now + self._assumptions.answer_after_s)

    def _fire(self, offer: Offer, now: float) -> Fire:
        session = self._settings.session
        own_timeout_s, own_cooldown_s = offer.interaction_timeout_s, offer.cooldown_s
        timeout_s = session.interaction_timeout if own_timeout_s is None else own_timeout_s
        cooldown_s = session.cooldown if own_cooldown_s is None else own_cooldown_s
        answered_s = self._assumptions.answer_after_s if self._assumptions.answer_to(offer) else 0.0
        last_at = self._outcome.sessions[offer.product_id, offer.session_id].times[-1]
        return Fire(
            trigger_id=offer.trigger_id,
            user_id=offer.user_id,
            session_id=offer.session_id,
            at=now,
            body=offer.body,
            page=offer.page,
            quiet_until=now + answered_s + timeout_s + cooldown_s,
            after_last_action=now > last_at,
            arm=offer.arm.value,
            variant=offer.variant,
        )

    def _record(self, decision: Decision) -> None:
        if decision.outcome in ("offered", "withheld") and not decision.gate:
            self._made.append(decision.offer_id)
        elif decision.outcome != "fired":
            self._outcome.suppressed.append(
                Suppression(
                    trigger_id=decision.trigger_id,
                    user_id=decision.user_id,
                    session_id=decision.session_id,
                    at=decision.at,
                    gate=decision.gate,
                    until=decision.until,
                    outcome="stopped" if decision.outcome == "withheld" else decision.outcome,
                    detail=decision.detail,
                )
            )
