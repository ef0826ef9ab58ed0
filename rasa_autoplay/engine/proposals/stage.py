"""The stage of a proposal: what ``autoplay.yml`` says about the trigger. There is no second truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from rasa_autoplay.settings.rollout import RolloutSettings

__all__ = ["STAGES", "TRIAL_ROLLOUT", "Stage", "entry_of", "stage_of"]

#: The rollout of a trigger on trial.
TRIAL_ROLLOUT = "5%"


class Stage(str, Enum):
    """How far a proposal has come.

    ``draft``: nothing is decided by it. ``ghost``: the engine records its decisions and shows nothing.
    ``5%``: some users get its offers. ``live``: all users get them.
    """

    DRAFT = "draft"
    GHOST = "ghost"
    TRIAL = "5%"
    LIVE = "live"

    @property
    def in_words(self) -> str:
        """The stage as people write it."""
        return "5 %" if self is Stage.TRIAL else self.value

    @property
    def following(self) -> Stage | None:
        """The stage after this one; None after the last one."""
        number = STAGES.index(self) + 1
        return STAGES[number] if number < len(STAGES) else None

    @property
    def former(self) -> Stage | None:
        """The stage before this one; None before the first one."""
        number = STAGES.index(self)
        return STAGES[number - 1] if number else None


#: In order.
STAGES = (Stage.DRAFT, Stage.GHOST, Stage.TRIAL, Stage.LIVE)


def entry_of(triggers: object, trigger_id: str) -> Mapping[str, Any] | None:
    """Return the entry of a trigger in ``triggers:`` of ``autoplay.yml``; None if it has none.

    Args:
        triggers: the list as plain data.
        trigger_id: the trigger's id.
    """
    entries: Iterable[Any] = triggers if isinstance(triggers, list) else ()
    return next(
        (each for each in entries if isinstance(each, Mapping) and each.get("id") == trigger_id), None
    )


def stage_of(entry: Mapping[str, Any] | None) -> Stage:
    """Return the stage that an entry of ``autoplay.yml`` stands for.

    A trigger that a person has switched off is a draft. Every share between 0 % and 100 % is the stage 5 %.

    Args:
        entry: the trigger's entry as plain data; None if there is none.

    Raises:
        ValueError: its rollout is wrong.
    """
    if entry is None:
        return Stage.DRAFT
    rollout = RolloutSettings.validate(entry.get("rollout", "live"))
    if rollout.is_off:
        return Stage.DRAFT
    if rollout.is_ghost or not rollout.shown_share:
        return Stage.GHOST
    return Stage.LIVE if rollout.shown_share >= 1 else Stage.TRIAL
