"""A proposed trigger as users would get it: its rule in words, and its toast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.proposals.proposal import Proposal
from rasa_autoplay.engine.rule_editor.trigger_text import replace_trigger
from rasa_autoplay.engine.studio.toast_preview import toasts_of
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.engine.triggers.configured.loader import load_triggers
from rasa_autoplay.engine.triggers.rules.wording import conditions_in_words
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["ShownTrigger", "shown_trigger"]


class ShownTrigger(NamedTuple):
    """What people read of a trigger.

    Args:
        rule: its conditions in words.
        toasts: see :func:`~rasa_autoplay.engine.studio.toast_preview.toasts_of`.
    """

    rule: list[dict[str, Any]]
    toasts: list[dict[str, Any]]


def shown_trigger(proposal: Proposal, configuration: Configuration) -> ShownTrigger:
    """Load a proposed trigger among the golden paths of the project; it blocks, so call it in a thread.

    A trigger that cannot be loaded has neither words nor toasts: the step that would write it says why.

    Args:
        proposal: the proposal.
        configuration: the version of the files that is in force.
    """
    try:
        return _shown(proposal, configuration)
    except ConfigError:
        return ShownTrigger([], [])


def _shown(proposal: Proposal, configuration: Configuration) -> ShownTrigger:
    file = YamlFile(
        Path("trigger.yml"), replace_trigger("triggers:\n", [], 0, proposal.trigger_text).encode()
    )
    entry = file.read_as(TriggerSettings, file.data()["triggers"][0], ("triggers", 0))
    paths = _paths(proposal, configuration.paths)
    settings = configuration.settings.copy(update={"triggers": [entry]})
    (trigger,) = load_triggers(settings, [path.id for path in paths], file)
    rule = conditions_in_words(trigger.rule.condition) if trigger.rule else ()
    return ShownTrigger(msgspec.to_builtins(list(rule)), toasts_of(trigger, paths, TourCatalogue(paths)))


def _paths(proposal: Proposal, known: Sequence[GoldenPath]) -> list[GoldenPath]:
    """The golden paths, with the proposed one if there is none with its id."""
    if not proposal.path_text or proposal.path_id in {path.id for path in known}:
        return list(known)
    return [*known, YamlFile(Path("path.yml"), proposal.path_text.encode()).read(GoldenPath)]
