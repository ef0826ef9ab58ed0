"""The view of a context that rules use: evidence, window, page, time, and the user's history."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from rasa_autoplay.engine.knowledge.user_progress import UserHistory, WorkflowProgress
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction

__all__ = ["LEAVES_AFTER_S", "RuleView", "view_of"]

_START = attrgetter("timestamp_start")
_SIGNAL = attrgetter("signal")
_NOTHING: frozenset[str] = frozenset()

#: An action exactly at the border of a time window still counts; this much later it does not (seconds).
LEAVES_AFTER_S = 0.001


class RuleView:
    """A context, as conditions use it.

    Args:
        ctx: a context of the engine, whose ``context_extra`` has the whole window. In any other context, its
            actions are the window, and the newest action is "now" unless ``eval_now`` is set.
    """

    __slots__ = ("_ctx", "_extra", "_has_failures", "_page", "_unsilenced", "actions", "evidence", "now")

    def __init__(self, ctx: ProactiveTriggerContext) -> None:
        extra: dict[str, Any] = ctx.context_extra or {}
        self._ctx, self._extra = ctx, extra
        self._unsilenced: RuleView | None = None
        window = extra.get("window_actions")
        #: All actions in the window, oldest first.
        self.actions: Sequence[SlimAction] = (
            sorted(ctx.recent_actions, key=_START) if window is None else window
        )
        #: The actions that no offer of this trigger has consumed yet.
        self.evidence = _later(self.actions, extra.get("evidence_after", 0.0))
        now = extra.get("eval_now")
        self._page: str | None = None
        self._has_failures: bool | None = None
        #: Epoch seconds.
        self.now: float = (self.actions[-1].timestamp_start if self.actions else 0.0) if now is None else now

    def within(self, seconds: float) -> Sequence[SlimAction]:
        """Return the evidence of the last ``seconds``, including the border."""
        return _from(self.evidence, self.now - seconds)

    def all_within(self, seconds: float) -> Sequence[SlimAction]:
        """Return all actions of the last ``seconds``, including those that an offer has consumed."""
        return _from(self.actions, self.now - seconds)

    @property
    def page(self) -> str:
        """Canonical URL of the newest action that has one; empty if none has."""
        if self._page is None:
            self._page = next((a.canonical_url for a in reversed(self.actions) if a.canonical_url), "")
        return self._page

    @property
    def has_failures(self) -> bool:
        """Whether any evidence is a failure signal."""
        if self._has_failures is None:
            self._has_failures = any(map(_SIGNAL, self.evidence))
        return self._has_failures

    @property
    def remembered(self) -> frozenset[str] | None:
        """Names of the matchers that matched in this session; None outside the engine."""
        return self._extra.get("remembered")

    @property
    def silenced(self) -> frozenset[str]:
        """The golden paths and pages that the rule must not offer help with now."""
        return self._extra.get("silenced") or _NOTHING

    @property
    def unsilenced(self) -> RuleView:
        """The same view with nothing silenced, for conditions that must be false for every workflow."""
        if not self.silenced:
            return self
        if self._unsilenced is None:
            extra = {**self._extra, "silenced": _NOTHING}
            self._unsilenced = RuleView(replace(self._ctx, context_extra=extra))
        return self._unsilenced

    @property
    def email(self) -> str:
        """The user's e-mail; empty while unknown."""
        return self._extra.get("email") or ""

    @property
    def user_history(self) -> UserHistory | None:
        """The user's history; None if not available."""
        return self._extra.get("user_history")

    @property
    def workflow_progress(self) -> WorkflowProgress | None:
        """The user's progress in workflows; None if not available."""
        return self._extra.get("workflow_progress")


class _Latest:
    """Caches the view of the latest context, because all rules are evaluated on one context in turn."""

    ctx: ProactiveTriggerContext | None = None
    view: RuleView


def view_of(ctx: ProactiveTriggerContext) -> RuleView:
    """Return the view of a context."""
    if _Latest.ctx is not ctx:
        _Latest.ctx, _Latest.view = ctx, RuleView(ctx)
    return _Latest.view


def _later(actions: Sequence[SlimAction], after: float) -> Sequence[SlimAction]:
    if not actions or actions[0].timestamp_start > after:
        return actions
    return actions[bisect_right(actions, after, key=_START) :]


def _from(actions: Sequence[SlimAction], since: float) -> Sequence[SlimAction]:
    if not actions or actions[0].timestamp_start >= since:
        return actions
    return actions[bisect_left(actions, since, key=_START) :]
