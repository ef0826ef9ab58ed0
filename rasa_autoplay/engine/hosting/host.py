"""What all hosts of an engine share: they start it, let the actions use it, and stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.engine.hosting.running import RunningEngine, register, unregister
from rasa_autoplay.settings.secret import Secret

__all__ = ["EngineRun", "HostedEngine"]


class HostedEngine(Protocol):
    """An engine with its end of the link."""

    engine: Engine

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
        secret: signs what the Rasa server vouches for.
    """

    def __init__(self, make: Callable[[], HostedEngine], secret: Secret) -> None:
        self._make = make
        self._secret = secret
        self._running: list[tuple[HostedEngine, RunningEngine]] = []

    async def start(self) -> None:
        """Start the engine, then let the actions of this process use it."""
        hosted = self._make()
        await hosted.start()
        running = RunningEngine(hosted.engine.answers, self._secret)
        self._running.append((hosted, running))
        register(running)

    async def stop(self) -> None:
        """Stop the engine if it has started."""
        while self._running:
            hosted, running = self._running.pop()
            unregister(running)
            await hosted.stop()
