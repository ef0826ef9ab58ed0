"""The part of a session's past that triggers look at: its recent actions, in order of their own time."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter

import msgspec

from rasa_autoplay.events.models import SlimAction

__all__ = ["ActionWindow"]

_START = attrgetter("timestamp_start")
#: Of one moment, such as a click and the page view that it brings, the source's own count decides.
_PLACE = attrgetter("timestamp_start", "index")


class ActionWindow(msgspec.Struct, gc=False, eq=False):
    """Actions sorted by timestamp, without duplicates, bounded by age and number.

    The same action arriving twice (a batch sent again, polls that overlap, a replay after a restart) is known
    by its event's id, or where the source gives none, by its timestamps, index, type, title and URL.

    Args:
        lookback_s: actions that began more than this before the newest are let go.
        max_actions: of the rest, the newest this many are kept.
    """

    _lookback_s: float
    _max_actions: int
    # A tuple of what the garbage collector does not track is not tracked either: a full collection over the
    # lists of 100,000 sessions would stop the event loop for half a second.
    _actions: tuple[SlimAction, ...] = ()
    #: Of the newest events, in order of arrival; None while there is none. Eight bytes each.
    _event_ids: array[int] | None = None
    _left: tuple[SlimAction, ...] = ()

    def __len__(self) -> int:
        return len(self._actions)

    @property
    def actions(self) -> tuple[SlimAction, ...]:
        """All of them, oldest first."""
        return self._actions

    @property
    def newest(self) -> SlimAction | None:
        """The action with the latest timestamp."""
        return self._actions[-1] if self._actions else None

    def add(self, action: SlimAction, event_id: int = 0) -> bool:
        """Put an action in its place.

        Args:
            action: kept as it is; its texts are shared with equal ones.
            event_id: 64 bits that name its event; 0 for none.

        Returns:
            False when it is already here, or older than what the window keeps.
        """
        if event_id and not self._is_new_event(event_id):
            return False
        actions, start = self._actions, action.timestamp_start
        if not actions or start > actions[-1].timestamp_start:
            self._actions = (*actions, _shared(action))
            self._trim()
            return True
        if not self.is_news(action):
            return False
        place = bisect_right(actions, _PLACE(action), key=_PLACE)
        self._actions = (*actions[:place], _shared(action), *actions[place:])
        self._trim()
        return True

    def _is_new_event(self, event_id: int) -> bool:
        """Note an event; False when it has been here, be it that its action has left the window."""
        event_ids = self._event_ids
        if event_ids is None:
            event_ids = self._event_ids = array("Q")
        elif event_id in event_ids:
            return False
        event_ids.append(event_id)
        if len(event_ids) > self._max_actions:
            del event_ids[0]
        return True

    def _has_twin(self, action: SlimAction, place: int) -> bool:
        identity = _identity(action)
        while place and _PLACE(self._actions[place - 1]) == _PLACE(action):
            place -= 1
            if _identity(self._actions[place]) == identity:
                return True
        return False

    def _trim(self) -> None:
        actions = self._actions
        if actions[0].timestamp_start < actions[-1].timestamp_start - self._lookback_s:
            oldest = actions[-1].timestamp_start - self._lookback_s
            self._let_go(bisect_left(actions, oldest, key=_START))
        if len(self._actions) > self._max_actions:
            self._let_go(len(self._actions) - self._max_actions)

    def _let_go(self, count: int) -> None:
        self._left += self._actions[:count]
        self._actions = self._actions[count:]

    def pop_left(self) -> tuple[SlimAction, ...]:
        """The actions that were let go since this was last asked, oldest first."""
        left, self._left = self._left, ()
        return left

    def is_news(self, action: SlimAction) -> bool:
        """Whether ``add`` would take it."""
        actions, start = self._actions, action.timestamp_start
        if not actions or start > actions[-1].timestamp_start:
            return True
        place = bisect_right(actions, _PLACE(action), key=_PLACE)
        return not (
            self._has_twin(action, place)
            or start < actions[-1].timestamp_start - self._lookback_s
            or (place == 0 and len(actions) >= self._max_actions)
        )

    def news_of(self, actions: Iterable[SlimAction]) -> list[SlimAction]:
        """Those that ``add`` would take, as far as texts and times tell; of twins the first."""
        news: dict[object, SlimAction] = {}
        for action in filter(self.is_news, actions):
            news.setdefault((action.timestamp_start, _identity(action)), action)
        return list(news.values())

    def between(self, after: float, now: float) -> tuple[SlimAction, ...]:
        """The actions later than ``after`` and within the lookback that ends ``now``, oldest first.

        Args:
            after: epoch seconds; what happened at this very time is left out.
            now: epoch seconds.
        """
        actions, since = self._actions, now - self._lookback_s
        if not actions or after < actions[0].timestamp_start >= since:
            return actions
        first = max(bisect_right(actions, after, key=_START), bisect_left(actions, since, key=_START))
        return actions[first:]

    def last(self, count: int) -> tuple[SlimAction, ...]:
        """The newest so many actions, oldest first."""
        return self._actions[-count:]

    def event_ids(self) -> list[int]:
        """64 bits of each of the newest events that had a name, in order of arrival."""
        return self._event_ids.tolist() if self._event_ids is not None else []

    def restore(self, actions: Iterable[SlimAction], event_ids: Sequence[int]) -> None:
        """Become what another window was: its ``actions`` and its ``event_ids()``."""
        self._actions = tuple(map(_shared, actions))
        self._event_ids = array("Q", event_ids) if event_ids else None

    def clear(self) -> None:
        """Forget everything."""
        self._actions = self._left = ()
        self._event_ids = None

    def page(self) -> str:
        """Canonical URL of the newest action that has one; empty when none has."""
        # Asked at every event, and nearly always answered by the newest: a generator would cost more.
        for action in reversed(self._actions):
            if action.canonical_url:
                return action.canonical_url
        return ""


def _identity(action: SlimAction) -> tuple[float, int, str, str, str]:
    return (action.timestamp_end, action.index, action.type, action.title, action.canonical_url)


def _shared(action: SlimAction) -> SlimAction:
    """Let equal texts of all sessions share their memory: titles and URLs repeat without end."""
    action.title = sys.intern(action.title)
    action.description = sys.intern(action.description)
    action.canonical_url = sys.intern(action.canonical_url)
    action.raw_url = sys.intern(action.raw_url)
    action.type = sys.intern(action.type)
    action.element_id = sys.intern(action.element_id)
    action.signal = sys.intern(action.signal)
    if action.timestamp_end == action.timestamp_start:
        action.timestamp_end = action.timestamp_start
    return action
