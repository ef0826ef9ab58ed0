"""A session's window: the recent actions that triggers see, in order of their own time."""

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
#: Actions of the same moment, such as a click and its page view, are ordered by the source's index.
_PLACE = attrgetter("timestamp_start", "index")


class ActionWindow(msgspec.Struct, gc=False, eq=False):
    """Actions sorted by timestamp, without duplicates, bounded by age and number.

    The same action may arrive twice: in a batch that is sent again, in overlapping polls, or in a replay
    after a restart. It is recognised by its event id, or if the source gives none, by its timestamps, index,
    type, title and URL.

    Args:
        lookback_s: actions that began more than this before the newest one are dropped.
        max_actions: maximum number of actions; the oldest are dropped.
    """

    _lookback_s: float
    _max_actions: int
    # The garbage collector does not track a tuple of untracked objects. A full collection over the lists of
    # 100,000 sessions would stop the event loop for half a second.
    _actions: tuple[SlimAction, ...] = ()
    #: Ids of the newest events, in order of arrival, eight bytes each; None if there are none.
    _event_ids: array[int] | None = None
    _left: tuple[SlimAction, ...] = ()

    def __len__(self) -> int:
        return len(self._actions)

    @property
    def actions(self) -> tuple[SlimAction, ...]:
        """All actions in the window, oldest first."""
        return self._actions

    @property
    def newest(self) -> SlimAction | None:
        """The action with the latest timestamp."""
        return self._actions[-1] if self._actions else None

    def add(self, action: SlimAction, event_id: int = 0) -> bool:
        """Insert an action by its time.

        Args:
            action: the action; its texts are replaced by equal texts of other actions, to share memory.
            event_id: 64-bit id of its event; 0 for none.

        Returns:
            False if the window already has it, or if it is too old for the window.
        """
        if event_id and not self._is_new_event(event_id):
            return False
        actions, start = self._actions, action.timestamp_start
        if not actions or start > actions[-1].timestamp_start:
            self._actions = (*actions, _shared(action))
            self._trim()
            return True
        if not self.is_new(action):
            return False
        place = bisect_right(actions, _PLACE(action), key=_PLACE)
        self._actions = (*actions[:place], _shared(action), *actions[place:])
        self._trim()
        return True

    def extend(self, actions: Sequence[SlimAction], event_ids: Sequence[int] = ()) -> None:
        """Add actions that are newer than all in the window.

        Args:
            actions: in order of time, each later than the one before.
            event_ids: the 64-bit ids of their events, none of which the window has; empty if they have none.
        """
        self._actions += tuple(actions)
        self._trim()
        if event_ids:
            known = self._event_ids = self._event_ids or array("Q")
            known.extend(event_ids)
            del known[: -self._max_actions]

    def _is_new_event(self, event_id: int) -> bool:
        """Record an event's id; False if it is known, even if its action has left the window."""
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
            self._drop_oldest(bisect_left(actions, oldest, key=_START))
        if len(self._actions) > self._max_actions:
            self._drop_oldest(len(self._actions) - self._max_actions)

    def _drop_oldest(self, count: int) -> None:
        self._left += self._actions[:count]
        self._actions = self._actions[count:]

    def pop_left(self) -> tuple[SlimAction, ...]:
        """Return the actions that were dropped since the last call, oldest first."""
        left, self._left = self._left, ()
        return left

    def is_new(self, action: SlimAction) -> bool:
        """Whether ``add`` would insert an action without an event id."""
        actions, start = self._actions, action.timestamp_start
        if not actions or start > actions[-1].timestamp_start:
            return True
        place = bisect_right(actions, _PLACE(action), key=_PLACE)
        return not (
            self._has_twin(action, place)
            or start < actions[-1].timestamp_start - self._lookback_s
            or (place == 0 and len(actions) >= self._max_actions)
        )

    def new_among(self, actions: Sequence[SlimAction]) -> list[SlimAction]:
        """Return the actions that ``add`` would insert, by their texts and times, without duplicates."""
        if len(actions) == 1:
            return [action for action in actions if self.is_new(action)]
        new: dict[object, SlimAction] = {}
        for action in filter(self.is_new, actions):
            new.setdefault((action.timestamp_start, _identity(action)), action)
        return list(new.values())

    def between(self, after: float, now: float) -> tuple[SlimAction, ...]:
        """Return the actions later than ``after`` and within the lookback before ``now``, oldest first.

        Args:
            after: epoch seconds; actions at exactly this time are left out.
            now: epoch seconds.
        """
        actions, since = self._actions, now - self._lookback_s
        if not actions or after < actions[0].timestamp_start >= since:
            return actions
        first = max(bisect_right(actions, after, key=_START), bisect_left(actions, since, key=_START))
        return actions[first:]

    def last(self, count: int) -> tuple[SlimAction, ...]:
        """Return the newest ``count`` actions, oldest first."""
        return self._actions[-count:]

    def event_ids(self) -> list[int]:
        """Return the 64-bit ids of the newest events, in order of arrival."""
        return self._event_ids.tolist() if self._event_ids is not None else []

    def restore(self, actions: Iterable[SlimAction], event_ids: Sequence[int]) -> None:
        """Restore another window's ``actions`` and ``event_ids()``."""
        self._actions = tuple(map(_shared, actions))
        self._event_ids = array("Q", event_ids) if event_ids else None

    def clear(self) -> None:
        """Forget everything."""
        self._actions = self._left = ()
        self._event_ids = None

    def page(self) -> str:
        """Canonical URL of the newest action that has one; empty if none has."""
        # This runs at every event, and the newest action nearly always has one; a generator would cost more.
        for action in reversed(self._actions):
            if action.canonical_url:
                return action.canonical_url
        return ""


def _identity(action: SlimAction) -> tuple[float, int, str, str, str]:
    return (action.timestamp_end, action.index, action.type, action.title, action.canonical_url)


def _shared(action: SlimAction) -> SlimAction:
    """Let equal texts of all sessions share their memory, because titles and URLs repeat often."""
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
