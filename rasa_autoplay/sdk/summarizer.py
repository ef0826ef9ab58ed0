"""Summarizes long sessions with a language model of the caller's choice."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.common.runtime.session_lanes import SessionLanes
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.events.models import ActionsPayload

__all__ = ["DEFAULT_PROMPT", "AsyncSessionSummarizer"]

logger = logging.getLogger(__name__)

DEFAULT_PROMPT = """\
Below are the actions of one user in a web app, oldest first. Sum them up in two or three sentences for an
assistant that will talk to this user: which pages and features they used, what they did there, and what they
seem to want. Add nothing that the actions do not show.

{actions}
"""

#: Batches of all sessions together that may wait before ``add`` waits too.
_MAX_PENDING = 10_000
_MAX_SESSIONS = 10_000

_LanguageModel = Callable[[str], Awaitable[str]]
_OnSummary = Callable[[str, str], Any]


class AsyncSessionSummarizer:
    """Collects each session's actions, and summarizes them when there are enough.

    Batches of one session are handled in order, one at a time; a slow session does not delay the others. If
    the model fails, the actions stay and are summarized with the next batch.

    The names and behaviour are the vendor SDK's, with three differences:

    * ``add`` waits when 10,000 batches are waiting; the SDK's queue is unbounded by default.
    * An invalid template is rejected at once, not when the first summary is due.
    * Sessions below the threshold are kept while they are among the 10,000 most recent; the SDK drops them
      after 5 minutes.

    Args:
        llm: answers a prompt.
        threshold: how many actions trigger a summary; at least 1.
        prompt: a template with ``{actions}``; the default is :data:`DEFAULT_PROMPT`.
        on_summary: called with the session id and its summary; may be a coroutine function.
        format_actions: formats the text for ``{actions}``; the default is a numbered list.
        max_queue_size: how many batches of one session may wait; more are dropped. None for no limit.
        metrics: accepted for compatibility; ``dropped`` counts dropped batches.

    Raises:
        ConfigError: the threshold is below 1, or the template has a placeholder other than ``{actions}``.
    """

    def __init__(
        self,
        llm: _LanguageModel,
        threshold: int = 10,
        prompt: str | None = None,
        on_summary: _OnSummary | None = None,
        format_actions: Callable[[list[ActionsPayload]], str] | None = None,
        max_queue_size: int | None = None,
        metrics: object = None,
    ) -> None:
        if threshold < 1:
            raise ConfigError(f"threshold must be >= 1, got {threshold!r}.")
        self._prompt = prompt or DEFAULT_PROMPT
        _check_template(self._prompt)
        self.on_summary = on_summary
        self.dropped = 0
        self._llm = llm
        self._threshold = threshold
        self._format = format_actions or numbered_actions
        self._max_waiting = max_queue_size
        self._history: BoundedDict[str, list[ActionsPayload]] = BoundedDict(_MAX_SESSIONS)
        self._waiting: dict[str, int] = {}
        self._lanes = SessionLanes(_MAX_PENDING)
        self._idle = asyncio.Event()

    async def add(self, payload: ActionsPayload) -> None:
        """Queue a batch; pass this method to ``on_actions``."""
        session_id = payload.session_id or "unknown"
        waiting = self._waiting.get(session_id, 0)
        if self._max_waiting is not None and waiting >= self._max_waiting:
            self.dropped += 1
            logger.warning("The summarizer dropped a batch, because %d of its session are waiting.", waiting)
            return
        self._waiting[session_id] = waiting + 1
        self._idle.clear()
        await self._lanes.put(session_id, lambda: self._handle(session_id, payload))

    async def _handle(self, session_id: str, payload: ActionsPayload) -> None:
        try:
            history = self._history[session_id] = self._history.get(session_id, [])
            history.append(payload)
            if sum(len(batch.actions) for batch in history) >= self._threshold:
                await self._summarize(session_id, history)
        finally:
            self._waiting[session_id] -= 1
            if not self._waiting[session_id]:
                del self._waiting[session_id]
            if not self._waiting:
                self._idle.set()

    async def _summarize(self, session_id: str, history: list[ActionsPayload]) -> None:
        try:
            summary = await self._llm(self._prompt.format(actions=self._format(history)))
        except Exception:
            logger.exception("The summarizer's model failed; the session's actions are kept.")
            return
        # reset() may have begun a new history while the model was writing.
        if self._history.get(session_id) is history:
            del self._history[session_id]
        await self._announce(session_id, summary)

    async def _announce(self, session_id: str, summary: str) -> None:
        if self.on_summary is None:
            return
        try:
            outcome = self.on_summary(session_id, summary)
            if inspect.isawaitable(outcome):
                await outcome
        except Exception:
            logger.exception("The summarizer's on_summary callback failed.")

    async def get_context(self, session_id: str) -> str:
        """Return the actions that no summary covers yet, as text; empty if there are none."""
        return self._format(list(self._history.get(session_id, ())))

    async def reset(self, session_id: str) -> None:
        """Drop the session's actions without summarizing them."""
        self._history.pop(session_id, None)

    async def flush(self) -> None:
        """Wait until every added batch has been handled."""
        if self._waiting:
            await self._idle.wait()

    @property
    async def active_sessions(self) -> list[str]:
        """The sessions with actions that no summary covers yet, sorted; await this property."""
        return sorted(session_id for session_id, history in self._history.items() if any(history))


def _check_template(template: str) -> None:
    mark = "\x00"
    try:
        has_actions = mark in template.format(actions=mark)
    except (KeyError, IndexError, ValueError):
        has_actions = False
    if not has_actions:
        raise ConfigError(
            "The prompt must contain {actions} and no other placeholder.",
            remedy="Put {actions} where the list of actions belongs, and double all other braces.",
        )


def numbered_actions(payloads: Sequence[ActionsPayload]) -> str:
    """Format one numbered line per action, in the order of the batches."""
    actions = (action for payload in payloads for action in payload.actions)
    return "\n".join(f"{number}. {action.to_text()}" for number, action in enumerate(actions, start=1))
