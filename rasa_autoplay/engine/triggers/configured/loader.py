"""Builds the triggers of ``autoplay.yml``, in order of priority."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from rasa_autoplay.engine.triggers.builtin_triggers import LIBRARY, AnyWorkflow, LibraryTrigger
from rasa_autoplay.engine.triggers.entity import ProactiveTriggerEntity
from rasa_autoplay.engine.triggers.firing_reasons import Explain, RuleExplanation, explain_opaque
from rasa_autoplay.engine.triggers.interest import Interest
from rasa_autoplay.engine.triggers.predicate import PredicateProactiveTrigger
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.grammar import RuleGrammar
from rasa_autoplay.engine.triggers.rules.trigger import RuleTrigger, placeholders_in
from rasa_autoplay.engine.triggers.types import (
    ProactiveTrigger,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
)
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import EngineSettings, TriggerSettings, TriggerTourSettings
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.limits import NO_LIMITS, TriggerLimitSettings
from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.yaml_file import YamlFile, names_at, nearest_name

__all__ = ["ConfiguredTrigger", "load_object", "load_triggers"]

_WakesAt = Callable[[ProactiveTriggerContext], float | None]
_Place = tuple["str | int", ...]


@dataclass(frozen=True, slots=True)
class ConfiguredTrigger:
    """A trigger with its settings, as the driver uses it.

    Args:
        id: its name in logs, receipts and courtesy.
        evaluate: returns a result when it fires, or an awaitable of it.
        wakes_at: when time alone could make it fire; None for an opaque trigger, which is also evaluated on
            the slow tick.
        remembers: matchers whose results it wants remembered for the whole session, by name.
        interest: the changes that can affect it; None for an opaque trigger, which any event can affect.
        body: overrides the result's text; empty to keep it.
        golden_path: id of the workflow that it explains; empty for none.
        tours: labels of the tours that it offers, by workflow id; an empty label for the workflow's own.
        reply_options: labels of more buttons; None for the result's own.
        offer_ttl_s: how long its offers wait for the user, in seconds.
        interaction_timeout_s: overrides the session's; None to keep it.
        cooldown_s: overrides the session's; None to keep it.
        courtesy: limits for this trigger only.
        own_explanation: the trigger's ``explain``; None for an opaque trigger.
    """

    id: str
    evaluate: Callable[[ProactiveTriggerContext], Any]
    wakes_at: _WakesAt | None = None
    remembers: Mapping[str, Callable[[SlimAction], bool]] = field(default_factory=dict)
    interest: Interest | None = None
    body: str = ""
    golden_path: str = ""
    tours: Mapping[str, str] = field(default_factory=dict)
    reply_options: Sequence[str] | None = None
    offer_ttl_s: float = 120.0
    interaction_timeout_s: float | None = None
    cooldown_s: float | None = None
    courtesy: TriggerLimitSettings = NO_LIMITS
    own_explanation: Explain | None = None

    def explain(self, ctx: ProactiveTriggerContext, result: ProactiveTriggerResult | None) -> RuleExplanation:
        """Explain why it fires, or how close it is, with numbers if the trigger has them.

        Args:
            ctx: the context of the evaluation.
            result: the result of the evaluation.
        """
        if self.own_explanation is None:
            return explain_opaque(result, f"the trigger {self.id!r}")
        return self.own_explanation(ctx)


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
    for index, entry in enumerate(settings.triggers):
        place = ("triggers", index)
        with collector:
            _check_golden_path(entry.golden_path, path_ids, file, (*place, "golden_path"))
        for number, tour in enumerate(entry.tours):
            with collector:
                _check_golden_path(_tour(tour)[0], path_ids, file, (*place, "tours", number))
        with collector:
            trigger = _build(entry, grammar, place)
            if any(trigger.id == other.id for other in triggers):
                raise file.error(place, f"a trigger above already has the id {trigger.id!r}.")
            triggers.append(trigger)
    collector.raise_any()
    return triggers


def _check_golden_path(path_id: str | None, path_ids: Sequence[str], file: YamlFile, place: _Place) -> None:
    if path_id and path_id not in path_ids:
        hint = nearest_name(path_id, path_ids) or "."
        known = ", ".join(path_ids) or "none"
        raise file.error(place, f"there is no golden path {path_id!r}{hint} Known: {known}.")


def _build(entry: TriggerSettings, grammar: RuleGrammar, place: _Place) -> ConfiguredTrigger:
    if entry.when is not None:
        return _from_rule(entry, grammar, place)
    if entry.builtin is not None:
        return _from_library(entry, entry.builtin, grammar, place)
    return _configured(entry, _custom(entry, grammar.file, place))


def _configured(entry: TriggerSettings, trigger: ProactiveTrigger) -> ConfiguredTrigger:
    own = trigger.timings if isinstance(trigger, ProactiveTriggerEntity) else None
    return ConfiguredTrigger(
        id=entry.id or trigger.trigger_id,
        evaluate=trigger.evaluate,
        wakes_at=cast("_WakesAt | None", getattr(trigger, "wakes_at", None)),
        remembers=getattr(trigger, "remembers", None) or {},
        interest=cast("Interest | None", getattr(trigger, "interest", None)),
        body=entry.body or "",
        golden_path=entry.golden_path or "",
        tours=dict(map(_tour, entry.tours)),
        reply_options=entry.reply_options,
        offer_ttl_s=entry.offer_ttl,
        interaction_timeout_s=_first(entry.interaction_timeout, own.interaction_timeout_s if own else None),
        cooldown_s=_first(entry.cooldown, own.cooldown_s if own else None),
        courtesy=entry.courtesy,
        own_explanation=cast("Explain | None", getattr(trigger, "explain", None)),
    )


def _tour(entry: str | TriggerTourSettings) -> tuple[str, str]:
    """Return the id of the workflow and the label; an empty label for the tour's own."""
    return (entry, "") if isinstance(entry, str) else (entry.tour, entry.label or "")


def _first(own: float | None, otherwise: float | None) -> float | None:
    return otherwise if own is None else own


def _from_rule(entry: TriggerSettings, grammar: RuleGrammar, place: _Place) -> ConfiguredTrigger:
    _reject_parameters(entry, grammar.file, place, "a rule")
    if not entry.body:
        raise grammar.file.error(place, 'a rule needs a "body:", the text that the user sees.')
    condition = grammar.read(entry.when, (*place, "when"))
    return _rule_trigger(entry, condition, entry.body, grammar.file, place)


def _rule_trigger(
    entry: TriggerSettings, condition: Condition, body: str, file: YamlFile, place: _Place
) -> ConfiguredTrigger:
    names = placeholders_in(body)
    for name in names:
        if name not in condition.placeholders:
            known = sorted(condition.placeholders)
            remedy = (
                f"Known here: {', '.join(known)}." if known else "Only memory and path conditions give any."
            )
            hint = nearest_name(name, known) or "."
            raise file.error((*place, "body"), f"no condition of the rule gives {{{name}}}{hint} {remedy}")
    trigger = _configured(entry, RuleTrigger(entry.id or entry.builtin or "", body, condition))
    if condition.for_masters and "skip_mastered" not in entry.courtesy.__fields_set__:
        # Otherwise, a rule for users who master a workflow could never reach them.
        trigger = replace(trigger, courtesy=entry.courtesy.copy(update={"skip_mastered": False}))
    # The rule fills in the placeholders, so the result's body must not be overridden.
    return replace(trigger, body="") if names else trigger


def _from_library(
    entry: TriggerSettings, name: str, grammar: RuleGrammar, place: _Place
) -> ConfiguredTrigger:
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
    trigger = _rule_trigger(entry, condition, entry.body or found.body, grammar.file, place)
    workflow = entry.parameters.get("workflow")
    if not trigger.golden_path and isinstance(workflow, str) and workflow != "any":
        return replace(trigger, golden_path=workflow)
    return trigger


def _read_parameters(
    entry: TriggerSettings, name: str, model: type[Settings], file: YamlFile, place: _Place
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


def _reject_parameters(entry: TriggerSettings, file: YamlFile, place: _Place, owner: str) -> None:
    for foreign in entry.parameters:
        allowed = sorted(TriggerSettings.__fields__)
        hint = nearest_name(foreign, allowed) or "."
        raise file.error(
            (*place, foreign), f"{owner} has no parameter {foreign!r}{hint} Allowed: {', '.join(allowed)}."
        )


def _custom(entry: TriggerSettings, file: YamlFile, place: _Place) -> ProactiveTrigger:
    location = (*place, "predicate")
    _reject_parameters(entry, file, place, "a predicate")
    found = load_object(entry.predicate or "", file, location)
    if inspect.isclass(found) and hasattr(found, "evaluate"):
        found = _instantiate(found, file, location)
    if hasattr(found, "evaluate"):
        return cast(ProactiveTrigger, found)
    if not callable(found):
        raise file.error(location, f"{entry.predicate} is neither a function nor a trigger.")
    if not entry.body:
        raise file.error(place, 'a predicate needs a "body:", the text that the user sees.')
    return PredicateProactiveTrigger(trigger_id=entry.id or "", body=entry.body, predicate=found)


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
