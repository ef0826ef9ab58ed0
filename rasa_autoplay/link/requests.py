"""What the gateway asks the engine for pages, the chat and operators."""

from __future__ import annotations

from rasa_autoplay.link.answers import (
    Acknowledged,
    AssistantText,
    ChatOwner,
    EngineHealth,
    FollowUpText,
    KnowledgeFound,
    Moments,
    OfferFound,
    OffersFound,
    Question,
    ReplyText,
    ResultsFound,
    StepText,
    TourOrdered,
    TourReported,
    TourStarted,
    TourStepped,
    UserExplained,
    UserMemoryFound,
)
from rasa_autoplay.link.request_types import EngineRequest, UserRequest

__all__ = [
    "Acknowledge",
    "AnswerQuestion",
    "AskAssistant",
    "ClaimChat",
    "DescribeActivity",
    "DescribePage",
    "EndTour",
    "ExplainNextStep",
    "ExplainSteps",
    "ExplainUser",
    "FindChatOwner",
    "FindOffer",
    "FindOffersOfUser",
    "FindResults",
    "FindUserMemory",
    "FollowUp",
    "GetHealth",
    "OrderTour",
    "PrepareInject",
    "Reply",
    "ReportTourProblem",
    "SearchKnowledge",
    "StartTour",
    "StepTour",
    "Watch",
]


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
        languages: the page's languages as BCP 47 tags, best first; empty if the page does not say.
    """

    trigger_id: str
    offer_id: str
    step: str = ""
    languages: tuple[str, ...] = ()


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
    languages: tuple[str, ...] = ()


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
    """Answer a question of a user whose front end has no Rasa chat; ``languages`` are the page's."""

    query: str
    languages: tuple[str, ...] = ()


class AskAssistant(UserRequest[AssistantText], tag="ask_assistant", frozen=True):
    """Answer a question of the Rasa chat; ``user_id`` is empty for an unknown user, as in the next two."""

    query: str


class DescribeActivity(UserRequest[AssistantText], tag="describe_activity", frozen=True):
    """Describe what the user did last."""


class DescribePage(UserRequest[AssistantText], tag="describe_page", frozen=True):
    """Name what can be explained on the user's page."""


class ExplainUser(UserRequest[UserExplained], tag="explain", frozen=True):
    """Explain why each trigger fired or did not fire for this user."""


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


class GetHealth(EngineRequest[EngineHealth], tag="health", frozen=True):
    """Get the engine's health."""
