"""Answers questions that users ask in the chat, and servers that search the golden paths."""

from __future__ import annotations

from collections.abc import Callable

from rasa_autoplay.engine.assistant.assistant import Assistant
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant.step_explanation import FollowUp
from rasa_autoplay.engine.decisions.offer_lifecycle import OfferLifecycle
from rasa_autoplay.engine.freshness.offered_tours import OfferedTours
from rasa_autoplay.engine.freshness.suspect_steps import NO_SUSPECTS, SuspectSteps
from rasa_autoplay.engine.knowledge.search import Match
from rasa_autoplay.engine.knowledge.spoken_path import SpokenPath
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.tours.catalogue import TourCatalogue
from rasa_autoplay.link.answers import AssistantText, FollowUpText, JsonObject, ReplyText
from rasa_autoplay.link.base import EngineRefused

__all__ = ["AssistantCalls"]


class AssistantCalls:
    """One method per question. The gateway, or an action, has checked the arguments.

    Args:
        product_id: the product's id.
        assistant: composes the answers.
        knowledge: searches the golden paths.
        tours: the tours that can be started.
        offer_lifecycle: finds the user's session, and updates its FSM.
        clock: epoch seconds.
        suspects: the suspect steps.
        languages: the languages of users.
    """

    def __init__(
        self,
        product_id: str,
        assistant: Assistant,
        knowledge: HybridSearch,
        tours: TourCatalogue,
        offer_lifecycle: OfferLifecycle,
        clock: Callable[[], float],
        suspects: SuspectSteps = NO_SUSPECTS,
        languages: UserLanguages | None = None,
    ) -> None:
        self._product_id = product_id
        self._assistant = assistant
        self._knowledge = knowledge
        self._all_tours = tours
        self._tours = OfferedTours(tours, suspects)
        self._suspects = suspects
        self._offer_lifecycle = offer_lifecycle
        self._clock = clock
        self._languages = UserLanguages() if languages is None else languages

    async def reply(self, user_id: str, query: str, languages: tuple[str, ...] = ()) -> ReplyText:
        """Answer a question from a front end without a Rasa chat; the session becomes REACTIVE."""
        self._languages.page_stated(user_id, languages)
        await self._offer_lifecycle.chat_message(user_id, self._clock())
        answer = await self.ask(user_id, query)
        return ReplyText(answer.text, answer.source, answer.text, answer.tour_id, answer.button)

    async def ask(self, user_id: str, query: str) -> AssistantText:
        """Answer a question from the Rasa chat; the gateway has already reported the message.

        Args:
            user_id: the asking user; empty for an unknown user, who gets an answer without personal context.
            query: the question.
        """
        now = self._clock()
        session = await self._session_of(user_id, now)
        answer = await self._assistant.ask(user_id, query, session, now)
        return AssistantText(answer.text, answer.source, *self._tour_of(user_id, answer, session))

    async def answer_question(self, user_id: str, query: str) -> FollowUpText:
        """Answer a question from the Rasa chat, if a golden path clearly answers it, and offer its tour.

        Returns:
            The text is empty if no path answers it: then it is the bot's own business.
        """
        if self._knowledge.path_about(query) is None:
            return FollowUpText("", "none")
        now = self._clock()
        session = await self._session_of(user_id, now)
        answer = await self._assistant.ask(user_id, query, session, now)
        return FollowUpText(answer.text, answer.source, *self._tour_of(user_id, answer, session))

    async def recent_activity(self, user_id: str) -> AssistantText:
        """Describe what the user did last."""
        session = await self._session_of(user_id, self._clock())
        return AssistantText(self._assistant.recent_activity(session, user_id).text, "steps")

    async def help_current_page(self, user_id: str) -> AssistantText:
        """Name what can be explained on the user's page."""
        session = await self._session_of(user_id, self._clock())
        answer = self._assistant.help_current_page(session, user_id)
        return AssistantText(answer.text, answer.source, *self._tour_of(user_id, answer, session))

    def _tour_of(self, user_id: str, answer: FollowUp, session: Session | None) -> tuple[str, str]:
        """The tour that shows what an answer explains, and its button; empty if the page cannot show it."""
        path = self._all_tours.path(answer.path_id)
        page = session.window.page() if session else ""
        if path is None or not self._tours.for_page({path.id: ""}, page):
            return "", ""
        return path.id, SpokenPath(path, self._languages.of(user_id)).button

    async def _session_of(self, user_id: str, now: float) -> Session | None:
        return await self._offer_lifecycle.latest_session(user_id, now) if user_id else None

    async def query_knowledge_base(self, product_id: str, query: str, top_k: int) -> list[JsonObject]:
        """Search the golden paths.

        Returns:
            ``{path_id, title, description, page, score, steps, steps_text, text}`` of each match, best first.
        """
        if product_id != self._product_id:
            raise EngineRefused("not_found", f"there is no product {product_id[:64]!r} here")
        matches = await self._knowledge.query_knowledge_base(query=query, top_k=top_k)
        return [Match(self._suspects.as_written(each.path), each.score).as_dict() for each in matches]
