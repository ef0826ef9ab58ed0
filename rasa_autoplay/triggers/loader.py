"""Builds the triggers that ``autoplay.yml`` names, in its order of priority."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name
from rasa_autoplay.triggers.builtin import (
    CanonicalPingPongTrigger,
    SectionPlaybookTrigger,
    UserPageDwellTrigger,
)
from rasa_autoplay.triggers.entity import ProactiveTriggerEntity
from rasa_autoplay.triggers.explanation import Explain, RuleExplanation, explain_coarsely
from rasa_autoplay.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.triggers.types import ProactiveTrigger, ProactiveTriggerContext, ProactiveTriggerResult

__all__ = ["ConfiguredTrigger", "load_object", "load_triggers"]

_WakesAt = Callable[[ProactiveTriggerContext], float | None]


@dataclass(frozen=True, slots=True)
class ConfiguredTrigger:
    """A trigger as the driver uses it.

    Args:
        id: its name in logs, receipts and courtesy.
        evaluate: returns a result when it fires.
        wakes_at: when time alone could make it fire; None for one that the driver cannot see into, which is
            therefore asked again on the slow tick.
        remembers: what it wants remembered for the whole session.
        body: overrides the result's text; empty for the result's own.
        golden_path: the workflow that it explains; empty for none.
        expires_after_s: how long an offer of it waits for the user.
        interaction_timeout_s: overrides the session's; None for the session's own.
        cooldown_s: overrides the session's; None for the session's own.
        own_explanation: the trigger's ``explain``; None for one that cannot be looked into.
    """

    id: str
    evaluate: Callable[[ProactiveTriggerContext], ProactiveTriggerResult | None]
    wakes_at: _WakesAt | None = None
    remembers: Mapping[str, Callable[[SlimAction], bool]] = field(default_factory=dict)
    body: str = ""
    golden_path: str = ""
    expires_after_s: float = 120.0
    interaction_timeout_s: float | None = None
    cooldown_s: float | None = None
    own_explanation: Explain | None = None

    def explain(self, ctx: ProactiveTriggerContext) -> RuleExplanation:
        """Why it fires, or how near it is, in numbers where the trigger has them."""
        explain = self.own_explanation or explain_coarsely(self.evaluate, f"the trigger {self.id!r}")
        return explain(ctx)


def load_triggers(
    settings: Sequence[TriggerSettings], path_ids: Sequence[str], file: YamlFile
) -> list[ConfiguredTrigger]:
    """Build every trigger of the list.

    Args:
        settings: ``triggers`` of ``autoplay.yml``.
        path_ids: the golden paths that there are.
        file: names the line of a wrong entry.

    Raises:
        ConfigError: an entry names what does not exist, lacks what it needs, or repeats an id.
    """
    triggers: list[ConfiguredTrigger] = []
    for index, entry in enumerate(settings):
        place = ("triggers", index)
        _check_golden_path(entry, path_ids, file, place)
        trigger = _build(entry, file, place)
        if any(trigger.id == other.id for other in triggers):
            raise file.error(place, f"the id {trigger.id!r} is taken by a trigger above.")
        triggers.append(trigger)
    return triggers


def _check_golden_path(
    entry: TriggerSettings, path_ids: Sequence[str], file: YamlFile, place: tuple[str | int, ...]
) -> None:
    if entry.golden_path and entry.golden_path not in path_ids:
        hint = nearest_name(entry.golden_path, path_ids) or "."
        known = ", ".join(path_ids) or "none"
        raise file.error(
            (*place, "golden_path"),
            f"there is no golden path {entry.golden_path!r}{hint} Known: {known}.",
        )


def _build(entry: TriggerSettings, file: YamlFile, place: tuple[str | int, ...]) -> ConfiguredTrigger:
    trigger = _builtin(entry, file, place) if entry.builtin else _custom(entry, file, place)
    own = trigger.timings if isinstance(trigger, ProactiveTriggerEntity) else None
    return ConfiguredTrigger(
        id=entry.id or trigger.trigger_id,
        evaluate=trigger.evaluate,
        wakes_at=cast("_WakesAt | None", getattr(trigger, "wakes_at", None)),
        remembers=getattr(trigger, "remembers", None) or {},
        body=entry.body or "",
        golden_path=entry.golden_path or "",
        expires_after_s=entry.expires_after,
        interaction_timeout_s=_first(entry.interaction_timeout, own.interaction_timeout_s if own else None),
        cooldown_s=_first(entry.cooldown, own.cooldown_s if own else None),
        own_explanation=cast("Explain | None", getattr(trigger, "explain", None)),
    )


def _first(own: float | None, otherwise: float | None) -> float | None:
    return otherwise if own is None else own


_BuiltinFactory = Callable[[TriggerSettings], ProactiveTrigger]


def _ping_pong(entry: TriggerSettings) -> ProactiveTrigger:
    return CanonicalPingPongTrigger(min_cycles=entry.min_cycles or 1)


def _page_dwell(entry: TriggerSettings) -> ProactiveTrigger:
    dwell = 60.0 if entry.dwell is None else float(entry.dwell)
    return UserPageDwellTrigger(default_threshold_s=dwell, default_max_actions=entry.max_actions or 5)


def _section_playbook(entry: TriggerSettings) -> ProactiveTrigger:
    rules = [{"prefix": rule.prefix, "section_id": rule.section_id} for rule in entry.rules or ()]
    return SectionPlaybookTrigger(section_playbook=entry.section_playbook or {}, rules=rules)


@dataclass(frozen=True, slots=True)
class _Builtin:
    """How a built-in is made, which parameters it knows, and which it needs."""

    make: _BuiltinFactory
    optional: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()


_BUILTINS = {
    "canonical_url_ping_pong": _Builtin(_ping_pong, optional=frozenset({"min_cycles"})),
    "section_playbook_match": _Builtin(_section_playbook, required=frozenset({"section_playbook", "rules"})),
    "user_page_dwell": _Builtin(_page_dwell, optional=frozenset({"dwell", "max_actions"})),
}
_PARAMETERS = frozenset().union(*(b.optional | b.required for b in _BUILTINS.values()))


def _builtin(entry: TriggerSettings, file: YamlFile, place: tuple[str | int, ...]) -> ProactiveTrigger:
    name = entry.builtin or ""
    builtin = _BUILTINS.get(name)
    if builtin is None:
        hint = nearest_name(name, sorted(_BUILTINS)) or "."
        raise file.error(
            (*place, "builtin"),
            f"there is no built-in trigger {name!r}{hint} Known: {', '.join(sorted(_BUILTINS))}.",
        )
    given = _given_parameters(entry)
    for foreign in sorted(given - builtin.optional - builtin.required):
        raise file.error((*place, foreign), f"{name} has no parameter {foreign!r}.")
    for missing in sorted(builtin.required - given):
        raise file.error(place, f"{name} needs {missing!r}: without it, it could never fire.")
    return builtin.make(entry)


def _given_parameters(entry: TriggerSettings) -> set[str]:
    return {parameter for parameter in _PARAMETERS if getattr(entry, parameter) is not None}


def _custom(entry: TriggerSettings, file: YamlFile, place: tuple[str | int, ...]) -> ProactiveTrigger:
    location = (*place, "predicate")
    for foreign in sorted(_given_parameters(entry)):
        raise file.error((*place, foreign), f"a predicate has no parameter {foreign!r}: only a built-in has.")
    found = load_object(entry.predicate or "", file, location)
    if inspect.isclass(found) and hasattr(found, "evaluate"):
        found = _made(found, file, location)
    if hasattr(found, "evaluate"):
        return cast(ProactiveTrigger, found)
    if not callable(found):
        raise file.error(location, f"{entry.predicate} is neither a function of the context nor a trigger.")
    if not entry.body:
        raise file.error(place, 'a predicate needs a "body:", the text that the user sees.')
    return PredicateProactiveTrigger(trigger_id=entry.id or "", body=entry.body, predicate=found)


def _made(trigger_class: Callable[[], Any], file: YamlFile, location: Sequence[str | int]) -> Any:
    try:
        return trigger_class()
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise file.error(location, f"the trigger cannot be made without arguments: {reason}.") from problem


def load_object(dotted: str, file: YamlFile, location: Sequence[str | int]) -> Any:
    """Import ``package.module:name``.

    The working directory is searched too, as Rasa does for a project's own modules.

    Raises:
        ConfigError: there is no such module or name, or importing it fails.
    """
    module_name, separator, name = dotted.partition(":")
    if not (separator and module_name and name):
        raise file.error(location, f'{dotted!r} is no dotted path: write "package.module:name".')
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except ConfigError:
        raise
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise file.error(location, f"the module {module_name!r} cannot be imported: {reason}.") from problem
    if not hasattr(module, name):
        public = [n for n in vars(module) if not n.startswith("_")]
        hint = nearest_name(name, public) or "."
        raise file.error(location, f"the module {module_name!r} has no {name!r}{hint}")
    return getattr(module, name)
