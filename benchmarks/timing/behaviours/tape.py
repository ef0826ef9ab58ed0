"""Records one session while it is played: events, hidden states and needs."""

from __future__ import annotations

import math
from random import Random

from benchmarks.timing.apps import App, Step
from benchmarks.timing.labels import Event, Interval, Need, State

__all__ = ["Tape", "log_normal"]

_DIGITS = 1


def log_normal(luck: Random, median: float, shape: float, low: float, high: float) -> float:
    """Draw a log-normal time in seconds, kept between two limits."""
    return min(max(luck.lognormvariate(math.log(median), shape), low), high)


class Tape:
    """One session.

    Args:
        app: where it takes place.
        luck: the source of chance.
        start: epoch seconds.
    """

    def __init__(self, app: App, luck: Random, start: float) -> None:
        self.app, self.luck, self.now = app, luck, round(start, _DIGITS)
        self.page = ""
        self.seen: list[str] = []
        self.events: list[Event] = []
        self.intervals: list[Interval] = []
        self.needs: list[Need] = []
        self._need: Need | None = None

    def wait(self, seconds: float, state: State) -> None:
        """Let time pass in a hidden state."""
        start, self.now = self.now, round(self.now + max(seconds, 0.1), _DIGITS)
        last = self.intervals[-1] if self.intervals else None
        if last is not None and last.state is state:
            self.intervals[-1] = Interval(last.start, self.now, state)
        else:
            self.intervals.append(Interval(start, self.now, state))

    def go(self, page: str) -> None:
        """View a page, unless it is open already."""
        if page != self.page:
            self.page = page
            self.seen.append(page)
            name = page.strip("/").replace("/:id", " record") or "home"
            self._record("pageview", f"View {name}", "", "")

    def click(self, title: str, element: str = "", signal: str = "") -> None:
        """Click something on the open page."""
        self._record("click", title, element, signal)

    def perform(self, step: Step, typing_s: float, signal: str = "") -> None:
        """Carry out a step on the open page; writing takes time in the state ``typing``."""
        if step.writes:
            self._record("focus", f"Focus {step.label}", step.element, "")
            self.wait(typing_s, State.TYPING)
            self._record("type", step.title, step.element, signal)
        else:
            self.click(step.title, step.element, signal)

    def begin_need(self, workflow: str, loss: float = 1.0) -> None:
        """From now on the user would accept help."""
        self._need = Need(self.now, math.inf, workflow, loss)

    def end_need(self, *, gave_up: bool = False) -> None:
        """From now on the user would not accept help any more."""
        need, self._need = self._need, None
        if need is not None and self.now > need.start:
            self.needs.append(Need(need.start, self.now, need.workflow, need.loss, gave_up))

    def _record(self, kind: str, title: str, element: str, signal: str) -> None:
        self.events.append(Event(self.now, kind, self.app.url(self.page), title, element, signal))
