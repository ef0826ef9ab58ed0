"""The version of the files that is in force, as the team's code meets it."""

from __future__ import annotations

from typing import NamedTuple

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.core.decision_core import EngineCore
from rasa_autoplay.engine.knowledge.user_progress import NextStep
from rasa_autoplay.engine.sessions.session import Session

__all__ = ["VersionInForce"]


class VersionInForce(NamedTuple):
    """The parts of one version.

    Args:
        configuration: triggers and golden paths.
        core: makes decisions.
    """

    configuration: Configuration
    core: EngineCore

    async def session_of(self, user_id: str, session_id: str = "") -> Session | None:
        """Return a user's live session; without a session id, the most recently active one."""
        product_id = self.configuration.settings.product_id
        if session_id:
            session = await self.core.sessions.find((product_id, session_id))
        else:
            session = await self.core.sessions.latest_of(product_id, user_id)
        return session if session is not None and session.user_id == user_id else None

    async def next_step_of(self, user_id: str, session_id: str = "") -> NextStep | None:
        """Return the most relevant step that a user lacks; None if there is none, or no live session."""
        session = await self.session_of(user_id, session_id)
        progress = self.core.live.follower.workflow_progress(session) if session else None
        return progress.next_step if progress else None
