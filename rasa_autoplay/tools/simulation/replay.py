"""Lets recorded moments happen to the real driver, courtesy and FSM, on a clock of their own.

The parts are the engine's; only what touches the world is replaced: offers stand in memory, no feed is open,
and an assumed user stands where the browser was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from rasa_autoplay.common.runtime.timers import TimerKey, Timers
from rasa_autoplay.engine.configuration import Configuration
from rasa_autoplay.engine.core import build_core, evaluation_requests
from rasa_autoplay.engine.decisions.decision_log import Decision
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.memory.local import LocalMemoryStore
from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.sessions.base import SessionTimer
from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.link.messages import FeedFrame
from rasa_autoplay.tools.simulation.assumptions import Answer, Assumptions
from rasa_autoplay.tools.simulation.near_misses import NearMisses
from rasa_autoplay.tools.simulation.outcome import Fire, Outcome, SessionStory, Suppression
from rasa_autoplay.tools.simulation.recordings import Moment
from rasa_autoplay.tools.simulation.users import remembered_users

__all__ = ["replay"]

#: The timer of a user who answers an offer.
_ANSWER = "answer"
_STEP = 1000
_RECEIPTS: dict[Answer, str] = {"dismiss": "dismissed", "accept": "accepted"}


def replay(
    moments: Sequence[Moment],
    configuration: Configuration,
    assumptions: Assumptions,
    replayed: Callable[[int], object] = int,
) -> Outcome:
    """Replay recordings.

    Args:
        moments: in order of time.
        configuration: what decides.
        assumptions: how the users behave.
        replayed: is told how many more moments have passed.
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
    """Stands still until the replay moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class _NoGateways:
    """The way down, where there is nobody below."""

    def push(self, _gateway_id: str, _frame: FeedFrame) -> bool:
        """Not connected."""
        return False


class _Replay:
    """One run.

    Args:
        moments: what will happen.
        configuration: what decides.
        assumptions: how the users behave.
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
        self._core = build_core(
            configuration,
            self._clock,
            self._timers,
            self._sessions,
            self._memory,
            LocalOfferLedger(),
            _NoGateways(),
            observe_decision=self._record,
        )
        self._outcome = Outcome(
            configuration.name,
            settings.product_id,
            [trigger.id for trigger in configuration.triggers],
            assumptions,
            _stories(moments),
        )
        self._made: list[str] = []
        self._near_misses = NearMisses(self._outcome.sessions, configuration.triggers, self._memory)

    async def run(self, moments: Sequence[Moment], replayed: Callable[[int], object]) -> Outcome:
        """Let everything happen, and then time pass until the last user has left."""
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
            if self._near_misses.looks_at(key):
                await self._look(key, at)
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

    async def _look(self, key: SessionKey, now: float) -> None:
        session = await self._sessions.find(key)
        if session is not None and session.user_id:
            self._near_misses.look(session, now)

    async def _pass_time(self, until: float) -> None:
        """Let every timer ring at its own time."""
        while (due := self._timers.next_due()) is not None and due <= until:
            self._clock.now = due
            for key in self._timers.pop_due(due):
                await self._handle_timer(key, due)
                await self._finish_pending()

    async def _handle_timer(self, key: TimerKey, now: float) -> None:
        kind, argument = key
        if kind == _ANSWER:
            await self._core.lifecycle.receipt(argument, _RECEIPTS[self._assumptions.answers], now)
        elif kind is SessionTimer.EVALUATE:
            if self._is_present(argument, now):
                await self._core.handle_timer(key)
                await self._finish_pending()
                if self._near_misses.looks_at(argument):
                    await self._look(argument, now)
        else:
            await self._core.handle_timer(key)

    def _is_present(self, key: SessionKey, now: float) -> bool:
        story = self._outcome.sessions.get(key)
        gap_s = self._settings.session.idle_timeout
        return story is not None and story.is_present(now, self._assumptions.stays_s, gap_s)

    async def _finish_pending(self) -> None:
        """Let what fired be decided on, and the user see what was offered."""
        if self._memory.is_loading:
            await self._memory.finish_pending()
        await self._core.finish_pending()
        while self._made:
            offer = self._core.open_offers.get(self._made.pop(0))
            if offer is not None:
                await self._see(offer)
                await self._core.finish_pending()

    async def _see(self, offer: Offer) -> None:
        now = self._clock.now
        self._outcome.fires.append(self._fire(offer, now))
        await self._core.lifecycle.receipt(offer.offer_id, "rendered", now)
        if self._assumptions.answers != "none":
            self._timers.set((_ANSWER, offer.offer_id), now + self._assumptions.answer_after_s)

    def _fire(self, offer: Offer, now: float) -> Fire:
        session = self._settings.session
        own_timeout_s, own_cooldown_s = offer.interaction_timeout_s, offer.cooldown_s
        timeout_s = session.interaction_timeout if own_timeout_s is None else own_timeout_s
        cooldown_s = session.cooldown if own_cooldown_s is None else own_cooldown_s
        answered_s = 0.0 if self._assumptions.answers == "none" else self._assumptions.answer_after_s
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
        )

    def _record(self, decision: Decision) -> None:
        if decision.outcome == "offered":
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
                    outcome=decision.outcome,
                    detail=decision.detail,
                )
            )
