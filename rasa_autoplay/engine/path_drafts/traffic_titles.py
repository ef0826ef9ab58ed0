"""Which controls have the same title in the live sessions."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.engine.sessions.session import Session

__all__ = ["TrafficTitles"]

_FRESH_S = 10.0
_MAX_SESSIONS, _MAX_TITLES, _MAX_CONTROLS = 300, 5_000, 20


class TrafficTitles:
    """Knows the controls by their titles; read again after ten seconds.

    Args:
        sessions: the live sessions; those of Redis cannot be listed.
    """

    def __init__(self, sessions: object) -> None:
        self._sessions = sessions
        self._read_at = float("-inf")
        self._controls: Mapping[str, set[str]] = {}

    async def controls(self) -> Mapping[str, set[str]]:
        """Return the ids, or pages, of the controls with each title."""
        if time.monotonic() > self._read_at + _FRESH_S and isinstance(self._sessions, Iterable):
            self._controls = await _controls(self._sessions)
            self._read_at = time.monotonic()
        return self._controls


async def _controls(sessions: Iterable[Session]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    time_slice = TimeSlice()
    newest = list(sessions)[-_MAX_SESSIONS:]
    for session in newest:
        for action in session.window.actions:
            if action.type == "pageview" or not action.title:
                continue
            if action.title in found or len(found) < _MAX_TITLES:
                controls = found.setdefault(action.title, set())
                if len(controls) < _MAX_CONTROLS:
                    controls.add(f"#{action.element_id}" if action.element_id else action.canonical_url)
        await time_slice.yield_if_due()
    return found
