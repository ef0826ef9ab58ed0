"""The real engine on a clock that only the day moves, with this program as its gateway."""

from __future__ import annotations

import json
from typing import Any

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.link.frames import FeedFrame
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["DayClock", "SimulatedEngine", "Toasts"]


class DayClock:
    """A clock that stands still until it is set.

    Args:
        now: epoch seconds.
    """

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Toasts:
    """Receives the engine's frames like a gateway whose users all have an open page."""

    def __init__(self) -> None:
        self._frames: list[FeedFrame] = []

    def push(self, _gateway_id: str, frame: FeedFrame) -> bool:
        """Accept a frame."""
        self._frames.append(frame)
        return True

    def pop_all(self) -> list[tuple[str, dict[str, Any]]]:
        """Remove and return the toasts, each with its user."""
        frames, self._frames = self._frames, []
        return [(frame.user_id, json.loads(frame.data)) for frame in frames if frame.event == "proactive"]


class SimulatedEngine(Engine):
    """An engine that is not started: its timers run when :meth:`pass_time` says so.

    Args:
        file: ``autoplay.yml``.
        toasts: receives what the engine sends to browsers.
        clock: moved by :meth:`pass_time`.
    """

    def __init__(self, file: YamlFile, toasts: Toasts, clock: DayClock) -> None:
        super().__init__(file, toasts, clock)
        self._day = clock
        self._core.schedule_expiry()

    async def pass_time(self, until: float) -> None:
        """Run every timer that is due until then, each at its own time.

        Args:
            until: epoch seconds.
        """
        while (due := self._timers.next_due()) is not None and due <= until:
            self._day.now = max(due, self._day.now)
            for key in self._timers.pop_due(self._day.now):
                await self._handle_timer(key)
                await self.settle()
        self._day.now = max(until, self._day.now)

    async def settle(self) -> None:
        """Wait for everything that is pending: decisions, and the histories of users who have come."""
        if self._memory.is_loading:
            await self._memory.finish_pending()
        await self.finish_pending()
