"""Says what the users of each trigger are to reach."""

from __future__ import annotations

from collections.abc import Iterable

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.results.results import TriggerGoal
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger

__all__ = ["goals_of"]


def goals_of(triggers: Iterable[ConfiguredTrigger], paths: Iterable[GoldenPath]) -> dict[str, TriggerGoal]:
    """Return the goal of each trigger, by the trigger's id."""
    titles = {path.id: path.title for path in paths}
    return {trigger.id: _goal(trigger, titles) for trigger in triggers}


def _goal(trigger: ConfiguredTrigger, titles: dict[str, str]) -> TriggerGoal:
    title = titles.get(trigger.golden_path or "")
    text = f'finished "{title}"' if title and trigger.goal.condition is None else "reached the goal"
    return TriggerGoal(text, trigger.goal.within_s)
