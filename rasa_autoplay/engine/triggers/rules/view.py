"""What a rule looks at: evidence, the whole window, the page, the time, and facts about the user."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from rasa_autoplay.engine.knowledge.facts import PathFacts, UserFacts
from rasa_autoplay.engine.triggers.types import ProactiveTriggerContext
from rasa_autoplay.events.models import SlimAction

__all__ = ["LEAVES_AFTER_S", "RuleView", "view_of"]

_START = attrgetter("timestamp_start")
_SIGNAL = attrgetter("signal")
_NOTHING: frozenset[str] = frozenset()

#: What is exactly as old as a window is long still counts; this much later it has left.
LEAVES_AFTER_S = 0.001


class RuleView:
    """One context, as conditions ask it.

    Args:
        ctx: the engine's, whose ``context_extra`` has the whole window. Or anybody's: then its actions are
            the window, and the newest of them is now unless ``eval_now`` says otherwise.
    """

    __slots__ = ("_ctx", "_extra", "_has_failures", "_page", "_unsilenced", "actions", "evidence", "now")

    def __init__(self, ctx: ProactiveTriggerContext) -> None:
        extra: dict[str, Any] = ctx.context_extra or {}
        self._ctx, self._extra = ctx, extra
        self._unsilenced: RuleView | None = None
        window = extra.get("window_actions")
        #: Everything that the window holds, oldest first.
        self.actions: Sequence[SlimAction] = (
            sorted(ctx.recent_actions, key=_START) if window is None else window
        )
        #: What no offer of this trigger has used up yet.
        self.evidence = _later(self.actions, extra.get("evidence_after", 0.0))
        now = extra.get("eval_now")
        self._page: str | None = None
        self._has_failures: bool | None = None
        #: Epoch seconds.
        self.now: float = (self.actions[-1].timestamp_start if self.actions else 0.0) if now is None else now

    def within(self, seconds: float) -> Sequence[SlimAction]:
        """The evidence of the last so many seconds, the border included."""
        return _from(self.evidence, self.now - seconds)

    def all_within(self, seconds: float) -> Sequence[SlimAction]:
        """All actions of the last so many seconds, also those that an offer has used up."""
        return _from(self.actions, self.now - seconds)

    @property
    def page(self) -> str:
        """Canonical URL of the newest action that has one; empty when none has."""
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
        """What was remembered of the whole session; None where nobody remembers."""
        return self._extra.get("remembered")

    @property
    def silenced(self) -> frozenset[str]:
        """The golden paths and pages about which the rule must not speak now."""
        return self._extra.get("silenced") or _NOTHING

    @property
    def unsilenced(self) -> RuleView:
        """The same, with nothing silenced: for what must be false of every workflow."""
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
    def user_facts(self) -> UserFacts | None:
        """The user's past; None when it is not available."""
        return self._extra.get("user_facts")

    @property
    def path_facts(self) -> PathFacts | None:
        """The user's place in workflows; None when it is not available."""
        return self._extra.get("path_facts")


class _Latest:
    """All rules are asked about one context, one after the other: its view is made once."""

    ctx: ProactiveTriggerContext | None = None
    view: RuleView


def view_of(ctx: ProactiveTriggerContext) -> RuleView:
    """The view of a context."""
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
