"""PostHog capture, direct: posthog-js points its ``api_host`` at the Rasa server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload
from rasa_autoplay.gateway.sources.base import quiet_remedy, source_health
from rasa_autoplay.gateway.sources.intake import Intake, Payload, Sink
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.capture import ANY_SENDER, CaptureReader, Sender
from rasa_autoplay.gateway.sources.posthog.project_key import ProjectKeyGuard
from rasa_autoplay.gateway.sources.posthog.slices import read_in_slices
from rasa_autoplay.gateway.sources.posthog.wire import MAX_BYTES, CapturedRequest, decode_request

__all__ = ["CaptureSource", "Check", "EventsOfOthers"]

#: Raises for a request that is not to be read any further.
Check = Callable[[CapturedRequest], None]

_QUESTION = "does the page load posthog-js, with api_host = <this server>/webhooks/autoplay/capture?"
_NO_PAGE_VIEWS = "no page views seen: is capture_pageview on 'history_change'?"
#: So many actions without a page view among them are no coincidence.
_ACTIONS_WITHOUT_PAGE_VIEW = 20


class EventsOfOthers(MalformedEvent):
    """All events of a request name users for whom its sender may not speak; nothing was changed."""


class CaptureSource:
    """Turns capture requests into batches.

    Args:
        product_id: the channel's own; what the browser claims is ignored.
        clock: epoch seconds.
        pages: the app's pages.
        project_key: the only one that requests may carry; empty for any.
        max_bytes: of one request, packed and unpacked.
    """

    name = "capture"

    def __init__(
        self,
        product_id: str,
        clock: Callable[[], float],
        pages: Pages | None = None,
        project_key: str = "",
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.max_bytes = max_bytes
        self._keys = ProjectKeyGuard(project_key, clock)
        self._intake = Intake(product_id, self.name, clock)
        self._reader = CaptureReader(product_id, pages, left_out=self._intake.failures.note)
        self._clock = clock
        self._unreadable = 0
        self._started_at = clock()

    async def start(self) -> None:
        """Nothing to begin: browsers come by themselves."""

    async def stop(self) -> None:
        """Nothing to end."""

    async def accept(
        self,
        body: bytes,
        content_type: str,
        query: Mapping[str, str],
        sink: Sink,
        sender: Sender = ANY_SENDER,
        check: Check | None = None,
    ) -> None:
        """Accept one request.

        Args:
            body: as it came.
            content_type: of the body.
            query: of the request's URL.
            sink: receives the batches.
            sender: who has sent it. Events of users for whom it may not speak are left out.
            check: sees the request before anything is learnt from it.

        Raises:
            WrongProjectKey: it is another project's.
            EventsOfOthers: the sender may send none of its events.
            MalformedEvent: the body cannot be read; a ``PayloadTooLarge`` when it is a bomb.
            NoRoom: it may come again; what had room is known then.
        """
        try:
            request = decode_request(
                body,
                content_type=content_type,
                query=query,
                received_at=self._clock(),
                max_bytes=self.max_bytes,
                left_out=self._intake.failures.note,
            )
        except MalformedEvent:
            self._unreadable += 1
            raise
        self._keys.check(request)
        if check is not None:
            check(request)
        if not await read_in_slices(request, self._reader, self._intake, sink, sender):
            raise EventsOfOthers("all events are another user's")

    def forget(self, payloads: Iterable[Payload]) -> None:
        """Take back batches that are not safe: their events may come again."""
        for payload in payloads:
            if isinstance(payload, ActionsPayload):
                self._reader.forget(payload)

    def health(self) -> dict[str, Any]:
        """State and counts: of events; ``unreadable`` and ``refused`` (wrong key) are whole requests."""
        last = self._intake.last_event_at
        counts = msgspec.structs.asdict(self._reader.counts)
        requests = {"unreadable": self._unreadable, "refused": self._keys.refused}
        return source_health(
            "connected" if last else "idle",
            {**counts, **self._intake.refused, "dropped": self._intake.counts["dropped"], **requests},
            last_event_at=last,
            now=self._clock(),
            remedy=self._remedy(),
            hints=self._reader.setup.hints(),
        )

    def _remedy(self) -> str:
        counts = self._reader.counts
        if remedy := self._keys.remedy():
            return remedy
        if counts.accepted >= _ACTIONS_WITHOUT_PAGE_VIEW and not counts.page_views:
            return _NO_PAGE_VIEWS
        return quiet_remedy(
            _QUESTION,
            last_event_at=self._intake.last_event_at,
            started_at=self._started_at,
            now=self._clock(),
        )
