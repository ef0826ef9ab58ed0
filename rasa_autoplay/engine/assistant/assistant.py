"""Answers questions from the golden paths that match, in a model's words if they can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.common.sentences.inserting import inserted
from rasa_autoplay.common.sentences.sentences import sentences_in
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.assistant.prompt import PromptInputs, assemble, sections_of
from rasa_autoplay.engine.assistant.protocol.answer_form import AnswerForm
from rasa_autoplay.engine.assistant.protocol.answer_language import named_language
from rasa_autoplay.engine.assistant.protocol.question import (
    Answered,
    path_for_model,
    question_request,
    read_question,
)
from rasa_autoplay.engine.assistant.step_explanation import FollowUp, first_name
from rasa_autoplay.engine.assistant.usable_answer import usable_answer
from rasa_autoplay.engine.assistant.user_background import UserKnowledge
from rasa_autoplay.engine.freshness.suspect_steps import NO_SUSPECTS, SuspectSteps
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.spoken_path import SpokenPath
from rasa_autoplay.engine.languages.told_actions import plain_text, told_action
from rasa_autoplay.engine.languages.user_languages import UserLanguages
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.summary import NOTHING_KNOWN

__all__ = ["Assistant"]

_PROMPT_ACTIONS = 20
_LISTED_ACTIONS = 5
_PATHS_IN_PROMPT = 3
_PATHS_LISTED = 6
#: Longer questions are cut (characters), because each word is searched for.
_MAX_QUERY = 1_000
_BUDGET_TOKENS = 1500
#: The prompt includes only paths with at least this share of the best score.
_MIN_RELATIVE_SCORE = 0.5
_MAX_USERS = 10_000


class Assistant:
    """Answers questions about the app.

    Answers are useful without a model too, and contain only safe links.

    Args:
        knowledge: the golden paths.
        model: the language model; None if none is configured.
        users: knowledge of users beyond their actions; None if no memory is kept.
        suspects: the suspect steps, whose labels are left out.
        languages: the languages of users.
    """

    def __init__(
        self,
        knowledge: HybridSearch,
        model: LanguageModel | None,
        users: UserKnowledge | None = None,
        suspects: SuspectSteps = NO_SUSPECTS,
        languages: UserLanguages | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._model = model
        self._users = users
        self._suspects = suspects
        self._languages = UserLanguages() if languages is None else languages
        #: When each user last asked, epoch seconds; the user who has not asked for longest is dropped first.
        self._asked_at: BoundedDict[str, float] = BoundedDict(_MAX_USERS)

    async def ask(self, user_id: str, query: str, session: Session | None, now: float) -> FollowUp:
        """Answer a question.

        Args:
            user_id: the user who asks.
            query: the question; a blank one gets no answer.
            session: the user's most recently active session.
            now: epoch seconds.

        Returns:
            The model's answer if it can be used and the user has quota left; otherwise the steps of the best
            path, or a list of what can be explained.
        """
        query = query[:_MAX_QUERY]
        if not query.strip():
            return FollowUp("", "none")
        since = self._asked_at.get(user_id, 0.0)
        self._asked_at[user_id] = now
        matches = await self._knowledge.query_knowledge_base(
            query=query, top_k=_PATHS_IN_PROMPT, user_id=user_id
        )
        best = [
            self._suspects.as_written(match.path)
            for match in matches
            if match.score >= _MIN_RELATIVE_SCORE * matches[0].score
        ]
        paths = best or self._paths_of_page(session)[:_PATHS_IN_PROMPT]
        model = self._model.for_user(user_id) if self._model else None
        answer = await self._model_answer(model, user_id, query, session, since, paths) if model else None
        if answer:
            return FollowUp(without_unsafe_links(answer.text), "llm", answer.path_id)
        languages = self._languages.of(user_id)
        if best:
            told = SpokenPath(best[0], languages)
            return FollowUp(without_unsafe_links(told.how_to()), "steps", best[0].id)
        no_answer, topics = sentences_in(languages).no_answer, self._list_topics(session, languages)
        return FollowUp(without_unsafe_links(f"{no_answer} {topics}".strip()), "steps")

    async def _model_answer(
        self,
        model: LanguageModel,
        user_id: str,
        query: str,
        session: Session | None,
        since: float,
        paths: Sequence[GoldenPath],
    ) -> Answered | None:
        languages = self._languages.of(user_id)
        paths = [path.in_language(languages) for path in paths]
        context = session.context(_PROMPT_ACTIONS) if session else NOTHING_KNOWN
        newer = [action for action in context.actions if since and action.timestamp_start > since]
        known = PromptInputs(
            question=query,
            paths=[path_for_model(path) for path in paths],
            next_step=self._users.next_step(session) if self._users and session else "",
            since_last_message=newer,
            recent=context.actions[: len(context.actions) - len(newer)],
            memory=self._users.memory(session) if self._users and session else "",
            summary=context.text,
            language=named_language(next(iter(self._languages.stated_by(user_id)), "")),
        )
        name = first_name(session.email if session else None)
        titles = [action.title for action in context.actions]
        prompt = assemble(sections_of(known), _BUDGET_TOKENS)

        def read(text: str, form: AnswerForm) -> Answered:
            return read_question(text, form, paths, query, titles, [name], languages)

        return await usable_answer(model, question_request(paths, prompt), read)

    def recent_activity(self, session: Session | None, user_id: str = "") -> FollowUp:
        """List the user's last actions, because they asked for them; an unknown user has an empty id."""
        sentences = self._languages.sentences_for(user_id)
        context = session.context(_LISTED_ACTIONS) if session else NOTHING_KNOWN
        if not context.actions:
            return FollowUp(sentences.nothing_seen, "steps")
        done = (plain_text(told_action(action, sentences)) for action in context.actions)
        lines = [f"{number}. {each}" for number, each in enumerate(done, 1)]
        return FollowUp(without_unsafe_links("\n".join([sentences.done_last, *lines])), "steps")

    def help_current_page(self, session: Session | None, user_id: str = "") -> FollowUp:
        """Say what can be explained on the user's current page."""
        paths, languages = self._paths_of_page(session), self._languages.of(user_id)
        if len(paths) == 1:
            told = SpokenPath(paths[0], languages)
            return FollowUp(without_unsafe_links(told.how_to()), "steps", paths[0].id)
        topics = self._list_topics(session, languages) or sentences_in(languages).nothing_to_explain
        return FollowUp(without_unsafe_links(topics), "steps")

    def _paths_of_page(self, session: Session | None) -> list[GoldenPath]:
        page = session.window.page() if session else ""
        written = map(self._suspects.as_written, self._knowledge.paths)
        return [path for path in written if path.page and path.is_on(page)]

    def _list_topics(self, session: Session | None, languages: Sequence[str]) -> str:
        """List the paths that can be explained: those of the page, or else of the whole app."""
        here = self._paths_of_page(session)
        paths = here or list(self._knowledge.paths)
        if not paths:
            return ""
        sentences = sentences_in(languages)
        told = [path.in_language(languages) for path in paths[:_PATHS_LISTED]]
        lines = [
            inserted(sentences.topic, title=path.title, description=path.description)
            if path.description
            else path.title
            for path in told
        ]
        return "\n".join(
            [sentences.topics_here if here else sentences.topics, *(f"- {line}" for line in lines)]
        )
