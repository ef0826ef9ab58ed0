"""Evaluates triggers, which teams write, so they may fail; ``async`` triggers may take time.

A trigger that fails or does not answer in time counts as not fired. The other triggers are still evaluated.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import math
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.context import context_of
from rasa_autoplay.engine.triggers.decorators import Matcher, never_by_time
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext, ProactiveTriggerResult
from rasa_autoplay.settings.durations import format_duration

__all__ = ["Answer", "FiredTrigger", "Pending", "Round", "TriggerAsker"]

logger = logging.getLogger(__name__)

_NOT_SILENCED: Mapping[str, float] = MappingProxyType({})


class Answer(NamedTuple):
    """A trigger's answer.

    Args:
        result: its result; None if it does not fire.
        trouble: why there is no answer, as text for people; empty if there is one.
    """

    result: ProactiveTriggerResult | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """An async trigger that has not answered yet.

    Args:
        trigger: the trigger.
        ctx: the context in which it is evaluated.
        answer: its awaitable answer.
    """

    trigger: ConfiguredTrigger
    ctx: ProactiveTriggerContext
    answer: Awaitable[ProactiveTriggerResult | None]


@dataclass(frozen=True, slots=True)
class FiredTrigger:
    """A trigger that fired.

    Args:
        trigger: the trigger, in the variant that the user gets.
        result: its result.
        golden_path: id of the workflow that it is about; empty for none.
        evidence_until: start time of the newest action that it saw, epoch seconds.
    """

    trigger: ConfiguredTrigger
    result: ProactiveTriggerResult
    golden_path: str
    evidence_until: float


class TriggerAsker:
    """Asks one trigger at a time, and counts failures.

    Args:
        time_limit_s: time limit of an async trigger.
        poll_interval_s: how often to ask a trigger that cannot say when it could fire without a new event.
        is_workflow: whether there is a golden path with an id.
        counts: the asker adds ``trigger_errors`` and ``trigger_timeouts`` of all triggers together.
    """

    def __init__(
        self,
        time_limit_s: float,
        poll_interval_s: float,
        is_workflow: Callable[[str], object],
        counts: Counter[str],
    ) -> None:
        self._time_limit_s = time_limit_s
        self._poll_interval_s = poll_interval_s
        self._is_workflow = is_workflow
        self._counts = counts
        #: ``errors`` and ``timeouts`` by trigger.
        self.failures: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def ask(
        self, trigger: ConfiguredTrigger, ctx: ProactiveTriggerContext
    ) -> ProactiveTriggerResult | Pending | None:
        """Return a trigger's result, or a pending answer for :meth:`answer_of` to await."""
        try:
            result = trigger.evaluate(ctx)
        except Exception as failure:
            self._failed(trigger, failure)
            return None
        if result is None:
            return None
        return Pending(trigger, ctx, result) if inspect.isawaitable(result) else result

    async def answer(self, trigger: ConfiguredTrigger, ctx: ProactiveTriggerContext) -> Answer:
        """Return a trigger's answer; await it if the trigger is async."""
        try:
            result = trigger.evaluate(ctx)
        except Exception as failure:
            return Answer(None, self._failed(trigger, failure))
        if inspect.isawaitable(result):
            return await self.answer_of(Pending(trigger, ctx, result))
        return Answer(result)

    async def answer_of(self, pending: Pending) -> Answer:
        """Await an answer; a trigger that exceeds the time limit is cancelled without waiting for its end."""
        asking = asyncio.ensure_future(pending.answer)
        try:
            done, _ = await asyncio.wait({asking}, timeout=self._time_limit_s)
        except asyncio.CancelledError:
            asking.cancel()
            raise
        if not done:
            asking.cancel()
            asking.add_done_callback(_retrieve)
            return Answer(None, self._timed_out(pending.trigger))
        try:
            return Answer(asking.result())
        except (Exception, asyncio.CancelledError) as failure:
            return Answer(None, self._failed(pending.trigger, failure))

    def workflow_of(self, trigger: ConfiguredTrigger, result: ProactiveTriggerResult) -> str:
        """Return the trigger's own workflow, or else the workflow that made it fire."""
        found = str(result.metadata.get("golden_path") or "")
        return trigger.golden_path or (found if self._is_workflow(found) else "")

    def ask_again_at(self, trigger: ConfiguredTrigger, ctx: ProactiveTriggerContext, now: float) -> float:
        """When the trigger could fire without a new event, epoch seconds; infinity for never."""
        if trigger.wakes_at is None:
            return now + self._poll_interval_s
        due = self.guarded(trigger, trigger.wakes_at, ctx)
        return due if due is not None and due > now else math.inf

    def guarded(self, trigger: ConfiguredTrigger, function: Callable[[Any], Any], argument: Any) -> Any:
        """Return the result of one of a trigger's functions; None if it raises."""
        try:
            return function(argument)
        except Exception as failure:
            self._failed(trigger, failure)
            return None

    def guard(self, trigger: ConfiguredTrigger, matches: Matcher) -> Matcher:
        """Return one of a trigger's matchers, which matches nothing if it raises."""
        return functools.partial(self.guarded, trigger, matches)

    def _failed(self, trigger: ConfiguredTrigger, failure: BaseException) -> str:
        self._counts["trigger_errors"] += 1
        self.failures[trigger.id]["errors"] += 1
        if self.failures[trigger.id]["errors"] == 1:
            logger.error("The trigger %r failed; it counts as not fired.", trigger.id, exc_info=failure)
        return f"it failed with {type(failure).__name__}, which counts as not fired"

    def _timed_out(self, trigger: ConfiguredTrigger) -> str:
        limit = format_duration(self._time_limit_s)
        self._counts["trigger_timeouts"] += 1
        self.failures[trigger.id]["timeouts"] += 1
        if self.failures[trigger.id]["timeouts"] == 1:
            logger.warning(
                "The trigger %r did not answer within %s (evaluate_timeout); it counts as not fired.",
                trigger.id,
                limit,
            )
        return f"it did not answer within {limit}, which counts as not fired"


def _retrieve(asking: asyncio.Future[Any]) -> None:
    """Retrieve what a trigger raises after its time limit, so that asyncio does not log it."""
    if not asking.cancelled():
        asking.exception()


class Round:
    """One evaluation of a session: its triggers are asked in order until one fires.

    Args:
        asker: asks one trigger.
        session: the session; a round does not change it.
        triggers: in order of priority.
        now: epoch seconds.
        follower: knows the user's history and the progress in workflows.
        drop: called with the id of a trigger that a gate stopped or postponed, and that no longer fires.
    """

    def __init__(
        self,
        asker: TriggerAsker,
        session: Session,
        triggers: Sequence[ConfiguredTrigger],
        now: float,
        follower: SessionFollower,
        drop: Callable[[str], None],
    ) -> None:
        self._asker = asker
        self._session, self._now, self._follower = session, now, follower
        self._drop = drop
        self._left = iter(triggers)
        self._held = session.triggers.holds(now)
        self._waiting = session.triggers.waiting_since or ()
        self._stopped = session.triggers.stopped_fires or ()
        #: By the end of the consumed evidence, and by what is silenced.
        self._contexts: dict[object, ProactiveTriggerContext] = {}
        self._evaluate_again_at = min(self._held.values(), default=math.inf)

    @property
    def evaluate_again_at(self) -> float | None:
        """When to evaluate the session again, epoch seconds; None if only an event can change the result."""
        return self._evaluate_again_at if self._evaluate_again_at < math.inf else None

    def proceed(self) -> FiredTrigger | Pending | None:
        """Ask the remaining triggers, up to the first that fires or is pending; None if no trigger does."""
        for trigger in self._left:
            if trigger.id in self._held:
                if trigger.id in self._waiting:
                    return None  # it waits for a boundary, and the triggers after it wait with it
                continue
            found = self._ask(trigger)
            if found is not None:
                return found
        return None

    def resume(
        self, pending: Pending, result: ProactiveTriggerResult | None
    ) -> FiredTrigger | Pending | None:
        """Continue with the answer of a pending trigger."""
        silenced = self._session.triggers.silenced(pending.trigger.id, self._now)
        return self._check(pending.trigger, pending.ctx, result, silenced) or self.proceed()

    def _ask(self, trigger: ConfiguredTrigger) -> FiredTrigger | Pending | None:
        silenced = _NOT_SILENCED
        if self._session.triggers.silenced_until:  # most sessions have nothing silenced
            silenced = self._session.triggers.silenced(trigger.id, self._now)
            self._evaluate_again_at = min([self._evaluate_again_at, *silenced.values()])
            golden_path = trigger.variant_for(self._session.user_id or "").golden_path if silenced else ""
            if golden_path and golden_path in silenced:
                return None
        ctx = self._context(self._session.triggers.evidence_after(trigger.id), silenced)
        # A trigger needs new evidence to fire.
        answer = self._asker.ask(trigger, ctx) if ctx.recent_actions else None
        return answer if isinstance(answer, Pending) else self._check(trigger, ctx, answer, silenced)

    def _check(
        self,
        trigger: ConfiguredTrigger,
        ctx: ProactiveTriggerContext,
        result: ProactiveTriggerResult | None,
        silenced: Mapping[str, float],
    ) -> FiredTrigger | None:
        if result is not None:
            variant = trigger.variant_for(self._session.user_id or "")
            golden_path = self._asker.workflow_of(variant, result)
            if (golden_path or self._session.window.page()) not in silenced:
                return FiredTrigger(variant, result, golden_path, ctx.recent_actions[-1].timestamp_start)
        if trigger.id in self._waiting or trigger.id in self._stopped:
            self._drop(trigger.id)
        if ctx.recent_actions and trigger.wakes_at is not never_by_time:
            self._evaluate_again_at = min(
                self._evaluate_again_at, self._asker.ask_again_at(trigger, ctx, self._now)
            )
        return None

    def _context(self, after: float, silenced: Mapping[str, float]) -> ProactiveTriggerContext:
        key = (after, frozenset(silenced)) if silenced else after
        ctx = self._contexts.get(key)
        if ctx is None:
            ctx = context_of(self._session, after, self._now, self._follower, frozenset(silenced))
            self._contexts[key] = ctx
        return ctx
