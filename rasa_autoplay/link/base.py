"""The contract of the link, as the gateway sees it, and the questions that it can ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.messages import FeedFrame, FeedInfo, UpMessage

__all__ = ["CALLS", "EngineRefused", "FrameTaker", "Link", "SettledHandler", "tell_nobody"]

#: The questions that a browser or an operator waits for.
CALLS = (
    "acknowledge",
    "prepare_inject",
    "follow_up",
    "start_tour",
    "step_tour",
    "end_tour",
    "explain",
    "reply",
    "query_knowledge_base",
    "user_memory",
    "offer_life",
    "offers_of_user",
    "watch",
    "owner_of_chat",
    "claim_chat",
    "health",
)

FrameTaker = Callable[[FeedFrame], Awaitable[None]]


class EngineRefused(AutoplayError):
    """The engine's answer to a call is an error for the browser.

    Args:
        status: the HTTP status that fits.
        body: ``{"error": …, "remedy"?: …}``.
    """

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body.get("error", "")), remedy=str(body.get("remedy") or ""))
        self.status = status
        self.body = body


#: Told of a message that has left the queue, and whether the engine or Redis has taken it. One that they
#: refuse counts as taken: it would be refused again.
SettledHandler = Callable[[UpMessage, bool], None]


def tell_nobody(_message: UpMessage, _is_taken: bool) -> None:
    """Where nobody wants to know what has become of a message."""


class Link(Protocol):
    """Joins the gateway to the engine."""

    def send(self, message: UpMessage) -> bool:
        """Queue a message for the engine; False when the bound is reached and it was counted as dropped."""
        ...

    async def call(self, name: str, arguments: dict[str, Any], timeout_s: float = 5.0) -> dict[str, Any]:
        """Ask the engine something.

        Raises:
            EngineRefused: the engine's answer is an error.
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
