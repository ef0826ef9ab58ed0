"""What was really captured: titles, pages, elements and properties, with counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from rasa_autoplay.common.runtime.timers import TimeSlice
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.events.models import SlimAction

__all__ = ["CapturedWords", "live_words"]

_MAX_WORDS = 200
_MAX_DIFFERENT = 5_000
_MAX_SESSIONS = 300
_FIELDS: Mapping[str, str] = {
    "page": "canonical_url",
    "element_id": "element_id",
    "type": "type",
    "signal": "signal",
}
#: The first word of a title that the capture adds.
_VERBS = frozenset({"click", "clicked", "submit", "submitted", "type", "typed", "focus", "change", "view"})


class CapturedWords:
    """Counts words. Beyond a number of different ones, only those that are known already are counted."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add_moments(self, moments: Iterable[Moment]) -> None:
        """Count a recording."""
        for _, payload, _ in moments:
            self.add(payload.actions)
            self.add_properties(payload.properties or {})

    def add(self, actions: Iterable[SlimAction]) -> None:
        """Count actions."""
        for action in actions:
            self._count("title", _without_verb(action.title))
            for name, field in _FIELDS.items():
                self._count(name, getattr(action, field))

    def add_properties(self, properties: Mapping[str, object]) -> None:
        """Count the properties of a user."""
        for name in properties:
            self._count("property", name)

    def _count(self, kind: str, word: str) -> None:
        counts = self._counts[kind]
        if word and (word in counts or len(counts) < _MAX_DIFFERENT):
            counts[word] += 1

    def joined(self, other: Mapping[str, Any]) -> dict[str, Any]:
        """Return these words with others; what was recorded is often live too, so the larger count counts.

        Args:
            other: the result of :meth:`as_json`.
        """
        both = CapturedWords()
        for kind, counts in self._counts.items():
            both._counts[kind].update(counts)
        for kind, words in other.items():
            for each in words:
                both._counts[kind][each["word"]] = max(both._counts[kind][each["word"]], each["count"])
        return both.as_json()

    def as_json(self) -> dict[str, Any]:
        """Return the most frequent words of each kind, with their counts."""
        return {
            kind: [{"word": word, "count": count} for word, count in counts.most_common(_MAX_WORDS)]
            for kind, counts in sorted(self._counts.items())
        }


async def live_words(sessions: Iterable[Session]) -> CapturedWords:
    """Count the actions of live sessions, and let other tasks run in between.

    Args:
        sessions: the live sessions, the one idle longest first; the newest 300 are counted.
    """
    words, time_slice = CapturedWords(), TimeSlice()
    for session in list(sessions)[-_MAX_SESSIONS:]:
        words.add(session.window.actions)
        words.add_properties(session.properties or {})
        await time_slice.yield_if_due()
    return words


def _without_verb(title: str) -> str:
    first, _, rest = title.partition(" ")
    return rest.strip() if rest and first.lower() in _VERBS else title.strip()
