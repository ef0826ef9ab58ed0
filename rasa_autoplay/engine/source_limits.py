"""Counts, for health, the steps and triggers that a source cannot show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.triggers.unseen import unseen_by
from rasa_autoplay.events.source_abilities import SourceAbility, joint_ability
from rasa_autoplay.settings.trigger import TriggerSettings

__all__ = ["SourceLimits"]


class SourceLimits:
    """Counts the steps and triggers that a source can never show; ``validate`` names them.

    Args:
        paths: all golden paths.
        triggers: the entries of ``autoplay.yml``.
    """

    def __init__(self, paths: Sequence[GoldenPath], triggers: Iterable[TriggerSettings]) -> None:
        self._steps_without_name = PathTracker(paths).steps_without_name
        self._entries = [_entry(trigger) for trigger in triggers]

    def health(self, sources: Iterable[str]) -> dict[str, Any]:
        """Return ``{not_shown: {source: {steps, triggers}}}``; empty if the sources show everything.

        Args:
            sources: the sources that have delivered actions.
        """
        counts = {name: self._counts(joint_ability([name])) for name in sorted(set(sources))}
        limited = {name: count for name, count in counts.items() if any(count.values())}
        return {"not_shown": limited} if limited else {}

    def _counts(self, ability: SourceAbility) -> dict[str, int]:
        return {
            "steps": 0 if ability.element_ids else self._steps_without_name,
            "triggers": sum(_is_unseen(entry, ability) for entry in self._entries),
        }


def _is_unseen(entry: dict[str, Any], ability: SourceAbility) -> bool:
    """Whether the source can never show what a trigger needs, whatever the team adds to what it sends."""
    return any(not unseen.is_addable for unseen in unseen_by(entry, ability))


def _entry(trigger: TriggerSettings) -> dict[str, Any]:
    condition = {} if trigger.when is None else {"when": trigger.when}
    return {"builtin": trigger.builtin, **trigger.parameters, **condition}
