"""Groups the actions of recordings by session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.events.models import SlimAction

__all__ = ["RecordedSession", "sessions_of"]


@dataclass(slots=True)
class RecordedSession:
    """One recorded session.

    Args:
        session_id: the session's id from its source.
        actions: in order of time; at least one.
    """

    session_id: str
    actions: list[SlimAction] = field(default_factory=list)

    def describe(self) -> str:
        """Describe the session for a user who must choose one: id, beginning and number of actions."""
        began_s = self.actions[0].timestamp_start
        began = datetime.fromtimestamp(began_s, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"{self.session_id} (from {began}, {len(self.actions)} actions)"


def sessions_of(moments: Iterable[Moment]) -> list[RecordedSession]:
    """Return the sessions with at least one action, in order of their first action.

    Args:
        moments: the recorded moments, in order of time.
    """
    sessions: dict[str, RecordedSession] = {}
    for _, payload, _ in moments:
        for action in payload.actions:
            session_id = payload.session_id or ""
            sessions.setdefault(session_id, RecordedSession(session_id)).actions.append(action)
    return list(sessions.values())
