"""What all hosts of an engine share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from rasa_autoplay.common.metrics.metric import Reading
from rasa_autoplay.engine.engine import Engine

__all__ = ["EngineRun", "HostedEngine"]


class HostedEngine(Protocol):
    """An engine with its end of the link."""

    engine: Engine

    def read_metrics(self) -> Iterator[Reading]:
        """Read the metrics of the engine and of its link."""
        ...

    async def start(self) -> None:
        """Start the engine."""
        ...

    async def stop(self) -> None:
        """Finish pending work and stop."""
        ...


class EngineRun:
    """Runs an engine from its server's start to its stop.

    Args:
        make: returns the engine; called when the server starts.
    """

    def __init__(self, make: Callable[[], HostedEngine]) -> None:
        self._make = make
        self._running: list[HostedEngine] = []

    async def start(self) -> Engine:
        """Start the engine, and return it."""
        hosted = self._make()
        # Before it has started, because a server can be stopped while it starts.
        self._running.append(hosted)
        await hosted.start()
        return hosted.engine

    def read_metrics(self) -> Iterator[Reading]:
        """Read the metrics of the running engine; none before the server's start."""
        for hosted in self._running:
            yield from hosted.read_metrics()

    async def stop(self) -> None:
        """Stop the engine, also one that is still starting; do nothing if there is none."""
        while self._running:
            await self._running.pop().stop()
