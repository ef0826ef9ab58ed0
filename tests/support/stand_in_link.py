"""A link without an engine: it stores messages, and answers each request with its declared type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec

from rasa_autoplay.link import (
    answers,
    consent_answers,
    consent_requests,
    offer_answers,
    offer_requests,
    outcome_answers,
    outcome_requests,
    path_draft_answers,
    path_draft_requests,
    proposal_answers,
    proposal_requests,
    requests,
    rule_requests,
    studio_requests,
    tip_answers,
    tip_requests,
)
from rasa_autoplay.link.messages import Event, UpMessage
from rasa_autoplay.link.request_decoder import decode_request
from rasa_autoplay.link.request_types import EngineRequest, answer_type

__all__ = ["ANSWERS", "StandInLink"]

AnswerT = TypeVar("AnswerT")

#: A possible answer of an engine for each request type.
ANSWERS: dict[type[EngineRequest[Any]], msgspec.Struct] = {
    requests.Acknowledge: answers.Acknowledged(),
    requests.ReportTourProblem: answers.Acknowledged(),
    requests.PrepareInject: answers.Question("o1", "t1", "The offer's own words"),
    requests.FollowUp: answers.FollowUpText("", "none"),
    requests.ExplainSteps: answers.FollowUpText("Export:\n1. Press it.", "steps"),
    requests.ExplainNextStep: answers.StepText("1. Press it.", "press"),
    requests.AnswerQuestion: answers.FollowUpText("", "none"),
    requests.OrderTour: answers.TourOrdered("Here you go.", "Show me on the page"),
    requests.StartTour: answers.TourStarted("f1", "bulk"),
    requests.StepTour: answers.TourStepped("ok"),
    requests.EndTour: answers.TourReported("ok"),
    requests.Reply: answers.ReplyText("Press it.", "steps", "Press it."),
    requests.AskAssistant: answers.AssistantText("Press it.", "steps"),
    requests.DescribeActivity: answers.AssistantText("You pressed it.", "steps"),
    requests.DescribePage: answers.AssistantText("", "steps"),
    requests.ExplainUser: answers.UserExplained({"user_id": "u1", "session": None, "triggers": []}),
    requests.FindUserMemory: answers.UserMemoryFound({"user_id": "u1"}),
    requests.FindOffer: answers.OfferFound({"offer_id": "o1"}),
    requests.FindOffersOfUser: answers.OffersFound([{"offer_id": "o1"}]),
    requests.FindResults: answers.ResultsFound({"product_id": "demo", "triggers": []}),
    studio_requests.ExplainMoment: answers.UserExplained({"user_id": "u1", "session": None, "triggers": []}),
    studio_requests.FindRecordings: answers.RecordingsFound({"user_id": "u1", "sessions": []}),
    studio_requests.FindTimeline: answers.TimelineFound({"user_id": "u1", "session_id": "s1", "actions": []}),
    studio_requests.FindNearness: answers.NearnessFound(
        {"user_id": "u1", "session_id": "s1", "triggers": []}
    ),
    studio_requests.ListSessions: answers.SessionsFound(1.0, []),
    studio_requests.DescribeSessions: answers.SessionsFound(1.0, []),
    studio_requests.FindSilence: answers.SilenceFound({"day": "2026-11-29", "triggers": []}),
    studio_requests.FindPeople: answers.PeopleFound({"product_id": "demo", "people": []}),
    studio_requests.FindPerson: answers.PersonFound({"user_id": "u1", "workflows": []}),
    studio_requests.ExportUser: answers.UserExported({"product_id": "demo", "user_id": "u1", "sessions": []}),
    studio_requests.DeleteUser: answers.UserDeleted({"sessions": 1, "offers": 0}, "0123456789abcdef"),
    requests.SearchKnowledge: answers.KnowledgeFound(
        [{"path_id": "export", "score": 0.5, "text": "Export:\n1. Press it."}]
    ),
    requests.Watch: answers.Moments([]),
    requests.FindChatOwner: answers.ChatOwner(""),
    requests.ClaimChat: answers.ChatOwner("u1"),
    studio_requests.FindTriggers: answers.TriggersFound({"triggers": [], "paused_all": None}),
    studio_requests.FindTrigger: answers.TriggerFound({"trigger_id": "t1"}),
    studio_requests.ConfirmStep: answers.StepConfirmed(True, "The step counts as right from now on."),
    studio_requests.ChangePause: answers.PausesChanged(True, []),
    studio_requests.FindGoldenPaths: answers.GoldenPathsFound({"paths": []}),
    studio_requests.FindGoldenPath: answers.GoldenPathFound({"path_id": "export", "steps": []}),
    rule_requests.FindRule: answers.RuleEdited({"text": "id: it", "problems": []}),
    rule_requests.EditRule: answers.RuleEdited({"text": "id: it", "problems": []}),
    rule_requests.BacktestRule: answers.RuleEdited({"text": "id: it", "problems": []}),
    rule_requests.SweepRule: answers.RuleEdited({"text": "id: it", "problems": []}),
    rule_requests.DiffRule: answers.RuleEdited({"text": "id: it", "problems": []}),
    rule_requests.WriteRule: answers.RuleEdited({"text": "id: it", "problems": []}),
    rule_requests.FindCapturedWords: answers.RuleEdited({"text": "id: it", "problems": []}),
    path_draft_requests.PrepareRecorder: path_draft_answers.RecorderPrepared(True, {}),
    path_draft_requests.MatchAction: path_draft_answers.ActionMatched({"element_id": "save"}, ["save"]),
    path_draft_requests.CheckDraft: path_draft_answers.DraftChecked("id: export\n", [], []),
    path_draft_requests.SaveDraft: path_draft_answers.DraftSaved("draft_1"),
    path_draft_requests.FindDrafts: path_draft_answers.DraftsFound({"drafts": []}),
    path_draft_requests.FindDraft: path_draft_answers.DraftFound({"draft_id": "draft_1", "yaml": "id: it"}),
    path_draft_requests.WriteDraft: path_draft_answers.DraftWritten({"path_id": "export"}),
    path_draft_requests.DeleteDraft: path_draft_answers.DraftDeleted(True),
    proposal_requests.FindProposals: proposal_answers.ProposalsFound({"proposals": []}),
    proposal_requests.FindProposal: proposal_answers.ProposalFound({"id": "bulk-edit"}),
    proposal_requests.StepProposal: proposal_answers.ProposalStepped({"text": "bulk-edit is a ghost now."}),
    outcome_requests.FetchOutcomes: outcome_answers.OutcomesFetched(is_wanted=False, outcomes=[]),
    outcome_requests.ConfirmOutcomes: outcome_answers.OutcomesConfirmed(is_stored=True),
    outcome_requests.FindOutcomes: outcome_answers.OutcomesFound(
        {"at": 1.0, "targets": {}, "undelivered": []}
    ),
    outcome_requests.SendOutcomesAgain: outcome_answers.OutcomesSentAgain(1),
    consent_requests.FindConsents: consent_answers.ConsentsFound({"u1": 1.0}),
    consent_requests.GiveConsent: consent_answers.ConsentGiven(1.0),
    consent_requests.WithdrawConsent: answers.UserDeleted({"sessions": 1}, "0123456789abcdef"),
    offer_requests.MakeOffer: offer_answers.OfferAnswer("t1", "u1", "s1", "o1", "shown", "", "Ready?", 1.0),
    tip_requests.FindTips: tip_answers.TipsFound(tip_answers.Tips([], [], {}, [])),
    tip_requests.ChangeTips: tip_answers.TipsFound(tip_answers.Tips([], [], {}, [])),
    tip_requests.OpenTips: tip_answers.TipsOpened(is_open=True),
    tip_requests.RestartTour: tip_answers.TourRestarted({"offer_id": "o1"}),
    requests.GetHealth: answers.EngineHealth({"state": "running", "sessions": 3}),
}


class StandInLink:
    """Stores messages while it has space; answers requests from :data:`ANSWERS`, or fails."""

    def __init__(self) -> None:
        self.sent: list[UpMessage] = []
        self.has_room = True
        self.asked: list[EngineRequest[Any]] = []
        self.answers = dict(ANSWERS)
        self.failure: Exception | None = None

    def send(self, message: UpMessage) -> bool:
        """Store a message."""
        if self.has_room:
            self.sent.append(message)
        return self.has_room

    async def ask(self, request: EngineRequest[AnswerT], timeout_s: float = 5.0) -> AnswerT:
        """Answer a request after checking that an engine could decode it."""
        assert decode_request(msgspec.json.encode(request)) == request
        self.asked.append(request)
        if self.failure is not None:
            raise self.failure
        answer = self.answers[type(request)]
        assert isinstance(answer, answer_type(type(request)))
        return cast("AnswerT", answer)

    async def ask_every_engine(
        self, request: EngineRequest[AnswerT], timeout_s: float = 5.0
    ) -> list[AnswerT]:
        """Answer as the only engine."""
        return [await self.ask(request, timeout_s)]

    def start(self, *_arguments: Any) -> None:
        """Do nothing."""
        raise NotImplementedError

    def forget(self, user_id: str, is_theirs: Callable[[Event], bool]) -> None:
        """Do nothing: what was sent is for the test to see."""

    async def stop(self) -> None:
        """Do nothing."""
        raise NotImplementedError

    def health(self) -> dict[str, Any]:
        """Return the health of an HTTP link."""
        return {"type": "http", "state": "connected"}
