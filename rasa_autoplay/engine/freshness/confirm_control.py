"""Confirms suspect steps, for the command line and the studio."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.engine.changes.base import ChangeLog
from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.freshness.base import FreshnessStore
from rasa_autoplay.engine.freshness.entry import confirmation, in_force_after
from rasa_autoplay.engine.freshness.step_digest import digests_of
from rasa_autoplay.engine.freshness.suspect import Suspect
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.errors import AutoplayError

__all__ = ["ConfirmControl"]


class ConfirmControl:
    """Confirms steps. Running engines apply it within 1 s.

    Args:
        product_id: the product's id.
        store: has the suspicions.
        log: the log of changes.
        clock: epoch seconds.
    """

    def __init__(
        self, product_id: str, store: FreshnessStore, log: ChangeLog, clock: Callable[[], float]
    ) -> None:
        self._product_id = product_id
        self._store = store
        self._log = log
        self._clock = clock

    async def confirm(self, path: GoldenPath, step_id: str, who: str, why: str) -> Suspect | None:
        """Confirm that a step is right as it is.

        Args:
            path: the golden path.
            step_id: one of its steps.
            who: the person who confirms.
            why: the reason; may be empty.

        Returns:
            What was suspected; None if the step is not suspect, and nothing changes.

        Raises:
            AutoplayError: the database cannot be used.
        """
        found = await self._store.entries()
        if found is None:
            raise _unusable(self._store.problem)
        key = path.id, step_id, digests_of(path)[step_id]
        suspect = in_force_after(found.entries or ()).suspects.get(key)
        if suspect is None:
            return None
        who, why = (" ".join(text.split()) for text in (who, why))
        change_id, now = new_change_id(), self._clock()
        if not await self._store.append(confirmation(change_id, suspect, now, who, why)):
            raise _unusable(self._store.problem)
        detail = f"step {step_id} of path {path.id} ({suspect.describe()})"
        change = Change(
            change_id, self._product_id, now, ChangeKind.CONFIRMED, who=who, why=why, detail=detail
        )
        if not await self._log.append(change):
            raise _unusable(self._log.problem)
        return suspect


def _unusable(problem: str) -> AutoplayError:
    return AutoplayError(
        f"The database cannot be used: {problem}.",
        remedy="Check database.url in autoplay.yml, then confirm again.",
    )
