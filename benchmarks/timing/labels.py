"""Labelled sessions: what was seen, and what the generator knows."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["Behaviour", "Event", "Interval", "Label", "LabelledSession", "Need", "State"]


class Behaviour(str, Enum):
    """How a user behaves in a session."""

    EXPERT = "expert"
    NOVICE = "novice"
    LOST = "lost"
    INTERRUPTED = "interrupted"
    MISLED = "misled"


class Label(str, Enum):
    """What an offer would be at a time."""

    WANTED = "help wanted now"
    WRONG_MOMENT = "wrong moment"
    NOT_NEEDED = "not needed"


class State(str, Enum):
    """The hidden state of a user."""

    DOING = "doing"
    TYPING = "typing"
    AWAY = "away"
    RESUMING = "resuming"
    PAUSING = "pausing"
    READING = "reading"
    STUDYING = "studying"
    EXPLORING = "exploring"
    STUCK = "stuck"
    LOST = "lost"
    FAILING = "failing"
    BETWEEN = "between"

    @property
    def label(self) -> Label:
        """The label of a stretch of time in this state."""
        return _LABELS[self]


_LABELS = {
    **dict.fromkeys((State.DOING, State.TYPING, State.AWAY, State.RESUMING), Label.WRONG_MOMENT),
    **dict.fromkeys((State.PAUSING, State.READING, State.STUDYING, State.EXPLORING), Label.NOT_NEEDED),
    **dict.fromkeys((State.STUCK, State.LOST, State.FAILING, State.BETWEEN), Label.WANTED),
}


@dataclass(frozen=True, slots=True)
class Event:
    """What a tracker sees of one act.

    Args:
        at: epoch seconds.
        type: ``pageview``, ``click``, ``focus`` or ``type``.
        page: the canonical URL.
        title: such as "Click Save changes".
        element: DOM id of the element; empty if unknown.
        signal: ``rage_click``, ``dead_click``, ``error`` or ``failed_request``; empty for an ordinary act.
    """

    at: float
    type: str
    page: str
    title: str
    element: str = ""
    signal: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time in one state: from ``start`` up to, but not including, ``end`` (epoch seconds)."""

    start: float
    end: float
    state: State


@dataclass(frozen=True, slots=True)
class Need:
    """A stretch of time in which the user would accept help.

    Args:
        start: epoch seconds.
        end: epoch seconds.
        workflow: id of the workflow that would help.
        loss: the seconds lost in each second.
        gave_up: whether it ended without success.
    """

    start: float
    end: float
    workflow: str
    loss: float = 1.0
    gave_up: bool = False


@dataclass(frozen=True, slots=True)
class LabelledSession:
    """One session.

    Args:
        id: the session's id.
        user: the user's id.
        app: the app's id.
        behaviour: how the user behaves.
        events: in order of time.
        intervals: the hidden states, without gaps.
        needs: in order of time, without overlaps.
    """

    id: str
    user: str
    app: str
    behaviour: Behaviour
    events: list[Event] = field(default_factory=list)
    intervals: list[Interval] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)

    @property
    def start(self) -> float:
        """When the session begins, epoch seconds."""
        return self.intervals[0].start

    @property
    def end(self) -> float:
        """When the user leaves, epoch seconds."""
        return self.intervals[-1].end

    def state_at(self, at: float) -> State | None:
        """Return the hidden state at a time; None if the user is not there."""
        if not self.start <= at < self.end:
            return None
        starts = [interval.start for interval in self.intervals]
        return self.intervals[bisect_right(starts, at) - 1].state

    def need_at(self, at: float) -> Need | None:
        """Return the need at a time, if there is one."""
        return next((need for need in self.needs if need.start <= at < need.end), None)

    def label_at(self, at: float) -> Label | None:
        """Return the label at a time; None if the user is not there."""
        state = self.state_at(at)
        return None if state is None else state.label
