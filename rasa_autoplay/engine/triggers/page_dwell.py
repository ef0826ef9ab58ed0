"""The vendor SDK's dwell trigger: the user stays on a page and does little there.

Ids, parameters, keys of ``context_extra`` and metadata are those of the vendor's SDK; the text is ours. In a
context of the engine (it has ``eval_now``), dwell lasts until now. The SDK measures from the first action
to the last.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from rasa_autoplay.engine.triggers.types import (
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    fit_toast,
)
from rasa_autoplay.events.models import SlimAction

__all__ = ["DWELL_BODY", "TRIGGER_ID_USER_PAGE_DWELL", "UserPageDwellTrigger"]

TRIGGER_ID_USER_PAGE_DWELL = "user_page_dwell"

DWELL_BODY = "You've been on this page for a while. Need a hand with the next step?"

#: If a streak seems longer than this (one day), its start is unknown or wrong.
_LONGEST_STREAK_S = 86_400.0


class UserPageDwellTrigger:
    """The user stays on one page and does little there.

    ``context_extra`` may override: ``dwell_threshold_seconds`` (0 or less switches it off),
    ``user_page_dwell_max_actions``, ``dwell_proactive_body``.

    Args:
        default_threshold_s: time on the page needed to fire, in seconds.
        default_max_actions: a user with more actions than this on the page is busy.
        body: the text of the toast.
    """

    def __init__(
        self,
        *,
        default_threshold_s: float = 60.0,
        default_max_actions: int = 5,
        body: str = DWELL_BODY,
    ) -> None:
        self._default_threshold_s = default_threshold_s
        self._default_max_actions = default_max_actions
        self._body = body

    @property
    def trigger_id(self) -> str:
        """``user_page_dwell``."""
        return TRIGGER_ID_USER_PAGE_DWELL

    def wakes_at(self, ctx: ProactiveTriggerContext) -> float | None:
        """Return when the current streak will be long enough if nothing happens; None if the user is busy."""
        streak, threshold = self._sparse_streak(ctx), self._threshold_s(ctx)
        if not streak or threshold <= 0:
            return None
        start, end = streak[0].timestamp_start, _streak_end(streak, ctx.context_extra or {})
        return start + threshold if end - start <= max(_LONGEST_STREAK_S, threshold) else None

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer once the streak has lasted long enough."""
        extra = ctx.context_extra or {}
        streak, threshold = self._sparse_streak(ctx), self._threshold_s(ctx)
        if not streak or threshold <= 0:
            return None
        start, end = streak[0].timestamp_start, _streak_end(streak, extra)
        # The same sum as in wakes_at(), so that a timer set to that time fires despite rounding.
        if end < start + threshold or end - start > max(_LONGEST_STREAK_S, threshold):
            return None
        body = (extra.get("dwell_proactive_body") or "").strip() or self._body
        return ProactiveTriggerResult(
            trigger_id=self.trigger_id,
            body=fit_toast(body),
            metadata={
                "user_page_dwell_seconds": round(end - start, 3),
                "user_page_dwell_action_count": len(streak),
                "user_page_dwell_max_actions": self._max_actions(extra),
                "dwell_threshold_seconds": threshold,
                "user_page_dwell_canonical_url": streak[-1].canonical_url[:512],
            },
        )

    def _threshold_s(self, ctx: ProactiveTriggerContext) -> float:
        return float((ctx.context_extra or {}).get("dwell_threshold_seconds", self._default_threshold_s))

    def _max_actions(self, extra: Mapping[str, Any]) -> int:
        try:
            own = int(extra.get("user_page_dwell_max_actions") or 0)
        except (TypeError, ValueError):
            own = 0
        return own if own > 0 else self._default_max_actions

    def _sparse_streak(self, ctx: ProactiveTriggerContext) -> list[SlimAction]:
        """List the last actions, all on one page, oldest first; empty if there are too many."""
        if not ctx.recent_actions:
            return []
        page = ctx.recent_actions[-1].canonical_url.strip()
        on_page = takewhile(lambda a: a.canonical_url.strip() == page, reversed(ctx.recent_actions))
        streak = list(on_page)[::-1] if page else []
        return streak if len(streak) <= self._max_actions(ctx.context_extra or {}) else []


def _streak_end(streak: Sequence[SlimAction], extra: Mapping[str, Any]) -> float:
    """Return until when the user is known or assumed to be on the page, epoch seconds."""
    start, end = streak[0].timestamp_start, streak[-1].timestamp_end
    if extra.get("eval_now") is not None:
        return max(end, float(extra["eval_now"]))
    return time.time() if len(streak) == 1 and end <= start else end
