"""The requests from gateway to engine: one struct for each, which names the type of its answer.

Both ends are checked by mypy: ``await link.ask(StartTour(...))`` is a ``TourStarted``. A request is JSON with
its tag under ``type``. Unknown fields are rejected, so that two versions cannot misread each other.
"""

from __future__ import annotations

import functools
import operator
from typing import Generic, TypeVar, cast, get_args

import msgspec

from rasa_autoplay.link.answers import (
    Acknowledged,
    AssistantText,
    ChatOwner,
    EngineHealth,
    FollowUpText,
    GoldenPathFound,
    GoldenPathsFound,
    JsonObject,
    KnowledgeFound,
    Moments,
    NearnessFound,
    OfferFound,
    OffersFound,
    PausesChanged,
    PeopleFound,
    PersonFound,
    Question,
    RecordingsFound,
    ReplyText,
    ResultsFound,
    RuleEdited,
    SessionsFound,
    SilenceFound,
    StepText,
    TimelineFound,
    TourOrdered,
    TourReported,
    TourStarted,
    TourStepped,
    TriggerFound,
    TriggersFound,
    UserDeleted,
    UserExplained,
    UserExported,
    UserMemoryFound,
)
from rasa_autoplay.link.messages import Refusal

__all__ = [
    "ONE_VERSION",
    "REQUESTS",
    "Acknowledge",
    "AnswerQuestion",
    "AskAssistant",
    "BacktestRule",
    "ChangePause",
    "ClaimChat",
    "DeleteUser",
    "DescribeActivity",
    "DescribePage",
    "DescribeSessions",
    "DiffRule",
    "EditRule",
    "EndTour",
    "EngineRequest",
    "ExplainMoment",
    "ExplainNextStep",
    "ExplainSteps",
    "ExplainUser",
    "ExportUser",
    "FindCapturedWords",
    "FindChatOwner",
    "FindGoldenPath",
    "FindGoldenPaths",
    "FindNearness",
    "FindOffer",
    "FindOffersOfUser",
    "FindPeople",
    "FindPerson",
    "FindRecordings",
    "FindResults",
    "FindRule",
    "FindSilence",
    "FindTimeline",
    "FindTrigger",
    "FindTriggers",
    "FindUserMemory",
    "FollowUp",
    "GetHealth",
    "ListSessions",
    "OrderTour",
    "PrepareInject",
    "Reply",
    "ReportTourProblem",
    "SearchKnowledge",
    "StartTour",
    "StepTour",
    "SweepRule",
    "UserRequest",
    "Watch",
    "WriteRule",
    "answer_type",
    "decode_request",
    "tag_of",
]

AnswerT = TypeVar("AnswerT")

#: The remedy for a message that cannot be read.
ONE_VERSION = "Install the same version of rasa-autoplay for the Rasa server and the action server."


class EngineRequest(msgspec.Struct, Generic[AnswerT], frozen=True, forbid_unknown_fields=True):
    """A request whose answer is an ``AnswerT``."""


class UserRequest(EngineRequest[AnswerT], Generic[AnswerT], frozen=True):
    """A request about one user: the engine that serves this user answers it."""

    user_id: str


class Acknowledge(EngineRequest[Acknowledged], tag="acknowledge", frozen=True):
    """Record a receipt; if it names a user, only for an offer to that user.

    Args:
        offer_id: the offer.
        event: one of ``RECEIPT_EVENTS``.
        user_id: the reporting user; may be empty.
        button: one of ``ACCEPT_BUTTONS``, with which the user accepted; empty if the page does not say.
    """

    offer_id: str
    event: str
    user_id: str = ""
    button: str = ""


class PrepareInject(UserRequest[Question], tag="prepare_inject", frozen=True):
    """Get the text with which the bot opens the chat.

    Args:
        user_id: the user.
        trigger_id: the trigger of the offer; may be empty.
        offer_id: the offer; may be empty.
        step: the step at which a tour could not continue; empty for the whole explanation.
    """

    trigger_id: str
    offer_id: str
    step: str = ""


class FollowUp(UserRequest[FollowUpText], tag="follow_up", frozen=True):
    """Get the explanation that follows. The fields are those of :class:`PrepareInject`."""

    trigger_id: str
    offer_id: str
    step: str = ""


class ExplainSteps(UserRequest[FollowUpText], tag="explain_steps", frozen=True):
    """The chat could not be opened: what does the toast show instead? See :class:`PrepareInject`."""

    trigger_id: str
    offer_id: str
    step: str = ""


class ExplainNextStep(UserRequest[StepText], tag="explain_next_step", frozen=True):
    """Get the next step of the workflow that an offer was about.

    Args:
        user_id: the user.
        trigger_id: the trigger of the offer; may be empty.
        offer_id: the offer; may be empty.
        after: id of the step that was explained last; empty for none.
    """

    trigger_id: str
    offer_id: str
    after: str = ""


class AnswerQuestion(UserRequest[FollowUpText], tag="answer_question", frozen=True):
    """Answer a question of the chat from a golden path; the text is empty if no path answers it."""

    query: str


class StartTour(UserRequest[TourStarted], tag="start_tour", frozen=True):
    """Start a tour in the user's browser; ``offer_id`` is the offer that it came with, and may be empty."""

    tour_id: str
    offer_id: str = ""


class OrderTour(UserRequest[TourOrdered], tag="order_tour", frozen=True):
    """Start a tour that the user asks for in the chat."""

    tour_id: str


class StepTour(UserRequest[TourStepped], tag="step_tour", frozen=True):
    """Record that the user's tour has advanced.

    Args:
        user_id: the user.
        tour_id: the tour; may be empty.
        step: id of the step that is shown now; may be empty.
        url: a page, to check whether the golden path includes it; may be empty.
    """

    tour_id: str = ""
    step: str = ""
    url: str = ""


class EndTour(UserRequest[TourReported], tag="end_tour", frozen=True):
    """Record that the user's tour has ended.

    Args:
        user_id: the user.
        outcome: one of ``TOUR_OUTCOMES``; may be empty.
        step: id of the step that was shown last; may be empty.
    """

    outcome: str = ""
    step: str = ""


class ReportTourProblem(UserRequest[Acknowledged], tag="tour_problem", frozen=True):
    """Record that a page cannot show a step.

    Args:
        user_id: the user.
        tour_id: the tour.
        step: id of the step; may be empty.
        problem: ``missing``: no visible element matches; ``invalid``: the browser cannot read the selector.
        url: the page.
    """

    tour_id: str
    step: str
    problem: str
    url: str


class Reply(UserRequest[ReplyText], tag="reply", frozen=True):
    """Answer a question of a user whose front end has no Rasa chat."""

    query: str


class AskAssistant(UserRequest[AssistantText], tag="ask_assistant", frozen=True):
    """Answer a question of the Rasa chat; ``user_id`` is empty for an unknown user, as in the next two."""

    query: str


class DescribeActivity(UserRequest[AssistantText], tag="describe_activity", frozen=True):
    """Describe what the user did last."""


class DescribePage(UserRequest[AssistantText], tag="describe_page", frozen=True):
    """Name what can be explained on the user's page."""


class ExplainUser(UserRequest[UserExplained], tag="explain", frozen=True):
    """Explain why each trigger fired or did not fire for this user."""


class ExplainMoment(EngineRequest[UserExplained], tag="explain_moment", frozen=True):
    """Explain why each trigger fired or did not fire at a past moment; any engine can answer.

    Args:
        user_id: the user.
        session_id: the session; empty for the one that was active last at that time.
        at: epoch seconds; 0 for now.
    """

    user_id: str
    session_id: str = ""
    at: float = 0.0


class FindRecordings(EngineRequest[RecordingsFound], tag="recordings", frozen=True):
    """Get a user's recorded sessions; any engine can answer."""

    user_id: str
    product_id: str


class FindTimeline(EngineRequest[TimelineFound], tag="timeline", frozen=True):
    """Get what happened in a recorded session; any engine can answer."""

    user_id: str
    product_id: str
    session_id: str


class FindNearness(EngineRequest[NearnessFound], tag="nearness", frozen=True):
    """Get how near each trigger was to firing, in ``columns`` equal parts of a recorded session."""

    user_id: str
    product_id: str
    session_id: str
    columns: int


class FindUserMemory(UserRequest[UserMemoryFound], tag="user_memory", frozen=True):
    """Get what is remembered of this user."""

    product_id: str


class FindOffersOfUser(UserRequest[OffersFound], tag="offers_of_user", frozen=True):
    """Get this user's newest offers, at most ``limit``."""

    product_id: str
    limit: int


class FindOffer(EngineRequest[OfferFound], tag="offer_life", frozen=True):
    """Get an offer with its timeline."""

    offer_id: str


class FindResults(EngineRequest[ResultsFound], tag="results", frozen=True):
    """Get the results: funnels, and users with and without offers compared.

    Args:
        since: the beginning of the period, such as ``30d`` or ``2026-11-29``; empty for everything.
        trigger_id: only this trigger; empty for all.
    """

    since: str = ""
    trigger_id: str = ""


class ListSessions(EngineRequest[SessionsFound], tag="list_sessions", frozen=True):
    """List live sessions, those active last first; the first ``details`` of them with details."""

    limit: int
    details: int


class DescribeSessions(EngineRequest[SessionsFound], tag="describe_sessions", frozen=True):
    """Get the details of live sessions."""

    session_ids: list[str]


class FindSilence(EngineRequest[SilenceFound], tag="silence", frozen=True):
    """Get how often each trigger fired today, and which gates kept it silent."""


class FindPeople(EngineRequest[PeopleFound], tag="people", frozen=True):
    """Find users, at most ``limit``; the arguments are those of ``engine.studio.people``."""

    query: str = ""
    state: str = ""
    path_id: str = ""
    limit: int = 50


class FindPerson(UserRequest[PersonFound], tag="person", frozen=True):
    """Get what the studio shows of this user, with the actions that prove each step of a workflow."""

    product_id: str


class ExportUser(UserRequest[UserExported], tag="export_user", frozen=True):
    """Get all that is stored about this user; ``by`` is the person who asks, for the log of changes."""

    product_id: str
    by: str


class DeleteUser(UserRequest[UserDeleted], tag="delete_user", frozen=True):
    """Delete all that is stored about this user, and the live sessions; ``by`` is the person who does it."""

    product_id: str
    by: str


class FindRule(EngineRequest[RuleEdited], tag="find_rule", frozen=True):
    """Get a trigger as text and as blocks; without an id, a template for a new one."""

    trigger_id: str = ""


class EditRule(EngineRequest[RuleEdited], tag="edit_rule", frozen=True):
    """Get an edited text with its blocks and its problems.

    Args:
        trigger_id: the trigger; empty for a new one.
        text: its text.
        base: the digest of the file that the page has read.
        edit: an edit of a block, which is applied to the text; empty for none.
    """

    trigger_id: str
    text: str
    base: str
    edit: JsonObject = msgspec.field(default_factory=dict)


class BacktestRule(EngineRequest[RuleEdited], tag="backtest_rule", frozen=True):
    """Compare an edited trigger with the loaded one, on the recording. See :class:`EditRule`.

    Args:
        trigger_id: as in :class:`EditRule`, with the next two.
        text: see above.
        base: see above.
        user_id: the user of ``session_id``.
        session_id: a session that is compared by itself, too; empty for none.
    """

    trigger_id: str
    text: str
    base: str
    user_id: str = ""
    session_id: str = ""


class SweepRule(EngineRequest[RuleEdited], tag="sweep_rule", frozen=True):
    """Get the volume of a trigger for several values of the number at ``path``. See :class:`EditRule`."""

    trigger_id: str
    text: str
    base: str
    path: list[str | int]


class DiffRule(EngineRequest[RuleEdited], tag="diff_rule", frozen=True):
    """Get the change of the file. The fields are those of :class:`EditRule`."""

    trigger_id: str
    text: str
    base: str


class WriteRule(EngineRequest[RuleEdited], tag="write_rule", frozen=True):
    """Write an edited trigger into the file, if ``studio: {write: true}`` allows it.

    Args:
        trigger_id: the trigger; empty for a new one.
        text: its text.
        base: the digest of the file that the page has read.
        by: who writes.
        why: the reason; may be empty.
    """

    trigger_id: str
    text: str
    base: str
    by: str
    why: str = ""


class FindCapturedWords(EngineRequest[RuleEdited], tag="captured_words", frozen=True):
    """Get the titles, pages and properties that were captured, with counts."""


class SearchKnowledge(EngineRequest[KnowledgeFound], tag="query_knowledge_base", frozen=True):
    """Find the golden paths that match the query, at most ``top_k``."""

    product_id: str
    query: str
    top_k: int


class Watch(EngineRequest[Moments], tag="watch", frozen=True):
    """Get what has happened since this watcher's last request. The first request begins the watch."""

    watch_id: str
    user_id: str = ""
    session_id: str = ""
    wait_s: float = 0.0


class FindChatOwner(EngineRequest[ChatOwner], tag="owner_of_chat", frozen=True):
    """Get the owner of a chat session."""

    session_id: str


class ClaimChat(UserRequest[ChatOwner], tag="claim_chat", frozen=True):
    """Make this user the owner of a chat session if it has none; the answer is the owner."""

    session_id: str


class FindTriggers(EngineRequest[TriggersFound], tag="triggers", frozen=True):
    """Get all triggers, and what is paused."""


class FindTrigger(EngineRequest[TriggerFound], tag="trigger", frozen=True):
    """Get one trigger: its rule in words, its limits, and its toasts."""

    trigger_id: str


class ChangePause(EngineRequest[PausesChanged], tag="change_pause", frozen=True):
    """Pause or resume a trigger, as ``rasa-autoplay pause`` and ``resume`` do.

    Args:
        action: ``pause`` or ``resume``.
        trigger_id: the trigger; empty for all of them.
        who: the person who does it.
        why: the reason; may be empty to resume.
    """

    action: str
    trigger_id: str
    who: str
    why: str = ""


class FindGoldenPaths(EngineRequest[GoldenPathsFound], tag="golden_paths", frozen=True):
    """Get all golden paths, with who has mastered them."""


class FindGoldenPath(EngineRequest[GoldenPathFound], tag="golden_path", frozen=True):
    """Get one golden path, with its figures and what users see of it."""

    path_id: str


class GetHealth(EngineRequest[EngineHealth], tag="health", frozen=True):
    """Get the engine's health."""


def _leaves(request_type: type) -> list[type[EngineRequest[object]]]:
    subclasses: list[type] = request_type.__subclasses__()
    return [leaf for each in subclasses for leaf in _leaves(each)] if subclasses else [request_type]


#: Every request, by its tag.
REQUESTS = {str(each.__struct_config__.tag): each for each in _leaves(EngineRequest)}

_decoder: msgspec.json.Decoder[EngineRequest[object]] = msgspec.json.Decoder(
    functools.reduce(operator.or_, REQUESTS.values())
)


def tag_of(request: EngineRequest[AnswerT]) -> str:
    """Return the request's name on the wire, for logs."""
    return str(request.__struct_config__.tag)


def answer_type(request_type: type[EngineRequest[AnswerT]]) -> type[AnswerT]:
    """Return the type of answer to a type of request."""
    (answer,) = get_args(request_type.__orig_bases__[0])  # type: ignore[attr-defined] # typing makes it
    return cast("type[AnswerT]", answer)


def decode_request(data: bytes | msgspec.Raw) -> EngineRequest[object] | Refusal:
    """Decode a request; return a refusal if this version cannot."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        reason = str(problem)[:200] if isinstance(problem, msgspec.ValidationError) else "it is not JSON"
        return Refusal(
            "invalid",
            f"the engine cannot read this request ({reason})",
            ONE_VERSION,
        )
