"""Freshness on real stores, fed with simulated sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from rasa_autoplay.engine.freshness.freshness import Freshness
from rasa_autoplay.engine.freshness.sql.store import SqlFreshnessStore
from rasa_autoplay.engine.freshness.suspect import Replacement, Suspect
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.memory.path_follower import PathFollower
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.settings.engine import SessionSettings
from support.changing_app import WORKFLOWS, Change
from support.changing_app.traffic import Visit

__all__ = ["PRODUCT", "FreshnessRun", "freshness_run", "is_right"]

PRODUCT = "shop"


class FreshnessRun:
    """What an engine does about freshness, without the rest of it.

    Args:
        url: of the database.
        paths: the golden paths.
    """

    def __init__(self, url: str, paths: Sequence[GoldenPath]) -> None:
        self.now = 0.0
        self.paths = paths
        self.store = SqlFreshnessStore(url, PRODUCT)
        self.freshness = Freshness(PRODUCT, paths, self.store, lambda: self.now)
        self._follower = PathFollower(paths)
        self._settings = SessionSettings()

    def visit(self, visits: Iterable[Visit]) -> None:
        """Let sessions happen, from their first action to their ends."""
        for visit in visits:
            session = Session((PRODUCT, visit.session_id), self._settings, visit.end, user_id=visit.user_id)
            for action in visit.actions:
                added = session.add([action], ())
                self._follower.observe(session, added.new)
                self.freshness.observe(session, added.new)
            self.now = max(self.now, visit.end)
            self.freshness.on_session_ended(session)

    async def suspects(self) -> list[Suspect]:
        """Assess what has happened, and return the suspect steps in force."""
        assert await self.freshness.finish_pending(), self.store.problem
        return [found for path in self.paths for found in self.freshness.suspects.of_path(path)]


@asynccontextmanager
async def freshness_run(url: str, paths: Sequence[GoldenPath]) -> AsyncIterator[FreshnessRun]:
    """Run freshness on a database."""
    run = FreshnessRun(url, paths)
    try:
        yield run
    finally:
        await run.freshness.stop()


def is_right(found: Replacement | None, change: Change) -> bool:
    """Whether the proposed control is the one that users operate for the step now."""
    if found is None or change.replacement is None:
        return found is None and change.replacement is None
    before = {act.captured for act in WORKFLOWS[change.path_id][change.step_id]}
    new = [act for act in change.workflow[change.step_id] if act.captured not in before]
    # Of several new acts, the one that does the step's work is what the right selector names.
    right = [act for act in new if act.target.lstrip("#") in change.replacement.element] or new
    return (found.label, found.element_id) in [(act.title.partition(" ")[2], act.element_id) for act in right]
