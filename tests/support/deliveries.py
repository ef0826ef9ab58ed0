"""A request's sink, without a gateway."""

from __future__ import annotations

from rasa_autoplay.gateway.sources.intake import Payload, Sink

__all__ = ["SafeDelivery"]


class SafeDelivery:
    """Passes each payload to a sink, and reports all of them as safe.

    Args:
        sink: receives each payload and the source's name; returns False when it is full.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def accept(self, payload: Payload, source: str) -> bool:
        """Pass on a payload."""
        return self._sink(payload, source) is not False

    async def unsafe(self) -> list[Payload]:
        """Report that nothing is at risk."""
        return []
