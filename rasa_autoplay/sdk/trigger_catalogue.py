"""The vendor SDK's catalogue of built-in triggers, and registries built from JSON rows that name them.

Ids, fields and errors are the SDK's; the descriptions are this package's. ``autoplay.yml`` does not use this
module: it names triggers with ``builtin:``, and it has more of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_autoplay.engine.triggers.entity import TRIGGERING_TYPE_LLM_JUDGE, ProactiveTriggerEntity
from rasa_autoplay.engine.triggers.page_dwell import TRIGGER_ID_USER_PAGE_DWELL, UserPageDwellTrigger
from rasa_autoplay.engine.triggers.ping_pong import (
    TRIGGER_ID_CANONICAL_URL_PING_PONG,
    CanonicalPingPongTrigger,
)
from rasa_autoplay.engine.triggers.registry import ProactiveTriggerRegistry
from rasa_autoplay.engine.triggers.section_playbook import (
    TRIGGER_ID_SECTION_PLAYBOOK_MATCH,
    SectionPlaybookTrigger,
)
from rasa_autoplay.engine.triggers.types import (
    DEFAULT_COOLDOWN_S,
    DEFAULT_INTERACTION_TIMEOUT_S,
    ProactiveTrigger,
    ProactiveTriggerTimings,
)
from rasa_autoplay.errors import ConfigError

__all__ = [
    "BUILTIN_TRIGGER_CATALOG",
    "PROACTIVE_TRIGGER_IDS",
    "TRIGGERING_TYPE_INSTANT",
    "BuiltinTriggerCatalogEntry",
    "ProactiveTriggerIds",
    "ResolvedBuiltinTriggerSpec",
    "get_proactive_trigger_ids",
    "list_builtin_trigger_catalog",
    "registry_from_builtin_specs",
    "resolve_builtin_specs",
]

logger = logging.getLogger(__name__)

TRIGGERING_TYPE_INSTANT = "instant_trigger"
_TRIGGERING_TYPES = (TRIGGERING_TYPE_INSTANT, TRIGGERING_TYPE_LLM_JUDGE)


@dataclass(frozen=True)
class ProactiveTriggerIds:
    """The ids of the built-in triggers, by name."""

    canonical_ping_pong: str = TRIGGER_ID_CANONICAL_URL_PING_PONG
    user_page_dwell: str = TRIGGER_ID_USER_PAGE_DWELL
    section_playbook_match: str = TRIGGER_ID_SECTION_PLAYBOOK_MATCH


PROACTIVE_TRIGGER_IDS = ProactiveTriggerIds()


def get_proactive_trigger_ids() -> ProactiveTriggerIds:
    """Return :data:`PROACTIVE_TRIGGER_IDS`."""
    return PROACTIVE_TRIGGER_IDS


@dataclass(frozen=True)
class ResolvedBuiltinTriggerSpec:
    """A JSON row, completed with the catalogue's defaults.

    Args:
        id: the trigger's id.
        name: the display name.
        description: the description for people.
        interaction_timeout_s: an offer ends after this many seconds without interaction.
        cooldown_s: nothing is offered for this many seconds afterwards.
        triggering_type: ``instant_trigger``, or ``llm_judge_validation``.
    """

    id: str
    name: str
    description: str
    interaction_timeout_s: float
    cooldown_s: float
    triggering_type: str


@dataclass(frozen=True)
class BuiltinTriggerCatalogEntry:
    """One built-in trigger.

    Args:
        id: the trigger's id.
        name: the display name.
        description: the description for people.
        default_interaction_timeout_s, default_cooldown_s, default_triggering_type: as in
            :class:`ResolvedBuiltinTriggerSpec`.
        inner_factory: creates the trigger without timings.
    """

    id: str
    name: str
    description: str
    default_interaction_timeout_s: float
    default_cooldown_s: float
    default_triggering_type: str
    inner_factory: Callable[[], ProactiveTrigger]

    def build(
        self, timings: ProactiveTriggerTimings | None, *, triggering_type: str | None = None
    ) -> ProactiveTrigger:
        """Create the trigger.

        Args:
            timings: the trigger's timings; None for the entry's defaults.
            triggering_type: the trigger's type; None for the entry's default.
        """
        defaults = ProactiveTriggerTimings(self.default_interaction_timeout_s, self.default_cooldown_s)
        chosen_type = self.default_triggering_type if triggering_type is None else triggering_type
        return ProactiveTriggerEntity(self.inner_factory(), timings or defaults, triggering_type=chosen_type)


def _entry(
    id_: str, name: str, description: str, inner_factory: Callable[[], ProactiveTrigger]
) -> BuiltinTriggerCatalogEntry:
    return BuiltinTriggerCatalogEntry(
        id_,
        name,
        description,
        DEFAULT_INTERACTION_TIMEOUT_S,
        DEFAULT_COOLDOWN_S,
        TRIGGERING_TYPE_LLM_JUDGE,
        inner_factory,
    )


BUILTIN_TRIGGER_CATALOG: dict[str, BuiltinTriggerCatalogEntry] = {
    entry.id: entry
    for entry in (
        _entry(
            TRIGGER_ID_CANONICAL_URL_PING_PONG,
            "URL ping-pong",
            "The user goes back and forth between the same pages.",
            CanonicalPingPongTrigger,
        ),
        _entry(
            TRIGGER_ID_USER_PAGE_DWELL,
            "Page dwell",
            "The user stays on one page for 60 s or longer, with 5 actions or fewer.",
            UserPageDwellTrigger,
        ),
        _entry(
            TRIGGER_ID_SECTION_PLAYBOOK_MATCH,
            "Section playbook",
            "The user is in a section of the app for which the playbook has an entry.",
            SectionPlaybookTrigger,
        ),
    )
}


def list_builtin_trigger_catalog() -> list[dict[str, Any]]:
    """Return the catalogue's rows, by id: ``id, name, description``, default times and triggering type."""
    return [
        {
            "id": entry.id,
            "name": entry.name,
            "description": entry.description,
            "interaction_timeout_s": entry.default_interaction_timeout_s,
            "cooldown_s": entry.default_cooldown_s,
            "default_triggering_type": entry.default_triggering_type,
        }
        for _, entry in sorted(BUILTIN_TRIGGER_CATALOG.items())
    ]


def resolve_builtin_specs(specs: Sequence[Mapping[str, Any]]) -> list[ResolvedBuiltinTriggerSpec]:
    """Check JSON rows, and add the catalogue's defaults.

    Args:
        specs: rows with ``id``, ``name`` and ``description``; ``interaction_timeout_s``, ``cooldown_s`` and
            ``triggering_type`` are optional.

    Raises:
        ConfigError: a row has an unknown id, or a missing or invalid field.
    """
    try:
        return [_resolve(row, number) for number, row in enumerate(specs)]
    except ConfigError as problem:
        logger.error("%s", problem, extra={"event": "proactive_builtin_spec_invalid"})
        raise


def registry_from_builtin_specs(specs: Sequence[Mapping[str, Any]]) -> ProactiveTriggerRegistry:
    """Create a registry from JSON rows; the first row has the highest priority.

    Raises:
        ConfigError: there are no rows, or :func:`resolve_builtin_specs` rejects one.
    """
    if not specs:
        raise ConfigError(
            "The list of built-in triggers is empty.", remedy="Leave it out to get the default registry."
        )
    return ProactiveTriggerRegistry(
        [
            BUILTIN_TRIGGER_CATALOG[spec.id].build(
                ProactiveTriggerTimings(spec.interaction_timeout_s, spec.cooldown_s),
                triggering_type=spec.triggering_type,
            )
            for spec in resolve_builtin_specs(specs)
        ]
    )


def _resolve(row: Mapping[str, Any], number: int) -> ResolvedBuiltinTriggerSpec:
    id_ = _text(row, "id", number)
    entry = BUILTIN_TRIGGER_CATALOG.get(id_)
    if entry is None:
        known = ", ".join(sorted(BUILTIN_TRIGGER_CATALOG))
        raise ConfigError(
            f"Row {number}: there is no built-in trigger {id_!r}.", remedy=f"Use one of {known}."
        )
    return ResolvedBuiltinTriggerSpec(
        entry.id,
        _text(row, "name", number),
        _text(row, "description", number),
        _seconds(row, "interaction_timeout_s", number, entry.default_interaction_timeout_s),
        _seconds(row, "cooldown_s", number, entry.default_cooldown_s),
        _triggering_type(row, number, entry.default_triggering_type),
    )


def _text(row: Mapping[str, Any], name: str, number: int) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"Row {number}: {name!r} must be a non-empty string, got {value!r}.")
    return value.strip()


def _seconds(row: Mapping[str, Any], name: str, number: int, default_s: float) -> float:
    value = row.get(name)
    if value is None:
        return default_s
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = 0.0
    if not seconds > 0:
        raise ConfigError(f"Row {number}: {name!r} must be a positive number of seconds, got {value!r}.")
    return seconds


def _triggering_type(row: Mapping[str, Any], number: int, default: str) -> str:
    value = row.get("triggering_type")
    if value is None:
        return default
    if not isinstance(value, str) or value.strip() not in _TRIGGERING_TYPES:
        raise ConfigError(
            f"Row {number}: 'triggering_type' must be one of {', '.join(_TRIGGERING_TYPES)}, got {value!r}."
        )
    return value.strip()
