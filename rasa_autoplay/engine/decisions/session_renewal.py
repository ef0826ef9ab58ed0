"""Brings sessions up to date with one version of the files."""

from __future__ import annotations

from collections.abc import Collection

from rasa_autoplay.engine.sessions.files_version import FilesVersion
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.session_follower import SessionFollower
from rasa_autoplay.engine.triggers.configured.remembered_names import RememberedNames
from rasa_autoplay.settings.engine import SessionSettings

__all__ = ["SessionRenewal"]


class SessionRenewal:
    """Translates what a session has found by another version of the files.

    Args:
        version: the version to which sessions are brought.
        settings: ``session`` of ``autoplay.yml``.
        trigger_ids: ids of all triggers.
        names: what triggers want remembered of actions.
        follower: knows the golden paths.
    """

    def __init__(
        self,
        version: FilesVersion,
        settings: SessionSettings,
        trigger_ids: Collection[str],
        names: RememberedNames,
        follower: SessionFollower,
    ) -> None:
        self.version = version
        self._settings = settings
        self._trigger_ids = frozenset(trigger_ids)
        self._names = names
        self._follower = follower
        self._is_retired = False

    def retire(self) -> None:
        """Change no session any more, because a new version of the files is in force."""
        self._is_retired = True

    def renew(self, session: Session) -> None:
        """Bring a session up to date; do nothing if it is.

        Its progress in the golden paths stays. The actions in its window count as if this version had seen
        them. Used evidence stays used, so that no trigger makes the same offer twice. What a gate has
        forbidden, it is asked again, because its limits may have changed.
        """
        former = session.version
        if former is self.version or self._is_retired:
            return
        session.switch_to(self.version, self._settings)
        if former is None and not session.action_count:
            return  # a new session has nothing to translate
        if former is None or former.paths != self.version.paths:
            self._follower.carry_over(session, former.step_ids if former else None)
        if former is None or former.settings != self.version.settings or former.paths != self.version.paths:
            session.triggers.reopen(self._trigger_ids)
            session.remember(self._names.of(session.window.actions, session.remembered))
            session.all_asked = False
