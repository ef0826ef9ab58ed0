"""The event whose application causes what happens now, for measuring how long users wait.

It follows the event into the task of its decision, because tasks copy the context in which they are created.
"""

from __future__ import annotations

import time
from contextvars import ContextVar

__all__ = ["Cause", "arrival_at", "began_at", "begin_cause", "current_cause", "resume_cause"]

#: An event of a user: the gateway that sent it; when it arrived there, by the gateway's own clock, which
#: means nothing here (0 if the gateway does not measure); and when the engine began to apply it, in monotonic
#: seconds. A plain tuple, because every event makes one.
Cause = tuple[str, float, float]

_cause: ContextVar[Cause | None] = ContextVar("autoplay_cause", default=None)


def begin_cause(gateway_id: str, arrived_at: float) -> None:
    """From now on, this event causes what happens in this task."""
    _cause.set((gateway_id, arrived_at, time.monotonic()))


def resume_cause(cause: Cause | None) -> None:
    """From now on, this event causes what happens in this task; None for no event."""
    _cause.set(cause)


def current_cause() -> Cause | None:
    """Return the event that causes what happens now; None if it was a timer, or something else."""
    return _cause.get()


def began_at() -> float | None:
    """Return when the engine began to apply the causing event, monotonic seconds; None if there is none."""
    cause = _cause.get()
    return None if cause is None else cause[2]


def arrival_at(gateway_id: str) -> float:
    """Return when the causing event arrived at this gateway, by its clock; 0 if it did not arrive there."""
    cause = _cause.get()
    return cause[1] if cause is not None and cause[0] == gateway_id else 0.0
