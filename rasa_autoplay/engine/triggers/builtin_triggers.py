"""The triggers that teams use by name: ``builtin: bulk_edit_opportunity``, with parameters.

Most of them are rules in the language of ``when:``, which ``docs/rules.md`` explains. A few from the vendor's
SDK are classes, because no rule can express them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rasa_autoplay.common.sentences.same_names import different_names
from rasa_autoplay.common.sentences.toasts import toast_text
from rasa_autoplay.engine.matching.patterns import PagePattern
from rasa_autoplay.engine.triggers.next_step import NextStepTrigger
from rasa_autoplay.engine.triggers.ping_pong import CanonicalPingPongTrigger, PagePingPongTrigger
from rasa_autoplay.engine.triggers.section_playbook import SectionPlaybookTrigger
from rasa_autoplay.engine.triggers.struggle import Struggle, when_struggling
from rasa_autoplay.engine.triggers.types import ProactiveTrigger
from rasa_autoplay.settings.durations import Duration, format_duration
from rasa_autoplay.settings.models import Field, Settings, validator
from rasa_autoplay.settings.texts import FilledText, TextMistake

__all__ = ["LIBRARY", "TEXTS_OF_NEXT_STEP", "AnyWorkflow", "LibraryRule", "LibraryTrigger", "SectionRule"]

Texts = str | list[str]
#: The parameters of ``next_step`` that users read.
TEXTS_OF_NEXT_STEP = ("missed", "introduce", "explain")


@dataclass(frozen=True, slots=True)
class LibraryRule:
    """A built-in trigger that is a rule.

    Args:
        parameters: the settings that it accepts.
        when: turns the parameters into the value of ``when:``.
        body: the default text of the toast.
    """

    parameters: type[Settings]
    when: Callable[[Any], dict[str, Any]]
    body: str


@dataclass(frozen=True, slots=True)
class LibraryTrigger:
    """A built-in trigger that is a class.

    Args:
        parameters: the settings that it accepts.
        make: turns the parameters into the trigger.
    """

    parameters: type[Settings]
    make: Callable[[Any], ProactiveTrigger]


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


class BulkEdit(Settings):
    """The user repeats an action that could be done in bulk, and has not seen bulk editing yet."""

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
    """The user goes back and forth between pages; with ``page``, only if it matches one of them."""

    page: Texts | None = None
    min_cycles: int = Field(default=1, ge=1)
    broaden_with_hesitation: bool = True
    hesitation_min_distinct: int = Field(default=3, ge=2)


def _ping_pong(given: PingPong) -> ProactiveTrigger:
    how = given.dict(exclude={"page"})
    if not given.page:
        return CanonicalPingPongTrigger(**how, body=toast_text("ping_pong"))
    return PagePingPongTrigger(PagePattern(given.page), **how, body=toast_text("ping_pong"))


class PageDwell(Settings):
    """The user stays on a page and does little there; with ``page``, only on pages that match."""

    page: Texts | None = None
    dwell: Duration = 60.0
    max_actions: int = Field(default=5, ge=1)


def _page_dwell(given: PageDwell) -> dict[str, Any]:
    dwell = {"dwell": {"at_least": format_duration(given.dwell), "max_actions": given.max_actions}}
    return {"all": [{"on_page": given.page}, dwell]} if given.page else dwell


class SectionRule(Settings):
    """A section of the app, identified by a prefix of its canonical URLs."""

    prefix: str = Field(..., min_length=1)
    section_id: str = Field(..., min_length=1)


class SectionPlaybook(Settings):
    """The user is in a section of the app that has an entry in the playbook."""

    section_playbook: dict[str, FilledText] = Field(...)
    rules: list[SectionRule] = Field(...)


def _section_playbook(given: SectionPlaybook) -> ProactiveTrigger:
    rules = [{"prefix": rule.prefix, "section_id": rule.section_id} for rule in given.rules]
    return SectionPlaybookTrigger(section_playbook=given.section_playbook, rules=rules)


class AnyWorkflow(Settings):
    """Parameters with a workflow: the id of a golden path, a list of ids, or ``any``."""

    workflow: Texts = "any"

    @property
    def workflows(self) -> list[str]:
        """The workflow ids as a list."""
        return [self.workflow] if isinstance(self.workflow, str) else self.workflow


class WorkflowStall(AnyWorkflow):
    """The user is stuck at one step of a workflow, by time or by number of actions."""

    for_: Duration = Field(default=60.0, alias="for")
    actions: int = Field(default=8, ge=1)


class ReturnAfterGap(AnyWorkflow):
    """The user is back after some days, with an unfinished workflow."""

    away: Duration = 3 * 86_400.0


class AdoptionGap(Settings):
    """The user has never completed a key workflow, and is on the page where it begins."""

    workflow: Texts = Field(...)
    page: Texts = Field(...)


class RepeatAttempt(AnyWorkflow):
    """The user has tried a workflow several times and never finished it."""

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
    """The user lacks one step of a workflow that belongs to the current page.

    Args:
        approaches: the gaps to offer help with: a missed step, a workflow never tried, or one with which the
            user has struggled; for the last, the toast offers the chat and no tour.
        missed: text for users who left out a step; ``{workflow}`` and ``{step}`` are filled in.
        introduce: text for users who never tried the workflow.
        explain: text for users who have struggled with the workflow.
    """

    approaches: list[Literal["missed", "introduce", "explain"]] = Field(
        default_factory=lambda: ["missed", "introduce", "explain"], min_items=1
    )
    missed: FilledText = toast_text("missed")
    introduce: FilledText = toast_text("introduce")
    explain: FilledText = toast_text("explain")

    @validator(*TEXTS_OF_NEXT_STEP)
    def _same_names(cls, text: str) -> str:  # noqa: N805 - pydantic's form
        if found := different_names(text):
            tag, message = found
            raise TextMistake(message, tag)
        return text


def _next_step(given: NextStepSettings) -> ProactiveTrigger:
    texts: dict[str, str] = {approach: getattr(given, approach) for approach in given.approaches}
    return NextStepTrigger(texts, None if given.workflows == ["any"] else given.workflows)


class RepeatedFailure(Settings):
    """Something fails repeatedly in one workflow."""

    at_least: int = Field(default=3, ge=1)
    kind: list[Literal["rage_click", "dead_click", "error", "failed_request"]] | None = None
    page: Texts | None = None
    within: Duration | None = None


def _repeated_failure(given: RepeatedFailure) -> dict[str, Any]:
    within = None if given.within is None else format_duration(given.within)
    which = _given(at_least=given.at_least, kind=given.kind, page=given.page, within=within)
    return {"failure": {**which, "per": "workflow"}}


class OneFailure(Settings):
    """A click that signals a problem."""

    page: Texts | None = None


LIBRARY: Mapping[str, LibraryRule | LibraryTrigger] = {
    "bulk_edit_opportunity": LibraryRule(
        BulkEdit,
        _bulk_edit,
        toast_text("bulk_edit"),
    ),
    "canonical_url_ping_pong": LibraryTrigger(PingPong, _ping_pong),
    "user_page_dwell": LibraryRule(PageDwell, _page_dwell, toast_text("dwell")),
    "section_playbook_match": LibraryTrigger(SectionPlaybook, _section_playbook),
    "workflow_stall": LibraryRule(
        WorkflowStall,
        lambda given: {
            "path": {"stalled": given.workflow, "for": format_duration(given.for_), "actions": given.actions}
        },
        toast_text("stall"),
    ),
    "repeated_failure": LibraryRule(
        RepeatedFailure,
        _repeated_failure,
        toast_text("repeated_failure"),
    ),
    "skipped_step": LibraryRule(
        AnyWorkflow,
        lambda given: {"path": {"skipped_step": given.workflow}},
        toast_text("skipped_step"),
    ),
    "return_after_gap": LibraryRule(
        ReturnAfterGap,
        lambda given: {
            "all": [
                {"segment": {"away": format_duration(given.away)}},
                {"memory": {"in_progress": given.workflow}},
            ]
        },
        toast_text("return_after_gap"),
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
        toast_text("adoption_gap"),
    ),
    "next_step": LibraryTrigger(NextStepSettings, _next_step),
    "first_time": LibraryRule(
        AnyWorkflow,
        lambda given: {
            "all": [{"path": {"begun": given.workflow}}, {"memory": {"untouched": given.workflow}}]
        },
        toast_text("first_time"),
    ),
    "repeat_attempt": LibraryRule(
        RepeatAttempt,
        _repeat_attempt,
        toast_text("repeat_attempt"),
    ),
    "rage_click": LibraryRule(
        OneFailure,
        lambda given: {"failure": _given(kind="rage_click", page=given.page)},
        toast_text("rage_click"),
    ),
    "dead_click": LibraryRule(
        OneFailure,
        lambda given: {"failure": _given(kind="dead_click", page=given.page)},
        toast_text("dead_click"),
    ),
    "struggle": LibraryRule(Struggle, when_struggling, toast_text("struggle")),
}
