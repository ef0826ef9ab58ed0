"""The vendor SDK's ping-pong triggers: the user goes back and forth between pages.

Ids, parameters and metadata are those of the vendor's SDK; the texts are ours. In a context of the engine
(it has ``eval_now``), ping-pong counts *visits*: several actions on one page are one visit. So A, B, B, A is
a bounce, and two clicks on the third page are not a return to it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rasa_autoplay.engine.matching.matcher import MatchCache
from rasa_autoplay.engine.matching.patterns import PagePattern
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.entity import TRIGGERING_TYPE_LLM_JUDGE, ProactiveTriggerEntity
from rasa_autoplay.engine.triggers.interest import PAGE
from rasa_autoplay.engine.triggers.registry import ProactiveTriggerRegistry
from rasa_autoplay.engine.triggers.types import (
    ProactiveTriggerContext,
    ProactiveTriggerResult,
    fit_toast,
)

__all__ = [
    "TRIGGER_ID_CANONICAL_URL_PING_PONG",
    "CanonicalPingPongTrigger",
    "PagePingPongTrigger",
    "ScopedCanonicalPingPongTrigger",
    "default_proactive_trigger_registry",
]

TRIGGER_ID_CANONICAL_URL_PING_PONG = "canonical_url_ping_pong"

_PING_PONG_BODY = "Looking for something? Tell me what you're trying to do and I'll show you where it is."


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
        self._body = fit_toast(body)
        self.interest = PAGE
        #: Its offers are about a page.
        self.finds_workflow = False

    @property
    def trigger_id(self) -> str:
        """``canonical_url_ping_pong``."""
        return TRIGGER_ID_CANONICAL_URL_PING_PONG

    def wakes_at(self, _ctx: ProactiveTriggerContext) -> None:
        """Return None: only an event can make it fire."""
        return

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return a time before which it does not fire in the engine; infinity for never.

        Args:
            course: all actions of the session.
            after: an offer has consumed the actions up to this time, epoch seconds.
            since: the earliest time to return, epoch seconds.
        """
        pages: list[str] = []
        visits, bounces = Counter[str](), 0
        first = bisect_right(course.times, after)
        for action in course.actions[first:]:
            page = action.canonical_url.strip()
            if not page or (pages and page == pages[-1]):
                continue
            pages.append(page)
            visits[page] += 1
            bounces += len(pages) > 2 and page == pages[-3]
            is_back = self._broaden_with_hesitation and len(visits) >= self._min_distinct
            if bounces >= self._min_cycles or (is_back and len(visits) < len(pages)):
                return max(since, action.timestamp_start)
        return math.inf

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


class PagePingPongTrigger(CanonicalPingPongTrigger):
    """The user goes back and forth between pages, at least one of which matches a pattern.

    A bounce may leave those pages, but a hesitation counts only among them.

    Args:
        page: matches canonical URLs.
        how: the arguments of :class:`CanonicalPingPongTrigger`.
    """

    def __init__(self, page: PagePattern, **how: Any) -> None:
        super().__init__(**how)
        self._matches = MatchCache(page)

    def evaluate(self, ctx: ProactiveTriggerContext) -> ProactiveTriggerResult | None:
        """Return the offer after a bounce or a hesitation on those pages."""
        pages = _visited(ctx)
        matching = [page for page in pages if self._matches[page]]
        return self._offer(pages, matching) if matching else None


def _visited(ctx: ProactiveTriggerContext) -> list[str]:
    """List the pages in order; in the engine, consecutive actions on one page are one visit."""
    pages: list[str] = []
    counts_visits, latest = "eval_now" in (ctx.context_extra or {}), None
    for url in ctx.canonical_urls:
        if url == latest and counts_visits:
            continue  # nearly always
        page = url.strip() if url else ""
        if page and not (counts_visits and pages and pages[-1] == page):
            pages.append(page)
        if page:
            latest = url
    return pages


def _bounces(pages: Sequence[str]) -> int:
    triples = zip(pages, pages[1:], pages[2:], strict=False)
    return sum(first == third != second for first, second, third in triples)


def default_proactive_trigger_registry() -> ProactiveTriggerRegistry:
    """Return the vendor SDK's default: ping-pong alone, with default times."""
    trigger = ProactiveTriggerEntity(CanonicalPingPongTrigger(), triggering_type=TRIGGERING_TYPE_LLM_JUDGE)
    return ProactiveTriggerRegistry([trigger])
