"""Keeps what sessions' users did, as text to put in front of a question.

Names, keyword arguments and the format of the text are those of the vendor's SDK, so that prompts built on it
do not change. There are two differences: ``reset`` clears what ``get`` with the same arguments would have
returned, and when ``max_sessions`` drops a session, its summary is dropped too.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from rasa_autoplay.common.bounded_dict import BoundedDict
from rasa_autoplay.events.models import ActionsPayload, SlimAction

__all__ = ["AsyncContextStore", "actions_bucket_id"]

logger = logging.getLogger(__name__)

#: Separates product and session in a key: ASCII's "unit separator", which ids cannot contain.
_SEPARATOR = "\x1f"


class _Default(Enum):
    """Marks an argument that was not given, if None has a meaning."""

    STORE = "the store's own"


_STORE = _Default.STORE


def actions_bucket_id(product_id: str | None, session_id: str | None) -> str:
    """Return the key of a session's actions, because two products can use the same session id.

    Returns:
        Product and session, joined by U+001F; only the session if the product is unknown.
    """
    session = (session_id or "unknown").strip()
    product = (product_id or "").strip()
    return f"{product}{_SEPARATOR}{session}" if product else session


def _session_of(bucket: str) -> str:
    return bucket.rpartition(_SEPARATOR)[2]


class AsyncContextStore:
    """Stores sessions' recent actions and latest summary, for use in one process.

    Without ``lookback_seconds`` and ``max_sessions`` it keeps everything.

    Args:
        summarizer: an object whose ``on_summary`` this store replaces.
        include_summary: whether the text has the summary.
        include_actions: whether the text has the actions.
        lookback_seconds: drop batches that were forwarded longer ago than this.
        max_actions: maximum number of the newest actions in the text.
        max_sessions: maximum number of sessions; beyond it, the one inactive for longest is dropped.
        clock: epoch seconds.
    """

    def __init__(
        self,
        summarizer: Any | None = None,
        *,
        include_summary: bool = True,
        include_actions: bool = True,
        lookback_seconds: float | None = None,
        max_actions: int | None = None,
        max_sessions: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if lookback_seconds is not None and lookback_seconds <= 0:
            raise ValueError(f"lookback_seconds must be > 0, got {lookback_seconds!r}")
        for name, limit in (("max_actions", max_actions), ("max_sessions", max_sessions)):
            if limit is not None and limit < 1:
                raise ValueError(f"{name} must be >= 1, got {limit!r}")
        self._include_summary = include_summary
        self._include_actions = include_actions
        self._lookback_seconds = lookback_seconds
        self._max_actions = max_actions
        self._clock = clock
        self._summaries: dict[str, str] = {}
        # Least recently used first. A session with only a summary has an entry too, so that it counts.
        # The name is the SDK's: code written for it reads this attribute.
        self._actions: BoundedDict[str, list[ActionsPayload]] = BoundedDict(max_sessions, self._evicted)
        self._warned = False
        # Reading is allowed from any thread; nothing is awaited while the lock is held.
        self._lock = threading.Lock()
        if summarizer is not None:
            if summarizer.on_summary is not None:
                logger.warning("The summarizer's on_summary callback is replaced by the context store's")
            summarizer.on_summary = self.on_summary

    async def add(self, payload: ActionsPayload) -> None:
        """Store a batch."""
        with self._lock:
            batches = self._touch(actions_bucket_id(payload.product_id, payload.session_id))
            batches.append(payload)
            if self._lookback_seconds is not None:
                since = self._clock() - self._lookback_seconds
                batches[:] = [batch for batch in batches if batch.forwarded_at >= since]

    async def on_summary(self, session_id: str, summary_text: str) -> None:
        """Store a session's latest summary; its actions stay."""
        with self._lock:
            self._touch(session_id)
            self._summaries[session_id] = summary_text

    def _touch(self, bucket: str) -> list[ActionsPayload]:
        batches = self._actions[bucket] = self._actions.get(bucket, [])
        return batches

    def _evicted(self, bucket: str, _batches: list[ActionsPayload]) -> None:
        session = _session_of(bucket)
        if not any(_session_of(other) == session for other in self._actions):
            self._summaries.pop(session, None)

    def get(
        self,
        session_id: str,
        *,
        product_id: str | None = None,
        include_summary: bool | _Default = _STORE,
        include_actions: bool | _Default = _STORE,
        lookback_seconds: float | _Default | None = _STORE,
        max_actions: int | _Default | None = _STORE,
    ) -> str:
        """Return the session as text.

        Args:
            session_id: the session.
            product_id: its product; without it, the only product that has the session.
            include_summary, include_actions, lookback_seconds, max_actions: override the store's own
                settings.

        Returns:
            ``Summary: …`` and ``Recent activity:`` with numbered lines; empty for an unknown session.
        """
        with_summary = self._include_summary if include_summary is _STORE else include_summary
        with_actions = self._include_actions if include_actions is _STORE else include_actions
        lookback = self._lookback_seconds if isinstance(lookback_seconds, _Default) else lookback_seconds
        limit = self._max_actions if isinstance(max_actions, _Default) else max_actions
        with self._lock:
            summary = self._summaries.get(session_id, "") if with_summary else ""
            batches = list(self._actions.get(self._find(session_id, product_id), ())) if with_actions else []
        actions = self._recent(batches, lookback, limit)
        parts = [f"Summary: {summary}"] if summary else []
        if actions:
            parts.append(_numbered(actions))
        return "\n\n".join(parts)

    def get_actions(
        self,
        session_id: str,
        product_id: str | None = None,
        *,
        lookback_seconds: float | _Default | None = _STORE,
        max_actions: int | _Default | None = _STORE,
    ) -> list[SlimAction]:
        """Return the session's actions in time order.

        Args:
            session_id: the session.
            product_id: its product; without it, the only product that has the session.
            lookback_seconds, max_actions: override the store's own limits.

        Returns:
            A new list, oldest action first; empty for an unknown session. It suits
            ``ProactiveTriggerContext.from_slim_actions``.
        """
        lookback = self._lookback_seconds if isinstance(lookback_seconds, _Default) else lookback_seconds
        limit = self._max_actions if isinstance(max_actions, _Default) else max_actions
        with self._lock:
            batches = list(self._actions.get(self._find(session_id, product_id), ()))
        # Batches arrive out of order, so the newest actions are only known after sorting.
        actions = sorted(self._recent(batches, lookback, None), key=lambda action: action.timestamp_start)
        return actions if limit is None else actions[-limit:] if limit > 0 else []

    def _recent(
        self, batches: Iterable[ActionsPayload], lookback_s: float | None, limit: int | None
    ) -> list[SlimAction]:
        """Return the actions of batches forwarded within the lookback, at most the last ``limit``."""
        since = None if lookback_s is None else self._clock() - lookback_s
        recent = (batch for batch in batches if since is None or batch.forwarded_at >= since)
        actions = [action for batch in recent for action in batch.actions]
        if limit is None:
            return actions
        return actions[-limit:] if limit > 0 else []

    def _find(self, session_id: str, product_id: str | None) -> str:
        """Return the session's key; without a product, the key of the only product that has the session."""
        bucket = actions_bucket_id(product_id, session_id)
        if self._actions.get(bucket) or (product_id or "").strip():
            return bucket
        suffix = f"{_SEPARATOR}{session_id}"
        scoped = [key for key, batches in self._actions.items() if batches and key.endswith(suffix)]
        if scoped and not self._warned:
            self._warned = True
            logger.warning(
                "Context was requested without product_id. Pass it, because session ids are not unique."
            )
        return scoped[0] if len(scoped) == 1 else bucket

    def enrich(
        self,
        session_id: str,
        query: str,
        *,
        product_id: str | None = None,
        include_summary: bool | _Default = _STORE,
        include_actions: bool | _Default = _STORE,
        lookback_seconds: float | _Default | None = _STORE,
        max_actions: int | _Default | None = _STORE,
    ) -> str:
        """Return the question with the session's text in front of it; unchanged if the session is unknown.

        The arguments are those of ``get``.
        """
        context = self.get(
            session_id,
            product_id=product_id,
            include_summary=include_summary,
            include_actions=include_actions,
            lookback_seconds=lookback_seconds,
            max_actions=max_actions,
        )
        return f"[Session context]\n{context}\n\n[Query]\n{query}" if context else query

    def reset(self, session_id: str, *, product_id: str | None = None) -> None:
        """Forget a session's summary and actions."""
        with self._lock:
            self._actions.pop(self._find(session_id, product_id), None)
            self._actions.pop(session_id, None)
            self._summaries.pop(session_id, None)

    @property
    def active_sessions(self) -> list[str]:
        """The keys (``actions_bucket_id``) of all known sessions, sorted."""
        with self._lock:
            return sorted({*self._actions, *self._summaries})


def _numbered(actions: list[SlimAction]) -> str:
    lines = (f"{number}. {action.to_text()}" for number, action in enumerate(actions, start=1))
    return "\n".join(["Recent activity:", *lines])
