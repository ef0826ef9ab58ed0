"""Pauses and resumes triggers for the studio, with the code of ``rasa-autoplay pause`` and ``resume``."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from rasa_autoplay.engine.changes.pause_control import LONGEST_TEXT, PauseControl
from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER
from rasa_autoplay.engine.studio.triggers import no_such_trigger
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.answers import PausesChanged
from rasa_autoplay.link.base import EngineRefused

__all__ = ["PauseRequests"]


class PauseRequests:
    """Begins and ends pauses.

    Args:
        control: changes the pauses in force.
        trigger_ids: the triggers of ``autoplay.yml``.
    """

    def __init__(self, control: PauseControl, trigger_ids: Collection[str]) -> None:
        self._control = control
        self._trigger_ids = frozenset(trigger_ids)

    async def change(self, action: str, trigger_id: str, who: str, why: str) -> PausesChanged:
        """Pause or resume a trigger.

        Args:
            action: ``pause`` or ``resume``.
            trigger_id: the trigger; ``EVERY_TRIGGER`` for all of them.
            who: the person who does it.
            why: the reason; a pause needs one.

        Raises:
            EngineRefused: a text is missing or too long, there is no such trigger, or the database is not
                available.
        """
        _check_texts(action, who, why)
        try:
            before = await self._control.in_force()
            # A trigger can be paused although autoplay.yml no longer has it.
            known = dict.fromkeys([*self._trigger_ids, *(before if action == "resume" else ())])
            if trigger_id != EVERY_TRIGGER and trigger_id not in known:
                raise no_such_trigger(trigger_id, {each: None for each in known if each})
            change = self._control.pause if action == "pause" else self._control.resume
            await change(trigger_id, who, why)
            after = await self._control.in_force()
        except EngineRefused:
            raise
        except AutoplayError as problem:
            raise EngineRefused("unavailable", problem.message, problem.remedy) from None
        has_changed = (trigger_id in before) != (trigger_id in after)
        return PausesChanged(has_changed, [msgspec.to_builtins(pause) for pause in after.values()])


def _check_texts(action: str, who: str, why: str) -> None:
    if action not in ("pause", "resume"):
        raise EngineRefused("invalid", "'action' must be pause or resume")
    if not who.strip():
        raise EngineRefused("invalid", "'by' is empty", "Say who does it, for your colleagues.")
    if action == "pause" and not why.strip():
        raise EngineRefused("invalid", "the reason is empty", "Say why, for your colleagues.")
    if max(len(who), len(why)) > LONGEST_TEXT:
        raise EngineRefused("invalid", f"a text is longer than {LONGEST_TEXT} characters")
