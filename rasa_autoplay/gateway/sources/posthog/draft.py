"""The result of reading one capture request, before anything of it is remembered."""

from __future__ import annotations

import msgspec

from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.gateway.sources.posthog.elements import Element
from rasa_autoplay.gateway.sources.posthog.identities import CapturedSession
from rasa_autoplay.gateway.sources.posthog.sender import Sender
from rasa_autoplay.gateway.sources.posthog.wire import CapturedEvent, CapturedRequest

__all__ = ["CaptureCounts", "Draft", "DraftEvent"]


class CaptureCounts(msgspec.Struct):
    """The outcomes of all events since the reader was made.

    Args:
        accepted: events that became actions.
        duplicate: events that were seen before.
        malformed: invalid events, and actions without a session.
        of_another_user: events that named another user than the one whose token came with the request.
        ignored: events that are no user actions (identity, page leave, …), or in the copilot's own UI.
        page_views: accepted page views.
        anonymous: accepted events of visitors who are not identified.
        held_back: accepted events that the browser held for half a second or more, by its own clock.
    """

    accepted: int = 0
    duplicate: int = 0
    malformed: int = 0
    of_another_user: int = 0
    ignored: int = 0
    page_views: int = 0
    anonymous: int = 0
    held_back: int = 0

    def add(self, other: CaptureCounts) -> None:
        """Add the counts of one request."""
        for name in self.__struct_fields__:
            if number := getattr(other, name):
                setattr(self, name, getattr(self, name) + number)

    def count(self, event: DraftEvent) -> None:
        """Count one event by its outcome."""
        action = event.action
        if action is None:
            self.duplicate += event.is_repeated
            self.ignored += not event.is_repeated
            return
        self.accepted += 1
        self.page_views += action.type == "pageview"
        self.held_back += event.is_held_back
        self.anonymous += action.user_id is None


class DraftEvent(msgspec.Struct):
    """An event that is being read: its session, and its outcome.

    Args:
        captured: the event as it was sent.
        id: 64 bits that identify the event; 0 if the library sent no id.
        seen_as: 64 bits that identify the event within its session; 0 if the library sent no id.
        session_id: the analytics session.
        key: the reader's key of the session.
        user_id: the user whom the event names, or who sent it; None for an anonymous visitor.
        at: when the event happened, epoch seconds.
        is_held_back: whether the browser held the event for half a second or more.
        action: the resulting action; None if the event is no action.
        elements: the target of the event and its ancestors, target first.
        is_repeated: whether the event is a copy of an earlier event of the same request.
    """

    captured: CapturedEvent
    id: int
    seen_as: int
    session_id: str
    key: str
    user_id: str | None
    at: float
    is_held_back: bool
    action: SlimAction | None = None
    elements: list[Element] = []
    is_repeated: bool = False


class Draft:
    """The content of one request. It works on copies; the reader changes only when it keeps the draft.

    Args:
        request: the captured request.
        sender: who sent it.
    """

    def __init__(self, request: CapturedRequest, sender: Sender) -> None:
        self.request, self.sender = request, sender
        #: One batch per session and user, its actions ordered by time. A batch without actions announces a
        #: session's user. If a session's user changed, the newest user comes last.
        self.batches: list[ActionsPayload] = []
        #: For each batch, the session's key and the events that became actions.
        self.sources: list[tuple[str, list[DraftEvent]]] = []
        self.counts = CaptureCounts(malformed=request.malformed)
        #: ``seen_as`` of the events that an earlier request contained.
        self.duplicates: set[int] = set()
        self.sessions: dict[str, CapturedSession] = {}
        self.events: list[DraftEvent] = []
        #: Events that were lost because posthog-js runs without sessions.
        self.lost_cookieless = 0
        #: ``seen_as`` of the events that became actions.
        self.acted: set[int] = set()

    @property
    def is_refused(self) -> bool:
        """Whether the sender may not send any of the events."""
        return self.counts.of_another_user > 0 and not (self.events or self.counts.duplicate)
