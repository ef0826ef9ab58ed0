"""A link that sends the engine nothing about users without consent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar, cast

import msgspec

from rasa_autoplay.link.answers import UserExplained
from rasa_autoplay.link.base import EngineRefused, FrameHandler, Link, SettledHandler, no_observer
from rasa_autoplay.link.messages import Event, FeedInfo, FeedOpened, FeedSnapshot, UpMessage
from rasa_autoplay.link.offer_answers import OfferAnswer, StoppedBy
from rasa_autoplay.link.offer_requests import MakeOffer
from rasa_autoplay.link.request_types import EngineRequest
from rasa_autoplay.link.requests import (
    Acknowledge,
    AnswerQuestion,
    AskAssistant,
    DescribeActivity,
    DescribePage,
    EndTour,
    ExplainNextStep,
    ExplainSteps,
    ExplainUser,
    FollowUp,
    OrderTour,
    PrepareInject,
    Reply,
    ReportTourProblem,
    StartTour,
    StepTour,
)
from rasa_autoplay.link.tip_requests import ChangeTips, RestartTour

__all__ = ["GATE", "GuardedLink"]

AnswerT = TypeVar("AnswerT")

#: The gate that stops offers for users without consent.
GATE = "no_consent"
_DETAIL = "the user has not given consent"
_REMEDY = "Call copilot.consent(true) once the user has agreed. docs/privacy.md explains it."
#: These are answered without personal context, as for an unknown user.
_QUESTIONS = (AnswerQuestion, AskAssistant, DescribeActivity, DescribePage, Reply)
#: These would remember something about their user.
_REFUSED = (
    Acknowledge,
    ChangeTips,
    EndTour,
    ExplainNextStep,
    ExplainSteps,
    FollowUp,
    OrderTour,
    PrepareInject,
    ReportTourProblem,
    RestartTour,
    StartTour,
    StepTour,
)


class Consents(Protocol):
    """Knows which users have given consent."""

    def may_remember(self, user_id: str | None) -> bool:
        """Whether a user has given consent, as far as it is known; if it is not, the engine is asked."""
        ...

    def find(self, user_id: str) -> Awaitable[bool]:
        """Whether a user has given consent; asks the engine if that is unknown."""
        ...


class GuardedLink:
    """Passes on what is about users with consent. Events have been checked before.

    Args:
        link: to the engine.
        consents: knows who has given consent.
    """

    def __init__(self, link: Link, consents: Consents) -> None:
        self._link = link
        self._consents = consents

    def send(self, message: UpMessage) -> bool:
        """Queue a message; one about a user without consent is dropped, as if it had been sent."""
        if isinstance(message, (Event, FeedSnapshot)):
            return self._link.send(message)
        user_id = message.feed.user_id if isinstance(message, FeedOpened) else message.user_id
        return self._link.send(message) if self._consents.may_remember(user_id) else True

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        """Send a request; one about a user without consent is answered here, or without its user.

        Raises:
            EngineRefused: the engine refuses it, or it would remember a user without consent.
            EngineUnreachable: the engine does not answer.
        """
        user_id = getattr(request, "user_id", "")
        is_guarded = isinstance(request, (*_QUESTIONS, *_REFUSED, MakeOffer, ExplainUser))
        if not is_guarded or not user_id or await self._consents.find(user_id):
            return await self._link.ask(request, timeout_s)
        if isinstance(request, MakeOffer):
            return cast("AnswerT", _stopped(request))
        if isinstance(request, ExplainUser):
            return cast("AnswerT", _with_reason(await self._link.ask(request, timeout_s)))
        if isinstance(request, _QUESTIONS):
            impersonal: EngineRequest[AnswerT] = msgspec.structs.replace(cast("Any", request), user_id="")
            return await self._link.ask(impersonal, timeout_s)
        raise EngineRefused("forbidden", _DETAIL, _REMEDY)

    async def ask_every_engine(
        self, request: EngineRequest[AnswerT], timeout_s: float = 5.0
    ) -> list[AnswerT]:
        """Send a request to each engine; see :class:`rasa_autoplay.link.base.Link`."""
        return await self._link.ask_every_engine(request, timeout_s)

    def start(
        self,
        on_frame: FrameHandler,
        open_feeds: Callable[[], list[FeedInfo]],
        on_settled: SettledHandler = no_observer,
    ) -> None:
        """Begin to carry messages; only the feeds of users with consent are listed."""

        def permitted() -> list[FeedInfo]:
            return [feed for feed in open_feeds() if self._consents.may_remember(feed.user_id)]

        self._link.start(on_frame, permitted, on_settled)

    def forget(self, user_id: str, is_theirs: Callable[[Event], bool]) -> None:
        """Forget a user; see :class:`rasa_autoplay.link.base.Link`."""
        self._link.forget(user_id, is_theirs)

    async def stop(self) -> None:
        """End the link."""
        await self._link.stop()

    def health(self) -> dict[str, Any]:
        """The link's health."""
        return self._link.health()


def _stopped(request: MakeOffer) -> OfferAnswer:
    return OfferAnswer(request.trigger, request.user_id, request.session_id, stopped=StoppedBy(GATE, _DETAIL))


def _with_reason(explained: UserExplained) -> UserExplained:
    text = f"Nothing is kept or evaluated, because {_DETAIL}."
    headline = {"trigger_id": "", "outcome": "stopped", "gate": GATE, "text": text}
    consent = {"given": False, "remedy": _REMEDY}
    return UserExplained({**explained.explanation, "headline": headline, "consent": consent})
