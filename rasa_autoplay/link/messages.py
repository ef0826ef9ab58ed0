"""What the gateway and the engine say to each other.

Up go messages, numbered and acknowledged; down come feed frames; questions that a browser waits for
(:mod:`rasa_autoplay.link.base`) are calls with an answer. Everything is JSON through msgspec.
"""

from __future__ import annotations

import msgspec

from rasa_autoplay.errors import RefusalKind
from rasa_autoplay.events.models import ActionsPayload, SummaryPayload, UsertourTrigger

__all__ = [
    "RECEIPT_EVENTS",
    "Answer",
    "Batch",
    "BatchAnswer",
    "Call",
    "ChatDelivery",
    "ChatMessage",
    "Delivered",
    "Event",
    "FeedClosed",
    "FeedFrame",
    "FeedInfo",
    "FeedOpened",
    "FeedSnapshot",
    "FindChatWindow",
    "OpenChat",
    "Refusal",
    "Reply",
    "StreamEntry",
    "StreamOpened",
    "UpMessage",
    "sender_of",
    "weight_of",
]

#: What a browser may report (``POST …/proactive/ack``).
RECEIPT_EVENTS = ("rendered", "seen", "timed_out", "dismissed", "snoozed", "never", "accepted")


class Event(msgspec.Struct, tag="event", omit_defaults=True):
    """Something that a source delivered.

    Args:
        payload: the batch, summary or tour order.
        source: the source's name, as in health.
        sender: who is answerable for it; empty for the session that the payload names.
    """

    payload: ActionsPayload | SummaryPayload | UsertourTrigger
    source: str
    sender: str = ""


class FeedInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """One browser connection to the toast feed.

    Args:
        feed_id: the gateway's name for the connection.
        user_id: whose toasts it shows.
        last_offer_id: the last offer that this browser has had (``Last-Event-ID``); empty when none.
        sends_receipts: the page says itself what it has shown; without a receipt it has shown nothing.
    """

    feed_id: str
    user_id: str
    last_offer_id: str = ""
    sends_receipts: bool = False


class FeedSnapshot(msgspec.Struct, tag="open_feeds", omit_defaults=True):
    """All feeds that the gateway holds now: sent whenever the link was (re)established.

    Args:
        feeds: the feeds.
        partitions: only of these partitions' users; empty for all.
    """

    feeds: list[FeedInfo]
    partitions: list[int] = []


class FeedOpened(msgspec.Struct, tag="feed_opened"):
    """A browser connected."""

    feed: FeedInfo


class FeedClosed(msgspec.Struct, tag="feed_closed"):
    """A browser went away."""

    feed_id: str
    user_id: str


class Delivered(msgspec.Struct, tag="delivered"):
    """An offer was written to these feeds."""

    offer_id: str
    feed_ids: list[str]
    user_id: str


class ChatMessage(msgspec.Struct, tag="chat_message"):
    """The user wrote in the chat."""

    user_id: str
    sender_id: str


class ChatDelivery(msgspec.Struct, tag="bubble_fate", omit_defaults=True):
    """What became of a chat bubble.

    Args:
        offer_id: whose bubble.
        bubble: 1 the question, 2 the explanation.
        fate: ``delivered``, ``dropped`` (the user wrote first) or ``failed``.
        user_id: whose offer.
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
    """Who is answerable for a message. Each sender has one turn, and a sender's messages stay in order.

    What is no event tells of feeds and chats. All of it is one sender's: its order matters across users.
    """
    if not isinstance(message, Event):
        return ""
    return message.sender or f"session:{message.payload.session_id}"


def weight_of(message: UpMessage) -> int:
    """One, and one more for each action in the message: about what it costs the engine."""
    if isinstance(message, Event) and isinstance(message.payload, ActionsPayload):
        return 1 + len(message.payload.actions)
    return 1


class Batch(msgspec.Struct):
    """Messages on their way up, in order.

    Args:
        gateway_id: which run of which gateway.
        product_id: whose app the gateway is configured for.
        engine_id: the run of the engine that the gateway believes in; empty at first.
        first_number: the number of the first message; they count on from there.
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
        engine_id: the engine's own run. Differs from the batch's when the engine was restarted: then nothing
            was taken, and the gateway sends the recent window first.
        replay_window_s: how far back that window goes.
    """

    engine_id: str
    replay_window_s: float


class StreamOpened(msgspec.Struct, tag="hello", omit_defaults=True):
    """The first frame of a down stream: the gateway is to tell which feeds it holds.

    Args:
        engine_id: who speaks.
        partitions: only these partitions' users are meant; empty for all.
    """

    engine_id: str
    partitions: list[int] = []


class FeedFrame(msgspec.Struct, tag="feed", omit_defaults=True):
    """One event for a user's feeds.

    Args:
        user_id: whose feeds.
        event: the SSE event name.
        id: the SSE id: the offer's.
        data: the SSE data: JSON text.
        feed_ids: only these connections; empty for all of the user's.
        expires_in_s: how long the offer still lives. Whoever holds the frame back takes the time off, so that
            no two clocks have to agree. None where the data has no end.
    """

    user_id: str
    event: str
    id: str
    data: str
    feed_ids: list[str] = []
    expires_in_s: float | None = None

    def later(self, waited_s: float) -> FeedFrame | None:
        """The frame after it has waited for so long; None when its time is over."""
        if self.expires_in_s is None:
            return self
        left_s = self.expires_in_s - waited_s
        return msgspec.structs.replace(self, expires_in_s=left_s) if left_s > 0 else None

    def sse_data(self) -> str:
        """The data as the browser gets it: with the time that is left."""
        if self.expires_in_s is None:
            return self.data
        data = {**msgspec.json.decode(self.data), "expires_in_s": round(self.expires_in_s, 3)}
        return msgspec.json.encode(data).decode()


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something that was asked over the link is not done.

    Args:
        kind: of refusal; the gateway chooses the HTTP status by it.
        error: what is wrong.
        remedy: what to do about it; empty where that is not known.
    """

    kind: RefusalKind
    error: str
    remedy: str = ""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What becomes of a request.

    Args:
        answer: the JSON of the request's answer; ``null`` beside a refusal.
        refusal: why there is no answer; None where there is one.
    """

    answer: msgspec.Raw = msgspec.Raw(b"null")
    refusal: Refusal | None = None


class Call(msgspec.Struct, tag="call"):
    """A request of a gateway's, where several engines share the work.

    Args:
        call_id: the gateway's name for it.
        request: the JSON of the request. It is read apart: what this version cannot read is refused alone.
        deadline: nobody waits for the answer any more after that, epoch seconds.
    """

    call_id: str
    request: msgspec.Raw
    deadline: float


class Answer(msgspec.Struct, tag="answer", omit_defaults=True):
    """What becomes of a call, or of another gateway's question.

    Args:
        call_id: which call.
        reply: to a call; empty to another gateway's question, unless it is a refusal.
        gateway_id: this gateway, if it has the window that :class:`FindChatWindow` looks for; else empty.
    """

    call_id: str
    reply: Reply = Reply()
    gateway_id: str = ""


class FindChatWindow(msgspec.Struct, tag="where"):
    """Which gateway has this chat window? One gateway asks all of them.

    Args:
        question_id: the asking gateway's name for it.
        gateway_id: who asks.
        sender_id: the chat window.
    """

    question_id: str
    gateway_id: str
    sender_id: str


class OpenChat(msgspec.Struct, tag="open_chat"):
    """One gateway asks another to open the conversation in a chat window that it has.

    Args:
        question_id: the asking gateway's name for it.
        gateway_id: who asks.
        sender_id: the chat window.
        user_id: for whom; the asking gateway has checked that.
        trigger_id: of the offer; may be empty.
        offer_id: which offer; may be empty.
        step: where a tour could not go on; may be empty.
    """

    question_id: str
    gateway_id: str
    sender_id: str
    user_id: str
    trigger_id: str
    offer_id: str
    step: str


class StreamEntry(msgspec.Struct):
    """What one gateway sends to one partition at a time, in order."""

    gateway_id: str
    messages: list[UpMessage | Call]
