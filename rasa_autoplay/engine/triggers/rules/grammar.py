"""Reads ``when:`` in ``autoplay.yml`` into a condition; every error names the line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rasa_autoplay.engine.matching.matcher import FIELDS, ActionMatcher
from rasa_autoplay.engine.matching.patterns import PagePattern
from rasa_autoplay.engine.triggers.rules import logic
from rasa_autoplay.engine.triggers.rules import settings as shapes
from rasa_autoplay.engine.triggers.rules.absence import Absent, Never
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.counting import Count, Repeat
from rasa_autoplay.engine.triggers.rules.failures import Failure
from rasa_autoplay.engine.triggers.rules.formatting import seconds
from rasa_autoplay.engine.triggers.rules.page_conditions import Dwell, Idle, OnPage
from rasa_autoplay.engine.triggers.rules.sequence import ActionSequence
from rasa_autoplay.engine.triggers.rules.user_conditions import (
    Away,
    EmailDomain,
    KnownWorkflow,
    UserProperty,
    Visitor,
)
from rasa_autoplay.engine.triggers.rules.workflow import Begun, OffPath, SkippedStep, Stalled
from rasa_autoplay.engine.triggers.rules.workflow_failures import FailureInWorkflow
from rasa_autoplay.settings.engine import WindowSettings
from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name

__all__ = ["CONDITIONS", "RuleGrammar"]

_SettingsT = TypeVar("_SettingsT", bound=Settings)
_Place = tuple["str | int", ...]

#: The key and settings of every condition except ``all``, ``any`` and ``not``, which contain conditions.
CONDITIONS: Mapping[str, type[Settings] | type[PagePattern]] = {
    "on_page": PagePattern,
    "count": shapes.CountSettings,
    "sequence": shapes.SequenceSettings,
    "never": shapes.NeverSettings,
    "absent": shapes.AbsentSettings,
    "dwell": shapes.DwellSettings,
    "idle": shapes.IdleSettings,
    "repeat": shapes.RepeatSettings,
    "failure": shapes.FailureSettings,
    "segment": shapes.SegmentSettings,
    "memory": shapes.MemorySettings,
    "path": shapes.PathSettings,
}
_LOGIC = ("all", "any", "not")
_STALLED_AFTER_S = 60.0


@dataclass(frozen=True)
class RuleGrammar:
    """Reads conditions.

    Args:
        file: finds the line of an error.
        window: the limits of a session's window.
        path_ids: ids of all golden paths.
    """

    file: YamlFile
    window: WindowSettings
    path_ids: Sequence[str]

    def read(self, source: object, place: _Place) -> Condition:
        """Read the condition at ``place``: a mapping, or a list of conditions that must all hold.

        Raises:
            ConfigError: the condition is invalid, or could never hold.
        """
        if isinstance(source, list):
            return logic.All(self._parts(source, place))
        if not isinstance(source, Mapping) or not source:
            raise self.file.error(
                place, f"write a condition as a mapping with one of these keys: {_allowed()}."
            )
        parts = [self._one(key, source, place) for key in source if not self._belongs(key, source)]
        return parts[0] if len(parts) == 1 else logic.All(parts)

    def _belongs(self, key: str, source: Mapping[str, Any]) -> bool:
        """Whether the key belongs to another condition in the same mapping."""
        return key == "within" and "sequence" in source

    def _one(self, key: str, source: Mapping[str, Any], place: _Place) -> Condition:
        value, there = source[key], (*place, key)
        if key == "not":
            return logic.Not(self.read(value, there))
        if key in ("all", "any"):
            return (logic.All if key == "all" else logic.Any)(self._parts(value, there))
        if key == "sequence":
            return self._sequence(source, place)
        reader = _READERS.get(key)
        if reader is None:
            hint = nearest_name(key, [*_LOGIC, *CONDITIONS]) or "."
            raise self.file.error(there, f"unknown condition{hint} Allowed: {_allowed()}.")
        return reader(self, value, there)

    def _parts(self, source: object, place: _Place) -> list[Condition]:
        if not isinstance(source, list) or not source:
            raise self.file.error(place, "write a list of conditions here, each with a dash before it.")
        return [self.read(part, (*place, number)) for number, part in enumerate(source)]

    def _shape(self, model: type[_SettingsT], value: object, place: _Place) -> _SettingsT:
        return self.file.read_as(model, value, place)

    def _sequence(self, source: Mapping[str, Any], place: _Place) -> Condition:
        given = {key: source[key] for key in ("sequence", "within") if key in source}
        shape = self._shape(shapes.SequenceSettings, given, place)
        steps = [_matcher(step) for step in shape.sequence]
        self._check_number(len(steps), (*place, "sequence"))
        return ActionSequence(steps, self._within(shape.within, (*place, "within")))

    def _on_page(self, value: object, place: _Place) -> Condition:
        try:
            return OnPage(PagePattern.of(value))
        except ValueError as problem:
            raise self.file.error(place, f"{problem}.") from None

    def _count(self, value: object, place: _Place) -> Condition:
        shape = self._shape(shapes.CountSettings, value, place)
        self._check_number(shape.at_least, (*place, "at_least"))
        return Count(_matcher(shape), shape.at_least, self._within(shape.within, (*place, "within")))

    def _repeat(self, value: object, place: _Place) -> Condition:
        shape = self._shape(shapes.RepeatSettings, value, place)
        self._check_number(shape.at_least, (*place, "at_least"))
        return Repeat(_matcher(shape), shape.at_least, self._within(shape.within, (*place, "within")))

    def _never(self, value: object, place: _Place) -> Condition:
        shape = self._shape(shapes.NeverSettings, value, place)
        if shape.within is None:
            return Never(_matcher(shape))
        return Absent(_matcher(shape), self._within(shape.within, (*place, "within")))

    def _absent(self, value: object, place: _Place) -> Condition:
        shape = self._shape(shapes.AbsentSettings, value, place)
        return Absent(_matcher(shape), self._within(shape.within, (*place, "within")))

    def _dwell(self, value: object, place: _Place) -> Condition:
        short = not isinstance(value, Mapping)
        shape = self._shape(shapes.DwellSettings, {"at_least": value} if short else value, place)
        self._check_wait(shape.at_least, place if short else (*place, "at_least"))
        return Dwell(shape.at_least, shape.max_actions)

    def _idle(self, value: object, place: _Place) -> Condition:
        short = not isinstance(value, Mapping)
        shape = self._shape(shapes.IdleSettings, {"at_least": value} if short else value, place)
        self._check_wait(shape.at_least, place if short else (*place, "at_least"))
        return Idle(shape.at_least)

    def _failure(self, value: object, place: _Place) -> Condition:
        shape = self._shape(shapes.FailureSettings, value, place)
        self._check_number(shape.at_least, (*place, "at_least"))
        within_s = self._within(shape.within, (*place, "within"))
        condition = FailureInWorkflow if shape.per == "workflow" else Failure
        return condition(shape.kind, shape.at_least, within_s, shape.page)

    def _segment(self, value: object, place: _Place) -> Condition:
        shape = self._shape(shapes.SegmentSettings, value, place)
        parts: list[Condition] = []
        if shape.email_domain is not None:
            parts.append(EmailDomain(shape.email_domain))
        if shape.user is not None:
            parts.append(Visitor(shape.user))
        if shape.away is not None:
            parts.append(Away(shape.away))
        parts += [UserProperty(name, pattern) for name, pattern in (shape.properties or {}).items()]
        return parts[0] if len(parts) == 1 else logic.All(parts)

    def _memory(self, value: object, place: _Place) -> Condition:
        shape = self._shape(shapes.MemorySettings, value, place)
        parts: list[Condition] = []
        for state in ("mastered", "in_progress", "untouched", "struggle"):
            named = getattr(shape, state)
            if named is not None:
                ids = self.workflows(named, (*place, state))
                parts.append(KnownWorkflow(state, ids, shape.attempts, shape.completion_below))
        return parts[0] if len(parts) == 1 else logic.All(parts)

    def _path(self, value: object, place: _Place) -> Condition:
        shape = self._shape(shapes.PathSettings, value, place)
        parts: list[Condition] = []
        for key, condition in (("begun", Begun), ("off_path", OffPath), ("skipped_step", SkippedStep)):
            if getattr(shape, key) is not None:
                parts.append(condition(self.workflows(getattr(shape, key), (*place, key))))
        if shape.stalled is not None:
            for_s = _STALLED_AFTER_S if shape.for_ is None else shape.for_
            ids = self.workflows(shape.stalled, (*place, "stalled"))
            parts.append(Stalled(ids, for_s, shape.actions))
        return parts[0] if len(parts) == 1 else logic.All(parts)

    def workflows(self, named: list[str], place: _Place) -> list[str] | None:
        """Check the ids of golden paths; None for ``any``.

        Raises:
            ConfigError: there is no golden path with that id.
        """
        if named == ["any"]:
            return None
        for path_id in named:
            if path_id not in self.path_ids:
                hint = nearest_name(path_id, self.path_ids) or "."
                known = ", ".join(["any", *self.path_ids])
                raise self.file.error(place, f"there is no golden path {path_id!r}{hint} Known: {known}.")
        return named

    def _within(self, within_s: float | None, place: _Place) -> float:
        if within_s is None:
            return self.window.lookback
        if within_s > self.window.lookback:
            raise self.file.error(place, self._beyond_window(within_s))
        if within_s <= 0:
            raise self.file.error(place, "must be greater than 0.")
        return within_s

    def _check_wait(self, wait_s: float, place: _Place) -> None:
        if wait_s >= self.window.lookback:
            raise self.file.error(place, self._beyond_window(wait_s))

    def _beyond_window(self, duration_s: float) -> str:
        return (
            f"{seconds(duration_s)} is longer than the window: session.window.lookback is "
            f"{seconds(self.window.lookback)}. Increase that, or shorten this."
        )

    def _check_number(self, number: int, place: _Place) -> None:
        if number > self.window.max_actions:
            raise self.file.error(
                place,
                f"{number} actions do not fit in the window: session.window.max_actions is "
                f"{self.window.max_actions}.",
            )


def _allowed() -> str:
    return ", ".join([*_LOGIC, *CONDITIONS])


def _matcher(shape: shapes.MatchSettings) -> ActionMatcher:
    return ActionMatcher({name: getattr(shape, name, None) for name in FIELDS})


_READERS: Mapping[str, Callable[[RuleGrammar, object, _Place], Condition]] = {
    "on_page": RuleGrammar._on_page,
    "count": RuleGrammar._count,
    "repeat": RuleGrammar._repeat,
    "never": RuleGrammar._never,
    "absent": RuleGrammar._absent,
    "dwell": RuleGrammar._dwell,
    "idle": RuleGrammar._idle,
    "failure": RuleGrammar._failure,
    "segment": RuleGrammar._segment,
    "memory": RuleGrammar._memory,
    "path": RuleGrammar._path,
}
