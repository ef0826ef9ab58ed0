"""The triggers for the studio: each in words, with its toasts and its pause."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec

from rasa_autoplay.engine.changes.pause_control import PauseControl
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.courtesy.pause import EVERY_TRIGGER, Pause, PauseOf
from rasa_autoplay.engine.studio.toast_preview import toasts_of
from rasa_autoplay.engine.studio.trigger_words import (
    goal_words,
    holdout_words,
    limits_in_words,
    rollout_words,
)
from rasa_autoplay.engine.triggers.builtin_triggers import LIBRARY
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.rules.wording import RuleWords, conditions_in_words
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.link.answers import TriggerFound, TriggersFound
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import nearest_name

__all__ = ["TriggerViews", "no_such_trigger"]


class TriggerViews:
    """Describes the triggers of one version of the files.

    Args:
        configuration: the version.
        pauses: reads the pauses in force.
        pause_of: the pauses as this engine knows them, for times without the database.
    """

    def __init__(self, configuration: Configuration, pauses: PauseControl, pause_of: PauseOf) -> None:
        self._configuration = configuration
        self._pauses = pauses
        self._pause_of = pause_of
        self._titles = {path.id: path.title for path in configuration.paths}
        self._entries = {
            trigger.id: (entry, trigger)
            for entry, trigger in zip(configuration.settings.triggers, configuration.triggers, strict=True)
        }

    async def list(self) -> TriggersFound:
        """Return ``{triggers, paused_all, holdout}``: all triggers in order of priority."""
        pauses = await self._in_force()
        return TriggersFound(
            {
                "triggers": [self._card(trigger_id, pauses) for trigger_id in self._entries],
                "paused_all": _as_json(pauses.get(EVERY_TRIGGER)),
                "holdout": holdout_words(self._configuration.settings.holdout),
                # A trigger can be paused although the file no longer has it.
                "paused_unknown": [
                    _as_json(pause)
                    for trigger_id, pause in pauses.items()
                    if trigger_id not in self._entries and trigger_id != EVERY_TRIGGER
                ],
            }
        )

    async def detail(self, trigger_id: str) -> TriggerFound:
        """Return a trigger's card, and its rule, limits and toasts.

        Raises:
            EngineRefused: there is no such trigger.
        """
        if trigger_id not in self._entries:
            raise no_such_trigger(trigger_id, self._entries)
        entry, trigger = self._entries[trigger_id]
        configuration, pauses = self._configuration, await self._in_force()
        return TriggerFound(
            {
                **self._card(trigger_id, pauses),
                "paused_all": _as_json(pauses.get(EVERY_TRIGGER)),
                "rule": msgspec.to_builtins(_rule_in_words(entry, trigger)),
                "rollout": rollout_words(trigger.rollout),
                "holdout": holdout_words(configuration.settings.holdout),
                "goal": goal_words(
                    trigger.goal, self._titles.get(trigger.golden_path, ""), has_path=trigger.finds_workflow
                ),
                "limits": limits_in_words(configuration.settings.courtesy, trigger.courtesy),
                "toasts": toasts_of(trigger, configuration.paths, configuration.tours),
            }
        )

    def _card(self, trigger_id: str, pauses: Mapping[str, Pause]) -> dict[str, Any]:
        entry, trigger = self._entries[trigger_id]
        share = trigger.rollout.share
        path_id = trigger.golden_path
        return {
            "trigger_id": trigger.id,
            "kind": _kind_of(entry, trigger),
            "builtin": entry.builtin or "",
            "state": share if isinstance(share, str) else "live",
            "share": trigger.rollout.shown_share,
            "golden_path": {"id": path_id, "title": self._titles[path_id]} if path_id else None,
            "variants": [variant.variant for variant in trigger.variants],
            "paused": _as_json(pauses.get(trigger_id)),
        }

    async def _in_force(self) -> Mapping[str, Pause]:
        try:
            return await self._pauses.in_force()
        except AutoplayError:
            known = (self._pause_of(trigger_id) for trigger_id in self._entries)
            return {pause.trigger_id: pause for pause in known if pause}


def no_such_trigger(trigger_id: str, known: Mapping[str, object]) -> EngineRefused:
    """Return the refusal for a trigger that does not exist."""
    hint = nearest_name(trigger_id, sorted(known)) or "."
    return EngineRefused(
        "not_found",
        f"there is no trigger {trigger_id[:64]!r}{hint}",
        f"Triggers: {', '.join(sorted(known)) or 'none'}."[:2_000],
    )


def _as_json(pause: Pause | None) -> dict[str, Any] | None:
    return None if pause is None else msgspec.to_builtins(pause)


def _rule_in_words(entry: TriggerSettings, trigger: ConfiguredTrigger) -> tuple[RuleWords, ...]:
    if trigger.rule is not None:
        return conditions_in_words(trigger.rule.condition)
    if entry.builtin:
        text = inspect.getdoc(LIBRARY[entry.builtin].parameters) or ""
        return (RuleWords(" ".join(text.partition("\n\n")[0].replace("``", "").split())),)
    if trigger.is_external:
        return (RuleWords("It has no rule: your own code makes its offers."),)
    return (RuleWords(f"Python code decides: {entry.predicate}"),)


def _kind_of(entry: TriggerSettings, trigger: ConfiguredTrigger) -> str:
    if entry.builtin:
        return "built-in"
    if trigger.is_external:
        return "your code"
    return "rule" if trigger.rule else "python"
