"""The gateway's state and counts, for ``GET /``: no secrets, no users."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rasa_autoplay.errors import EngineUnreachable
from rasa_autoplay.link.base import EngineRefused, Link
from rasa_autoplay.link.requests import GetHealth

__all__ = ["GatewayHealth"]


class GatewayHealth:
    """Reads the state of the gateway's parts, and asks the engine for its own.

    Args:
        link: returns the link to the engine.
        parts: what health has of each part, each by its own keys.
    """

    def __init__(self, link: Callable[[], Link], parts: Sequence[Callable[[], Mapping[str, Any]]]) -> None:
        self._link = link
        self._parts = parts

    async def read(self) -> dict[str, Any]:
        """The answer to ``GET /``."""
        return {**self.own(), "engine": await self._engine_health()}

    def own(self) -> dict[str, Any]:
        """What this gateway knows without asking the engine."""
        health: dict[str, Any] = {"status": "ok"}
        for part in self._parts:
            health.update(part())
        return health

    async def _engine_health(self) -> dict[str, Any]:
        try:
            return (await self._link().ask(GetHealth(), timeout_s=1.0)).health
        except EngineUnreachable as problem:
            return {"state": "failed", "remedy": problem.remedy}
        except EngineRefused as refusal:
            remedy = {"remedy": refusal.remedy} if refusal.remedy else {}
            return {"state": "failed", "error": refusal.message, **remedy}
        except asyncio.TimeoutError:
            return {"state": "failed"}
