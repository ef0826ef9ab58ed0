"""The variants of a trigger's offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rasa_autoplay.engine.triggers.configured.body_languages import check_body
from rasa_autoplay.engine.triggers.configured.references import (
    Place,
    check_golden_path,
    check_tours,
    tour_labels,
)
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.limits import TriggerLimitSettings
from rasa_autoplay.settings.rollout import VariantSettings
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["with_variants"]


def with_variants(
    trigger: ConfiguredTrigger,
    entries: Sequence[VariantSettings],
    path_ids: Sequence[str],
    file: YamlFile,
    place: Place,
) -> ConfiguredTrigger:
    """Return the trigger with its variants.

    Args:
        trigger: the trigger without them.
        entries: ``variants`` of the trigger.
        path_ids: ids of all golden paths.
        file: finds the line of an invalid entry.
        place: where the trigger is in the file.

    Raises:
        ConfigError: variants repeat an id, or name what does not exist; one line for each error.
    """
    collector = ErrorCollector()
    variants: dict[str, ConfiguredTrigger] = {}
    for number, entry in enumerate(entries):
        at: Place = (*place, "variants", number)
        with collector:
            check_golden_path(entry.golden_path, path_ids, file, (*at, "golden_path"))
        check_tours(entry.tours or (), path_ids, file, at, collector)
        if trigger.placeholders is not None:
            with collector:
                check_body(entry.body, trigger.placeholders, file, (*at, "body"))
        with collector:
            if entry.id in variants:
                raise file.error((*at, "id"), f"a variant above already has the id {entry.id!r}.")
        variants[entry.id] = _variant(trigger, entry)
    collector.raise_any()
    return replace(trigger, variants=tuple(variants.values()))


def _variant(trigger: ConfiguredTrigger, entry: VariantSettings) -> ConfiguredTrigger:
    return replace(
        trigger,
        variant=entry.id,
        weight=entry.weight,
        body=entry.body,
        golden_path=entry.golden_path or trigger.golden_path,
        tours=_tours(trigger, entry),
        courtesy=_courtesy(trigger.courtesy, entry),
        first=entry.first or "",
    )


def _tours(trigger: ConfiguredTrigger, entry: VariantSettings) -> Mapping[str, str] | None:
    if entry.tours is False:
        return None
    if entry.tours is not None:
        return tour_labels(entry.tours)
    # Tours of the trigger's workflow say nothing about another one.
    return {} if entry.golden_path else trigger.tours


def _courtesy(own: TriggerLimitSettings, entry: VariantSettings) -> TriggerLimitSettings:
    timing = {"hold_until": entry.hold_until, "max_wait": entry.max_wait}
    return own.copy(update={name: value for name, value in timing.items() if value is not None})
