"""What the engine tells about its work, for traces, and that nothing happens if tracing is off."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Protocol

from rasa_autoplay.common.tracing.current import NOTHING
from rasa_autoplay.engine.offers.open_offers import FramePublisher
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.link.messages import UpMessage
from rasa_autoplay.link.request_types import EngineRequest

__all__ = ["Context", "NoTraces", "Traces"]


class Context(Protocol):
    """Something for ``with``."""

    def __enter__(self) -> object:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        """End."""
        ...


class Traces(Protocol):
    """What the engine tells about its work."""

    def publishing(self, publisher: FramePublisher) -> FramePublisher:
        """Return a publisher that gives the frames of traced offers their span."""
        ...

    def applying(self, gateway_id: str, message: UpMessage) -> Context:
        """A gateway's message is applied."""
        ...

    def on_timer(self) -> Context:
        """A timer has fired."""
        ...

    def answering(self, request: EngineRequest[Any]) -> Context:
        """A gateway's request is answered."""
        ...

    def adopt(self, session: Session) -> None:
        """Continue the offer of a session that another engine has served."""
        ...

    def start(self) -> None:
        """Begin to send spans."""
        ...

    async def stop(self) -> None:
        """Send the spans that wait, within a bounded time."""
        ...

    def health(self) -> dict[str, Any]:
        """The entry of health; empty if tracing is off."""
        ...


class NoTraces:
    """Tracing is off."""

    def publishing(self, publisher: FramePublisher) -> FramePublisher:
        """Return the publisher itself."""
        return publisher

    def applying(self, gateway_id: str, message: UpMessage) -> Context:
        """Do nothing."""
        return NOTHING

    def on_timer(self) -> Context:
        """Do nothing."""
        return NOTHING

    def answering(self, request: EngineRequest[Any]) -> Context:
        """Do nothing."""
        return NOTHING

    def adopt(self, session: Session) -> None:
        """Do nothing."""

    def start(self) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""

    def health(self) -> dict[str, Any]:
        """Nothing."""
        return {}
