"""Answers users who ask first from the paths that match, in a model's words where they can be trusted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from rasa_autoplay.common.conversation.safe_links import without_unsafe_links
from rasa_autoplay.engine.assistant.follow_up import FollowUp, first_name
from rasa_autoplay.engine.assistant.grounded_answer import grounded_answer
from rasa_autoplay.engine.assistant.grounding.ground_truth import GroundTruth
from rasa_autoplay.engine.assistant.hybrid_search import HybridSearch
from rasa_autoplay.engine.assistant.language_model import LanguageModel
from rasa_autoplay.engine.assistant.prompt import ASK_SYSTEM, Known, assemble, sections_of
from rasa_autoplay.engine.assistant.user_facts import UserKnowledge
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.summary import NOTHING_KNOWN
from rasa_autoplay.events.models import SlimAction

__all__ = ["Assistant"]

_RECENT = 20
_TOLD_RECENT = 5
_PATHS_IN_PROMPT = 3
_PATHS_NAMED = 6
#: Nobody asks more at a time, and each word is searched for.
_MAX_QUERY = 1_000
_BUDGET_TOKENS = 1500
#: Of paths that match, only those that come near the best one are told to the model.
_NEAR_THE_BEST = 0.5
_MAX_USERS = 10_000
_NO_ANSWER = "I don't have steps for that."
_NOTHING_TO_EXPLAIN = "I don't have steps for that, and there's nothing else I can explain yet."
_NOTHING_SEEN = "I haven't seen you do anything here yet."


class Assistant:
    """Answers questions about the app.

    Every answer is of use without a model too, and has only links that are safe to click.

    Args:
        knowledge: the golden paths.
        model: None where none is configured.
        users: what is known of them beyond their actions; None where no memory is kept.
    """

    def __init__(
        self, knowledge: HybridSearch, model: LanguageModel | None, users: UserKnowledge | None = None
    ) -> None:
        self._knowledge = knowledge
        self._model = model
        self._users = users
        #: When each user last asked, epoch seconds; the one who has not for longest goes first.
        self._asked_at: OrderedDict[str, float] = OrderedDict()

    async def ask(self, user_id: str, query: str, session: Session | None, now: float) -> FollowUp:
        """Answer a question.

        Args:
            user_id: who asks.
            query: their words; without any there is no answer.
            session: their most recently active one.
            now: epoch seconds.

        Returns:
            The model's words where they invent nothing and the user's quota lasts; else the best path's
            steps, or what can be explained.
        """
        query = query[:_MAX_QUERY]
        if not query.strip():
            return FollowUp("", "none")
        since = self._asked_at.pop(user_id, 0.0)
        self._asked_at[user_id] = now
        if len(self._asked_at) > _MAX_USERS:
            self._asked_at.popitem(last=False)
        matches = await self._knowledge.query_knowledge_base(
            query=query, top_k=_PATHS_IN_PROMPT, user_id=user_id
        )
        near = [match.path for match in matches if match.score >= _NEAR_THE_BEST * matches[0].score]
        paths = near or self._of_page(session)[:_PATHS_IN_PROMPT]
        model = self._model.for_user(user_id) if self._model else None
        answer = await self._in_words(model, query, session, since, paths) if model else None
        if answer:
            return FollowUp(without_unsafe_links(answer), "llm")
        if near:
            return FollowUp(without_unsafe_links(near[0].how_to()), "steps")
        return FollowUp(without_unsafe_links(f"{_NO_ANSWER} {self._offer(session)}".strip()), "steps")

    async def _in_words(
        self,
        model: LanguageModel,
        query: str,
        session: Session | None,
        since: float,
        paths: Sequence[GoldenPath],
    ) -> str | None:
        context = session.context(_RECENT) if session else NOTHING_KNOWN
        newer = [action for action in context.actions if since and action.timestamp_start > since]
        known = Known(
            question=query,
            paths=[path.how_to() for path in paths],
            next_step=self._users.next_step(session) if self._users and session else "",
            since_last_message=newer,
            recent=context.actions[: len(context.actions) - len(newer)],
            memory=self._users.memory(session) if self._users and session else "",
            summary=context.text,
        )
        name = first_name(session.email if session else None)
        truth = GroundTruth(paths, [action.title for action in context.actions], [name])
        prompt = assemble(sections_of(known), _BUDGET_TOKENS)
        return await grounded_answer(model, ASK_SYSTEM, prompt, truth)

    def recent_activity(self, session: Session | None) -> FollowUp:
        """What the user did last, as a short list: they asked for it."""
        context = session.context(_TOLD_RECENT) if session else NOTHING_KNOWN
        if not context.actions:
            return FollowUp(_NOTHING_SEEN, "steps")
        told = [f"{number}. {_plain_words(action)}" for number, action in enumerate(context.actions, 1)]
        return FollowUp(without_unsafe_links("\n".join(["Here's what you did last:", *told])), "steps")

    def help_current_page(self, session: Session | None) -> FollowUp:
        """What can be explained on the page that the user is on."""
        paths = self._of_page(session)
        if len(paths) == 1:
            return FollowUp(without_unsafe_links(paths[0].how_to()), "steps")
        return FollowUp(without_unsafe_links(self._offer(session) or _NOTHING_TO_EXPLAIN), "steps")

    def _of_page(self, session: Session | None) -> list[GoldenPath]:
        page = session.window.page() if session else ""
        return [path for path in self._knowledge.paths if path.page and path.is_on(page)]

    def _offer(self, session: Session | None) -> str:
        """Which paths can be asked about; those of the page where there are any."""
        here = self._of_page(session)
        paths = here or list(self._knowledge.paths)
        if not paths:
            return ""
        lines = [
            f"- {path.title}{f': {path.description}' if path.description else ''}"
            for path in paths[:_PATHS_NAMED]
        ]
        return "\n".join(
            [
                "Here's what I can explain on this page:" if here else "Here are some things I can explain:",
                *lines,
            ]
        )


def _plain_words(action: SlimAction) -> str:
    """Titles come from pages: Markdown in them is no formatting of ours."""
    words = " ".join((action.title or action.description).split())[:200]
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in words)
