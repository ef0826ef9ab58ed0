"""The timelines of sessions: what the user and the copilot did, and where the page shows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, groupby
from typing import Any

from rasa_autoplay.engine.replay.comparison import Comparison
from rasa_autoplay.engine.replay.results import Outcome, SessionStory
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.tools.simulation.html.entries import KINDS, Entry, entries_of
from rasa_autoplay.tools.simulation.html.formatting import grouped, plural

__all__ = ["Timeline", "timelines_of"]

#: A run of ordinary actions longer than ``_RUN`` shows its first ``_HEAD`` and last ``_TAIL`` actions.
_RUN, _HEAD, _TAIL = 8, 3, 2
_SINGULARS = {"fire": "offer", "withheld": "withheld offer", "near": "near miss"}
#: The hues of the pages, used in turn.
_HUES = (212, 152, 32, 282, 186, 340, 96, 248)


@dataclass(frozen=True)
class Timeline:
    """One session's recording and entries.

    Args:
        story: the recording.
        entries: the entries, in order of time.
    """

    story: SessionStory
    entries: list[Entry]

    @property
    def began_at(self) -> float:
        """When the session began, in epoch seconds."""
        return self.story.times[0]

    @cached_property
    def ended_at(self) -> float:
        """The time of the last action or entry, in epoch seconds."""
        return max(self.story.times[-1], *(entry.at for entry in self.entries), self.began_at + 1)

    @property
    def badges(self) -> Iterator[tuple[str, str]]:
        """Each kind of entry with a text that counts them."""
        counts = Counter(entry.kind for entry in self.entries)
        names = {**KINDS, "newly": "new", "lost": "dropped"}
        for kind in filter(counts.get, KINDS):
            count, singular = counts[kind], _SINGULARS.get(kind)
            yield kind, plural(count, singular) if singular else f"{grouped(count)} {names[kind]}"

    @cached_property
    def hues(self) -> dict[str, int]:
        """The hue of each page."""
        return dict(zip(dict.fromkeys(action.canonical_url for action in self.story.actions), cycle(_HUES)))

    @property
    def stays(self) -> Iterator[tuple[str, float, float]]:
        """The pages in order of time, each with the beginning and end of the stay, in epoch seconds."""
        arrivals = [
            (page, next(stay).timestamp_start) for page, stay in groupby(self.story.actions, _page_of)
        ]
        ends = [*(at for _, at in arrivals[1:]), self.ended_at]
        return ((page, begins, ends_at) for (page, begins), ends_at in zip(arrivals, ends, strict=True))

    def percent(self, at: float, since: float | None = None) -> str:
        """Format the time since the session's beginning, or since another time, as a part of the whole."""
        seconds = at - (self.began_at if since is None else since)
        return f"{100 * seconds / (self.ended_at - self.began_at):.2f}%"

    @property
    def rows(self) -> Iterator[tuple[str, Any]]:
        """The rows of the list: a ``page``, an ``entry``, ``actions``, or ``folded`` actions."""
        page = None
        # Sorting is stable, so an entry comes after an action of the same time.
        both: list[SlimAction | Entry] = [*self.story.actions, *self.entries]
        both.sort(key=_time_of)
        for group, items in groupby(both, lambda each: None if isinstance(each, Entry) else _page_of(each)):
            if group is None:
                yield from (("entry", entry) for entry in items)
                continue
            if group != page:
                page = group
                yield "page", page
            yield from _folded(list(items))


def timelines_of(outcome: Outcome, comparison: Comparison | None) -> list[Timeline]:
    """Return every session with its entries, in order of their first action."""
    entries: dict[str, list[Entry]] = defaultdict(list)
    for session_id, entry in entries_of(outcome, comparison):
        entries[session_id].append(entry)
    return [
        Timeline(story, sorted(entries[session_id], key=_time_of))
        for (_, session_id), story in outcome.sessions.items()
    ]


def _folded(actions: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    if len(actions) <= _RUN:
        yield "actions", actions
        return
    yield "actions", actions[:_HEAD]
    yield "folded", actions[_HEAD:-_TAIL]
    yield "actions", actions[-_TAIL:]


def _page_of(action: SlimAction) -> str:
    return action.canonical_url


def _time_of(each: SlimAction | Entry) -> float:
    return each.at if isinstance(each, Entry) else each.timestamp_start
