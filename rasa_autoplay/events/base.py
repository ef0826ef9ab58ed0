"""The contract of a source of events."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Source"]


class Source(Protocol):
    """Delivers what users do, through an :class:`~rasa_autoplay.events.intake.Intake`."""

    name: str

    async def start(self) -> None:
        """Begin to deliver."""
        ...

    async def stop(self) -> None:
        """End; nothing is delivered afterwards."""
        ...

    def health(self) -> dict[str, Any]:
        """``state`` (connecting, connected, idle or failed), counts, and a ``remedy`` when failed."""
        ...
