"""Where the user is, and for how long: ``on_page``, ``dwell``, ``idle``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from rasa_autoplay.engine.matching.matcher import ActionMatcher, Answers
from rasa_autoplay.engine.matching.patterns import PagePattern
from rasa_autoplay.engine.triggers.explanation import ConditionResult
from rasa_autoplay.engine.triggers.interest import ANYTHING, PAGE, Interest
from rasa_autoplay.engine.triggers.rules.base import Condition
from rasa_autoplay.engine.triggers.rules.formatting import seconds
from rasa_autoplay.engine.triggers.rules.view import RuleView
from rasa_autoplay.events.models import SlimAction

__all__ = ["Dwell", "Idle", "OnPage"]


class OnPage(Condition):
    """The current page matches.

    Args:
        page: which page.
    """

    def __init__(self, page: PagePattern) -> None:
        there = ActionMatcher({"page": page})
        super().__init__(
            f"on_page {page.text}",
            Interest(arriving=frozenset({there}), fields=there.fields),
            interest_in_end=PAGE,
        )
        self._page = page
        self._answers = Answers(page)

    def holds(self, view: RuleView) -> bool:
        """Whether the user is there."""
        page = view.page
        return bool(page) and self._answers[page]

    def verdict(self, view: RuleView) -> ConditionResult:
        """``page is /dashboard, needs /projects``."""
        page = view.page or "unknown"
        return self.told(view, f"page is {page}" + ("" if self.holds(view) else f", needs {self._page.text}"))


class Dwell(Condition):
    """The user has been on the current page for so long, and did no more than so much there.

    Args:
        at_least_s: how long, from the first action there until now.
        max_actions: with more actions there, the user is busy; None for any number.
    """

    def __init__(self, at_least_s: float, max_actions: int | None = None) -> None:
        busy = "" if max_actions is None else f" with at most {max_actions} actions"
        # Only a move begins a stay; any action can make it a busy one.
        super().__init__(
            f"dwell {seconds(at_least_s)}{busy}", PAGE, interest_in_end=ANYTHING if max_actions else PAGE
        )
        self._at_least_s, self._max_actions = at_least_s, max_actions

    def _stay(self, view: RuleView) -> Sequence[SlimAction]:
        """The last actions, newest first, back to the first on the current page since another."""
        page = view.page
        if not page:
            return []
        here = (page, "")
        stay = list(takewhile(lambda action: action.canonical_url in here, reversed(view.evidence)))
        while stay and not stay[-1].canonical_url:
            stay.pop()  # where the user was before is not known
        return stay

    def _busy(self, stay: Sequence[SlimAction]) -> bool:
        return self._max_actions is not None and len(stay) > self._max_actions

    def _since(self, view: RuleView) -> float | None:
        """Since when the user has been there; None when nowhere, or busy."""
        stay = self._stay(view)
        return stay[-1].timestamp_start if stay and not self._busy(stay) else None

    def holds(self, view: RuleView) -> bool:
        """Whether it was long enough."""
        since = self._since(view)
        return since is not None and view.now >= since + self._at_least_s

    def becomes_true_at(self, view: RuleView) -> float | None:
        """When the present stay, if nothing happens, has lasted long enough."""
        since = self._since(view)
        return None if since is None else since + self._at_least_s

    def verdict(self, view: RuleView) -> ConditionResult:
        """``on the page for 42 of 60 s``."""
        stay = self._stay(view)
        if not stay:
            return self.told(view, "nothing was done on a page", 0.0, self._at_least_s)
        lasted = max(view.now - stay[-1].timestamp_start, 0.0)
        finding = f"on the page for {lasted:.0f} of {seconds(self._at_least_s)}"
        if self._busy(stay):
            finding += f", but {len(stay)} actions there, at most {self._max_actions} are quiet"
        return self.told(view, finding, lasted, self._at_least_s)


class Idle(Condition):
    """Nothing has happened for so long.

    Args:
        at_least_s: how long, from the beginning of the newest action until now.
    """

    def __init__(self, at_least_s: float) -> None:
        # An action only puts it off: whoever waits for it already finds that out when the time has come.
        super().__init__(f"idle {seconds(at_least_s)}", interest_in_end=ANYTHING)
        self._at_least_s = at_least_s

    def _since(self, view: RuleView) -> float | None:
        return view.evidence[-1].timestamp_start if view.evidence else None

    def holds(self, view: RuleView) -> bool:
        """Whether it was long enough."""
        since = self._since(view)
        return since is not None and view.now >= since + self._at_least_s

    def becomes_true_at(self, view: RuleView) -> float | None:
        """When, if nothing happens, it will have been long enough."""
        since = self._since(view)
        return None if since is None else since + self._at_least_s

    def verdict(self, view: RuleView) -> ConditionResult:
        """``idle for 12 of 30 s``."""
        since = self._since(view)
        if since is None:
            return self.told(view, "nothing has happened that could be followed by silence")
        lasted = max(view.now - since, 0.0)
        return self.told(
            view, f"idle for {lasted:.0f} of {seconds(self._at_least_s)}", lasted, self._at_least_s
        )
