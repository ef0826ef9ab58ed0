"""User memory in a replay, which does not depend on which users are replayed together.

The engine writes the progress of all users whenever it loads the history of one of them. A replay writes the
progress of a user when it loads a history of the same user.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.memory.base import MemoryStore
from rasa_autoplay.engine.memory.keeper import MemoryKeeper
from rasa_autoplay.engine.sessions.session import Session, SessionKey
from rasa_autoplay.events.models import SlimAction

__all__ = ["ReplayMemory"]


class ReplayMemory(MemoryKeeper):
    """A memory keeper that writes the progress of one user at a time.

    Args:
        paths: all golden paths.
        store: stores the sessions.
        on_history_loaded: called when the history of a session's user is loaded.
    """

    def __init__(
        self,
        paths: Sequence[GoldenPath],
        store: MemoryStore,
        on_history_loaded: Callable[[SessionKey], None],
    ) -> None:
        super().__init__(paths, store, on_history_loaded)
        #: By user: the live sessions with progress that is not written yet.
        self._progressed: defaultdict[str, dict[tuple[SessionKey, str], Session]] = defaultdict(dict)

    def observe(self, session: Session, actions: Sequence[SlimAction]) -> None:
        """Follow a session, and load the history of its user."""
        super().observe(session, actions)
        user_id = session.user_id or ""
        if self._changed:
            key = session.key, user_id
            self._progressed[user_id][key] = self._changed.pop(key)
        if self._unloaded and user_id in self._progressed:
            self._changed.update(self._progressed.pop(user_id))

    def on_session_ended(self, session: Session) -> None:
        """Save a session that has ended, or that another user takes over."""
        user_id = session.user_id or ""
        if user_id in self._progressed:
            self._progressed[user_id].pop((session.key, user_id), None)
        super().on_session_ended(session)

    def new_users(self) -> list[str]:
        """Return the users whose history is not loaded yet."""
        return [session.user_id or "" for session in self._unloaded.values()] if self._unloaded else []

    def load(self) -> Awaitable[object] | None:
        """Load the histories of new users; None if there are none."""
        if not self._unloaded:
            return None
        return self.finish_pending()
