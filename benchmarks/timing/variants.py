"""Sets whose users are faster or slower than the models say, to see what depends on the models' times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.timing.labels import LabelledSession

__all__ = ["stretched"]

_DIGITS = 2


def stretched(sessions: Sequence[LabelledSession], factor: float) -> list[LabelledSession]:
    """Return the sessions with all times between events multiplied; 1 returns them as they are."""
    if factor == 1 or not sessions:
        return list(sessions)
    origin = sessions[0].start

    def moved(at: float) -> float:
        return round(origin + (at - origin) * factor, _DIGITS)

    return [
        replace(
            session,
            events=[replace(one, at=moved(one.at)) for one in session.events],
            intervals=[replace(one, start=moved(one.start), end=moved(one.end)) for one in session.intervals],
            needs=[replace(one, start=moved(one.start), end=moved(one.end)) for one in session.needs],
        )
        for session in sessions
    ]
