"""Counts, for health, the steps and triggers that a source without element ids and signals cannot show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import PathTracker
from rasa_autoplay.engine.triggers.unseen import unseen_by
from rasa_autoplay.events.derived_signals import SOURCES_WITH_SIGNALS
from rasa_autoplay.settings.engine import TriggerSettings

__all__ = ["SourceLimits"]


class SourceLimits:
    """Counts the steps and triggers that such a source can never show; ``validate`` names them.

    Args:
        paths: all golden paths.
        triggers: the entries of ``autoplay.yml``.
    """

    def __init__(self, paths: Sequence[GoldenPath], triggers: Iterable[TriggerSettings]) -> None:
        self._counts = {
            "steps": PathTracker(paths).steps_without_name,
            "triggers": sum(any(unseen_by(_entry(trigger))) for trigger in triggers),
        }

    def health(self, sources: Iterable[str]) -> dict[str, Any]:
        """Return ``{not_shown: {source: {steps, triggers}}}``; empty if the sources show everything.

        Args:
            sources: the sources that have delivered actions.
        """
        limited = sorted(set(sources) - SOURCES_WITH_SIGNALS)
        if not limited or not any(self._counts.values()):
            return {}
        return {"not_shown": {source: dict(self._counts) for source in limited}}


def _entry(trigger: TriggerSettings) -> dict[str, Any]:
    condition = {} if trigger.when is None else {"when": trigger.when}
    return {"builtin": trigger.builtin, **trigger.parameters, **condition}
