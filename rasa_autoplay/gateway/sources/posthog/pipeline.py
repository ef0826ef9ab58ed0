"""The steps that all sources of captured requests share: decode, read, accept, report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from rasa_autoplay.common.runtime.tasks import end_tasks
from rasa_autoplay.common.tracing.current import child_span
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, LeftOut
from rasa_autoplay.gateway.sources.base import NotSafe, quiet_remedy, source_health
from rasa_autoplay.gateway.sources.intake import Delivery, Intake
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.capture import CaptureReader
from rasa_autoplay.gateway.sources.posthog.draft import CaptureCounts
from rasa_autoplay.gateway.sources.posthog.remembered_users import EVERYBODY, RememberedUsers
from rasa_autoplay.gateway.sources.posthog.sender import ANY_SENDER, Sender
from rasa_autoplay.gateway.sources.posthog.session_rules import SessionRule, session_of_analytics
from rasa_autoplay.gateway.sources.posthog.slices import ReadResult, read_in_slices
from rasa_autoplay.gateway.sources.posthog.wire import CapturedRequest

__all__ = ["CapturePipeline"]


class CapturePipeline:
    """Turns one source's requests into batches.

    Args:
        name: the source's name in health and logs.
        product_id: the channel's own; what requests claim is ignored.
        question: what to check if no event arrives.
        clock: epoch seconds.
        pages: the app's pages.
        users: those whose events may be read, and who may be remembered.
        session_of: finds the session of an event.
    """

    def __init__(
        self,
        name: str,
        product_id: str,
        question: str,
        clock: Callable[[], float],
        pages: Pages | None,
        users: RememberedUsers = EVERYBODY,
        session_of: SessionRule = session_of_analytics,
    ) -> None:
        self._question = question
        self._clock = clock
        self._intake = Intake(product_id, name, clock)
        left_out = self._intake.failures.record
        self._reader = CaptureReader(product_id, pages, left_out=left_out, users=users, session_of=session_of)
        self._started_at = clock()
        #: The requests that are being accepted.
        self._tasks: set[asyncio.Task[ReadResult]] = set()
        #: Requests that could not be decoded.
        self.unreadable = 0

    @property
    def counts(self) -> CaptureCounts:
        """The outcomes of all events so far."""
        return self._reader.counts

    def forget_user(self, user_id: str) -> None:
        """Forget the sessions of a user."""
        self._reader.forget_user(user_id)

    def decode(self, decode: Callable[[float, LeftOut], CapturedRequest]) -> CapturedRequest:
        """Decode a request.

        Args:
            decode: given the time of arrival in epoch seconds, and a function to call with the problem of
                each event that fails.

        Raises:
            MalformedEvent: raised by ``decode``.
        """
        try:
            return decode(self._clock(), self._intake.failures.record)
        except MalformedEvent:
            self.unreadable += 1
            raise

    async def accept(
        self, request: CapturedRequest, delivery: Delivery, sender: Sender = ANY_SENDER
    ) -> ReadResult:
        """Read a request, accept its batches, and wait until its events are safe.

        An event is a duplicate as soon as another request has brought it. So a request with duplicates also
        waits for the other requests: if they lose the events, its answer must not be 200.

        Raises:
            QueueFullError: some batches were dropped; the sender should send the request again.
            NotSafe: some events are not safe; the sender should send the request again.
        """
        # The task continues if the request is cancelled, because its browser may have sent a copy.
        task = asyncio.get_running_loop().create_task(self._accept(request, delivery, sender))
        self._tasks.add(task)
        task.add_done_callback(self._end)
        result = await asyncio.shield(task)
        if result.duplicates:
            if self._tasks:
                await asyncio.wait(list(self._tasks))
            if self._reader.has_forgotten(result.duplicates):
                raise NotSafe
        return result

    async def _accept(self, request: CapturedRequest, delivery: Delivery, sender: Sender) -> ReadResult:
        try:
            with child_span("intake"):
                result = await read_in_slices(request, self._reader, self._intake, delivery.accept, sender)
        finally:
            unsafe = await delivery.unsafe()
            for payload in unsafe:
                # Its events are new when they are sent again.
                if isinstance(payload, ActionsPayload):
                    self._reader.forget(payload)
        if unsafe:
            raise NotSafe
        return result

    def _end(self, task: asyncio.Task[ReadResult]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not log it for a cancelled request

    async def stop(self) -> None:
        """Cancel the requests that are being accepted."""
        await end_tasks(list(self._tasks))

    def health(self, refused: int, remedy: str) -> dict[str, Any]:
        """State, counts and remedy. ``unreadable`` and ``refused`` count requests, the others events.

        Args:
            refused: requests with a wrong key or secret.
            remedy: what to do about the source; empty if nothing is known to be wrong.
        """
        last, now = self._intake.last_event_at, self._clock()
        counts = msgspec.structs.asdict(self._reader.counts)
        requests = {"unreadable": self.unreadable, "refused": refused}
        return source_health(
            "connected" if last else "idle",
            {**counts, **self._intake.refused, "dropped": self._intake.counts["dropped"], **requests},
            last_event_at=last,
            now=now,
            remedy=remedy
            or quiet_remedy(self._question, last_event_at=last, started_at=self._started_at, now=now),
            hints=self._reader.setup.hints(),
        )
