"""The sessions of recordings, each with its actions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.simulation.recordings import Moment

__all__ = ["RecordedSession", "sessions_of"]


@dataclass(slots=True)
class RecordedSession:
    """One session.

    Args:
        session_id: as its source names it.
        actions: in order of time; at least one.
    """

    session_id: str
    actions: list[SlimAction] = field(default_factory=list)

    def describe(self) -> str:
        """For people who have to choose: the id, when it began, and how much there is."""
        began_s = self.actions[0].timestamp_start
        began = datetime.fromtimestamp(began_s, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"{self.session_id} (from {began}, {len(self.actions)} actions)"


def sessions_of(moments: Iterable[Moment]) -> list[RecordedSession]:
    """The sessions in which somebody did something, in order of their beginnings.

    Args:
        moments: in order of time.
    """
    sessions: dict[str, RecordedSession] = {}
    for _, payload, _ in moments:
        for action in payload.actions:
            session_id = payload.session_id or ""
            sessions.setdefault(session_id, RecordedSession(session_id)).actions.append(action)
    return list(sessions.values())
