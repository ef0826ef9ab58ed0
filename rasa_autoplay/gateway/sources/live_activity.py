"""Polls the vendor's pull API for the recent actions of users who are present."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

import aiohttp

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.identity.ids import derived_id
from rasa_autoplay.common.runtime.backoff import Backoff
from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.errors import MalformedEvent, SourceRefused
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.sources.base import QueueFullError, SourceState, quiet_remedy, source_health
from rasa_autoplay.gateway.sources.intake import Intake, Sink
from rasa_autoplay.gateway.sources.live_request import (
    NotAnswered,
    Throttled,
    UnknownUser,
    ask,
    is_askable,
    live_activity_url,
)
from rasa_autoplay.gateway.sources.poll_plan import PollPlan
from rasa_autoplay.settings.sources import LiveActivitySettings

__all__ = ["LiveActivity"]

logger = logging.getLogger(__name__)

_QUESTION = "does the upstream know these users by the ids that the feed uses?"
_MAX_REQUESTS = 8
_REQUEST_TIMEOUT_S = 10.0
#: How often the list of present users is updated.
_UPDATE_S = 0.5
#: A user who wrote in the chat counts as present for this long, even without a feed.
_CHAT_S = 300.0
_MAX_CHATTING = 10_000
#: After this many failures in a row, for any users, polling pauses.
_FAILURES_TO_PAUSE = 3
_PAUSE = Backoff(1.0, 60.0)


class LiveActivity:
    """Polls for present users while the server runs.

    Args:
        settings: the upstream, the intervals and the limits.
        product_id: the channel's own.
        users_with_feeds: returns the users who have an open feed.
        sink: receives each payload and the source's name.
        clock: epoch seconds.
    """

    name = "live_activity"

    def __init__(
        self,
        settings: LiveActivitySettings,
        product_id: str,
        users_with_feeds: Callable[[], Collection[str]],
        sink: Sink,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._product_id = product_id
        self._users_with_feeds = users_with_feeds
        self._intake = Intake(product_id, self.name, clock)
        self._sink = sink
        self._clock = clock
        self._plan = PollPlan(settings.min_interval, settings.max_interval, 4 * settings.max_actions)
        self._chatting: BoundedDict[str, float] = BoundedDict(_MAX_CHATTING)
        self._requests: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._paused_until = 0.0
        self._failures = 0
        self._has_answered = False
        self._refusal = ""
        self._problem = ""
        self._users_since = 0.0
        self._counts: Counter[str] = Counter()

    def user_wrote(self, user_id: str) -> None:
        """Count a user who wrote in the chat as present for five minutes."""
        self._chatting[user_id] = self._clock()

    def forget_user(self, user_id: str) -> None:
        """Forget a user, who is polled no longer."""
        self._chatting.pop(user_id, None)
        self._plan.forget(user_id)

    async def start(self) -> None:
        """Start polling."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="autoplay live activity")

    async def stop(self) -> None:
        """Stop polling, and cancel requests in progress."""
        await end_tasks([self._task, *self._requests])

    async def _run(self) -> None:
        headers = {
            "Authorization": f"Bearer {self._settings.key.reveal()}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        timeout = aiohttp.ClientTimeout(total=_REQUEST_TIMEOUT_S)
        async with aiohttp.ClientSession(
            headers=headers, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as http:
            while not self._refusal:
                try:
                    await self._poll_due_users(http)
                except Exception:
                    logger.exception("Polling the live activity failed; it continues.")
                    await asyncio.sleep(_UPDATE_S)

    async def _poll_due_users(self, http: aiohttp.ClientSession) -> None:
        """Update the present users, then poll those who are due until the next update."""
        loop = asyncio.get_running_loop()
        self._update_users(loop.time())
        update_at = loop.time() + _UPDATE_S
        while (now := loop.time()) < update_at:
            if len(self._requests) >= _MAX_REQUESTS:
                await asyncio.wait(
                    self._requests, timeout=update_at - now, return_when=asyncio.FIRST_COMPLETED
                )
                continue
            is_allowed = now >= self._paused_until and not self._refusal
            user_id = self._plan.pop_due(now) if is_allowed else None
            if user_id is None:
                await asyncio.sleep(self._idle_s(now, update_at))
                continue
            task = loop.create_task(self._poll(http, user_id))
            self._requests.add(task)
            task.add_done_callback(self._requests.discard)
            await asyncio.sleep(1 / self._settings.max_requests_per_second)

    def _idle_s(self, now: float, until: float) -> float:
        due_at = self._plan.next_due_at()
        soonest = until if due_at is None else min(until, max(due_at, self._paused_until))
        return max(soonest - now, 0.01)

    def _update_users(self, now: float) -> None:
        oldest = self._clock() - _CHAT_S
        while self._chatting and next(iter(self._chatting.values())) < oldest:
            self._chatting.popitem(last=False)
        was_empty = not len(self._plan)
        self._plan.update(set(filter(is_askable, {*self._users_with_feeds(), *self._chatting})), now)
        if was_empty:
            self._users_since = self._clock()

    async def _poll(self, http: aiohttp.ClientSession, user_id: str) -> None:
        loop = asyncio.get_running_loop()
        settings = self._settings
        self._counts["requests"] += 1
        try:
            url = live_activity_url(settings.origin, self._product_id, user_id, settings.max_actions)
            payload = await ask(http, url, now=self._clock(), left_out=self._intake.failures.record)
            new_actions = self._accept_new(user_id, payload)
        except SourceRefused as refusal:
            self._refusal = refusal.remedy
            logger.error("The live activity is no longer polled: %s", refusal)
        except Throttled as answer:
            self._counts["throttled"] += 1
            self._plan.record_failure(user_id, loop.time())
            self._pause(answer.retry_after_s or _PAUSE.wait_s(self._failures + 1), str(answer))
        except UnknownUser as answer:
            self._counts["unknown_users"] += 1
            self._plan.record_failure(user_id, loop.time())
            self._problem = "" if self._has_answered else f"{answer} Check origin and product_id."
        except (MalformedEvent, NotAnswered) as problem:
            self._counts["malformed" if isinstance(problem, MalformedEvent) else "failed_requests"] += 1
            self._plan.record_failure(user_id, loop.time())
            self._record_failure(str(problem))
        except Exception as problem:
            # Our bug. This user and all others are polled again.
            self._intake.failures.record(problem)
            self._plan.record_failure(user_id, loop.time())
        else:
            self._failures, self._has_answered = 0, True
            if loop.time() >= self._paused_until:
                self._problem = ""
            self._plan.record_answer(user_id, new_actions=new_actions, now=loop.time())

    def _record_failure(self, problem: str) -> None:
        """Record a failed request; several in a row pause polling, because the upstream seems to be down."""
        self._failures += 1
        self._problem = problem
        if self._failures >= _FAILURES_TO_PAUSE:
            self._pause(_PAUSE.wait_s(self._failures - _FAILURES_TO_PAUSE + 1), problem)

    def _pause(self, seconds: float, problem: str) -> None:
        self._problem = problem
        self._paused_until = max(self._paused_until, asyncio.get_running_loop().time() + seconds)
        logger.warning("Polling the live activity pauses for %.1f s: %s", seconds, problem)

    def _accept_new(self, user_id: str, payload: ActionsPayload) -> int:
        """Accept the new actions in one batch per session, the most recent session last.

        Returns:
            The number of new actions.
        """
        limit = self._settings.max_actions
        newest = sorted(payload.actions, key=lambda action: action.timestamp_start)[-limit:]
        fresh = self._plan.unseen(user_id, newest)
        self._counts["duplicate"] += len(newest) - len(fresh)
        if len(fresh) == limit and self._has_answered:
            self._counts["full_answers"] += 1
        sessions: dict[str, dict[int, SlimAction]] = {}
        for key, action in fresh.items():
            session_id = action.session_id or payload.session_id or derived_id("live_", user_id)
            sessions.setdefault(session_id, {})[key] = action
        for session_id, actions in sorted(sessions.items(), key=lambda item: _newest(item[1])):
            self._accept_session(user_id, session_id, payload, actions)
        return len(fresh)

    def _accept_session(
        self, user_id: str, session_id: str, answer: ActionsPayload, actions: Mapping[int, SlimAction]
    ) -> None:
        # The actions belong to the requested user, whatever user ids the answer contains.
        batch = ActionsPayload(
            self._product_id,
            session_id,
            user_id,
            answer.email,
            list(actions.values()),
            forwarded_at=self._clock(),
            timezone=answer.timezone,
            properties=answer.properties,
        )
        try:
            is_accepted = self._intake.accept(batch, self._sink)
        except QueueFullError:
            return  # the next answer contains these actions again
        if is_accepted:
            self._counts["accepted"] += len(batch.actions)
        self._plan.mark_seen(user_id, actions)

    def health(self) -> dict[str, Any]:
        """State, counts and remedy; ``accepted`` and ``duplicate`` count actions."""
        now, last = self._clock(), self._intake.last_event_at
        others = {name: count for name, count in self._intake.counts.items() if name != "accepted"}
        return source_health(
            self._state(),
            {"users": len(self._plan), **others, **self._counts, **self._intake.failures.counts},
            last_event_at=last,
            now=now,
            remedy=self._refusal or self._problem or self._quiet_remedy(last, now),
        )

    def _state(self) -> SourceState:
        if self._refusal:
            return "failed"
        if not len(self._plan):
            return "idle"
        return "connected" if self._has_answered and not self._problem else "connecting"

    def _quiet_remedy(self, last: float, now: float) -> str:
        if self._state() != "connected":
            return ""
        return quiet_remedy(_QUESTION, last_event_at=last, started_at=self._users_since, now=now)


def _newest(actions: Mapping[int, SlimAction]) -> float:
    return max(action.timestamp_start for action in actions.values())
