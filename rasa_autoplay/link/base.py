"""The contract of the link, as the gateway sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec

from rasa_autoplay.errors import AutoplayError, EngineUnreachable, RefusalKind
from rasa_autoplay.link.messages import FeedFrame, FeedInfo, Refusal, Reply, UpMessage
from rasa_autoplay.link.requests import ONE_VERSION, EngineRequest, answer_type, tag_of

__all__ = ["EngineRefused", "FrameTaker", "Link", "SettledHandler", "read_reply", "tell_nobody"]

AnswerT = TypeVar("AnswerT")

FrameTaker = Callable[[FeedFrame], Awaitable[None]]


class EngineRefused(AutoplayError):
    """The engine does not do what was asked.

    Args:
        kind: of refusal; the gateway chooses the HTTP status by it.
        message: what is wrong.
        remedy: what to do about it, where that is known.
    """

    def __init__(self, kind: RefusalKind, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind

    @classmethod
    def of(cls, refusal: Refusal) -> EngineRefused:
        """The exception for a refusal that came over the link."""
        return cls(refusal.kind, refusal.error, refusal.remedy)

    def refusal(self) -> Refusal:
        """What goes over the link."""
        return Refusal(self.kind, self.message, self.remedy)


#: Told of a message that has left the queue, and whether the engine or Redis has taken it. One that they
#: refuse counts as taken: it would be refused again.
SettledHandler = Callable[[UpMessage, bool], None]


def tell_nobody(_message: UpMessage, _is_taken: bool) -> None:
    """Where nobody wants to know what has become of a message."""


def read_reply(request: EngineRequest[AnswerT], reply: Reply) -> AnswerT:
    """The answer in a reply.

    Raises:
        EngineRefused: it is a refusal.
        EngineUnreachable: it cannot be read.
    """
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
    """Joins the gateway to the engine."""

    def send(self, message: UpMessage) -> bool:
        """Queue a message for the engine; False when the bound is reached and it was counted as dropped."""
        ...

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        """Ask the engine something.

        Raises:
            EngineRefused: the engine does not do it.
            EngineUnreachable: there is no answer.
        """
        ...

    def start(
        self,
        on_frame: FrameTaker,
        open_feeds: Callable[[], list[FeedInfo]],
        on_settled: SettledHandler = tell_nobody,
    ) -> None:
        """Begin to carry messages.

        Args:
            on_frame: takes what comes down.
            open_feeds: tells what the gateway holds whenever the link is (re)made.
            on_settled: is told of each message that has left the queue.
        """
        ...

    async def stop(self) -> None:
        """Send what is queued if that is possible at once, then end."""
        ...

    def health(self) -> dict[str, Any]:
        """State and counts, without secrets."""
        ...
