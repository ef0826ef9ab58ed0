"""The messages that the gateway sends to the engine, and how requests are answered.

Messages are numbered, and the engine acknowledges them. It sends frames for the feeds
(:mod:`rasa_autoplay.link.frames`). If the gateway needs an answer, it sends a request
(:mod:`rasa_autoplay.link.request_types`). All are JSON.
"""

from __future__ import annotations

import msgspec

from rasa_autoplay.errors import RefusalKind
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger

__all__ = [
    "ACCEPT_BUTTONS",
    "RECEIPT_EVENTS",
    "TOUR_OUTCOMES",
    "Batch",
    "BatchAnswer",
    "ChatDelivery",
    "ChatMessage",
    "Delivered",
    "Event",
    "FeedClosed",
    "FeedInfo",
    "FeedOpened",
    "FeedSnapshot",
    "Refusal",
    "Reply",
    "UpMessage",
    "sender_of",
    "weight_of",
]

#: The receipts that a browser may report (``POST …/proactive/ack``).
RECEIPT_EVENTS = ("rendered", "seen", "timed_out", "dismissed", "snoozed", "never", "accepted")

#: The buttons of a toast by which an offer can be accepted; a report of ``accepted`` names one of them.
ACCEPT_BUTTONS = ("show_me", "open_chat", "reply")

#: How a tour ended (``POST …/tour/end``): the user did it all, or closed it; an element did not appear; or
#: the user went to a page that the golden path does not include.
TOUR_OUTCOMES = ("finished", "left", "missing", "elsewhere")


class Event(msgspec.Struct, tag="event", omit_defaults=True):
    """A payload that a source delivered.

    Args:
        payload: the batch, summary or tour order.
        source: the source's name, as in health.
        sender: who is responsible for it; empty stands for the session that the payload names.
        trace_parent: the gateway's span, as W3C's ``traceparent``; empty if it is not traced.
        arrived_at: when it arrived, by the gateway's own monotonic clock. The engine sends it back with the
            offer that the event causes, so that the gateway can measure the time between; 0 if it does not.
    """

    payload: ActionsPayload | SummaryPayload | UsertourTrigger
    source: str
    sender: str = ""
    trace_parent: str = ""
    arrived_at: float = 0.0

    def empty(self) -> None:
        """Remove the content and the sender; the engine ignores what is left."""
        self.payload = SummaryPayload(self.payload.product_id, "", "")
        self.sender = self.trace_parent = ""


class FeedInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """One browser connection to the toast feed.

    Args:
        feed_id: the gateway's id of the connection.
        user_id: the user whose toasts it shows.
        last_offer_id: the last offer that this browser received (``Last-Event-ID``); empty if none.
        sends_receipts: whether the page reports what it has shown. If so, an offer counts as shown only with
            a receipt.
        languages: the page's languages as BCP 47 tags, best first; empty if the page does not say.
    """

    feed_id: str
    user_id: str
    last_offer_id: str = ""
    sends_receipts: bool = False
    languages: tuple[str, ...] = ()


class FeedSnapshot(msgspec.Struct, tag="open_feeds", omit_defaults=True):
    """All open feeds of the gateway; sent whenever the link is (re)established.

    Args:
        feeds: the feeds.
        partitions: if not empty, only the feeds of these partitions' users are listed.
    """

    feeds: list[FeedInfo]
    partitions: list[int] = []


class FeedOpened(msgspec.Struct, tag="feed_opened"):
    """A browser connected."""

    feed: FeedInfo


class FeedClosed(msgspec.Struct, tag="feed_closed"):
    """A browser disconnected."""

    feed_id: str
    user_id: str


class Delivered(msgspec.Struct, tag="delivered", omit_defaults=True):
    """An offer was written to these feeds.

    Args:
        offer_id: the offer.
        feed_ids: the feeds.
        user_id: the offer's user.
        trace_parent: the gateway's span of that; empty if it is not traced.
    """

    offer_id: str
    feed_ids: list[str]
    user_id: str
    trace_parent: str = ""


class ChatMessage(msgspec.Struct, tag="chat_message"):
    """The user wrote in the chat."""

    user_id: str
    sender_id: str


class ChatDelivery(msgspec.Struct, tag="chat_delivery", omit_defaults=True):
    """The result of delivering a chat bubble.

    Args:
        offer_id: the offer's id.
        bubble: 1 for the question, 2 for the explanation.
        fate: ``delivered``, ``dropped`` (the user wrote first) or ``failed``.
        user_id: the offer's user.
        sender_id: the chat window.
        detail: the reason of a failure.
    """

    offer_id: str
    bubble: int
    fate: str
    user_id: str
    sender_id: str = ""
    detail: str = ""


UpMessage = Event | FeedSnapshot | FeedOpened | FeedClosed | Delivered | ChatMessage | ChatDelivery


def sender_of(message: UpMessage) -> str:
    """Return who is responsible for a message. Senders take turns, and each sender's messages stay in order.

    All messages about feeds and chats have the same sender, because their order matters across users.
    """
    if not isinstance(message, Event):
        return ""
    return message.sender or f"session:{message.payload.session_id}"


def weight_of(message: UpMessage) -> int:
    """Return a message's approximate cost for the engine: 1, plus 1 for each action."""
    if isinstance(message, Event) and isinstance(message.payload, ActionsPayload):
        return 1 + len(message.payload.actions)
    return 1


class Batch(msgspec.Struct):
    """Messages for the engine, in order.

    Args:
        gateway_id: identifies one run of one gateway.
        product_id: the product that the gateway is configured for.
        engine_id: the run of the engine that the gateway knows; empty at first.
        first_number: the number of the first message; the others follow.
        messages: the messages.
    """

    gateway_id: str
    product_id: str
    engine_id: str
    first_number: int
    messages: list[UpMessage]


class BatchAnswer(msgspec.Struct):
    """The engine's answer to a batch.

    Args:
        engine_id: the engine's current run. If it differs from the batch's, the engine has restarted and
            accepted nothing; the gateway then sends the recent events first.
        replay_window_s: how far back the recent events go.
    """

    engine_id: str
    replay_window_s: float


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a request or a batch is refused.

    Args:
        kind: the kind of refusal, by which the gateway chooses the HTTP status.
        error: what is wrong.
        remedy: what to do about it; empty if unknown.
    """

    kind: RefusalKind
    error: str
    remedy: str = ""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a request, or its refusal.

    Args:
        answer: the JSON of the request's answer; ``null`` with a refusal.
        refusal: why there is no answer; None if there is one.
        trace_parent: the span that the caller's own span turned out to be a part of; empty if it is not
            traced.
    """

    answer: msgspec.Raw = msgspec.Raw(b"null")
    refusal: Refusal | None = None
    trace_parent: str = ""
