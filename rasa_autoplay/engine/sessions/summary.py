"""Summarizes the older part of a session, for prompts and explanations.

The text is prose if the vendor's connector or a language model has written some, or else a digest of page
counts. Triggers use the window, which summaries do not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

import msgspec

from rasa_autoplay.events.models import SlimAction, SummaryPayload

__all__ = ["NOTHING_KNOWN", "RollingSummary", "SessionContext", "session_context"]

#: Actions of the same moment are ordered by the source's index, as in the window.
_PLACE = attrgetter("timestamp_start", "index")
_NOTHING_COVERED = (0.0, 0)

MAX_PROSE = 4_000
_MAX_PARAGRAPHS = 8
_MAX_PAGES = 24
_MAX_PAGES_NAMED = 6


class SessionContext(msgspec.Struct, frozen=True):
    """A session as a text for people and models.

    Args:
        text: summary of everything before ``actions``; empty if there is nothing before them.
        actions: the latest actions, oldest first.
    """

    text: str
    actions: Sequence[SlimAction]

    def to_text(self) -> str:
        """Return the text, then one line for each action."""
        return "\n".join([*filter(None, [self.text]), *(a.description or a.title for a in self.actions)])


NOTHING_KNOWN = SessionContext("", ())


class RollingSummary(msgspec.Struct):
    """A session's past in a few sentences. Most sessions are too short to need one.

    Args:
        prose: paragraphs, oldest first.
        covers_until: place (timestamp, index) of the newest action that the prose covers.
        sent_at: when the connector sent its newest summary, epoch seconds.
        pages: by page, the number of actions that have left the window and that the prose does not cover.
        asked_at_count: the session's number of actions when a model was last asked for a summary.
    """

    prose: list[str] = []
    covers_until: tuple[float, int] = _NOTHING_COVERED
    sent_at: float = msgspec.field(default=0.0, name="told_at")
    pages: dict[str, int] = {}
    asked_at_count: int = 0

    @property
    def newest(self) -> str:
        """The newest paragraph; empty if there is none."""
        return self.prose[-1] if self.prose else ""

    def to_text(self) -> str:
        """Return the prose, and the digest of the actions that have left the window."""
        return session_context(self, (), 0).text

    def count_pages(self, actions: Iterable[SlimAction]) -> None:
        """Count actions that leave the window by page, unless the prose covers them."""
        for action in actions:
            if _PLACE(action) > self.covers_until:
                page = action.canonical_url
                if page not in self.pages and len(self.pages) >= _MAX_PAGES:
                    page = ""
                self.pages[page] = self.pages.get(page, 0) + 1

    def uncovered(self, actions: Sequence[SlimAction]) -> Sequence[SlimAction]:
        """Return the window's actions that the prose does not cover, oldest first."""
        if self.covers_until == _NOTHING_COVERED:
            return actions
        return [action for action in actions if _PLACE(action) > self.covers_until]

    def rewrite(self, text: str, until: SlimAction, pages: Mapping[str, int]) -> None:
        """Replace the prose by a text that also covers the former prose.

        Args:
            text: the new prose.
            until: the newest action that it covers.
            pages: the page counts that it covers; actions that have left the window since stay counted.
        """
        self.prose = [text[:MAX_PROSE]]
        self.covers_until = max(self.covers_until, _PLACE(until))
        self.pages = dict(Counter(self.pages) - Counter(pages))

    def apply(self, payload: SummaryPayload, window: Sequence[SlimAction]) -> bool:
        """Add a summary by the connector. It covers the oldest actions that the prose does not cover yet.

        If it does not say how many actions it replaces, it covers everything up to the time when it was sent.
        It never covers later actions.

        Args:
            payload: the summary.
            window: the session's recent actions, oldest first.

        Returns:
            False if it changes nothing, because it is empty, known, or older than another summary.
        """
        text = payload.summary.strip()
        if not text or text[:MAX_PROSE] in self.prose:
            return False
        if payload.forwarded_at and payload.forwarded_at <= self.sent_at:
            return False
        self.sent_at = max(self.sent_at, payload.forwarded_at)
        self._cover(payload.replaces, payload.forwarded_at, window)
        self.prose = _bounded([*self.prose, text[:MAX_PROSE]])
        return True

    def _cover(self, count: int, sent_at: float, window: Sequence[SlimAction]) -> None:
        gone = sum(self.pages.values())
        open_actions = [a for a in self.uncovered(window) if not sent_at or a.timestamp_start <= sent_at]
        if 0 < count < gone:
            return  # it covers only some of the counted actions, so all counts stay
        self.pages = {}
        if count > 0:
            open_actions = open_actions[: count - gone]
        if open_actions:
            self.covers_until = _PLACE(open_actions[-1])


def session_context(
    summary: RollingSummary | None, window: Sequence[SlimAction], newest: int
) -> SessionContext:
    """Return the text of a session.

    Args:
        summary: the session's summary; None if it has none.
        window: its recent actions, oldest first.
        newest: maximum number of actions to list one by one.

    Returns:
        Prose and digest, and the actions after them; empty only if the session is empty.
    """
    uncovered = summary.uncovered(window) if summary else window
    cut = max(len(uncovered) - newest, 0)
    pages = Counter(summary.pages if summary else ())
    pages.update(action.canonical_url for action in uncovered[:cut])
    prose = summary.prose if summary else []
    return SessionContext("\n".join(filter(None, [*prose, _digest(pages)])), uncovered[cut:])


def _digest(pages: Counter[str]) -> str:
    total = sum(pages.values())
    if not total:
        return ""
    named = [(page, count) for page, count in pages.most_common() if page][:_MAX_PAGES_NAMED]
    counts = ", ".join(f"{count} on {page}" for page, count in named)
    rest = total - sum(count for _, count in named)
    elsewhere = f"{rest} elsewhere" if rest and named else ""
    where = ", ".join(filter(None, [counts, elsewhere]))
    return f"Before that, {total} action{'s' * (total > 1)}{f': {where}' if where else ''}."


def _bounded(paragraphs: list[str]) -> list[str]:
    """The newest paragraphs that fit."""
    kept = paragraphs[-_MAX_PARAGRAPHS:]
    while sum(map(len, kept)) > MAX_PROSE:
        kept = kept[1:]
    return kept
