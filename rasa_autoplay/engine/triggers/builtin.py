"""The vendor SDK's built-in triggers.

Ids, parameters, keys of ``context_extra`` and metadata are those of the vendor's SDK; the texts are ours. In
a context made by the engine (it has ``eval_now``), two triggers are more exact than in the SDK:

* Ping-pong counts *visits*: several actions on one page are one visit. So A, B, B, A is a bounce, and two
  clicks on the third page are not a return to it.
* Dwell lasts until now. The SDK measures from the first action to the last.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby, takewhile
from typing import Any

from rasa_autoplay.engine.triggers.entity import TRIGGERING_TYPE_LLM_JUDGE, ProactiveTriggerEntity
from rasa_autoplay.engine.triggers.interest import ANYTHING, PAGE
from rasa_autoplay.engine.triggers.registry import ProactiveTriggerRegistry
from rasa_autoplay.engine.triggers.sections import resolve_section_id, resolve_section_id_for_playbook
from rasa_autoplay.engine.triggers.types import (
    PROACTIVE_BODY_MAX_CHARS,
    ProactiveTriggerContext,
    ProactiveTriggerResult,
)
from rasa_autoplay.events.models import SlimAction

__all__ = [
    "DWELL_BODY",
    "TRIGGER_ID_CANONICAL_URL_PING_PONG",
    "TRIGGER_ID_SECTION_PLAYBOOK_MATCH",
    "TRIGGER_ID_USER_PAGE_DWELL",
    "CanonicalPingPongTrigger",
    "ScopedCanonicalPingPongTrigger",
    "SectionPlaybookTrigger",
    "UserPageDwellTrigger",
    "default_proactive_trigger_registry",
]

TRIGGER_ID_CANONICAL_URL_PING_PONG = "canonical_url_ping_pong"
TRIGGER_ID_USER_PAGE_DWELL = "user_page_dwell"
TRIGGER_ID_SECTION_PLAYBOOK_MATCH = "section_playbook_match"

_PING_PONG_BODY = "Looking for something? Tell me what you're trying to do and I'll show you where it is."
DWELL_BODY = "You've been on this page for a while. Need a hand with the next step?"

#: If a streak seems longer than this (one day), its start is unknown or wrong.
_LONGEST_STREAK_S = 86_400.0


class CanonicalPingPongTrigger:
    """The user goes back and forth between pages.

    Args:
        min_cycles: number of bounces (A→B→A, which may overlap) needed to fire.
        broaden_with_hesitation: also fire after enough distinct pages and a return to one of them.
        hesitation_min_distinct: number of distinct pages needed for that.
        body: the text of the toast.
    """

    def __init__(
        self,
        *,
        min_cycles: int = 1,
        broaden_with_hesitation: bool = True,
        hesitation_min_distinct: int = 3,
        body: str = _PING_PONG_BODY,
    ) -> None:
        self._min_cycles = min_cycles
        self._broaden_with_hesitation = broaden_with_hesitation
        self._min_distinct = hesitation_min_distinct
        self._body = _short(body)
        self.interest = PAGE

    @property
    def trigger_id(self) -> str:
        """``canonical_url_ping_pong``."""
        return TRIGGER_ID_CANONICAL_URL_PING_PONG

    def wakes_at(self, _ctx: ProactiveTriggerContext) -> None:
        """Return None: only an event can make it fire."""
        return

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer after a bounce or a hesitation; ``metadata["matched"]`` says which."""
        pages = _visited(ctx)
        return self._offer(pages, pages)

    def _offer(
        self, pages: Sequence[str], hesitation_pages: Sequence[str], **metadata: Any
    ) -> ProactiveTriggerResult | None:
        """Return the offer if ``pages`` show a bounce, or ``hesitation_pages`` a hesitation."""
        matched = []
        if _bounces(pages) >= self._min_cycles:
            matched.append("strict_ping_pong")
        if self._broaden_with_hesitation and self._hesitates(hesitation_pages):
            matched.append("hesitation_distinct_with_revisit")
        if not matched:
            return None
        return ProactiveTriggerResult(
            trigger_id=self.trigger_id,
            body=self._body,
            metadata={
                "min_cycles": self._min_cycles,
                **metadata,
                "matched": matched,
                "hesitation_min_distinct": self._min_distinct,
            },
        )

    def _hesitates(self, pages: Sequence[str]) -> bool:
        visits = Counter(pages)
        return len(pages) >= 3 and len(visits) >= self._min_distinct and max(visits.values()) > 1


class ScopedCanonicalPingPongTrigger(CanonicalPingPongTrigger):
    """The user goes back and forth between pages, at least one of them in a given section of the app.

    As in the vendor's SDK, a bounce may leave the section, but a hesitation counts only within it.

    Args:
        url_must_contain: text in the URLs of that section, case-sensitive; empty for the whole app.
        min_cycles, broaden_with_hesitation, hesitation_min_distinct, body: as in
            :class:`CanonicalPingPongTrigger`.
    """

    def __init__(
        self,
        *,
        url_must_contain: str,
        min_cycles: int = 1,
        broaden_with_hesitation: bool = True,
        hesitation_min_distinct: int = 3,
        body: str = _PING_PONG_BODY,
    ) -> None:
        super().__init__(
            min_cycles=min_cycles,
            broaden_with_hesitation=broaden_with_hesitation,
            hesitation_min_distinct=hesitation_min_distinct,
            body=body,
        )
        self._scope = (url_must_contain or "").strip()

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer after a bounce or a hesitation in that section of the app."""
        pages = _visited(ctx)
        in_scope = [page for page in pages if self._scope in page]
        if self._scope and not in_scope:
            return None
        return self._offer(pages, in_scope, scoped_canonical_url_contains=self._scope)


def _visited(ctx: ProactiveTriggerContext) -> list[str]:
    """List the pages in order; in the engine, consecutive actions on one page are one visit."""
    pages = [url.strip() for url in ctx.canonical_urls if url and url.strip()]
    return [page for page, _ in groupby(pages)] if "eval_now" in (ctx.context_extra or {}) else pages


def _bounces(pages: Sequence[str]) -> int:
    triples = zip(pages, pages[1:], pages[2:], strict=False)
    return sum(first == third != second for first, second, third in triples)


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
            body=_short(body),
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


class SectionPlaybookTrigger:
    """The user is in a section of the app that has an entry in the playbook.

    An entry is a text, or ``{"body": …, "reply_option_labels": […]}``. As in the vendor's SDK, the playbook
    and the current section come from ``context_extra`` (see ``resolve_section_id_for_playbook``). If the
    trigger has its own playbook (not in the SDK), it uses the page of the newest action instead.

    Args:
        section_playbook: entries by section.
        rules: ``{"prefix": URL prefix, "section_id": …}``; the first match decides.
    """

    def __init__(
        self,
        *,
        section_playbook: Mapping[str, Any] | None = None,
        rules: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._own_playbook = section_playbook
        self._rules = tuple(rules)
        # Without its own playbook, it depends on anything that the caller puts into the context.
        self.interest = ANYTHING if section_playbook is None else PAGE

    @property
    def trigger_id(self) -> str:
        """``section_playbook_match``."""
        return TRIGGER_ID_SECTION_PLAYBOOK_MATCH

    def wakes_at(self, _ctx: ProactiveTriggerContext) -> None:
        """Return None: only an event can make it fire."""
        return

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer of the section's entry; None if there is none, or if its text is blank."""
        section, entry = self._entry(ctx)
        body, labels = _read_entry(entry)
        if not section or not body:
            return None
        return ProactiveTriggerResult(
            trigger_id=self.trigger_id,
            body=_short(body),
            reply_option_labels=labels,
            metadata={"section_id": section},
        )

    def _entry(self, ctx: ProactiveTriggerContext) -> tuple[str | None, object]:
        if self._own_playbook is not None:
            page = next((a.canonical_url for a in reversed(ctx.recent_actions) if a.canonical_url), "")
            section = resolve_section_id(page, self._rules)
            return section, self._own_playbook.get(section) if section else None
        extra = ctx.context_extra or {}
        section = resolve_section_id_for_playbook(extra)
        return section, extra["section_playbook"][section] if section else None


def _read_entry(entry: object) -> tuple[str, tuple[str, ...]]:
    if isinstance(entry, str):
        return entry.strip(), ()
    if not isinstance(entry, Mapping):
        return "", ()
    labels = entry.get("reply_option_labels") or entry.get("quick_reply_labels")
    shown = labels if isinstance(labels, (list, tuple)) else ()
    body = (entry.get("body") or entry.get("proactive_body") or "").strip()
    return body, tuple(str(label) for label in shown if str(label).strip())


def _short(body: str) -> str:
    """Cut a text to the length of a toast."""
    return body.strip()[:PROACTIVE_BODY_MAX_CHARS].rstrip()


def default_proactive_trigger_registry() -> ProactiveTriggerRegistry:
    """Return the vendor SDK's default: ping-pong alone, with default times."""
    trigger = ProactiveTriggerEntity(CanonicalPingPongTrigger(), triggering_type=TRIGGERING_TYPE_LLM_JUDGE)
    return ProactiveTriggerRegistry([trigger])
