"""Routes each request of the link, by its type, to the part of the engine that answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeVar

import msgspec

from rasa_autoplay.engine.assistant_calls import AssistantCalls
from rasa_autoplay.engine.browser_calls import BrowserCalls
from rasa_autoplay.engine.consent.consent_requests import ConsentRequests
from rasa_autoplay.engine.decisions.trigger_explainer import Explainer
from rasa_autoplay.engine.external_offers.external_offers import ExternalOffers
from rasa_autoplay.engine.live_tail.watchers import Watchers
from rasa_autoplay.engine.memory.memory_queries import MemoryQueries
from rasa_autoplay.engine.offers.timeline import OfferTimeline
from rasa_autoplay.engine.outcomes.delivery.outcomes import Outcomes
from rasa_autoplay.engine.results.results_requests import ResultsRequests
from rasa_autoplay.engine.session_owners import SessionOwnerStore
from rasa_autoplay.engine.studio.studio_requests import StudioRequests
from rasa_autoplay.engine.tips.tip_requests import TipRequests
from rasa_autoplay.engine.tour_requests import TourRequests
from rasa_autoplay.link import (
    answers,
    outcome_requests,
    path_draft_requests,
    proposal_requests,
    rule_requests,
    studio_requests,
    tip_requests,
)
from rasa_autoplay.link import requests as asked
from rasa_autoplay.link.consent_requests import FindConsents, GiveConsent, WithdrawConsent
from rasa_autoplay.link.offer_requests import MakeOffer
from rasa_autoplay.link.request_types import EngineRequest, tag_of

__all__ = ["RequestRouter"]

AnswerT = TypeVar("AnswerT")


class RequestRouter(NamedTuple):
    """The parts of the engine that answer requests."""

    browser_calls: BrowserCalls
    tour_requests: TourRequests
    assistant_calls: AssistantCalls
    explainer: Explainer
    timeline: OfferTimeline
    memory_queries: MemoryQueries
    watchers: Watchers
    session_owners: SessionOwnerStore
    results: ResultsRequests
    health: Callable[[], dict[str, Any]]
    studio: StudioRequests
    outcomes: Outcomes
    external_offers: ExternalOffers
    tips: TipRequests
    consents: ConsentRequests

    async def answer(self, request: EngineRequest[Any]) -> msgspec.Struct:
        """Answer a request; the request's type determines the answer's type.

        Raises:
            EngineRefused: the part rejects the request.
        """
        for part in (
            self._answer_browser,
            self._answer_tour,
            self._answer_tips,
            self._answer_chat,
            self._answer_server,
            self._answer_operator,
            self._answer_studio,
            self._answer_paths,
            self._answer_recordings,
            self._answer_rules,
            self._answer_path_drafts,
            self._answer_proposals,
            self._answer_now,
            self._answer_outcomes,
            self._answer_consents,
        ):
            answer = await part(request)
            if answer is not None:
                return answer
        raise TypeError(f"no part of the engine answers {tag_of(request)}")

    async def _answer_browser(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case asked.Acknowledge(offer_id=offer_id, event=event, user_id=user_id, button=button):
                answer = self.browser_calls.acknowledge(offer_id, event, user_id, button)
                return await _checked(request, answer)
            case asked.PrepareInject(user_id=user_id, trigger_id=trigger_id, offer_id=offer_id, step=step):
                preparing = self.browser_calls.prepare_inject(
                    user_id, trigger_id, offer_id, step, request.languages
                )
                return await _checked(request, preparing)
            case asked.FollowUp(user_id=user_id, trigger_id=trigger_id, offer_id=offer_id, step=step):
                return await _checked(
                    request, self.browser_calls.follow_up(user_id, trigger_id, offer_id, step)
                )
            case asked.ExplainSteps(user_id=user_id, trigger_id=trigger_id, offer_id=offer_id, step=step):
                steps = self.browser_calls.explain_steps(
                    user_id, trigger_id, offer_id, step, request.languages
                )
                return await _checked(request, steps)
            case asked.ExplainNextStep(
                user_id=user_id, trigger_id=trigger_id, offer_id=offer_id, after=after
            ):
                explaining = self.browser_calls.explain_next_step(user_id, trigger_id, offer_id, after)
                return await _checked(request, explaining)
        return None

    async def _answer_tour(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case asked.StartTour(user_id=user_id, tour_id=tour_id, offer_id=offer_id):
                return await _checked(request, self.browser_calls.start_tour(user_id, tour_id, offer_id))
            case asked.OrderTour(user_id=user_id, tour_id=tour_id):
                return await _checked(request, self.tour_requests.order_tour(user_id, tour_id))
            case asked.StepTour(user_id=user_id, tour_id=tour_id, step=step, url=url):
                return await _checked(request, self.browser_calls.step_tour(user_id, tour_id, step, url))
            case asked.EndTour(user_id=user_id, outcome=outcome, step=step):
                return await _checked(request, self.browser_calls.end_tour(user_id, outcome, step))
            case asked.ReportTourProblem(
                user_id=user_id, tour_id=tour_id, step=step, problem=problem, url=url
            ):
                reporting = self.browser_calls.report_tour_problem(user_id, tour_id, step, problem, url)
                return await _checked(request, reporting)
        return None

    async def _answer_tips(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case tip_requests.FindTips():
                return await _checked(request, self.tips.find(request))
            case tip_requests.ChangeTips():
                return await _checked(request, self.tips.change(request))
            case tip_requests.OpenTips(user_id=user_id):
                return await _checked(request, self.tips.open_list(user_id))
            case tip_requests.RestartTour(user_id=user_id, tour_id=tour_id):
                return await _checked(request, self.tips.restart_tour(user_id, tour_id))
        return None

    async def _answer_chat(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case asked.Reply(user_id=user_id, query=query, languages=languages):
                return await _checked(request, self.assistant_calls.reply(user_id, query, languages))
            case asked.AnswerQuestion(user_id=user_id, query=query):
                return await _checked(request, self.assistant_calls.answer_question(user_id, query))
            case asked.AskAssistant(user_id=user_id, query=query):
                return await _checked(request, self.assistant_calls.ask(user_id, query))
            case asked.DescribeActivity(user_id=user_id):
                return await _checked(request, self.assistant_calls.recent_activity(user_id))
            case asked.DescribePage(user_id=user_id):
                return await _checked(request, self.assistant_calls.help_current_page(user_id))
        return None

    async def _answer_server(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case asked.Watch(watch_id=watch_id, user_id=user_id, session_id=session_id, wait_s=wait_s):
                return await _checked(request, self.watchers.watch(watch_id, user_id, session_id, wait_s))
            case asked.FindChatOwner(session_id=session_id):
                return await _checked(request, self.session_owners.owner_of_chat(session_id))
            case asked.ClaimChat(session_id=session_id, user_id=user_id):
                return await _checked(request, self.session_owners.claim_chat(session_id, user_id))
            case MakeOffer():
                return await _checked(request, self.external_offers.offer(request))
            case asked.GetHealth():
                return answers.EngineHealth(self.health())
        return None

    async def _answer_operator(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case asked.ExplainUser(user_id=user_id):
                return answers.UserExplained(await self.explainer.explain(user_id))
            case asked.FindUserMemory(product_id=product_id, user_id=user_id):
                return answers.UserMemoryFound(await self.memory_queries.user_memory(product_id, user_id))
            case asked.FindOffer(offer_id=offer_id):
                return answers.OfferFound(await self.timeline.offer_life(offer_id))
            case asked.FindOffersOfUser(product_id=product_id, user_id=user_id, limit=limit):
                return answers.OffersFound(await self.timeline.offers_of_user(product_id, user_id, limit))
            case asked.FindResults(since=since, trigger_id=trigger_id):
                return answers.ResultsFound(await self.results.find(since, trigger_id))
            case asked.SearchKnowledge(product_id=product_id, query=query, top_k=top_k):
                found = await self.assistant_calls.query_knowledge_base(product_id, query, top_k)
                return answers.KnowledgeFound(found)
        return None

    async def _answer_studio(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        people = self.studio.people
        match request:
            case studio_requests.FindPeople(query=query, state=state, path_id=path_id, limit=limit):
                return answers.PeopleFound(await people.find(query, state, path_id, limit))
            case studio_requests.FindPerson(user_id=user_id, product_id=product_id):
                return answers.PersonFound(await people.person(product_id, user_id))
            case studio_requests.ExportUser(user_id=user_id, product_id=product_id, by=by):
                return answers.UserExported(await people.export(product_id, user_id, by))
            case studio_requests.DeleteUser(user_id=user_id, product_id=product_id, by=by):
                deleted = await people.delete(product_id, user_id, by)
                await self.studio.rules.forget_recording()
                return answers.UserDeleted(dict(deleted.counts), deleted.fingerprint)
            case studio_requests.FindTriggers():
                return await _checked(request, self.studio.triggers.list())
            case studio_requests.FindTrigger(trigger_id=trigger_id):
                return await _checked(request, self.studio.triggers.detail(trigger_id))
            case studio_requests.ChangePause(action=action, trigger_id=trigger_id, who=who, why=why):
                return await _checked(request, self.studio.pauses.change(action, trigger_id, who, why))
        return None

    async def _answer_paths(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case studio_requests.ConfirmStep(path_id=path_id, step_id=step_id, who=who, why=why):
                confirming = self.studio.confirmations.confirm(path_id, step_id, who, why)
                return await _checked(request, confirming)
            case studio_requests.FindGoldenPaths():
                return await _checked(request, self.studio.golden_paths.list())
            case studio_requests.FindGoldenPath(path_id=path_id):
                return await _checked(request, self.studio.golden_paths.detail(path_id))
        return None

    async def _answer_now(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case studio_requests.ListSessions(limit=limit, details=details):
                return await _checked(request, self.studio.sessions.find(limit, details))
            case studio_requests.DescribeSessions(session_ids=session_ids):
                return await _checked(request, self.studio.sessions.describe(session_ids))
            case studio_requests.FindSilence():
                return answers.SilenceFound(await self.studio.silence.find())
        return None

    async def _answer_recordings(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        recordings = self.studio.recordings
        match request:
            case studio_requests.FindRecordings(product_id=product_id, user_id=user_id):
                return answers.RecordingsFound(await recordings.sessions_of(product_id, user_id))
            case studio_requests.FindTimeline(product_id=product_id, user_id=user_id, session_id=session_id):
                return answers.TimelineFound(await recordings.timeline(product_id, user_id, session_id))
            case studio_requests.FindNearness(
                product_id=product_id, user_id=user_id, session_id=session_id, columns=columns
            ):
                found = await recordings.nearness(product_id, user_id, session_id, columns)
                return answers.NearnessFound(found)
            case studio_requests.ExplainMoment(user_id=user_id, session_id=session_id, at=at):
                return answers.UserExplained(await recordings.explain(user_id, session_id, at))
        return None

    async def _answer_rules(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case (
                rule_requests.FindRule()
                | rule_requests.EditRule()
                | rule_requests.BacktestRule()
                | rule_requests.SweepRule()
                | rule_requests.DiffRule()
                | rule_requests.WriteRule()
                | rule_requests.FindCapturedWords()
            ):
                return answers.RuleEdited(await self.studio.rules.answer(request))
        return None

    async def _answer_path_drafts(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        drafts = self.studio.path_drafts
        match request:
            case path_draft_requests.PrepareRecorder(path_id=path_id):
                return await _checked(request, drafts.prepare(path_id))
            case path_draft_requests.MatchAction(captured=captured, draft=draft):
                return drafts.match(captured, draft)
            case path_draft_requests.CheckDraft(draft=draft):
                return await _checked(request, drafts.check(draft))
            case path_draft_requests.SaveDraft(draft=draft):
                return await _checked(request, drafts.save(draft))
            case path_draft_requests.FindDrafts():
                return await _checked(request, drafts.list_all())
            case path_draft_requests.FindDraft(draft_id=draft_id):
                return await _checked(request, drafts.find(draft_id))
            case path_draft_requests.WriteDraft(draft_id=draft_id, base=base, by=by, why=why):
                return await _checked(request, drafts.write(draft_id, base, by, why))
            case path_draft_requests.DeleteDraft(draft_id=draft_id):
                return await _checked(request, drafts.delete(draft_id))
        return None

    async def _answer_proposals(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case proposal_requests.FindProposals():
                return await _checked(request, self.studio.proposals.list_all())
            case proposal_requests.FindProposal(proposal_id=proposal_id):
                return await _checked(request, self.studio.proposals.find(proposal_id))
            case proposal_requests.StepProposal():
                return await _checked(request, self.studio.proposals.step(request))
        return None

    async def _answer_consents(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        match request:
            case FindConsents():
                return await _checked(request, self.consents.find(request))
            case GiveConsent():
                return await _checked(request, self.consents.give(request))
            case WithdrawConsent(user_id=user_id):
                deleted = await _checked(request, self.consents.withdraw(user_id))
                await self.studio.rules.forget_recording()
                return deleted
        return None

    async def _answer_outcomes(self, request: EngineRequest[Any]) -> msgspec.Struct | None:
        queue = self.outcomes.broker_queue
        match request:
            case outcome_requests.FetchOutcomes(wait_s=wait_s):
                return await _checked(request, queue.fetch(wait_s))
            case outcome_requests.ConfirmOutcomes(published=published, failed=failed, problem=problem):
                return await _checked(request, queue.confirm(published, failed, problem))
            case outcome_requests.FindOutcomes(limit=limit):
                return await _checked(request, self.outcomes.find(limit))
            case outcome_requests.SendOutcomesAgain(ids=ids, since_s=since_s):
                return await _checked(request, self.outcomes.send_again(ids, since_s))
        return None


async def _checked(_request: EngineRequest[AnswerT], answering: Awaitable[AnswerT]) -> AnswerT:
    """Return the answer; mypy checks that its type is the one that the request names."""
    return await answering
