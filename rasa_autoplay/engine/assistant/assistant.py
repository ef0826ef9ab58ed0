"""Answers questions from the golden paths that match, in a model's words if they can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.assistant.prompt import PromptInputs, assemble, sections_of
from rasa_autoplay.engine.assistant.protocol.answer_form import AnswerForm
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
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.summary import NOTHING_KNOWN
from rasa_autoplay.events.models import SlimAction

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
_NO_ANSWER = "I don't have steps for that."
_NOTHING_TO_EXPLAIN = "I don't have steps for that, and there's nothing else I can explain yet."
_NOTHING_SEEN = "I haven't seen you do anything here yet."


class Assistant:
    """Answers questions about the app.

    Answers are useful without a model too, and contain only safe links.

    Args:
        knowledge: the golden paths.
        model: the language model; None if none is configured.
        users: knowledge of users beyond their actions; None if no memory is kept.
        suspects: the suspect steps, whose labels are left out.
    """

    def __init__(
        self,
        knowledge: HybridSearch,
        model: LanguageModel | None,
        users: UserKnowledge | None = None,
        suspects: SuspectSteps = NO_SUSPECTS,
    ) -> None:
        self._knowledge = knowledge
        self._model = model
        self._users = users
        self._suspects = suspects
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
        answer = await self._model_answer(model, query, session, since, paths) if model else None
        if answer:
            return FollowUp(without_unsafe_links(answer.text), "llm", answer.path_id)
        if best:
            return FollowUp(without_unsafe_links(best[0].how_to()), "steps", best[0].id)
        return FollowUp(without_unsafe_links(f"{_NO_ANSWER} {self._list_topics(session)}".strip()), "steps")

    async def _model_answer(
        self,
        model: LanguageModel,
        query: str,
        session: Session | None,
        since: float,
        paths: Sequence[GoldenPath],
    ) -> Answered | None:
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
        )
        name = first_name(session.email if session else None)
        titles = [action.title for action in context.actions]
        prompt = assemble(sections_of(known), _BUDGET_TOKENS)

        def read(text: str, form: AnswerForm) -> Answered:
            return read_question(text, form, paths, query, titles, [name])

        return await usable_answer(model, question_request(paths, prompt), read)

    def recent_activity(self, session: Session | None) -> FollowUp:
        """List the user's last actions, because they asked for them."""
        context = session.context(_LISTED_ACTIONS) if session else NOTHING_KNOWN
        if not context.actions:
            return FollowUp(_NOTHING_SEEN, "steps")
        lines = [f"{number}. {_plain_text(action)}" for number, action in enumerate(context.actions, 1)]
        return FollowUp(without_unsafe_links("\n".join(["Here's what you did last:", *lines])), "steps")

    def help_current_page(self, session: Session | None) -> FollowUp:
        """Say what can be explained on the user's current page."""
        paths = self._paths_of_page(session)
        if len(paths) == 1:
            return FollowUp(without_unsafe_links(paths[0].how_to()), "steps", paths[0].id)
        return FollowUp(without_unsafe_links(self._list_topics(session) or _NOTHING_TO_EXPLAIN), "steps")

    def _paths_of_page(self, session: Session | None) -> list[GoldenPath]:
        page = session.window.page() if session else ""
        written = map(self._suspects.as_written, self._knowledge.paths)
        return [path for path in written if path.page and path.is_on(page)]

    def _list_topics(self, session: Session | None) -> str:
        """List the paths that can be explained: those of the page, or else of the whole app."""
        here = self._paths_of_page(session)
        paths = here or list(self._knowledge.paths)
        if not paths:
            return ""
        lines = [
            f"- {path.title}{f': {path.description}' if path.description else ''}"
            for path in paths[:_PATHS_LISTED]
        ]
        return "\n".join(
            [
                "Here's what I can explain on this page:" if here else "Here are some things I can explain:",
                *lines,
            ]
        )


def _plain_text(action: SlimAction) -> str:
    """Escape Markdown, because titles come from pages."""
    words = " ".join((action.title or action.description).split())[:200]
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in words)
