"""The engine's own core on a simulated clock: triggers, courtesy and the state machine are the real ones.

Only the outside is replaced: no feed is open, and an :class:`Audience` answers the offers.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Protocol

from rasa_autoplay.common.runtime.timers import TimerKey
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import EXPIRY_S, EngineCore, build_core
from rasa_autoplay.engine.core.live_state import LiveState
from rasa_autoplay.engine.courtesy.judge_contract import Judge
from rasa_autoplay.engine.courtesy.pause import PauseOf, never_paused
from rasa_autoplay.engine.decisions.decision_log import Decision, Observer, no_observer
from rasa_autoplay.engine.goals.unfollowed_goals import UnfollowedGoals
from rasa_autoplay.engine.offers.local import LocalOfferLedger
from rasa_autoplay.engine.offers.offer import Offer
from rasa_autoplay.engine.replay.replay_timers import ReplayTimers
from rasa_autoplay.engine.sessions.base import SessionTimer
from rasa_autoplay.engine.sessions.local import LocalSessionStore
from rasa_autoplay.engine.sessions.session import SessionKey
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.link.frames import FeedFrame

__all__ = ["Audience", "Replay", "ReplayClock"]

#: The kind of timer for a call that the audience has scheduled.
_CALL = "call"

_Call = Callable[[], Awaitable[object]]
#: Starts work that is needed, or returns None.
_IfNeeded = Callable[[], Awaitable[object] | None]
_Evaluated = Callable[[SessionKey, float], Awaitable[object] | None]


class ReplayClock:
    """A clock that only the replay moves; epoch seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Audience(Protocol):
    """The users of a replay: who answers the offers."""

    async def offered(self, replay: Replay, offer: Offer) -> None:
        """React to an offer that was made or withheld just now."""

    def is_present(self, key: SessionKey, now: float) -> bool:
        """Whether a session's user is on the page, so that time alone may make a trigger fire."""


class _NoGateways:
    """A frame sink without any connected gateway."""

    def push(self, _gateway_id: str, _frame: FeedFrame) -> bool:
        """Report that the gateway is not connected."""
        return False


def _not_observed(_key: SessionKey, _now: float) -> None:
    """Do nothing after an evaluation."""


def _nothing_to_load() -> None:
    """Do nothing: no history is being loaded."""


class Replay:
    """One run of the core.

    Args:
        configuration: the triggers, golden paths and settings.
        clock: its clock.
        timers: on the same clock.
        follower: follows sessions, and knows their users.
        audience: answers the offers.
        judge: reviews offers; None for no judge.
        pause_of: knows which triggers are paused.
        observe: called with every decision.
        load_histories: waits until the histories of new users are loaded; returns None if all are.
        evaluated: called after each evaluation with the session's key and the time; what it returns is
            awaited, unless it is None.
    """

    def __init__(
        self,
        configuration: Configuration,
        clock: ReplayClock,
        timers: ReplayTimers,
        follower: SessionFollower,
        audience: Audience,
        *,
        judge: Judge | None = None,
        pause_of: PauseOf = never_paused,
        observe: Observer = no_observer,
        load_histories: _IfNeeded = _nothing_to_load,
        evaluated: _Evaluated = _not_observed,
    ) -> None:
        self.clock, self._timers = clock, timers
        self._audience, self._observe = audience, observe
        self._load_histories, self._evaluated = load_histories, evaluated
        self.sessions = LocalSessionStore(configuration.settings.session, follower.on_session_ended)
        self._idle_timeout_s = configuration.settings.session.idle_timeout
        self._began_at, self._expires_at = 0.0, math.inf
        self.ledger = LocalOfferLedger()
        live = LiveState(
            clock,
            timers,
            self.sessions,
            follower,
            self.ledger,
            _NoGateways(),
            pause_of,
            observe_decision=self._record,
        )
        live.goals = UnfollowedGoals(self.ledger, follower, clock)
        self.core: EngineCore = build_core(configuration, live, judge)
        self._made: list[str] = []
        #: Whether a foreseen timer was due at the time of another one, so that their order matters.
        self.had_tie = False
        self._calls: dict[int, _Call] = {}
        self._numbers = count()

    def begin(self, at: float) -> None:
        """Set the clock to the time of the first moment, in epoch seconds."""
        self.clock.now = self._began_at = at
        self._expires_at = math.inf

    def next_due(self) -> float:
        """When something happens by itself next, epoch seconds; infinity for never."""
        due = self._timers.next_due()
        return self._expires_at if due is None else min(due, self._expires_at)

    def call_at(self, due: float, call: _Call) -> None:
        """Make a call at a time, in epoch seconds."""
        number = next(self._numbers)
        self._calls[number] = call
        self._timers.set((_CALL, number), due)

    async def apply(self, payload: ActionsPayload, source: str, at: float, number: int = 0) -> None:
        """Let the time pass until ``at`` (epoch seconds), then apply a batch.

        Args:
            payload: the batch.
            source: the source that delivered it.
            at: epoch seconds.
            number: the number of the moment in the recording.
        """
        if self.next_due() <= at:
            await self.pass_time(at)
        self.clock.now = at
        if self._expires_at == math.inf:
            self._expires_at = self._first_expiry(at)
        self._timers.begin_moment(at, number)
        await self.core.updater.apply(payload, source, at)
        if (loading := self._load_histories()) is not None:
            await loading
        if self._made or self.core.is_pending:
            await self.finish_pending()
        examining = self._evaluated((payload.product_id, payload.session_id or ""), at)
        if examining is not None:
            await examining

    async def pass_time(self, until: float) -> None:
        """Handle every timer that is due until then (epoch seconds), each at its own time."""
        while True:
            due = self._timers.next_due()
            if self._expires_at <= until and (due is None or self._expires_at <= due):
                await self._expire()
                continue
            if due is None or due > until:
                break
            # A timer that was set for the past is due now.
            self.clock.now = max(due, self.clock.now)
            handled, is_foreseen = 0, False
            for key in self._timers.take_due(self.clock.now, due):
                is_foreseen = is_foreseen or self._timers.is_foreseen(key)
                handled += await self._handle_timer(key, self.clock.now)
                await self.finish_pending()
            self.had_tie = self.had_tie or (handled > 1 and is_foreseen)
        self.clock.now = max(until, self.clock.now)

    async def end(self) -> None:
        """End all sessions, and let nothing more happen by itself; :meth:`begin` can follow."""
        self._timers.clear()
        self._calls.clear()
        await self.sessions.clear()

    async def finish_pending(self) -> None:
        """Wait for pending decisions, and let the audience see what was offered."""
        if (loading := self._load_histories()) is not None:
            await loading
        if self.core.is_pending:
            await self.core.finish_pending()
        while self._made:
            offer = self.core.open_offers.get(self._made.pop(0))
            if offer is not None:
                await self._audience.offered(self, offer)
                await self.core.finish_pending()

    async def _handle_timer(self, key: TimerKey, now: float) -> bool:
        """Do what is due; False if the user of the session is not present any more."""
        kind, argument = key
        if kind == _CALL:
            await self._calls.pop(argument)()
        elif kind is not SessionTimer.EVALUATE:
            await self.core.handle_timer(key)
        elif self._audience.is_present(argument, now):
            await self.core.handle_timer(key)
            await self.finish_pending()
            if (examining := self._evaluated(argument, now)) is not None:
                await examining
        else:
            return False
        return True

    async def _expire(self) -> None:
        """End the sessions that have been idle for too long."""
        now = self.clock.now = max(self._expires_at, self.clock.now)
        while await self.sessions.expire(now):
            await self.finish_pending()
        oldest = next(iter(self.sessions), None)
        self._expires_at = math.inf if oldest is None else self._first_expiry(oldest.active_at)
        if self._expires_at <= now:
            self._expires_at = now + EXPIRY_S

    def _first_expiry(self, active_at: float) -> float:
        """Return when a session ends that is idle from a time on, epoch seconds.

        Like the engine, a replay looks for idle sessions every few seconds. In a recording of days, nearly
        all of these looks would find nothing, so they are left out. Which ones depends on no other session.
        """
        began_at, idle_s = self._began_at, self._idle_timeout_s
        number = max(math.ceil((active_at + idle_s - began_at) / EXPIRY_S), 1)
        while number > 1 and began_at + (number - 1) * EXPIRY_S - idle_s >= active_at:
            number -= 1
        while began_at + number * EXPIRY_S - idle_s < active_at:
            number += 1
        return began_at + number * EXPIRY_S

    def _record(self, decision: Decision) -> None:
        if decision.outcome in ("offered", "withheld") and not decision.gate:
            self._made.append(decision.offer_id)
        self._observe(decision)
