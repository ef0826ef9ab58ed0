"""PostHog capture, direct: posthog-js points its ``api_host`` at the Rasa server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.gateway.sources.intake import Delivery
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.gateway.sources.posthog.pipeline import CapturePipeline
from rasa_autoplay.gateway.sources.posthog.project_key import ProjectKeyGuard
from rasa_autoplay.gateway.sources.posthog.remembered_users import EVERYBODY, RememberedUsers
from rasa_autoplay.gateway.sources.posthog.sender import ANY_SENDER, Sender
from rasa_autoplay.gateway.sources.posthog.session_rules import SessionRule, session_of_analytics
from rasa_autoplay.gateway.sources.posthog.wire import MAX_BYTES, CapturedRequest, decode_request

__all__ = ["CaptureSource", "Check", "EventsOfOthers"]

#: Raises if the request must not be read any further.
Check = Callable[[CapturedRequest], None]

_QUESTION = "does the page load posthog-js, with api_host = <this server>/webhooks/autoplay/capture?"
_NO_PAGE_VIEWS = "no page views seen: is capture_pageview on 'history_change'?"
#: After this many actions without a page view, the page's settings are probably wrong.
_ACTIONS_WITHOUT_PAGE_VIEW = 20


class EventsOfOthers(MalformedEvent):
    """All events of a request name users for whom its sender may not speak; the request changed nothing."""


class CaptureSource:
    """Accepts the requests of posthog-js.

    Args:
        product_id: the channel's own; what browsers claim is ignored.
        clock: epoch seconds.
        pages: the app's pages.
        project_key: the only key that requests may carry; empty for any.
        max_bytes: limit of one request, both compressed and decompressed.
        users: those whose events may be read, and who may be remembered.
        session_of: finds the session of an event.
    """

    name = "capture"

    def __init__(
        self,
        product_id: str,
        clock: Callable[[], float],
        pages: Pages | None = None,
        project_key: str = "",
        max_bytes: int = MAX_BYTES,
        users: RememberedUsers = EVERYBODY,
        session_of: SessionRule = session_of_analytics,
    ) -> None:
        self.max_bytes = max_bytes
        self._keys = ProjectKeyGuard(project_key, clock)
        self._pipeline = CapturePipeline(self.name, product_id, _QUESTION, clock, pages, users, session_of)

    async def start(self) -> None:
        """Do nothing: browsers send requests."""

    def forget_user(self, user_id: str) -> None:
        """Forget the sessions of a user."""
        self._pipeline.forget_user(user_id)

    async def stop(self) -> None:
        """Cancel the requests that are being accepted."""
        await self._pipeline.stop()

    async def accept(
        self,
        body: bytes,
        content_type: str,
        query: Mapping[str, str],
        delivery: Delivery,
        sender: Sender = ANY_SENDER,
        check: Check | None = None,
    ) -> None:
        """Accept one request.

        Args:
            body: the raw body.
            content_type: the body's content type.
            query: the query of the request's URL.
            delivery: receives the batches.
            sender: who sent the request. Events of users for whom it may not speak are left out.
            check: called before the request changes anything.

        Raises:
            WrongProjectKey: the request belongs to another project.
            EventsOfOthers: the sender may send none of the events.
            MalformedEvent: the body cannot be read; a ``PayloadTooLarge`` if it is too large.
            QueueFullError: some batches were dropped; the browser should send the request again.
            NotSafe: some events are not safe; the browser should send the request again.
        """
        request = self._pipeline.decode(
            lambda received_at, left_out: decode_request(
                body,
                content_type=content_type,
                query=query,
                received_at=received_at,
                max_bytes=self.max_bytes,
                left_out=left_out,
            )
        )
        self._keys.check(request)
        if check is not None:
            check(request)
        if (await self._pipeline.accept(request, delivery, sender)).is_refused:
            raise EventsOfOthers("all events belong to another user")

    def health(self) -> dict[str, Any]:
        """State, counts and remedy; see :meth:`CapturePipeline.health`. ``keyless`` counts requests."""
        health = self._pipeline.health(self._keys.refused, self._keys.remedy() or self._setup_remedy())
        return {**health, "keyless": self._keys.keyless}

    def _setup_remedy(self) -> str:
        counts = self._pipeline.counts
        lacks_page_views = counts.accepted >= _ACTIONS_WITHOUT_PAGE_VIEW and not counts.page_views
        return _NO_PAGE_VIEWS if lacks_page_views else ""
