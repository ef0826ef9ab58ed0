"""Conditions on the current page and the time spent: ``on_page``, ``dwell``, ``idle``."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import takewhile

from rasa_autoplay.engine.matching.matcher import ActionMatcher, MatchCache
from rasa_autoplay.engine.matching.patterns import PagePattern
from rasa_autoplay.engine.triggers.course import Course
from rasa_autoplay.engine.triggers.firing_reasons import ConditionResult
from rasa_autoplay.engine.triggers.interest import ANYTHING, PAGE, Interest
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.formatting import lasting, seconds
from rasa_autoplay.engine.triggers.rules.view import RuleView
from rasa_autoplay.events.models import SlimAction

__all__ = ["Dwell", "Idle", "OnPage"]


class OnPage(Condition):
    """The current page matches.

    Args:
        page: the page to match.
    """

    def __init__(self, page: PagePattern) -> None:
        there = ActionMatcher({"page": page})
        super().__init__(
            f"on_page {page.text}",
            f"the user is on {page.text}",
            Interest(on_navigation=frozenset({there}), fields=there.fields),
            interest_in_end=PAGE,
        )
        self._page = page
        self._matches = MatchCache(page)

    def holds(self, view: RuleView) -> bool:
        """Whether the user is on the page."""
        page = view.page
        return bool(page) and self._matches[page]

    def possible_at(self, course: Course, _after: float, since: float) -> float:
        """Return when the user is on the page."""
        times, places = course.stays
        for number in range(max(course.stay_at(since), 0), len(times)):
            if self._matches[course.actions[places[number]].canonical_url]:
                return max(since, times[number])
        return math.inf

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``page is /dashboard, needs /projects``."""
        page = view.page or "unknown"
        return self.make_result(
            view, f"page is {page}" + ("" if self.holds(view) else f", needs {self._page.text}")
        )


class Dwell(Condition):
    """The user has been on the current page for a given time, and has done little there.

    Args:
        at_least_s: time since the first action on the page, in seconds.
        max_actions: a user with more actions on the page is busy; None for no limit.
    """

    def __init__(self, at_least_s: float, max_actions: int | None = None) -> None:
        busy = "" if max_actions is None else f" with at most {max_actions} actions"
        # A stay begins only with a page change; any action can make the user busy.
        super().__init__(
            f"dwell {seconds(at_least_s)}{busy}",
            f"the user has been on the page for {lasting(at_least_s)}{busy and f',{busy} there'}",
            PAGE,
            interest_in_end=ANYTHING if max_actions else PAGE,
        )
        self._at_least_s, self._max_actions = at_least_s, max_actions

    def _stay(self, view: RuleView) -> Sequence[SlimAction]:
        """Return the actions since the user came to the current page, newest first."""
        page = view.page
        if not page:
            return []
        here = (page, "")
        stay = list(takewhile(lambda action: action.canonical_url in here, reversed(view.evidence)))
        while stay and not stay[-1].canonical_url:
            stay.pop()  # the page of these earlier actions is unknown
        return stay

    def _busy(self, stay: Sequence[SlimAction]) -> bool:
        return self._is_busy_with(len(stay))

    def _is_busy_with(self, actions: int) -> bool:
        return self._max_actions is not None and actions > self._max_actions

    def _since(self, view: RuleView) -> float | None:
        """Return since when the user has been on the page; None if that is unknown or the user is busy."""
        stay = self._stay(view)
        return stay[-1].timestamp_start if stay and not self._busy(stay) else None

    def holds(self, view: RuleView) -> bool:
        """Whether the time has passed."""
        since = self._since(view)
        return since is not None and view.now >= since + self._at_least_s

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return when a stay has lasted long enough, and the user is not busy."""
        times, window = course.times, course.window
        if window is None:
            return since
        first_evidence = bisect_right(times, after)
        newest = max(first_evidence, bisect_right(times, since) - 1, 0)
        while newest < len(times):
            oldest = max(first_evidence, course.first_seen(newest, window))
            first = self._first_of_stay(course, oldest, newest)
            if first is not None:
                at = max(since, times[first] + self._at_least_s)
                # A timer that is due at the time of an action comes before it.
                if newest + 1 < len(times) and at > times[newest + 1]:
                    # Later stays begin later, so none lasts long enough before that time.
                    newest = max(newest, bisect_left(times, at) - 2)
                elif not self._is_busy_with(newest + 1 - first):
                    return max(at, times[newest])
            newest += 1
        return math.inf

    def _first_of_stay(self, course: Course, oldest: int, newest: int) -> int | None:
        """Return the place of the first action of a stay; None if its page is not known.

        Args:
            course: all actions of the session.
            oldest: the place of the first action that counts.
            newest: the place of the stay's newest action.
        """
        stay = course.stay_at(course.times[newest])
        if stay < 0:
            return None
        first = max(course.stays[1][stay], oldest)
        return next(
            (place for place in range(first, newest + 1) if course.actions[place].canonical_url), None
        )

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Return when the stay will be long enough if nothing happens."""
        since = self._since(view)
        return None if since is None else since + self._at_least_s

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``on the page for 42 of 60 s``."""
        stay = self._stay(view)
        if not stay:
            return self.make_result(view, "no action on a known page yet", 0.0, self._at_least_s)
        lasted = max(view.now - stay[-1].timestamp_start, 0.0)
        finding = f"on the page for {lasted:.0f} of {seconds(self._at_least_s)}"
        if self._busy(stay):
            finding += f", but with {len(stay)} actions there (at most {self._max_actions})"
        return self.make_result(view, finding, lasted, self._at_least_s)


class Idle(Condition):
    """The user has done nothing for a given time.

    Args:
        at_least_s: time since the newest action began, in seconds.
    """

    def __init__(self, at_least_s: float) -> None:
        # An action only postpones the time at which this holds: a running timer finds that out itself.
        super().__init__(
            f"idle {seconds(at_least_s)}",
            f"the user has done nothing for {lasting(at_least_s)}",
            interest_in_end=ANYTHING,
        )
        self._at_least_s = at_least_s

    def _since(self, view: RuleView) -> float | None:
        return view.evidence[-1].timestamp_start if view.evidence else None

    def holds(self, view: RuleView) -> bool:
        """Whether the time has passed."""
        since = self._since(view)
        return since is not None and view.now >= since + self._at_least_s

    def possible_at(self, course: Course, after: float, since: float) -> float:
        """Return when the user has done nothing for so long."""
        if course.window is None:
            return since
        times = course.times
        first = max(bisect_right(times, after), bisect_right(times, since) - 1, 0)
        for place in range(first, len(times)):
            at = max(since, times[place] + self._at_least_s)
            # A timer that is due at the time of an action comes before it.
            if place + 1 == len(times) or at <= times[place + 1]:
                return at
        return math.inf

    def becomes_true_at(self, view: RuleView) -> float | None:
        """Return when the time will have passed if nothing happens."""
        since = self._since(view)
        return None if since is None else since + self._at_least_s

    def result(self, view: RuleView) -> ConditionResult:
        """Return a finding such as ``idle for 12 of 30 s``."""
        since = self._since(view)
        if since is None:
            return self.make_result(view, "no action yet")
        lasted = max(view.now - since, 0.0)
        return self.make_result(
            view, f"idle for {lasted:.0f} of {seconds(self._at_least_s)}", lasted, self._at_least_s
        )
