"""The course of a session: all its actions, known in advance because they are recorded."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rasa_autoplay.engine.matching.matcher import ActionMatcher
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.settings.engine import WindowSettings

__all__ = ["Course"]


class Course:
    """All actions of a session, and what rules look for in them again and again.

    Args:
        actions: in order of time.
        window: how much of the past triggers see. None if the engine may have seen other actions too, or may
            have left some out, or derives more failure signals: then the course shows only what cannot be.
    """

    __slots__ = ("_matching", "_stays", "actions", "times", "window")

    def __init__(self, actions: Sequence[SlimAction], window: WindowSettings | None = None) -> None:
        self.actions, self.window = actions, window
        #: When each action began, epoch seconds.
        self.times = [action.timestamp_start for action in actions]
        self._matching: dict[ActionMatcher, list[float]] = {}
        self._stays: tuple[list[float], list[int]] | None = None

    def shows(self, *matchers: ActionMatcher) -> bool:
        """Whether the actions have all the fields that these matchers read."""
        return self.window is not None or not any("signal" in matcher.fields for matcher in matchers)

    def matching(self, matcher: ActionMatcher) -> list[float]:
        """Return when the matching actions began, epoch seconds."""
        found = self._matching.get(matcher)
        if found is None:
            found = [action.timestamp_start for action in matcher.select(self.actions)]
            self._matching[matcher] = found
        return found

    def enough(
        self, matcher: ActionMatcher, at_least: int, within_s: float, after: float, since: float
    ) -> float:
        """Return from when on enough matching actions are close enough together.

        Args:
            matcher: the actions to count.
            at_least: the number required.
            within_s: how far to look back, in seconds.
            after: only later actions count, epoch seconds.
            since: the earliest time to return, epoch seconds.

        Returns:
            Epoch seconds; infinity for never.
        """
        if not self.shows(matcher):
            return since
        times = self.matching(matcher)
        first = max(bisect_right(times, after), bisect_left(times, since - within_s))
        for last in range(first + at_least - 1, len(times)):
            if times[last] - times[last - at_least + 1] <= within_s:
                return max(since, times[last])
        return math.inf

    @property
    def stays(self) -> tuple[list[float], list[int]]:
        """When each stay on a page began, epoch seconds, and the place of its first action.

        An action without a page belongs to the stay before it.
        """
        if self._stays is None:
            self._stays = times, places = [], []
            page = ""
            for place, action in enumerate(self.actions):
                if action.canonical_url != page and action.canonical_url:
                    page = action.canonical_url
                    times.append(action.timestamp_start)
                    places.append(place)
        return self._stays

    def first_seen(self, newest: int, window: WindowSettings) -> int:
        """Return the place of the first action that triggers see while an action is the newest one.

        Args:
            newest: the place of that action.
            window: how much of the past triggers see.
        """
        oldest_at = self.times[newest] - window.lookback
        return max(bisect_left(self.times, oldest_at), newest + 1 - window.max_actions)

    def stay_at(self, at: float) -> int:
        """Return the number of the stay at a time (epoch seconds), from 0; -1 if no page is known yet."""
        return bisect_right(self.stays[0], at) - 1
