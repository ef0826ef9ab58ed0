"""The triggers that a team has by name: ``builtin: bulk_edit_opportunity``, with parameters.

Most of them are rules, written in the language that ``when:`` has, so that ``docs/rules.md`` says all about
them. Those of the vendor's SDK that no rule can say are classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rasa_autoplay.engine.triggers.builtin import (
    DWELL_BODY,
    ScopedCanonicalPingPongTrigger,
    SectionPlaybookTrigger,
)
from rasa_autoplay.engine.triggers.next_step import NextStepTrigger
from rasa_autoplay.engine.triggers.types import ProactiveTrigger
from rasa_autoplay.settings.durations import Duration, format_duration
from rasa_autoplay.settings.models import Field, Settings

__all__ = ["LIBRARY", "AnyWorkflow", "LibraryRule", "LibraryTrigger", "SectionRule"]

Texts = str | list[str]


@dataclass(frozen=True, slots=True)
class LibraryRule:
    """A trigger that is a rule.

    Args:
        parameters: what can be set.
        when: from the parameters to what stands in ``when:``.
        body: what is said.
    """

    parameters: type[Settings]
    when: Callable[[Any], dict[str, Any]]
    body: str


@dataclass(frozen=True, slots=True)
class LibraryTrigger:
    """A trigger that is a class.

    Args:
        parameters: what can be set.
        make: from the parameters to the trigger.
    """

    parameters: type[Settings]
    make: Callable[[Any], ProactiveTrigger]


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


class BulkEdit(Settings):
    """Someone does one by one what could be done at once, and has not met the better way in this session."""

    page: Texts = "/projects"
    title: Texts = "save changes"
    at_least: int = Field(default=3, ge=1)
    within: Duration = 120.0
    unless_seen: Texts = Field(default_factory=lambda: ["bulk edit", "apply to"])


def _bulk_edit(given: BulkEdit) -> dict[str, Any]:
    save = {"title": given.title, "page": given.page, "at_least": given.at_least}
    return {
        "all": [
            {"on_page": given.page},
            {"count": {**save, "within": format_duration(given.within)}},
            {"never": {"title": given.unless_seen}},
        ]
    }


class PingPong(Settings):
    """Someone goes to and fro between pages; with ``page``, only where a URL contains it."""

    page: str = ""
    min_cycles: int = Field(default=1, ge=1)
    broaden_with_hesitation: bool = True
    hesitation_min_distinct: int = Field(default=3, ge=2)


class PageDwell(Settings):
    """Someone stays on a page and does little there."""

    dwell: Duration = 60.0
    max_actions: int = Field(default=5, ge=1)


class SectionRule(Settings):
    """A part of the app, known by the beginning of its canonical URLs."""

    prefix: str = Field(..., min_length=1)
    section_id: str = Field(..., min_length=1)


class SectionPlaybook(Settings):
    """Someone is in a part of the app for which there is something to say."""

    section_playbook: dict[str, str] = Field(...)
    rules: list[SectionRule] = Field(...)


def _section_playbook(given: SectionPlaybook) -> ProactiveTrigger:
    rules = [{"prefix": rule.prefix, "section_id": rule.section_id} for rule in given.rules]
    return SectionPlaybookTrigger(section_playbook=given.section_playbook, rules=rules)


class AnyWorkflow(Settings):
    """Something about a workflow: the id of a golden path, a list of them, or any."""

    workflow: Texts = "any"

    @property
    def workflows(self) -> list[str]:
        """The same as a list."""
        return [self.workflow] if isinstance(self.workflow, str) else self.workflow


class WorkflowStall(AnyWorkflow):
    """Someone is at one step of a workflow for long, or does much there, without moving on."""

    for_: Duration = Field(default=60.0, alias="for")
    actions: int = Field(default=8, ge=1)


class ReturnAfterGap(AnyWorkflow):
    """Someone is back after days, with a workflow unfinished."""

    away: Duration = 3 * 86_400.0


class AdoptionGap(Settings):
    """Someone has never completed a key workflow, and is where it begins."""

    workflow: Texts = Field(...)
    page: Texts = Field(...)


class RepeatAttempt(AnyWorkflow):
    """Someone has tried a workflow several times and never came to its end."""

    attempts: int = Field(default=2, ge=1)
    completion_below: float = Field(default=95.0, gt=0, le=100)
    page: Texts | None = None


def _repeat_attempt(given: RepeatAttempt) -> dict[str, Any]:
    memory = {
        "in_progress": given.workflow,
        "attempts": given.attempts,
        "completion_below": given.completion_below,
    }
    return {"all": [{"memory": memory}, *([{"on_page": given.page}] if given.page else [])]}


class NextStepSettings(AnyWorkflow):
    """There is one step that a user lacks, of a workflow that belongs to the page they are on.

    Args:
        approaches: for which gaps to speak: a step that was missed, a workflow never tried, or one with which
            the user has struggled; then the toast offers the chat, and no tour.
        missed: what is said to who left out a step; in it, ``{workflow}`` and ``{step}`` are filled in.
        introduce: likewise, to who never tried the workflow.
        explain: likewise, to who has struggled with it.
    """

    approaches: list[Literal["missed", "introduce", "explain"]] = Field(
        default_factory=lambda: ["missed", "introduce", "explain"], min_items=1
    )
    missed: str = "You haven't done “{step}” in “{workflow}” yet. Want me to show you where it is?"
    introduce: str = "New to “{workflow}”? It starts with “{step}”. Want me to show you?"
    explain: str = "Having trouble with “{step}” in “{workflow}”? Want me to explain it in the chat?"


def _next_step(given: NextStepSettings) -> ProactiveTrigger:
    texts: dict[str, str] = {approach: getattr(given, approach) for approach in given.approaches}
    return NextStepTrigger(texts, None if given.workflows == ["any"] else given.workflows)


class RepeatedFailure(Settings):
    """Something fails again and again in one workflow."""

    at_least: int = Field(default=3, ge=1)
    kind: list[Literal["rage_click", "dead_click", "error", "failed_request"]] | None = None
    page: Texts | None = None
    within: Duration | None = None


def _repeated_failure(given: RepeatedFailure) -> dict[str, Any]:
    within = None if given.within is None else format_duration(given.within)
    which = _given(at_least=given.at_least, kind=given.kind, page=given.page, within=within)
    return {"failure": {**which, "per": "workflow"}}


class OneFailure(Settings):
    """A click that shows that something is wrong."""

    page: Texts | None = None


LIBRARY: Mapping[str, LibraryRule | LibraryTrigger] = {
    "bulk_edit_opportunity": LibraryRule(
        BulkEdit,
        _bulk_edit,
        "Changing these one by one? Select several to change them all at once. Want me to show you how?",
    ),
    "canonical_url_ping_pong": LibraryTrigger(
        PingPong,
        lambda given: ScopedCanonicalPingPongTrigger(
            url_must_contain=given.page, **given.dict(exclude={"page"})
        ),
    ),
    "user_page_dwell": LibraryRule(
        PageDwell,
        lambda given: {"dwell": {"at_least": format_duration(given.dwell), "max_actions": given.max_actions}},
        DWELL_BODY,
    ),
    "section_playbook_match": LibraryTrigger(SectionPlaybook, _section_playbook),
    "workflow_stall": LibraryRule(
        WorkflowStall,
        lambda given: {
            "path": {"stalled": given.workflow, "for": format_duration(given.for_), "actions": given.actions}
        },
        "Still on “{step}”? “{next_step}” comes next. Want me to show you where?",
    ),
    "repeated_failure": LibraryRule(
        RepeatedFailure,
        _repeated_failure,
        "That hasn't worked a few times now. Want to go through it together?",
    ),
    "skipped_step": LibraryRule(
        AnyWorkflow,
        lambda given: {"path": {"skipped_step": given.workflow}},
        "“{workflow}” is easier if you do “{skipped_step}” first. Want me to show you where that is?",
    ),
    "return_after_gap": LibraryRule(
        ReturnAfterGap,
        lambda given: {
            "all": [
                {"segment": {"away": format_duration(given.away)}},
                {"memory": {"in_progress": given.workflow}},
            ]
        },
        "Welcome back! “{workflow}” is {completion} done. Want to pick up where you left off?",
    ),
    "adoption_gap": LibraryRule(
        AdoptionGap,
        lambda given: {
            "all": [
                {"on_page": given.page},
                {
                    "any": [
                        {"memory": {"untouched": given.workflow}},
                        {"memory": {"in_progress": given.workflow}},
                    ]
                },
            ]
        },
        "You haven't finished “{workflow}” yet. It only takes a minute. Want me to show you?",
    ),
    "next_step": LibraryTrigger(NextStepSettings, _next_step),
    "first_time": LibraryRule(
        AnyWorkflow,
        lambda given: {
            "all": [{"path": {"begun": given.workflow}}, {"memory": {"untouched": given.workflow}}]
        },
        "New to “{workflow}”? I can walk you through it, step by step.",
    ),
    "repeat_attempt": LibraryRule(
        RepeatAttempt,
        _repeat_attempt,
        "You got {completion} of the way last time. Only “{missing_step}” is left. Want to finish it?",
    ),
    "rage_click": LibraryRule(
        OneFailure,
        lambda given: {"failure": _given(kind="rage_click", page=given.page)},
        "Not reacting the way you expected? Tell me what you're trying to do and I'll show you how.",
    ),
    "dead_click": LibraryRule(
        OneFailure,
        lambda given: {"failure": _given(kind="dead_click", page=given.page)},
        "Nothing happens when you click there. Looking for something? I can show you where it is.",
    ),
}
