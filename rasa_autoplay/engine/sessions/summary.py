"""What stands for the part of a session's past that is no longer told action by action.

Triggers look at the window, and no summary takes anything from it. This is for whoever explains: prose where
somebody has written some (the vendor's connector, or a language model), else a digest that needs no model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

import msgspec

from rasa_autoplay.events.models import SlimAction, SummaryPayload

__all__ = ["NOTHING_KNOWN", "RollingSummary", "SessionContext", "session_context"]

#: Of one moment, the source's own count decides, as in the window.
_PLACE = attrgetter("timestamp_start", "index")
_NOTHING_COVERED = (0.0, 0)

MAX_PROSE = 4_000
_MAX_PARAGRAPHS = 8
_MAX_PAGES = 24
_PAGES_TOLD = 6


class SessionContext(msgspec.Struct, frozen=True):
    """A session as one reads it.

    Args:
        text: what stands for all that lies before ``actions``; empty when nothing does.
        actions: told one by one, oldest first.
    """

    text: str
    actions: Sequence[SlimAction]

    def to_text(self) -> str:
        """The text, then one line an action."""
        return "\n".join([*filter(None, [self.text]), *(a.description or a.title for a in self.actions)])


NOTHING_KNOWN = SessionContext("", ())


class RollingSummary(msgspec.Struct):
    """A session's past, in short. Made when it is first needed: most sessions are too short for one.

    Args:
        prose: paragraphs, oldest first.
        covers_until: place (timestamp, index) of the newest action that the prose stands for.
        told_at: when the newest summary of the connector's was sent, epoch seconds.
        pages: how many actions on which page have left the window without being in the prose.
        asked_at_count: the session's number of actions when a model was last asked for a text.
    """

    prose: list[str] = []
    covers_until: tuple[float, int] = _NOTHING_COVERED
    told_at: float = 0.0
    pages: dict[str, int] = {}
    asked_at_count: int = 0

    @property
    def newest(self) -> str:
        """The newest paragraph; empty without one."""
        return self.prose[-1] if self.prose else ""

    def past(self) -> str:
        """What has no action in the window any more, or is in the prose."""
        return session_context(self, (), 0).text

    def keep_count(self, actions: Iterable[SlimAction]) -> None:
        """Actions leave the window: what no prose stands for is counted by page."""
        for action in actions:
            if _PLACE(action) > self.covers_until:
                page = action.canonical_url
                if page not in self.pages and len(self.pages) >= _MAX_PAGES:
                    page = ""
                self.pages[page] = self.pages.get(page, 0) + 1

    def uncovered(self, actions: Sequence[SlimAction]) -> Sequence[SlimAction]:
        """Those of a window's actions that no prose stands for, oldest first."""
        if self.covers_until == _NOTHING_COVERED:
            return actions
        return [action for action in actions if _PLACE(action) > self.covers_until]

    def rewrite(self, text: str, until: SlimAction, pages: Mapping[str, int]) -> None:
        """Let a text stand for the past, the former prose included.

        Args:
            text: the prose from now on.
            until: the newest action that it knows of.
            pages: the counts that it knows of; what has left the window since then stays counted.
        """
        self.prose = [text[:MAX_PROSE]]
        self.covers_until = max(self.covers_until, _PLACE(until))
        self.pages = dict(Counter(self.pages) - Counter(pages))

    def take(self, payload: SummaryPayload, window: Sequence[SlimAction]) -> bool:
        """Let a summary of the connector's stand for what it replaces: the oldest that no prose stands for.

        Without a count of them it stands for all that had happened when it was sent. It never reaches beyond
        that time: what came later cannot be in it.

        Args:
            payload: the summary.
            window: the session's recent actions, oldest first.

        Returns:
            False when it changes nothing: it is empty, has been here, or is older than another.
        """
        text = payload.summary.strip()
        if not text or text[:MAX_PROSE] in self.prose:
            return False
        if payload.forwarded_at and payload.forwarded_at <= self.told_at:
            return False
        self.told_at = max(self.told_at, payload.forwarded_at)
        self._cover(payload.replaces, payload.forwarded_at, window)
        self.prose = _bounded([*self.prose, text[:MAX_PROSE]])
        return True

    def _cover(self, count: int, sent_at: float, window: Sequence[SlimAction]) -> None:
        gone = sum(self.pages.values())
        open_actions = [a for a in self.uncovered(window) if not sent_at or a.timestamp_start <= sent_at]
        if 0 < count < gone:
            return  # it stands for a part of what is only counted by now: the counts stay beside it
        self.pages = {}
        if count > 0:
            open_actions = open_actions[: count - gone]
        if open_actions:
            self.covers_until = _PLACE(open_actions[-1])


def session_context(
    summary: RollingSummary | None, window: Sequence[SlimAction], newest: int
) -> SessionContext:
    """What to read of a session.

    Args:
        summary: of the session; None while it has none.
        window: its recent actions, oldest first.
        newest: how many actions are told one by one, at most.

    Returns:
        Prose and digest, and the actions after them: empty only where the session is.
    """
    told = summary.uncovered(window) if summary else window
    cut = max(len(told) - newest, 0)
    pages = Counter(summary.pages if summary else ())
    pages.update(action.canonical_url for action in told[:cut])
    prose = summary.prose if summary else []
    return SessionContext("\n".join(filter(None, [*prose, _digest(pages)])), told[cut:])


def _digest(pages: Counter[str]) -> str:
    total = sum(pages.values())
    if not total:
        return ""
    named = [(page, count) for page, count in pages.most_common() if page][:_PAGES_TOLD]
    told = ", ".join(f"{count} on {page}" for page, count in named)
    rest = total - sum(count for _, count in named)
    elsewhere = f"{rest} elsewhere" if rest and named else ""
    where = ", ".join(filter(None, [told, elsewhere]))
    return f"Before that, {total} action{'s' * (total > 1)}{f': {where}' if where else ''}."


def _bounded(paragraphs: list[str]) -> list[str]:
    """The newest paragraphs that fit."""
    kept = paragraphs[-_MAX_PARAGRAPHS:]
    while sum(map(len, kept)) > MAX_PROSE:
        kept = kept[1:]
    return kept
