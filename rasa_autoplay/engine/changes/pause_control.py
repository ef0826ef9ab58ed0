"""Pauses and resumes triggers by adding to the log of changes, for the command line and the studio."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rasa_autoplay.engine.changes.base import ChangeLog
from rasa_autoplay.engine.changes.change import Change, ChangeKind, new_change_id
from rasa_autoplay.engine.changes.pauses import pauses_after
from rasa_autoplay.engine.courtesy.pause import Pause
from rasa_autoplay.errors import AutoplayError

__all__ = ["LONGEST_TEXT", "PauseControl"]

#: The longest name and the longest reason, in characters.
LONGEST_TEXT = 500


class PauseControl:
    """Begins and ends pauses. Running engines apply them within 1 s.

    Args:
        log: the log of changes.
        product_id: the product's id.
        clock: epoch seconds.
    """

    def __init__(self, log: ChangeLog, product_id: str, clock: Callable[[], float]) -> None:
        self._log = log
        self._product_id = product_id
        self._clock = clock

    async def in_force(self) -> Mapping[str, Pause]:
        """Return the pauses in force, by trigger.

        Raises:
            AutoplayError: the database cannot be used.
        """
        found = await self._log.pauses(self._product_id)
        if found is None:
            raise self.unusable()
        return pauses_after(found.changes or ())

    async def pause(self, trigger_id: str, who: str, why: str) -> Mapping[str, Pause]:
        """Pause a trigger, unless it is paused already; return the pauses that were in force before.

        Args:
            trigger_id: the trigger; ``EVERY_TRIGGER`` for all of them.
            who: the person who pauses.
            why: the reason.

        Raises:
            AutoplayError: the database cannot be used.
        """
        before = await self.in_force()
        if trigger_id not in before:
            await self._add(ChangeKind.PAUSED, trigger_id, who, why)
        return before

    async def resume(self, trigger_id: str, who: str, why: str) -> Mapping[str, Pause]:
        """End a pause, if there is one; return the pauses that were in force before.

        Args:
            trigger_id: the trigger; ``EVERY_TRIGGER`` for the pause of all of them.
            who: the person who resumes.
            why: the reason; may be empty.

        Raises:
            AutoplayError: the database cannot be used.
        """
        before = await self.in_force()
        if trigger_id in before:
            await self._add(ChangeKind.RESUMED, trigger_id, who, why)
        return before

    async def _add(self, kind: ChangeKind, trigger_id: str, who: str, why: str) -> None:
        who, why = (" ".join(text.split()) for text in (who, why))
        change = Change(new_change_id(), self._product_id, self._clock(), kind, trigger_id, who, why)
        if not await self._log.append(change):
            raise self.unusable()

    def unusable(self) -> AutoplayError:
        """Return the error that names what is wrong with the database."""
        return AutoplayError(
            f"The database cannot be used: {self._log.problem}.",
            remedy="Check database.url in autoplay.yml, then see `rasa-autoplay changes`.",
        )
