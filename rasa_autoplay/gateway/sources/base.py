"""The contract of a source of events, and the form in which health tells of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from rasa_autoplay.errors import AutoplayError

__all__ = [
    "QUIET_AFTER_S",
    "LatestProblem",
    "NotSafe",
    "QueueFullError",
    "Source",
    "SourceState",
    "WrongSecrets",
    "quiet_remedy",
    "source_health",
]

SourceState = Literal["connecting", "connected", "idle", "failed"]

#: A source that is silent for this long is asked about; and so long it is told what was wrong with it.
QUIET_AFTER_S = 600.0

#: What health counts of every source, whether it has happened or not.
_OUTCOMES = ("accepted", "duplicate", "malformed", "dropped")


class QueueFullError(AutoplayError):
    """The queue to the engine is full; the sender is to try again."""


class NotSafe(AutoplayError):
    """An event is queued, but would be lost with this process; its sender is to send it again."""


class Source(Protocol):
    """Delivers what users do, through an :class:`~rasa_autoplay.gateway.sources.intake.Intake`."""

    name: str

    async def start(self) -> None:
        """Begin to deliver."""
        ...

    async def stop(self) -> None:
        """End; nothing is delivered afterwards."""
        ...

    def health(self) -> dict[str, Any]:
        """What :func:`source_health` makes of the source's state, counts and remedy; never a secret."""
        ...


def source_health(
    state: SourceState,
    counts: Mapping[str, int],
    *,
    last_event_at: float,
    now: float,
    remedy: str = "",
    hints: Sequence[str] = (),
) -> dict[str, Any]:
    """A source as health shows it.

    Args:
        state: connecting, connected, idle (nothing has come so far, nothing is wrong) or failed.
        counts: by outcome. ``accepted``, ``duplicate``, ``malformed`` and ``dropped`` (the link's queue was
            full) always appear, and others beside them.
        last_event_at: epoch seconds; 0 when none has come.
        now: epoch seconds.
        remedy: what to do about what is wrong; empty when nothing is.
        hints: what may be wrong with the settings of what sends the events.
    """
    return {
        "state": state,
        "last_event_at": last_event_at or None,
        "last_event_age_s": round(max(now - last_event_at, 0.0), 1) if last_event_at else None,
        **dict.fromkeys(_OUTCOMES, 0),
        **counts,
        **({"remedy": remedy} if remedy else {}),
        **({"hints": list(hints)} if hints else {}),
    }


def quiet_remedy(question: str, *, last_event_at: float, started_at: float, now: float) -> str:
    """What to ask when nothing comes from a source that is there; empty while it has been heard of lately.

    Args:
        question: for example ``"is the destination enabled?"``.
        last_event_at: epoch seconds; 0 when none has come.
        started_at: when the source began to listen, epoch seconds.
        now: epoch seconds.
    """
    quiet_s = now - max(last_event_at, started_at)
    if quiet_s < QUIET_AFTER_S:
        return ""
    return f"connected, but no event for {quiet_s // 60:.0f} min: {question}"


class WrongSecrets:
    """Requests that do not prove who sent them: a sender with the wrong secret, or a stranger.

    While good requests come too, the bad ones are a stranger's, and nothing is wrong with the configuration.

    Args:
        clock: epoch seconds.
        remedy: what to do if they are the sender's own.
    """

    def __init__(self, clock: Callable[[], float], remedy: str) -> None:
        self._clock = clock
        self._text = remedy
        self._refused_at = self._admitted_at = -QUIET_AFTER_S

    def refused(self) -> None:
        """One was refused just now."""
        self._refused_at = self._clock()

    def admitted(self) -> None:
        """A good one has come just now."""
        self._admitted_at = self._clock()

    def remedy(self) -> str:
        """What to do about it; empty when nothing need be done."""
        since = self._clock() - QUIET_AFTER_S
        return self._text if self._refused_at > since >= self._admitted_at else ""


class LatestProblem:
    """What was wrong with a source's requests the last time that something was, for ten minutes.

    Args:
        clock: epoch seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._remedy = ""
        self._noted_at = 0.0

    def note(self, remedy: str) -> None:
        """It has happened just now; ``remedy`` says what to do about it."""
        self._remedy, self._noted_at = remedy, self._clock()

    def remedy(self) -> str:
        """What to do about it; empty when all was well of late."""
        return self._remedy if self._clock() - self._noted_at < QUIET_AFTER_S else ""
