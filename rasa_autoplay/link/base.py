"""The contract of the link, as the gateway sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec

from rasa_autoplay.common.tracing.current import join_trace
from rasa_autoplay.errors import AutoplayError, EngineUnreachable, RefusalKind
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.link.messages import Event, FeedInfo, Refusal, Reply, UpMessage
from rasa_autoplay.link.request_decoder import ONE_VERSION
from rasa_autoplay.link.request_types import EngineRequest, answer_type, tag_of

__all__ = ["EngineRefused", "FrameHandler", "Link", "SettledHandler", "no_observer", "read_reply"]

AnswerT = TypeVar("AnswerT")

FrameHandler = Callable[[FeedFrame], Awaitable[None]]


class EngineRefused(AutoplayError):
    """The engine refuses a request or a batch.

    Args:
        kind: the kind of refusal, by which the gateway chooses the HTTP status.
        message: what is wrong.
        remedy: what to do about it; empty if unknown.
    """

    def __init__(self, kind: RefusalKind, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind

    @classmethod
    def of(cls, refusal: Refusal) -> EngineRefused:
        """Build the exception for a refusal that came over the link."""
        return cls(refusal.kind, refusal.error, refusal.remedy)

    def refusal(self) -> Refusal:
        """Return the refusal to send over the link."""
        return Refusal(self.kind, self.message, self.remedy)


#: Called when a message has left the queue, with whether the engine or Redis accepted it. A refused message
#: counts as accepted: it would be refused again.
SettledHandler = Callable[[UpMessage, bool], None]


def no_observer(_message: UpMessage, _is_accepted: bool) -> None:
    """Do nothing; for callers that do not need to know when a message is settled."""


def read_reply(request: EngineRequest[AnswerT], reply: Reply) -> AnswerT:
    """Return the answer in a reply.

    Raises:
        EngineRefused: the reply is a refusal.
        EngineUnreachable: the answer cannot be read.
    """
    join_trace(reply.trace_parent)
    if reply.refusal is not None:
        raise EngineRefused.of(reply.refusal)
    try:
        return msgspec.json.decode(reply.answer, type=answer_type(type(request)))
    except msgspec.DecodeError:
        raise EngineUnreachable(
            f"The engine's answer to {tag_of(request)} cannot be read.",
            remedy=ONE_VERSION,
        ) from None


class Link(Protocol):
    """Connects the gateway to the engine."""

    def send(self, message: UpMessage) -> bool:
        """Queue a message for the engine; return False if the queue is full and the message is dropped."""
        ...

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        """Send a request to the engine and return its answer.

        Raises:
            EngineRefused: the engine refuses the request.
            EngineUnreachable: the engine does not answer.
        """
        ...

    async def ask_every_engine(
        self, request: EngineRequest[AnswerT], timeout_s: float = 5.0
    ) -> list[AnswerT]:
        """Send a request to each engine, and return the answers of those that answer in time.

        Raises:
            EngineRefused: every engine refuses the request.
            EngineUnreachable: no engine answers.
        """
        ...

    def start(
        self,
        on_frame: FrameHandler,
        open_feeds: Callable[[], list[FeedInfo]],
        on_settled: SettledHandler = no_observer,
    ) -> None:
        """Begin to carry messages.

        Args:
            on_frame: handles each frame for the feeds.
            open_feeds: lists the gateway's feeds; read whenever the link is (re)established.
            on_settled: called for each message that has left the queue.
        """
        ...

    def forget(self, user_id: str, is_theirs: Callable[[Event], bool]) -> None:
        """Forget a user, and empty the events of theirs that wait or are kept for a restarted engine."""
        ...

    async def stop(self) -> None:
        """Send the queued messages if the engine accepts them at once, then end."""
        ...

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        ...
