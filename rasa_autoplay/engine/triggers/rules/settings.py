"""The settings of conditions in ``autoplay.yml``."""

from __future__ import annotations

from typing import Any, Literal

from rasa_autoplay.engine.matching.patterns import PagePattern, PropertyPattern, TextPattern
from rasa_autoplay.settings.durations import Duration
from rasa_autoplay.settings.models import Field, Settings, root_validator, validator

__all__ = [
    "AbsentSettings",
    "CountSettings",
    "DwellSettings",
    "FailureSettings",
    "IdleSettings",
    "MatchSettings",
    "MemorySettings",
    "NeverSettings",
    "PathSettings",
    "RepeatSettings",
    "SegmentSettings",
    "SequenceSettings",
    "StepSettings",
]

Signal = Literal["rage_click", "dead_click", "error", "failed_request"]


class MatchSettings(Settings):
    """Which actions are meant: all given patterns must match."""

    title: TextPattern | None = None
    description: TextPattern | None = None
    type: TextPattern | None = None
    page: PagePattern | None = None
    element_id: TextPattern | None = None


class StepSettings(MatchSettings):
    """Which actions are meant; at least one pattern is required."""

    @root_validator(skip_on_failure=True)
    def _given(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if all(values.get(name) is None for name in MatchSettings.__fields__):
            raise ValueError(f"say which actions you mean, by one of {', '.join(MatchSettings.__fields__)}")
        return values


class CountSettings(MatchSettings):
    """``count: {title: save changes, page: /projects, at_least: 3, within: 120s}``."""

    at_least: int = Field(..., ge=1)
    within: Duration | None = None


class RepeatSettings(MatchSettings):
    """``repeat: {at_least: 3, within: 10s}``."""

    at_least: int = Field(..., ge=2)
    within: Duration | None = None


class SequenceSettings(Settings):
    """``sequence: [{title: a}, {title: b}]`` with ``within: 60s`` beside it."""

    sequence: list[StepSettings] = Field(..., min_items=2)
    within: Duration | None = None


class NeverSettings(StepSettings):
    """``never: {title: bulk edit}``; with ``within`` it is the same as ``absent``."""

    within: Duration | None = None


class AbsentSettings(StepSettings):
    """``absent: {title: bulk edit, within: 60s}``."""

    within: Duration


class DwellSettings(Settings):
    """``dwell: 60s`` or ``dwell: {at_least: 60s, max_actions: 5}``."""

    at_least: Duration
    max_actions: int | None = Field(default=None, ge=1)


class IdleSettings(Settings):
    """``idle: 30s``."""

    at_least: Duration


class FailureSettings(Settings):
    """``failure: {at_least: 3, kind: [error], page: /checkout, within: 5m, per: workflow}``."""

    at_least: int = Field(default=1, ge=1)
    kind: list[Signal] = Field(
        default_factory=lambda: ["rage_click", "dead_click", "error", "failed_request"], min_items=1
    )
    page: PagePattern | None = None
    within: Duration | None = None
    per: Literal["page", "workflow"] = "page"

    @validator("kind", pre=True)
    def _as_list(cls, value: Any) -> Any:  # noqa: N805 - pydantic's form
        return [value] if isinstance(value, str) else value


class SegmentSettings(Settings):
    """``segment: {email_domain: acme.com, user: returning, away: 3d, properties: {plan: [pro, team]}}``."""

    email_domain: list[str] | None = Field(default=None, min_items=1)
    user: Literal["new", "returning"] | None = None
    away: Duration | None = None
    properties: dict[str, PropertyPattern] | None = None

    @validator("email_domain", pre=True)
    def _as_list(cls, value: Any) -> Any:  # noqa: N805 - pydantic's form
        return [value] if isinstance(value, str) else value

    @root_validator(skip_on_failure=True)
    def _given(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if all(value is None for value in values.values()):
            raise ValueError(f"give at least one of {', '.join(cls.__fields__)}")
        return values


class _Workflows(Settings):
    """Ids of golden paths: one id, a list in which one match is enough, or ``any``."""

    @validator("*", pre=True)
    def _as_list(cls, value: Any, field: Any) -> Any:  # noqa: N805 - pydantic's form
        return [value] if isinstance(value, str) and field.name in cls._workflow_keys() else value

    @classmethod
    def _workflow_keys(cls) -> tuple[str, ...]:
        raise NotImplementedError

    @root_validator(skip_on_failure=True)
    def _given(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if all(values.get(name) is None for name in cls._workflow_keys()):
            raise ValueError(f"give at least one of {', '.join(cls._workflow_keys())}")
        return values


class MemorySettings(_Workflows):
    """``memory: {in_progress: any, attempts: 2, completion_below: 90}``."""

    mastered: list[str] | None = Field(default=None, min_items=1)
    in_progress: list[str] | None = Field(default=None, min_items=1)
    untouched: list[str] | None = Field(default=None, min_items=1)
    struggle: list[str] | None = Field(default=None, min_items=1)
    attempts: int = Field(default=0, ge=0)
    completion_below: float | None = Field(default=None, gt=0, le=100)

    @classmethod
    def _workflow_keys(cls) -> tuple[str, ...]:
        return ("mastered", "in_progress", "untouched", "struggle")


class PathSettings(_Workflows):
    """``path: {stalled: any, for: 60s, actions: 8}``, ``path: {skipped_step: create-dashboard}``."""

    begun: list[str] | None = Field(default=None, min_items=1)
    off_path: list[str] | None = Field(default=None, min_items=1)
    skipped_step: list[str] | None = Field(default=None, min_items=1)
    stalled: list[str] | None = Field(default=None, min_items=1)
    for_: Duration | None = Field(default=None, alias="for")
    actions: int | None = Field(default=None, ge=1)

    @classmethod
    def _workflow_keys(cls) -> tuple[str, ...]:
        return ("begun", "off_path", "skipped_step", "stalled")

    @root_validator(skip_on_failure=True)
    def _only_when_stalled(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 - pydantic's form
        if values.get("stalled") is None and (values.get("for_") or values.get("actions")):
            raise ValueError('"for" and "actions" belong to "stalled"')
        return values
