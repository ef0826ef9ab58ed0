"""What the links need from the engine."""

from __future__ import annotations

from typing import Protocol

from rasa_autoplay.link.messages import Batch, BatchAnswer
from rasa_autoplay.link.replies import RequestAnswerer

__all__ = ["EngineSide"]


class EngineSide(RequestAnswerer, Protocol):
    """Applies batches and answers requests."""

    engine_id: str

    async def apply_batch(self, batch: Batch) -> BatchAnswer:
        """Apply the messages of a batch, in order."""
        ...

    def gateway_lost(self, gateway_id: str) -> None:
        """Handle the end of a gateway's stream; it receives nothing until it reconnects."""
        ...
