"""Builds the triggers of ``autoplay.yml``, in order of priority."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from rasa_autoplay.engine.triggers.builtin_triggers import LIBRARY, AnyWorkflow, LibraryTrigger
from rasa_autoplay.engine.triggers.configured.body_languages import check_body
from rasa_autoplay.engine.triggers.configured.goal_reader import read_goal
from rasa_autoplay.engine.triggers.configured.references import (
    Place,
    check_golden_path,
    check_tours,
    tour_labels,
)
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.configured.variants import with_variants
from rasa_autoplay.engine.triggers.entity import ProactiveTriggerEntity
from rasa_autoplay.engine.triggers.external import ExternalTrigger
from rasa_autoplay.engine.triggers.firing_reasons import Explain
from rasa_autoplay.engine.triggers.interest import Interest
from rasa_autoplay.engine.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.grammar import RuleGrammar
from rasa_autoplay.engine.triggers.rules.trigger import RuleTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTrigger
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.trigger import TriggerSettings
from rasa_autoplay.settings.yaml_file import YamlFile, names_at, nearest_name

__all__ = ["load_object", "load_triggers"]


def load_triggers(
    settings: EngineSettings, path_ids: Sequence[str], file: YamlFile
) -> list[ConfiguredTrigger]:
    """Build all triggers.

    Args:
        settings: ``autoplay.yml``: the triggers, and the limits of a session's window.
        path_ids: ids of all golden paths.
        file: finds the line of an invalid entry.

    Raises:
        ConfigError: entries name what does not exist, lack what they need, or repeat an id; one line for each
            error.
    """
    grammar = RuleGrammar(file, settings.session.window, path_ids)
    collector = ErrorCollector()
    triggers: list[ConfiguredTrigger] = []
    for path_id in settings.courtesy.golden_paths:
        with collector:
            check_golden_path(path_id, path_ids, file, ("courtesy", "golden_paths", path_id))
    for index, entry in enumerate(settings.triggers):
        place = ("triggers", index)
        with collector:
            check_golden_path(entry.golden_path, path_ids, file, (*place, "golden_path"))
        check_tours(entry.tours, path_ids, file, place, collector)
        with collector:
            trigger = with_variants(_with_goal(entry, grammar, place), entry.variants, path_ids, file, place)
            if any(trigger.id == other.id for other in triggers):
                raise file.error(place, f"a trigger above already has the id {trigger.id!r}.")
            triggers.append(trigger)
    collector.raise_any()
    return triggers


def _with_goal(entry: TriggerSettings, grammar: RuleGrammar, place: Place) -> ConfiguredTrigger:
    trigger = _build(entry, grammar, place)
    paths = (trigger.golden_path, *(variant.golden_path for variant in entry.variants))
    has_path = trigger.finds_workflow or any(paths)
    return replace(trigger, goal=read_goal(entry.goal, grammar, (*place, "goal"), has_path=has_path))


def _build(entry: TriggerSettings, grammar: RuleGrammar, place: Place) -> ConfiguredTrigger:
    if entry.when is not None:
        return _from_rule(entry, grammar, place)
    if entry.builtin is not None:
        return _from_library(entry, entry.builtin, grammar, place)
    if entry.external:
        _reject_parameters(entry, grammar.file, place, "an external trigger")
        return replace(_configured(entry, ExternalTrigger(entry.id or "")), is_external=True)
    # What a class of ours that it extends says about itself need not be true of the team's own code.
    return replace(_configured(entry, _custom(entry, grammar.file, place)), own_possibility=None)


def _configured(entry: TriggerSettings, trigger: ProactiveTrigger) -> ConfiguredTrigger:
    own = trigger.timings if isinstance(trigger, ProactiveTriggerEntity) else None
    return ConfiguredTrigger(
        id=entry.id or trigger.trigger_id,
        evaluate=trigger.evaluate,
        wakes_at=getattr(trigger, "wakes_at", None),
        remembers=getattr(trigger, "remembers", None) or {},
        interest=cast("Interest | None", getattr(trigger, "interest", None)),
        body=entry.body or "",
        golden_path=entry.golden_path or "",
        tours=tour_labels(entry.tours),
        reply_options=entry.reply_options,
        offer_ttl_s=entry.offer_ttl,
        interaction_timeout_s=_first(entry.interaction_timeout, own.interaction_timeout_s if own else None),
        cooldown_s=_first(entry.cooldown, own.cooldown_s if own else None),
        courtesy=entry.courtesy,
        finds_workflow=getattr(trigger, "finds_workflow", True),
        own_explanation=cast("Explain | None", getattr(trigger, "explain", None)),
        own_possibility=getattr(trigger, "possible_at", None),
        placeholders=getattr(trigger, "placeholders", None),
        rollout=entry.rollout,
    )


def _body(entry: TriggerSettings) -> str:
    """The text of the toast. With variants, no user gets it, but the trigger needs one."""
    return entry.body or (entry.variants[0].body if entry.variants else "")


def _first(own: float | None, otherwise: float | None) -> float | None:
    return otherwise if own is None else own


def _from_rule(entry: TriggerSettings, grammar: RuleGrammar, place: Place) -> ConfiguredTrigger:
    _reject_parameters(entry, grammar.file, place, "a rule")
    if not _body(entry):
        raise grammar.file.error(place, 'a rule needs a "body:", the text that the user sees.')
    condition = grammar.read(entry.when, (*place, "when"))
    return _rule_trigger(entry, condition, _body(entry), grammar.file, place)


def _rule_trigger(
    entry: TriggerSettings, condition: Condition, body: str, file: YamlFile, place: Place
) -> ConfiguredTrigger:
    check_body(entry.body or "", condition.placeholders, file, (*place, "body"))
    rule = RuleTrigger(entry.id or entry.builtin or "", body, condition)
    trigger = replace(_configured(entry, rule), rule=rule)
    if condition.for_masters and "skip_mastered" not in entry.courtesy.__fields_set__:
        # Otherwise, a rule for users who master a workflow could never reach them.
        return replace(trigger, courtesy=entry.courtesy.copy(update={"skip_mastered": False}))
    return trigger


def _from_library(entry: TriggerSettings, name: str, grammar: RuleGrammar, place: Place) -> ConfiguredTrigger:
    found = LIBRARY.get(name)
    if found is None:
        hint = nearest_name(name, sorted(LIBRARY)) or "."
        raise grammar.file.error(
            (*place, "builtin"),
            f"there is no built-in trigger {name!r}{hint} Known: {', '.join(sorted(LIBRARY))}.",
        )
    parameters = _read_parameters(entry, name, found.parameters, grammar.file, place)
    if isinstance(found, LibraryTrigger):
        if isinstance(parameters, AnyWorkflow):
            grammar.workflows(parameters.workflows, (*place, "workflow"))
        return _configured(entry, found.make(parameters))
    condition = grammar.read(found.when(parameters), place)
    trigger = _rule_trigger(entry, condition, _body(entry) or found.body, grammar.file, place)
    workflow = entry.parameters.get("workflow")
    if not trigger.golden_path and isinstance(workflow, str) and workflow != "any":
        return replace(trigger, golden_path=workflow)
    return trigger


def _read_parameters(
    entry: TriggerSettings, name: str, model: type[Settings], file: YamlFile, place: Place
) -> Settings:
    known = names_at(model, ())
    for foreign in entry.parameters:
        if foreign not in known:
            hint = nearest_name(foreign, [*known, *TriggerSettings.__fields__]) or "."
            own = ", ".join(known) or "none"
            raise file.error((*place, foreign), f"{name} has no parameter {foreign!r}{hint} It has: {own}.")
    for key in sorted(key for key, each in model.__fields__.items() if each.required):
        if key not in entry.parameters:
            raise file.error(place, f"{name} needs {key!r}; without it, the trigger could never fire.")
    return file.read_as(model, entry.parameters, place)


def _reject_parameters(entry: TriggerSettings, file: YamlFile, place: Place, owner: str) -> None:
    for foreign in entry.parameters:
        allowed = sorted(TriggerSettings.__fields__)
        hint = nearest_name(foreign, allowed) or "."
        raise file.error(
            (*place, foreign), f"{owner} has no parameter {foreign!r}{hint} Allowed: {', '.join(allowed)}."
        )


def _custom(entry: TriggerSettings, file: YamlFile, place: Place) -> ProactiveTrigger:
    location = (*place, "predicate")
    _reject_parameters(entry, file, place, "a predicate")
    found = load_object(entry.predicate or "", file, location)
    if inspect.isclass(found) and hasattr(found, "evaluate"):
        found = _instantiate(found, file, location)
    if hasattr(found, "evaluate"):
        return cast(ProactiveTrigger, found)
    if not callable(found):
        raise file.error(location, f"{entry.predicate} is neither a function nor a trigger.")
    if not _body(entry):
        raise file.error(place, 'a predicate needs a "body:", the text that the user sees.')
    return PredicateProactiveTrigger(trigger_id=entry.id or "", body=_body(entry), predicate=found)


def _instantiate(trigger_class: Callable[[], Any], file: YamlFile, location: Sequence[str | int]) -> Any:
    try:
        return trigger_class()
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        raise file.error(
            location, f"the trigger class cannot be called without arguments: {reason}."
        ) from problem


def load_object(dotted: str, file: YamlFile, location: Sequence[str | int]) -> Any:
    """Import ``package.module:name``.

    The working directory is searched too, as Rasa does for a project's own modules.

    Raises:
        ConfigError: the module or name does not exist, or the import fails.
    """
    module_name, separator, name = dotted.partition(":")
    if not (separator and module_name and name):
        raise file.error(location, f'{dotted!r} is not a dotted path: write "package.module:name".')
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
